"""Google's pages as a whole: which listings are concluded from, and what is only counted."""

import json
from datetime import date
from decimal import Decimal

import pytest

from ohx_pipelines.errors import Malformed, VendorDown
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import ListingFailed
from ohx_pipelines.providers.google_health import (
    daily,
    ecg,
    exercise,
    samples,
    series,
    sleep,
    totals,
)
from ohx_pipelines.providers.google_health.listings import BY_NAME, LISTINGS
from ohx_pipelines.providers.google_health.normalize import READERS
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    DAY,
    WEEK,
    interval,
    named,
    normalized,
    roll_up,
    sample,
)

STEPS = {"rollupDataPoints": [roll_up("steps", {"countSum": "5"})]}
WEIGHT = {
    "dataPoints": [
        {"name": named("weight", 7)} | sample("weight", source=CHARGE, weightGrams=71350)
    ]
}


def test_every_listing_has_a_reader():
    assert set(READERS) == set(BY_NAME)


def test_listings_that_were_fetched_and_read_whole_are_concluded_from_and_no_others():
    result = normalized([("steps", STEPS), ("weight", {}), ("body_fat", {"dataPoints": ["x"]})])

    assert {(one.prefix, one.metrics) for one in result.listed} == {
        ("steps", frozenset({Metric.STEPS_PER_DAY})),
        ("weight", frozenset({Metric.BODY_WEIGHT})),
    }
    assert list(result.frame["record"]) == ["steps-2026-11-20"]


def test_each_listing_covers_the_records_that_are_named_after_it():
    result = normalized([("heart_rate_per_day", {}), ("heart_rate", {})])

    by_name = {one.prefix: one for one in result.listed}
    assert by_name["heart_rate"].covers("heart_rate-2026-11-20")
    assert not by_name["heart_rate"].covers("heart_rate_per_day-2026-11-20")
    assert by_name["heart_rate_per_day"].covers("heart_rate_per_day-2026-11-20")


def test_a_listing_of_which_only_some_could_be_had_is_not_concluded_from():
    failed = ListingFailed(listing="steps", days=frozenset({DAY}), error=VendorDown())

    result = normalized([("steps", STEPS), ("weight", WEIGHT)], failures=[failed])

    assert [one.prefix for one in result.listed] == ["weight"]
    assert len(result.frame) == 2


def test_a_listing_that_cannot_be_read_costs_the_windows_days_and_no_other_listing():
    result = normalized([("steps", {"status": "fine"}), ("weight", WEIGHT)])

    (failed,) = result.failures
    assert (failed.listing, failed.days) == ("steps", frozenset(WEEK.days))
    assert isinstance(failed.error, Malformed)
    assert list(result.frame["record"]) == ["weight-7"]
    assert [one.prefix for one in result.listed] == ["weight"]


def test_what_was_read_of_a_listing_before_it_broke_is_not_published():
    result = normalized([("steps", STEPS), ("steps", {"x": 1}), ("weight", WEIGHT)])

    assert list(result.frame["record"]) == ["weight-7"]


def test_when_no_listing_can_be_read_nothing_is_concluded():
    with pytest.raises(Malformed) as raised:
        normalized([("steps", {"status": "fine"}), ("weight", {"CANARY": 1})])

    assert "CANARY" not in str(raised.value)


def test_an_account_without_data_is_an_empty_frame_and_no_failure():
    result = normalized([(one.name, {}) for one in LISTINGS])

    assert result.frame.empty
    assert result.failures == ()
    assert {one.prefix for one in result.listed} == {one.name for one in LISTINGS}
    for one in result.listed:
        assert one.metrics == BY_NAME[one.prefix].metrics


@pytest.mark.parametrize(
    ("shared", "records"),
    [
        ({"body"}, ["weight-7"]),
        ({"activity"}, ["steps-2026-11-20"]),
        ({"activity", "body"}, ["steps-2026-11-20", "weight-7"]),
        ({"sleep"}, []),
    ],
)
def test_what_the_patient_does_not_share_is_never_published_whoever_sends_it(shared, records):
    result = normalized([("steps", STEPS), ("weight", WEIGHT)], shared=shared)

    assert sorted(result.frame["record"]) == records
    counted = result.ignored.get(DAY, {}).get("not_asked_for", 0)
    assert counted == 2 - len(records)
    assert {one.prefix for one in result.listed} == {one.partition("-")[0] for one in records}


