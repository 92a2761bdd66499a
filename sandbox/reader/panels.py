"""What one taking of a cuff becomes: a panel with all that was noticed meanwhile, or its parts alone.

Belongs here: which values stand together. Not here: values (`omron/`, `files/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sandbox.reader.measure_rules import BLOOD_PRESSURE
from sandbox.reader.readings import Said

SYSTOLIC, DIASTOLIC, MEAN, PULSE = "8480-6", "8462-4", "8478-0", "8867-4"
IRREGULAR, MOVEMENT, FIBRILLATION = (
    "irregular-heartbeat", "movement-during-measurement", "possible-atrial-fibrillation",
)  # fmt: skip
# What two pressures are given to hold; none of it stands beside them.
JOINS = (MEAN, PULSE, IRREGULAR, MOVEMENT, FIBRILLATION)
CODES = frozenset({BLOOD_PRESSURE, SYSTOLIC, DIASTOLIC, *JOINS})


def observations(said: Mapping[str, Said]) -> Iterator[tuple[str, Mapping[str, Said]]]:
    """Give code and amounts of each Observation of a taking, by the codes of what it says.

    One pressure alone is no blood pressure, and a mean of what is not there is none either.
    """
    is_pair = SYSTOLIC in said and DIASTOLIC in said
    parts = {SYSTOLIC, DIASTOLIC, *JOINS} if is_pair else {SYSTOLIC, DIASTOLIC, MEAN}
    if is_pair:
        yield BLOOD_PRESSURE, {code: one for code, one in said.items() if code in parts}
    for code, one in said.items():
        if code not in parts:
            yield code, {"": one}
