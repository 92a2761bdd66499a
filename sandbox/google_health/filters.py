"""Filters as the vendor reads them: of AIP-160 only a range of one time that the type has.

Belongs here: which times each kind of type is filtered by, parsing, and which points a filter holds.
Not here: paging and the calls (`data_calls.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sandbox.google_health.abilities import ABILITIES
from sandbox.google_health.errors import Refused, invalid, invalid_filter, unimplemented
from sandbox.google_health.kinds import DAILY, INTERVAL, SAMPLE, SESSION, filter_name_of
from sandbox.google_health.points import Point, civil

LEAST, BELOW = ">=", "<"
_RESTRICTION = re.compile(r'\s*([A-Za-z0-9_.-]+)\s*([<>=!:]{1,2})\s*"([^"]*)"\s*')
_JOINT = re.compile(r"(AND|OR)\b")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_CIVIL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A time that points can be filtered by; all are compared without zone, as `moment` gives them."""

    form: re.Pattern[str]
    detail: str
    moment: Callable[[Point], datetime]

    @property
    def is_physical(self) -> bool:
        """Whether it is an instant, and no reading of a clock or calendar."""
        return self.form is _INSTANT

    def read(self, literal: str) -> datetime:
        """Read a literal; raises Refused for one of another form."""
        wrong = invalid_filter(f"Invalid time literal: {literal}", self.detail)
        if self.form.fullmatch(literal) is None:
            raise wrong
        try:
            moment = datetime.fromisoformat(literal)
        except ValueError:
            raise wrong from None
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _physical(moment: Callable[[Point], datetime]) -> Member:
    return Member(form=_INSTANT, detail="TIMESTAMP_FORMAT", moment=moment)


def _civil(moment: Callable[[Point], datetime]) -> Member:
    return Member(form=_CIVIL, detail="CIVIL_DATE_TIME_FORMAT", moment=moment)


_START = _physical(lambda point: civil(point.start, 0))
_CIVIL_START = _civil(lambda point: civil(point.start, point.offset))
_SLEEP = {
    "interval.end_time": _physical(lambda point: civil(point.end, 0)),
    "interval.civil_end_time": _civil(lambda point: civil(point.end, point.end_offset)),
}
_OF_KIND = {
    INTERVAL: {"interval.start_time": _START, "interval.civil_start_time": _CIVIL_START},
    SAMPLE: {"sample_time.physical_time": _START, "sample_time.civil_time": _CIVIL_START},
    DAILY: {
        "date": Member(
            form=_DATE,
            detail="DATE_FORMAT",
            moment=lambda point: datetime.combine(point.day, time()),
        )
    },
    SESSION: {"interval.civil_start_time": _CIVIL_START},
}
_OF_TYPE = {"sleep": _SLEEP, "electrocardiogram": {"interval.start_time": _START}}
_NO_END = frozenset({"electrocardiogram"})
_COLLECTIONS = {filter_name_of(path): path for path in ABILITIES}


@dataclass(frozen=True, kw_only=True)
class Range:
    """What a filter asks for; without a member everything."""

    member: Member | None = None
    least: datetime | None = None
    below: datetime | None = None

    def holds(self, point: Point) -> bool:
        """Say whether a point is asked for."""
        if self.member is None:
            return True
        moment = self.member.moment(point)
        is_late_enough = self.least is None or moment >= self.least
        return is_late_enough and (self.below is None or moment < self.below)

    def days(self, opened: date, today: date) -> tuple[date, date]:
        """Give the first and the last civil day that can hold such a point."""
        # A clock is up to 14 hours before or behind UTC.
        spare = _DAY if self.member is not None and self.member.is_physical else timedelta()
        first = opened if self.least is None else max(opened, self.least.date() - spare)
        last = today if self.below is None else min(today, (self.below - _TICK).date() + spare)
        return first, last


@dataclass(frozen=True, kw_only=True)
class _Restriction:
    member: str
    comparator: str
    literal: str


def read_filter(text: str, path: str) -> Range:
    """Read the filter of a call for one type; raises Refused for what the vendor does not take."""
    if not text.strip():
        return Range()
    restrictions = _restrictions(text, path)
    members = {one.member: _member(one.member, path) for one in restrictions}
    if len(members) > 1:
        raise invalid_filter("One time alone can be filtered by.", "MIXED_TIME_RESTRICTIONS")
    (member,) = members.values()
    bounds: dict[str, datetime] = {}
    for one in restrictions:
        _check_comparator(one.comparator, path)
        if one.comparator in bounds:
            raise _structure()
        bounds[one.comparator] = member.read(one.literal)
    return _checked(Range(member=member, least=bounds.get(LEAST), below=bounds.get(BELOW)))


def _restrictions(text: str, path: str) -> Sequence[_Restriction]:
    found: list[_Restriction] = []
    position = 0
    while True:
        match = _RESTRICTION.match(text, position)
        if match is None:
            raise _structure()
        member, comparator, literal = match.groups()
        found.append(_Restriction(member=member, comparator=comparator, literal=literal))
        if match.end() == len(text):
            return found
        position = _behind_joint(text, match.end(), path)


def _behind_joint(text: str, position: int, path: str) -> int:
    joint = _JOINT.match(text, position)
    if joint is None:
        raise _structure()
    if joint[1] == "OR":
        raise unimplemented("OR in filters") if path == "sleep" else _structure()
    return joint.end()


def _member(name: str, path: str) -> Member:
    collection, _, member = name.partition(".")
    if collection not in _COLLECTIONS:
        message = f"Data type '{collection}' is not supported for filtering."
        raise invalid_filter(message, "DATA_TYPE_RESTRICTION")
    if _COLLECTIONS[collection] != path:
        message = f"Filter on '{collection}' does not match the collection '{path}'."
        raise invalid_filter(message, "COLLECTION_MISMATCH")
    known = _OF_TYPE.get(path) or _OF_KIND[ABILITIES[path].kind]
    if member not in known:
        message = f"Member '{name}' is not supported for filtering."
        raise invalid_filter(message, "DATA_TYPE_MEMBER")
    return known[member]


def _check_comparator(comparator: str, path: str) -> None:
    allowed = {LEAST} if path in _NO_END else {LEAST, BELOW}
    if comparator not in allowed:
        message = f"Comparator '{comparator}' is not supported here."
        raise invalid_filter(message, "RESTRICTION_COMPARATOR")


def _checked(asked: Range) -> Range:
    if asked.least is not None and asked.below is not None and asked.below <= asked.least:
        raise empty_range()
    return asked


def empty_range() -> Refused:
    """Give the refusal of a range that ends where it starts, or before."""
    return invalid("The end of the time range is not after its start.", "INVALID_TIME_RANGE")


def _structure() -> Refused:
    return invalid_filter("The filter is no list of restrictions.", "EXPRESSION_STRUCTURE")
