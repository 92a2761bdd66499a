"""Ledger against Dagster: what disagrees, what is left out, and what a repair may say it did."""

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.cli import agreement
from ohx_pipelines.cli.agreement import Repair, compare
from ohx_pipelines.cli.checks.agreement import tell_agreement
from ohx_pipelines.cli.dagster_api import DagsterApi, DagsterFailed
from ohx_pipelines.cli.repairing import result
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import DayResult, Outcome
from tests.unit.cli.doctor_parts import grid
from tests.unit.linked import link_account

DAY = date(2026, 11, 20)
TEXT = "2026-11-20"
A_YEAR = """
INSERT INTO sync_ledger (link_id, day, outcome, counts, reasons, attempts, seconds,
                         first_at, last_at, run_id)
SELECT id, day, 'synced', '{}', '{}', 1, 0, now(), now(), 'run'
FROM provider_links, generate_series(CAST(:first AS date), CAST(:last AS date), '1 day') AS day
"""
WINDOW = ["2026-11-19", TEXT, "2026-11-21"]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(agreement, "SECOND_LOOK_SECONDS", 0.0)


@pytest.fixture
def link(store):
    return link_account(store, "ada", provider="withings")


@pytest.fixture
def compared(site, store):
    """Compare the store with a Dagster that shows this grid."""

    def give(links, days=WINDOW, **states):
        site.answer_json("/graphql", {"data": grid(days, links, **states)})
        return compare(DagsterApi(site.url), store, "withings")

    return give


def note(store, link, outcome, day=DAY):
    store.record_days(link.id, [DayResult(day=day, outcome=outcome)], run_id="run")


GOOD = [Outcome.SYNCED, Outcome.NO_DATA]
BAD = [outcome for outcome in Outcome if outcome not in GOOD]


@pytest.mark.parametrize("shown", ["red", "none"])
@pytest.mark.parametrize("outcome", GOOD)
def test_done_in_the_ledger_and_not_green_in_dagster_disagrees(
    store, link, compared, outcome, shown
):
    note(store, link, outcome)

    found = compared([link.id], red=[(TEXT, link.id)] if shown == "red" else [])

    assert (found.ledger_alone, found.dagster_alone) == ({(DAY, link.id)}, set())
    assert found.repairable == {(DAY, link.id)}


@pytest.mark.parametrize("outcome", [None, *BAD])
def test_green_in_dagster_and_a_failure_or_nothing_in_the_ledger_disagrees(
    store, link, compared, outcome
):
    if outcome:
        note(store, link, outcome)

    found = compared([link.id], green=[(TEXT, link.id)])

    assert (found.ledger_alone, found.dagster_alone) == (set(), {(DAY, link.id)})


@pytest.mark.parametrize("shown", ["red", "none"])
@pytest.mark.parametrize("outcome", [None, *BAD])
def test_a_failure_in_both_or_nothing_in_the_ledger_agrees(store, link, compared, outcome, shown):
    if outcome:
        note(store, link, outcome)

    found = compared([link.id], red=[(TEXT, link.id)] if shown == "red" else [])

    assert found.disagreeing == set()


@pytest.mark.parametrize("outcome", GOOD)
def test_done_in_both_agrees(store, link, compared, outcome):
    note(store, link, outcome)

    found = compared([link.id], green=[(TEXT, link.id)])

    assert (found.disagreeing, found.compared, found.links) == (set(), 1, 1)


@pytest.mark.parametrize("outcome", [None, Outcome.SYNCED, Outcome.EHR_DOWN])
@pytest.mark.parametrize("green", [True, False])
def test_a_link_day_that_is_being_synced_is_counted_and_not_compared(
    store, link, compared, outcome, green
):
    if outcome:
        note(store, link, outcome)
    here = [(TEXT, link.id)]

    found = compared([link.id], green=here if green else [], syncing=here)

    assert (found.disagreeing, found.compared, len(found.syncing)) == (set(), 0, 1)
    assert "1 being synced now" in tell_agreement(found).found


def test_days_outside_the_window_are_counted_and_not_compared(store, link, compared):
    note(store, link, Outcome.SYNCED, DAY - timedelta(days=2))
    note(store, link, Outcome.SYNCED, DAY + timedelta(days=2))

    found = compared([link.id])

    assert (found.disagreeing, found.compared, found.outside_window) == (set(), 0, 2)


def test_a_link_without_a_partition_is_counted_and_not_compared(store, link, compared):
    note(store, link, Outcome.SYNCED)

    found = compared([])

    assert (found.disagreeing, found.compared, found.without_partition) == (set(), 0, 1)


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_a_link_that_ended_is_counted_and_not_compared(store, link, compared, state):
    note(store, link, Outcome.SYNCED)
    store.set_state(link.id, state)

    found = compared([link.id])

    assert (found.disagreeing, found.compared, found.ended_links) == (set(), 0, 1)


def test_a_partition_of_a_link_that_was_deleted_is_not_compared(compared):
    found = compared(["gone"], green=[(TEXT, "gone")])

    assert (found.disagreeing, found.links) == (set(), 0)


