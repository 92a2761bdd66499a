"""Ordered faults as they show on the vendor's wire.

Belongs here: what each kind of fault does to a call. Not here: the orders (`sandbox/faults.py`).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from typing import Any

from flask import Response, request

from sandbox.faults import Fault
from sandbox.withings.envelope import TOO_MANY_REQUESTS, Refused

KINDS = frozenset({"status", "http", "revoke", "slow", "drop", "garbage"})


def suffer(faults: Iterable[Fault]) -> Response | None:
    """Let faults happen to the current call; gives what to answer instead, or None to go on.

    Raises Refused for a fault that is a status of the envelope.
    """
    for fault in faults:
        if fault.kind == "slow":
            time.sleep(fault.seconds or 0)
        elif fault.kind == "status":
            raise _refusal(fault)
        elif fault.kind == "http":
            return _edge(fault)
        elif fault.kind == "garbage":
            return Response("<html><body>Be right back</body></html>", mimetype="text/html")
        elif fault.kind == "drop":
            _hang_up(request.environ)
            return Response(status=500)
    return None


def _refusal(fault: Fault) -> Refused:
    status = fault.status if fault.status is not None else TOO_MANY_REQUESTS
    body = {} if fault.seconds is None else {"wait_seconds": round(fault.seconds)}
    return Refused(status, "Ordered by the sandbox's control endpoint", body)


def _edge(fault: Fault) -> Response:
    answer = Response("<html><body>Error</body></html>", fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer


def _hang_up(environ: dict[str, Any]) -> None:
    """Close the connection under the server, which then has nobody to answer.

    Raises ConnectionAbortedError where there is no connection, as under a test client.
    """
    check = environ.get("waitress.client_disconnected")
    if check is None:
        raise ConnectionAbortedError("dropped")
    check.__self__.socket.shutdown(socket.SHUT_RDWR)
