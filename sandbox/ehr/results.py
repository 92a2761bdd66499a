"""What a search answers: sorting, counting, cutting out elements, and pages.

Belongs here: the control parameters (`_count`, `_sort`, `_elements`, `_summary`, `_total`) and the
searchset Bundle. Not here: which resources match (`search.py`) and come along (`includes.py`).
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sandbox.ehr.includes import INCLUDE, REVINCLUDE, Includes
from sandbox.ehr.outcomes import refuse
from sandbox.ehr.search import Query, find, sort_key
from sandbox.ehr.store import Store, Version
from sandbox.ehr.wire import Json

DEFAULT_COUNT = 20  # small on purpose: whoever forgets the next link misses readings
MOST_COUNT = 500
MOST_SEARCHES = 256
_CONTROLS = {
    "_count", "_sort", "_elements", "_summary", "_total", "_format", "_pretty", INCLUDE, REVINCLUDE,
}  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search that was made: its matches stay as they were while the client turns pages."""

    base: str
    address: str  # of the search itself
    matches: Sequence[Version]
    count: int
    elements: frozenset[str] | None
    with_total: bool
    includes: Includes

    def page(self, token: str, offset: int, store: Store) -> Json:
        """Give one page as a searchset Bundle, with what comes along with its matches."""
        shown = self.matches[offset : offset + self.count]
        links = [{"relation": "self", "url": self.address}]
        if offset + self.count < len(self.matches):
            following = {
                "_getpages": token,
                "_getpagesoffset": offset + self.count,
                "_count": self.count,
            }
            links.append({"relation": "next", "url": f"{self.base}?{urlencode(following)}"})
        bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
        # HAPI leaves the total out of a result with several pages unless it is asked for.
        if self.with_total or len(self.matches) <= self.count:
            bundle["total"] = len(self.matches)
        bundle["link"] = links
        if shown:
            along = self.includes.of(shown, store)
            bundle["entry"] = [
                *(self._entry(version, "match") for version in shown),
                *(self._entry(version, "include") for version in along),
            ]
        return bundle

    def _entry(self, version: Version, mode: str) -> Json:
        return {
            "fullUrl": f"{self.base}/{'/'.join(version.key)}",
            "resource": _cut(version.resource or {}, self.elements),
            "search": {"mode": mode},
        }


class Searches:
    """Makes searches and remembers the latest ones, so that a next link can be followed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Search] = OrderedDict()

    def search(self, base: str, resource_type: str, query: Query) -> Json:
        """Answer a search with its first page; raises Refused (400)."""
        controls = {name: value for name, value in query if name in _CONTROLS}
        filters = [(name, value) for name, value in query if name not in _CONTROLS]
        matches = find(self._candidates(resource_type, filters), resource_type, filters)
        for name in reversed(controls.get("_sort", "").split(",")):
            if name:
                plain = name.removeprefix("-")
                matches.sort(key=lambda one: sort_key(one, plain), reverse=name != plain)
        if controls.get("_summary") == "count" or controls.get("_count") == "0":
            return {"resourceType": "Bundle", "type": "searchset", "total": len(matches)}
        made = Search(
            base=base,
            address=f"{base}/{resource_type}?{urlencode(query)}",
            matches=matches,
            count=_count(controls.get("_count")),
            elements=_elements(controls),
            with_total=controls.get("_total") == "accurate",
            includes=Includes(resource_type, query),
        )
        return made.page(self._remember(made), 0, self._store)

    def page(self, query: Query) -> Json:
        """Follow a next link; raises Refused (410) when the search is no longer remembered."""
        found = dict(query)
        with self._lock:
            search = self._open.get(found.get("_getpages", ""))
        if search is None:
            raise refuse(410, "not-found", "this search is no longer known: make it again")
        offset = _number(found.get("_getpagesoffset", "0"))
        return search.page(found["_getpages"], offset, self._store)

    def _candidates(self, resource_type: str, filters: Query) -> list[Version]:
        for name, value in filters:
            patient = value.removeprefix("Patient/")
            if resource_type == "Observation" and name == "patient" and _ID.match(patient):
                return self._store.observations_of(patient)
        return self._store.all_live(resource_type)

    def _remember(self, search: Search) -> str:
        if len(search.matches) <= search.count:
            return ""
        token = secrets.token_hex(16)
        with self._lock:
            self._open[token] = search
            while len(self._open) > MOST_SEARCHES:
                self._open.popitem(last=False)
        return token


def _count(text: str | None) -> int:
    return DEFAULT_COUNT if text is None else max(1, min(_number(text), MOST_COUNT))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise refuse(400, "invalid", "a page is counted in whole numbers")
    return int(text)


def _elements(controls: dict[str, str]) -> frozenset[str] | None:
    if controls.get("_summary", "false") not in {"false", "count"}:
        raise refuse(400, "not-supported", "only _summary=count is supported")
    names = controls.get("_elements")
    return None if names is None else frozenset(name for name in names.split(",") if name)


def _cut(resource: Json, elements: frozenset[str] | None) -> Json:
    if elements is None:
        return resource
    # As HAPI does: not even mandatory elements stay when they were not asked for.
    kept = {
        name: part
        for name, part in resource.items()
        if name in {"resourceType", "id"} or name in elements
    }
    meta = resource["meta"]
    return kept | {"meta": {**meta, "tag": [*meta.get("tag", []), _SUBSETTED]}}
