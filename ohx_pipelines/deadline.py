"""HTTP answers read whole, within a deadline and a size, whichever client asked.

Belongs here: what is true of every answer from outside. Not here: what an answer means.
A time-out of `requests` bounds each single read: a server that sends a byte now and then would hold
a worker for ever.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

MOST_BYTES = 64 * 1024 * 1024
CHUNK = 64 * 1024
# For a request that names no time-out, of which we make none.
LONGEST_SECONDS = 60.0


class _InTime:
    """A connection whose answer's head must be there within the time-out, not only begun."""

    def getresponse(self) -> Any:
        """Wait for the head; one that comes byte by byte is cut off."""
        connection: Any = self
        timer = threading.Timer(connection.timeout or LONGEST_SECONDS, _hang_up, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            timer.cancel()


class _HttpConnection(_InTime, HTTPConnection):
    pass


class _HttpsConnection(_InTime, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class DeadlineAdapter(HTTPAdapter):
    """An adapter that reads the whole body within `seconds` of the start of the request.

    The head of the answer must be there within the request's own time-out.
    """

    def __init__(self, *, seconds: float, **options: Any) -> None:
        """Bound each answer; other options are HTTPAdapter's."""
        super().__init__(**options)
        self._seconds = seconds

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make connections that keep to the time-out."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Make the connections through a proxy keep to it, too."""
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send and read; raises requests' ReadTimeout or ConnectionError when it takes too long."""
        deadline = time.monotonic() + self._seconds
        response = super().send(request, *args, **(options | {"stream": True}))
        try:
            response._content = _whole(response, deadline)  # noqa: SLF001 (requests offers no setter)
        except requests.RequestException:
            response.close()
            raise
        return response


def _hang_up(sock: socket.socket | None) -> None:
    with suppress(OSError):
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type is JSON of any kind."""
    media = content_type.split(";", 1)[0].strip().lower()
    return media == "application/json" or media.endswith("+json")


def _whole(response: requests.Response, deadline: float) -> bytes:
    parts = bytearray()
    try:
        while part := response.raw.read1(CHUNK, decode_content=True):
            parts += part
            if time.monotonic() > deadline or len(parts) > MOST_BYTES:
                break
        else:
            return bytes(parts)
    except (HTTPError, OSError):
        message = "the answer broke off"
    else:
        message = "the answer took too long or was too large"
    raise requests.ConnectionError(message)
