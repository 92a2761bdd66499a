"""Tables within an export: their columns, which readings they hold, and what of each they tell.

Belongs here: what all variants share. Not here: one app's words (`beurer_tables.py`,
`omron_connect.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sandbox.files.truth import Kind, TruthRow
from sandbox.files.writing import Locale

# The device says that its measurement failed: no reading, although numbers stand in the row.
ERROR = "error"
FLAGS = frozenset({"irregular", "movement", "afib", ERROR})
_MANUAL, _DEVICE, _ZONE = "manual", "device", "zone"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What differs from one file of a variant to the next; the owner's block, odd extras.

    `encoding` None is the app's own; `columns` of Pro's weight table: 8, 11 or 28. `weight_unit` is
    `kg`, `lb` or `st`. With an `unknown_section` a table follows that nobody has seen. `locale`: a phone set otherwise (Pro alone).
    """

    name: str = "Kim Muster"
    birth_date: date | None = date(1975, 2, 1)
    gender: str = ""
    height_cm: int = 172
    first: date | None = None
    last: date | None = None
    encoding: str | None = None
    columns: int | None = None
    weight_unit: str = "kg"
    unknown_section: bool = False
    locale: Locale | None = None


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file: its name, its bytes, and what it means."""

    name: str
    content: bytes
    rows: tuple[TruthRow, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table: its title line, and for each column its header word and what it is of.

    With `sessions` it holds readings with an end, or (False) those without; None: any.
    """

    kind: Kind
    title: str
    columns: Sequence[tuple[str, str]]
    sessions: bool | None = None

    @property
    def header(self) -> list[str]:
        """The words of the header line."""
        return [word for word, _ in self.columns]

    @property
    def told(self) -> frozenset[str]:
        """What its columns are of."""
        return frozenset(of for _, of in self.columns)

    def of(self, rows: Iterable[TruthRow]) -> list[TruthRow]:
        """Give the readings that it holds, newest first."""
        held = [row for row in rows if row.kind is self.kind and self._takes(row)]
        return sorted(held, key=lambda row: row.moment, reverse=True)

    def meaning(self, row: TruthRow) -> TruthRow:
        """Give what a reader can know of a reading that is written here.

        Where no column says that a device measured, the person's word is all there is.
        """
        values = {name: value for name, value in row.values.items() if name in self.told}
        if {"glucose_mg_dl", "glucose_mmol_l"} <= values.keys():
            del values["glucose_mmol_l"]
        device = row.device if _DEVICE in self.told else None
        says = (_MANUAL in self.told and not row.manual) or device is not None
        return replace(
            row, values=values, device=device, manual=not says, flags=row.flags & self.told
        )

    def _takes(self, row: TruthRow) -> bool:
        return self.sessions is None or self.sessions == (row.end is not None)


def cell(row: TruthRow, of: str, locale: Locale, empty: str = "") -> str:
    """Write one cell of a reading."""
    if of in row.values:
        return locale.number(row.values[of])
    if of in row.zeros:
        return locale.zero
    if of in FLAGS:
        return "X" if of in row.flags else empty
    return _plain(row, of, locale) or empty


def _plain(row: TruthRow, of: str, locale: Locale) -> str:
    if of.startswith("extra:"):
        return locale.number(_extra(row, of))
    minutes = int((row.end - row.moment).total_seconds() // 60) if row.end else 0
    return {
        "date": locale.day(row.moment.date()),
        "time": locale.time(row.moment),
        "end": locale.time(row.end) if row.end else "",
        "duration": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "moment": f"{row.moment:%Y/%m/%d %H:%M}",
        _ZONE: row.zone,
        _MANUAL: "1" if row.manual else "0",
        _DEVICE: row.device or "",
    }.get(of, "")


def _extra(row: TruthRow, of: str) -> Decimal:
    """Give a number for a column that nobody takes over."""
    return Decimal(100 + (row.moment.toordinal() * 7 + len(of) * 13) % 300) / 10
