"""The server's own limits on bodies: large ones at the addresses of uploads alone, a few at a time.

Belongs here: what happens before a request is whole, in waitress. Not here: Flask's limits
(`memory_uploads.py`), which hold as well.
What is not taken is read and thrown away, within bounds: a browser that is cut off while it sends
shows an error of its own instead of our page. Only who is signed in takes a place from others.
"""

from __future__ import annotations

import copy
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.utilities import BadRequest

OTHER_FIELDS_BYTES = 64 * 1024
# A header that no client can send: it is taken out of what came, then set by us.
LEFT_OUT = "OHX_BODY_LEFT_OUT"
BUSY, TOO_LARGE, NOT_ADMITTED = "busy", "too-large", "not-admitted"
# How often the largest file is read to its end for the sake of our page; a longer body is cut off.
READ_AND_DROPPED_TIMES = 4
# Who sends more slowly gives the place to the next who comes: a few would keep everybody out.
GRACE_SECONDS = 15.0
SLOWEST_BYTES_PER_SECOND = 64 * 1024
# Two windows of one person, and never all places.
MOST_PER_PERSON = 2
_UPLOAD = re.compile(r"/upload/([a-z0-9_]{1,40})/(?:check|publish)")


class LengthRequired(BadRequest):  # type: ignore[misc]
    """A body of unknown length: waitress would keep an endless line of it, and copy it again and again."""

    code = 411
    reason = "Length Required"


class Dropped:
    """A buffer that keeps nothing."""

    def append(self, data: bytes) -> None:
        """Forget it."""

    def getfile(self) -> BytesIO:
        """Give an empty body."""
        return BytesIO()

    def close(self) -> None:
        """Do nothing."""

    def __len__(self) -> int:
        """Give 0: nothing is kept."""
        return 0


@dataclass(frozen=True)
class _Place:
    request: UploadParser
    person: str
    since: float


@dataclass(kw_only=True)
class Places:
    """So many uploads at one time, from their first byte to the end of their answer."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _taken: dict[int, _Place] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def most_per_person(self) -> int:
        """How many one person may have at one time."""
        return max(1, min(MOST_PER_PERSON, self.most - 1))

    def take(self, request: UploadParser, *, person: str) -> bool:
        """Take a place; False where none is free, or the person has enough."""
        with self._lock:
            for key, place in [*self._taken.items()]:
                if self._is_slow(place):
                    place.request.drop(BUSY)
                    del self._taken[key]
            own = sum(one.person == person for one in self._taken.values())
            if len(self._taken) >= self.most or own >= self.most_per_person:
                return False
            self._taken[id(request)] = _Place(request, person, self.clock())
            return True

    def give_back(self, request: UploadParser) -> None:
        """Free the request's place, if it has one."""
        with self._lock:
            self._taken.pop(id(request), None)

    def _is_slow(self, place: _Place) -> bool:
        seconds = self.clock() - place.since - GRACE_SECONDS
        is_late = place.request.body_bytes_received < seconds * SLOWEST_BYTES_PER_SECOND
        return is_late and not place.request.completed


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """How large a body may be: of an upload, and of everything else; and how many uploads at once.

    `admit` gives who uploads, by the app's name and the request's Cookie header; None for nobody.
    """

    upload_bytes: int
    other_bytes: int
    places: Places
    admit: Callable[[str, str], str | None]
    prefix: str = ""


class UploadParser(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way in, within the limits of its address."""

    def __init__(self, adj: Any, limits: BodyLimits) -> None:
        super().__init__(adj)
        self.adj: Any = adj
        self.limits = limits
        self.is_dropped = False

    def parse_header(self, header_plus: bytes) -> None:
        """Decide by address and sender how much is taken; nothing of the body was read yet."""
        super().parse_header(header_plus)
        self.headers.pop(LEFT_OUT, None)
        path = self.path.removeprefix(self.limits.prefix)
        upload = _UPLOAD.fullmatch(path) if self.command == "POST" else None
        limit = READ_AND_DROPPED_TIMES * self.limits.upload_bytes
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = limit if upload else self.limits.other_bytes
        if upload is not None and self.body_rcv is not None:
            self._hold(upload[1])

    def _hold(self, app: str) -> None:
        if self.chunked:
            self.error = LengthRequired("say how long the body is")
            self.body_rcv, self.expect_continue = None, False
            return
        person = self.limits.admit(app, self.headers.get("COOKIE", ""))
        if person is None:
            self.drop(NOT_ADMITTED)
        elif self.content_length > self.limits.upload_bytes:
            self.drop(TOO_LARGE)
        elif not self.limits.places.take(self, person=person):
            self.drop(BUSY)

    def received(self, data: bytes) -> int:
        """Take some bytes; the application sees an empty body where they were dropped."""
        consumed: int = super().received(data)
        if self.completed and self.is_dropped:
            self.headers["CONTENT_LENGTH"] = "0"
        return consumed

    def drop(self, why: str) -> None:
        """Keep nothing of the body, also of what was received; the application learns why."""
        self.is_dropped = True
        self.headers[LEFT_OUT] = why
        receiver: Any = self.body_rcv
        receiver.buf, kept = Dropped(), receiver.buf
        kept.close()

    def close(self) -> None:
        """Forget the body and free the place: the answer is written."""
        super().close()
        self.limits.places.give_back(self)


class UploadChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are held to the limits."""

    def handle_close(self) -> None:
        """Free the places of a request that will never be whole, and of those that wait behind one."""
        unserved = [*self.requests[1:], *([self.request] if self.request else [])]
        for one in unserved:
            one.close()
        super().handle_close()


def hold_to(limits: BodyLimits, listening: Mapping[int, Any]) -> None:
    """Hold the connections of servers, as waitress lists them, to the limits."""

    class Limited(UploadChannel):
        parser_class = staticmethod(lambda adj: UploadParser(adj, limits))

    for one in listening.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = Limited
