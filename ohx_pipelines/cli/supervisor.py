"""Child processes: started with a name, watched, and all gone at the end.

Belongs here: life and output of processes. Not here: which processes (`stack.py`, `demo.py`).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
import os
import secrets
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
from typing import Self

import click
import psutil
import requests

from ohx_pipelines.cli.restarts import RestartPolicy, Service, Watch, ended
from ohx_pipelines.errors import OhxError

KEPT_LINES = 60
STOP_SECONDS = 15.0
LAST_LINES_SECONDS = 2.0
WATCH_SECONDS = 0.2
LOOK_SECONDS = 0.02
OWN_PORTS = range(15_000, 32_000)
PR_SET_PDEATHSIG = 1


class ProcessFailed(OhxError):
    """A child process ended or did not become ready; the message carries its last lines."""

    code = "process_failed"


@dataclass
class Child:
    """One child process and the last lines it printed; `command` starts it, and starts it again."""

    name: str
    command: Callable[[], subprocess.Popen[str]]
    process: subprocess.Popen[str]
    restart: bool = False
    verbose: bool = False
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    reader: threading.Thread | None = None

    def listen(self) -> None:
        """Read what the process prints, until it and its own children have ended."""
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()

    def exit_status(self) -> int | None:
        """Give the status the process ended with, None while it runs.

        What is left of its session ends as the end is seen: nobody could cancel a run worker whose
        code server is gone.
        """
        if self.process.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                if psutil.Process(self.process.pid).status() != psutil.STATUS_ZOMBIE:
                    return None
                # Before the zombie is reaped: from then on the number may be somebody else's.
                _signal(self, signal.SIGKILL)
        return self.process.wait()

    def wait(self, seconds: float = math.inf) -> int | None:
        """Wait for the end, no longer than that; gives what `exit_status` gives."""
        deadline = time.monotonic() + seconds
        while (status := self.exit_status()) is None and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return status

    def start_again(self) -> None:
        """Start the same command anew, in the thread that asks: it dies with that thread."""
        self.process = self.command()
        self.listen()

    def last_lines(self) -> None:
        """Wait until what an ended process printed is read: its end is seen before its last lines.

        Not for long: a child of its own may hold the pipe open.
        """
        if self.reader is not None and self.exit_status() is not None:
            self.reader.join(LAST_LINES_SECONDS)

    def complain(self, what: str) -> ProcessFailed:
        """Give the exception that says what happened and shows the last lines."""
        self.last_lines()
        tail = "\n".join(f"  {self.name} | {line}" for line in self.lines)
        return ProcessFailed(f"{self.name} {what}\n{tail}")

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())
                if self.verbose:
                    click.echo(f"{self.name} | {line.rstrip()}", err=True)


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

    def start(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], *, restart: bool = False
    ) -> Child:
        """Start a process; `watch` starts it again with the same words when `restart` is set."""
        command = functools.partial(_spawn, list(argv), dict(env))
        child = Child(name, command, command(), restart=restart, verbose=self._verbose)
        self._children.append(child)
        child.listen()
        return child

    def watch(self, *others: Service, policy: RestartPolicy | None = None) -> None:
        """Start again what should stay, `others` before the children, for as long as it lasts.

        Raises ProcessFailed when one ends too often, or a child that is not to be restarted ends.
        Belongs on the main thread: Linux ends a child with the thread that started it.
        """
        restarted: list[Service] = [*others, *(one for one in self._children if one.restart)]
        started_at = time.monotonic()
        watches = [Watch(one, policy or RestartPolicy(), now=started_at) for one in restarted]
        staying = [one for one in self._children if not one.restart and one.exit_status() is None]
        while True:
            for child in staying:
                status = child.exit_status()
                if status is not None:
                    raise child.complain(f"{ended(status)}.")
            for watch in watches:
                watch.look(time.monotonic)
            time.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """End every child's whole session: politely, then for good."""
        children, self._children = self._children[::-1], []
        running = [one for one in children if one.exit_status() is None]
        for child in running:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + self._stop_seconds
        for child in running:
            if child.wait(max(0.1, deadline - time.monotonic())) is None:
                _signal(child, signal.SIGKILL)
                child.wait()
        for child in children:
            child.last_lines()


def finish(child: Child) -> None:
    """Wait for a child's end; raises ProcessFailed when it fails."""
    status = child.wait()
    if status != 0:
        raise child.complain(f"failed with status {status}.")
    child.last_lines()


def wait_until(child: Child, ready: Callable[[], bool], *, seconds: float = 90.0) -> None:
    """Wait until the child is ready; raises ProcessFailed when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        status = child.exit_status()
        if status is not None:
            raise child.complain(f"{ended(status)}.")
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
    """Give a port of 127.0.0.1 that nothing listens on at this moment.

    None that the system gives to outgoing connections: while its server is started again, one of
    them could take it.
    """
    while True:
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, even by SIGKILL.

    A shell starts what it puts into the background with SIGINT ignored, which children inherit; in
    Dagster's processes SIGTERM goes the same way, and then they could not be asked to end.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _spawn(argv: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
    """Start a process; a session of its own keeps the terminal's Ctrl-C for us alone."""
    return subprocess.Popen(  # noqa: S603 (our own programs with our own arguments)
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 (async-signal-safe: signals, one prctl)
    )


def _signal(child: Child, number: signal.Signals) -> None:
    """Signal the session of a child that is not reaped yet."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)
