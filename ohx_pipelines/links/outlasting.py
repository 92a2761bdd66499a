"""Outlasting a restart of the database: connect again for a while, repeat what broke off.

Belongs here: what counts as a broken connection, and how long it is waited for. Not here: retries of
vendors or the EHR. A first connection is never waited for: a wrong address should fail at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import psycopg2
from sqlalchemy import Engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random, wait_random_exponential

P = ParamSpec("P")
T = TypeVar("T")

BROKEN_CONNECTION = (OperationalError, InterfaceError)
# A crashed PostgreSQL is back within seconds; one that is not has an operator's attention.
CONNECT_SECONDS = 20.0
ATTEMPTS = 4


def outlasting(call: Callable[P, T]) -> Callable[P, T]:
    """Give the call, repeated when its connection breaks: it must bear being done twice."""

    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(BROKEN_CONNECTION),
            wait=wait_random(0.05, 0.5),
            reraise=True,
        )
        return retrying(call, *args, **kwargs)

    return repeated


def connect_again(engine: Engine) -> None:
    """Make an engine that was connected before wait for a server that restarts."""
    connected = False

    @event.listens_for(engine, "connect")
    def remember(*_: object) -> None:
        nonlocal connected
        connected = True

    @event.listens_for(engine, "do_connect")
    def wait(_dialect: object, _record: object, args: list[Any], options: dict[str, Any]) -> Any:
        if not connected:
            return None  # SQLAlchemy connects by itself, once
        retrying = Retrying(
            stop=stop_after_delay(CONNECT_SECONDS),
            retry=retry_if_exception_type(psycopg2.OperationalError),
            wait=wait_random_exponential(multiplier=0.1, max=1),
            reraise=True,
        )
        return retrying(psycopg2.connect, *args, **options)
