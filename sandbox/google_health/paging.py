"""Pages and the opaque tokens that lead from one to the next.

Belongs here: sizes, tokens and what they are bound to. Not here: which rows there are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.google_health.errors import Refused, invalid

NEXT, TOKEN, SIZE = "nextPageToken", "pageToken", "pageSize"
_MOST_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was asked, page by page: whose call of which name, with these parameters."""

    login: str
    call: str
    fields: Mapping[str, Any]

    @property
    def is_first(self) -> bool:
        """Whether it asks for the first page."""
        return not self.fields.get(TOKEN)

    def token(self, start: int) -> str:
        """Give the token of the page that begins there; good for this very question alone."""
        bound = {name: value for name, value in self.fields.items() if name != TOKEN}
        text = json.dumps([self.login, self.call, bound, start], sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return base64.urlsafe_b64encode(f"{digest}.{start}".encode()).decode()

    def start(self) -> int:
        """Read where the page that is asked for begins; raises Refused."""
        if self.is_first:
            return 0
        try:
            text = base64.urlsafe_b64decode(str(self.fields[TOKEN])).decode()
            start = int(text.rpartition(".")[2])
        except (binascii.Error, ValueError):
            raise _wrong_token() from None
        if self.fields[TOKEN] != self.token(start):
            raise _wrong_token()
        return start

    def size(self, usual: int, most: int, cap: int | None) -> int:
        """Give how many rows a page has: more than the most is cut."""
        asked = _number(self.fields.get(SIZE, 0))
        size = min(asked or usual, most)
        return size if cap is None else min(size, cap)

    def page(self, name: str, rows: Iterable[Any], size: int) -> dict[str, Any]:
        """Give the page that is asked for; an empty one is an empty object."""
        start = self.start()
        found = list(islice(rows, start, start + size + 1))
        shown = found[:size]
        body = {name: shown} if shown else {}
        return body | ({NEXT: self.token(start + size)} if len(found) > size else {})


def _number(asked: Any) -> int:
    text = str(asked)
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise invalid(f"Invalid value at '{SIZE}' (TYPE_INT32), \"{asked}\"")
    return int(text)


def _wrong_token() -> Refused:
    return invalid("The page token is invalid.", "INVALID_PAGE_TOKEN")
