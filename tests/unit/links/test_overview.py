"""Questions over the whole store: the server, links since when, the ledger of every link."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.migrate import current_revision, known_revisions
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.outcomes import DayResult, Outcome

DAY = date(2026, 11, 20)


def test_the_server_tells_its_version_and_its_clock(store, sql):
    server = store.server()

    [[number]] = sql("SELECT current_setting('server_version_num')::int / 10000")
    assert server.version.split(".")[0] == str(number)
    assert abs((server.now - datetime.now(UTC)).total_seconds()) < 5


def test_a_link_is_in_its_state_since_it_was_confirmed(store, active_link):
    [link] = store.links_since()

    assert (link.id, link.state.value) == (active_link.id, "active")
    assert link.since == active_link.confirmed_at


def test_an_unlinking_link_is_so_since_it_was_asked_for(store, active_link, sql):
    asked = datetime(2027, 1, 2, 3, tzinfo=UTC)
    sql("UPDATE provider_links SET state = 'unlinking'")
    sql(
        "INSERT INTO audit_log (at, who, what, link_id) VALUES (:at, 'system', :what, :link)",
        at=asked,
        what="unlink_asked",
        link=active_link.id,
    )

    [link] = store.links_since()

    assert link.since == asked


def test_the_ledger_of_all_links_is_given_within_the_bounds_and_counted_outside(store, active_link):
    outcomes = {-1: Outcome.SYNCED, 0: Outcome.NO_DATA, 1: Outcome.EHR_DOWN, 2: Outcome.SYNCED}
    for n, outcome in outcomes.items():
        result = DayResult(day=DAY + timedelta(days=n), outcome=outcome)
        store.record_days(active_link.id, [result], run_id=f"run{n}")
    bounds = {"first_day": DAY, "last_day": DAY + timedelta(days=1)}

    found = store.noted_days("withings", **bounds)

    assert {key: (one.outcome, one.run_id) for key, one in found.items()} == {
        (DAY, active_link.id): ("no_data", "run0"),
        (DAY + timedelta(days=1), active_link.id): ("ehr_down", "run1"),
    }
    assert store.days_outside("withings", **bounds) == 2
    assert store.noted_days("acme", **bounds) == {}
    assert store.days_outside("acme", **bounds) == 0


def test_asking_for_the_identifier_secret_notes_none(store, sql):
    assert store.identifier_secret_fits() is None
    assert sql("SELECT count(*) FROM deployment") == [(0,)]


def test_the_identifier_secret_of_the_first_use_fits_and_another_does_not(store, database_url):
    store.check_identifier_secret()
    other = open_store(database_url, Vault(b"k" * 32, key_id="1"), identifier_secret="o" * 40)

    assert store.identifier_secret_fits() is True
    assert other.identifier_secret_fits() is False
    with pytest.raises(ConfigurationError):
        other.check_identifier_secret()
    other.close()


def test_the_newest_known_revision_is_that_of_migrated_tables(migrated_url):
    assert known_revisions()[0] == current_revision(migrated_url)
    assert known_revisions()[-1] == "0001"
