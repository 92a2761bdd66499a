"""What all tests share: a real PostgreSQL per test process, and a link store that starts clean.

The server is our own private one (`ohx_pipelines/links/private_postgres.py`), made in about a second
and gone at the end. With OHX_TEST_DATABASE_URL the tests use that server instead, through any
database on it whose user may create others: each test process makes databases of its own, called
`ohx_test_…`, and drops them.
"""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, text
from sqlalchemy.engine import make_url
from xdist.scheduler import LoadFileScheduling

from ohx_pipelines.links.migrate import ensure_database, migrate
from ohx_pipelines.links.models import Base
from ohx_pipelines.links.private_postgres import PrivatePostgres
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault

DRIVER = "postgresql+psycopg2"
# A whole deployment has a dozen processes: two at once would keep each other waiting, and each
# other's clocks. One test process runs them all; it takes as long as the others do for the rest.
DEPLOYMENTS = "tests/end_to_end"
# What takes longest starts first, else one process would still be at it when the others are done.
SLOWEST_FIRST = (
    "test_fault_table.py",
    "test_chaos_short.py",
    "test_attacks.py",
    "test_demo.py",
    "test_refresh.py",
    "test_unlinking.py",
    "test_month.py",
    "test_never_retract_wrongly.py",
)
THOROUGH = "OHX_TEST_THOROUGH"
COUNTED = "counted: "


@pytest.fixture
def collector_waits():
    """Keep the garbage collector from running where a parser stands at the limit of recursion.

    What it ends there cannot run a line of Python, and pytest takes that for an error of the test.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def count(record_property):
    """Count a word of a table; the counts of all test processes stand at the end of the run."""
    return lambda table, word: record_property(COUNTED + table, word)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("thorough") and THOROUGH not in os.environ:
            item.add_marker(pytest.mark.skip(reason="`make thorough` runs this: it takes minutes"))
    places = {name: place for place, name in enumerate(SLOWEST_FIRST)}
    # After pytest-randomly: the order within a file, and of all other files, stays random.
    items.sort(
        key=lambda item: (
            not item.nodeid.startswith(DEPLOYMENTS),
            places.get(item.path.name, len(places)),
        )
    )


class OneDeploymentAtATime(LoadFileScheduling):
    """A file of tests is one process's; all files about deployments are one's."""

    def _split_scope(self, nodeid):
        return DEPLOYMENTS if nodeid.startswith(DEPLOYMENTS) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OneDeploymentAtATime(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter):
    counts = defaultdict(Counter)
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, word in getattr(report, "user_properties", []):
                # A test's properties are on the reports of its three phases.
                if name.startswith(COUNTED) and report.when == "teardown":
                    counts[name.removeprefix(COUNTED)][word] += 1
    for table, words in sorted(counts.items()):
        said = ", ".join(f"{word} {n}" for word, n in sorted(words.items()))
        terminalreporter.write_line(f"{table}: {said}")


def run_sql(url, *statements):
    """Run statements outside a transaction: CREATE and DROP DATABASE want none."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def database_server():
    """The address of a database on a real server, as whose user databases can be made."""
    given = os.environ.get("OHX_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername=DRIVER).render_as_string(hide_password=False)
        return
    # Not pytest's own temp folder: as root, the server's user cannot enter it.
    folder = Path(tempfile.mkdtemp(prefix="ohx-test-postgres-"))
    folder.chmod(0o711)
    try:
        with PrivatePostgres(folder) as server:
            yield server.url("postgres")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_database(database_server):
    """Give the address of a database that does not exist yet; it is dropped at the end."""
    names = []

    def give():
        names.append(f"ohx_test_{secrets.token_hex(6)}")
        url = make_url(database_server).set(database=names[-1])
        return url.render_as_string(hide_password=False)

    yield give
    run_sql(database_server, *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))


@pytest.fixture(scope="session")
def migrated_url(new_database):
    """The address of a database with our tables, one for all tests of this process."""
    url = new_database()
    ensure_database(url)
    # Nobody pulls the plug of a test: what a commit waits for on the disk is time lost.
    run_sql(url, f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = off")
    migrate(url)
    return url


@pytest.fixture
def database_url(migrated_url):
    """The address of a database with our tables, all empty."""
    engine = create_engine(migrated_url)
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            # The audit log refuses to be deleted from.
            only_added = table.name == "audit_log"
            connection.execute(text("TRUNCATE audit_log") if only_added else delete(table))
    engine.dispose()
    return migrated_url


@pytest.fixture
def store(database_url):
    """A link store on clean tables."""
    store = open_store(
        database_url, Vault(b"k" * 32, key_id="1"), identifier_secret="identifier-secret" * 3
    )
    yield store
    store.close()
