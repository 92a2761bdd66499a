"""A header of Beurer's into columns: by their words or their units, never by their position.

Belongs here: which column tells what, and in which unit. Not here: the words (`words.py`), or what
becomes of values (`kinds.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ohx_pipelines.providers.beurer.words import (
    AMBIGUOUS_WORDS,
    COLUMNS,
    Column,
    Kind,
    folded,
)

# As headers write them: the UCUM unit, and the column that such a unit alone makes.
_UNITS: Mapping[str, tuple[str | None, Column | None]] = {
    "kg": ("kg", Column.WEIGHT),
    "lb": ("[lb_av]", Column.WEIGHT),
    "lbs": ("[lb_av]", Column.WEIGHT),
    "st": ("[stone_av]", Column.WEIGHT),
    "mg/dl": ("mg/dL", Column.GLUCOSE),
    "mmol/l": ("mmol/L", Column.GLUCOSE_MOLAR),
    "°c": ("Cel", Column.TEMPERATURE),
    "°f": ("[degF]", Column.TEMPERATURE),
    "bpm": ("/min", Column.PULSE),
    "/min": ("/min", None),
    "mmhg": ("mm[Hg]", None),
    "%": ("%", None),
    "kg/m2": ("kg/m2", None),
    "kg/m²": ("kg/m2", None),
    "kcal": ("kcal", None),
    "cm": ("cm", None),
}
# What each column may be measured in; the first where its header does not say.
UNITS_OF: Mapping[Column, tuple[str, ...]] = {
    Column.WEIGHT: ("kg", "[lb_av]", "[stone_av]"),
    Column.TEMPERATURE: ("Cel", "[degF]"),
    Column.GLUCOSE: ("mg/dL",),
    Column.GLUCOSE_MOLAR: ("mmol/L",),
    Column.BODY_MASS_INDEX: ("kg/m2",),
    Column.FAT: ("%",),
    Column.WATER: ("%",),
    Column.MUSCLES: ("%",),
    Column.BONES: ("kg",),
    Column.METABOLIC_AGE: ("a",),
    Column.VISCERAL_FAT: ("{score}",),
    Column.BASAL_METABOLIC_RATE: ("kcal",),
    Column.PULSE: ("/min",),
    Column.SYSTOLIC: ("mm[Hg]",),
    Column.DIASTOLIC: ("mm[Hg]",),
    Column.MEAN_PRESSURE: ("mm[Hg]",),
    Column.OXYGEN: ("%",),
    Column.OXYGEN_MINIMUM: ("%",),
    Column.OXYGEN_MAXIMUM: ("%",),
    Column.OXYGEN_MEAN: ("%",),
}
# Without its unit such a number could be anything.
_UNIT_NEEDED = frozenset({Column.WEIGHT, Column.TEMPERATURE, Column.GLUCOSE, Column.GLUCOSE_MOLAR})
# What a section cannot be without: one of these sets of columns makes a header one of a kind.
_SESSION = frozenset({Column.START, Column.END})
_SIGNATURES: Sequence[tuple[Kind, frozenset[Column]]] = (
    (Kind.PRESSURE, frozenset({Column.TIME, Column.SYSTOLIC, Column.DIASTOLIC})),
    (Kind.OXYGEN, frozenset({Column.TIME, Column.OXYGEN})),
    (Kind.OXYGEN, _SESSION | {Column.OXYGEN_MEAN}),
    (Kind.OXYGEN, _SESSION | {Column.OXYGEN_MINIMUM}),
    (Kind.GLUCOSE, frozenset({Column.TIME, Column.GLUCOSE})),
    (Kind.GLUCOSE, frozenset({Column.TIME, Column.GLUCOSE_MOLAR})),
    (Kind.TEMPERATURE, frozenset({Column.TIME, Column.TEMPERATURE})),
    (Kind.WEIGHT, frozenset({Column.TIME, Column.WEIGHT})),
)
_TEXTS = frozenset({Column.PASSED_OVER, Column.NOT_MAPPED})
_TIMES = frozenset({Column.TIME, Column.START})
# The widest header that was seen has 28: a line of thirty thousand cells takes long to read as one.
_MOST_COLUMNS = 250


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a section's columns tell: `at` is where each stands, `units` what it is measured in.

    `passed_over` and `not_mapped` are the places of columns that are not read, and only counted;
    `words` are the cells, made comparable.
    """

    kind: Kind | None
    width: int
    at: Mapping[Column, int]
    units: Mapping[Column, str]
    passed_over: frozenset[int]
    not_mapped: frozenset[int]
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Named:
    """A header's cell: the column and unit that it says, or the column that it only suggests."""

    column: Column
    unit: str | None
    suggests: Column | None = None


