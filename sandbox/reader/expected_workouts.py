"""What must stand for a workout: its kind, with durations and amounts as components.

Belongs here: the vendor's kinds, the fields, and which of two sources counts. Not here: other rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sandbox.reader.readings import Amount, Listing, Reading, Row, Said, Word, number
from sandbox.reader.rules import (
    CONFIRMED,
    EXTERNAL_MODELS,
    Rule,
    Span,
    by_rules,
    codes,
    device_of,
    minutes,
    once,
    row_span,
    spanning,
    with_components,
)

WORKOUT, DURATION = "73985-4", "55411-3"
OXYGEN = codes("2708-6", "59408-5")
NO_ACTIVITY = 128
OTHER = "other-workout"
KINDS = {
    1: "walking", 2: "running", 3: "hiking", 4: "skating", 5: "cycling", 6: "cycling",
    7: "swimming", 8: "surfing", 9: "kite-surfing", 10: "wind-surfing", 11: "surfing",
    12: "tennis", 13: "table-tennis", 14: "squash", 15: "badminton", 16: "strength-training",
    17: "fitness", 18: "elliptical-training", 19: "pilates", 20: "basketball", 21: "football",
    22: "american-football", 23: "rugby", 24: "volleyball", 25: "water-polo", 26: "horse-riding",
    27: "golf", 28: "yoga", 29: "dancing", 30: "boxing", 31: "fencing", 32: "wrestling",
    33: "martial-arts", 34: "skiing", 35: "snowboarding", 36: OTHER, 187: "rowing",
    188: "dancing", 191: "baseball", 192: "handball", 193: "hockey", 194: "ice-hockey",
    195: "climbing", 196: "ice-skating", 272: "multisport", 306: "treadmill-walking",
    307: "treadmill-running", 308: "indoor-cycling", 498: "trail-running", 510: "pickleball",
    523: "mountain-biking", 550: "high-intensity-interval-training", 551: "meditation",
    552: "stretching", 560: "breathing-exercises", 566: "nordic-walking",
}  # fmt: skip
RULES = (
    Rule(fields=["calories", "manual_calories"], code="41981-2", unit="kcal", joins=True),
    Rule(fields=["distance", "manual_distance"], code="103208-5", unit="m", joins=True),
    Rule(fields=["steps"], code="55423-8", unit="{steps}", joins=True),
    Rule(fields=["elevation"], code="100304-5", unit="{flights}", joins=True),
    Rule(fields=["hr_average"], code="103205-1", unit="/min", living=True, joins=True),
    Rule(fields=["hr_max"], code="101692-2", unit="/min", living=True, joins=True),
    Rule(fields=["hr_min"], code="103222-6", unit="/min", living=True, joins=True),
    Rule(fields=["spo2_average"], code=OXYGEN, unit="%", living=True),
)
_LENGTH = Rule(fields=[], code=DURATION, unit="min", joins=True)


def workout_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each workout."""
    if not listing.asked.has("workouts"):
        return
    for row, span in _chosen(listing):
        if listing.surely and row.get("attrib") not in CONFIRMED:
            continue
        data = row.get("data") or {}
        kind = Word(KINDS.get(row["category"], OTHER))
        said: list[tuple[Rule, Said]] = [(_LENGTH, _duration(data, span)), *by_rules(data, RULES)]
        for code, amounts in with_components(WORKOUT, kind, said):
            yield spanning(
                listing, span, row, record=f"workout-{row['id']}", code=code, amounts=amounts
            )


def _chosen(listing: Listing) -> list[tuple[Row, Span]]:
    """Give what happened, once: a phone that came along lists the watch's workout again."""
    spans = [
        (row, span)
        for row in once(listing.of("workouts"))
        if row.get("category") != NO_ACTIVITY and (span := row_span(row, listing)) is not None
    ]
    own = [span for row, span in spans if not _is_external(row)]
    return [
        (row, span)
        for row, span in spans
        if not (_is_external(row) and any(_overlap(span, other) for other in own))
    ]


def _is_external(row: Row) -> bool:
    return row.get("model") in EXTERNAL_MODELS or device_of(row) is None


def _overlap(one: Span, other: Span) -> bool:
    return one.day == other.day and one.start < other.end and other.start < one.end


def _duration(data: Row, span: Span) -> Amount:
    length = Decimal(int((span.end - span.start).total_seconds()))
    pause = number(data.get("pause_duration"))
    worked = length - pause if pause is not None and 0 <= pause <= length else length
    return Amount(minutes(worked), "min")
