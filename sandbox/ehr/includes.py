"""What a search brings along: the targets of its matches, and what refers to them.

Belongs here: `_include` and `_revinclude`. Not here: the matches themselves (`search.py`), and
pages (`results.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sandbox.ehr.outcomes import Refused, refuse
from sandbox.ehr.references import read_reference
from sandbox.ehr.schema import RESOURCE_TYPES
from sandbox.ehr.search import Parameter, Query, reference_parameters
from sandbox.ehr.store import Key, Store, Version

INCLUDE, REVINCLUDE = "_include", "_revinclude"


@dataclass(frozen=True)
class _Wish:
    """One parameter of one type, with the only type of target that is wanted, if any."""

    resource_type: str
    parameter: Parameter
    target: str | None

    def keys(self, version: Version) -> Iterable[Key]:
        """Give what a resource points at by the parameter."""
        found = (read_reference(text) for text in self.parameter.found(version))
        return (key for key in found if key and self.target in {None, key[0]})


class Includes:
    """The wishes of one search; raises Refused (400) for one that this server does not know."""

    def __init__(self, resource_type: str, query: Query) -> None:
        self._forward = [_wish(*one) for one in query if one[0] == INCLUDE]
        self._backward = [_wish(*one) for one in query if one[0] == REVINCLUDE]
        if any(one.resource_type != resource_type for one in self._forward):
            raise _unknown(INCLUDE)

    def of(self, matches: Sequence[Version], store: Store) -> list[Version]:
        """Give what comes along with these matches, each once."""
        shown = {one.key for one in matches}
        found = [*self._targets(matches, store.live), *self._sources(shown, store)]
        return list({one.key: one for one in found if one.key not in shown}.values())

    def _targets(
        self, matches: Sequence[Version], live: Callable[[Key], Version | None]
    ) -> Iterable[Version]:
        keys = (key for match in matches for wish in self._forward for key in wish.keys(match))
        return (version for key in keys if (version := live(key)) is not None)

    def _sources(self, shown: set[Key], store: Store) -> Iterable[Version]:
        for wish in self._backward:
            for version in store.all_live(wish.resource_type):
                if not shown.isdisjoint(wish.keys(version)):
                    yield version


def _wish(control: str, value: str) -> _Wish:
    resource_type, _, rest = value.partition(":")
    name, _, target = rest.partition(":")
    known = reference_parameters(resource_type) if resource_type in RESOURCE_TYPES else {}
    if name not in known or (target and target not in RESOURCE_TYPES):
        raise _unknown(control)
    return _Wish(resource_type, known[name], target or None)


def _unknown(name: str) -> Refused:
    return refuse(400, "not-supported", f"this server does not know that {name}")
