"""Changing readings on a test's order: edit, add, delete.

Belongs here: what an order does to a group or another row. Not here: listing (`withings/readings.py`,
`withings/collection.py`).

Without a `kind` an order is about a measure group, by `grpid`. With one it is about a row of activity,
workout, night or ecg: `id` names it, a day's totals are named by their `day`. An edit gives `field` a
`value`; `add` lists one more of a `day`, of any kind but activity. The field `sample` is the first of
an ECG's signal, or of the heart rates in a night's stages.
"""

from __future__ import annotations

from typing import Any

from sandbox.control_input import Fields, WrongRequest, person_of
from sandbox.people import Person
from sandbox.withings import row_changes
from sandbox.withings.app import Cloud
from sandbox.withings.changes import ACTIVITY, KINDS
from sandbox.withings.collection import Collection, UnknownRow
from sandbox.withings.readings import Group, UnknownReading
from sandbox.withings.wire import REAL_MEASURE, measure

KNOWN = (
    "login", "action", "grpid", "type", "value", "unit", "attrib", "date", "kind", "id", "day", "field",
)  # fmt: skip
ACTIONS = ("edit", "add", "delete")
MANUAL = 2


def change(cloud: Cloud, order: Fields) -> dict[str, Any]:
    """Carry out an order; gives the group as it is now, or as it was before it was deleted."""
    person = person_of(cloud.people, order.text("login", among={p.login for p in cloud.people}))
    action = order.text("action", among=ACTIONS)
    if order.has("kind"):
        kind = order.text("kind", among=KINDS)
        return _change_row(cloud.readings.collection, person, kind, action, order)
    if action == "add":
        return cloud.readings.add(person, _new_group(order))
    number = order.needed("grpid")
    try:
        before = cloud.readings.find(person, number)
    except UnknownReading:
        raise WrongRequest(f"{person.login} has no reading {number}") from None
    if action == "delete":
        cloud.readings.replace(person, number, None)
        return before
    cloud.readings.replace(person, number, _edited(before, order))
    return cloud.readings.find(person, number)


def _change_row(
    kept: Collection, person: Person, kind: str, action: str, order: Fields
) -> dict[str, Any]:
    if action == "add":
        return _added(kept, person, kind, order)
    key = order.day("day").isoformat() if kind == ACTIVITY else order.needed("id")
    try:
        before = kept.find(kind, person, key)
        if action == "delete":
            kept.replace(kind, person, before, None)
            return before
        sampled = {row_changes.SAMPLE} if kind in row_changes.SAMPLED else set()
        names = {*before, *before.get("data", ()), *before.get("ecg", ()), *sampled}
        field = order.text("field", among=names)
        value = order.figure("value")
        row_changes.set_field(kept, person, kind, before, name=field, value=value)
        return kept.find(kind, person, key)
    except UnknownRow:
        raise WrongRequest(f"{person.login} has no {kind} {key}") from None


def _added(kept: Collection, person: Person, kind: str, order: Fields) -> dict[str, Any]:
    if kind == ACTIVITY:
        raise WrongRequest("totals of a day cannot be added")
    try:
        return row_changes.add(kept, person, kind, order.day("day"))
    except ValueError as wrong:
        raise WrongRequest(str(wrong)) from None


def _new_group(order: Fields) -> Group:
    attrib = order.integer("attrib")
    unit = order.integer("unit")
    one = measure(order.needed("type"), order.needed("value"), 0 if unit is None else unit)
    return {
        "attrib": MANUAL if attrib is None else attrib,
        "date": order.needed("date", least=0),
        "category": REAL_MEASURE,
        "deviceid": None,
        "hash_deviceid": None,
        "measures": [one],
        "modelid": None,
        "model": None,
        "comment": None,
    }


def _edited(group: Group, order: Fields) -> Group:
    """Give the group with another attribution, or another value of its first such measure."""
    edited = group
    if order.has("attrib"):
        edited = edited | {"attrib": order.needed("attrib", least=0)}
    if order.has("value"):
        edited = edited | {"measures": _with_value(group["measures"], order)}
    if edited is group:
        raise WrongRequest("an edit needs value, attrib or both")
    return edited


def _with_value(measures: list[dict[str, Any]], order: Fields) -> list[dict[str, Any]]:
    kind = order.integer("type")
    position = next(
        (n for n, one in enumerate(measures) if kind is None or one["type"] == kind), None
    )
    if position is None:
        raise WrongRequest(f"the reading holds no measure of type {kind}")
    changed = measures[position] | {"value": order.needed("value")}
    if order.has("unit"):
        changed["unit"] = order.needed("unit")
    return [*measures[:position], changed, *measures[position + 1 :]]
