"""The data calls beside `getmeas`: activity, minutes, workouts, sleep and the heart.

Belongs here: scopes, parameters, fields that were asked for, paging, the shape of the answers. Not
here: which rows exist (`collection.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.asking import allowed, day_asked, number_asked
from sandbox.withings.changes import ACTIVITY, NIGHT, WORKOUT
from sandbox.withings.collection import Collection, UnknownRow
from sandbox.withings.envelope import invalid_params
from sandbox.withings.life import DAY
from sandbox.withings.stages import narrowed
from sandbox.withings.tokens import Tokens

Fields = Mapping[str, str]
Row = dict[str, Any]
ACTIVITY_SCOPE, HEART_SCOPE = "user.activity", "user.metrics"
# As seen of the sleep summary.
PAGE_SIZE = 300


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


_OF_ACTIVITY = _names(
    "steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories,hr_average,hr_min,"
    "hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3"
)
# What comes where no `data_fields` are named.
_FEW_OF_ACTIVITY = _names(
    "steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories"
)
_FEW_OF_WORKOUTS = _names("calories,intensity,manual_distance,manual_calories,steps")
_FEW_OF_NIGHTS = _names(
    "lightsleepduration,deepsleepduration,remsleepduration,wakeupduration,wakeupcount"
)
_FEW_OF_MINUTES = _names("steps,elevation,calories,distance,stroke,pool_lap,duration")
_DEVICE = _names("deviceid,hash_deviceid,model,model_id")


@dataclass(kw_only=True)
class RowCalls:
    """The calls that read a person's rows."""

    collection: Collection
    tokens: Tokens
    clock: Clock
    page_size: int = PAGE_SIZE

    def get_activity(self, access: str, fields: Fields) -> Row:
        """Answer `getactivity`."""
        rows = self._dated(ACTIVITY, self._person(access), fields)
        names = _asked(fields) or _FEW_OF_ACTIVITY
        left_out = _OF_ACTIVITY - names
        shown = [_without(row, left_out) for row in rows]
        return self._page("activities", shown, fields)

    def get_workouts(self, access: str, fields: Fields) -> Row:
        """Answer `getworkouts`."""
        rows = self._dated(WORKOUT, self._person(access), fields)
        return self._page("series", _with_data(rows, _asked(fields) or _FEW_OF_WORKOUTS), fields)

    def get_summary(self, access: str, fields: Fields) -> Row:
        """Answer sleep's `getsummary`."""
        rows = self._dated(NIGHT, self._person(access), fields)
        return self._page("series", _with_data(rows, _asked(fields) or _FEW_OF_NIGHTS), fields)

    def get_sleep(self, access: str, fields: Fields) -> Row:
        """Answer sleep's `get`: of more than 24 hours the first 24."""
        person = self._person(access)
        start, end = number_asked(fields, "startdate"), number_asked(fields, "enddate")
        if start is None or end is None:
            raise invalid_params("startdate and enddate are needed")
        segments = self.collection.segments(person, start, min(end, start + DAY - 1))
        names = _asked(fields) or frozenset()
        # 16 is a tracker, 32 a sleep monitor, which alone counts breaths.
        model = 32 if any("rr" in one for one in segments) else 16
        return {"series": [narrowed(one, names) for one in segments], "model": model}

    def get_minutes(self, access: str, fields: Fields) -> Row:
        """Answer `getintradayactivity`: of more than 24 hours the first 24, the last ones unasked."""
        person = self._person(access)
        start, end = number_asked(fields, "startdate"), number_asked(fields, "enddate")
        if start is None:
            start = int(self.clock.now() if end is None else end) - DAY
        last = start + DAY - 1 if end is None else min(end, start + DAY - 1)
        names = (_asked(fields) or _FEW_OF_MINUTES) | _DEVICE | {"duration"}
        entries = self.collection.minutes(person, start, last)
        shown = {str(at): _only(entry, names) for at, entry in entries.items()}
        # What says nothing of what was asked is not listed; nothing at all is a list.
        found = {at: entry for at, entry in shown.items() if entry.keys() - _DEVICE}
        return {"series": found or []}

    def list_heart(self, access: str, fields: Fields) -> Row:
        """Answer the heart's `list`."""
        person = self._person(access, HEART_SCOPE)
        start, end = number_asked(fields, "startdate"), number_asked(fields, "enddate")
        now = self.clock.now()
        rows = self.collection.ecgs(person, start or 0, now if end is None else end)
        # A sample that was changed shows in the signal alone.
        left_out = frozenset({"hash_deviceid", "sample"})
        shown = [_without(row, left_out) for row in rows[::-1]]
        return self._page("series", shown, fields)

    def get_heart(self, access: str, fields: Fields) -> Row:
        """Answer the heart's `get`: one signal."""
        person = self._person(access, HEART_SCOPE)
        number = number_asked(fields, "signalid")
        if number is None:
            raise invalid_params("signalid is needed")
        try:
            return self.collection.signal(person, number)
        except UnknownRow:
            raise invalid_params("unknown signalid") from None

    def _person(self, access: str, scope: str = ACTIVITY_SCOPE) -> Person:
        return allowed(self.tokens, access, scope)

    def _dated(self, kind: str, person: Person, fields: Fields) -> list[Row]:
        first, last = day_asked(fields, "startdateymd"), day_asked(fields, "enddateymd")
        since = number_asked(fields, "lastupdate")
        if since is not None:
            if first or last:
                raise invalid_params("lastupdate goes without startdateymd and enddateymd")
            return self.collection.modified_since(kind, person, since)
        if first is None or last is None:
            raise invalid_params("startdateymd and enddateymd, or lastupdate, are needed")
        return self.collection.dated(kind, person, first, last)

    def _page(self, name: str, rows: Sequence[Row], fields: Fields) -> Row:
        offset = number_asked(fields, "offset") or 0
        end = offset + self.page_size
        is_more = end < len(rows)
        return {name: list(rows[offset:end]), "more": is_more, "offset": end if is_more else 0}


def _asked(fields: Fields) -> frozenset[str] | None:
    text = fields.get("data_fields")
    return _names(text.replace(" ", "")) if text else None


def _with_data(rows: Iterable[Row], names: frozenset[str]) -> list[Row]:
    return [row | {"data": _only(row["data"], names)} for row in rows]


def _only(row: Row, names: Iterable[str]) -> Row:
    kept = set(names)
    return {name: value for name, value in row.items() if name in kept}


def _without(row: Row, names: frozenset[str]) -> Row:
    return {name: value for name, value in row.items() if name not in names}
