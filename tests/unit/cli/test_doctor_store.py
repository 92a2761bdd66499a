"""What `ohx doctor` says of the link store, for each thing that can be wrong with it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.cli.checks.store import (
    check_database,
    check_identifier_secret,
    check_keys,
    check_links,
    check_migrations,
)
from ohx_pipelines.links.migrate import ensure_database, migrate
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, link_file


@pytest.fixture
def nobody(closed_port):
    """A store on a server that is not there."""
    url = f"postgresql+psycopg2://CANARY:CANARY@127.0.0.1:{closed_port}/ohx"
    store = open_store(url, Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 32)
    yield store
    store.close()


@pytest.fixture
def sql(database_url):
    engine = create_engine(database_url)

    def run(statement, **parameters):
        with engine.begin() as connection:
            connection.execute(text(statement), parameters)

    yield run
    engine.dispose()


def test_a_database_that_answers_is_well_and_its_version_told(store):
    [finding] = check_database(store)

    assert finding.level == "ok"
    assert finding.found.startswith("PostgreSQL 1")


def test_a_database_that_does_not_answer_is_a_failure_that_names_the_setting_and_no_password(
    nobody,
):
    [finding] = check_database(nobody)

    assert finding.level == "failed"
    assert "OHX_DATABASE_URL" in finding.advice
    assert "CANARY" not in finding.found + finding.advice


@pytest.mark.parametrize(
    ("revision", "level", "advice"),
    [
        (None, "failed", "Run `ohx migrate`."),
        ("0001", "failed", "Run `ohx migrate`."),
        ("9999", "failed", "A newer program was here: upgrade this one."),
        ("newest", "ok", ""),
    ],
)
def test_the_tables_revision_says_which_of_the_two_to_bring_up_to_date(
    new_database, revision, level, advice
):
    url = new_database()
    ensure_database(url)
    if revision is not None:
        migrate(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            if revision != "newest":
                statement = text("UPDATE alembic_version SET version_num = :revision")
                connection.execute(statement, {"revision": revision})
        engine.dispose()

    [finding] = check_migrations(url)

    assert (finding.level, finding.advice) == (level, advice)


@pytest.mark.parametrize(
    ("key", "key_id", "level", "said"),
    [
        (b"k" * 32, "1", "ok", "OHX_TOKEN_KEY opens all 2 data keys"),
        (b"x" * 32, "1", "failed", "2 rows sealed with key '1' cannot be opened; 0 can be opened"),
        (
            b"x" * 32,
            "2",
            "failed",
            "2 rows were sealed with another key than '2'; 0 can be opened",
        ),
    ],
)
def test_keys_that_cannot_be_opened_are_counted(database_url, store, key, key_id, level, said):
    for account in ("ada", "bob"):
        link_account(store, account)
    other = open_store(database_url, Vault(key, key_id=key_id), identifier_secret="i" * 32)
    settings = some_settings(token_key=base64.b64encode(key).decode(), token_key_id=key_id)

    [finding] = check_keys(other, settings)
    other.close()

    assert (finding.level, finding.found) == (level, said)
    assert ("OHX_TOKEN_KEY" in finding.advice) is (level == "failed")


def test_an_identifier_secret_before_the_first_use_is_a_warning(store):
    [finding] = check_identifier_secret(store)

    assert (finding.level, finding.advice) == ("warning", "Start `ohx up` once.")


def test_an_identifier_secret_of_the_first_use_is_well_and_another_a_failure(store, database_url):
    store.check_identifier_secret()
    other = open_store(database_url, Vault(b"k" * 32, key_id="1"), identifier_secret="CANARY" * 8)

    [same], [wrong] = check_identifier_secret(store), check_identifier_secret(other)
    other.close()

    assert same.level == "ok"
    assert wrong.level == "failed"
    assert "Set the former secret" in wrong.advice
    assert "CANARY" not in wrong.found + wrong.advice


def test_links_are_counted_by_state_and_those_that_wait_for_their_patient_named(store):
    link_account(store, "ada", provider="withings")
    gone = link_account(store, "bob", provider="withings")
    store.set_state(gone.id, LinkState.NEEDS_RELINK)

    [finding] = check_links(store, some_settings())

    assert finding.level == "ok"
    assert "1 active, 1 needs_relink" in finding.found
    assert gone.id in finding.found
    assert "bob" not in finding.found


@pytest.mark.parametrize(("hours", "level"), [(23, "ok"), (25, "warning")])
def test_unlinking_that_lasts_for_more_than_a_day_is_a_warning(store, sql, hours, level):
    link = link_account(store, "ada", provider="withings")
    store.set_state(link.id, LinkState.UNLINKING)
    sql(
        "INSERT INTO audit_log (at, who, what, link_id) VALUES (:at, 'system', :what, :link)",
        at=datetime.now(UTC) - timedelta(hours=hours),
        what="unlink_asked",
        link=link.id,
    )

    [finding] = check_links(store, some_settings())

    assert finding.level == level
    assert (link.id in finding.found) is (level == "warning")


def test_links_of_a_vendor_that_is_not_set_up_are_a_warning_that_says_both_ways_out(store):
    link_account(store, "ada", provider="withings")
    lives, ends, over = (link_account(store, who, provider="google_health") for who in "bcd")
    store.set_state(ends.id, LinkState.UNLINKING)
    store.set_state(over.id, LinkState.UNLINKED)

    counted, finding = check_links(store, some_settings())

    assert (counted.name, counted.level) == ("links", "ok")
    assert (finding.name, finding.level) == ("links google_health", "warning")
    assert finding.found == (
        f"2 links of google_health, which is not set up: {lives.id}, {ends.id}"
    )
    assert "Set OHX_GOOGLE_HEALTH__... again" in finding.advice
    assert "`ohx links unlink LINK --without-vendor`" in finding.advice


def test_ended_links_of_a_vendor_that_is_not_set_up_need_nobody(store):
    over = link_account(store, "ada", provider="google_health")
    store.set_state(over.id, LinkState.UNLINKED)

    assert [one.name for one in check_links(store, some_settings())] == ["links"]


def test_links_of_files_are_links_like_others(store):
    link_file(store, "ada", provider="beurer")
    link_file(store, "ada", provider="omron_connect")

    [finding] = check_links(store, some_settings())

    assert finding.level == "ok"
    assert finding.found.startswith("0 unconfirmed, 2 active")


def test_links_of_an_app_whose_files_are_not_taken_are_a_warning_that_says_both_ways_out(store):
    link = link_file(store, "ada", provider="beurer")

    _, finding = check_links(store, some_settings(uploads={"apps": "omron_connect"}))

    assert (finding.name, finding.level) == ("links beurer", "warning")
    assert finding.found == f"1 links of beurer, whose files are not taken: {link.id}"
    assert "OHX_UPLOADS__APPS" in finding.advice
    assert "`ohx links unlink LINK`" in finding.advice


def test_the_keys_of_links_of_files_are_opened_as_well(store):
    link_file(store, "ada", provider="beurer")

    [finding] = check_keys(store, some_settings())

    assert (finding.level, "1 data keys" in finding.found) == ("ok", True)
