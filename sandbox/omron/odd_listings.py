"""Listings that are wrong or odd without being refused.

Belongs here: what each kind makes of the right body. Not here: when one is ordered
(`sandbox/faults.py`). No reading changes: who asks the sandbox what is true hears nothing of these.

- `duplicate_rows`: every row of the answer stands in it twice, under its own id.
- `unknown_types`: each row has one more field, and the result one more list that nobody knows.
- `bad_record`: the first page has one more row, whose time and numbers are other texts.
- `paging_loop`: there is always more, by the very key that was sent.
- `missing_lists`: status 0 and a result without any list.
- `empty_listing`: status 0 and no row at all, as if the account had been emptied.
- `cut_page`: the rows end in the middle of the page, and there is no more.
- `skipped_row`: the first row of the page is missing, as when paging shifts between two pages.
- `utc_contradicts`: the first row's UTC time is an hour from what its local time and offset say.

With `count` 1 such a fault spoils one answer and the next listing is right; with `page` it spoils the
first page, or those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.faults import Fault
from sandbox.omron.data_calls import NESTED, NEXT, is_further, key_name
from sandbox.omron.scopes import LISTS

Body = dict[str, Any]
Rows = list[dict[str, Any]]
Asked = Mapping[str, str]
UNHEARD_OF = "unheardOf"
BAD_ID = 9_900_000_001


def changed(faults: Iterable[Fault], body: Body, asked: Asked) -> Body:
    """Give the body as the faults leave it; those of other kinds leave it alone."""
    for fault in faults:
        change = _CHANGES.get(fault.kind)
        if change is not None:
            body = body | {"result": change(body["result"], asked)}
    return body


def _each(result: Body, change: Callable[[Rows], Rows]) -> Body:
    return result | {name: change(result[name]) for name in LISTS.values() if name in result}


def _duplicate_rows(result: Body, _asked: Asked) -> Body:
    return _each(result, lambda rows: [row for row in rows for _ in range(2)])


def _unknown_types(result: Body, _asked: Asked) -> Body:
    more = {UNHEARD_OF: 1_234}
    return _each(result, lambda rows: [row | more for row in rows]) | {UNHEARD_OF: [more]}


def _bad_record(result: Body, asked: Asked) -> Body:
    if is_further(asked):
        return result
    texts = dict.fromkeys(("systolic", "diastolic", "steps", "weight", "temperature"), "many")
    bad = {"id": BAD_ID, "dateTime": "soon", "dateTimeLocal": "soon", **texts}
    return _each(result, lambda rows: [*rows, bad])


def _paging_loop(result: Body, asked: Asked) -> Body:
    looped = result | {"truncated": True}
    if NESTED in result:
        return looped | {NESTED: {name: asked.get(name) or "again" for name in result[NESTED]}}
    if NEXT in result:
        sent = (asked.get(key_name(type_)) for type_ in LISTS)
        return looped | {NEXT: next(filter(None, sent), "again")}
    return looped


def _missing_lists(result: Body, _asked: Asked) -> Body:
    return {name: part for name, part in result.items() if name not in LISTS.values()}


def _ended(result: Body, change: Callable[[Rows], Rows]) -> Body:
    ended = _each(result, change) | {"truncated": False}
    ended["measurementCount"] = sum(len(ended.get(name, ())) for name in LISTS.values())
    none_more = {NEXT: None, NESTED: dict.fromkeys(result.get(NESTED, ()))}
    return ended | {name: none for name, none in none_more.items() if name in result}


def _empty_listing(result: Body, _asked: Asked) -> Body:
    return _ended(result, lambda _rows: [])


def _cut_page(result: Body, _asked: Asked) -> Body:
    return _ended(result, lambda rows: rows[: len(rows) // 2])


def _skipped_row(result: Body, _asked: Asked) -> Body:
    return _each(result, lambda rows: rows[1:])


def _utc_contradicts(result: Body, _asked: Asked) -> Body:
    return _each(result, lambda rows: [_hour_off(one) for one in rows[:1]] + rows[1:])


def _hour_off(row: dict[str, Any]) -> dict[str, Any]:
    if "dateTime" not in row:
        return row
    moved = datetime.fromisoformat(row["dateTime"]) + timedelta(hours=1)
    return row | {"dateTime": moved.isoformat()}


_CHANGES: dict[str, Callable[[Body, Asked], Body]] = {
    "duplicate_rows": _duplicate_rows,
    "unknown_types": _unknown_types,
    "bad_record": _bad_record,
    "paging_loop": _paging_loop,
    "missing_lists": _missing_lists,
    "empty_listing": _empty_listing,
    "cut_page": _cut_page,
    "skipped_row": _skipped_row,
    "utc_contradicts": _utc_contradicts,
}
KINDS = frozenset(_CHANGES)
