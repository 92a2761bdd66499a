"""Listings that are wrong or odd without being refused.

Belongs here: what each kind makes of the right body. Not here: when one is ordered
(`sandbox/faults.py`). No reading changes: who asks the sandbox what is true hears nothing of these.
A row is a data point, or a window of a roll-up.

- `duplicate_rows`: every row stands in the answer twice, under its own name.
- `unknown_types`: each row's member has one more field, and each of its lists of stages, levels or
  zones one more entry, of a word that nobody knows.
- `bad_record`: the first page has one more row, whose time and numbers are other texts.
- `paging_loop`: there is always more, on the very page that was asked for.
- `empty_listing`: an empty object, as if the account had been emptied.
- `cut_page`: the rows end in the middle of the page, and there is no more.
- `skipped_row`: the first row of the page is missing, as when paging shifts between two pages.

With `count` 1 such a fault spoils one answer and the next listing is right; with `page` it spoils the
first page, or those behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.faults import Fault
from sandbox.google_health.kinds import member_of
from sandbox.google_health.paging import NEXT, TOKEN, Question

Body = dict[str, Any]
POINTS, WINDOWS = "dataPoints", "rollupDataPoints"
UNHEARD_OF, BAD_ID = "UNHEARD_OF", "bad-record"
# The lists inside members whose entries tell by a word what they are of.
_WORDED = {
    "stages": "type",
    "stagesSummary": "type",
    "activeMinutesByActivityLevel": "activityLevel",
    "activeMinutesRollupByActivityLevel": "activityLevel",
    "timeInHeartRateZones": "heartRateZone",
    "exerciseEvents": "exerciseEventType",
    "splitSummaries": "splitType",
}


def changed(faults: Iterable[Fault], body: Body, question: Question) -> Body:
    """Give the body as the faults leave it; those of other kinds leave it alone."""
    for fault in faults:
        change = _CHANGES.get(fault.kind)
        body = body if change is None else change(body, question)
    return body


def _duplicate_rows(body: Body, _question: Question) -> Body:
    name = _rows_name(body)
    return body if name is None else body | {name: [row for row in body[name] for _ in range(2)]}


def _unknown_types(body: Body, question: Question) -> Body:
    name, member = _rows_name(body), _member(question)
    if name is None:
        return body
    rows = [
        row | {member: _worded(row[member]) | {"unheardOf": "1234"}} if member in row else row
        for row in body[name]
    ]
    return body | {name: rows}


def _worded(value: Body) -> Body:
    """Give a member with one more entry of an unknown word in each list of words, however deep."""
    told: Body = {
        name: _worded(one) if isinstance(one, dict) else one for name, one in value.items()
    }
    for name, word in _WORDED.items():
        if told.get(name):
            told[name] = [*told[name], told[name][-1] | {word: UNHEARD_OF}]
    return told


def _bad_record(body: Body, question: Question) -> Body:
    if not question.is_first:
        return body
    path, member = _path(question), _member(question)
    name = WINDOWS if question.call.lower().endswith("rollup") else POINTS
    value = {
        "date": "soon",
        "interval": {"startTime": "soon", "endTime": "later"},
        "sampleTime": {"physicalTime": "soon"},
    }
    row: Body = {"civilStartTime": "soon", "civilEndTime": "later", member: {"countSum": "many"}}
    if name == POINTS:
        key = "dataPointName" if question.call.endswith(":reconcile") else "name"
        row = {key: f"users/me/dataTypes/{path}/dataPoints/{BAD_ID}", member: value}
    return body | {name: [*body.get(name, []), row]}


def _paging_loop(body: Body, question: Question) -> Body:
    return body | {NEXT: question.fields.get(TOKEN) or question.token(0)}


def _empty_listing(_body: Body, _question: Question) -> Body:
    return {}


def _cut_page(body: Body, _question: Question) -> Body:
    name = _rows_name(body)
    rows = [] if name is None else body[name][: len(body[name]) // 2]
    return {name: rows} if name is not None and rows else {}


def _skipped_row(body: Body, _question: Question) -> Body:
    name = _rows_name(body)
    return body if name is None else body | {name: body[name][1:]}


def _rows_name(body: Body) -> str | None:
    return next((name for name in (POINTS, WINDOWS) if name in body), None)


def _path(question: Question) -> str:
    return question.call.partition(":")[0]


def _member(question: Question) -> str:
    return member_of(_path(question))


_CHANGES: dict[str, Callable[[Body, Question], Body]] = {
    "duplicate_rows": _duplicate_rows,
    "unknown_types": _unknown_types,
    "bad_record": _bad_record,
    "paging_loop": _paging_loop,
    "empty_listing": _empty_listing,
    "cut_page": _cut_page,
    "skipped_row": _skipped_row,
}
KINDS = frozenset(_CHANGES)
