"""Starting again what ended by itself: after how long a pause, and when to give it up.

Belongs here: when. Not here: how a process is started (`supervisor.py`, `stack.py`).
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import click

from ohx_pipelines.errors import OhxError


class Service(Protocol):
    """What should stay: a child process, or the private PostgreSQL."""

    @property
    def name(self) -> str:
        """Name for people."""

    def exit_status(self) -> int | None:
        """Give the status it ended with, a negative signal as POSIX has it; None while it runs."""

    def start_again(self) -> None:
        """Start it as it was started first; raises OhxError when it does not come up."""

    def complain(self, what: str) -> OhxError:
        """Give the exception that says what happened to it."""


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """How patient a watch is: `most` restarts within `within_seconds`.

    The pause before a restart doubles with each, and is the first again after a calm time.
    """

    most: int = 8
    within_seconds: float = 600.0
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 30.0
    calm_seconds: float = 60.0

    def pause(self, in_a_row: int) -> float:
        """Give the pause before the next restart, `in_a_row` others having come before it."""
        # Bounded before it is a power: 2.0 ** 1100 is an error.
        return min(self.first_pause_seconds * 2.0 ** min(in_a_row, 30), self.longest_pause_seconds)


class Watch:
    """One service under watch: the restarts it had, and the one that is due."""

    def __init__(self, service: Service, policy: RestartPolicy, *, now: float) -> None:
        """Watch a service that runs since `now`, in seconds of a clock that never goes back."""
        self._service = service
        self._policy = policy
        self._started_at = now
        self._ends: deque[float] = deque()
        self._in_a_row = 0
        self._due_at: float | None = None

    def look(self, clock: Callable[[], float]) -> None:
        """Note an end, or start again when it is time.

        Raises what the service complains of when it ended too often.
        """
        if self._due_at is None:
            status = self._service.exit_status()
            if status is not None:
                self._plan(ended(status), clock())
        elif clock() >= self._due_at:
            self._restart(clock)

    def _restart(self, clock: Callable[[], float]) -> None:
        self._due_at = None
        try:
            self._service.start_again()
        except OhxError:
            self._plan("did not start", clock())
        self._started_at = clock()

    def _plan(self, what: str, now: float) -> None:
        policy = self._policy
        self._ends.append(now)
        while self._ends[0] < now - policy.within_seconds:
            self._ends.popleft()
        restart = len(self._ends)
        if restart > policy.most:
            raise self._service.complain(f"{what}, {restart} times in a short time.")
        if now - self._started_at >= policy.calm_seconds:
            self._in_a_row = 0
        pause = policy.pause(self._in_a_row)
        self._in_a_row += 1
        self._due_at = now + pause
        text = f"{self._service.name} {what}: starting it again in {pause:g} s"
        click.echo(f"{text} (restart {restart} of at most {policy.most}).", err=True)


def ended(status: int) -> str:
    """Say how a process ended: `ended with status 3`, `ended by SIGKILL`."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"ended by signal {-status}"
