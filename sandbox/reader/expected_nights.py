"""What must stand for a night: how long somebody slept with its parts, and what else was found.

Belongs here: the fields of a night, and which of several listings of it counts. Not here: its stages
(`expected_stages.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.reader.readings import Listing, Reading, Row, number
from sandbox.reader.rules import (
    Rule,
    Span,
    by_rules,
    once,
    row_span,
    spanning,
    with_components,
)

SLEEP = "93832-4"
# `model`: what lies under the mattress is nearer to sleep than what is worn.
PREFERRED = {32: 0, 16: 1}
ASLEEP = Rule(
    fields=["total_sleep_time", "asleepduration"], code=SLEEP, unit="min", in_minutes=True
)
RULES = (
    Rule(fields=["deepsleepduration"], code="93831-6", unit="min", in_minutes=True, joins=True),
    Rule(fields=["lightsleepduration"], code="93830-8", unit="min", in_minutes=True, joins=True),
    Rule(fields=["remsleepduration"], code="93829-0", unit="min", in_minutes=True, joins=True),
    Rule(fields=["wakeupduration"], code="103210-1", unit="min", in_minutes=True, joins=True),
    Rule(fields=["waso"], code="103215-0", unit="min", in_minutes=True, joins=True),
    Rule(fields=["total_timeinbed"], code="103213-5", unit="min", in_minutes=True, joins=True),
    Rule(fields=["sleep_latency"], code="103212-7", unit="min", in_minutes=True, joins=True),
    Rule(fields=["wakeupcount"], code="103211-9", unit="{count}", joins=True),
    Rule(fields=["snoring"], code="103220-0", unit="min", in_minutes=True, joins=True),
    Rule(fields=["snoringepisodecount"], code="103221-8", unit="{count}", joins=True),
    Rule(fields=["sleep_score"], code="sleep-score", unit="{score}"),
    # The vendor gives a ratio.
    Rule(fields=["sleep_efficiency"], code="sleep-efficiency", unit="%", shift=2),
    Rule(fields=["hr_average"], code="103205-1", unit="/min", living=True),
    Rule(fields=["hr_max"], code="101692-2", unit="/min", living=True),
    Rule(fields=["hr_min"], code="103222-6", unit="/min", living=True),
    Rule(fields=["rr_average"], code="9279-1", unit="/min", living=True),
    Rule(fields=["apnea_hypopnea_index"], code="69990-0", unit="{events}/h"),
    Rule(
        fields=["breathing_disturbances_intensity"], code="breathing-disturbances", unit="{score}"
    ),
)


def night_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each night, but for its stages."""
    if not listing.asked.has("sleep"):
        return
    for row, span in chosen_nights(listing):
        data = row.get("data") or {}
        for code, amounts in with_components(SLEEP, ASLEEP.said(data), by_rules(data, RULES)):
            yield spanning(
                listing, span, row, record=f"sleep-{row['id']}", code=code, amounts=amounts
            )


def chosen_nights(listing: Listing) -> list[tuple[Row, Span]]:
    """Give each night once: of those that overlap, what was nearest to the sleeper.

    A night that is not over at the vendor's says nothing yet.
    """
    rows = [
        row
        for row in once(listing.of("nights"))
        if row.get("completed") is not False or not listing.surely
    ]
    kept: list[tuple[Row, Span]] = []
    for row in sorted(rows, key=_rank):
        span = row_span(row, listing)
        if span is not None and not any(_overlap(span, other) for _, other in kept):
            kept.append((row, span))
    return kept


def _rank(row: Row) -> tuple[int, Decimal, int]:
    data = row.get("data") or {}
    fields = (number(data.get(name)) for name in ASLEEP.fields)
    slept = next((one for one in fields if one is not None), Decimal())
    return PREFERRED.get(row.get("model", 0), len(PREFERRED)), -slept, row["id"]


def _overlap(one: Span, other: Span) -> bool:
    return one.day == other.day and one.start < other.end and other.start < one.end
