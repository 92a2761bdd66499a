"""What the reader asks for of a civil day: its totals, and what the vendor derives of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.unit.sandbox.google_parts import daily, merged, readings, said, total
from tests.unit.sandbox.reader_parts import BERT, DAY
from tests.unit.sandbox.row_parts import NEXT_DAY, NOON, utc

MIDNIGHTS = (utc("2026-11-19T23:00"), utc("2026-11-20T23:00"))
SETTLED = {"final", "corrected", "amended"}


@pytest.mark.parametrize(
    ("of_type", "value", "code", "expected"),
    [
        ("steps", {"countSum": "9312"}, "41950-7", (9312, "{steps}/d")),
        ("steps", {"countSum": 9312}, "41950-7", (9312, "{steps}/d")),
        ("distance", {"millimetersSum": "7204455"}, "103208-5", (7204.455, "m")),
        ("floors", {"countSum": "12"}, "93833-2", (12, "{flights}")),
        ("altitude", {"gainMillimetersSum": "36576"}, "elevation-gain", (36.576, "m")),
        ("active-energy-burned", {"kcalSum": 412.61}, "active-energy", (412.61, "kcal")),
        ("total-calories", {"kcalSum": 2310.9}, "41979-6", (2310.9, "kcal/d")),
        ("sedentary-period", {"durationSum": "36330s"}, "sedentary-duration", (605.5, "min")),
        ("sedentary-period", {"durationSum": "100s"}, "sedentary-duration", (1.7, "min")),
        ("sedentary-period", {"durationSum": "100.0s"}, "sedentary-duration", (1.67, "min")),
    ],
)
def test_a_sum_of_a_day(of_type, value, code, expected):
    record = f"{of_type.replace('-', '_')}-2026-11-20"
    assert said(total(of_type, value)) == {(record, code): expected}


@pytest.mark.parametrize(
    ("of_type", "unit"),
    [
        ("steps", "{steps}/d"),
        ("distance", "m"),
        ("floors", "{flights}"),
        ("altitude", "m"),
        ("active-energy-burned", "kcal"),
        ("total-calories", "kcal/d"),
        ("sedentary-period", "min"),
        ("active-zone-minutes", "{score}"),
    ],
)
def test_a_day_that_is_listed_without_a_sum_has_a_sum_of_zero(of_type, unit):
    assert [*said(total(of_type, {})).values()] == [(0, unit)]


@pytest.mark.parametrize("sum_", ["many", "1.5", None, True, "-1"])
def test_what_is_no_sum_is_no_reading(sum_):
    expected = [(0, "{steps}/d")] if sum_ is None else []
    assert [*said(total("steps", {"countSum": sum_})).values()] == expected


def test_minutes_in_the_zones_are_added_up():
    value = {"sumInFatBurnHeartZone": "12", "sumInPeakHeartZone": "8"}
    assert said(total("active-zone-minutes", value)) == {
        ("active_zone_minutes-2026-11-20", "active-zone-minutes"): (20, "{score}")
    }


def test_activity_is_said_by_level():
    parts = [
        {"activityLevel": "LIGHT", "activeMinutesSum": "187"},
        {"activityLevel": "MODERATE", "activeMinutesSum": "22"},
        {"activityLevel": "VIGOROUS"},
        {"activityLevel": "OF_NEXT_YEAR", "activeMinutesSum": "5"},
    ]
    record = "active_minutes-2026-11-20"
    assert said(total("active-minutes", {"activeMinutesRollupByActivityLevel": parts})) == {
        (record, "101688-0"): (187, "min"),
        (record, "101689-8"): (22, "min"),
        (record, "101690-6"): (0, "min"),
    }


def test_time_in_the_heart_rate_zones_is_minutes():
    parts = [
        {"heartRateZone": "LIGHT", "duration": "61200s"},
        {"heartRateZone": "MODERATE", "duration": "2050s"},
        {"heartRateZone": "VIGOROUS", "duration": "360s"},
        {"heartRateZone": "PEAK", "duration": "60s"},
        {"heartRateZone": "HEART_RATE_ZONE_TYPE_UNSPECIFIED", "duration": "60s"},
    ]
    record = "time_in_heart_rate_zone-2026-11-20"
    assert said(total("time-in-heart-rate-zone", {"timeInHeartRateZones": parts})) == {
        (record, "101693-0"): (1020, "min"),
        (record, "101694-8"): (34.2, "min"),
        (record, "101695-5"): (6, "min"),
        (record, "103207-7"): (1, "min"),
    }


def test_a_heart_rate_of_a_day_is_of_the_living():
    value = {"beatsPerMinuteAvg": 71.25, "beatsPerMinuteMax": 139, "beatsPerMinuteMin": 0}
    record = "heart_rate_per_day-2026-11-20"
    assert said(total("heart-rate", value)) == {
        (record, "41924-2"): (71.25, "/min"),
        (record, "8873-2"): (139, "/min"),
    }


def test_a_total_spans_the_day_of_the_links_zone():
    [one] = readings(total("steps", {"countSum": "1"}))
    assert ((one.instant, one.end), one.day, one.says_day) == (MIDNIGHTS, DAY, True)
    assert (one.offset, one.end_offset) == (timedelta(hours=1), timedelta(hours=1))
    assert one.device is None
    [other] = readings(total("steps", {"countSum": "1"}), person=BERT)
    assert other.instant == utc("2026-11-19T18:30")


def test_a_day_of_a_clock_change_is_longer():
    day = date(2026, 10, 25)
    [one] = readings(total("steps", {"countSum": "1"}, "2026-10-25"), first=day, last=day)
    assert one.end - one.instant == timedelta(hours=25)
    assert (one.offset, one.end_offset) == (timedelta(hours=2), timedelta(hours=1))


def test_a_day_is_preliminary_until_it_ends_and_may_be_corrected_after():
    rows = total("steps", {"countSum": "1"})
    [before], [after] = readings(rows, now=NOON), readings(rows, now=NEXT_DAY)
    assert (before.statuses, before.is_open) == ({"preliminary"}, True)
    assert (after.statuses, after.is_open) == (SETTLED, False)


@pytest.mark.parametrize(
    ("shared", "count"), [({"activity"}, 1), ({"heart_rate"}, 1), ({"intraday", "workouts"}, 0)]
)
def test_a_days_heart_rate_is_shared_apart_from_its_steps(shared, count):
    sums = {"steps": {"2026-11-20": {}}, "heart-rate": {"2026-11-20": {"beatsPerMinuteAvg": 70}}}
    assert len(readings({"totals": sums}, shared=frozenset(shared))) == count


# --- What the vendor derives once a day


RMSSD, DEEP = "heart-rate-variability-rmssd", "deep-sleep-heart-rate-variability-rmssd"


@pytest.mark.parametrize(
    ("of_type", "value", "expected"),
    [
        ("daily-resting-heart-rate", {"beatsPerMinute": "57"},
         {"40443-4 8867-4": (57, "/min")}),
        ("daily-heart-rate-variability",
         {"averageHeartRateVariabilityMilliseconds": 41.5, "entropy": 2.5,
          "nonRemHeartRateBeatsPerMinute": "51",
          "deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds": 48.25},
         {RMSSD: (41.5, "ms"), DEEP: (48.25, "ms")}),
        ("daily-oxygen-saturation",
         {"averagePercentage": 96.2, "lowerBoundPercentage": 94.1, "upperBoundPercentage": 98},
         {"2708-6 59408-5": (96.2, "%")}),
        ("daily-respiratory-rate", {"breathsPerMinute": 14.6}, {"9279-1": (14.6, "/min")}),
        ("daily-sleep-temperature-derivations",
         {"nightlyTemperatureCelsius": 34.1, "baselineTemperatureCelsius": 33.9,
          "relativeNightlyStddev30dCelsius": 0.2},
         {"61008-9": (34.1, "Cel"), "skin-temperature-baseline": (33.9, "Cel")}),
        ("daily-vo2-max", {"vo2Max": 44.5, "estimated": True}, {"94122-9": (44.5, "mL/min/kg")}),
    ],
)  # fmt: skip
def test_what_is_derived_of_a_day(of_type, value, expected):
    record = f"{of_type.replace('-', '_')}-2026-11-20"
    found = said(merged(daily(of_type, value)))
    assert found == {(record, code): amount for code, amount in expected.items()}
    nothing = dict.fromkeys(value, 0)
    assert said(merged(daily(of_type, nothing), daily(of_type, {}, day="2026-11-19"))) == {}


def test_a_derived_value_spans_its_day():
    [one] = readings(merged(daily("daily-respiratory-rate", {"breathsPerMinute": 14})))
    assert ((one.instant, one.end), one.says_day, one.device) == (MIDNIGHTS, True, None)


def test_a_resting_heart_rate_stands_on_its_date_for_its_profile_takes_no_period():
    [one] = readings(merged(daily("daily-resting-heart-rate", {"beatsPerMinute": "57"})))
    assert (one.instant, one.end) == (datetime(2026, 11, 20, tzinfo=UTC), None)
    assert (one.offset, one.end_offset, one.says_day) == (None, None, True)


def test_a_resting_heart_rate_is_preliminary_until_its_day_ends():
    rows = merged(daily("daily-resting-heart-rate", {"beatsPerMinute": "57"}))
    late = utc("2026-11-20T22:59")
    assert [one.statuses for one in readings(rows, now=late)] == [{"preliminary"}]
    assert [one.statuses for one in readings(rows, now=MIDNIGHTS[1])] == [{"final"}]


def test_a_day_that_is_listed_twice_counts_once():
    twice = [daily("daily-vo2-max", {"vo2Max": value}, id=str(value)) for value in (44.5, 45.5)]
    assert [*said(merged(*twice)).values()] == [(44.5, "mL/min/kg")]


@pytest.mark.parametrize(
    ("of_type", "value", "data_type"),
    [
        ("daily-resting-heart-rate", {"beatsPerMinute": "57"}, "heart_rate"),
        ("daily-heart-rate-variability", {"averageHeartRateVariabilityMilliseconds": 4},
         "heart_rate_variability"),
        ("daily-oxygen-saturation", {"averagePercentage": 96}, "oxygen"),
        ("daily-respiratory-rate", {"breathsPerMinute": 14}, "breathing"),
        ("daily-sleep-temperature-derivations", {"nightlyTemperatureCelsius": 34},
         "skin_temperature"),
        ("daily-vo2-max", {"vo2Max": 44}, "fitness"),
    ],
)  # fmt: skip
def test_as_what_a_derived_value_is_shared(of_type, value, data_type):
    rows = merged(daily(of_type, value))
    assert len(readings(rows, shared=frozenset({data_type}))) == 1
    assert readings(rows, shared=frozenset({"activity", "sleep"})) == []
