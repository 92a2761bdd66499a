"""What the store's tests share: patients, grants, links, and a start signal for threads."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.links.models import Base
from ohx_pipelines.providers.base import TokenGrant

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.fixture
def new_grant():
    """Give a grant; tokens differ by `number`."""

    def give(user="vendor-user-CANARY-1", number=1, *, valid=timedelta(hours=3)):
        return TokenGrant(
            access_token=f"access-CANARY-{number}",
            refresh_token=f"refresh-CANARY-{number}",
            expires_at=datetime.now(UTC) + valid,
            scopes=frozenset({"user.metrics", "user.info"}),
            user=user,
        )

    return give


@pytest.fixture
def ehr(store):
    return store.save_ehr(
        name="default",
        url="https://ehr.example/fhir",
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=5,
    )


@pytest.fixture
def new_patient(store, ehr):
    """Give the id of a patient who signs in for the first time."""
    numbers = itertools.count(1)

    def give():
        number = next(numbers)
        return store.patient_signed_in(
            ehr_connection_id=ehr.id,
            fhir_id=f"p{number}",
            issuer="https://login.example",
            subject=f"subject-{number}",
        ).id

    return give


@pytest.fixture
def link_account(store, new_grant):
    """Give the link of an account: what a patient's return from the vendor makes."""

    def give(patient_id, user="vendor-user-CANARY-1", number=1, *, provider="withings", **grant):
        return store.save_link(
            patient_id=patient_id,
            provider=provider,
            grant=new_grant(user, number, **grant),
            data_types=["weight"],
        )

    return give


@pytest.fixture
def leased(store):
    """Give the lease on a link's tokens as they are."""

    def give(link_id, *, seconds=30):
        version = store.tokens(link_id).version
        return store.claim_refresh(link_id, version=version, seconds=seconds)

    return give


@pytest.fixture
def active_link(store, new_patient, link_account):
    """A confirmed link with the tokens number 1."""
    link = link_account(new_patient())
    return store.confirm_link(link.id, zone=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def sql(database_url):
    """Run SQL behind the store's back; gives the rows."""
    engine = create_engine(database_url)

    def run(statement, **parameters):
        with engine.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return result.all() if result.returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def dump(sql):
    """Every column of every row of ours as bytes: what a copy of the database would hold."""

    def give():
        found = []
        for table in Base.metadata.sorted_tables:
            for row in sql(f"SELECT * FROM {table.name}"):
                found += [
                    bytes(value) if isinstance(value, memoryview) else str(value).encode()
                    for value in row
                ]
        return b"\0".join(found)

    return give


@pytest.fixture
def at_once():
    """Call functions in threads that start together; gives results and exceptions, in order."""

    def run(*calls):
        barrier = threading.Barrier(len(calls))

        def one(call):
            barrier.wait(60)
            try:
                return call()
            except Exception as error:  # noqa: BLE001 (the test looks at it)
                return error

        with ThreadPoolExecutor(len(calls)) as pool:
            return [future.result(60) for future in [pool.submit(one, call) for call in calls]]

    return run


@contextmanager
def held(url, statement, *, waiting):
    """Hold what a statement locks until `waiting` others wait for a lock in the same database."""
    engine = create_engine(url)
    try:
        with engine.connect() as holder, engine.connect() as watcher:
            holder.execute(text(statement))
            yield
            deadline = time.monotonic() + 120
            while watcher.execute(WAITING).scalar() != waiting:
                assert time.monotonic() < deadline, "nobody waits for the lock"
                watcher.rollback()
                time.sleep(0.01)
            holder.rollback()
    finally:
        engine.dispose()


@pytest.fixture
def hold():
    return held


@pytest.fixture
def after_both_wait(database_url):
    """Call two functions that both come to wait for what a statement locks; then let them go."""

    def run(statement, *calls):
        def one(call):
            try:
                return call()
            except Exception as error:  # noqa: BLE001 (the test looks at it)
                return error

        with ThreadPoolExecutor(2) as pool:
            with held(database_url, statement, waiting=2):
                futures = [pool.submit(one, call) for call in calls]
            return [future.result(60) for future in futures]

    return run


@pytest.fixture
def today():
    return datetime.now(UTC).date()
