"""Trouble between a server and its client that any stand-in can make: silence, breaks, bad bodies.

Belongs here: what a kind of fault does to a connection or to a finished answer. Not here: whom it
hits (`faults.py`, `ehr/faults.py`), and faults that have to do with what an answer says.

Before the work, which is then not done (but after `slow`):

- `slow`: waits `seconds`, then goes on as if nothing had been.
- `hang`: takes the request, answers nothing for `seconds` (30), then closes the connection.
- `drop`: closes the connection at once.
- `garbage`: HTTP 200 with a page of HTML, as something in between says it.
- `malformed`: HTTP 200 of the right content type, with a body that is no JSON.

After the work, which is done:

- `drop_after_commit`: half of the body under the Content-Length of the whole, then the end.
- `drip`: the right answer, one byte every `seconds` (0.5), until the client goes away.
- `truncated`: half of the body under a Content-Length that fits: HTTP looks whole, JSON is not.
- `wrong_type`: the right body under the content type text/html.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Response, request

BEFORE = ("slow", "hang", "drop", "garbage", "malformed")
AFTER = ("drop_after_commit", "drip", "truncated", "wrong_type")
HANG_SECONDS = 30.0
DRIP_SECONDS = 0.5
# How soon a wait notices that its client went away.
_LOOK_SECONDS = 0.05


def interrupt(kind: str, seconds: float | None, *, media_type: str) -> Response | None:
    """Let a fault happen to the current request before its work.

    Gives what to answer instead, or None to go on. Raises ConnectionAbortedError for a closed
    connection where there is none, as under a test client.
    """
    if kind == "slow":
        time.sleep(seconds or 0)
    elif kind == "garbage":
        return Response("<html><body>Be right back</body></html>", mimetype="text/html")
    elif kind == "malformed":
        return Response('{"status": 0, "body": {]', content_type=media_type)
    elif kind in {"hang", "drop"}:
        if kind == "hang":
            _wait(request.environ, HANG_SECONDS if seconds is None else seconds)
        return _hang_up(request.environ)
    return None


def spoil(kind: str, seconds: float | None, answer: Response) -> Response:
    """Give what becomes of the current request's answer; another kind changes nothing.

    Raises ConnectionAbortedError as `interrupt` does.
    """
    whole = answer.get_data()
    if kind == "drop_after_commit":
        return _cut_short(answer, whole) if whole else _hang_up(request.environ)
    if kind == "drip":
        answer.response = _drops(whole, DRIP_SECONDS if seconds is None else seconds)
        answer.content_length = len(whole)
    elif kind == "truncated":
        answer.set_data(whole[: len(whole) // 2])
    elif kind == "wrong_type":
        answer.content_type = "text/html; charset=utf-8"
    return answer


def _cut_short(answer: Response, whole: bytes) -> Response:
    # Fewer bytes than promised: the server closes the connection and the client sees it break.
    answer.set_data(whole[: len(whole) // 2])
    answer.content_length = len(whole)
    return answer


def _drops(whole: bytes, seconds: float) -> Iterator[bytes]:
    # The environment by itself: the request is over when a server asks for the body.
    return _drop_by_drop(request.environ, whole, seconds)


def _drop_by_drop(environ: dict[str, Any], whole: bytes, seconds: float) -> Iterator[bytes]:
    for number in range(len(whole)):
        yield whole[number : number + 1]
        if not _wait(environ, seconds):
            return


def _wait(environ: dict[str, Any], seconds: float) -> bool:
    """Wait as long as the client does; says whether it is still there."""
    connection = _connection(environ)
    ends_at = time.monotonic() + seconds
    while (left := ends_at - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_SECONDS))
        if connection is not None and _is_closed(connection):
            return False
    return True


def _is_closed(connection: socket.socket) -> bool:
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _hang_up(environ: dict[str, Any]) -> Response:
    """Close the connection under the server, which then has nobody to give its answer to."""
    connection = _connection(environ)
    if connection is None:
        raise ConnectionAbortedError("dropped")
    # The client may have gone first.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _connection(environ: dict[str, Any]) -> socket.socket | None:
    """Give the connection of a request, as waitress and Werkzeug's own server tell it."""
    check = environ.get("waitress.client_disconnected")
    found: socket.socket | None = check.__self__.socket if check else environ.get("werkzeug.socket")
    return found
