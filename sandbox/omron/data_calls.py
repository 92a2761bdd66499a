"""The one call for readings: which are asked for, and page after page of them.

Belongs here: its fields, and the vendor's ways to continue. Not here: which readings there are
(`store.py`).

With the paging `since` nothing names the next page: the same call with the date of the last reading
as `since` gives it, and that date's readings once more. A page of that kind holds one reading more
than the first two dates', where there is one: who goes on from the day before would never get on.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.omron.entries import Entry
from sandbox.omron.errors import NOT_GRANTED, SUCCESS, WRONG_FIELD, not_ok
from sandbox.omron.scopes import LISTS, TYPES
from sandbox.omron.settings import NESTED_KEY, SINCE, Settings
from sandbox.omron.store import Store
from sandbox.omron.tokens import Grant

MOST_ROWS = 1_000
NEXT, NESTED = "nextPaginationKey", "paginationKey"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a call asks for; `place` is the number of readings that earlier pages had."""

    types: Sequence[str]
    since: date
    limit: int
    is_newest_first: bool
    place: int


@dataclass(frozen=True, kw_only=True)
class DataCalls:
    """The call, over the store."""

    store: Store
    settings: Settings

    def measurements(self, grant: Grant, fields: Mapping[str, str]) -> dict[str, Any]:
        """Answer `measurement`; raises Refused under HTTP 200 for what cannot be asked."""
        asked = self._asked(grant, fields)
        pages = {type_: self._page(grant, type_, asked) for type_ in asked.types}
        is_cut = {type_: more for type_, (_, more) in pages.items()}
        lists = {
            LISTS[type_]: [self.store.row(one) for one in rows]
            for type_, (rows, _) in pages.items()
        }
        result: dict[str, Any] = {
            "truncated": any(is_cut.values()),
            "measurementCount": sum(len(rows) for rows in lists.values()),
        }
        return {"status": SUCCESS, "result": result | self._continued(asked, is_cut) | lists}

    def _asked(self, grant: Grant, fields: Mapping[str, str]) -> Asked:
        granted = [type_ for type_ in TYPES if type_ in grant.scopes]
        type_ = fields.get("type")
        if type_ is not None and type_ not in granted:
            raise not_ok(NOT_GRANTED, "The type is unknown or not granted")
        _among(fields, "includeHourlyActivity", ("true", "false"))
        order = _among(fields, "sortOrder", ("asc", "desc"))
        return Asked(
            types=granted if type_ is None else [type_],
            since=_since(fields),
            limit=min(_limit(fields), self.settings.page_size or MOST_ROWS),
            is_newest_first=order == "desc",
            place=0 if self.settings.paging == SINCE else _place(fields),
        )

    def _page(self, grant: Grant, type_: str, asked: Asked) -> tuple[list[Entry], bool]:
        listed = self.store.listed(grant.person, type_, asked.since)
        if asked.is_newest_first:
            listed.reverse()
        limit = asked.limit
        if self.settings.paging == SINCE and listed:
            first_days = list(dict.fromkeys(one.day for one in listed))[:2]
            limit = max(limit, sum(one.day in first_days for one in listed) + 1)
        end = asked.place + limit
        return listed[asked.place : end], len(listed) > end

    def _continued(self, asked: Asked, is_cut: Mapping[str, bool]) -> dict[str, Any]:
        if self.settings.paging == SINCE:
            return {}
        key = _key(asked.place + asked.limit)
        if self.settings.paging == NESTED_KEY:
            return {NESTED: {key_name(one): key if is_cut[one] else None for one in asked.types}}
        return {NEXT: key if any(is_cut.values()) else None}


def key_name(type_: str) -> str:
    """Give the field by which the next page of a type is asked for."""
    return f"{type_}PaginationKey"


def is_further(fields: Mapping[str, str]) -> bool:
    """Say whether a call asks for a page behind the first."""
    return any(fields.get(key_name(type_)) for type_ in TYPES)


def _since(fields: Mapping[str, str]) -> date:
    try:
        # Documented as optional; whoever leaves it out is refused all the same.
        return date.fromisoformat(fields.get("since", ""))
    except ValueError:
        raise not_ok(WRONG_FIELD, "since must be YYYY-MM-DD") from None


def _limit(fields: Mapping[str, str]) -> int:
    text = fields.get("limit", str(MOST_ROWS))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise not_ok(WRONG_FIELD, "limit must be a number")
    return int(text)


def _among(fields: Mapping[str, str], name: str, known: Sequence[str]) -> str | None:
    value = fields.get(name)
    if value is not None and value not in known:
        raise not_ok(WRONG_FIELD, f"{name} must be one of: {', '.join(known)}")
    return value


def _key(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"n": place}).encode()).decode()


def _place(fields: Mapping[str, str]) -> int:
    key = next((found for one in TYPES if (found := fields.get(key_name(one)))), None)
    if key is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(key))["n"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise not_ok(WRONG_FIELD, "The pagination key is unknown") from None
