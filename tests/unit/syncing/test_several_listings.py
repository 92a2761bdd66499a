"""A vendor with several listings: one that fails or is left alone costs the others nothing."""

from dataclasses import replace
from datetime import UTC, datetime

from ohx_pipelines.errors import VendorDown, VendorRejected
from ohx_pipelines.measurements import Metric
from ohx_pipelines.outcomes import Outcome, Stage
from ohx_pipelines.providers.base import Listed, ListingFailed
from tests.unit.fhir.tables import changed
from tests.unit.made_up import QuietBreaker, steps, weighing
from tests.unit.one_link import MAPPING, WEEK, observations, statuses

WEIGHTS = Listed(metrics=frozenset({Metric.BODY_WEIGHT}), prefix="")
TOTALS = Listed(metrics=frozenset({Metric.STEPS_PER_DAY}), prefix="activity")
# Both of its listings tell of weights.
TWINS = Listed(metrics=frozenset({Metric.BODY_WEIGHT}), prefix="twin")


def total(day, value="8123"):
    record = f"activity-{day}"
    return replace(steps(day, value), record=record, group=record)


def twin(day):
    record = f"twin-{day:%m%d}"
    return replace(weighing(day), record=record, group=record)


def failed(*days, error=None):
    error = error or VendorRejected(status=2555)
    return (ListingFailed(listing="activity", days=frozenset(days), error=error),)


def test_what_could_be_had_is_published_and_the_day_still_says_what_could_not(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    vendor.failures = failed(WEEK[2])

    results = run()

    assert len(observations(ehr)) == 7
    assert [results[day].outcome for day in WEEK if day != WEEK[2]] == [Outcome.SYNCED] * 6
    red = results[WEEK[2]]
    assert (red.outcome, red.status) == (Outcome.VENDOR_REJECTED, 2555)
    assert red.failed_stage is Stage.FETCHED
    assert red.counts.created == 1


def test_a_listing_that_failed_never_makes_an_empty_day(run, vendor):
    vendor.rows = []
    vendor.failures = failed(*WEEK, error=VendorDown(status=522))

    results = run()

    assert {one.outcome for one in results.values()} == {Outcome.VENDOR_DOWN}


def test_a_vendor_that_goes_down_on_the_way_is_heard_of_and_what_it_said_is_published(
    run, vendor, ehr
):
    breaker = QuietBreaker()
    vendor.rows = [weighing(day) for day in WEEK]
    vendor.failures = failed(*WEEK, error=VendorDown(status=503))
    vendor.gave_up = vendor.failures[0].error

    results = run(vendor_breaker=breaker)

    # Others must not find it answering: each link of a run would wait as long.
    assert breaker.noted == ["vendor_down"]
    assert len(observations(ehr)) == 7
    assert {one.outcome for one in results.values()} == {Outcome.VENDOR_DOWN}


def test_a_listing_that_fails_alone_is_an_answer(run, vendor):
    breaker = QuietBreaker()
    vendor.rows = [weighing(day) for day in WEEK]
    vendor.failures = failed(*WEEK)

    run(vendor_breaker=breaker)

    assert breaker.noted == ["answered"]


def test_what_a_listing_that_failed_would_tell_of_is_not_retracted(run, vendor, ehr):
    vendor.rows = [*[weighing(day) for day in WEEK], total(WEEK[0]), total(WEEK[1])]
    vendor.whole = (WEIGHTS, TOTALS)
    run()
    vendor.rows = [weighing(day) for day in WEEK[:6]]
    vendor.whole, vendor.failures = (WEIGHTS,), failed(*WEEK)

    run()

    assert statuses(ehr) == {"final": 8, "entered-in-error": 1}


def test_two_listings_of_one_metric_do_not_stand_for_each_other(run, vendor, ehr):
    vendor.rows = [*[weighing(day) for day in WEEK], twin(WEEK[0]), twin(WEEK[1])]
    vendor.whole = (WEIGHTS, TWINS)
    run()
    vendor.rows = [*[weighing(day) for day in WEEK], twin(WEEK[0])]
    vendor.whole = (WEIGHTS,)
    run()
    assert statuses(ehr) == {"final": 9}
    vendor.whole = (WEIGHTS, TWINS)

    run()

    assert statuses(ehr) == {"final": 8, "entered-in-error": 1}


def test_what_was_not_read_again_stands_as_it_does(run, vendor, ehr):
    vendor.rows = [total(day) for day in WEEK]
    run()
    vendor.rows = [total(day) for day in WEEK[2:]]
    vendor.kept = frozenset({f"activity-{day}" for day in WEEK[:2]})

    run()

    assert statuses(ehr) == {"final": 7}


def test_the_parts_of_a_record_that_was_not_read_again_stand_with_it(run, vendor, ehr):
    parts = [replace(total(day), record=f"activity-{day}.phone") for day in WEEK]
    vendor.rows, vendor.whole = parts, (TOTALS,)
    run()
    vendor.rows = parts[2:]
    vendor.kept = frozenset({f"activity-{WEEK[0]}"})

    run()

    assert statuses(ehr) == {"final": 6, "entered-in-error": 1}


def test_a_listing_that_was_cut_is_known_by_its_own_oldest_records(run, vendor, ehr):
    """The other listing reaches further back, and hides nothing."""
    vendor.rows = [*[weighing(day, hour=1) for day in WEEK], *[total(day) for day in WEEK[1:]]]
    vendor.whole = (WEIGHTS, TOTALS)
    run()
    vendor.rows = [*[weighing(day, hour=1) for day in WEEK], *[total(day) for day in WEEK[4:]]]

    results = run()

    assert statuses(ehr) == {"final": 13}
    assert [results[day].outcome for day in WEEK[1:4]] == [Outcome.RETRACTION_HELD] * 3


def test_a_vendor_is_told_what_the_ehr_is_given_and_when_days_were_read(run, vendor):
    read_at = {WEEK[0]: datetime(2026, 11, 20, tzinfo=UTC)}

    run(table=changed(MAPPING, Metric.STEPS_PER_DAY, enabled=False), read_at=lambda: read_at)

    (asked,) = vendor.asked_for
    assert asked.shared == {"everything"}
    assert Metric.STEPS_PER_DAY not in asked.wanted
    assert Metric.BODY_WEIGHT in asked.wanted
    assert asked.read_at == read_at


def test_the_parts_of_one_record_that_go_together_are_not_many(run, vendor, ehr):
    """The stages of a deleted night are what a person deletes with one hand."""
    night = [replace(total(WEEK[0]), record=f"activity-9.{n}", occurrence=0) for n in range(25)]
    vendor.rows, vendor.whole = [*night, *[weighing(day) for day in WEEK]], (WEIGHTS, TOTALS)
    run()
    vendor.rows = [weighing(day) for day in WEEK]

    results = run()

    assert statuses(ehr) == {"final": 7, "entered-in-error": 25}
    assert results[WEEK[0]].outcome is Outcome.SYNCED


def test_a_second_listing_that_fails_leaves_the_day_red(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = vendor.rows[1:]
    fetch, calls = vendor.fetch, []

    def fails_again(window, token, *, asked):
        calls.append(window)
        vendor.failures = failed(WEEK[0], error=VendorDown(status=522)) if len(calls) > 1 else ()
        vendor.whole = (TOTALS,) if len(calls) > 1 else (WEIGHTS, TOTALS)
        return fetch(window, token, asked=asked)

    vendor.fetch = fails_again

    results = run()

    assert statuses(ehr) == {"final": 7}
    assert results[WEEK[0]].outcome is Outcome.VENDOR_DOWN
