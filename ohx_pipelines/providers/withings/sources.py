"""Several sources of one quantity never add up: which of them counts, for all of Withings' listings.

Belongs here: those choices, as plain functions. Not here: reading rows (a reader per listing).
docs/sources.md tells the rules to those who look for a missing number.
Each choice is made within a vendor's date, so that it is the same whatever window is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from ohx_pipelines.providers.withings.device_models import is_external
from ohx_pipelines.providers.withings.rows import Row, is_integer, modified_at, row_device

OWN_BRAND = 1
SLEEP_MONITOR, TRACKER = 32, 16
_One = TypeVar("_One")
Interval = tuple[datetime, datetime]


def chosen_activity(rows: Sequence[Row]) -> Row:
    """Choose among the rows of one date: a watch before a phone, then the one modified last."""
    return max(rows, key=_activity_rank)


def _activity_rank(row: Row) -> tuple[bool, bool, int]:
    return (row.get("is_tracker") is True, row.get("brand") == OWN_BRAND, modified_at(row))


def is_own_workout(row: Row) -> bool:
    """Tell whether a workout is from one of the vendor's own devices."""
    return row_device(row) is not None and not is_external(row.get("model"))


def without_twins(
    rows: Iterable[_One], *, row_of: Callable[[_One], Row], interval: Callable[[_One], Interval]
) -> tuple[list[_One], list[_One]]:
    """Part workouts of one date into those that count, and phones' twins of a watch's.

    A phone's is a twin where it overlaps one of the vendor's own devices.
    """
    listed = list(rows)
    own = [interval(one) for one in listed if is_own_workout(row_of(one))]
    kept: list[_One] = []
    twins: list[_One] = []
    for one in listed:
        is_twin = not is_own_workout(row_of(one)) and any(
            overlap(interval(one), other) for other in own
        )
        (twins if is_twin else kept).append(one)
    return kept, twins


def chosen_nights(
    nights: Iterable[_One],
    *,
    rank: Callable[[_One], Any],
    interval: Callable[[_One], Interval],
) -> list[_One]:
    """Choose among the nights of one date: of those that overlap, the first by rank."""
    chosen: list[_One] = []
    for one in sorted(nights, key=rank):
        if not any(overlap(interval(one), interval(other)) for other in chosen):
            chosen.append(one)
    return chosen


def night_rank(row: Row, *, total: Decimal | None, number: str) -> tuple[int, Decimal, int, str]:
    """Rank a night: a mat under the mattress, then a watch, then others; the longer; the older."""
    by_model = {SLEEP_MONITOR: 0, TRACKER: 1}
    model = row.get("model")
    order = by_model.get(model, 2) if is_integer(model) else 2
    return order, -(total or Decimal()), len(number), number


def counting_steps(entries: Iterable[tuple[str, object]]) -> str | None:
    """Choose whose steps of a day count, of entries' (source, model number).

    Own devices come before phones, then the source with most entries, then the smaller name.
    """
    listed = list(entries)
    own = [source for source, model_id in listed if not is_external(model_id)]
    return _most_frequent(own or [source for source, _ in listed])


def telling_stages(segments: Iterable[str], *, of_night: str | None) -> str | None:
    """Choose who tells of a night's stages, of segments' sources: the device of the night itself.

    Where that says nothing, the source with most segments, then the smaller name.
    """
    listed = list(segments)
    return of_night if of_night in listed else _most_frequent(listed)


def _most_frequent(sources: Iterable[str]) -> str | None:
    counted = Counter(sources)
    return min(counted, key=lambda source: (-counted[source], source), default=None)


def overlap(one: Interval, other: Interval) -> bool:
    """Tell whether two intervals have more than an instant in common."""
    return one[0] < other[1] and other[0] < one[1]
