"""What must stand in the EHR, worked out from the vendor's raw rows alone.

Belongs here: all of it together, by local day. Not here: the rules of each kind (the `expected_*.py`,
for the other vendors `google/`, `omron/`, `files/`), reading the EHR (`ehr.py`) and comparing (`compare.py`). Nothing is shared with the product: a mistake
that both had would never be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

from sandbox.reader.expected_activity import activity_readings
from sandbox.reader.expected_ecgs import ecg_readings
from sandbox.reader.expected_measures import measure_readings
from sandbox.reader.expected_minutes import minute_readings
from sandbox.reader.expected_nights import night_readings
from sandbox.reader.expected_stages import stage_readings
from sandbox.reader.expected_workouts import workout_readings
from sandbox.reader.files.expected import KINDS as OF_FILES
from sandbox.reader.google.expected import KINDS as OF_GOOGLE_HEALTH
from sandbox.reader.omron.expected import KINDS as OF_OMRON
from sandbox.reader.readings import (
    BEURER,
    GOOGLE_HEALTH,
    OMRON,
    OMRON_CONNECT,
    WITHINGS,
    Asked,
    Listing,
    Reading,
    ReadingKey,
)

EVERYTHING = Asked(stages=True, paid=True)
OF_WITHINGS = (
    measure_readings,
    ecg_readings,
    activity_readings,
    workout_readings,
    night_readings,
    stage_readings,
    minute_readings,
)
KINDS = {
    WITHINGS: OF_WITHINGS,
    GOOGLE_HEALTH: OF_GOOGLE_HEALTH,
    OMRON: OF_OMRON,
    **dict.fromkeys((BEURER, OMRON_CONNECT), OF_FILES),
}


def expected_readings(listing: Listing, first: date, last: date) -> list[Reading]:
    """Give every reading of the person's local days from `first` to `last`, both included."""
    return [one for one in _readings(listing) if first <= one.day <= last]


def named_readings(listing: Listing) -> set[ReadingKey]:
    """Give the key of every reading that the vendor lists, also where it is not sure whose it is.

    What is not shared any more is not gone either: nobody asks for it.
    """
    everything = replace(listing, surely=False, asked=EVERYTHING)
    return {one.key for one in _readings(everything)}


def _readings(listing: Listing) -> Iterator[Reading]:
    return chain.from_iterable(readings(listing) for readings in KINDS[listing.vendor])
