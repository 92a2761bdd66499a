"""HTTP answers read whole, within a deadline and a size, whichever client asked.

Belongs here: what is true of every answer from outside. Not here: what an answer means.
A time-out of `requests` bounds each single read: a server that sends a byte now and then would hold
a worker for ever.
"""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

MOST_BYTES = 64 * 1024 * 1024
CHUNK = 64 * 1024


class DeadlineAdapter(HTTPAdapter):
    """An adapter that reads the whole body within `seconds` of the start of the request."""

    def __init__(self, *, seconds: float, **options: Any) -> None:
        """Bound each answer; other options are HTTPAdapter's."""
        super().__init__(**options)
        self._seconds = seconds

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
