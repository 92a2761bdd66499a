"""Listings of `getmeas` that are wrong or odd without being refused.

Belongs here: what each kind makes of the right body. Not here: when one is ordered
(`sandbox/faults.py`). No reading changes: who asks the sandbox what is true hears nothing of these.

- `duplicate_rows`: every group of the answer stands in it twice, under its own `grpid`.
- `unknown_types`: each group has one more measure of type 9999; the first page, one more group.
- `bad_record`: the first page has one more group: a text for a value, no unit, no date.
- `paging_loop`: there is always more, at the very offset that was asked for.
- `missing_groups`: status 0 and a body without `measuregrps`.
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
UNKNOWN_TYPE = 9_999
# Beyond the numbers that days have and those of readings that tests add.
UNKNOWN_GROUP, BAD_GROUP = 9_900_000_001, 9_900_000_002
SURELY = 0  # `attrib` of what is surely this person's


def changed(faults: Iterable[Fault], body: Body, asked: Asked) -> Body:
    """Give the body as the faults leave it; those of other kinds leave it alone."""
    for fault in faults:
        change = _CHANGES.get(fault.kind)
        body = body if change is None else change(body, asked)
    return body


def _duplicate_rows(body: Body, _asked: Asked) -> Body:
    return body | {"measuregrps": [group for group in body["measuregrps"] for _ in range(2)]}


def _unknown_types(body: Body, asked: Asked) -> Body:
    extra = measure(UNKNOWN_TYPE, 1_234, -2)
    groups = [
        group | {"measures": [*group["measures"], extra]}
        for group in _with_one_more(body, asked, UNKNOWN_GROUP, [])
    ]
    return body | {"measuregrps": groups}


def _bad_record(body: Body, asked: Asked) -> Body:
    unreadable = {"type": 1, "value": "seventy", "algo": 0, "fm": 3}
    groups = _with_one_more(body, asked, BAD_GROUP, [unreadable])
    for group in groups:
        if group["grpid"] == BAD_GROUP:
            del group["date"]
    return body | {"measuregrps": groups}


def _paging_loop(body: Body, asked: Asked) -> Body:
    return body | {"more": 1, "offset": int(asked.get("offset", 0))}


def _missing_groups(body: Body, _asked: Asked) -> Body:
    return {name: part for name, part in body.items() if name != "measuregrps"}


def _empty_listing(body: Body, _asked: Asked) -> Body:
    return _ended(body, [])


def _cut_page(body: Body, _asked: Asked) -> Body:
    groups = body["measuregrps"]
    return _ended(body, groups[: len(groups) // 2])


def _ended(body: Body, groups: list[Body]) -> Body:
    """Give the body with these groups as the last ones."""
    paging = {name: 0 for name in ("more", "offset") if name in body}
    return body | {"measuregrps": groups} | paging


def _skipped_row(body: Body, _asked: Asked) -> Body:
    groups = body["measuregrps"]
    skipped = next((one["grpid"] for one in groups if one["attrib"] == SURELY), None)
    return body | {"measuregrps": [one for one in groups if one["grpid"] != skipped]}


def _with_one_more(body: Body, asked: Asked, number: int, measures: list[Body]) -> list[Body]:
    """Give the groups, and after those of the first page one that nobody took."""
    groups: list[Body] = [*body["measuregrps"]]
    if asked.get("offset", "0") != "0":
        return groups
    taken_at = groups[0]["date"] if groups else int(asked.get("startdate", body["updatetime"]))
    uploaded = {"date": taken_at, "created": taken_at + 60, "modified": taken_at + 60}
    device = dict.fromkeys(("deviceid", "hash_deviceid", "modelid", "model", "comment"))
    one = {"grpid": number, "attrib": 0, "category": REAL_MEASURE, "measures": measures}
    return [*groups, one | uploaded | device]


_CHANGES: dict[str, Callable[[Body, Asked], Body]] = {
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
