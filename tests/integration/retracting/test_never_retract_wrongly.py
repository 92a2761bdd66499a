"""Nothing is retracted that the vendor lists, whatever goes wrong; what is deleted is, and says why.

The sandbox's vendor and EHR as processes, the product's client, sync and store between them. Once
each trouble is over the independent reader finds no difference, versions and provenance among it.
"""

import json

import pytest
import requests

from ohx_pipelines.fhir.mapping import load_mapping
from tests.integration.retracting.expected import (
    WHO,
    assert_nothing_went,
    assert_only_these_go,
    fill,
    first_panel,
    outcomes,
    publish,
)
from tests.integration.retracting.listing_faults import (
    BROKEN_OFF,
    CUT_AGAIN,
    FURTHER,
    MORE_THAN_THERE_IS,
    ODD_ONCE,
    SECOND,
    Odd,
)

pytestmark = pytest.mark.slow


# --- A listing that broke off -------------------------------------------------------------------


@pytest.mark.parametrize("row", BROKEN_OFF.values(), ids=BROKEN_OFF.keys())
def test_a_listing_that_broke_off_proves_no_deletion(empty, empty_days, row):
    # With one of eight gone there are still two pages.
    deleted = fill(empty, 8)[3]
    empty.delete(deleted)
    for place in row.places:
        if place == SECOND:
            empty.vendor.before[2] = lambda: empty.fault(row.order)
        else:
            empty.fault(row.order | ({"page": "further"} if place == FURTHER else {}))

        results = empty.run()

        struck = empty_days[1:2] if place == SECOND else empty_days
        expected = dict.fromkeys(empty_days, "synced") | dict.fromkeys(struck, row.outcome)
        assert {day: one.outcome.value for day, one in results.items()} == expected, place
        assert_nothing_went(empty)
        empty.sandbox.post("faults/clear")

    assert_only_these_go(empty, deleted)


@pytest.mark.parametrize("odd", ODD_ONCE.values(), ids=ODD_ONCE.keys())
def test_a_row_that_one_of_two_listings_lacks_is_not_retracted(scene, days, odd):
    deleted = scene.added[days[0]][1]
    scene.delete(deleted)
    scene.fault(odd.order)

    scene.run()

    assert scene.retracted() <= {str(deleted)}
    assert_only_these_go(scene, deleted)


@pytest.mark.parametrize("odd", CUT_AGAIN.values(), ids=CUT_AGAIN.keys())
def test_a_listing_that_is_cut_again_and_again_retracts_nothing(empty, empty_days, odd):
    """Two listings agree then: what is missing is all that is older than what is listed."""
    for day in empty_days:
        for hour in (8, 11, 14, 17):
            empty.weigh(day, hour=hour)
    publish(empty)
    empty.fault(odd.order)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)


@pytest.mark.parametrize("once", [True, False])
def test_a_vendor_that_suddenly_lists_nothing_retracts_nothing(scene, once):
    scene.fault(Odd("empty_listing", once=once).order)

    results = scene.run()

    assert outcomes(results) == {"retraction_held"} or once
    assert_nothing_went(scene)
    assert_only_these_go(scene)


def test_two_readings_that_one_listing_lacks_stay(empty, empty_days):
    """Two are too few to be held: here the second listing alone saves them."""
    grpids = [empty.weigh(day) for day in empty_days[:2]]
    publish(empty)
    empty.fault(Odd("empty_listing", once=True).order)

    empty.run()

    assert_nothing_went(empty)
    empty.delete(*grpids)
    assert_only_these_go(empty, *grpids)


@pytest.mark.parametrize("odd", MORE_THAN_THERE_IS.values(), ids=MORE_THAN_THERE_IS.keys())
def test_what_comes_to_a_listing_keeps_no_deletion_from_being_seen(scene, days, odd):
    deleted = scene.added[days[2]][2]
    scene.delete(deleted)
    scene.fault(odd.order)

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted)


def test_a_record_that_cannot_be_placed_may_be_the_one_that_is_missing(scene, days):
    deleted = scene.added[days[1]][1]
    scene.delete(deleted)
    scene.fault(Odd("bad_record").order)

    scene.run()

    assert_nothing_went(scene)
    assert_only_these_go(scene, deleted)


# --- Less is asked for than before --------------------------------------------------------------


def test_scopes_that_shrank_retract_nothing(scene, days):
    deleted = scene.added[days[0]][0]
    scene.delete(deleted)
    scene.carried.expire()
    scene.fault({"target": "withings", "kind": "reduced_scope"})

    assert outcomes(scene.run()) == {"not_consented"}
    assert_nothing_went(scene)

    scene.sandbox.post("faults/clear")
    assert scene.carried.link(scene.person).id == scene.link
    assert_only_these_go(scene, deleted)


def test_data_types_that_are_no_longer_shared_stay(scene, days):
    pressure = first_panel(scene)
    weight = scene.added[days[0]][0]
    scene.delete(pressure, weight)
    scene.store.share(scene.link, ["blood_pressure"], who=WHO)
    scene.vendor.before[2] = lambda: scene.store.share(scene.link, ["body"], who=WHO)
    # A choice that changes between the two listings proves neither.
    scene.run()
    assert_nothing_went(scene)

    scene.run()
    assert scene.retracted() == {str(weight)}

    scene.store.share(scene.link, ["body", "blood_pressure"], who=WHO)
    assert_only_these_go(scene, weight, pressure)


