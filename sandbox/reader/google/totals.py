"""What must stand for the totals of a civil day, as the vendor sums them over all sources.

Belongs here: roll-ups by day. Not here: values that the vendor derives once a day (`daily.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.reader.google.rules import Field, reading, said_by, whole_day
from sandbox.reader.google.wire_values import whole
from sandbox.reader.readings import Amount, Listing, Reading, Row

MINUTES, PER_MINUTE = "min", "/min"
# Minutes in the higher zones count twice: the sum is a score.
ZONE_MINUTES, SCORE = "active-zone-minutes", "{score}"
ZONE_SUMS = ("sumInFatBurnHeartZone", "sumInCardioHeartZone", "sumInPeakHeartZone")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A list in a roll-up: a member per word in `key`, with its number in `field`."""

    name: str
    key: str
    codes: Mapping[str, str]
    field: str
    in_seconds: bool = False

    def said(self, value: Row) -> Iterator[tuple[str, Amount]]:
        """Give code and amount of each member whose word is known."""
        for part in value.get(self.name) or ():
            code = self.codes.get(part.get(self.key, ""))
            if code is not None:
                yield from said_by([self._field(code)], part)

    def _field(self, code: str) -> Field:
        return Field(
            name=self.field,
            code=code,
            unit=MINUTES,
            is_whole=not self.in_seconds,
            in_seconds=self.in_seconds,
            or_zero=True,
        )


LEVELS = Parts(
    name="activeMinutesRollupByActivityLevel",
    key="activityLevel",
    codes={"LIGHT": "101688-0", "MODERATE": "101689-8", "VIGOROUS": "101690-6"},
    field="activeMinutesSum",
)
ZONES = Parts(
    name="timeInHeartRateZones",
    key="heartRateZone",
    codes={
        "LIGHT": "101693-0", "MODERATE": "101694-8", "VIGOROUS": "101695-5", "PEAK": "103207-7",
    },
    field="duration",
    in_seconds=True,
)  # fmt: skip
# By type; a day that the vendor lists without a sum has a sum of zero.
SUMS: Mapping[str, Field] = {
    "steps": Field(
        name="countSum", code="41950-7", unit="{steps}/d", is_whole=True, or_zero=True
    ),
    "distance": Field(
        name="millimetersSum", code="103208-5", unit="m", shift=-3, is_whole=True, or_zero=True
    ),
    "floors": Field(
        name="countSum", code="93833-2", unit="{flights}", is_whole=True, or_zero=True
    ),
    "altitude": Field(
        name="gainMillimetersSum", code="elevation-gain", unit="m", shift=-3, is_whole=True,
        or_zero=True,
    ),
    "active-energy-burned": Field(name="kcalSum", code="active-energy", unit="kcal", or_zero=True),
    "total-calories": Field(name="kcalSum", code="41979-6", unit="kcal/d", or_zero=True),
    "sedentary-period": Field(
        name="durationSum", code="sedentary-duration", unit=MINUTES, in_seconds=True, or_zero=True
    ),
}  # fmt: skip
HEART = (
    Field(name="beatsPerMinuteAvg", code="41924-2", unit=PER_MINUTE, living=True),
    Field(name="beatsPerMinuteMax", code="8873-2", unit=PER_MINUTE, living=True),
    Field(name="beatsPerMinuteMin", code="8883-1", unit=PER_MINUTE, living=True),
)
CODES = frozenset(
    {ZONE_MINUTES, *LEVELS.codes.values(), *ZONES.codes.values()}
    | {one.code for one in (*SUMS.values(), *HEART)}
)


def total_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each civil day's totals."""
    for of_type, days in listing.rows.get("totals", {}).items():
        shared_as = "heart_rate" if of_type == "heart-rate" else "activity"
        if listing.asked.shares(shared_as):
            for day, value in days.items():
                yield from _of_day(listing, of_type, date.fromisoformat(day), value)


def _of_day(listing: Listing, of_type: str, day: date, value: Row) -> Iterator[Reading]:
    name = "heart_rate_per_day" if of_type == "heart-rate" else of_type.replace("-", "_")
    when = whole_day(day, listing.zone)
    for code, said in _said(of_type, value, surely=listing.surely):
        yield reading(listing, when, None, record=f"{name}-{day}", code=code, amounts={"": said})


def _said(of_type: str, value: Row, *, surely: bool) -> Iterator[tuple[str, Amount]]:
    if of_type in SUMS:
        yield from said_by([SUMS[of_type]], value, surely=surely)
    elif of_type == "heart-rate":
        yield from said_by(HEART, value, surely=surely)
    elif of_type == "active-minutes":
        yield from LEVELS.said(value)
    elif of_type == "time-in-heart-rate-zone":
        yield from ZONES.said(value)
    elif of_type == "active-zone-minutes":
        found = [whole(value.get(name, 0)) for name in ZONE_SUMS]
        if None not in found:
            yield ZONE_MINUTES, Amount(sum((one or Decimal() for one in found), Decimal()), SCORE)
