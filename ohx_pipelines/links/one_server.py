"""One PostgreSQL server on one data folder, and nothing of an earlier one beside it.

Belongs here: refusing the second server, ending what a killed one left. Not here: starting and
stopping a server (`private_postgres.py`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

import psutil

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.postgres_place import Place

LEFTOVER_SECONDS = 5.0
LOCK_SECONDS = 5.0


def locked(place: Place) -> int:
    """Give a descriptor that holds the data folder until nobody has it open any more.

    The server inherits it, and its backends do. No process id would do: two containers that share
    a volume do not see each other's. Raises ConfigurationError when it stays taken.
    """
    lock = os.open(place.data.with_name("data.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, lock)
        while not _takes(lock):
            refuse_second_server(place)
            if time.monotonic() > deadline:
                raise _second_server(place, "its process is not to be seen from here")
            time.sleep(0.05)  # backends of a killed server are about to end
        undo.pop_all()
    return lock


def refuse_second_server(place: Place) -> None:
    """Raise ConfigurationError when a process that can be seen serves the folder."""
    process = _noted(place)
    if process is not None and _is_running(process):
        raise _second_server(place, f"pid {process.pid}")


def forget_dead_server(place: Place) -> None:
    """Forget the note of a server that was killed; the folder is locked.

    Its number is another program's by now, which PostgreSQL would take for a server.
    """
    if _noted(place) is not None:
        for stale in (_note(place), *place.socket.glob(".s.PGSQL.*.lock")):
            stale.unlink(missing_ok=True)


def end_leftovers(place: Place) -> None:
    """Wait for the backends of a killed server, which end when they notice; end those that do not.

    PostgreSQL refuses to start on data that an old backend still works on. Raises
    ConfigurationError when a server lives there: then they are its backends.
    """
    left = [one for one in psutil.process_iter() if _works_on(one, place.data)]
    servers = [one.pid for one in left if _is_server(one)]
    if servers:
        raise _second_server(place, f"pid {servers[0]}")
    _, deaf = psutil.wait_procs(left, timeout=LEFTOVER_SECONDS)
    for one in deaf:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(deaf, timeout=LEFTOVER_SECONDS)


def _takes(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(place: Place) -> Path:
    return place.data / "postmaster.pid"


def _noted(place: Place) -> psutil.Process | None:
    """Give the process that has the number the last server noted."""
    try:
        return psutil.Process(int(_note(place).read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


def _is_running(process: psutil.Process) -> bool:
    try:
        return bool(process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _second_server(place: Place, which: str) -> ConfigurationError:
    message = f"a private PostgreSQL runs in {place.data.parent} already ({which})"
    return ConfigurationError(message)


def _works_on(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except psutil.Error:
        return False


def _is_server(process: psutil.Process) -> bool:
    """Tell a server from its backends, which call themselves `postgres: …`."""
    try:
        return not process.cmdline()[0].startswith("postgres:")
    except (psutil.Error, IndexError):
        return False
