"""What Google works out for a date, into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    DAY,
    civil,
    ignored,
    left_out,
    read,
    values,
)

SKIN = "dailySleepTemperatureDerivations"
DAILY = [
    (
        "daily_resting_heart_rate",
        "dailyRestingHeartRate",
        {"beatsPerMinute": "57"},
        {Metric.RESTING_HEART_RATE: (57, "/min")},
    ),
    (
        "daily_heart_rate_variability",
        "dailyHeartRateVariability",
        {
            "averageHeartRateVariabilityMilliseconds": Decimal("34.2"),
            "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": Decimal("41.75"),
        },
        {
            Metric.HEART_RATE_VARIABILITY_RMSSD: (Decimal("34.2"), "ms"),
            Metric.DEEP_SLEEP_HEART_RATE_VARIABILITY_RMSSD: (Decimal("41.75"), "ms"),
        },
    ),
    (
        "daily_oxygen_saturation",
        "dailyOxygenSaturation",
        {"averagePercentage": Decimal("95.8")},
        {Metric.MEAN_OXYGEN_SATURATION: (Decimal("95.8"), "%")},
    ),
    (
        "daily_respiratory_rate",
        "dailyRespiratoryRate",
        {"breathsPerMinute": Decimal("14.6")},
        {Metric.MEAN_RESPIRATORY_RATE: (Decimal("14.6"), "/min")},
    ),
    (
        "daily_sleep_temperature_derivations",
        SKIN,
        {
            "nightlyTemperatureCelsius": Decimal("33.41"),
            "baselineTemperatureCelsius": Decimal("33.9"),
        },
        {
            Metric.MEAN_SKIN_TEMPERATURE: (Decimal("33.41"), "Cel"),
            Metric.SKIN_TEMPERATURE_BASELINE: (Decimal("33.9"), "Cel"),
        },
    ),
    (
        "daily_vo2_max",
        "dailyVo2Max",
        {"vo2Max": Decimal("41.5")},
        {Metric.VO2_MAX: (Decimal("41.5"), "mL/min/kg")},
    ),
]
OF_EACH = pytest.mark.parametrize(("listing", "member", "value", "told"), DAILY)


def point(member, value, day=DAY, **more):
    return {member: {"date": civil(day), **value}, **more}


@OF_EACH
def test_a_value_of_a_date_is_the_vendors_number_in_the_vendors_unit(listing, member, value, told):
    into = read(listing, point(member, value))

    assert values(into) == told
    assert (into.is_whole, ignored(into), left_out(into)) == (True, {}, [])
    assert {one.record for one in into.measurements} == {f"{listing}-2026-11-20"}


@OF_EACH
def test_nobody_has_a_value_of_zero(listing, member, value, told):
    missing = read(listing, point(member, {}))
    zero = read(listing, point(member, dict.fromkeys(value, 0)))

    for into in (missing, zero):
        assert values(into) == {}
        assert ignored(into) == {"no_value": len(value)}


def test_a_value_of_a_date_spans_the_users_day():
    row = point("dailyRestingHeartRate", {"beatsPerMinute": "57"})

    (resting,) = read("daily_resting_heart_rate", row).measurements

    assert resting.start == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert resting.end == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert (resting.offset_minutes, resting.end_offset_minutes, resting.day) == (60, 60, DAY)
    # The merged stream names no source.
    assert (resting.device, resting.method) == (None, RecordingMethod.DEVICE)


def test_a_point_that_names_its_device_is_its_devices():
    row = point("dailyRestingHeartRate", {"beatsPerMinute": "57"}, dataSource=CHARGE)

    into = read("daily_resting_heart_rate", row)

    (resting,) = into.measurements
    assert into.devices[resting.device].model == "Charge 6"


@pytest.mark.parametrize(
    ("listing", "member", "fields"),
    [
        (
            "daily_oxygen_saturation",
            "dailyOxygenSaturation",
            ["lowerBoundPercentage", "upperBoundPercentage", "standardDeviationPercentage"],
        ),
        (
            "daily_heart_rate_variability",
            "dailyHeartRateVariability",
            ["entropy", "nonRemHeartRateBeatsPerMinute"],
        ),
        ("daily_sleep_temperature_derivations", SKIN, ["relativeNightlyStddev30dCelsius"]),
        ("daily_vo2_max", "dailyVo2Max", ["cardioFitnessLevel", "vo2MaxCovariance"]),
    ],
)
def test_bounds_and_other_derivations_are_counted_and_not_carried(listing, member, fields):
    into = read(listing, point(member, dict.fromkeys(fields, Decimal("1.5"))))

    assert values(into) == {}
    assert sum(n for w, n in ignored(into).items() if w.startswith("unmapped_")) == len(fields)


def test_the_words_for_fields_are_the_vendors_in_small_letters():
    into = read(
        "daily_sleep_temperature_derivations",
        point(SKIN, {"relativeNightlyStddev30dCelsius": 1, "Odd Text 37.2": 1, "x" * 99: 1}),
    )

    assert ignored(into) == {
        "unmapped_field_relative_nightly_stddev30d_celsius": 1,
        "unmapped_field": 2,
        "no_value": 2,
    }


@pytest.mark.parametrize("value", ["57.5", "x", -57, Decimal("NaN"), Decimal("1E+99"), [57], True])
def test_a_value_that_cannot_be_read_is_told_and_costs_only_itself(value):
    row = point("dailyRestingHeartRate", {"beatsPerMinute": value})

    into = read("daily_resting_heart_rate", row)

    assert left_out(into) == [
        (Metric.RESTING_HEART_RATE, "daily_resting_heart_rate-2026-11-20", "unreadable_value")
    ]
    assert into.is_whole


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (7, "unreadable_row"),
        ({}, "unreadable_row"),
        ({"dailyVo2Max": []}, "unreadable_row"),
        ({"dailyVo2Max": {"vo2Max": 41}}, "no_time"),
        ({"dailyVo2Max": {"vo2Max": 41, "date": "2026-11-20"}}, "no_time"),
    ],
)
def test_a_point_without_a_date_leaves_it_open_what_is_deleted(row, reason):
    into = read("daily_vo2_max", row)

    assert left_out(into) == [(Metric.VO2_MAX, "daily_vo2_max-unreadable-0", reason)]
    assert not into.is_whole


def test_of_two_points_of_a_date_the_first_counts():
    rows = [point("dailyVo2Max", {"vo2Max": value}) for value in (41, 42)]

    into = read("daily_vo2_max", *rows, point("dailyVo2Max", {"vo2Max": 9}, date(2026, 11, 1)))

    assert values(into) == {Metric.VO2_MAX: (41, "mL/min/kg")}
    assert ignored(into) == {"copy": 1, "outside": 1}
