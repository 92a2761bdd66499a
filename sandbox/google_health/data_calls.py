"""The calls that show data points one by one: `list` and `reconcile`.

Belongs here: which type has which method, parameters, filters, families of sources, pages. Not here:
which points there are (`store.py`), and sums of them (`roll_up_calls.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.google_health.abilities import (
    ABILITIES,
    LIST,
    RECONCILE,
    SPOKEN,
    Ability,
    page_sizes,
)
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.callers import allow
from sandbox.google_health.errors import invalid, not_supported, unimplemented, unknown_type
from sandbox.google_health.families import ALL_SOURCES, FAMILY, from_family, read_family
from sandbox.google_health.filters import Range, read_filter
from sandbox.google_health.kinds import KIND_OF
from sandbox.google_health.paging import SIZE, TOKEN, Question
from sandbox.google_health.points import Point
from sandbox.google_health.settings import Settings
from sandbox.google_health.store import Store
from sandbox.google_health.tokens import Grant
from sandbox.google_health.wire import as_json
from sandbox.people import Person

Json = dict[str, Any]
Find = Callable[[Person, str, date, date], list[Point]]
FILTER = "filter"
PARAMETERS = frozenset({FILTER, SIZE, TOKEN, FAMILY})
# Of every call of Google.
STANDARD = frozenset({"alt", "fields", "prettyPrint", "quotaUser", "$.xgafv"})
# Further back than any account goes.
HISTORY_DAYS = 800
# So many days are read at a time where a filter leaves all of them open.
_BLOCK_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class DataCalls:
    """The calls, over the store."""

    store: Store
    clock: Clock
    settings: Settings

    def list(self, grant: Grant, path: str, fields: Mapping[str, str]) -> Json:
        """Answer `list`: the points of every source."""
        person = permitted(grant, path, LIST)
        family = read_family(fields.get(FAMILY), person)
        if path == "sleep" and FAMILY in fields:
            raise invalid("Filtering by data source family is not supported for data type sleep.")
        points = self._points(self.store.raw, person, path, fields)
        shown = (point for point in points if from_family(point.source, family))
        return self._page(LIST, person, path, fields, shown)

    def reconcile(self, grant: Grant, path: str, fields: Mapping[str, str]) -> Json:
        """Answer `reconcile`: one stream of points, of which none says where it is from."""
        person = permitted(grant, path, RECONCILE)
        if read_family(fields.get(FAMILY), person) != ALL_SOURCES:
            raise unimplemented("reconcile of one data source family")
        points = self._points(self.store.merged, person, path, fields)
        return self._page(RECONCILE, person, path, fields, points)

    def _points(
        self, find: Find, person: Person, path: str, fields: Mapping[str, str]
    ) -> Iterator[Point]:
        check_names(fields, PARAMETERS | STANDARD)
        asked = read_filter(fields.get(FILTER, ""), path)
        # Of the other types nobody here has data.
        return self._found(find, person, path, asked) if path in KIND_OF else iter(())

    def _found(self, find: Find, person: Person, path: str, asked: Range) -> Iterator[Point]:
        """Give what a filter holds, newest first, and read no more days than are looked at."""
        today = datetime.fromtimestamp(self.clock.now(), UTC).date()
        opened = today - timedelta(days=HISTORY_DAYS)
        first, last = asked.days(opened, today + timedelta(days=1))
        while first <= last:
            block = max(first, last - timedelta(days=_BLOCK_DAYS - 1))
            yield from filter(asked.holds, find(person, path, block, last))
            last = block - timedelta(days=1)

    def _page(
        self,
        method: str,
        person: Person,
        path: str,
        fields: Mapping[str, str],
        points: Iterator[Point],
    ) -> Json:
        question = Question(login=person.login, call=f"{path}:{method}", fields=fields)
        size = question.size(*page_sizes(path), self.settings.page_size)
        user, reconciled = health_user_id(person), method == RECONCILE
        rows = (as_json(point, reconciled=reconciled, user=user) for point in points)
        return question.page("dataPoints", rows, size)


def permitted(grant: Grant, path: str, method: str) -> Person:
    """Give whose data it is; raises Refused where the type, its method or its scope is missing."""
    ability = ABILITIES.get(path)
    if ability is None:
        raise unknown_type(path)
    if method not in ability.methods:
        raise _no_method(path, method, ability)
    return allow(grant, ability.scope)


def check_names(fields: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raise Refused for a parameter that the call does not have."""
    for name in fields:
        if name not in known:
            raise invalid(f'Invalid JSON payload received. Unknown name "{name}".')


def _no_method(path: str, method: str, ability: Ability) -> Exception:
    spoken = SPOKEN[method]
    action = spoken[:1].upper() + spoken[1:]
    return not_supported(action, path, (SPOKEN[one] for one in ability.methods))
