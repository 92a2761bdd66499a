"""OMRON's blood pressure rows: a cuff's pair, its pulse, and what it noticed meanwhile.

Belongs here: those fields. Not here: which rows there are (`listed_rows.py`).
"""

from __future__ import annotations

from decimal import Decimal

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.omron.rows import Row, first_of, number
from ohx_pipelines.providers.omron.takings import (
    IMPLAUSIBLE,
    NUMBER_UNREADABLE,
    UNIT_UNKNOWN,
    Field,
    Taking,
)

PAIR_INCOMPLETE = "pair_incomplete"
AFIB = ("possibleafib",)
MMHG, KPA = "mm[Hg]", "kPa"
UNITS = {"mmhg": MMHG, "mm[hg]": MMHG, "kpa": KPA}
# Exact, as UCUM has it: 1 mm[Hg] is 0.133322 kPa.
KPA_PER_MMHG = Decimal("0.133322")
_PRESSURES = (
    Field(Metric.SYSTOLIC_BLOOD_PRESSURE, MMHG, ("systolic",)),
    Field(Metric.DIASTOLIC_BLOOD_PRESSURE, MMHG, ("diastolic",)),
)
PULSE = Field(Metric.HEART_RATE, "/min", ("pulse",))


def take_cuff(row: Row, taking: Taking) -> None:
    """Take the fields of a blood pressure row."""
    _take_pair(row, taking)
    taking.take(PULSE, row)
    taking.take_flag(Metric.POSSIBLE_ATRIAL_FIBRILLATION, row, *AFIB)
    taking.take_flag(Metric.IRREGULAR_HEARTBEAT, row, "irregularhb", "irregularheartbeat")
    taking.take_flag(Metric.MOVEMENT_DURING_MEASUREMENT, row, "movementdetect", "movement")


def _take_pair(row: Row, taking: Taking) -> None:
    """Take both pressures, or none: one alone is no blood pressure."""
    given = {known: first_of(row, *known.names) for known in _PRESSURES}
    if all(one is None for one in given.values()):
        taking.keep()
        return
    read = {known: number(one) for known, one in given.items()}
    if all(value == 0 for value in read.values()):
        # The AFib mode measures no pressure, and says zero.
        return
    if all(read[known] == 0 or one is None for known, one in given.items()) and (
        first_of(row, *AFIB) is not None
    ):
        # Or nothing, of the one or the other: it may have said more before.
        taking.keep()
        return
    said = first_of(row, "bloodpressureunits")
    unit = (
        MMHG if said is None else UNITS.get(said.strip().lower() if isinstance(said, str) else "")
    )
    reasons = {known: _refusal(given[known], read[known], known, unit) for known in _PRESSURES}
    for known, value in read.items():
        if any(reasons.values()):
            taking.refuse(known.metric, reasons[known] or PAIR_INCOMPLETE)
        elif value is not None:
            taking.add(known.metric, value, unit)


def _refusal(given: object, value: Decimal | None, known: Field, unit: str | None) -> str | None:
    if unit is None:
        return UNIT_UNKNOWN
    if given is None:
        return PAIR_INCOMPLETE
    if value is None:
        return NUMBER_UNREADABLE
    in_mmhg = value / KPA_PER_MMHG if unit == KPA else value
    return None if known.allows(in_mmhg, MMHG) else IMPLAUSIBLE
