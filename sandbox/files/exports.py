"""What people exported from their apps: files on request, changes of readings, all that was told.

Belongs here: remembering. Not here: the control endpoint's words for it (`control_files.py`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.files.routine import row_at, rows_on
from sandbox.files.sections import Options, Written
from sandbox.files.truth import Kind, TruthRow
from sandbox.files.variants import write
from sandbox.patients import birth_date
from sandbox.people import Person

ADD, EDIT, DELETE = "add", "edit", "delete"
ACTIONS = frozenset({ADD, EDIT, DELETE})
_Minute = tuple[Kind, datetime]
_Told = dict[tuple[str, int], TruthRow]
_Said = dict[tuple[str, int, str], TruthRow]


@dataclass(frozen=True, kw_only=True)
class _Change:
    action: str
    kind: Kind
    at: datetime


class FileExports:
    """Everybody's exports, of every app."""

    def __init__(self, clock: Clock) -> None:
        """Export nothing later than the clock's time."""
        self._clock = clock
        self._lock = threading.Lock()
        self._changes: dict[tuple[str, str], list[_Change]] = defaultdict(list)
        self._told: dict[tuple[str, str], _Told] = defaultdict(dict)
        # By variant as well, what was said last at the end.
        self._said: dict[tuple[str, str], _Said] = defaultdict(dict)

    def export(self, person: Person, app: str, variant: str, *, days: tuple[date, date]) -> Written:
        """Write a person's readings of some days, both included, and remember what they say."""
        rows = self.rows_now(person, app, days)
        first, last = days
        options = Options(name=person.name, birth_date=birth_date(person), first=first, last=last)
        written = write(variant, rows, options)
        with self._lock:
            told, said = self._told[person.login, app], self._said[person.login, app]
            for row in written.rows:
                key = row.record, row.occurrence
                told[key] = _both(told.get(key), row)
                said.pop((*key, variant), None)
                said[*key, variant] = row
        return written

    def said(self, person: Person, app: str) -> list[TruthRow]:
        """Give each row as each variant said it last, in the order in which that was."""
        with self._lock:
            return list(self._said[person.login, app].values())

    def reset(self) -> None:
        """Forget what was exported and what was changed, of everybody."""
        with self._lock:
            for remembered in (self._changes, self._told, self._said):
                remembered.clear()

    def told(self, person: Person, app: str, days: tuple[date, date]) -> list[TruthRow]:
        """Give what all exports said about some days; a file takes nothing back."""
        with self._lock:
            rows = list(self._told[person.login, app].values())
        held = [row for row in rows if days[0] <= row.moment.date() <= days[1]]
        return sorted(held, key=lambda row: (row.moment, row.kind, row.occurrence))

    def change(self, person: Person, app: str, action: str, *, reading: _Minute) -> list[TruthRow]:
        """Change a reading for later exports; gives what it then is, or was before it went.

        Raises LookupError where there is none to edit or delete, or one where one shall be added.
        """
        kind, at = reading
        before = self._at(person, app, kind, at)
        if bool(before) == (action == ADD):
            raise LookupError
        with self._lock:
            self._changes[person.login, app].append(_Change(action=action, kind=kind, at=at))
        return before if action == DELETE else self._at(person, app, kind, at)

    def rows_now(self, person: Person, app: str, days: tuple[date, date]) -> list[TruthRow]:
        """Give the readings that the app holds now."""
        first, last = days
        rows: list[TruthRow] = []
        for number in range((last - first).days + 1):
            rows += rows_on(person, app, first + timedelta(days=number))
        with self._lock:
            changes = list(self._changes[person.login, app])
        for change in changes:
            if first <= change.at.date() <= last:
                rows = _changed(rows, person, app, change)
        return [row for row in rows if (row.end or row.moment) <= self._now(row.zone)]

    def _at(self, person: Person, app: str, kind: Kind, at: datetime) -> list[TruthRow]:
        rows = self.rows_now(person, app, (at.date(), at.date()))
        return [row for row in rows if row.kind is kind and row.moment == at]

    def _now(self, zone: str) -> datetime:
        instant = datetime.fromtimestamp(self._clock.now(), UTC)
        return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _changed(rows: Sequence[TruthRow], person: Person, app: str, change: _Change) -> list[TruthRow]:
    if change.action == ADD:
        return [*rows, row_at(person, app, change.kind, change.at)]
    meant = change.kind, change.at
    kept = [row for row in rows if (row.kind, row.moment) != meant]
    if change.action == DELETE:
        return kept
    return kept + [_edited(row) for row in rows if (row.kind, row.moment) == meant]


def _edited(row: TruthRow) -> TruthRow:
    """Raise what was measured; all rows of a minute alike, so that their order stays."""
    by = {
        "weight": Decimal("0.6"), "sys": Decimal(3), "dia": Decimal(2), "map": Decimal(2),
        "glucose_mg_dl": Decimal(9), "glucose_mmol_l": Decimal("0.5"),
        "temperature": Decimal("0.2"), "spo2": Decimal(-1), "spo2_mean": Decimal(-1),
    }  # fmt: skip
    values = {name: value + by.get(name, Decimal(0)) for name, value in row.values.items()}
    return replace(row, values=values)


def _both(before: TruthRow | None, row: TruthRow) -> TruthRow:
    """Add what an earlier export of another variant said and this one has no column for."""
    if before is None:
        return row
    return replace(
        row,
        values={**before.values, **row.values},
        flags=before.flags | row.flags,
        device=row.device or before.device,
        end=row.end or before.end,
    )
