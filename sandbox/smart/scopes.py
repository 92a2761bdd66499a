"""SMART scopes of backend services: what a client may do with which type of resource.

Belongs here: reading them, old form (`system/Observation.write`) and new (`system/Observation.cud`),
and comparing. Not here: who has which (`clients.py`, `tokens.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

CREATE, READ, UPDATE, DELETE, SEARCH = "cruds"
_EVERY_TYPE = "*"
_OLD_FORM = {"read": "rs", "write": "cud", "*": "cruds"}
_SCOPE = re.compile(
    r"system/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<rights>read|write|\*|(?=[cruds])c?r?u?d?s?)\Z"
)


class Scopes:
    """A set of scopes; texts that are no scope of a backend service allow nothing."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self._rights = {right for text in self.texts for right in _rights(text)}

    def covers(self, resource_type: str, right: str) -> bool:
        """Say whether one right for one type of resource is among them."""
        return not self._rights.isdisjoint({(resource_type, right), (_EVERY_TYPE, right)})

    def of(self, asked: Iterable[str]) -> Scopes:
        """Give those of the asked scopes that these allow as a whole."""
        return Scopes(one for one in asked if self._allows(one))

    def _allows(self, text: str) -> bool:
        rights = _rights(text)
        return text in self.texts or (bool(rights) and all(self.covers(*one) for one in rights))


def _rights(text: str) -> set[tuple[str, str]]:
    found = _SCOPE.match(text)
    if found is None:
        return set()
    letters = _OLD_FORM.get(found["rights"], found["rights"])
    return {(found["type"], letter) for letter in letters}
