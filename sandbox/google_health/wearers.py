"""One person's days at this vendor: civil time, offsets, and when something is told.

Belongs here: what every maker of points needs to know of a person. Not here: points of any type.

A traveller's clock changes at thirteen hours after midnight of the day they fly: such a day is as many
hours shorter or longer.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.google_health.gear import Gear
from sandbox.google_health.points import HEALTH_CONNECT, Point, Source, Value, rank
from sandbox.withings.gear import midnight, on_the_clock
from sandbox.withings.habits import TRAVELLER
from sandbox.withings.life import HOUR, TEN_HOURS, UPLOAD_SECONDS, Life

ONE_DAY = timedelta(days=1)
LANDS_AT = 13  # hours after midnight
_NAMESPACE = uuid.UUID("0b1f7f6c-52a4-4d4c-8a0e-6b3d5d0f9a11")


@dataclass(frozen=True, kw_only=True)
class Wearer:
    """One person as this vendor's devices see them."""

    life: Life
    gear: Gear
    opened: date

    @property
    def way(self) -> int:
        """Give the way of living."""
        return self.life.habits.way

    def turn(self, day: date) -> int:
        """Give a number that goes up by one a day, by which oddities take turns."""
        return self.life.turn(day)

    def chance(self, day: date, what: str) -> random.Random:
        """Give the same dice for the same day and purpose, other than at other vendors."""
        return self.life.chance(day, f"google {what}")

    def start(self, day: date) -> int:
        """Give the first second of a civil day: in the zone where its morning is."""
        return midnight(day, self.life.zone(day - ONE_DAY))

    def end(self, day: date) -> int:
        """Give the second after a civil day."""
        return self.start(day + ONE_DAY)

    def zone_at(self, at: float) -> ZoneInfo:
        """Give the zone in which somebody is at an instant."""
        if self.way != TRAVELLER:
            return self.life.habits.zone
        day = self.day_of(at)
        has_landed = at >= self.start(day) + LANDS_AT * HOUR
        return self.life.zone(day if has_landed else day - ONE_DAY)

    def offset(self, at: float) -> int:
        """Give the seconds east of UTC by which their clock shows an instant."""
        shift = datetime.fromtimestamp(at, self.zone_at(at)).utcoffset()
        return int(shift.total_seconds()) if shift is not None else 0

    def day_of(self, at: float) -> date:
        """Give the civil day of an instant."""
        if self.way != TRAVELLER:
            return datetime.fromtimestamp(at, self.life.habits.zone).date()
        day = datetime.fromtimestamp(at, UTC).date() - ONE_DAY
        while self.end(day) <= at:
            day += ONE_DAY
        return day

    def at(self, day: date, hour: int, minute: int = 0) -> int:
        """Give the second at which a clock on the wall shows this, before or after a flight."""
        zone = self.life.zone(day - ONE_DAY if hour < LANDS_AT else day)
        return on_the_clock(day, zone, timedelta(hours=hour, minutes=minute))

    def told_at(self, day: date, end: float) -> int:
        """Give when a device tells what ended then: at the next upload, or next morning."""
        if self.life.uploads_late(day):
            return self.end(day) + TEN_HOURS
        return (int(end) // UPLOAD_SECONDS + 1) * UPLOAD_SECONDS

    def point(  # noqa: PLR0913 (what a point is made of)
        self,
        type_: str,
        span: tuple[float, float],
        value: Value,
        source: Source | None,
        *,
        day: date | None = None,
        told_at: float | None = None,
        point_id: str | None = None,
        has_offset: bool = True,
    ) -> Point:
        """Make a point of seconds; without a day it is of the civil day of its start."""
        start, end = span
        on = day or self.day_of(start)
        told = self.told_at(on, end) if told_at is None else told_at
        offset = self.offset(start)
        return Point(
            type=type_,
            id=point_id or f"{round(start * 1_000)}-{rank(source)}",
            start=round(start * 1_000),
            end=round(end * 1_000),
            offset=offset,
            end_offset=offset if start == end else self.offset(end),
            day=on,
            value=value,
            source=source,
            created=told,
            updated=told,
            has_offset=has_offset,
        )

    def number(self, type_: str, day: date, place: int, source: Source | None) -> str:
        """Give the id of the n-th point of a day; what apps passed on has another look."""
        name = f"{self.life.habits.seed} {type_} {day} {place}"
        if source is not None and source.platform == HEALTH_CONNECT:
            return str(uuid.uuid5(_NAMESPACE, name))
        digest = hashlib.sha256(name.encode()).digest()
        return str(10**15 + int.from_bytes(digest[:6], "big"))
