"""Google's daily roll-ups into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    DAY,
    civil,
    ignored,
    left_out,
    read,
    read_pages,
    roll_up,
    values,
)

ZERO = Decimal(0)
TOTALS = [
    ("steps", "steps", {"countSum": "9312"}, Metric.STEPS_PER_DAY, 9312, "{steps}"),
    ("distance", "distance", {"millimetersSum": "7120300"}, Metric.DISTANCE_PER_DAY, 7120300, "mm"),
    ("floors", "floors", {"countSum": "11"}, Metric.FLOORS_CLIMBED_PER_DAY, 11, "{flights}"),
    (
        "altitude",
        "altitude",
        {"gainMillimetersSum": "33528"},
        Metric.ELEVATION_GAIN_PER_DAY,
        33528,
        "mm",
    ),
    (
        "active_energy_burned",
        "activeEnergyBurned",
        {"kcalSum": Decimal("612.5")},
        Metric.ACTIVE_ENERGY_PER_DAY,
        Decimal("612.5"),
        "kcal",
    ),
    (
        "total_calories",
        "totalCalories",
        {"kcalSum": Decimal("2210.25")},
        Metric.ENERGY_EXPENDED_PER_DAY,
        Decimal("2210.25"),
        "kcal",
    ),
    (
        "sedentary_period",
        "sedentaryPeriod",
        {"durationSum": "30600s"},
        Metric.SEDENTARY_DURATION,
        30600,
        "s",
    ),
    (
        "active_zone_minutes",
        "activeZoneMinutes",
        {"sumInFatBurnHeartZone": "20", "sumInCardioHeartZone": "12", "sumInPeakHeartZone": "4"},
        Metric.ACTIVE_ZONE_MINUTES,
        36,
        "{score}",
    ),
]
OF_EACH = pytest.mark.parametrize(("listing", "member", "value", "metric", "told", "unit"), TOTALS)


@OF_EACH
def test_a_total_of_a_day_is_the_vendors_number_in_the_vendors_unit(
    listing, member, value, metric, told, unit
):
    into = read(listing, roll_up(member, value))

    assert values(into) == {metric: (told, unit)}
    assert (into.is_whole, ignored(into), left_out(into)) == (True, {}, [])


@OF_EACH
def test_a_total_that_the_vendor_leaves_out_is_zero(listing, member, value, metric, told, unit):
    into = read(listing, roll_up(member, {}))

    assert values(into) == {metric: (ZERO, unit)}


def test_a_total_spans_the_users_day_from_midnight_to_midnight():
    (steps,) = read("steps", roll_up("steps", {"countSum": "9312"})).measurements

    assert steps.start == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert steps.end == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert (steps.offset_minutes, steps.end_offset_minutes, steps.day) == (60, 60, DAY)
    assert (steps.device, steps.method) == (None, RecordingMethod.DEVICE)
    assert (steps.record, steps.group) == ("steps-2026-11-20", "steps-2026-11-20")


def test_a_day_on_which_the_clocks_go_back_has_twenty_five_hours():
    zone, day = ZoneInfo("Europe/Stockholm"), date(2026, 10, 25)
    window = Window(first_day=day, last_day=day, zone=zone)

    (steps,) = read("steps", roll_up("steps", {"countSum": "1"}, day), window=window).measurements

    assert (steps.end - steps.start).total_seconds() == 25 * 3600
    assert (steps.offset_minutes, steps.end_offset_minutes) == (120, 60)


def test_minutes_of_activity_are_told_by_level():
    levels = [
        {"activityLevel": "LIGHT", "activeMinutesSum": "181"},
        {"activityLevel": "MODERATE"},
        {"activityLevel": "VIGOROUS", "activeMinutesSum": "22"},
    ]

    into = read("active_minutes", roll_up("activeMinutes", _levels(*levels)))

    assert values(into) == {
        Metric.LIGHT_ACTIVITY_DURATION: (181, "min"),
        Metric.MODERATE_ACTIVITY_DURATION: (0, "min"),
        Metric.VIGOROUS_ACTIVITY_DURATION: (22, "min"),
    }
    assert {one.record for one in into.measurements} == {"active_minutes-2026-11-20"}


def _levels(*levels):
    return {"activeMinutesRollupByActivityLevel": list(levels)}


def test_a_level_that_is_not_listed_is_not_told_as_zero():
    into = read(
        "active_minutes",
        roll_up("activeMinutes", _levels({"activityLevel": "LIGHT", "activeMinutesSum": "1"})),
    )

    assert set(values(into)) == {Metric.LIGHT_ACTIVITY_DURATION}


def test_time_in_heart_rate_zones_goes_by_our_words_for_the_vendors_zones():
    zones = [
        {"heartRateZone": "LIGHT", "duration": "3600s"},
        {"heartRateZone": "MODERATE", "duration": "600.5s"},
        {"heartRateZone": "VIGOROUS", "duration": "240s"},
        {"heartRateZone": "PEAK"},
    ]

    into = read(
        "time_in_heart_rate_zone", roll_up("timeInHeartRateZone", {"timeInHeartRateZones": zones})
    )

    assert values(into) == {
        Metric.LIGHT_HEART_RATE_ZONE_DURATION: (3600, "s"),
        Metric.MODERATE_HEART_RATE_ZONE_DURATION: (Decimal("600.5"), "s"),
        Metric.INTENSE_HEART_RATE_ZONE_DURATION: (240, "s"),
        Metric.MAXIMUM_HEART_RATE_ZONE_DURATION: (0, "s"),
    }


@pytest.mark.parametrize("level", ["EXTREME", "ACTIVITY_LEVEL_UNSPECIFIED", None, 7])
def test_a_level_that_is_not_known_is_counted_and_costs_only_itself(level):
    into = read(
        "active_minutes",
        roll_up(
            "activeMinutes",
            _levels(
                {"activityLevel": level, "activeMinutesSum": "3"},
                {"activityLevel": "LIGHT", "activeMinutesSum": "1"},
            ),
        ),
    )

    assert set(values(into)) == {Metric.LIGHT_ACTIVITY_DURATION}
    assert ignored(into) == {"unknown_activity_level": 1}


def test_heart_rate_of_a_day_is_mean_maximum_and_minimum_under_a_name_of_its_own():
    told = {
        "beatsPerMinuteAvg": Decimal("71.25"),
        "beatsPerMinuteMax": 148,
        "beatsPerMinuteMin": 49,
    }

    into = read("heart_rate_per_day", roll_up("heartRate", told))

    assert values(into) == {
        Metric.MEAN_HEART_RATE_PER_DAY: (Decimal("71.25"), "/min"),
        Metric.MAXIMUM_HEART_RATE_PER_DAY: (148, "/min"),
        Metric.MINIMUM_HEART_RATE_PER_DAY: (49, "/min"),
    }
    assert {one.record for one in into.measurements} == {"heart_rate_per_day-2026-11-20"}


def test_a_heart_that_beats_at_zero_is_no_reading():
    into = read("heart_rate_per_day", roll_up("heartRate", {"beatsPerMinuteAvg": ZERO}))

    assert values(into) == {}
    assert ignored(into) == {"no_value": 3}


@pytest.mark.parametrize("value", ["9312.5", "many", "", " 7", "-4", -4, True, [], {}, "9" * 30])
def test_a_total_that_cannot_be_read_is_told_and_costs_only_itself(value):
    into = read(
        "steps",
        roll_up("steps", {"countSum": value}),
        roll_up("steps", {"countSum": "5"}, date(2026, 11, 21)),
    )

    assert left_out(into) == [(Metric.STEPS_PER_DAY, "steps-2026-11-20", "unreadable_value")]
    assert [one.day for one in into.measurements] == [date(2026, 11, 21)]
    # Its day is known: what stands of it is not taken for deleted.
    assert into.is_whole


def test_an_integer_may_stand_as_a_number():
    assert values(read("steps", roll_up("steps", {"countSum": 9312}))) == {
        Metric.STEPS_PER_DAY: (9312, "{steps}")
    }


def test_zone_minutes_of_which_one_cannot_be_read_are_no_sum_of_the_others():
    zones = {"sumInFatBurnHeartZone": "20", "sumInPeakHeartZone": "x"}

    into = read("active_zone_minutes", roll_up("activeZoneMinutes", zones))

    assert values(into) == {}
    assert left_out(into) == [
        (Metric.ACTIVE_ZONE_MINUTES, "active_zone_minutes-2026-11-20", "unreadable_value")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("text", "unreadable_row"),
        (None, "unreadable_row"),
        ({"steps": {"countSum": "4"}}, "no_time"),
        ({"steps": {"countSum": "4"}, "civilStartTime": {"date": {"year": 2026}}}, "no_time"),
        (
            {
                "steps": {"countSum": "4"},
                "civilStartTime": {"date": {"year": 2026, "month": 13, "day": 1}},
            },
            "no_time",
        ),
    ],
)
def test_a_row_without_its_day_leaves_it_open_what_is_deleted(row, reason):
    into = read("steps", roll_up("steps", {"countSum": "5"}), row)

    assert left_out(into) == [(Metric.STEPS_PER_DAY, "steps-unreadable-1", reason)]
    assert len(into.measurements) == 1
    assert not into.is_whole


def test_a_total_of_several_days_is_none_of_the_first():
    row = roll_up("steps", {"countSum": "5"})
    row["civilEndTime"] = {"date": civil(date(2026, 11, 22))}

    into = read("steps", row)

    assert values(into) == {}
    assert left_out(into) == [(None, "steps-2026-11-20", "unreadable_row")]


@pytest.mark.parametrize(
    ("value", "told", "words"),
    [(None, [], {"no_value": 1}), ("x", [(None, "steps-2026-11-20", "unreadable_row")], {})],
)
def test_a_day_without_its_value_is_not_a_day_of_zero(value, told, words):
    into = read("steps", roll_up("steps", value))

    assert (values(into), left_out(into), ignored(into)) == ({}, told, words)


def test_days_outside_the_window_are_counted_and_not_read():
    early, late = date(2026, 11, 15), date(2026, 11, 23)

    into = read("steps", *(roll_up("steps", {"countSum": "5"}, day) for day in (early, DAY, late)))

    assert [one.day for one in into.measurements] == [DAY]
    assert {day: dict(words) for day, words in into.ignored.items()} == {
        date(2026, 11, 16): {"outside": 1},
        date(2026, 11, 22): {"outside": 1},
    }
    assert into.is_whole


def test_a_day_that_is_listed_twice_counts_once():
    into = read("steps", roll_up("steps", {"countSum": "5"}), roll_up("steps", {"countSum": "6"}))

    assert values(into) == {Metric.STEPS_PER_DAY: (5, "{steps}")}
    assert ignored(into) == {"copy": 1}


def test_what_was_not_asked_for_is_counted_and_never_published():
    into = read("steps", roll_up("steps", {"countSum": "5"}), asked=frozenset())

    assert (values(into), ignored(into)) == ({}, {"not_asked_for": 1})


def test_fields_that_are_not_carried_are_counted_by_their_names():
    into = read(
        "steps",
        roll_up("steps", {"countSum": "5", "weightedCountSum": "7", "empty": {}}, somethingNew=[1]),
    )

    assert values(into) == {Metric.STEPS_PER_DAY: (5, "{steps}")}
    assert ignored(into) == {
        "unmapped_field_weighted_count_sum": 1,
        "unmapped_field_something_new": 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        {"status": "fine"},
        {"rollupDataPoints": None},
        {"rollupDataPoints": {}},
        {"rollupDataPoints": "x", "nextPageToken": "y"},
        # The other methods' name for rows.
        {"dataPoints": []},
        [],
        "text",
        None,
    ],
)
def test_an_answer_that_is_no_list_of_days_is_malformed(body):
    with pytest.raises(Malformed):
        read_pages("steps", {}, body)


@pytest.mark.parametrize("body", [{}, {"nextPageToken": "more"}, {"rollupDataPoints": []}])
def test_an_empty_page_is_a_page(body):
    into = read_pages("steps", body, {"rollupDataPoints": [roll_up("steps", {"countSum": "5"})]})

    assert len(into.measurements) == 1
    assert into.is_whole
