"""The data calls `getmeas` and `getdevice`.

Belongs here: scopes, parameters, filters, paging, the shape of the answers. Not here: which
readings exist (`readings.py`), and the other data calls (`row_calls.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.people import Person
from sandbox.withings.asking import allowed, number_asked
from sandbox.withings.envelope import invalid_params
from sandbox.withings.readings import Readings
from sandbox.withings.tokens import Tokens

# Small, so that a week of a diligent person does not fit one page.
PAGE_SIZE = 20
CATEGORIES = {None: {1, 2}, "1": {1}, "2": {2}}


@dataclass(kw_only=True)
class DataCalls:
    """The calls that read a person's data."""

    readings: Readings
    tokens: Tokens
    clock: Clock
    page_size: int = PAGE_SIZE

    def get_measures(self, access: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Answer `getmeas`."""
        person = allowed(self.tokens, access, "user.metrics")
        groups = _filtered(self._asked_groups(person, fields), fields)
        body = {"updatetime": int(self.clock.now()), "timezone": self.readings.profile_zone(person)}
        return body | self._page(groups, number_asked(fields, "offset") or 0)

    def get_devices(self, access: str) -> dict[str, Any]:
        """Answer `getdevice`."""
        person = allowed(self.tokens, access, "user.info")
        return {"devices": self.readings.devices(person)}

    def _asked_groups(self, person: Person, fields: Mapping[str, str]) -> list[dict[str, Any]]:
        start, end = number_asked(fields, "startdate"), number_asked(fields, "enddate")
        since = number_asked(fields, "lastupdate")
        if since is None:
            return self.readings.taken(person, start, end)
        if start is not None or end is not None:
            raise invalid_params("lastupdate goes without startdate and enddate")
        return self.readings.modified_since(person, since)

    def _page(self, groups: Sequence[dict[str, Any]], offset: int) -> dict[str, Any]:
        end = offset + self.page_size
        found = {"measuregrps": list(groups[offset:end])}
        if end < len(groups):
            return {"more": 1, "offset": end} | found
        # `more` and `offset` come only when there is paging.
        return {"more": 0, "offset": 0} | found if offset else found


def _filtered(groups: Sequence[dict[str, Any]], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Keep the asked category and types; a group of other types alone is not listed."""
    categories = CATEGORIES.get(fields.get("category"))
    if categories is None:
        raise invalid_params("invalid category")
    kept = [group for group in groups if group["category"] in categories]
    types = _types(fields)
    if types is None:
        return kept
    narrowed = [
        group | {"measures": [one for one in group["measures"] if one["type"] in types]}
        for group in kept
    ]
    return [group for group in narrowed if group["measures"]]


def _types(fields: Mapping[str, str]) -> set[int] | None:
    text = fields.get("meastypes") or fields.get("meastype")
    if text is None:
        return None
    try:
        return {int(one) for one in text.split(",")}
    except ValueError:
        raise invalid_params("invalid meastypes") from None
