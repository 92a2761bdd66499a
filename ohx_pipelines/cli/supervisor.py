"""Child processes: started with a name, watched, and all gone at the end.

Belongs here: life and output of processes. Not here: which processes (`stack.py`, `demo.py`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

import click
import requests

from ohx_pipelines.errors import OhxError

KEPT_LINES = 60
STOP_SECONDS = 15.0
LAST_LINES_SECONDS = 2.0
PR_SET_PDEATHSIG = 1


class ProcessFailed(OhxError):
    """A child process ended or did not become ready; the message carries its last lines."""

    code = "process_failed"


@dataclass
class Child:
    """One child process and the last lines it printed."""

    name: str
    process: subprocess.Popen[str]
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    reader: threading.Thread | None = None

    def last_lines(self) -> None:
        """Wait until what an ended process printed is read: its end is seen before its last lines.

        Not for long: a child of its own may hold the pipe open.
        """
        if self.reader is not None and self.process.poll() is not None:
            self.reader.join(LAST_LINES_SECONDS)

    def complain(self, what: str) -> ProcessFailed:
        """Give the exception that says what happened and shows the last lines."""
        self.last_lines()
        tail = "\n".join(f"  {self.name} | {line}" for line in self.lines)
        return ProcessFailed(f"{self.name} {what}\n{tail}")


class Supervisor:
    """Starts children in sessions of their own and ends every one of them, newest first."""

    def __init__(self, *, verbose: bool, stop_seconds: float = STOP_SECONDS) -> None:
        """With `verbose` the children's lines go to stderr, each with its name.

        `stop_seconds` is what all of them together get to end by themselves.
        """
        self._verbose = verbose
        self._stop_seconds = stop_seconds
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        """Start with no child."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every child, whatever happened."""
        self.stop()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a process; a session of its own keeps the terminal's Ctrl-C for us alone."""
        process = subprocess.Popen(  # noqa: S603 (our own programs with our own arguments)
            list(argv),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 (async-signal-safe: one prctl)
        )
        child = Child(name, process)
        self._children.append(child)
        child.reader = threading.Thread(target=self._read, args=(child,), daemon=True)
        child.reader.start()
        return child

    def watch(self) -> None:
        """Wait until a child that should stay ends; raises ProcessFailed then."""
        staying = [child for child in self._children if child.process.poll() is None]
        while True:
            for child in staying:
                if child.process.poll() is not None:
                    raise child.complain(f"ended with status {child.process.returncode}.")
            time.sleep(0.5)

    def stop(self) -> None:
        """End every child's whole session: politely, then for good."""
        children, self._children = self._children[::-1], []
        for child in children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + self._stop_seconds
        for child in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            # Whatever of the session is left (run workers): the group outlives its leader.
            _signal(child, signal.SIGKILL)
            child.process.wait()
            child.last_lines()

    def _read(self, child: Child) -> None:
        output: IO[str] | None = child.process.stdout
        if output is None:
            return
        with output:
            for line in output:
                child.lines.append(line.rstrip())
                if self._verbose:
                    click.echo(f"{child.name} | {line.rstrip()}", err=True)


def finish(child: Child) -> None:
    """Wait for a child's end; raises ProcessFailed when it fails."""
    if child.process.wait() != 0:
        raise child.complain(f"failed with status {child.process.returncode}.")
    child.last_lines()


def wait_until(child: Child, ready: Callable[[], bool], *, seconds: float = 90.0) -> None:
    """Wait until the child is ready; raises ProcessFailed when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.process.poll() is not None:
            raise child.complain(f"ended with status {child.process.returncode}.")
        if time.monotonic() > deadline:
            raise child.complain(f"was not ready after {seconds:.0f} seconds.")
        time.sleep(0.1)


def answers_http(url: str) -> Callable[[], bool]:
    """Give a check whether the address answers with success."""

    def ready() -> bool:
        try:
            return requests.get(url, timeout=5).ok
        except requests.RequestException:
            return False

    return ready


def listens(host: str, port: int) -> Callable[[], bool]:
    """Give a check whether something listens there."""

    def ready() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((host, port)) == 0

    return ready


def free_port() -> int:
    """Give a port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)
