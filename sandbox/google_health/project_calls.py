"""The calls of the registered project itself: its subscribers and subscriptions, by HTTP.

Belongs here: addresses, who may call, pages, the shapes of answers. Not here: what is kept
(`subscribers.py`, `subscriptions.py`), and tokens (`service_accounts.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, request

from sandbox.google_health.callers import bearer
from sandbox.google_health.errors import (
    Refused,
    bad_credentials,
    invalid,
    no_credentials,
    not_allowed,
    scope_insufficient,
)
from sandbox.google_health.paging import Question
from sandbox.google_health.service_accounts import (
    CLOUD_PLATFORM,
    PROJECT_ID,
    PROJECT_NUMBER,
    ServiceAccountTokens,
)
from sandbox.google_health.subscribers import Subscriber, Subscribers
from sandbox.google_health.subscriptions import Subscriptions

Json = dict[str, Any]
BELOW = "/v4/projects/<project>/subscribers"
SUBSCRIBERS, SUBSCRIPTIONS = "subscribers", "subscriptions"
CALLS = frozenset({SUBSCRIBERS, SUBSCRIPTIONS})
MOST_ROWS, USUAL_ROWS = 1_000, 50
_SUBSCRIBER = "type.googleapis.com/google.devicesandservices.health.v4.Subscriber"
_EMPTY = "type.googleapis.com/google.protobuf.Empty"


@dataclass(frozen=True, kw_only=True)
class ProjectCalls:
    """The calls, over what is kept; `is_user` says whether a token is some person's."""

    subscribers: Subscribers
    subscriptions: Subscriptions
    tokens: ServiceAccountTokens
    is_user: Callable[[str], bool]

    def blueprint(self) -> Blueprint:
        """Give all addresses."""
        calls = Blueprint("google_projects", __name__)
        calls.url_value_preprocessor(_take_project)
        calls.before_request(self._admit)
        one, below = f"{BELOW}/<number>", f"{BELOW}/<number>/subscriptions"
        for method, path, call in (
            ("POST", BELOW, self.create),
            ("GET", BELOW, self.list),
            ("PATCH", one, self.patch),
            ("DELETE", one, self.delete),
            ("POST", below, self.subscribe),
            ("GET", below, self.list_subscriptions),
            ("PATCH", f"{below}/<subscription>", self.patch_subscription),
            ("DELETE", f"{below}/<subscription>", self.unsubscribe),
        ):
            calls.add_url_rule(path, endpoint=call.__name__, view_func=call, methods=[method])
        return calls

    def create(self) -> Json:
        """Register a subscriber."""
        made = self.subscribers.create(request.args.get("subscriberId"), _body())
        return _operation(_SUBSCRIBER, made.as_json())

    def list(self) -> Json:
        """Show all subscribers."""
        kept = [one.as_json() for one in self.subscribers.all()]
        return _page(SUBSCRIBERS, kept) | {"totalSize": len(kept)}

    def patch(self, number: str) -> Json:
        """Change a subscriber."""
        changed = self.subscribers.patch(number, _body(), request.args.get("updateMask"))
        return _operation(_SUBSCRIBER, changed.as_json())

    def delete(self, number: str) -> Json:
        """Forget a subscriber, and its subscriptions where that is asked for."""
        subscriber = self.subscribers.find(number)
        if self.subscriptions.of(subscriber) and request.args.get("force") != "true":
            raise Refused(400, "FAILED_PRECONDITION", "Subscriber has subscriptions")
        self.subscriptions.drop(subscriber)
        self.subscribers.delete(number)
        return _operation(_EMPTY, {})

    def subscribe(self, number: str) -> Json:
        """Subscribe a user."""
        wanted = request.args.get("subscriptionId")
        return self.subscriptions.create(self._parent(number), wanted, _body()).as_json()

    def list_subscriptions(self, number: str) -> Json:
        """Show a subscriber's subscriptions, those of a filter where there is one."""
        found = self.subscriptions.of(self._parent(number), request.args.get("filter", ""))
        return _page(SUBSCRIPTIONS, [one.as_json() for one in found])

    def patch_subscription(self, number: str, subscription: str) -> Json:
        """Change the data types of a subscription."""
        mask = request.args.get("updateMask")
        changed = self.subscriptions.patch(self._parent(number), subscription, _body(), mask)
        return changed.as_json()

    def unsubscribe(self, number: str, subscription: str) -> Json:
        """Forget a subscription."""
        self.subscriptions.delete(self._parent(number), subscription)
        return {}

    def _parent(self, number: str) -> Subscriber:
        return self.subscribers.find(number)

    def _admit(self) -> None:
        """Let the project's own service account through, and nobody else."""
        token = bearer()
        if not token:
            raise no_credentials()
        scopes = self.tokens.scopes_of(token)
        if scopes is None and not self.is_user(token):
            raise bad_credentials()
        if CLOUD_PLATFORM not in (scopes or ()):
            raise scope_insufficient()
        if g.project not in {PROJECT_ID, PROJECT_NUMBER}:
            raise not_allowed()


def call_of(path: str) -> str | None:
    """Give the name under which a call of the project is counted, or None for another call."""
    parts = path.strip("/").split("/")
    if parts[:2] != ["v4", "projects"]:
        return None
    return SUBSCRIPTIONS if parts[5:6] == [SUBSCRIPTIONS] else SUBSCRIBERS


def _take_project(_endpoint: str | None, parts: dict[str, Any] | None) -> None:
    g.project = (parts or {}).pop("project", None)


def _body() -> Mapping[str, Any]:
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise invalid("Invalid JSON payload received.")
    return given


def _operation(kind: str, response: Mapping[str, Any]) -> Json:
    return {
        "name": f"projects/{PROJECT_NUMBER}/operations/{uuid.uuid4()}",
        "done": True,
        "response": {"@type": kind, **response},
    }


def _page(name: str, rows: Sequence[Json]) -> Json:
    question = Question(login="", call=request.path, fields=request.args.to_dict())
    return question.page(name, rows, question.size(USUAL_ROWS, MOST_ROWS, None))
