"""Attempts to make a sync retract wrongly, lose a correction or take away what others wrote.

The vendor and the EHR are made up; the sync, its Publisher and its rules are the real ones.
"""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import EhrDown
from ohx_pipelines.fhir.identifiers import DAY_SYSTEM
from ohx_pipelines.fhir.writing.references import KEY_SYSTEM
from ohx_pipelines.measurements import Metric
from ohx_pipelines.outcomes import Outcome
from tests.unit.fhir.tables import changed
from tests.unit.made_up import cuff, left_out, steps, weighing
from tests.unit.one_link import (
    BERLIN,
    CONTEXT,
    MAPPING,
    SHARED,
    WEEK,
    observations,
    statuses,
    writes,
)

AUCKLAND, NEW_YORK, CAIRO, LORD_HOWE = (
    ZoneInfo(name)
    for name in (
        "Pacific/Auckland",
        "America/New_York",
        "Africa/Cairo",
        "Australia/Lord_Howe",
    )
)


def taken(moment, *, zone=BERLIN, record=None, value="72.30"):
    """A weighing at a moment with its offset and its local day in a zone."""
    local = moment.astimezone(zone)
    offset = local.utcoffset() // timedelta(minutes=1)
    record = record or f"r{moment:%m%d%H%M%S}"
    return replace(
        weighing(local.date(), value),
        start=moment.astimezone(UTC),
        offset_minutes=offset,
        record=record,
        group=record,
    )


def session(start, end, *, day, record="night"):
    """A night between two moments, of the day that the vendor gives it to."""
    return replace(
        weighing(day, "420", record=record),
        metric=Metric.SLEEP_DURATION,
        unit="min",
        start=start.astimezone(UTC),
        end=end.astimezone(UTC),
        offset_minutes=start.utcoffset() // timedelta(minutes=1),
        end_offset_minutes=end.utcoffset() // timedelta(minutes=1),
        record=record,
        group=record,
    )


# --- Retracting wrongly ------------------------------------------------------------------------


@pytest.mark.parametrize("listed", [1, 2, 4, 8, 11])
def test_the_same_cut_in_two_listings_retracts_nothing(run, vendor, ehr, listed):
    """A page that ends early says the same each time it is asked, and looks like many deletions."""
    vendor.rows = [weighing(day, record=f"r{n}", hour=7 + n) for day in WEEK for n in range(2)]
    run()
    newest_first = sorted(vendor.rows, key=lambda one: one.start, reverse=True)
    vendor.rows = newest_first[:listed]

    run()

    assert statuses(ehr) == {"final": 14}


def test_two_that_are_the_oldest_cannot_be_told_from_a_persons_hand(run, vendor, ehr):
    """The known limit of that rule: three of them are held."""
    rows = [weighing(day) for day in WEEK]
    vendor.rows = rows
    run()
    vendor.rows = rows[2:]
    assert run()[WEEK[0]].counts.retracted == 1
    vendor.rows = rows[5:]

    results = run()

    assert statuses(ehr) == {"final": 5, "entered-in-error": 2}
    assert {results[day].outcome for day in WEEK[2:5]} == {Outcome.RETRACTION_HELD}


def test_a_cut_listing_is_known_also_when_something_newer_was_deleted(run, vendor, ehr):
    rows = [weighing(day, record=f"r{n}", hour=7 + n) for day in WEEK for n in range(2)]
    vendor.rows = rows
    run()
    # Five of the fourteen are cut off, and the newest one was deleted by its owner.
    vendor.rows = rows[5:-1]

    run()

    assert statuses(ehr)["final"] >= 13


def test_a_vendor_that_suddenly_lists_nothing_is_held_also_where_days_are_scattered(
    run, vendor, ehr
):
    """Days that a notification or a repair names one by one are a window each."""
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = []

    results = run(WEEK[::2])

    # The first two are gone before the third shows that it is everything.
    assert statuses(ehr)["final"] >= 5
    assert [results[day].outcome for day in WEEK[4::2]] == [Outcome.RETRACTION_HELD] * 2


def test_more_than_twenty_at_once_are_held_also_over_several_windows(run, vendor, ehr):
    vendor.most_days = 2
    rows = [weighing(day, record=f"r{n}", hour=n) for day in WEEK[:6] for n in range(15)]
    vendor.rows = rows
    run()
    # Nine of thirty in each of three windows.
    vendor.rows = [one for n, one in enumerate(rows) if n % 30 >= 9]

    run()

    assert statuses(ehr) == {"final": 90}


