"""The Java processes: started, waited for until they listen, and ended.

Belongs here: their options and their life. Not here: building them (`build.py`) or the command line
(`__main__.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.hapi.build import CannotBuild, class_path, java

PACKAGE = "org.openhealthexchange.sandbox"
# What runs for minutes gains nothing from the optimizing compiler, and one collector is enough:
# together a third of the processor time until the server listens.
FAST_START = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
STOP_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Program:
    """One of the two processes: its main class, its heap, and the path that it serves."""

    main: str
    heap: str
    path: str
    options: tuple[str, ...] = ()


# HAPI's own switch for storage settings leaves its scheduler running; the property stops it.
SERVER = Program(
    main="StrictServer", heap="768m", path="/fhir", options=("-Dscheduling_disabled=true",)
)
REFEREE = Program(main="Referee", heap="512m", path="")


@dataclass(frozen=True, kw_only=True)
class Running:
    """A process that listens: its address, and what its start took."""

    process: subprocess.Popen[str]
    url: str
    cpu_seconds: float

    def as_json(self) -> dict[str, Any]:
        """Give what the command says of it."""
        return {
            "url": self.url,
            "pid": self.process.pid,
            "cpu_seconds": self.cpu_seconds,
            "rss_mb": resident_mb(self.process.pid),
        }


@contextmanager
def running(program: Program, *, port: int = 0, validation: str = "request") -> Iterator[Running]:
    """Run one of the processes for as long as the context lasts.

    Raises CannotBuild when it can neither be built nor started; what it says goes to stderr.
    """
    argv = [java(), f"-Xmx{program.heap}", *FAST_START, *program.options]
    argv += [f"-Dsandbox.port={port}", f"-Dsandbox.validation={validation}"]
    argv += ["-cp", class_path(), f"{PACKAGE}.{program.main}"]
    # Its input is a pipe from us: when we are gone, however that happened, it reads the end of it.
    process = subprocess.Popen(  # noqa: S603 (our own classes)
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield _ready(process, program)
    finally:
        _end(process)


def _ready(process: subprocess.Popen[str], program: Program) -> Running:
    said = process.stdout.readline() if process.stdout else ""
    if not said:
        raise CannotBuild(f"{program.main} ended before it listened.")
    ready = json.loads(said)
    url = f"http://127.0.0.1:{ready['port']}{program.path}"
    return Running(process=process, url=url, cpu_seconds=ready["cpu_seconds"])


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def resident_mb(pid: int) -> int | None:
    """Give a process's resident memory; None where the system does not tell (no /proc)."""
    status = Path(f"/proc/{pid}/statm")
    if not status.exists():
        return None
    pages = int(status.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
