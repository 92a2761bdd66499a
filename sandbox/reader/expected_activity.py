"""What must stand for the totals of a day: one Observation per field of the day's row.

Belongs here: the fields, and which of several sources of a day counts. Not here: minutes of a day
(`expected_minutes.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sandbox.reader.readings import Listing, Reading, Row, midnight
from sandbox.reader.rules import Rule, Span, by_rules, row_zone, spanning

WITHINGS = 1  # `brand`; 18 is a phone
PER_MINUTE, MINUTES = "/min", "min"
# `active` is moderate and intense together: publishing it too would say the same twice.
RULES = (
    Rule(fields=["steps"], code="41950-7", unit="{steps}/d"),
    Rule(fields=["distance"], code="103208-5", unit="m"),
    Rule(fields=["elevation"], code="93833-2", unit="{flights}"),
    Rule(fields=["soft"], code="101688-0", unit=MINUTES, in_minutes=True),
    Rule(fields=["moderate"], code="101689-8", unit=MINUTES, in_minutes=True),
    Rule(fields=["intense"], code="101690-6", unit=MINUTES, in_minutes=True),
    Rule(fields=["calories"], code="active-energy", unit="kcal"),
    Rule(fields=["totalcalories"], code="41979-6", unit="kcal/d"),
    Rule(fields=["hr_average"], code="41924-2", unit=PER_MINUTE, living=True),
    Rule(fields=["hr_max"], code="8873-2", unit=PER_MINUTE, living=True),
    Rule(fields=["hr_min"], code="8883-1", unit=PER_MINUTE, living=True),
    Rule(fields=["hr_zone_0"], code="101693-0", unit=MINUTES, in_minutes=True),
    Rule(fields=["hr_zone_1"], code="101694-8", unit=MINUTES, in_minutes=True),
    Rule(fields=["hr_zone_2"], code="101695-5", unit=MINUTES, in_minutes=True),
    Rule(fields=["hr_zone_3"], code="103207-7", unit=MINUTES, in_minutes=True),
)


def activity_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each day's totals."""
    if not listing.asked.has("activity"):
        return
    for row in _chosen(listing):
        span = _span(row, listing)
        for rule, said in by_rules(row, RULES):
            yield spanning(
                listing,
                span,
                row,
                record=f"activity-{row['date']}",
                code=rule.code,
                amounts={"": said},
            )


def _chosen(listing: Listing) -> list[Row]:
    """Take one source per day: a phone in a pocket counts the steps of the watch once more."""
    best: dict[str, Row] = {}
    for row in listing.of("activities"):
        held = best.get(row["date"])
        if held is None or _rank(row) > _rank(held):
            best[row["date"]] = row
    return [*best.values()]


def _rank(row: Row) -> tuple[bool, bool, int]:
    return row.get("is_tracker") is True, row.get("brand") == WITHINGS, row.get("modified") or 0


def _span(row: Row, listing: Listing) -> Span:
    day, zone = date.fromisoformat(row["date"]), row_zone(row, listing)
    next_day = day + timedelta(days=1)
    return Span(start=midnight(day, zone), end=midnight(next_day, zone), zone=zone, day=day)
