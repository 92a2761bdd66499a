"""What tests order of OMRON's stand-in: knobs, rows, changes, notifications.

Belongs here: the addresses below `/omron/`. Not here: what each order does there (`sandbox/omron/`),
and faults, which all stand-ins share (`control_faults.py`).

Orders are JSON objects:

- `/omron/settings`: `rate_limit` (calls a minute), `retry_after`, `page_size` (0: as asked), `paging`
  (key, nested_key, since), `rotate`, `code_seconds`, `token_seconds`, `revocation`, `refresh_redirect`
  (a refresh must name the return address), `leave_out` (a list of fields that no row has),
  `notify_url` (empty: none). Without any it shows them.
- `/omron/rows`: the query has `login`, `from` and `to` (local days); gives each list's rows.
- `/omron/change`: `login`, `action` (add, edit, delete), `type`, then `id`, or for one more `day` and
  maybe `at` (epoch seconds; noon); `value` holds the fields of the wire.
- `/omron/seeded`: `logins` (without it everybody), `seed`, `first`, `last`, and how many `edits`,
  `deletions` and `late` readings per person.
- `/omron/notify`: `login`, `type`, and `count` to send the same so often.
- `/omron/consent/remove`: `login` takes the permission away, as on the account's own page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, request

from sandbox.control_input import Fields, WrongRequest, body, days, person_of
from sandbox.omron.app import OmronCloud
from sandbox.omron.entries import Entry
from sandbox.omron.scopes import TYPES
from sandbox.omron.seeded import KINDS, Wishes, change_by_seed
from sandbox.omron.settings import PAGINGS
from sandbox.omron.store import UnknownReading
from sandbox.people import Person

KNOBS = (
    "rate_limit", "retry_after", "page_size", "paging", "rotate", "code_seconds", "token_seconds",
    "revocation", "refresh_redirect", "leave_out", "notify_url",
)  # fmt: skip
ACTIONS = ("add", "edit", "delete")


@dataclass(frozen=True, kw_only=True)
class OmronOrders:
    """Takes orders about one cloud."""

    cloud: OmronCloud

    def add_to(self, app: Flask) -> None:
        """Give each order its address."""
        for method, path, order in (
            ("POST", "settings", self.set_knobs),
            ("GET", "rows", self.rows),
            ("POST", "change", self.change),
            ("POST", "seeded", self.change_many),
            ("POST", "notify", self.notify),
            ("GET", "notifications", self.show),
            ("POST", "consent/remove", self.remove_consent),
        ):
            app.add_url_rule(f"/omron/{path}", f"omron_{path}", view_func=order, methods=[method])

    def set_knobs(self) -> dict[str, Any]:
        """Turn knobs; gives all as they are then."""
        given, knobs = body(*KNOBS), self.cloud.settings
        for name, least in (("rate_limit", 0), ("code_seconds", 0), ("token_seconds", 1)):
            if given.has(name):
                setattr(knobs, name, given.needed(name, least=least))
        for name in ("retry_after", "rotate", "revocation", "refresh_redirect"):
            if given.has(name):
                setattr(knobs, name, given.boolean(name))
        if given.has("page_size"):
            knobs.page_size = given.needed("page_size", least=0) or None
        if given.has("paging"):
            knobs.paging = given.text("paging", among=PAGINGS)
        if given.has("leave_out"):
            knobs.leave_out = frozenset(given.texts("leave_out"))
        if given.has("notify_url"):
            knobs.notify_url = given.words("notify_url") or None
        return asdict(knobs) | {"leave_out": sorted(knobs.leave_out)}

    def rows(self) -> dict[str, Any]:
        """Give all that a person's account lists of local days."""
        person = person_of(self.cloud.people, request.args.get("login"))
        return self.cloud.store.rows(person, *days())

    def change(self) -> dict[str, Any]:
        """Change one reading, and tell of an upload; gives its row as it is now, or was before."""
        order = body("login", "action", "type", "id", "day", "at", "value")
        person, type_ = self._person(order), order.text("type", among=TYPES)
        action = order.text("action", among=ACTIONS)
        try:
            entry = self._changed(person, action, type_, order)
        except UnknownReading:
            raise WrongRequest(f"{person.login} has no such reading of {type_}") from None
        # There is no word for a deletion: nobody hears of one.
        if action != "delete":
            self.cloud.deliveries.tell(person, type_)
        return self.cloud.store.row(entry)

    def change_many(self) -> dict[str, Any]:
        """Change readings that a seed chooses, and tell of each type; gives the counts."""
        order = body("logins", "seed", "first", "last", *KINDS)
        first, last = order.day("first"), order.day("last")
        if last < first:
            raise WrongRequest("last lies before first")
        logins, seed = order.texts("logins"), order.needed("seed")
        people = [person_of(self.cloud.people, one) for one in logins] or self.cloud.people
        wishes = Wishes(**{name: order.integer(name, least=0) or 0 for name in KINDS})
        by_login = {}
        for person in people:
            done = change_by_seed(
                self.cloud.store, person, days=(first, last), seed=seed, wishes=wishes
            )
            by_login[person.login] = dict(done)
            for type_ in TYPES:
                self.cloud.deliveries.tell(person, type_)
        total = {name: sum(done.get(name, 0) for done in by_login.values()) for name in KINDS}
        return {**total, "by_login": by_login}

    def notify(self) -> dict[str, int]:
        """Tell of an upload that may never have been; gives how many are told."""
        order = body("login", "type", "count")
        person, type_ = self._person(order), order.text("type", among=TYPES)
        count = order.integer("count", least=1) or 1
        return {"told": sum(self.cloud.deliveries.tell(person, type_) for _ in range(count))}

    def show(self) -> dict[str, Any]:
        """Give all that was told or is to be."""
        return {"deliveries": [one.as_json() for one in self.cloud.deliveries.all()]}

    def remove_consent(self) -> dict[str, bool]:
        """Take away what a person allowed; the vendor tells nobody."""
        self.cloud.tokens.remove_consent(self._person(body("login")))
        return {"removed": True}

    def _person(self, order: Fields) -> Person:
        logins = {person.login for person in self.cloud.people}
        return person_of(self.cloud.people, order.text("login", among=logins))

    def _changed(self, person: Person, action: str, type_: str, order: Fields) -> Entry:
        store, value = self.cloud.store, order.mapping("value")
        if action == "add":
            at = order.integer("at", least=0)
            return store.add(person, type_, order.day("day"), value=value, at=at)
        number = order.needed("id")
        if action == "delete":
            return store.delete(person, type_, number)
        if not value:
            raise WrongRequest("an edit needs a value")
        return store.edit(person, type_, number, value)
