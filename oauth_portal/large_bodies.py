"""The server's own limits on bodies: large ones at the addresses of uploads alone, a few at a time.

Belongs here: what happens before a request is whole, in waitress. Not here: Flask's limits
(`memory_uploads.py`), which hold as well.
What is not taken is read and thrown away, within bounds: a browser that is cut off while it sends
shows an error of its own instead of our page.
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
from waitress.receiver import ChunkedReceiver, FixedStreamReceiver
from waitress.server import BaseWSGIServer

OTHER_FIELDS_BYTES = 64 * 1024
# A header that no client can send: it is taken out of what came, then set by us.
LEFT_OUT = "OHX_BODY_LEFT_OUT"
BUSY, TOO_LARGE = "busy", "too-large"
# Where a body is read to its end for the sake of our page, and no further.
READ_AND_DROPPED_BYTES = 8 * 50 * 1024 * 1024
# Who sends more slowly gives the place back: three slow ones would keep everybody out.
RECEIVING_SECONDS = 180.0
_UPLOAD = re.compile(r"/upload/[a-z0-9_]{1,40}/(check|publish)")


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


@dataclass(kw_only=True)
class Places:
    """So many uploads at one time, from their first byte to the end of their answer."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _taken: dict[int, tuple[UploadParser, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: UploadParser) -> bool:
        """Take a place; False where none is free."""
        with self._lock:
            for key, (other, since) in [*self._taken.items()]:
                if not other.completed and self.clock() - since > RECEIVING_SECONDS:
                    other.drop(BUSY)
                    del self._taken[key]
            if len(self._taken) >= self.most:
                return False
            self._taken[id(request)] = (request, self.clock())
            return True

    def give_back(self, request: UploadParser) -> None:
        """Free the request's place, if it has one."""
        with self._lock:
            self._taken.pop(id(request), None)


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """How large a body may be: of an upload, and of everything else; and how many uploads at once."""

    upload_bytes: int
    other_bytes: int
    places: Places
    prefix: str = ""


class UploadParser(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way in, within the limits of its address."""

    def __init__(self, adj: Any, limits: BodyLimits) -> None:
        super().__init__(adj)
        self.adj: Any = adj
        self.limits = limits
        self.is_upload = False
        self.is_dropped = False

    def parse_header(self, header_plus: bytes) -> None:
        """Decide by the address how much is taken; nothing of the body was read yet."""
        super().parse_header(header_plus)
        self.headers.pop(LEFT_OUT, None)
        path = self.path.removeprefix(self.limits.prefix)
        self.is_upload = self.command == "POST" and bool(_UPLOAD.fullmatch(path))
        limit = READ_AND_DROPPED_BYTES if self.is_upload else self.limits.other_bytes
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = limit
        if not self.is_upload or self.body_rcv is None:
            return
        if self.content_length > self.limits.upload_bytes:
            self.drop(TOO_LARGE)
        elif not self.limits.places.take(self):
            self.drop(BUSY)

    def received(self, data: bytes) -> int:
        """Take some bytes; a chunked body has said no length before."""
        consumed: int = super().received(data)
        if self.is_upload and self.body_rcv is not None:
            if self.body_bytes_received > self.limits.upload_bytes and not self.is_dropped:
                self.drop(TOO_LARGE)
            if self.completed and self.is_dropped:
                self.headers["CONTENT_LENGTH"] = "0"
        return consumed

    def drop(self, why: str) -> None:
        """Keep nothing of the body, also of what was received; the application learns why."""
        self.is_dropped = True
        self.headers[LEFT_OUT] = why
        receiver: FixedStreamReceiver | ChunkedReceiver = self.body_rcv
        receiver.buf, kept = Dropped(), receiver.buf
        kept.close()
        if why == TOO_LARGE:
            self.limits.places.give_back(self)

    def close(self) -> None:
        """Forget the body and free the place: the answer is written."""
        super().close()
        self.limits.places.give_back(self)


class UploadChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are held to the limits."""

    def handle_close(self) -> None:
        """Free the place of a request that will never be whole."""
        if self.request is not None:
            self.request.close()
        super().handle_close()


def hold_to(limits: BodyLimits, listening: Mapping[int, Any]) -> None:
    """Hold the connections of servers, as waitress lists them, to the limits."""

    class Limited(UploadChannel):
        parser_class = staticmethod(lambda adj: UploadParser(adj, limits))

    for one in listening.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = Limited
