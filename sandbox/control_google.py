"""Orders about Google Health's cloud: its knobs, its readings, its notifications, its consents.

Belongs here: checking each order, and which change is told to whom. Not here: faults
(`control_faults.py`), questions to the reader (`control_reader.py`), and what is ordered
(`sandbox/google_health/`).

Orders are JSON objects.

- `/google_health/settings`: `rate_limit` (calls per minute and user), `retry_after`, `testing_mode`,
  `page_size` (0 for the vendor's own), `not_linked` (logins without a Google Health profile).
- `/google_health/change`: `login`, `action` (add, edit, delete), `type` (as in paths), then `id`, or for
  one more `day`, `at` (epoch milliseconds) and `source`; `value` holds the fields of the wire.
- `/google_health/seeded`: `logins` (without it everybody), `seed`, `first`, `last`, and how many
  `edits`, `deletions` and `late` points per person.
- `/google_health/notify`: `login`, `types`, `operation`, and the days `first` and `last`, or the seconds
  `start` and `end`, or neither; `record_id`; `count` sends the same so often.
- `/google_health/subscriber`: has the vendor give the `subscriber` a `state`.
- `/google_health/keys`: signs by another key from now on; `disable` names one that shall not count.
- `/google_health/consent/remove`: `login` takes the permission away, as on the account's own page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, request

from sandbox.control_input import Fields, WrongRequest, body, days, person_of
from sandbox.google_health import service_accounts
from sandbox.google_health.app import GoogleCloud
from sandbox.google_health.errors import Refused
from sandbox.google_health.kinds import TYPES
from sandbox.google_health.notices import (
    DELETE,
    OPERATIONS,
    UPSERT,
    Event,
    Span,
    of_point,
    span_of_days,
    span_of_instants,
)
from sandbox.google_health.notifying import Notifying
from sandbox.google_health.points import Point, Source
from sandbox.google_health.store import UnknownPoint
from sandbox.google_health.subscribers import STATES
from sandbox.google_health.tellable import SCOPES
from sandbox.people import Person

KNOBS = ("rate_limit", "retry_after", "testing_mode", "page_size", "not_linked")
SEEDED = ("edits", "deletions", "late")
ACTIONS = ("add", "edit", "delete")


@dataclass(frozen=True, kw_only=True)
class GoogleOrders:
    """Takes orders about one cloud, which is served at `url`."""

    cloud: GoogleCloud
    notifying: Notifying
    url: str

    def add_to(self, app: Flask) -> None:
        """Give each order its address."""
        for method, path, order in (
            ("POST", "settings", self.set_knobs),
            ("GET", "rows", self.rows),
            ("POST", "change", self.change),
            ("POST", "seeded", self.change_many),
            ("POST", "notify", self.notify),
            ("GET", "notifications", self.show),
            ("POST", "subscriber", self.set_state),
            ("POST", "keys", self.change_keys),
            ("POST", "consent/remove", self.remove_consent),
            ("GET", "service_account", self.key_file),
        ):
            app.add_url_rule(
                f"/google_health/{path}", f"google_{path}", view_func=order, methods=[method]
            )

    def set_knobs(self) -> dict[str, Any]:
        """Turn knobs; gives all as they are then."""
        given, knobs = body(*KNOBS), self.cloud.settings
        if given.has("rate_limit"):
            knobs.rate_limit = given.needed("rate_limit", least=0)
        for name in ("retry_after", "testing_mode"):
            if given.has(name):
                setattr(knobs, name, given.boolean(name))
        if given.has("page_size"):
            knobs.page_size = given.needed("page_size", least=0) or None
        if given.has("not_linked"):
            logins = given.texts("not_linked")
            knobs.not_linked = {person_of(self.cloud.people, one).login for one in logins}
        return asdict(knobs) | {"not_linked": sorted(knobs.not_linked)}

    def rows(self) -> dict[str, Any]:
        """Give all that a person's account lists of civil days."""
        person = person_of(self.cloud.people, request.args.get("login"))
        return self.cloud.store.rows(person, *days())

    def change(self) -> dict[str, Any]:
        """Change one point and tell of it; gives it as it is now, or was before it was deleted."""
        order = body("login", "action", "type", "id", "day", "at", "value", "source")
        person, kind = self._person(order), order.text("type", among=TYPES)
        action = order.text("action", among=ACTIONS)
        try:
            point = self._changed(person, action, kind, order)
        except UnknownPoint:
            raise WrongRequest(f"{person.login} has no such point of {kind}") from None
        except ValueError as wrong:
            raise WrongRequest(str(wrong)) from None
        operation = DELETE if action == "delete" else UPSERT
        self.notifying.deliveries.tell([of_point(person, point, operation)])
        return _shown(point)

    def change_many(self) -> dict[str, Any]:
        """Change points that a seed chooses, and tell of the days; gives the counts."""
        order = body("logins", "seed", "first", "last", *SEEDED)
        first, last = order.day("first"), order.day("last")
        if last < first:
            raise WrongRequest("last lies before first")
        logins, seed = order.texts("logins"), order.needed("seed")
        people = [person_of(self.cloud.people, one) for one in logins] or self.cloud.people
        counts = {name: order.integer(name, least=0) or 0 for name in SEEDED}
        by_login = {}
        for person in people:
            done = self.cloud.store.change_many([person], first, last, seed, **counts)
            by_login[person.login] = dict(done)
            span = span_of_days(person, first, last)
            self.notifying.deliveries.tell(
                [Event(person=person, type=one, span=span) for one in SCOPES]
            )
        total = {name: sum(done.get(name, 0) for done in by_login.values()) for name in SEEDED}
        return {**total, "by_login": by_login}

    def notify(self) -> dict[str, int]:
        """Tell of events that may never have been; gives how many notifications that makes."""
        order = body(
            "login", "types", "operation", "first", "last", "start", "end", "record_id", "count"
        )
        person, types = self._person(order), order.texts("types")
        if not types or not set(types) <= SCOPES.keys():
            raise WrongRequest(f"types must be some of: {', '.join(sorted(SCOPES))}")
        operation = order.text("operation", among=OPERATIONS) if order.has("operation") else UPSERT
        span, record_id = _span(order, person), order.words("record_id")
        events = [
            Event(person=person, type=one, operation=operation, span=span, record_id=record_id)
            for one in types
        ]
        count = order.integer("count", least=1) or 1
        return {"told": sum(self.notifying.deliveries.tell(events) for _ in range(count))}

    def show(self) -> dict[str, Any]:
        """Give all subscribers and subscriptions, and all that was told or is to be."""
        subscribers = self.notifying.subscribers.all()
        return {
            "subscribers": [one.as_json() for one in subscribers],
            "subscriptions": [
                subscription.as_json()
                for one in subscribers
                for subscription in self.notifying.subscriptions.of(one)
            ],
            "deliveries": [one.as_json() for one in self.notifying.deliveries.all()],
        }

    def set_state(self) -> dict[str, Any]:
        """Give a subscriber another state."""
        order = body("subscriber", "state")
        state = order.text("state", among=STATES)
        try:
            changed = self.notifying.subscribers.set_state(order.words("subscriber") or "", state)
        except Refused:
            raise WrongRequest("there is no such subscriber") from None
        return changed.as_json()

    def change_keys(self) -> dict[str, Any]:
        """Change over to another key, or let an older one not count any more; gives the keyset."""
        order, keys = body("disable"), self.notifying.keyset
        number = order.integer("disable", least=1)
        try:
            keys.rotate() if number is None else keys.disable(number)
        except KeyError:
            raise WrongRequest("disable must name a key that does not sign") from None
        return keys.as_json()

    def remove_consent(self) -> dict[str, bool]:
        """Take away what a person allowed; the application hears of it as of any change."""
        self.cloud.tokens.remove_consent(self._person(body("login")))
        return {"removed": True}

    def key_file(self) -> dict[str, str]:
        """Give the key of the project's service account, as its console does."""
        return self.notifying.account.key_file(f"{self.url}{service_accounts.PATH}")

    def _person(self, order: Fields) -> Person:
        logins = {person.login for person in self.cloud.people}
        return person_of(self.cloud.people, order.text("login", among=logins))

    def _changed(self, person: Person, action: str, kind: str, order: Fields) -> Point:
        store, number, value = self.cloud.store, order.words("id") or "", order.mapping("value")
        if action == "delete":
            return store.delete(person, kind, number)
        if action == "add":
            at, source = order.integer("at", least=0), _source(order)
            return store.add(person, kind, order.day("day"), value=value, at=at, source=source)
        if not value:
            raise WrongRequest("an edit needs a value")
        return store.edit(person, kind, number, value)


def _source(order: Fields) -> Source | None:
    given = order.mapping("source")
    try:
        return None if given is None else Source(**given)
    except TypeError:
        raise WrongRequest("source has platform, method, device, form, package") from None


def _span(order: Fields, person: Person) -> Span | None:
    if order.has("first"):
        return span_of_days(person, order.day("first"), order.day("last"))
    if order.has("start"):
        return span_of_instants(person, order.needed("start"), order.needed("end"))
    return None


def _shown(point: Point) -> dict[str, Any]:
    return asdict(point) | {"day": point.day.isoformat()}
