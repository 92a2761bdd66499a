"""Which Observation stands for which reading, and what is wrong with it.

Belongs here: pairing, and the aspects that are compared. Not here: what must be there
(`expected.py`), versions (`follow.py`) and the sum (`report.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sandbox.reader.found import Found
from sandbox.reader.readings import Reading
from sandbox.reader.report import ASPECTS, Report

Key = tuple[str, str | None, datetime | None, bool]
Devices = Mapping[str, Sequence[str]]
Pair = tuple[Reading, Found]


def judge(
    report: Report,
    expected: Sequence[Reading],
    found: Sequence[Found],
    devices: Devices,
    remembered: Mapping[int, str | None] | None = None,
) -> list[Pair]:
    """Count what differs; gives each reading with the Observation that stands for it.

    `devices` has by reference what each is known by; `remembered` the reference that stood for a reading
    before, by the place of the reading in `expected`: of two that are alike, it is preferred.
    """
    report.compared += len(expected)
    wanted: defaultdict[Key, list[tuple[Reading, str | None]]] = defaultdict(list)
    for number, reading in enumerate(expected):
        before = (remembered or {}).get(number)
        key = (reading.patient, reading.code, reading.instant, reading.end is not None)
        wanted[key].append((reading, before))
    present: defaultdict[Key, list[Found]] = defaultdict(list)
    for one in found:
        present[one.patient, one.code, one.instant, one.is_period].append(one)
    return [
        pair
        for key in [*wanted, *(key for key in present if key not in wanted)]
        for pair in _judge_key(report, wanted[key], present[key], devices)
    ]


def _judge_key(
    report: Report,
    readings: list[tuple[Reading, str | None]],
    found: list[Found],
    devices: Devices,
) -> list[Pair]:
    """Pair what belongs together, the likest first; what is left over is missing or too much."""
    pairs = sorted(
        ((_wrong(reading, one, devices), before != one.reference, r, f)
         for r, (reading, before) in enumerate(readings)
         for f, one in enumerate(found)),
        key=lambda pair: (len(pair[0]), pair[1]),
    )  # fmt: skip
    of_readings: dict[int, int] = {}
    for wrong, _, r, f in pairs:
        if r not in of_readings and f not in of_readings.values():
            of_readings[r] = f
            report.wrong.update(wrong)
    report.missing += len(readings) - len(of_readings)
    _count_left_over(report, found, set(of_readings.values()))
    return [(readings[r][0], found[f]) for r, f in of_readings.items()]


def _count_left_over(report: Report, found: list[Found], paired: set[int]) -> None:
    for f, one in enumerate(found):
        if f not in paired:
            twins = (other for g, other in enumerate(found) if g in paired or g < f)
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
        "offset": (reading.offset, reading.end_offset) == (found.offset, found.end_offset),
        "end": reading.end == found.end,
        "day": found.day == (reading.day if reading.says_day else None),
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
