"""What the vendor no longer lists: retracted when that is sure, never otherwise, and held when it is much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ohx_pipelines.errors import AuthLost, Malformed, RateLimited, VendorDown, VendorRejected
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.measurements import Metric
from ohx_pipelines.outcomes import Outcome, Stage
from tests.unit.fhir.tables import changed
from tests.unit.made_up import cuff, left_out, steps, weighing
from tests.unit.one_link import CONTEXT, MAPPING, WEEK, observations, statuses


def weighings(count):
    """So many weighings, each a record of its own, spread over the week."""
    return [
        weighing(WEEK[n % 7], f"7{n % 10}.30", record=f"r{n}", hour=n // 7 % 20)
        for n in range(count)
    ]


def provenances(ehr, activity):
    return [
        one
        for (kind, _), one in ehr.held.items()
        if kind == "Provenance" and one["activity"]["coding"][0]["code"] == activity
    ]


def test_a_deleted_reading_is_marked_as_entered_in_error_and_keeps_what_it_said(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1], "80.10"), weighing(WEEK[2])]
    run()
    before = next(o for o in observations(ehr) if o["valueQuantity"]["value"] == Decimal("80.10"))
    vendor.rows.pop(1)

    results = run()

    after = ehr.held["Observation", before["id"]]
    assert after["status"] == "entered-in-error"
    assert {n: p for n, p in after.items() if n not in {"status", "note"}} == {
        n: p for n, p in before.items() if n != "status"
    }
    assert after["note"] == [{"text": "Withdrawn: the source of this reading no longer lists it."}]
    assert not problems(after)
    assert results[WEEK[1]].outcome is Outcome.SYNCED
    assert [results[day].counts.retracted for day in WEEK[:3]] == [0, 1, 0]
    [told] = provenances(ehr, "deprecate")
    assert [one["reference"] for one in told["target"]] == [f"Observation/{before['id']}"]


def test_the_run_after_a_retraction_writes_nothing(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    vendor.rows.pop()
    run()
    ehr.log.clear()

    results = run()

    assert ehr.log == [("read", "Observation")]
    assert [results[day].counts.unchanged for day in WEEK[:3]] == [1, 1, 0]
    assert results[WEEK[2]].outcome is Outcome.NO_DATA


def test_what_the_vendor_lists_again_comes_back_as_a_correction(run, vendor, ehr):
    rows = [weighing(day) for day in WEEK[:3]]
    vendor.rows = rows[:]
    run()
    vendor.rows = rows[:2]
    run()
    vendor.rows = rows[:]

    results = run()

    assert statuses(ehr) == {"final": 2, "corrected": 1}
    assert not any("note" in one for one in observations(ehr))
    assert results[WEEK[2]].counts.updated == 1
    assert [r.counts.unchanged for r in run().values()][:3] == [1, 1, 1]


def test_what_a_person_marked_as_entered_in_error_stays_so_and_is_not_retracted_again(
    run, vendor, ehr
):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    marked = observations(ehr)[0]
    marked["status"] = "entered-in-error"

    run()
    assert statuses(ehr) == {"final": 2, "entered-in-error": 1}
    vendor.rows = vendor.rows[1:]
    run()
    assert "note" not in ehr.held["Observation", marked["id"]]


@pytest.mark.parametrize(
    "error",
    [
        RateLimited(status=601),
        VendorDown(),
        VendorRejected(),
        Malformed("a page cut in its middle"),
        AuthLost(status=401),
    ],
    ids=lambda error: error.code,
)
def test_a_listing_that_broke_off_retracts_nothing(run, vendor, ehr, error):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    vendor.rows, vendor.fetch_errors[None] = [], error

    results = run()

    assert {one.outcome.value for one in results.values()} == {error.code}
    assert statuses(ehr) == {"final": 3}


def test_a_listing_that_cannot_be_read_retracts_nothing(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    vendor.rows, vendor.normalize_error = [], Malformed("no list")
    run()

    assert statuses(ehr) == {"final": 3}


def test_what_was_not_listed_whole_is_not_retracted(run, vendor, ehr):
    """Fewer scopes, fewer shared data types, a row that could be any: `listed` is smaller."""
    vendor.rows = [weighing(WEEK[0]), *cuff(WEEK[0]), *cuff(WEEK[1]), weighing(WEEK[1])]
    run()
    vendor.rows = [weighing(WEEK[1])]
    for listed in (frozenset(), frozenset({Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.HEART_RATE})):
        vendor.listed = listed
        run()
        assert statuses(ehr) == {"final": 4}
    vendor.listed = frozenset({Metric.BODY_WEIGHT})
    run()
    gone = [one for one in observations(ehr) if one["status"] != "final"]
    assert [one["code"]["coding"][0]["code"] for one in gone] == ["29463-7"]


def test_what_the_mapping_no_longer_publishes_is_not_retracted(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), *cuff(WEEK[0]), steps(WEEK[0])]
    run()
    smaller = changed(MAPPING, Metric.BODY_WEIGHT, enabled=False)
    run(table=smaller)
    vendor.rows = [*cuff(WEEK[0]), steps(WEEK[0])]
    run(table=smaller)

    assert statuses(ehr) == {"final": 3}


@pytest.mark.parametrize("held_back", [True, False])
def test_what_is_listed_and_not_published_is_not_retracted(run, vendor, ehr, held_back):
    """Not surely the patient's any more, or no longer readable: the vendor still lists it."""
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1]), weighing(WEEK[2])]
    run()
    record = vendor.rows.pop().record
    vendor.unpublished = [left_out(WEEK[2], Metric.BODY_WEIGHT, held_back=held_back, record=record)]
    run()

    assert statuses(ehr) == {"final": 3}


