"""The calls that sum data points up: `dailyRollUp` by civil days, `rollUp` by spans of seconds.

Belongs here: parameters, the longest range, windows, pages. Not here: the sums (`sums.py`), and those
that the store has by day (`store.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sandbox.google_health.abilities import DAILY_ROLL_UP, ROLL_UP, most_days
from sandbox.google_health.data_calls import check_names, permitted
from sandbox.google_health.errors import Refused, invalid, unimplemented
from sandbox.google_health.families import ALL_SOURCES, FAMILY, read_family
from sandbox.google_health.filters import empty_range
from sandbox.google_health.kinds import KIND_OF, ROLLED, member_of
from sandbox.google_health.paging import SIZE, TOKEN, Question
from sandbox.google_health.settings import Settings
from sandbox.google_health.store import Store
from sandbox.google_health.sums import summed
from sandbox.google_health.tokens import Grant
from sandbox.google_health.wire import civil_json, instant
from sandbox.people import Person

Json = dict[str, Any]
RANGE, DAYS, WINDOW = "range", "windowSizeDays", "windowSize"
ROWS = "rollupDataPoints"
_SECONDS = re.compile(r"([1-9]\d{0,8})s", re.ASCII)
_SPANS_A_PAGE = (1_440, 10_000)


@dataclass(frozen=True, kw_only=True)
class RollUpCalls:
    """The calls, over the store."""

    store: Store
    settings: Settings

    def daily(self, grant: Grant, path: str, fields: Json) -> Json:
        """Answer `dailyRollUp`: a row per civil day that has data."""
        person = permitted(grant, path, DAILY_ROLL_UP)
        check_names(fields, frozenset({RANGE, DAYS, SIZE, TOKEN, FAMILY}))
        _check_family(fields, person)
        start, end = (_civil_day(fields, bound) for bound in ("start", "end"))
        _check_range(timedelta(days=(end - start).days), path)
        if fields.get(DAYS, 1) != 1:
            raise unimplemented("windows of several days")
        self._check_daily_size(fields, path)
        question = Question(login=person.login, call=f"{path}:{DAILY_ROLL_UP}", fields=fields)
        size = question.size(most_days(path), most_days(path), self.settings.page_size)
        found = self._days(person, path, start, end - timedelta(days=1))
        rows = [_daily_row(path, day, found[day]) for day in sorted(found, reverse=True)]
        return question.page(ROWS, rows, size)

    def spans(self, grant: Grant, path: str, fields: Json) -> Json:
        """Answer `rollUp`: a row per window that has data; no civil day is meant by any."""
        person = permitted(grant, path, ROLL_UP)
        check_names(fields, frozenset({RANGE, WINDOW, SIZE, TOKEN, FAMILY}))
        _check_family(fields, person)
        start, end = (_instant(fields, bound) for bound in ("startTime", "endTime"))
        _check_range(timedelta(milliseconds=end - start), path)
        window = _SECONDS.fullmatch(str(fields.get(WINDOW)))
        if window is None:
            raise invalid(f"Invalid value at '{WINDOW}'", "INVALID_ROLLUP_QUERY_WINDOW")
        question = Question(login=person.login, call=f"{path}:{ROLL_UP}", fields=fields)
        size = question.size(*_SPANS_A_PAGE, self.settings.page_size)
        rows = self._spans(person, path, (start, end), int(window[1]) * 1_000)
        return question.page(ROWS, rows, size)

    def _days(self, person: Person, path: str, first: date, last: date) -> dict[date, Json]:
        if path in ROLLED or path not in KIND_OF:
            return self.store.totals(person, path, first, last) if path in ROLLED else {}
        points = self.store.merged(person, path, first, last)
        return summed(path, points, lambda point: point.day)

    def _spans(self, person: Person, path: str, asked: tuple[int, int], window: int) -> list[Json]:
        if path not in KIND_OF:
            return []
        start, end = asked
        first, last = (datetime.fromtimestamp(one / 1_000, UTC).date() for one in asked)
        day = timedelta(days=1)
        points = self.store.merged(person, path, first - day, last + day)
        inside = [point for point in points if start <= point.start < end]
        found = summed(path, inside, lambda point: (point.start - start) // window)
        return [
            {
                "startTime": instant(start + number * window),
                "endTime": instant(min(end, start + (number + 1) * window)),
                member_of(path): found[number],
            }
            for number in sorted(found, reverse=True)
        ]

    @staticmethod
    def _check_daily_size(fields: Json, path: str) -> None:
        if SIZE not in fields:
            return
        # Measured: here any page size is refused, and elsewhere one beyond the longest range.
        number = fields[SIZE]
        if path == "total-calories" or (isinstance(number, int) and number > most_days(path)):
            raise _too_long(path)


def _daily_row(path: str, day: date, value: Json) -> Json:
    midnight = datetime.combine(day, time())
    return {
        "civilStartTime": civil_json(midnight),
        "civilEndTime": civil_json(midnight + timedelta(days=1)),
        member_of(path): value,
    }


def _check_family(fields: Mapping[str, Any], person: Person) -> None:
    if read_family(fields.get(FAMILY), person) != ALL_SOURCES:
        raise unimplemented("roll-ups of one data source family")


def _check_range(length: timedelta, path: str) -> None:
    if length <= timedelta():
        raise empty_range()
    if length > timedelta(days=most_days(path)):
        raise _too_long(path)


def _civil_day(fields: Json, bound: str) -> date:
    """Read a bound of the range; raises Refused unless it is a midnight."""
    given = _range(fields, frozenset({"start", "end"})).get(bound)
    name = f"{RANGE}.{bound}"
    if not isinstance(given, dict):
        raise invalid(f"Invalid value at '{name}'")
    check_names(given, frozenset({"date", "time"}))
    if any((given.get("time") or {}).values()):
        raise invalid(f"'{name}' is not aligned with the window")
    try:
        return date(**given["date"])
    except (KeyError, TypeError, ValueError):
        raise invalid(f"Invalid value at '{name}.date'") from None


def _instant(fields: Json, bound: str) -> int:
    """Read a bound of the range in epoch milliseconds; raises Refused for one without zone."""
    given = str(_range(fields, frozenset({"startTime", "endTime"})).get(bound))
    wrong = invalid(f"Invalid value at '{RANGE}.{bound}'")
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise wrong from None
    if moment.tzinfo is None:
        raise wrong
    return int(moment.timestamp() * 1_000)


def _range(fields: Json, names: frozenset[str]) -> Json:
    given = fields.get(RANGE)
    if not isinstance(given, dict):
        raise invalid(f"Invalid value at '{RANGE}'")
    check_names(given, names)
    return given


def _too_long(path: str) -> Refused:
    most = most_days(path)
    message = f"The query spans more than the {most} days that {path} allows."
    return invalid(message, "INVALID_ROLLUP_QUERY_DURATION", maxDurationDays=str(most))
