"""What becomes of a month of days, workouts, nights and ECGs afterwards, chosen by a seed.

Belongs here: which rows are chosen. Not here: measure groups (`seeded.py`), or what a change does
(`row_changes.py`).

Of each person, of the rows of the given days that are listed now, of whatever kind: `edits` get another
value, `deletions` are taken away, and `late` are listed now and were not before. Of a day's totals there
are edits alone: nobody deletes a day. Of the nights at most one nap is taken away: a night is many
readings, and a vendor's user deletes some, not an account. No row meets two of these at once.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

from sandbox.people import Person
from sandbox.withings import row_changes
from sandbox.withings.changes import ACTIVITY, ECG, NIGHT, WORKOUT, Row
from sandbox.withings.collection import Collection
from sandbox.withings.gear import midnight
from sandbox.withings.stages import SHORT

# Counted apart from measure groups.
EDITS, DELETIONS, LATE = "row_edits", "row_deletions", "row_late"
Chosen = tuple[str, Row]


def change_rows_by_seed(  # noqa: PLR0913 (of whom, when, and how many of each)
    kept: Collection,
    person: Person,
    *,
    days: tuple[date, date],
    rng: random.Random,
    edits: int,
    deletions: int,
    late: int,
) -> Counter[str]:
    """Change a person's rows; gives how many changes of each kind were made."""
    rows = _rows(kept, person, days)
    rng.shuffle(rows)
    done: Counter[str] = Counter()
    for kind, row in _of_each(rows, edits):
        _edit(kept, person, kind, row, rng)
        rows.remove((kind, row))
        done[EDITS] += 1
    for kind, row in _of_each(_deletable(rows), deletions):
        kept.replace(kind, person, row, None)
        done[DELETIONS] += 1
    if rows:
        done[LATE] += _add(kept, person, days, rng, late)
    return done


def _rows(kept: Collection, person: Person, days: tuple[date, date]) -> list[Chosen]:
    found = [
        (kind, row)
        for kind in (ACTIVITY, WORKOUT, NIGHT)
        for row in kept.dated(kind, person, *days)
        if kind != ACTIVITY or _is_done(kept, person, row)
    ]
    zone = kept.life(person).habits.zone
    start, end = midnight(days[0], zone), midnight(days[1] + timedelta(days=1), zone)
    return [*found, *((ECG, row) for row in kept.ecgs(person, start, end - 1))]


def _deletable(rows: list[Chosen]) -> list[Chosen]:
    naps = [(kind, row) for kind, row in rows if kind == NIGHT and _lasted(row) < SHORT]
    return [*((kind, row) for kind, row in rows if kind in {WORKOUT, ECG}), *naps[:1]]


def _lasted(row: Row) -> int:
    return int(row["enddate"]) - int(row["startdate"])


def _is_done(kept: Collection, person: Person, row: Row) -> bool:
    """Tell whether a day's totals will not grow any more, which an edit would hide."""
    day = date.fromisoformat(row["date"])
    return bool(row["modified"] >= kept.life(person).end(day))


def _of_each(rows: list[Chosen], most: int) -> list[Chosen]:
    """Give so many rows, of all kinds in turn as far as they go."""
    waiting = {
        kind: [one for one in rows if one[0] == kind] for kind in (NIGHT, ACTIVITY, ECG, WORKOUT)
    }
    chosen: list[Chosen] = []
    while len(chosen) < most and any(waiting.values()):
        for left in waiting.values():
            if left and len(chosen) < most:
                chosen.append(left.pop())
    return chosen


def _edit(kept: Collection, person: Person, kind: str, row: Row, rng: random.Random) -> None:
    if kind == NIGHT and rng.random() < 0.5 and row_changes.deepen(kept, person, row):  # noqa: PLR2004
        return
    name = {ACTIVITY: "steps", ECG: "heart_rate"}.get(kind) or _number_in(row["data"], rng)
    before = row["data"][name] if kind in {NIGHT, WORKOUT} else row[name]
    value = before + rng.randrange(1, 9)
    row_changes.set_field(kept, person, kind, row, name=name, value=value)


def _number_in(data: Row, rng: random.Random) -> str:
    known = ("sleep_score", "hr_max", "asleepduration", "steps", "manual_calories")
    return rng.choice([name for name in known if data.get(name)])


def _add(
    kept: Collection, person: Person, days: tuple[date, date], rng: random.Random, late: int
) -> int:
    """Add rows on days of their own: two naps of one hour would be one."""
    has_watch = kept.life(person).gear.watch is not None
    kinds = (NIGHT, WORKOUT, ECG) if has_watch else (WORKOUT,)
    span = (days[1] - days[0]).days + 1
    offsets = rng.sample(range(span), min(late, span))
    for number, offset in enumerate(offsets):
        row_changes.add(kept, person, kinds[number % len(kinds)], days[0] + timedelta(days=offset))
    return len(offsets)
