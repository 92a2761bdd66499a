"""Google's single samples into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    DAY,
    FROM_PHONE,
    ignored,
    left_out,
    named,
    read,
    sample,
    values,
)

MG = "bloodGlucoseMilligramsPerDeciliter"
SAMPLES = [
    ("weight", "weight", {"weightGrams": 71350}, Metric.BODY_WEIGHT, 71350, "g"),
    (
        "body_fat",
        "bodyFat",
        {"percentage": Decimal("22.4")},
        Metric.FAT_RATIO,
        Decimal("22.4"),
        "%",
    ),
    ("height", "height", {"heightMillimeters": "1765"}, Metric.BODY_HEIGHT, 1765, "mm"),
    (
        "vo2_max",
        "vo2Max",
        {"vo2Max": Decimal("41.2")},
        Metric.VO2_MAX_SAMPLE,
        Decimal("41.2"),
        "mL/min/kg",
    ),
    (
        "run_vo2_max",
        "runVo2Max",
        {"runVo2Max": Decimal("43.8")},
        Metric.VO2_MAX_SAMPLE,
        Decimal("43.8"),
        "mL/min/kg",
    ),
    ("blood_glucose", "bloodGlucose", {MG: 98}, Metric.BLOOD_GLUCOSE, 98, "mg/dL"),
    (
        "core_body_temperature",
        "coreBodyTemperature",
        {"temperatureCelsius": Decimal("37.1")},
        Metric.BODY_TEMPERATURE,
        Decimal("37.1"),
        "Cel",
    ),
]
OF_EACH = pytest.mark.parametrize(("listing", "member", "value", "metric", "told", "unit"), SAMPLES)
EPOCH_MS = 1795155082500


def weight(number=None, grams=71350, *, source=CHARGE, **more):
    name = {} if number is None else {"name": named("weight", number)}
    return name | sample("weight", source=source, weightGrams=grams, **more)


def records(into):
    return sorted(one.record for one in into.measurements)


@OF_EACH
def test_a_sample_is_the_vendors_number_in_the_vendors_unit(
    listing, member, value, metric, told, unit
):
    into = read(listing, sample(member, **value))

    assert values(into) == {metric: (told, unit)}
    assert (into.is_whole, ignored(into), left_out(into)) == (True, {}, [])
    assert records(into) == [f"{listing}-{EPOCH_MS}"]


@OF_EACH
def test_nobody_has_a_sample_of_zero(listing, member, value, metric, told, unit):
    for zero in ({}, dict.fromkeys(value, 0)):
        into = read(listing, sample(member, **zero))

        assert (values(into), ignored(into)) == ({}, {"no_value": 1})


def test_a_sample_stands_at_its_instant_with_the_offset_of_that_moment():
    (one,) = read("weight", weight(7711203, at="2026-11-20T06:11:22.567890Z")).measurements

    # Milliseconds, cut.
    assert one.start == datetime(2026, 11, 20, 6, 11, 22, 567000, tzinfo=UTC)
    assert (one.end, one.offset_minutes, one.end_offset_minutes, one.day) == (None, 60, None, DAY)
    assert (one.record, one.group) == ("weight-7711203", "weight-7711203")
    assert one.method is RecordingMethod.DEVICE


@pytest.mark.parametrize(
    ("at", "offset", "day", "minutes"),
    [
        ("2026-11-20T23:30:00Z", "3600s", date(2026, 11, 21), 60),
        ("2026-11-20T23:30:00Z", "0s", DAY, 0),
        ("2026-11-20T13:30:00Z", "39600s", date(2026, 11, 21), 660),
        ("2026-11-20T05:30:00Z", "-21600s", date(2026, 11, 19), -360),
        ("2026-11-20T05:30:00Z", "20700s", DAY, 345),
        # Without an offset the link's zone counts.
        ("2026-11-20T23:30:00Z", None, date(2026, 11, 21), 60),
    ],
)
def test_a_sample_belongs_to_the_civil_day_where_its_user_was(at, offset, day, minutes):
    (one,) = read("weight", weight(at=at, offset=offset)).measurements

    assert (one.day, one.offset_minutes) == (day, minutes)


@pytest.mark.parametrize(
    ("given", "record"),
    [
        (named("weight", 7711203), "weight-7711203"),
        (named("weight", "a-B9"), "weight-a-B9"),
        ("7", "weight-7"),
        (named("weight", "x" * 64), f"weight-{'x' * 64}"),
        (named("weight", "x" * 65), f"weight-{EPOCH_MS}"),
        (named("weight", "1.5"), f"weight-{EPOCH_MS}"),
        (named("weight", ""), f"weight-{EPOCH_MS}"),
        (named("weight", "ü"), f"weight-{EPOCH_MS}"),
        (7, f"weight-{EPOCH_MS}"),
        (None, f"weight-{EPOCH_MS}"),
    ],
)
def test_a_record_is_named_after_the_vendors_id_or_its_instant(given, record):
    assert records(read("weight", {"name": given} | weight())) == [record]


def test_a_merged_point_has_its_id_under_another_name():
    row = {"dataPointName": named("vo2-max", 77)} | sample("vo2Max", vo2Max=41)

    assert records(read("vo2_max", row)) == ["vo2_max-77"]


def test_a_point_on_two_pages_is_one_point():
    into = read("weight", weight(1), weight(1))

    assert records(into) == ["weight-1"]
    assert ignored(into) == {"copy": 1}


def test_two_values_under_one_id_are_one_reading():
    into = read("weight", weight(1, 71350), weight(1, 71400))

    assert values(into) == {Metric.BODY_WEIGHT: (71350, "g")}
    assert ignored(into) == {"copy": 1}


@pytest.mark.parametrize(
    ("location", "metric"),
    [
        ("MOUTH", Metric.ORAL_TEMPERATURE),
        ("TEMPORAL_ARTERY", Metric.TEMPORAL_ARTERY_TEMPERATURE),
        ("FINGER", Metric.SKIN_TEMPERATURE),
        ("TOE", Metric.SKIN_TEMPERATURE),
        ("WRIST", Metric.SKIN_TEMPERATURE),
        ("ARMPIT", Metric.BODY_TEMPERATURE),
        ("EAR", Metric.BODY_TEMPERATURE),
        ("RECTUM", Metric.BODY_TEMPERATURE),
        ("FOREHEAD", Metric.BODY_TEMPERATURE),
        ("OTHER", Metric.BODY_TEMPERATURE),
        ("MEASUREMENT_LOCATION_UNSPECIFIED", Metric.BODY_TEMPERATURE),
    ],
)
def test_where_a_temperature_was_taken_says_which_it_is(location, metric):
    row = sample(
        "coreBodyTemperature", temperatureCelsius=37, measurementLocation=location, id="x-1"
    )

    into = read("core_body_temperature", row)

    assert (values(into), ignored(into)) == ({metric: (37, "Cel")}, {})


@pytest.mark.parametrize("location", ["KNEE", 7, ["MOUTH"]])
def test_a_place_that_is_not_known_is_counted_and_the_temperature_is_the_bodys(location):
    row = sample("coreBodyTemperature", temperatureCelsius=37, measurementLocation=location)

    into = read("core_body_temperature", row)

    assert values(into) == {Metric.BODY_TEMPERATURE: (37, "Cel")}
    assert ignored(into) == {"unknown_measurement_location": 1}


@pytest.mark.parametrize("source", [None, "SELF_MONITORING_BLOOD_GLUCOSE", "X_UNSPECIFIED"])
@pytest.mark.parametrize("specimen", [None, "CAPILLARY_BLOOD", "WHOLE_BLOOD", "X_UNSPECIFIED"])
def test_glucose_in_blood_from_a_finger_is_carried(source, specimen):
    row = sample("bloodGlucose", **{MG: 98}, measurementSource=source, specimen=specimen)

    into = read("blood_glucose", row)

    assert (values(into), ignored(into)) == ({Metric.BLOOD_GLUCOSE: (98, "mg/dL")}, {})


@pytest.mark.parametrize(
    "what",
    [
        {"measurementSource": "CONTINUOUS_GLUCOSE_MONITORING"},
        {"measurementSource": "LAB_TEST"},
        {"measurementSource": "A_NEW_SOURCE"},
        {"specimen": "INTERSTITIAL_FLUID"},
        {"specimen": "PLASMA"},
        {"specimen": "SERUM"},
        {"specimen": "TEARS"},
        {"specimen": 4},
        {"measurementSource": "SELF_MONITORING_BLOOD_GLUCOSE", "specimen": "PLASMA"},
    ],
)
def test_glucose_of_another_kind_is_counted_and_never_carried(what):
    into = read("blood_glucose", sample("bloodGlucose", **{MG: 98}, **what))

    assert (values(into), ignored(into), left_out(into)) == ({}, {"unmapped_glucose": 1}, [])
    assert into.is_whole


def test_what_somebody_noted_beside_a_reading_is_counted_and_not_carried():
    meal = {"mealType": "LUNCH", "measurementTiming": "AFTER_MEAL", "notes": "CANARY"}

    into = read("blood_glucose", sample("bloodGlucose", **{MG: 98}, **meal))

    assert ignored(into) == {
        "unmapped_field_meal_type": 1,
        "unmapped_field_measurement_timing": 1,
        "unmapped_field_notes": 1,
    }
    assert "CANARY" not in repr(into)


@pytest.mark.parametrize("grams", ["71350", -1, Decimal("Infinity"), True, {}, "x"])
def test_a_weight_that_cannot_be_read_is_told_by_its_record_and_costs_only_itself(grams):
    into = read("weight", weight(1, grams), weight(2))

    assert left_out(into) == [(Metric.BODY_WEIGHT, "weight-1", "unreadable_value")]
    assert records(into) == ["weight-2"]
    assert into.is_whole


def test_two_weights_of_one_instant_that_cannot_be_read_are_both_told():
    into = read("weight", weight(1, "x"), weight(2, "x", source=FROM_PHONE))

    assert [record for _, record, _ in left_out(into)] == ["weight-1", "weight-2"]
    assert ignored(into) == {}


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"at": None},
        {"at": "yesterday"},
        {"at": "2026-11-20"},
        {"at": "2026-11-20T06:11:22"},
        {"at": "2026-02-30T06:11:22Z"},
        {"at": "0001-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59Z"},
        {"at": 1795154682},
        {"offset": "one hour"},
        {"offset": 3600},
        {"offset": "90000s"},
    ],
)
def test_a_sample_that_does_not_say_when_is_known_by_its_id_or_leaves_deletions_open(times):
    row = weight(**times) if times else {"weight": {"weightGrams": 71350}, "dataSource": CHARGE}

    unknown = read("weight", row, weight(2, 70000))
    known = read("weight", row | {"name": named("weight", 9)}, weight(2, 70000))

    assert left_out(unknown) == [(Metric.BODY_WEIGHT, "weight-unreadable-0", "no_time")]
    assert left_out(known) == [(Metric.BODY_WEIGHT, "weight-9", "no_time")]
    assert (unknown.is_whole, known.is_whole) == (False, True)
    assert records(unknown) == records(known) == ["weight-2"]


@pytest.mark.parametrize("row", [None, 4, "x", [], {}, {"weight": 71350}, {"bodyFat": {}}])
def test_a_row_that_is_no_sample_is_told_and_leaves_deletions_open(row):
    into = read("weight", row)

    assert left_out(into) == [(Metric.BODY_WEIGHT, "weight-unreadable-0", "unreadable_row")]
    assert not into.is_whole


def test_samples_of_other_days_are_counted_and_not_read():
    into = read(
        "weight", weight(1, at="2026-11-15T22:59:59Z"), weight(2, at="2026-11-22T23:00:00Z")
    )

    assert (records(into), ignored(into)) == ([], {"outside": 2})
    assert into.is_whole


def test_what_was_not_asked_for_is_counted_and_never_published():
    into = read("weight", weight(1), weight(grams="x"), asked=frozenset())

    assert (values(into), left_out(into)) == ({}, [])
    assert ignored(into) == {"not_asked_for": 2}
    assert into.devices == {}
