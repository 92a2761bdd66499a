"""Notifications on a test's order, and those that follow from changed readings.

Belongs here: whom a change concerns and what is said of it. Not here: sending
(`withings/deliveries.py`), subscriptions (`withings/notify.py`).

An order is a JSON object: `login`, `appli`, and what the vendor may say: `startdate` and `enddate`
(seconds), `date` (a day), `action` (delete, unlink, update). `count` sends the same so often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.control_input import Fields, WrongRequest, body, person_of
from sandbox.people import Person
from sandbox.withings.app import Cloud
from sandbox.withings.notify import SCOPES, Subscription

KNOWN = ("login", "appli", "startdate", "enddate", "date", "action", "count")
ACTIONS = ("delete", "unlink", "update")
WEIGHT, TEMPERATURE, PRESSURE, ACTIVITY, SLEEP, ECG = 1, 2, 4, 16, 44, 54
# By type of measure; what is not named here comes from a scale.
_TYPES = {
    **dict.fromkeys((12, 71, 73), TEMPERATURE),
    **dict.fromkeys((9, 10, 11, 54), PRESSURE),
    **dict.fromkeys((130, 135, 136, 137, 138, 139), ECG),
    123: ACTIVITY,
}
_OF_READINGS = (WEIGHT, TEMPERATURE, PRESSURE, ACTIVITY, SLEEP, ECG)


@dataclass(frozen=True, kw_only=True)
class NotifyOrders:
    """Takes orders for the vendor's notifications."""

    cloud: Cloud

    def send(self) -> dict[str, int]:
        """Tell of an event that may never have been; gives how many are told."""
        order = body(*KNOWN)
        appli = order.needed("appli")
        if appli not in SCOPES:
            raise WrongRequest(f"appli must be one of: {', '.join(map(str, sorted(SCOPES)))}")
        person, said = self._person(order), _said(order)
        count = order.integer("count", least=1) or 1
        told = [self.cloud.deliveries.tell(person, appli, said) for _ in range(count)]
        return {"told": sum(told)}

    def show(self) -> dict[str, Any]:
        """Give all subscriptions, and all that was told or is to be."""
        kept = self.cloud.subscriptions.of(None)
        return {
            "subscriptions": [self._profile(one) for one in kept],
            "deliveries": [one.as_json() for one in self.cloud.deliveries.all()],
        }

    def changed(self, login: str, row: Mapping[str, Any]) -> None:
        """Tell that a person's row has come, has changed or is gone."""
        person = person_of(self.cloud.people, login)
        for appli in sorted(_concerned(row)):
            self.cloud.deliveries.tell(person, appli, _of_row(row, appli))

    def changed_days(self, logins: Iterable[str], first: date, last: date) -> None:
        """Tell that something of these days has changed, of whichever kind."""
        span = {"startdate": _midnight(first), "enddate": _midnight(last + timedelta(days=1))}
        for login in logins:
            person = person_of(self.cloud.people, login)
            for appli in _OF_READINGS:
                self.cloud.deliveries.tell(person, appli, span)

    def _person(self, order: Fields) -> Person:
        logins = {person.login for person in self.cloud.people}
        return person_of(self.cloud.people, order.text("login", among=logins))

    def _profile(self, one: Subscription) -> dict[str, Any]:
        login = next(p.login for p in self.cloud.people if p.user_id == one.user_id)
        return {"login": login} | one.profile()


def _said(order: Fields) -> dict[str, str]:
    said = {name: str(order.needed(name)) for name in ("startdate", "enddate") if order.has(name)}
    if order.has("date"):
        said["date"] = order.day("date").isoformat()
    if order.has("action"):
        said["action"] = order.text("action", among=ACTIONS)
    return said


def _concerned(row: Mapping[str, Any]) -> set[int]:
    """Give the events of a row, by what the vendor's kinds of rows have of their own."""
    if "measures" in row:
        return {_TYPES.get(one["type"], WEIGHT) for one in row["measures"]}
    if "ecg" in row or "timestamp" in row:
        return {ECG}
    return {SLEEP} if "data" in row and "category" not in row else {ACTIVITY}


def _of_row(row: Mapping[str, Any], appli: int) -> dict[str, str]:
    if appli in {ACTIVITY, SLEEP} and isinstance(row.get("date"), str):
        return {"date": row["date"]}
    at = row["timestamp"] if "timestamp" in row else row["date"]
    return {"startdate": str(at), "enddate": str(at + 1)}


def _midnight(day: date) -> str:
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))