def test_a_smaller_window_retracts_nothing_outside_it(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = [weighing(WEEK[3]), weighing(WEEK[4])]
    results = run(WEEK[3:5])

    assert statuses(ehr) == {"final": 7}
    assert [one.counts.unchanged for one in results.values()] == [1, 1]


def test_what_others_wrote_is_not_retracted_also_with_our_identifiers(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[1]), weighing(WEEK[2])]
    run()
    copied = observations(ehr)[0] | {"id": "copied-by-somebody"}
    ehr.held["Observation", copied["id"]] = copied
    # The same patient's other account at the vendor, and another deployment.
    run(context=replace(CONTEXT, vendor_user="other"))
    run(context=replace(CONTEXT, secret=b"t" * 32))
    assert statuses(ehr) == {"final": 10}
    vendor.rows = vendor.rows[1:]
    run()

    assert statuses(ehr) == {"final": 9, "entered-in-error": 1}
    assert ehr.held["Observation", "copied-by-somebody"]["status"] == "final"


def test_a_deletion_is_believed_when_two_listings_agree(run, vendor, ehr):
    rows = [weighing(day) for day in WEEK]
    vendor.rows = rows[:]
    run()
    vendor.listings = [rows[1:]]

    results = run()

    assert statuses(ehr) == {"final": 7}
    assert results[WEEK[0]].counts.retracted == 0
    assert len(vendor.asked) == 3


def test_a_second_listing_that_fails_is_a_red_day_and_the_others_are_published(run, vendor, ehr):
    rows = [weighing(day) for day in WEEK]
    vendor.rows = rows[:]
    run()
    vendor.rows = [*rows[1:], weighing(WEEK[5], record="new")]
    calls = iter([None, VendorDown(status=503)])

    def fail_the_second_time():
        error = next(calls)
        if error:
            raise error

    vendor.while_fetching = fail_the_second_time
    results = run()

    assert statuses(ehr) == {"final": 8}
    red = results[WEEK[0]]
    assert (red.outcome, red.failed_stage, red.status) == (
        Outcome.VENDOR_DOWN,
        Stage.PUBLISHED,
        503,
    )
    assert {results[day].outcome for day in WEEK[1:]} == {Outcome.SYNCED}
    assert results[WEEK[5]].counts.created == 1


@pytest.mark.parametrize(
    ("published", "deleted", "is_held"),
    [
        (2, 2, False),
        (3, 3, True),
        (3, 2, False),
        (49, 20, False),
        (50, 5, False),
        (50, 6, True),
        (140, 14, False),
        (49, 21, True),
        (140, 20, True),
        (230, 20, False),
        (230, 21, True),
    ],
)
def test_too_many_at_once_are_held(run, vendor, ehr, published, deleted, is_held):
    vendor.rows = weighings(published)
    run()
    vendor.rows = vendor.rows[deleted:]

    results = run()

    outcomes = {one.outcome for one in results.values()}
    assert (Outcome.RETRACTION_HELD in outcomes) is is_held
    assert statuses(ehr)["entered-in-error"] == (0 if is_held else deleted)
    held = sum(one.counts.retraction_held for one in results.values())
    assert held == (deleted if is_held else 0)


def test_a_vendor_that_suddenly_lists_nothing_retracts_nothing(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), *cuff(WEEK[0]), steps(WEEK[0])]
    run()
    vendor.rows = []

    results = run()

    assert statuses(ehr) == {"final": 3}
    assert results[WEEK[0]].outcome is Outcome.RETRACTION_HELD
    assert {results[day].outcome for day in WEEK[1:]} == {Outcome.NO_DATA}


def test_one_taking_is_what_a_person_deletes_however_many_observations_it_is(run, vendor, ehr):
    scan = [
        replace(weighing(WEEK[0]), metric=metric, occurrence=n)
        for n in range(6)
        for metric in (Metric.BODY_WEIGHT, Metric.FAT_MASS, Metric.MUSCLE_MASS, Metric.WATER_MASS)
    ]
    vendor.rows = [*scan, *weighings(40)]
    run()
    vendor.rows = weighings(40)

    results = run()

    assert statuses(ehr) == {"final": 40, "entered-in-error": 24}
    assert results[WEEK[0]].outcome is Outcome.SYNCED


