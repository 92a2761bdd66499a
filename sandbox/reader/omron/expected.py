"""All that must stand for an OMRON account: every list, and its codes.

Belongs here: putting the lists together. Not here: the rules of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.reader.google.points import MODEL
from sandbox.reader.omron import days, takings
from sandbox.reader.omron.rows import is_typed_in
from sandbox.reader.readings import Row

DATA_TYPES = frozenset({"blood_pressure", "body", "activity", "temperature", "oxygen"})
KINDS = (takings.taking_readings, days.day_readings)
CODES = days.CODES | takings.CODES


def models_of(lists: Mapping[str, Iterable[Row]]) -> Mapping[str, str]:
    """Give the model of each device that a row names, of rows by list.

    A device is known by nothing else, and two of one model are one.
    """
    names = [row["deviceType"] for rows in lists.values() for row in rows if not is_typed_in(row)]
    return {f"{MODEL}{name}": name for name in names}
