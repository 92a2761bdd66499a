"""A database that restarts: a real server is killed under an open store, and nothing fails."""

import os
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from sqlalchemy.exc import OperationalError

from ohx_pipelines.links.migrate import ensure_database, migrate
from ohx_pipelines.links.outlasting import outlasting
from ohx_pipelines.links.private_postgres import PrivatePostgres
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault


@pytest.fixture
def server():
    folder = Path(tempfile.mkdtemp(prefix="ohx-test-outlasting-"))
    folder.chmod(0o711)
    server = PrivatePostgres(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def kill(server):
    backends = psutil.Process(server.pid).children(recursive=True)
    os.kill(server.pid, signal.SIGKILL)
    psutil.wait_procs(backends, timeout=10)
    server.stop()


def test_a_store_that_was_connected_waits_for_a_server_that_restarts(server):
    url = server.url("ohx")
    ensure_database(url)
    migrate(url)
    store = open_store(url, Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40)
    assert store.statuses() == []
    kill(server)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(outlasting(store.statuses))
        time.sleep(1)
        assert not asked.done()
        # From this thread: a server ends with the thread that started it.
        server.start()

        assert asked.result(30) == []
    store.close()


def test_a_server_that_was_never_there_is_an_error_at_once(tmp_path):
    store = open_store(
        f"postgresql+psycopg2://ohx@/ohx?host={tmp_path}",
        Vault(b"k" * 32, key_id="1"),
        identifier_secret="i" * 40,
    )

    with pytest.raises(OperationalError):
        store.statuses()


def test_a_call_is_repeated_for_a_broken_connection_alone():
    ends = iter([OperationalError("SELECT", {}, Exception()), KeyError("other")])

    def call():
        raise next(ends)

    with pytest.raises(KeyError, match="other"):
        outlasting(call)()


def test_a_connection_that_stays_broken_is_given_up():
    calls = []

    def call():
        calls.append(1)
        raise OperationalError("SELECT", {}, Exception())

    with pytest.raises(OperationalError):
        outlasting(call)()
    assert len(calls) == 4
