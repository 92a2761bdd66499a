"""What must stand in the EHR, worked out from the vendor's raw measure groups alone.

Belongs here: the reader's own tables and rules for Withings measures. Not here: reading the EHR
(`ehr.py`) and comparing (`compare.py`). Nothing is shared with the product: a mistake that
both had would never be found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.people import Person

Group = Mapping[str, Any]
ReadingKey = tuple[Any, str, int]

REAL_MEASURES = 1  # `category`; 2 are goals
CONFIRMED = frozenset({0, 2, 4, 5, 7, 8, 15})  # `attrib`; 1 and 17 may be somebody else's
TYPED_IN = frozenset({2, 4})
# Codes of HL7's v3-ObservationValue.
BY_DEVICE, BY_PATIENT = "DEVAST", "PATAST"
SAME_TAKING_AGAIN = 8
SYSTOLIC, DIASTOLIC, PULSE = 10, 9, 11


@dataclass(frozen=True)
class Rule:
    """How one measure type stands in the EHR: LOINC code, UCUM code, power of ten to apply."""

    code: str
    unit: str
    shift: int = 0


BLOOD_PRESSURE = "85354-9"
RULES = {
    1: Rule("29463-7", "kg"),
    4: Rule("8302-2", "cm", shift=2),  # the vendor counts metres
    5: Rule("91557-9", "kg"),
    6: Rule("41982-0", "%"),
    8: Rule("73708-0", "kg"),
    76: Rule("73964-9", "kg"),
    77: Rule("101683-1", "kg"),
    88: Rule("101685-6", "kg"),
    SYSTOLIC: Rule("8480-6", "mm[Hg]"),
    DIASTOLIC: Rule("8462-4", "mm[Hg]"),
    PULSE: Rule("8867-4", "/min"),
}
CODES = frozenset({BLOOD_PRESSURE, *(RULES[kind].code for kind in RULES)})


@dataclass(frozen=True)
class Amount:
    """One number with its UCUM code; None for what is not there or is not exact."""

    value: Decimal | None
    unit: str | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One Observation that must exist; `amounts` by component code, or by "" for its own value.

    `record` is the vendor's number of the group, `occurrence` counts readings of a code inside it.
    """

    record: Any
    occurrence: int
    patient: str
    code: str
    instant: datetime
    offset: timedelta | None
    amounts: Mapping[str, Amount]
    device: str | None
    asserted: str  # the label that says by whom
    statuses: frozenset[str]

    @property
    def key(self) -> ReadingKey:
        """Give what stays the same of the person's reading whatever the vendor corrects."""
        return self.record, self.code, self.occurrence


def expected_readings(
    person: Person, groups: Iterable[Group], first: date, last: date
) -> list[Reading]:
    """Give every reading of the person's local days from `first` to `last`, both included."""
    found = (one for group in _takings(groups) for one in _readings(person, group))
    return [one for one in found if first <= local_day(one.instant, person) <= last]


def named_readings(person: Person, groups: Iterable[Group]) -> set[ReadingKey]:
    """Give the key of every reading that the vendor lists, also where it is not sure whose it is."""
    return {
        one.key
        for group in groups
        if group["category"] == REAL_MEASURES
        for one in _readings(person, group)
    }


def local_day(instant: datetime, person: Person) -> date:
    """Give the person's calendar day of an instant."""
    return instant.astimezone(ZoneInfo(person.zone)).date()


def _readings(person: Person, group: Group) -> Iterator[Reading]:
    instant = datetime.fromtimestamp(group["date"], UTC)
    occurrences: Counter[str] = Counter()
    for code, amounts in _observations(group["measures"]):
        yield Reading(
            record=group["grpid"],
            occurrence=occurrences[code],
            patient=person.patient_id,
            code=code,
            instant=instant,
            offset=instant.astimezone(ZoneInfo(person.zone)).utcoffset(),
            amounts=amounts,
            device=device_of(group),
            asserted=BY_PATIENT if group["attrib"] in TYPED_IN else BY_DEVICE,
            statuses=_statuses(group),
        )
        occurrences[code] += 1


def device_of(group: Group) -> str | None:
    """Give the vendor's hash of the device; what was typed in has none."""
    return None if group["attrib"] in TYPED_IN else group.get("hash_deviceid")


def _takings(groups: Iterable[Group]) -> list[Group]:
    """Give each taking once, of those that are surely this person's."""
    by_id: dict[Any, list[Group]] = {}
    for group in groups:
        if group["category"] == REAL_MEASURES:
            by_id.setdefault(group["grpid"], []).append(group)
    once = [max(copies, key=_trust) for copies in by_id.values()]
    surely = [group for group in once if group["attrib"] in CONFIRMED]
    # Last in line, those that may repeat another group.
    surely.sort(key=lambda group: group["attrib"] == SAME_TAKING_AGAIN)
    kept: list[Group] = []
    contents: set[Any] = set()
    for group in surely:
        content = _content(group)
        if group["attrib"] != SAME_TAKING_AGAIN or content not in contents:
            kept.append(group)
        contents.add(content)
    return kept


def _trust(group: Group) -> tuple[bool, int]:
    return group["attrib"] in CONFIRMED, group.get("modified") or 0


def _content(group: Group) -> tuple[int, frozenset[tuple[tuple[int, Decimal], int]]]:
    counted = Counter((one["type"], _number(one)) for one in group["measures"])
    return group["date"], frozenset(counted.items())


def _statuses(group: Group) -> frozenset[str]:
    # Only a group that the vendor changed after it was made can have been corrected.
    changed = (group.get("modified") or 0) > (group.get("created") or 0)
    return frozenset({"final", "corrected", "amended"} if changed else {"final"})


def _observations(measures: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Amount]]]:
    by_type: dict[int, list[Amount]] = {}
    for measure in measures:
        rule = RULES.get(measure["type"])
        if rule is not None:
            amount = Amount(_number(measure).scaleb(rule.shift), rule.unit)
            by_type.setdefault(measure["type"], []).append(amount)
    # One side alone is no blood pressure: the reader asks for nothing then.
    systolic, diastolic = by_type.pop(SYSTOLIC, []), by_type.pop(DIASTOLIC, [])
    for upper, lower in zip(systolic, diastolic, strict=False):
        panel = {RULES[SYSTOLIC].code: upper, RULES[DIASTOLIC].code: lower}
        if by_type.get(PULSE):
            panel[RULES[PULSE].code] = by_type[PULSE].pop(0)
        yield BLOOD_PRESSURE, panel
    for kind, amounts in by_type.items():
        for amount in amounts:
            yield RULES[kind].code, {"": amount}


def _number(measure: Mapping[str, Any]) -> Decimal:
    return Decimal(measure["value"]).scaleb(measure["unit"])