def test_a_night_stays_when_the_zone_of_its_owner_changes(run, vendor, ehr):
    """In the new zone it ends on another day: the listing of the old day holds it no longer."""
    start = datetime(2026, 11, 17, 22, 30, tzinfo=ZoneInfo("America/New_York"))
    night = session(start, start + timedelta(hours=8), day=WEEK[2])
    vendor.rows = [night, taken(datetime(2026, 11, 18, 20, tzinfo=UTC), zone=NEW_YORK)]
    run(zone=NEW_YORK)
    assert statuses(ehr) == {"final": 2}
    # In Auckland the same night is from 16:30 on the 18th to half past midnight.
    moved = replace(night, day=WEEK[3])
    vendor.rows = [moved, taken(datetime(2026, 11, 18, 20, tzinfo=UTC), zone=AUCKLAND)]

    run(WEEK[2:3], zone=AUCKLAND)

    slept = [one for one in observations(ehr) if "effectivePeriod" in one]
    assert [one["status"] for one in slept] == ["final"]


def test_a_travellers_reading_stays_when_only_its_day_at_home_is_read(run, vendor, ehr):
    """Some vendors count by where somebody was: at home it was still the day before."""
    abroad = taken(datetime(2026, 11, 18, 22, tzinfo=UTC), zone=AUCKLAND)
    assert abroad.day == WEEK[3]
    vendor.rows = [abroad, *(weighing(day) for day in WEEK)]
    run()
    vendor.rows = [one for one in vendor.rows if one.day == WEEK[2]]

    run(WEEK[2:3])

    assert statuses(ehr) == {"final": 8}


def test_a_travellers_reading_that_is_gone_is_retracted_once_both_its_days_are_read(
    run, vendor, ehr
):
    abroad = taken(datetime(2026, 11, 18, 22, tzinfo=UTC), zone=AUCKLAND)
    vendor.rows = [abroad, *(weighing(day) for day in WEEK)]
    run()
    vendor.rows = vendor.rows[1:]

    run(WEEK[3:4])
    assert statuses(ehr) == {"final": 8}
    results = run(WEEK[2:4])

    assert statuses(ehr) == {"final": 7, "entered-in-error": 1}
    assert results[WEEK[3]].counts.retracted == 1


def test_a_total_stays_when_the_zone_of_its_owner_changes(run, vendor, ehr):
    vendor.rows = [steps(WEEK[2]), weighing(WEEK[2])]
    run()
    vendor.rows = [weighing(WEEK[2])]

    for days in (WEEK[1:2], WEEK[2:3], WEEK[3:4]):
        run(days, zone=NEW_YORK)

    assert "entered-in-error" not in statuses(ehr)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (BERLIN, date(2026, 10, 25)),
        (BERLIN, date(2026, 3, 29)),
        (NEW_YORK, date(2026, 11, 1)),
        (CAIRO, date(2026, 4, 24)),
        (CAIRO, date(2026, 10, 29)),
        (LORD_HOWE, date(2026, 10, 4)),
    ],
    ids=str,
)
def test_on_a_day_whose_clocks_change_each_reading_is_of_one_day_alone(run, vendor, ehr, zone, day):
    """First and last second of three days, one of them of 22 to 25 hours."""
    days = [day + timedelta(days=n) for n in (-1, 0, 1)]
    starts = [
        datetime.combine(one, time(), zone).astimezone(UTC)
        for one in (*days, day + timedelta(days=2))
    ]
    context = replace(CONTEXT, now=starts[-1] + timedelta(days=2))
    edges = [(moment, moment - timedelta(seconds=1)) for moment in starts]
    moments = [edges[0][0], *edges[1], *edges[2], edges[3][1]]
    vendor.rows = [taken(moment, zone=zone) for moment in moments]
    run(days, zone=zone, context=context)
    for one in days:
        assert run([one], zone=zone, context=context)[one].counts.unchanged == 2

    vendor.rows = [one for one in vendor.rows if one.day != day]
    results = run([day], zone=zone, context=context)

    assert results[day].counts.retracted == 2
    assert statuses(ehr) == {"final": 4, "entered-in-error": 2}


