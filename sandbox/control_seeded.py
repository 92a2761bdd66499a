"""Changing many readings at once on a test's order: so many of each kind, chosen by a seed.

Belongs here: checking the order. Not here: what each kind is (`withings/seeded.py`), and changing one
reading (`control_readings.py`).

An order is a JSON object: `logins` (a list of them; without it everybody), `seed`, `first` and `last`
(local days, both included), and how many changes of each kind, per person: `edits`, `deletions`,
`late`, `attributed`, `additions`. The answer counts what was done, in all and by login; what was done to
rows other than measure groups as `row_edits`, `row_deletions` and `row_late`. The same order
on the same readings does the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.control_input import Fields, WrongRequest, person_of
from sandbox.withings.app import Cloud
from sandbox.withings.seeded import KINDS, Wishes, change_by_seed
from sandbox.withings.seeded_rows import DELETIONS, EDITS, LATE

KNOWN = ("logins", "seed", "first", "last", *KINDS)


def change_many(cloud: Cloud, order: Fields) -> dict[str, Any]:
    """Carry out an order; gives the counts."""
    logins = order.texts("logins")
    people = [person_of(cloud.people, one) for one in logins] if logins else cloud.people
    days = order.day("first"), order.day("last")
    if days[1] < days[0]:
        raise WrongRequest("last lies before first")
    wishes = Wishes(**{kind: order.integer(kind, least=0) or 0 for kind in KINDS})
    seed = order.needed("seed")
    by_login = {
        person.login: change_by_seed(cloud.readings, person, days=days, seed=seed, wishes=wishes)
        for person in people
    }
    total = sum(by_login.values(), Counter())
    of_rows = {kind: total[kind] for kind in (EDITS, DELETIONS, LATE)}
    return {**{kind: total[kind] for kind in KINDS}, **of_rows, "by_login": by_login}
