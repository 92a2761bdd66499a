"""One writer per patient and EHR, over threads and processes, and nothing left locked."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.errors import WriterBusy
from ohx_pipelines.links.writer_lock import WriterLocks

HELD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
QUERIES = text("SELECT query FROM pg_stat_activity")
PATIENT = "Patient/CANARY-1"
HOLD_FOR_EVER = """
import sys, time
from ohx_pipelines.links.writer_lock import WriterLocks
with WriterLocks(sys.argv[1]).for_ehr("ehr-1")(sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def lock(database_url):
    return WriterLocks(database_url, longest_wait_seconds=10).for_ehr("ehr-1")


@pytest.fixture
def asked(database_url):
    engine = create_engine(database_url)

    def ask(statement):
        with engine.connect() as connection:
            return list(connection.scalars(statement))

    yield ask
    engine.dispose()


def test_a_second_writer_waits_until_the_first_is_done(lock):
    order = []
    taken = threading.Event()

    def second():
        with lock(PATIENT):
            order.append("second")

    def first():
        with lock(PATIENT):
            taken.set()
            time.sleep(0.3)
            order.append("first")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert taken.wait(60)
    threads[1].start()
    for one in threads:
        one.join(10)

    assert order == ["first", "second"]


def test_writers_for_other_patients_and_other_ehrs_do_not_wait(database_url):
    locks = WriterLocks(database_url, longest_wait_seconds=0.05)

    with (
        locks.for_ehr("ehr-1")(PATIENT),
        locks.for_ehr("ehr-1")("Patient/2"),
        locks.for_ehr("ehr-2")(PATIENT),
    ):
        pass


def test_who_waits_too_long_is_told_so_and_can_come_again(database_url, lock, asked):
    impatient = WriterLocks(database_url, longest_wait_seconds=0.05).for_ehr("ehr-1")

    with lock(PATIENT), pytest.raises(WriterBusy) as caught, impatient(PATIENT):
        pass

    assert (caught.value.detail, caught.value.retryable) == ("writer_busy", True)
    assert "CANARY" not in str(caught.value)
    assert asked(HELD) == [0]
    with impatient(PATIENT):
        pass


def test_a_writer_that_fails_leaves_nothing_locked(lock, asked):
    with pytest.raises(ZeroDivisionError), lock(PATIENT):
        1 / 0  # noqa: B018 (any error)

    assert asked(HELD) == [0]


def test_a_writer_that_is_killed_leaves_nothing_locked(database_url, lock):
    command = [sys.executable, "-c", HOLD_FOR_EVER, database_url, PATIENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGKILL)

        with lock(PATIENT):
            pass


def test_the_database_is_told_no_patient(lock, asked):
    with lock(PATIENT):
        queries = asked(QUERIES)

    assert any("pg_advisory_xact_lock" in one for one in queries)
    assert not any("CANARY" in one for one in queries)