@pytest.mark.parametrize(
    ("zone", "morning"),
    [(BERLIN, date(2026, 10, 25)), (BERLIN, date(2026, 3, 29)), (NEW_YORK, date(2026, 11, 1))],
    ids=str,
)
def test_a_night_in_which_the_clocks_change_goes_with_its_morning(run, vendor, ehr, zone, morning):
    evening = morning - timedelta(days=1)
    start, end = (
        datetime.combine(evening, time(22), zone),
        datetime.combine(morning, time(7), zone),
    )
    days = [evening, morning, morning + timedelta(days=1)]
    weighed = [taken(datetime.combine(day, time(12), zone), zone=zone) for day in days]
    vendor.rows = [session(start, end, day=morning), *weighed]
    context = replace(CONTEXT, now=end.astimezone(UTC) + timedelta(days=3))
    run(days, zone=zone, context=context)
    vendor.rows = weighed
    for day in (days[0], days[2]):
        assert run([day], zone=zone, context=context)[day].counts.retracted == 0

    results = run([morning], zone=zone, context=context)

    assert results[morning].counts.retracted == 1
    assert statuses(ehr) == {"final": 3, "entered-in-error": 1}


@pytest.mark.parametrize("is_first_day_first", [True, False])
def test_a_reading_whose_time_the_vendor_moved_to_another_day_ends_up_there(
    run, vendor, ehr, is_first_day_first
):
    """Also when its days are asked for one by one, in whatever order."""
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    first = vendor.rows[0]
    vendor.rows[0] = replace(first, start=first.start + timedelta(days=3), day=WEEK[3])

    run()
    assert statuses(ehr) == {"final": 6, "corrected": 1}
    vendor.rows[0] = first
    for days in (WEEK[:1], WEEK[3:4]) if is_first_day_first else (WEEK[3:4], WEEK[:1]):
        run(days)
    assert statuses(ehr) == {"final": 6, "corrected": 1}


def test_a_record_with_dots_and_digits_in_its_id_is_recognized(run, vendor, ehr):
    rows = [
        replace(weighing(day), record=record, group=record)
        for day, record in zip(
            WEEK, ["1.2.840.1", "a.body_weight.0", ".", "2026-11-19T07:00:00.000Z"], strict=False
        )
    ]
    vendor.rows = rows[:]
    run()
    assert run()[WEEK[0]].counts.unchanged == 1
    vendor.rows = rows[:3]
    run()

    assert statuses(ehr) == {"final": 3, "entered-in-error": 1}


def test_two_panels_of_one_record_are_retracted_one_by_one(run, vendor, ehr):
    first = cuff(WEEK[0])
    second = [replace(one, occurrence=1, start=one.start + timedelta(minutes=2)) for one in first]
    vendor.rows = [*first, *second, weighing(WEEK[0]), weighing(WEEK[1])]
    run()
    assert statuses(ehr) == {"final": 4}
    vendor.rows = [*first, weighing(WEEK[0]), weighing(WEEK[1])]

    run()

    gone = [one for one in observations(ehr) if one["status"] == "entered-in-error"]
    assert [one["identifier"][0]["value"] for one in gone] == ["11169.blood_pressure.1"]


def test_the_copy_of_another_system_is_not_retracted_with_our_key_in_it(run, vendor, ehr):
    """Whoever copies a resource with all its identifiers took over our key too: it is no proof."""
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    ours = observations(ehr)[0]
    copy = deepcopy(ours) | {"id": "theirs"}
    copy["identifier"].append({"system": KEY_SYSTEM, "value": ours["id"]})
    copy["meta"] = {"source": "https://other.example/copied"}
    ehr.held["Observation", "theirs"] = copy
    del ehr.held["Observation", ours["id"]]
    vendor.rows = vendor.rows[1:]

    run()

    assert statuses(ehr) == {"final": 7}


def test_days_that_piled_up_on_a_server_that_merges_tags_retract_nothing(run, vendor, ehr):
    start = datetime(2026, 11, 17, 22, tzinfo=UTC)
    vendor.rows = [session(start, start + timedelta(hours=8), day=WEEK[2]), weighing(WEEK[2])]
    run()
    [slept] = [one for one in observations(ehr) if "effectivePeriod" in one]
    slept["meta"]["tag"].append({"system": DAY_SYSTEM, "code": WEEK[4].isoformat()})
    vendor.rows = [weighing(WEEK[2])]

    for days in (WEEK[2:3], WEEK[4:5]):
        run(days)

    assert statuses(ehr) == {"final": 2}