def test_a_night_in_work_is_kept_and_nothing_of_it_is_published():
    row = {
        "dataPointName": named("sleep", 5),
        "sleep": {
            "interval": interval("2026-11-19T22:00:00Z", "2026-11-20T05:00:00Z"),
            "metadata": {"processed": False},
        },
    }

    result = normalized([("sleep", {"dataPoints": [row]})])

    assert result.kept == frozenset({"sleep-5"})
    assert [one.reason for one in result.unpublished] == ["not_completed"]
    assert result.frame.empty


def test_what_is_already_unchanged_or_unread_is_kept_and_counted():
    result = normalized(
        [("weight", WEIGHT)],
        unchanged={"weight-7": DAY},
        unread={"electrocardiogram-3": DAY},
    )

    assert result.kept == frozenset({"weight-7", "electrocardiogram-3"})
    assert result.ignored == {DAY: {"unchanged": 1, "not_read": 1}}
    assert result.frame.empty


def test_readings_stand_in_the_order_of_their_instants():
    row = sample("weight", "2026-11-16T01:00:00Z", weightGrams=70000)

    result = normalized([("steps", STEPS), ("weight", {"dataPoints": [row]})])

    assert list(result.frame["start"]) == sorted(result.frame["start"])


def test_a_device_that_one_listing_describes_better_is_that_device_for_all():
    told = {
        "electrocardiogram": {
            "interval": interval("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
            "beatsPerMinuteAvg": "64",
            "medicalDeviceInfo": {"deviceModel": "Charge 6"},
        }
    }
    ecg_page = ("electrocardiogram", {"dataPoints": [told]})

    weights = json.loads(json.dumps(WEIGHT).replace("FITNESS_BAND", "SCALE"))
    assert weights != WEIGHT

    for pages in ([ecg_page, ("weight", weights)], [("weight", weights), ecg_page]):
        result = normalized(pages)

        assert set(result.devices) == set(result.frame["device"])
        assert [one.kind for one in result.devices.values()] == ["Scale"]


@pytest.mark.parametrize(
    ("listing", "member"),
    [("hydration_log", "hydrationLog"), ("nutrition_log", "nutritionLog")],
)
def test_logs_are_counted_by_their_civil_day_and_never_published(listing, member):
    def row(start):
        return {member: {"interval": interval(start, start), "foodDisplayName": "CANARY"}}

    rows = [row("2026-11-20T22:59:00Z"), row("2026-11-20T23:00:00Z"), row("2026-12-24T12:00:00Z")]

    result = normalized([(listing, {"dataPoints": [*rows, "x", {member: {}}]})])

    assert result.frame.empty
    assert result.listed == ()
    assert {day: dict(words) for day, words in result.ignored.items()} == {
        DAY: {f"unmapped_type_{listing}": 1},
        date(2026, 11, 21): {f"unmapped_type_{listing}": 1},
        WEEK.last_day: {"outside": 1},
        WEEK.first_day: {"unreadable_row": 2},
    }
    assert "CANARY" not in repr(result)


def test_a_page_of_an_unknown_listing_says_nothing():
    result = normalized([("blood_pressure", {"x": 1}), ("weight", WEIGHT)])

    assert list(result.frame["record"]) == ["weight-7"]


def _fields():
    tables = [*totals.FIELDS.values(), *daily.FIELDS.values(), *series.FIELDS.values()]
    tables += [parts.fields for parts in totals.PARTS.values()]
    tables += [exercise.FIELDS, sleep.FIELDS, sleep.DURATIONS, dict(samples.FIELDS.values())]
    found = [field for table in tables for field in table.values()]
    return [*found, totals.ZONE_MINUTES, sleep.AWAKENINGS, exercise.DURATION, ecg.RATE]


def test_every_number_is_in_a_unit_that_the_mapping_knows_the_way_from():
    mapping = load_mapping()

    for field in _fields():
        converted = mapping.metrics[field.metric].in_unit(Decimal(1), field.unit)
        assert converted is not None, field
    by_location = set(samples.BY_LOCATION.values())
    told = {field.metric for field in _fields()} | by_location
    told |= {Metric.WORKOUT_TYPE, Metric.SLEEP_STAGE, Metric.ECG_WAVEFORM}
    told |= {Metric.ATRIAL_FIBRILLATION_CLASSIFICATION, Metric.IRREGULAR_RHYTHM_NOTIFICATION}
    # What is declared is read, and what is read is declared.
    assert told == frozenset().union(*(one.metrics for one in LISTINGS))
