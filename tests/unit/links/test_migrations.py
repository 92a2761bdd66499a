"""Migrations: they make what the models say, also when two processes start at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.migrate import MIGRATIONS, current_revision, ensure_database, migrate
from ohx_pipelines.links.models import Base

MIGRATE_ON_SIGNAL = """
import sys
from ohx_pipelines.links.migrate import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(sys.argv[1])
"""


@pytest.fixture
def connect():
    engines = []

    def give(url):
        engines.append(create_engine(url))
        return engines[-1].begin()

    yield give
    for engine in engines:
        engine.dispose()


@pytest.fixture
def empty_url(new_database):
    url = new_database()
    ensure_database(url)
    return url


def newest():
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_models_and_migrated_database_agree(database_url, connect):
    with connect(database_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_are_in_the_migrated_database_too(database_url, connect):
    # Alembic does not compare these.
    wanted = {
        (table.name, constraint.name)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    with connect(database_url) as connection:
        looked_at = inspect(connection)
        found = {
            (table, constraint["name"])
            for table in looked_at.get_table_names()
            for constraint in looked_at.get_check_constraints(table)
        }

    assert found == wanted
    assert wanted


def test_no_table_has_a_column_for_a_reading(database_url, connect):
    with connect(database_url) as connection:
        looked_at = inspect(connection)
        columns = {c["name"] for c in looked_at.get_columns("sync_ledger")}

    assert columns == {
        "link_id",
        "day",
        "outcome",
        "counts",
        "reasons",
        "failed_stage",
        "status",
        "error",
        "attempts",
        "seconds",
        "first_at",
        "last_at",
        "last_success_at",
        "run_id",
        "read_at",
        "read_as",
    }


def test_an_empty_database_has_no_revision_and_a_migrated_one_the_newest(empty_url):
    assert current_revision(empty_url) is None
    migrate(empty_url)
    assert current_revision(empty_url) == newest()


def test_migrating_again_changes_nothing_and_keeps_the_rows(empty_url, connect):
    migrate(empty_url)
    with connect(empty_url) as connection:
        connection.execute(text("INSERT INTO deployment VALUES (1, 'check', now())"))

    migrate(empty_url)

    with connect(empty_url) as connection:
        assert connection.execute(text("SELECT identifier_check FROM deployment")).all() == [
            ("check",)
        ]


def test_a_migration_that_fails_leaves_nothing_half_done(empty_url, connect):
    with connect(empty_url) as connection:
        # The last table of the migration is in the way.
        connection.execute(text("CREATE TABLE sync_ledger (id integer)"))

    with pytest.raises(Exception, match="sync_ledger"):
        migrate(empty_url)

    with connect(empty_url) as connection:
        assert inspect(connection).get_table_names() == ["sync_ledger"]


def test_two_processes_that_migrate_at_once_both_succeed(empty_url, hold):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE_ON_SIGNAL, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    # Both come as far as they can before either may make its first table.
    with hold(empty_url, "CREATE TABLE alembic_version (version_num text)", waiting=2):
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
    ends = [process.communicate(timeout=60)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0], ends
    assert current_revision(empty_url) == newest()


def test_a_missing_database_is_made_and_one_that_is_there_is_kept(new_database, connect):
    url = new_database()
    ensure_database(url)
    with connect(url) as connection:
        connection.execute(text("CREATE TABLE kept (id integer)"))

    ensure_database(url)

    with connect(url) as connection:
        assert inspect(connection).get_table_names() == ["kept"]


def test_processes_that_make_the_database_at_once_all_succeed(new_database, connect, at_once):
    url = new_database()

    assert at_once(*[lambda: ensure_database(url)] * 4) == [None] * 4

    with connect(url) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_database_may_have_any_name(database_server, new_database, connect):
    url = make_url(new_database())
    odd = url.set(database=f'{url.database}-"ö; DROP').render_as_string(hide_password=False)
    ensure_database(odd)
    try:
        with connect(odd) as connection:
            name = connection.execute(text("SELECT current_database()")).scalar()
        assert name == make_url(odd).database
    finally:
        engine = create_engine(database_server, isolation_level="AUTOCOMMIT")
        quoted = engine.dialect.identifier_preparer.quote_identifier(make_url(odd).database)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {quoted} WITH (FORCE)"))
        engine.dispose()


def test_a_server_that_does_not_answer_is_a_setting_to_change_and_no_secret_is_shown(tmp_path):
    url = f"postgresql+psycopg2://ohx:password-CANARY@/ohx?host={tmp_path}"

    with pytest.raises(ConfigurationError, match="'ohx'") as caught:
        ensure_database(url)

    assert "CANARY" not in str(caught.value)


def test_migrating_without_a_server_is_an_error_without_the_password(tmp_path):
    with pytest.raises(OperationalError) as caught:
        migrate(f"postgresql+psycopg2://ohx:password-CANARY@/ohx?host={tmp_path}")

    assert "CANARY" not in str(caught.value)


def downgrade(connection, revision):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)


@pytest.mark.parametrize(
    ("revision", "table"),
    [
        ("0005", "inbox"),
        ("0003", "retraction_confirmations"),
        ("0002", "ehr_keys"),
        ("0001", "audit_log"),
    ],
)
def test_the_newest_migrations_can_be_taken_back_and_made_again(
    empty_url, connect, revision, table
):
    migrate(empty_url)
    with connect(empty_url) as connection:
        downgrade(connection, revision)
        assert table not in inspect(connection).get_table_names()
    migrate(empty_url)
    assert current_revision(empty_url) == newest()


def test_hints_that_the_former_program_cannot_keep_are_dropped_there(empty_url, connect):
    migrate(empty_url)
    insert_hint = (
        "INSERT INTO inbox (provider, link_id, kind, first_day, last_day, ended) "
        "SELECT 'pulse', id, :kind, '2026-11-20', '2026-11-20', false FROM provider_links"
    )
    with connect(empty_url) as connection:
        connection.execute(
            text(
                "INSERT INTO ehr_connections (id, name, url, auth, timeout_seconds) "
                "VALUES ('e', 'clinic', 'https://ehr.example', 'none', 5)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO patients (id, ehr_connection_id, fhir_id, issuer, subject) "
                "VALUES ('p', 'e', 'f', 'i', 's')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO provider_links (id, provider, patient_id, account_hash, state, "
                "scopes, data_types) VALUES ('l', 'pulse', 'p', 'h', 'unlinked', '{}', '{}')"
            )
        )
        for length in (30, 31, 60):
            connection.execute(text(insert_hint), {"kind": "k" * length})
        downgrade(connection, "0007")
        kinds = connection.execute(text("SELECT kind FROM inbox")).scalars().all()

    assert kinds == ["k" * 30]


def test_connections_of_the_former_program_keep_what_they_had(empty_url, connect):
    migrate(empty_url)
    with connect(empty_url) as connection:
        downgrade(connection, "0002")
        connection.execute(
            text(
                "INSERT INTO ehr_connections (id, name, url, auth, username, timeout_seconds) "
                "VALUES ('aaaaaaaaaaaa', 'clinic', 'https://ehr.example', 'basic', 'us', 5)"
            )
        )
    migrate(empty_url)

    query = "SELECT url, auth, username, write_mode, checked_at, client_id FROM ehr_connections"
    with connect(empty_url) as connection:
        assert connection.execute(text(query)).all() == [
            ("https://ehr.example", "basic", "us", "put-id", None, None)
        ]


def test_kinds_of_auth_that_the_former_program_does_not_know_are_none_there(empty_url, connect):
    migrate(empty_url)
    with connect(empty_url) as connection:
        connection.execute(
            text(
                "INSERT INTO ehr_connections (id, name, url, auth, timeout_seconds) VALUES "
                "('aaaaaaaaaaaa', 'a', 'https://a', 'client_credentials_basic', 5), "
                "('bbbbbbbbbbbb', 'b', 'https://b', 'bearer', 5)"
            )
        )
        downgrade(connection, "0002")
        rows = connection.execute(text("SELECT auth FROM ehr_connections ORDER BY id")).all()

    assert rows == [("none",), ("bearer",)]


@pytest.mark.parametrize("change", ["UPDATE audit_log SET who = 'nobody'", "DELETE FROM audit_log"])
def test_a_line_of_the_audit_log_is_neither_changed_nor_deleted(empty_url, connect, change):
    migrate(empty_url)
    with connect(empty_url) as connection:
        connection.execute(text("INSERT INTO audit_log (who, what) VALUES ('system', 'linked')"))

    with pytest.raises(DBAPIError, match="only added to"), connect(empty_url) as connection:
        connection.execute(text(change))


FORMER_TYPES = [
    "weight, height and body composition",
    "blood pressure and pulse",
    "pulse wave velocity",
]
CONFIRMED_AT = "2026-11-01 08:00:00+00"
ASKED_AT = "2026-11-20 09:30:00+00"


def put_former_links(connection):
    """Write links as revision 0003 knew them, one per state, each id the state's first letters."""
    connection.execute(
        text(
            "INSERT INTO ehr_connections (id, name, url, auth, timeout_seconds) "
            "VALUES ('ehr', 'clinic', 'https://ehr.example', 'none', 5)"
        )
    )
    connection.execute(
        text(
            "INSERT INTO patients (id, ehr_connection_id, fhir_id, issuer, subject) "
            "VALUES ('pat', 'ehr', 'p1', 'https://login', 'one')"
        )
    )
    link = text(
        "INSERT INTO provider_links (id, provider, patient_id, account_hash, wrapped_key, scopes, "
        "data_types, zone, state, confirmed_at) VALUES (:id, 'withings', 'pat', :id, :key, '{}', "
        ":types, 'Europe/Berlin', :state, :at)"
    )
    for state in ("unconfirmed", "active", "needs_relink", "unlinking", "unlinked"):
        given = {"id": state, "state": state, "types": FORMER_TYPES}
        given |= {"key": None if state == "unlinked" else b"k"}
        connection.execute(link, given | {"at": None if state == "unconfirmed" else CONFIRMED_AT})
    asked = text(
        "INSERT INTO audit_log (at, who, what, link_id) VALUES (:at, 'system', 'unlink_asked', :id)"
    )
    for state in ("unlinking", "unlinked"):
        connection.execute(asked, {"at": ASKED_AT, "id": state})


