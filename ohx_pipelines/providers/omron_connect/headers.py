"""A header row of OMRON connect's files into a table: which column holds what.

Belongs here: reading one row of titles. Not here: the words (`words.py`), or the rows below
(`sections.py`, `readings.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar
from unicodedata import normalize

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.files.tables import Row
from ohx_pipelines.providers.omron_connect.words import (
    BY_UNIT,
    FLAGS,
    LANGUAGES,
    NUMBERS,
    PLACES,
    UNREAD,
    Measured,
    Place,
)

# `Weight(kg)`, `Pulse (bpm)`; parentheses of full width belong to the name of a part of the body.
_TITLE = re.compile(r"(?P<name>[^()]*?)\s*(?:\((?P<unit>[^()]*)\))?")
_LONGEST_TITLE = 80
SYSTOLIC, DIASTOLIC = Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE
PAIR = frozenset({SYSTOLIC, DIASTOLIC})
_SHORT = (Place.DATE, Place.TIME, SYSTOLIC, DIASTOLIC)
# A title's words and its unit.
_Title = tuple[str, str]
_Known = TypeVar("_Known", bound=Hashable)


class Kind(StrEnum):
    """What a table is about; the word that records begin with."""

    PRESSURE = "pressure"
    WEIGHT = "weight"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table's columns: `numbers` and `flags` by position, `others` are those that nobody maps."""

    kind: Kind
    width: int
    language: str | None
    places: Mapping[Place, int]
    numbers: Mapping[int, Measured]
    flags: Mapping[int, Metric] = field(default_factory=dict)
    others: frozenset[int] = frozenset()

    def for_row(self, row: Row) -> Table:
        """Give the columns of a row: some files mix in rows that end after the pair.

        They would be lost as rows that lack cells. Where the pair stands elsewhere they are: nobody
        could tell which number is which.
        """
        is_short = len(row.cells) == len(_SHORT) < self.width
        return self._short if is_short and self._begins_short else self

    @property
    def _begins_short(self) -> bool:
        columns = {n: place for place, n in self.places.items()}
        metrics = {n: one.metric for n, one in self.numbers.items()}
        return tuple(columns.get(n) or metrics.get(n) for n in range(len(_SHORT))) == _SHORT

    @property
    def _short(self) -> Table:
        width = len(_SHORT)
        return replace(
            self,
            width=width,
            places={place: n for place, n in self.places.items() if n < width},
            numbers={n: one for n, one in self.numbers.items() if n < width},
            flags={},
            others=frozenset(),
        )


def read_header(row: Row) -> Table | None:
    """Give the table that a row is the header of; None for what is no header of a known table."""
    titles = _titles(row)
    places = _firsts({n: PLACES.get(name) for n, (name, _) in enumerate(titles)})
    numbers = _numbers(titles)
    kind = _kind({*places.values()}, {one.metric for one in numbers.values()})
    if kind is None:
        return None
    flags = _firsts({n: FLAGS.get(name) for n, (name, _) in enumerate(titles)})
    unread = {n for n, (name, _) in enumerate(titles) if not name or name in UNREAD}
    return Table(
        kind=kind,
        width=len(titles),
        language=_language(titles, places),
        places={place: n for n, place in places.items()},
        numbers=numbers,
        flags=flags,
        others=frozenset(range(len(titles))) - {*places, *numbers, *flags} - unread,
    )


def _titles(row: Row) -> list[_Title]:
    cells = [*row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return [_title(cell) for cell in cells]


def _title(cell: str) -> _Title:
    words = " ".join(normalize("NFC", cell).lower().split())
    found = _TITLE.fullmatch(words) if len(words) <= _LONGEST_TITLE else None
    if found is None:
        return words, ""
    return found["name"], (found["unit"] or "").strip()


def _numbers(titles: Sequence[_Title]) -> dict[int, Measured]:
    named = {n: NUMBERS.get(title) for n, title in enumerate(titles)}
    found = _firsts(named, by=lambda one: one.metric)
    metrics = {one.metric for one in found.values()}
    # A title's own words tell: fat and bones are weighed in kilograms too. Only one without any is
    # taken by its unit, if nothing else has that.
    units = Counter(unit for _, unit in titles)
    for n, (name, unit) in enumerate(titles):
        one = None if name else BY_UNIT.get(unit)
        if one and one.metric not in metrics and units[unit] == 1:
            found[n] = one
    return found


def _firsts(
    found: Mapping[int, _Known | None], *, by: Callable[[_Known], Hashable] = lambda one: one
) -> dict[int, _Known]:
    """Give, of columns that hold the same, the first; the others are nobody's."""
    firsts: dict[Hashable, tuple[int, _Known]] = {}
    for n, one in found.items():
        if one is not None:
            firsts.setdefault(by(one), (n, one))
    return dict(firsts.values())


def _kind(places: AbstractSet[Place], metrics: AbstractSet[Metric]) -> Kind | None:
    if not (places >= {Place.DATE, Place.TIME} or Place.MOMENT in places):
        return None
    if metrics >= PAIR:
        return Kind.PRESSURE
    return Kind.WEIGHT if Metric.BODY_WEIGHT in metrics else None


def _language(titles: Sequence[_Title], places: Mapping[int, Place]) -> str | None:
    names = {place: titles[n][0] for n, place in places.items()}
    if Place.MOMENT in names:
        return LANGUAGES.get((names[Place.MOMENT], ""))
    return LANGUAGES.get((names[Place.DATE], names[Place.TIME]))
