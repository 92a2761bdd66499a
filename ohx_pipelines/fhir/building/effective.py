"""When: the `effective[x]` of a reading, and the status that its time gives it.

Belongs here: instants, sessions and days as FHIR writes them. Not here: what was measured
(`shapes.py`), or where a user's offset comes from (the frame).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any

from ohx_pipelines.fhir.building.left_out import Reason, Unfit
from ohx_pipelines.fhir.mapping import MetricRow, PanelRow
from ohx_pipelines.measurements import Measurement, Series

# A local day on which clocks change: by two hours at Troll, by half an hour at Lord Howe.
SHORTEST_DAY = timedelta(hours=22)
LONGEST_DAY = timedelta(hours=26)
# Where a clock change skips midnight (Cairo, Santiago), the day begins at one.
FIRST_TIMES = frozenset({time(0), time(1)})


def effective(reading: Measurement, row: MetricRow | PanelRow) -> dict[str, Any]:
    """Give `effectiveDateTime` or `effectivePeriod`, each instant with its own offset.

    A series may span a period whatever its row says: its samples count from its start. Under a
    vital-sign profile no period may stand (see `declared_profile`): a series has its start there,
    a day's value the date. Raises Unfit when the reading's time is not of the row's kind: it is
    never cut or stretched.
    """
    start = local_text(reading.start, reading.offset_minutes)
    if reading.end is None or reading.end_offset_minutes is None:
        if row.effective != "point" or isinstance(reading.value, Series):
            raise Unfit(Reason.PERIOD_UNFIT)
        return {"effectiveDateTime": start}
    if row.effective == "point" and not isinstance(reading.value, Series):
        raise Unfit(Reason.PERIOD_UNFIT)
    if row.effective == "day" and not _is_local_day(reading):
        raise Unfit(Reason.PERIOD_UNFIT)
    if declared_profile(reading, row):
        whole_day = row.effective == "day" and not isinstance(reading.value, Series)
        return {"effectiveDateTime": reading.day.isoformat() if whole_day else start}
    end = local_text(reading.end, reading.end_offset_minutes)
    return {"effectivePeriod": {"start": start, "end": end}}


def declared_profile(reading: Measurement, row: MetricRow | PanelRow) -> str | None:
    """Give the profile that the resource declares.

    R5's vital-sign profiles refuse every effectivePeriod: their rule vs-1 reads
    `($this as dateTime).toString().length() >= 8`, which is not true of a Period, whatever its
    text says. What was found over a session keeps its period, and claims no profile.
    """
    is_session = row.effective == "session" and not isinstance(reading.value, Series)
    return None if is_session else row.profile


def status(reading: Measurement, row: MetricRow | PanelRow, now: datetime) -> str:
    """Give `preliminary` while the reading's period has not ended, else the row's status.

    Raises Unfit when the row leaves such readings out.
    """
    if reading.end is None or reading.end <= now:
        return row.status
    if row.open_day == "omit":
        raise Unfit(Reason.OPEN_DAY)
    return "preliminary"


def local_text(instant: datetime, offset_minutes: int) -> str:
    """Write an instant with the user's offset then, as FHIR dateTime."""
    return _local(instant, offset_minutes).isoformat()


def _local(instant: datetime, offset_minutes: int) -> datetime:
    return instant.astimezone(timezone(timedelta(minutes=offset_minutes)))


def _is_local_day(reading: Measurement) -> bool:
    """Tell whether it spans the user's day, from first to first instant."""
    if reading.end is None or reading.end_offset_minutes is None:
        return False
    start = _local(reading.start, reading.offset_minutes)
    end = _local(reading.end, reading.end_offset_minutes)
    begins = all(moment.time() in FIRST_TIMES for moment in (start, end))
    return (
        SHORTEST_DAY <= end - start <= LONGEST_DAY
        and end.date() == reading.day + timedelta(days=1)
        and begins
    )
