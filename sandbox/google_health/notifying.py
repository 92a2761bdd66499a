"""The part of the cloud that tells of changes, put together.

Belongs here: subscribers, keys and the service account of one project, and their addresses. Not here:
what each does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, request

from sandbox.clock import Clock
from sandbox.google_health import keyset, service_accounts
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.deliveries import Deliveries
from sandbox.google_health.keyset import Keyset
from sandbox.google_health.project_calls import ProjectCalls
from sandbox.google_health.service_accounts import ServiceAccount, ServiceAccountTokens
from sandbox.google_health.subscribers import Subscribers
from sandbox.google_health.subscriptions import Subscriptions
from sandbox.google_health.tokens import Tokens
from sandbox.people import Person


@dataclass(frozen=True, kw_only=True)
class Notifying:
    """The handles by which the control endpoint moves it."""

    account: ServiceAccount
    keyset: Keyset
    subscribers: Subscribers
    subscriptions: Subscriptions
    deliveries: Deliveries
    blueprints: tuple[Blueprint, ...]

    def serve_on(self, app: Flask) -> None:
        """Give all of it an address in an application."""
        for pages in self.blueprints:
            app.register_blueprint(pages)


def create_notifying(people: Sequence[Person], clock: Clock, tokens: Tokens) -> Notifying:
    """Build it for the one registered application, whose users' tokens these are."""
    account, keys = ServiceAccount(), Keyset()
    own_tokens = ServiceAccountTokens(account, clock)
    users = {health_user_id(person) for person in people}
    subscribers, subscriptions = Subscribers(clock), Subscriptions(users.__contains__)
    deliveries = Deliveries(subscribers, subscriptions, keys, clock, consented=tokens.scopes_of)
    tokens.on_removed.append(deliveries.consent_ends)
    calls = ProjectCalls(
        subscribers=subscribers,
        subscriptions=subscriptions,
        tokens=own_tokens,
        is_user=lambda token: tokens.whose(token) is not None,
    )
    return Notifying(
        account=account,
        keyset=keys,
        subscribers=subscribers,
        subscriptions=subscriptions,
        deliveries=deliveries,
        blueprints=(calls.blueprint(), _open_pages(own_tokens, keys)),
    )


def _open_pages(tokens: ServiceAccountTokens, keys: Keyset) -> Blueprint:
    pages = Blueprint("google_notifying", __name__)

    @pages.post(service_accounts.PATH)
    def service_account_token() -> dict[str, Any]:
        uri = f"{request.host_url.rstrip('/')}{service_accounts.PATH}"
        return tokens.grant(request.form, uri)

    pages.get(keyset.PATH, endpoint="keyset")(keys.as_json)
    return pages
