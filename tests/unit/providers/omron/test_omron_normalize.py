"""What is concluded from OMRON's listings: which are whole, what is kept, what was not asked for."""

from datetime import date

import pytest

from ohx_pipelines.errors import Malformed, VendorDown
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import ListingFailed, Page
from tests.unit.providers.omron.omron_answers import (
    CUFF,
    LISTS,
    OXIMETER,
    ROWS,
    SCALE,
    SHARED,
    WEEK,
    at,
    ignored,
    left_out,
    measurements,
    normalized,
    page,
    read,
    values,
)

METRICS_OF = {
    "bloodpressure": {
        "systolic_blood_pressure", "diastolic_blood_pressure", "heart_rate",
        "possible_atrial_fibrillation", "irregular_heartbeat", "movement_during_measurement",
    },
    "weight": {
        "body_weight", "body_mass_index", "fat_ratio", "muscle_ratio", "visceral_fat_level",
        "basal_metabolic_rate", "metabolic_age",
    },
    "activity": {"steps_per_day", "distance_per_day", "active_energy_per_day"},
    "temperature": {"body_temperature"},
    "oxygen": {"oxygen_saturation", "heart_rate"},
}  # fmt: skip


@pytest.mark.parametrize("listing", sorted(LISTS))
def test_a_whole_listing_tells_of_its_own_records_alone(listing):
    result = read(listing, ROWS[listing])

    (listed,) = result.listed
    assert listed.prefix == listing
    assert listed.metrics == METRICS_OF[listing]
    assert {one.record.partition("-")[0] for one in measurements(result)} == {listing}
    assert left_out(result) == []


def test_a_listing_that_is_empty_is_told_as_whole():
    result = read("bloodpressure")

    assert [one.prefix for one in result.listed] == ["bloodpressure"]
    assert result.frame.empty


def test_nothing_is_concluded_from_a_listing_that_does_not_say_that_it_is_whole():
    cut = Page(listing="bloodpressure", body={"bloodPressure": [CUFF]})
    ended = Page(listing="weight", body={"weight": [SCALE], "nextPaginationKey": None})

    result = normalized(cut, ended)

    assert len({one.record for one in measurements(result)}) == 2
    assert [one.prefix for one in result.listed] == ["weight"]


def test_pulses_of_two_listings_are_told_apart():
    result = normalized(page("bloodpressure", CUFF), page("oxygen", OXIMETER))

    pulses = {one.record for one in measurements(result) if one.metric is Metric.HEART_RATE}
    assert pulses == {"bloodpressure-903311207", "oxygen-77"}


@pytest.mark.parametrize(
    "row",
    [
        "text", None, 7, [], {}, CUFF | {"id": None}, CUFF | {"id": True}, CUFF | {"id": "a b"},
        CUFF | {"id": 1.5}, CUFF | {"id": []}, CUFF | {"id": "x" * 65},
    ],
    ids=["text", "null", "number", "list", "empty", "no_id", "bool", "blank", "float", "ids", "long"],
)  # fmt: skip
def test_nothing_is_concluded_from_a_listing_with_a_row_that_is_none(row):
    result = read("bloodpressure", row, CUFF)

    assert result.listed == ()
    assert len(measurements(result)) == 3
    assert [reason for _, _, reason in left_out(result)] == ["unreadable_row"]


def test_a_row_without_an_id_of_a_day_that_was_not_asked_for_disturbs_nothing():
    row = CUFF | {"id": None} | at("2026-12-01T08:00:00")

    result = read("bloodpressure", row, CUFF)

    assert (len(result.listed), left_out(result), ignored(result)) == (1, [], {})


def test_what_came_later_is_dropped_silently_and_not_deleted():
    later = CUFF | {"id": 5} | at("2026-11-23T00:00:00")
    before = CUFF | {"id": 6} | at("2026-11-15T23:59:59")

    result = read("bloodpressure", later, before)

    assert result.frame.empty
    assert (left_out(result), ignored(result)) == ([], {})
    assert {"bloodpressure-5", "bloodpressure-6"} <= result.kept


@pytest.mark.parametrize(
    ("local", "day"), [("2026-11-16T00:00:00", 16), ("2026-11-22T23:59:59", 22)]
)
def test_the_first_and_the_last_second_of_a_window_belong_to_it(local, day):
    result = read("bloodpressure", CUFF | at(local))

    assert {one.day for one in measurements(result)} == {date(2026, 11, day)}


def test_a_row_that_two_pages_list_is_read_once():
    result = normalized(page("bloodpressure", CUFF), page("bloodpressure", CUFF, CUFF | {"id": 5}))

    assert {one.record for one in measurements(result)} == {
        "bloodpressure-903311207", "bloodpressure-5",
    }  # fmt: skip
    assert ignored(result) == {"copy": 1}


def test_of_two_rows_with_one_id_the_later_listed_stands():
    result = read("bloodpressure", CUFF, CUFF | {"pulse": 70}, CUFF | {"pulse": 99} | at("?"))

    assert values(result)[Metric.HEART_RATE][0] == 70


def test_an_id_of_64_bits_is_read_exactly():
    result = read("bloodpressure", CUFF | {"id": 2**63 - 1})

    assert {one.record for one in measurements(result)} == {f"bloodpressure-{2**63 - 1}"}


@pytest.mark.parametrize("name", ["weight", "bmiValue", "bodyFatPercentage", "bodyAge"])
def test_a_row_that_lacks_a_field_this_time_is_not_deleted_in_part(name):
    without = {key: value for key, value in SCALE.items() if key != name}

    # Of a row that says all that it can, everything is concluded.
    assert read("weight", SCALE).kept == frozenset()
    assert read("weight", without).kept == {"weight-55"}


def test_what_is_not_shared_is_not_published_whoever_sends_it():
    shared = set(SHARED) - {"blood_pressure"}

    result = normalized(page("bloodpressure", CUFF), page("weight", SCALE), shared=shared)

    assert {one.record for one in measurements(result)} == {"weight-55"}
    assert [one.prefix for one in result.listed] == ["weight"]
    assert ignored(result) == {"not_asked_for": 3}


def test_rows_of_another_list_than_was_asked_for_are_not_read():
    result = normalized(page("weight", SCALE, bloodPressure=[CUFF]))

    assert {one.record for one in measurements(result)} == {"weight-55"}


def test_a_list_that_nobody_knows_is_counted():
    result = normalized(page("weight", SCALE, glucose=[{"id": 1}], empty=[]))

    assert ignored(result) == {"unknown_listing": 1}


def test_a_page_without_its_list_costs_its_listing_alone():
    result = normalized(Page(listing="weight", body={}), page("bloodpressure", CUFF))

    (failure,) = result.failures
    assert (failure.listing, failure.days) == ("weight", frozenset(WEEK.days))
    assert [one.prefix for one in result.listed] == ["bloodpressure"]


def test_pages_none_of_which_can_be_read_are_malformed():
    with pytest.raises(Malformed):
        normalized(Page(listing="weight", body={}))


def test_a_listing_that_could_not_be_had_whole_is_not_told_as_whole():
    failed = ListingFailed(listing="weight", days=frozenset(WEEK.days), error=VendorDown())

    result = normalized(page("weight", SCALE), page("oxygen"), failures=(failed,))

    assert [one.prefix for one in result.listed] == ["oxygen"]


def test_devices_of_two_accounts_are_two():
    ours = read("bloodpressure", CUFF)

    assert set(ours.devices).isdisjoint({"HEM-7361T"})
    assert {one.device for one in measurements(ours)} == set(ours.devices)
