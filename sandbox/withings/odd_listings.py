"""Listings that are wrong or odd without being refused.

Belongs here: what each kind makes of the right body. Not here: when one is ordered
(`sandbox/faults.py`). No reading changes: who asks the sandbox what is true hears nothing of these.
A group is one of `getmeas`, or a row of another listing.

- `duplicate_rows`: every group of the answer stands in it twice, under its own `grpid`.
- `unknown_types`: each group has one more measure of type 9999, each row one more field; the first
  page of `getmeas`, one more group.
- `bad_record`: the first page has one more group: a text for a value, no unit, no date.
- `paging_loop`: there is always more, at the very offset that was asked for.
- `missing_groups`: status 0 and a body without `measuregrps`, or what the list is called.
- `empty_listing`: status 0 and no group at all, as if the account had been emptied.
- `cut_page`: the groups end in the middle of the page, and there is no more.
- `skipped_row`: the first sure group of the page is missing, as when paging shifts between two pages.

With `count` 1 such a fault spoils one answer and the next listing is right; with `page` it spoils the
first page, or those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.faults import Fault
from sandbox.withings.wire import REAL_MEASURE, measure

Body = dict[str, Any]
Asked = Mapping[str, str]
MEASURES = "measuregrps"
NAMES = (MEASURES, "activities", "series")
# The calls that list, by the names under which they are counted.
LISTINGS = frozenset(
    {"getmeas", "getactivity", "getworkouts", "getsummary", "sleep_get", "heart_list"}
)
UNKNOWN_TYPE = 9_999
# Beyond the numbers that days have and those of readings that tests add.
UNKNOWN_GROUP, BAD_GROUP = 9_900_000_001, 9_900_000_002
SURELY = 0  # `attrib` of what is surely this person's


def changed(faults: Iterable[Fault], body: Body, asked: Asked) -> Body:
    """Give the body as the faults leave it; those of other kinds leave it alone."""
    name = next((one for one in NAMES if isinstance(body.get(one), list)), None)
    if name is None:
        return body
    for fault in faults:
        change = _CHANGES.get(fault.kind)
        body = body if change is None else change(body, name, asked)
    return body


def _duplicate_rows(body: Body, name: str, _asked: Asked) -> Body:
    return body | {name: [row for row in body[name] for _ in range(2)]}


def _unknown_types(body: Body, name: str, asked: Asked) -> Body:
    if name != MEASURES:
        extra = {"unheard_of": 1_234}
        rows = (
            {**row, "data": row["data"] | extra} if "data" in row else row for row in body[name]
        )
        return body | {name: [row | extra for row in rows]}
    one = measure(UNKNOWN_TYPE, 1_234, -2)
    groups = [
        group | {"measures": [*group["measures"], one]}
        for group in _with_one_more(body, asked, UNKNOWN_GROUP, [])
    ]
    return body | {name: groups}


def _bad_record(body: Body, name: str, asked: Asked) -> Body:
    if name != MEASURES:
        is_first = asked.get("offset", "0") == "0"
        bad = {"id": BAD_GROUP, "startdate": "soon", "data": None}
        return body | {name: [*body[name], *([bad] if is_first else [])]}
    unreadable = {"type": 1, "value": "seventy", "algo": 0, "fm": 3}
    groups = _with_one_more(body, asked, BAD_GROUP, [unreadable])
    for group in groups:
        if group["grpid"] == BAD_GROUP:
            del group["date"]
    return body | {name: groups}


def _paging_loop(body: Body, name: str, asked: Asked) -> Body:
    more = 1 if name == MEASURES else True
    return body | {"more": more, "offset": int(asked.get("offset", 0))}


def _missing_groups(body: Body, name: str, _asked: Asked) -> Body:
    return {key: part for key, part in body.items() if key != name}


def _empty_listing(body: Body, name: str, _asked: Asked) -> Body:
    return _ended(body, name, [])


def _cut_page(body: Body, name: str, _asked: Asked) -> Body:
    return _ended(body, name, body[name][: len(body[name]) // 2])


def _ended(body: Body, name: str, rows: list[Body]) -> Body:
    """Give the body with these rows as the last ones."""
    none_more = {"more": 0 if name == MEASURES else False, "offset": 0}
    paging = {key: value for key, value in none_more.items() if key in body}
    return body | {name: rows} | paging


def _skipped_row(body: Body, name: str, _asked: Asked) -> Body:
    rows = body[name]
    skipped = next((row for row in rows if row.get("attrib", SURELY) == SURELY), None)
    number = "grpid" if name == MEASURES else "id"
    return body | {name: [row for row in rows if not _is_same(row, skipped, number)]}


def _is_same(row: Body, other: Body | None, number: str) -> bool:
    if other is not None and number in other:
        return bool(row.get(number) == other[number])
    return row == other


def _with_one_more(body: Body, asked: Asked, number: int, measures: list[Body]) -> list[Body]:
    """Give the groups, and after those of the first page one that nobody took."""
    groups: list[Body] = [*body[MEASURES]]
    if asked.get("offset", "0") != "0":
        return groups
    taken_at = groups[0]["date"] if groups else int(asked.get("startdate", body["updatetime"]))
    uploaded = {"date": taken_at, "created": taken_at + 60, "modified": taken_at + 60}
    device = dict.fromkeys(("deviceid", "hash_deviceid", "modelid", "model", "comment"))
    one = {"grpid": number, "attrib": 0, "category": REAL_MEASURE, "measures": measures}
    return [*groups, one | uploaded | device]


_CHANGES: dict[str, Callable[[Body, str, Asked], Body]] = {
    "duplicate_rows": _duplicate_rows,
    "unknown_types": _unknown_types,
    "bad_record": _bad_record,
    "paging_loop": _paging_loop,
    "missing_groups": _missing_groups,
    "empty_listing": _empty_listing,
    "cut_page": _cut_page,
    "skipped_row": _skipped_row,
}
KINDS = frozenset(_CHANGES)