def test_what_the_table_no_longer_publishes_stays(scene, tmp_path):
    pressure = first_panel(scene)
    scene.delete(pressure)
    overlay = tmp_path / "site.yaml"
    # Without their panel its parts would stand alone.
    parts = ("systolic_blood_pressure", "diastolic_blood_pressure", "heart_rate")
    disabled = "".join(f"  {name}:\n    enabled: false\n" for name in parts)
    overlay.write_text(f"metrics:\n{disabled}panels:\n  blood_pressure:\n    enabled: false\n")

    scene.run(mapping=load_mapping(overlay))

    assert_nothing_went(scene)
    assert_only_these_go(scene, pressure)


def test_a_smaller_window_retracts_nothing_outside_of_it(scene, days):
    gone = [scene.added[day][0] for day in days]
    scene.delete(*gone)

    scene.run(days[1:2])

    assert scene.retracted() == {str(gone[1])}
    assert_only_these_go(scene, *gone)


# --- Still listed, though not published ---------------------------------------------------------


@pytest.mark.parametrize("attrib", [1, 17])
def test_a_reading_of_which_the_vendor_is_no_longer_sure_stays(scene, days, attrib):
    doubtful, deleted = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.edit(doubtful, attrib=attrib)
    scene.delete(deleted)

    results = scene.run()

    assert results[days[0]].counts.held_back >= 1
    assert scene.retracted() == {str(deleted)}
    scene.edit(doubtful, attrib=0)
    assert_only_these_go(scene, deleted)
    assert [one["meta"]["versionId"] for one in scene.of(doubtful)] == ["1"]


def test_a_reading_that_cannot_be_read_any_more_stays(scene, days):
    """The vendor's exponent makes no number: the reading is rejected, and listed."""
    unreadable = scene.added[days[0]][0]
    scene.edit(unreadable, value=70, unit=40)

    results = scene.run()

    assert results[days[0]].counts.rejected == 1
    assert_nothing_went(scene)
    scene.edit(unreadable, value=71_900, unit=-3)
    assert_only_these_go(scene)


def test_a_copy_that_is_attributed_later_leaves_the_taking_in_the_chart_once(scene, days):
    """The vendor lists a taking under two numbers, and was not sure of the first one."""
    first = scene.weigh(days[1], hour=18, attrib=1)
    [row] = [one for one in scene.rows(days[1]) if one["grpid"] == first]
    [measure] = row["measures"]
    reading = {name: measure[name] for name in ("type", "value", "unit")}
    second = scene.weigh_at(row["date"], **reading)
    scene.run()
    assert [one["status"] for one in scene.of(second)] == ["final"]
    assert scene.of(first) == []

    scene.edit(first, attrib=0)
    scene.run()

    valid = [one for one in (*scene.of(first), *scene.of(second)) if one["status"] == "final"]
    assert len(valid) == 1


# --- What others wrote --------------------------------------------------------------------------


def test_what_another_system_wrote_stays_also_with_our_identifiers(scene, days):
    deleted = scene.added[days[0]][0]
    [ours] = scene.of(deleted)
    labels = {name: ours["meta"][name] for name in ("source", "tag")}
    without_identifier = {name: part for name, part in ours.items() if name != "identifier"}
    of_another_record = ours["identifier"][0] | {"value": "77.body_weight.0"}
    theirs = [
        post(scene, ours),
        # Whoever copies all of it copies our labels too.
        post(scene, ours, meta=labels),
        post(scene, without_identifier),
        post(scene, ours | {"identifier": [of_another_record]}, meta=labels),
    ]
    scene.delete(deleted)

    scene.run()

    assert scene.chart_of(ours["id"])["status"] == "entered-in-error"
    for one in theirs:
        there = scene.chart_of(one)
        assert (there["status"], there["meta"]["versionId"]) == ("final", "1")
        requests.delete(scene.address(f"Observation/{one}"), timeout=10).raise_for_status()
    assert_only_these_go(scene, deleted)


def post(scene, resource, **meta):
    """Write a copy of a resource, as another system does; gives its id."""
    body = {name: part for name, part in resource.items() if name not in {"id", "meta"}} | meta
    answer = requests.post(
        scene.address("Observation"),
        data=json.dumps(body, default=float),
        headers={"Content-Type": "application/fhir+json"},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()["id"]


# --- The vendor's list changes while it is read -------------------------------------------------


def test_a_reading_deleted_between_the_two_listings_goes_with_the_next_sync(scene, days):
    deleted, later = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    scene.vendor.before[2] = lambda: scene.delete(later)

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted, later)


def test_a_reading_added_or_edited_between_the_two_listings_is_not_lost(scene, days):
    deleted, edited = scene.added[days[0]][0], scene.added[days[1]][0]
    scene.delete(deleted)
    new = []

    def change():
        new.append(scene.weigh(days[2], hour=20))
        scene.edit(edited, value=69_900)

    scene.vendor.before[2] = change

    scene.run()

    assert scene.retracted() == {str(deleted)}
    assert_only_these_go(scene, deleted)
    assert [one["status"] for one in scene.of(new[0])] == ["final"]
    assert [one["status"] for one in scene.of(edited)] == ["corrected"]


def test_a_reading_that_the_second_listing_holds_with_another_value_stays(empty):
    newest = fill(empty, 6)[-1]
    empty.fault(Odd("skipped_row", "first", once=True).order)
    empty.vendor.before[2] = lambda: empty.edit(newest, value=70_500)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)
    assert [one["status"] for one in empty.of(newest)] == ["corrected"]