def test_while_retractions_are_held_all_the_rest_goes_out(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    vendor.rows = [weighing(WEEK[4]), weighing(WEEK[0], record="other", hour=9)]

    results = run()

    assert statuses(ehr) == {"final": 5}
    assert {
        day: one.outcome for day, one in results.items() if not one.outcome.ok
    } == dict.fromkeys(WEEK[:3], Outcome.RETRACTION_HELD)
    assert results[WEEK[0]].failed_stage is Stage.PUBLISHED
    assert results[WEEK[0]].error == "retraction_held"
    assert (results[WEEK[0]].counts.created, results[WEEK[0]].counts.retraction_held) == (1, 1)
    assert results[WEEK[4]].counts.created == 1


def test_a_confirmed_day_is_retracted_and_no_more_than_was_confirmed(run, vendor, ehr):
    vendor.rows = [weighing(WEEK[0]), weighing(WEEK[0], record="b", hour=9), weighing(WEEK[1])]
    run()
    vendor.rows = []

    results = run(confirmed={WEEK[0]: 1, WEEK[1]: 1})

    assert statuses(ehr) == {"final": 2, "entered-in-error": 1}
    assert results[WEEK[0]].outcome is Outcome.RETRACTION_HELD
    assert (results[WEEK[1]].outcome, results[WEEK[1]].counts.retracted) == (Outcome.SYNCED, 1)

    results = run(confirmed={WEEK[0]: 2})
    assert statuses(ehr) == {"entered-in-error": 3}
    assert {one.outcome.ok for one in results.values()} == {True}


def test_a_pulse_that_stood_alone_goes_when_its_pressures_arrive(run, vendor, ehr):
    parts = cuff(WEEK[0])
    vendor.rows = [parts[2], weighing(WEEK[0]), weighing(WEEK[1])]
    run()
    vendor.rows = [*parts, weighing(WEEK[0]), weighing(WEEK[1])]
    run()

    gone = [one for one in observations(ehr) if one["status"] == "entered-in-error"]
    assert [one["code"]["coding"][0]["code"] for one in gone] == ["8867-4"]
    assert statuses(ehr) == {"final": 3, "entered-in-error": 1}


def test_a_total_is_preliminary_until_its_day_has_ended_and_then_final(run, vendor, ehr):
    today = replace(CONTEXT, now=datetime.combine(WEEK[0], datetime.min.time(), UTC))
    vendor.rows = [steps(WEEK[0], "812"), weighing(WEEK[0])]
    run(context=today)
    assert statuses(ehr) == {"preliminary": 1, "final": 1}
    vendor.rows = [steps(WEEK[0], "4001"), weighing(WEEK[0])]
    run(context=today)
    assert statuses(ehr) == {"preliminary": 1, "final": 1}
    vendor.rows = [steps(WEEK[0], "8123"), weighing(WEEK[0])]
    run()
    assert statuses(ehr) == {"final": 2}
    vendor.rows = [steps(WEEK[0], "8124"), weighing(WEEK[0])]
    run()
    assert statuses(ehr) == {"corrected": 1, "final": 1}
    # A clock that stands still or a zone further west makes no total preliminary again.
    ehr.log.clear()
    run(context=today)
    assert ehr.log == [("read", "Observation")]


def test_where_nothing_is_read_nothing_is_retracted(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run(mode="blind")
    vendor.rows = vendor.rows[1:]
    run(mode="blind")

    assert statuses(ehr) == {"final": 3}
    assert not any(action == "read" for action, _ in ehr.log)


# A night: from the evening before to the morning of the day that it belongs to.
def night(day, *, record="night"):
    begun = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=2)
    return replace(
        weighing(day, "420", record=record),
        metric=Metric.SLEEP_DURATION,
        unit="min",
        start=begun,
        end=begun + timedelta(hours=8),
        end_offset_minutes=60,
    )


def test_a_night_belongs_to_the_day_of_its_morning_alone(run, vendor, ehr):
    vendor.rows = [night(WEEK[1]), weighing(WEEK[0]), weighing(WEEK[1])]
    run()
    [slept] = [one for one in observations(ehr) if "effectivePeriod" in one]
    # Synced alone, the evening's day lists no night.
    vendor.rows = [weighing(WEEK[0])]
    run(WEEK[:1])
    assert ehr.held["Observation", slept["id"]]["status"] == "final"
    # Synced alone, the morning's day still finds it, and misses it when it is deleted.
    vendor.rows = [weighing(WEEK[1]), night(WEEK[1])]
    assert run(WEEK[1:2])[WEEK[1]].counts.unchanged == 2
    vendor.rows = [weighing(WEEK[1])]
    results = run(WEEK[1:2])
    assert ehr.held["Observation", slept["id"]]["status"] == "entered-in-error"
    assert results[WEEK[1]].counts.retracted == 1