def read_header(cells: Sequence[str]) -> Header | None:
    """Give a row's meaning as a header; None where no columns for date and time are in it."""
    if len(cells) > _MOST_COLUMNS:
        return None
    named = [_named(cell) for cell in cells]
    while named and not cells[len(named) - 1]:
        named.pop()
    found = {one.column for one in named}
    if Column.DATE not in found or not found & _TIMES:
        return None
    return _header(_settled(named), tuple(folded(cell) for cell in cells))


def _named(cell: str) -> _Named:
    text = folded(cell)
    if text in _UNITS:
        unit, column = _UNITS[text]
        return _Named(column or Column.NOT_MAPPED, unit)
    name, _, last = text.rpartition(" ")
    if not name or last not in _UNITS:
        name, last = text, ""
    unit, _ = _UNITS.get(last, (None, None))
    if name in AMBIGUOUS_WORDS and unit is None:
        return _Named(Column.NOT_MAPPED, None, AMBIGUOUS_WORDS[name])
    column = COLUMNS.get(name)
    if column is None:
        # Never by its unit: fat, muscles and bones are weighed in kilograms too.
        return _Named(Column.NOT_MAPPED, unit)
    return _with_unit(column, unit)


def _with_unit(column: Column, unit: str | None) -> _Named:
    """Give a known column in its unit; in one that it cannot have it is another column."""
    if column is Column.GLUCOSE and unit == "mmol/L":
        column = Column.GLUCOSE_MOLAR
    allowed = UNITS_OF.get(column)
    if allowed is None:
        return _Named(column, None)
    chosen = unit if unit is not None or column in _UNIT_NEEDED else allowed[0]
    if chosen not in allowed:
        return _Named(Column.NOT_MAPPED, None)
    return _Named(column, chosen)


def _settled(named: Sequence[_Named]) -> list[_Named]:
    """Settle what one cell alone does not tell: columns only suggested, and doubles."""
    told = Counter(one.column for one in named)
    suggested = Counter(one.suggests for one in named)
    settled = []
    for one in named:
        if one.suggests is not None and suggested[one.suggests] == 1 and not told[one.suggests]:
            settled.append(_Named(one.suggests, one.unit or UNITS_OF[one.suggests][0]))
        elif told[one.column] > 1 and one.column not in _TEXTS:
            settled.append(_Named(Column.NOT_MAPPED, None))
        else:
            settled.append(one)
    return settled


def _header(named: Sequence[_Named], words: tuple[str, ...]) -> Header:
    at = {one.column: place for place, one in enumerate(named) if one.column not in _TEXTS}
    kind = next((kind for kind, needed in _SIGNATURES if needed <= at.keys()), None)
    return Header(
        kind=kind,
        width=len(named),
        at=at,
        units={one.column: one.unit for one in named if one.unit and one.column in at},
        passed_over=_places(named, Column.PASSED_OVER),
        not_mapped=_places(named, Column.NOT_MAPPED),
        words=words,
    )


def _places(named: Sequence[_Named], column: Column) -> frozenset[int]:
    return frozenset(place for place, one in enumerate(named) if one.column is column)