def test_an_observation_without_the_identifier_that_somebody_removed_is_not_written_twice(
    run, vendor, ehr
):
    vendor.rows = [weighing(day) for day in WEEK[:3]]
    run()
    bare = observations(ehr)[0]
    del bare["identifier"]
    bare["status"] = "corrected"

    run()

    assert statuses(ehr) == {"final": 2, "corrected": 1}
    assert all("identifier" in one for one in observations(ehr))


# --- A listing that changes while it is read ---------------------------------------------------


def test_a_day_that_one_of_two_listings_holds_does_not_end_without_data(run, vendor, ehr):
    """`no_data` is the vendor's word: here it listed the day when it was asked again."""
    rows = [weighing(day) for day in WEEK]
    vendor.rows = rows[:]
    run()
    vendor.listings = [rows[1:]]

    results = run()

    assert statuses(ehr) == {"final": 7}
    assert results[WEEK[0]].outcome is not Outcome.NO_DATA


def test_what_is_no_longer_shared_when_the_vendor_is_asked_again_stays(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = vendor.rows[1:]
    vendor.listed = frozenset(Metric)
    calls = []

    def shrink_the_second_time():
        calls.append(1)
        if len(calls) > 1:
            vendor.listed = frozenset({Metric.HEART_RATE})

    vendor.while_fetching = shrink_the_second_time
    run()

    assert statuses(ehr) == {"final": 7}


@pytest.mark.parametrize("held_back", [True, False])
def test_what_the_second_listing_names_stays(run, vendor, ehr, held_back):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    record = vendor.rows.pop(0).record
    calls = []

    def name_it_the_second_time():
        calls.append(1)
        if len(calls) > 1:
            vendor.unpublished = [
                left_out(WEEK[0], Metric.BODY_WEIGHT, held_back=held_back, record=record)
            ]

    vendor.while_fetching = name_it_the_second_time
    run()

    assert statuses(ehr) == {"final": 7}


def test_after_a_withdrawal_nothing_at_all_is_written(run, vendor, ehr):
    """Not even the Device of a reading that was fetched a moment before."""
    vendor.rows = [weighing(day) for day in WEEK]
    shared = {"now": SHARED}
    vendor.while_fetching = lambda: shared.update(now=frozenset())

    results = run(consent=lambda: shared["now"])

    assert {one.outcome for one in results.values()} == {Outcome.NOT_CONSENTED}
    assert writes(ehr) == []


def test_a_withdrawal_counts_also_while_the_ehr_is_read(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    shared = {"now": SHARED}

    read = ehr.search

    def withdraw(resource_type, parameters):
        shared.update(now=frozenset())
        return read(resource_type, parameters)

    ehr.search = withdraw

    run(consent=lambda: shared["now"])

    assert writes(ehr) == []


# --- What is held ------------------------------------------------------------------------------


def test_a_retraction_that_the_ehr_fails_to_take_leaves_its_day_red(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = vendor.rows[1:]
    for refusal in ({"refused": {WEEK[0]: 422}}, {"write_errors": {WEEK[0]: EhrDown()}}):
        vars(ehr).update(refusal)
        results = run()
        assert not results[WEEK[0]].outcome.ok
        assert {results[day].outcome for day in WEEK[1:]} == {Outcome.SYNCED}
        ehr.refused, ehr.write_errors = {}, {}
    assert statuses(ehr) == {"final": 7}


# --- What is not retracted although it is gone -------------------------------------------------


def test_a_reading_is_retracted_also_when_its_record_still_has_what_the_table_turns_off(
    run, vendor, ehr
):
    """A weighing is edited to have no fat mass: the bone mass beside it is never published."""
    table = changed(MAPPING, Metric.BONE_MASS, enabled=False)
    weight = weighing(WEEK[0])
    fat, bone = (replace(weight, metric=m) for m in (Metric.FAT_MASS, Metric.BONE_MASS))
    vendor.rows = [weight, fat, bone, weighing(WEEK[1])]
    run(table=table)
    assert statuses(ehr) == {"final": 3}
    vendor.rows = [weight, bone, weighing(WEEK[1])]

    run(table=table)

    assert statuses(ehr) == {"final": 2, "entered-in-error": 1}
