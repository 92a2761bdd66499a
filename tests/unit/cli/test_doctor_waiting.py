"""What `ohx doctor` says of retractions that are held and of EHRs that were not told."""

from datetime import date

import pytest

from ohx_pipelines.cli.checks.waiting import check_copies, check_retractions
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, link_file

FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 2)


@pytest.fixture
def link(store):
    return link_account(store, "ada").id


def hold(store, link):
    results = [
        DayResult(day=day, outcome=Outcome.RETRACTION_HELD, counts=Counts(retraction_held=count))
        for day, count in ((FIRST, 3), (SECOND, 21))
    ]
    store.record_days(link, results, run_id="run-1")


def test_when_no_retraction_is_held_all_is_well(store, link):
    [finding] = check_retractions(store)

    assert (finding.level, finding.found) == ("ok", "none is held")


def test_held_retractions_are_counted_and_their_links_named_with_what_to_do(store, link):
    hold(store, link)

    [finding] = check_retractions(store)

    assert finding.level == "warning"
    assert finding.found == f"24 Observations of 2 days are held: {link}"
    assert "`ohx retractions list`" in finding.advice
    assert finding.details == {"held": 24, "days": 2, "links": 1}


@pytest.mark.parametrize(
    ("confirmed", "all_said"),
    [({FIRST: 3, SECOND: 21}, True), ({FIRST: 3, SECOND: 20}, False), ({FIRST: 3}, False)],
)
def test_held_retractions_that_are_all_confirmed_wait_for_a_sync(store, link, confirmed, all_said):
    hold(store, link)
    store.confirm_retractions(link, confirmed, who="operator ann")

    [finding] = check_retractions(store)

    assert finding.level == "warning"
    assert ("All of them are confirmed" in finding.advice) is all_said


def test_a_copy_that_is_due_and_was_not_tried_is_on_its_way(store, link):
    [finding] = check_copies(store, some_settings())

    assert finding.level == "ok"
    assert finding.found == "the EHR knows every link as it is, 1 are on their way"


def test_a_link_that_the_ehr_could_not_be_told_of_is_named_with_why(store, link):
    link_account(store, "bob")
    store.note_record_failed(link, "ehr_down")

    [finding] = check_copies(store, some_settings())

    assert finding.level == "warning"
    assert finding.found == f"the EHR does not know yet how 1 links are: {link} (ehr_down)"
    assert finding.details == {"due": 2, "failing": 1}


def test_an_ended_link_whose_end_the_ehr_was_not_told_is_named(store, link):
    store.note_record_written(link, store.record_to_copy(link).version)
    store.begin_unlink(link, who="patient x")
    store.note_record_failed(link, "ehr_down")

    assert link in check_copies(store, some_settings())[0].found


def test_when_the_ehr_knows_every_link_all_is_well(store, link):
    store.note_record_written(link, store.record_to_copy(link).version)

    [finding] = check_copies(store, some_settings())

    assert (finding.level, finding.found) == ("ok", "the EHR knows every link as it is")


@pytest.mark.parametrize(("provider", "said"), [("withings", False), ("google_health", True)])
def test_of_a_vendor_that_is_not_set_up_no_daemon_tells_the_ehr(store, provider, said):
    link = link_account(store, "bob", provider=provider).id
    store.begin_unlink(link, who="patient x")
    store.note_record_failed(link, "ehr_down")

    [finding] = check_copies(store, some_settings())

    assert ("not set up, `ohx links unlink LINK` alone does it" in finding.advice) is said


@pytest.mark.parametrize(("apps", "said"), [("beurer", False), ("omron_connect", True)])
def test_the_daemon_tells_the_ehr_of_links_whose_files_are_taken(store, apps, said):
    link = link_file(store, "ada", provider="beurer").id
    store.begin_unlink(link, who="patient x")
    store.note_record_failed(link, "ehr_down")

    [finding] = check_copies(store, some_settings(uploads={"apps": apps}))

    assert ("`ohx links unlink LINK` alone does it" in finding.advice) is said
