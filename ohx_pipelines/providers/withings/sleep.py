"""Withings' sleep summaries: one row per night and source, told by the day of waking up.

Belongs here: nights and their fields. Not here: stages within them (`stages.py`), or which of
several sources counts (`sources.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.listings import Listing
from ohx_pipelines.providers.withings.rows import (
    Row,
    Told,
    modified_at,
    number,
    row_device,
    row_id,
    row_zone,
    rows_of,
    told,
)
from ohx_pipelines.providers.withings.sessions import (
    Field,
    Session,
    leave_out_row,
    leave_out_unclear,
    take_fields,
)
from ohx_pipelines.providers.withings.sources import chosen_nights, night_rank

FIELDS = {
    "deepsleepduration": Field(Metric.DEEP_SLEEP_DURATION, "s"),
    "lightsleepduration": Field(Metric.LIGHT_SLEEP_DURATION, "s"),
    "remsleepduration": Field(Metric.REM_SLEEP_DURATION, "s"),
    "wakeupduration": Field(Metric.AWAKE_DURATION, "s"),
    "waso": Field(Metric.WAKE_AFTER_SLEEP_ONSET, "s"),
    "total_timeinbed": Field(Metric.TIME_IN_BED, "s"),
    "sleep_latency": Field(Metric.SLEEP_LATENCY, "s"),
    "wakeupcount": Field(Metric.AWAKENINGS, "{count}"),
    "snoring": Field(Metric.SNORING_DURATION, "s"),
    "snoringepisodecount": Field(Metric.SNORING_EPISODES, "{count}"),
    "sleep_score": Field(Metric.SLEEP_SCORE, "{score}"),
    "sleep_efficiency": Field(Metric.SLEEP_EFFICIENCY, "1"),
    "hr_average": Field(Metric.MEAN_HEART_RATE, "/min", living=True),
    "hr_min": Field(Metric.MINIMUM_HEART_RATE, "/min", living=True),
    "hr_max": Field(Metric.MAXIMUM_HEART_RATE, "/min", living=True),
    "rr_average": Field(Metric.MEAN_RESPIRATORY_RATE, "/min", living=True),
    "apnea_hypopnea_index": Field(Metric.APNEA_HYPOPNEA_INDEX, "{events}/h", index=True),
    "breathing_disturbances_intensity": Field(Metric.BREATHING_DISTURBANCES, "{score}", index=True),
}
ASLEEP = Field(Metric.SLEEP_DURATION, "s")
# Sources that know no stages give the second alone.
TOTALS = ("total_sleep_time", "asleepduration")
ASKED = (*TOTALS, *FIELDS)


@dataclass(frozen=True, kw_only=True)
class Night(Told):
    """A night of the summaries, and the zone that it was counted in.

    `chosen` tells that it is the one that counts, of several sources of the same night.
    """

    zone: ZoneInfo
    device: str | None
    model_id: object
    modified: object
    chosen: bool
    row: Row = field(default_factory=dict, repr=False)

    @property
    def record(self) -> str:
        """Its name among the account's records."""
        return f"{Listing.SLEEP.prefix}-{self.id}"

    @property
    def stages(self) -> str:
        """What the records of its stages are named after."""
        return stages_of(self.id)

    @property
    def data(self) -> Mapping[str, Any]:
        """The summary's fields."""
        data = self.row.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def is_complete(self) -> bool:
        """Whether the vendor has done with it; where it does not say, it has."""
        return self.row.get("completed") is not False


def stages_of(night: str) -> str:
    """Name what the records of a night's stages are named after."""
    return f"{Listing.STAGES.prefix}-{night}"


def nights_of(pages: Iterable[Page], zone: ZoneInfo) -> list[Night]:
    """Give the nights that say which they are, and when; those that count are marked.

    `zone` is that of nights that name none.
    """
    newest: dict[str, Night] = {}
    for row in (row for page in pages for row in rows_of(page)):
        night = _night(row, zone)
        held = newest.get(night.id) if night else None
        if night and (held is None or modified_at(night.row) > modified_at(held.row)):
            newest[night.id] = night
    by_day: dict[date, list[Night]] = {}
    for night in newest.values():
        by_day.setdefault(night.day, []).append(night)
    chosen = {one.id for nights in by_day.values() for one in _chosen(nights)}
    return [replace(night, chosen=night.id in chosen) for night in newest.values()]


def read_sleep(pages: Sequence[Page], into: Collected) -> bool:
    """Read the summaries; tells whether every row was clear.

    Raises Malformed when an answer has no list of them.
    """
    is_clear = True
    listed: Counter[str] = Counter()
    for position, row in enumerate(row for page in pages for row in rows_of(page)):
        if night := _night(row, into.window.zone):
            listed[night.id] += 1
        else:
            is_clear &= leave_out_unclear(
                row, into, prefix=Listing.SLEEP.prefix, metric=Metric.SLEEP_DURATION, at=position
            )
            if isinstance(row, dict) and (name := row_id(row)):
                # When it was nobody can read; what stands of it waits.
                into.kept.add(stages_of(name))
    for night in nights_of(pages, into.window.zone):
        if night.day not in into.window.days:
            is_clear = False
            continue
        if listed[night.id] > 1:
            into.ignore(night.day, "copy", listed[night.id] - 1)
        _take(night, into)
    return is_clear


def _night(row: object, zone: ZoneInfo) -> Night | None:
    found = told(row)
    if found is None or not isinstance(row, dict):
        return None
    return Night(
        **vars(found),
        zone=row_zone(row, zone),
        device=row_device(row),
        model_id=row.get("model_id"),
        modified=row.get("modified"),
        chosen=True,
        row=row,
    )


def _chosen(nights: Iterable[Night]) -> list[Night]:
    return chosen_nights(
        (one for one in nights if one.is_complete),
        rank=lambda one: night_rank(one.row, total=_total(one), number=one.id),
        interval=lambda one: (one.start, one.end),
    )


def _total(night: Night) -> Decimal | None:
    return number(night.data.get(_total_name(night)))


def _total_name(night: Night) -> str:
    """Name the field that says how long somebody slept."""
    return next((name for name in TOTALS if night.data.get(name) is not None), TOTALS[0])


def _take(night: Night, into: Collected) -> None:
    if not night.is_complete:
        # Its stages are not read, and not gone: what stands of them waits with it.
        into.kept.add(night.stages)
        leave_out_row(
            into,
            metric=Metric.SLEEP_DURATION,
            record=night.record,
            day=night.day,
            reason="not_completed",
            held_back=True,
        )
        return
    if not night.chosen:
        into.ignore(night.day, "other_source")
        return
    session = Session(
        record=night.record,
        day=night.day,
        start=night.start,
        end=night.end,
        zone=night.zone,
        device=night.device,
        model_id=night.model_id,
        into=into,
    )
    first = _total_name(night)
    others = frozenset(TOTALS) - {first}
    for name in others:
        if night.data.get(name) is not None:
            into.ignore(night.day, "copy")
    take_fields(session, night.data, FIELDS | {first: ASLEEP}, silent=others)
