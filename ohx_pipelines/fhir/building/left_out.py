"""Readings that do not become a resource, each with the reason in a word.

Belongs here: the reasons, and the record of one reading. Not here: finding out why (the builders)
or what it means for the day (`sync.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ohx_pipelines.measurements import Measurement, Metric


class Reason(StrEnum):
    """Why a reading was left out. The first two are a site's choice, the others faults."""

    DISABLED = "disabled"
    OPEN_DAY = "open_day"
    UNIT_NOT_MAPPED = "unit_not_mapped"
    UNKNOWN_WORD = "unknown_word"
    VALUE_UNFIT = "value_unfit"
    PERIOD_UNFIT = "period_unfit"
    SERIES_UNFIT = "series_unfit"
    SERIES_TOO_LONG = "series_too_long"
    MAPPING_ERROR = "mapping_error"

    @property
    def chosen(self) -> bool:
        """Whether the mapping asks for it: nobody misses the reading."""
        return self in (Reason.DISABLED, Reason.OPEN_DAY)


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """One reading without a resource; never its value. `record`, `group` as in Measurement."""

    metric: Metric
    record: str
    group: str
    occurrence: int
    day: date
    reason: Reason

    @classmethod
    def of(cls, reading: Measurement, reason: Reason) -> LeftOut:
        """Note a reading as left out."""
        return cls(
            metric=reading.metric,
            record=reading.record,
            group=reading.group,
            occurrence=reading.occurrence,
            day=reading.day,
            reason=reason,
        )


class Unfit(Exception):
    """A reading cannot become what the mapping makes of it; it is left out, and it alone."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
