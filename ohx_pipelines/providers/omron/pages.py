"""One answer of OMRON as a page of a listing: its rows, whether more follow, and where.

Belongs here: the two ways in which OMRON says that there is more. Not here: asking for it
(`client.py`), or what rows mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.omron.calls import A_DAY, Call
from ohx_pipelines.providers.omron.listings import LISTINGS, Listing
from ohx_pipelines.providers.omron.moments import Moment, moment_of
from ohx_pipelines.providers.omron.rows import flag, number, row_id, row_of

# In small letters, as all names are compared.
TRUNCATED, COUNT = "truncated", "measurementcount"
NEXT_KEY, KEYS = "nextpaginationkey", "paginationkey"
LONGEST_KEY = 2_000
_UTC = ZoneInfo("UTC")
_ROWS = {one.rows.lower() for one in LISTINGS}


def rows_of(result: Mapping[str, Any], listing: Listing) -> list[Any]:
    """Give the rows of a page.

    Raises Malformed where the list is missing and nothing says that it is empty: a listing without
    it is not one without readings.
    """
    named = _named(result)
    rows = named.get(listing.rows.lower())
    if isinstance(rows, list):
        return rows
    if rows is None and number(named.get(COUNT)) == 0:
        return []
    message = "OMRON's answer lacks the list that was asked for"
    raise Malformed(message)


def unknown_lists(result: Mapping[str, Any]) -> int:
    """Count the lists of a page that are of no listing that is known."""
    return sum(
        isinstance(value, list) and bool(value) and name.lower() not in _ROWS
        for name, value in result.items()
    )


def identities(result: Mapping[str, Any], listing: Listing) -> Iterator[str]:
    """Give what tells the rows of a page apart: their ids, or their times where they have none."""
    for given in rows_of(result, listing):
        row = row_of(given) or {}
        yield row_id(row) or f"at {row.get('datetimelocal')} {row.get('datetime')}"


def next_call(result: Mapping[str, Any], call: Call) -> Call | None:
    """Give the call of the page that follows, None after the last one.

    Raises Malformed when there is more and nothing says where.
    """
    rows, key = rows_of(result, call.listing), _key(result, call.listing)
    if key is not None:
        # A key is more than a word; behind an empty page nothing is looked for.
        return call.at(key) if rows else None
    if not _is_truncated(result, is_full=len(rows) >= call.limit):
        return None
    return call.from_day(_day_before_last(rows, call))


def says_end(result: Mapping[str, Any], listing: Listing) -> bool:
    """Tell whether a last page says that it is one.

    Without a word it may have been cut, and a key that leads nowhere says that there was more.
    """
    told = _named(result)
    if _key(result, listing) is not None:
        return False
    return flag(told.get(TRUNCATED)) is not None or bool(told.keys() & {NEXT_KEY, KEYS})


def denies_more(result: Mapping[str, Any]) -> bool:
    """Tell whether a page says that none follows, whatever key it has."""
    return flag(_named(result).get(TRUNCATED)) is False


def _is_truncated(result: Mapping[str, Any], *, is_full: bool) -> bool:
    told = flag(_named(result).get(TRUNCATED))
    # Where it does not say, a full page says that there may be more.
    return is_full if told is None else told


def _key(result: Mapping[str, Any], listing: Listing) -> str | None:
    own, told = f"{listing.name}{KEYS}", _named(result)
    for given in (told.get(NEXT_KEY), told.get(KEYS), told.get(own)):
        inner = _named(given) if isinstance(given, dict) else {}
        key = inner.get(own, inner.get(NEXT_KEY)) if inner else given
        if isinstance(key, int) and not isinstance(key, bool) and key > 0:
            key = str(key)
        if isinstance(key, str) and 0 < len(key) <= LONGEST_KEY:
            return key
    return None


def _named(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name.lower(): value for name, value in given.items()}


def _day_before_last(rows: list[Any], call: Call) -> date:
    """Give from which local date the older style goes on: the last reading's, less one.

    Who flew west has readings of an earlier date after those of a later one. Raises Malformed where
    that is no step, or where the rows do not ascend: there would be a hole that nobody sees.
    """
    read = (moment_of(row_of(given) or {}, _UTC) for given in rows)
    told = [one for one in read if one is not None]
    if not all(_ascends(*pair) for pair in pairwise(told)):
        message = "OMRON's rows are not in the order that was asked for"
        raise Malformed(message)
    day = told[-1].day - A_DAY if told else call.since
    if day <= call.since:
        message = "OMRON's paging does not advance"
        raise Malformed(message)
    return day


def _ascends(one: Moment, other: Moment) -> bool:
    """Tell whether a row follows another on the local clock; an hour that comes twice does."""
    return _local(one) <= _local(other) or (one.day == other.day and one.at <= other.at)


def _local(moment: Moment) -> datetime:
    return moment.at + timedelta(minutes=moment.offset)
