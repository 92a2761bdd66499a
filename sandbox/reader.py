"""The independent reader: whether the EHR holds what the vendor lists, and nothing else.

Belongs here: comparing and counting. Not here: what must exist (`reader_expected.py`), what does
(`reader_ehr.py`), and anything of the product. A report counts; it never shows a value.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sandbox.people import Person
from sandbox.reader_ehr import RETRACTED, EhrReader, Found
from sandbox.reader_expected import Group, Reading, expected_readings

ASPECTS = ("value", "unit", "offset", "device", "status")
Key = tuple[str, str | None, datetime | None]
Devices = Mapping[str, Sequence[str]]


@dataclass(kw_only=True)
class Report:
    """How many readings were compared, and how many differ in which way."""

    missing: int = 0
    extra: int = 0
    doubled: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    devices: int = 0

    @property
    def differences(self) -> int:
        """Give the sum; zero means that the EHR says exactly what the vendor says."""
        return self.missing + self.extra + self.doubled + self.wrong.total()

    def as_json(self) -> dict[str, Any]:
        """Give the counts."""
        return {
            "differences": self.differences,
            "missing": self.missing,
            "extra": self.extra,
            "doubled": self.doubled,
            "wrong": {aspect: self.wrong[aspect] for aspect in ASPECTS},
            "compared": self.compared,
            "devices": self.devices,
        }


def compare(
    *,
    ehr_url: str,
    people: Sequence[Person],
    rows: Mapping[str, list[dict[str, Any]]],
    first: date,
    last: date,
    shared: bool = False,
) -> Report:
    """Compare the EHR with raw measure groups by login, for local days `first` to `last`.

    In a `shared` EHR, which holds what others wrote too, only those Devices count that these
    people's Observations refer to. Raises requests' errors when the EHR cannot be read: not reading
    is no finding.
    """
    reader = EhrReader(ehr_url)
    try:
        found = {one.login: reader.observations(one, first, last) for one in people}
        ours = {one.device for each in found.values() for one in each if one.device is not None}
        devices = reader.devices(ours if shared else None)
    finally:
        reader.close()
    report = Report(devices=len(devices), doubled=_doubled_devices(devices))
    for person in people:
        groups: list[Group] = [*rows.get(person.login, [])]
        expected = expected_readings(person, groups, first, last)
        _judge(report, expected, found[person.login], devices)
    return report


def _doubled_devices(devices: Devices) -> int:
    held = Counter(value for values in devices.values() for value in set(values))
    return sum(count - 1 for count in held.values())


def _judge(
    report: Report, expected: Sequence[Reading], found: Sequence[Found], devices: Devices
) -> None:
    report.compared += len(expected)
    wanted: defaultdict[Key, list[Reading]] = defaultdict(list)
    for reading in expected:
        wanted[reading.patient, reading.code, reading.instant].append(reading)
    present: defaultdict[Key, list[Found]] = defaultdict(list)
    for one in found:
        # A retracted Observation says that the reading is not true: it counts as not there.
        if one.status != RETRACTED:
            present[one.patient, one.code, one.instant].append(one)
    for key in wanted.keys() | present.keys():
        _judge_key(report, wanted[key], present[key], devices)


def _judge_key(
    report: Report, readings: list[Reading], found: list[Found], devices: Devices
) -> None:
    """Pair what belongs together, the likest first; what is left over is missing or too much."""
    pairs = sorted(
        ((_wrong(reading, one, devices), r, f) for r, reading in enumerate(readings)
         for f, one in enumerate(found)),
        key=lambda pair: len(pair[0]),
    )  # fmt: skip
    paired_readings: set[int] = set()
    paired_found: set[int] = set()
    for wrong, r, f in pairs:
        if r not in paired_readings and f not in paired_found:
            paired_readings.add(r)
            paired_found.add(f)
            report.wrong.update(wrong)
    report.missing += len(readings) - len(paired_readings)
    for f, one in enumerate(found):
        if f not in paired_found:
            twins = (other for g, other in enumerate(found) if g in paired_found or g < f)
            if _has_twin(one, twins):
                report.doubled += 1
            else:
                report.extra += 1


def _wrong(reading: Reading, found: Found, devices: Devices) -> list[str]:
    """Name what is wrong with an Observation that stands for a reading."""
    values = {code: amount.value for code, amount in reading.amounts.items()}
    units = {code: amount.unit for code, amount in reading.amounts.items()}
    right = {
        "value": values == {code: amount.value for code, amount in found.amounts.items()},
        "unit": units == {code: amount.unit for code, amount in found.amounts.items()},
        "offset": reading.offset == found.offset,
        "device": _is_device(reading.device, found.device, devices),
        "status": found.status in reading.statuses,
    }
    return [aspect for aspect in ASPECTS if not right[aspect]]


def _is_device(expected: str | None, reference: str | None, devices: Devices) -> bool:
    if expected is None:
        return reference is None
    return reference is not None and expected in devices.get(reference, ())


def _has_twin(one: Found, others: Iterable[Found]) -> bool:
    return any(other.amounts == one.amounts for other in others)