@pytest.fixture
def former(empty_url, connect):
    """A database of the former program with links in it, brought to the newest revision."""
    migrate(empty_url)
    with connect(empty_url) as connection:
        downgrade(connection, "0003")
        put_former_links(connection)
    migrate(empty_url)
    return empty_url


def test_copies_of_links_that_live_or_are_just_ending_are_due_and_of_no_other(former, connect):
    query = "SELECT id FROM provider_links WHERE record_version > record_written ORDER BY id"
    with connect(former) as connection:
        due = [row.id for row in connection.execute(text(query))]

    assert due == ["active", "needs_relink", "unlinking"]


def test_a_former_links_record_says_since_when_and_until_when(former, connect):
    query = (
        "SELECT id, consented_at = :confirmed AS since, ended_at = :asked AS until "
        "FROM provider_links"
    )
    with connect(former) as connection:
        found = connection.execute(text(query), {"confirmed": CONFIRMED_AT, "asked": ASKED_AT})
        said = {row.id: (row.since, row.until) for row in found}

    assert said == {
        "unconfirmed": (None, None),
        "active": (True, None),
        "needs_relink": (True, None),
        "unlinking": (True, True),
        "unlinked": (True, True),
    }


def test_data_types_get_names_and_the_former_program_its_sentences_back(former, connect):
    query = text("SELECT DISTINCT data_types FROM provider_links")
    with connect(former) as connection:
        assert connection.execute(query).all() == [
            (["body", "blood_pressure", "pulse_wave_velocity"],)
        ]
        downgrade(connection, "0003")
        assert connection.execute(query).all() == [(FORMER_TYPES,)]


def test_the_former_program_writes_by_id_where_writing_was_blind(former, connect):
    with connect(former) as connection:
        connection.execute(text("UPDATE ehr_connections SET write_mode = 'blind'"))
        downgrade(connection, "0003")

        assert connection.execute(text("SELECT write_mode FROM ehr_connections")).all() == [
            ("put-id",)
        ]


def test_a_confirmed_retraction_goes_with_its_link(former, connect):
    with connect(former) as connection:
        connection.execute(
            text(
                "INSERT INTO retraction_confirmations (link_id, day, most, who) "
                "VALUES ('active', '2026-11-20', 3, 'operator me')"
            )
        )
        connection.execute(text("DELETE FROM provider_links WHERE id = 'active'"))

        assert connection.execute(text("SELECT * FROM retraction_confirmations")).all() == []