def test_a_day_of_a_link_that_lost_its_permission_disagrees_and_cannot_be_repaired(
    store, link, compared
):
    note(store, link, Outcome.SYNCED)
    store.set_state(link.id, LinkState.NEEDS_RELINK)

    found = compared([link.id])

    assert (len(found.disagreeing), found.repairable) == (1, set())
    assert "--repair" not in tell_agreement(found).advice
    assert link.id in tell_agreement(found).advice


def test_another_providers_links_are_not_looked_at(store, compared):
    other = link_account(store, "bob", provider="acme")
    note(store, other, Outcome.SYNCED)

    found = compared([other.id])

    assert (found.disagreeing, found.compared, found.links) == (set(), 0, 0)


def test_a_sync_that_ended_between_the_two_questions_is_no_disagreement(
    site, store, link, monkeypatch
):
    note(store, link, Outcome.SYNCED)
    site.answer_json("/graphql", {"data": grid(WINDOW, [link.id])})

    def meanwhile(_seconds):
        site.answer_json("/graphql", {"data": grid(WINDOW, [link.id], green=[(TEXT, link.id)])})

    monkeypatch.setattr(agreement.time, "sleep", meanwhile)

    assert compare(DagsterApi(site.url), store, "withings").disagreeing == set()


def test_ranges_of_days_are_read_with_both_ends(site, store, link):
    answer = grid(WINDOW, [link.id])
    answer["assetNodeOrError"]["assetPartitionStatuses"]["ranges"] = [
        {
            "primaryDimStartKey": WINDOW[0],
            "primaryDimEndKey": WINDOW[-1],
            "secondaryDim": {"materializedPartitions": [link.id]},
        }
    ]
    site.answer_json("/graphql", {"data": answer})

    found = compare(DagsterApi(site.url), store, "withings")

    assert {str(day) for day, _ in found.dagster_alone} == set(WINDOW)


def test_an_asset_that_dagster_does_not_know_is_a_failure_and_not_an_agreement(site, store):
    site.answer_json("/graphql", {"data": {"assetNodeOrError": {}}})

    with pytest.raises(DagsterFailed, match="withings/published"):
        compare(DagsterApi(site.url), store, "withings")


def test_a_line_has_counts_and_twenty_examples_at_most(store, link, compared):
    days = [str(DAY - timedelta(days=n)) for n in range(23)]
    for day in days[:22]:
        note(store, link, Outcome.SYNCED, date.fromisoformat(day))

    finding = tell_agreement(compared([link.id], sorted(days), green=[(days[22], link.id)]))

    assert finding.level == "failed"
    assert "23 link-days of 1 links compared" in finding.found
    assert "22 where the ledger says done, Dagster is not green" in finding.found
    assert "1 where Dagster is green, the ledger has a failure or nothing" in finding.found
    assert f"{days[21]}|{link.id}" in finding.found
    assert "and 2 more" in finding.found
    assert len(finding.details["examples"]) == 20
    assert "`ohx doctor --repair`" in finding.advice


def test_comparing_a_year_of_a_hundred_links_takes_a_moment(site, store, database_url):
    """Sets, not one question per link-day: a year of a hundred links is 36,600 of them."""
    links = [link_account(store, f"account{n}", provider="withings").id for n in range(100)]
    days = [DAY - timedelta(days=n) for n in range(365, -1, -1)]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(A_YEAR), {"first": days[0], "last": DAY})
    engine.dispose()
    node = grid([str(day) for day in days], links)
    for one in node["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]:
        one["secondaryDim"]["materializedPartitions"] = links
    site.answer_json("/graphql", {"data": node})

    start = time.monotonic()
    found = compare(DagsterApi(site.url), store, "withings")

    assert (found.compared, found.disagreeing) == (36_600, set())
    # Half a second on two idle cores; one question per link-day would take minutes.
    assert time.monotonic() - start < 60


REPAIR = {
    "backfill": "abcd",
    "asked": 4,
    "synced_again": 4,
    "agreeing": 4,
    "failures": {},
    "disagreeing": (),
    "ended": True,
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "4 link-days were synced again (backfill abcd): 4 agree now."),
        (
            {"failures": {"vendor_down": 2, "ehr_down": 1}},
            (
                "4 link-days were synced again (backfill abcd): 4 agree now "
                "(as failures: 1 ehr_down, 2 vendor_down)."
            ),
        ),
        (
            {"agreeing": 3, "disagreeing": ((DAY, "a"),)},
            (
                "4 link-days were synced again (backfill abcd): 3 agree now, 1 still do not: "
                "2026-11-20|a."
            ),
        ),
        (
            {"synced_again": 0, "agreeing": 0, "disagreeing": ((DAY, "a"), (DAY, "b"))},
            (
                "of 4 asked for, 0 link-days were synced again (backfill abcd): 0 agree now, "
                "4 still do not: 2026-11-20|a, 2026-11-20|b."
            ),
        ),
        (
            {"synced_again": 1, "agreeing": 1, "ended": False},
            (
                "of 4 asked for, 1 link-days were synced again (backfill abcd): 1 agree now, "
                "3 still do not. The backfill has not ended: look again when it has."
            ),
        ),
    ],
)
def test_a_repair_says_what_was_seen_to_be_done_and_no_more(changes, said):
    assert result(Repair(**REPAIR | changes)) == said
