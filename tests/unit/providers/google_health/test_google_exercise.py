"""Google's exercises into the vocabulary; expectations come from the vendor's reference and from
what one account really answered."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, RecordingMethod
from ohx_pipelines.metrics import WorkoutType
from ohx_pipelines.providers.google_health.exercise_types import TYPES
from tests.unit.providers.google_health.google_answers import (
    CAPTURES,
    DAY,
    ignored,
    interval,
    left_out,
    named,
    read,
    read_pages,
    values,
)

CAPTURED = CAPTURES / "exercise_all.json"
START, END = "2026-11-20T16:00:00Z", "2026-11-20T16:16:00Z"


def workout(number=31, *, start=START, end=END, offset="3600s", summary=None, **more):
    exercise = {
        "interval": interval(start, end, offset),
        "exerciseType": "WALKING",
        "displayName": "Walking",
        "createTime": END,
        "updateTime": END,
        "metricsSummary": {} if summary is None else summary,
        **more,
    }
    name = {} if number is None else {"dataPointName": named("exercise", number)}
    return {**name, "exercise": exercise}


def test_each_field_of_a_workout_is_what_the_vendor_documents_in_its_unit():
    summary = {
        "caloriesKcal": Decimal("122.5"),
        "distanceMillimeters": 1284300,
        "steps": "1606",
        "averageHeartRateBeatsPerMinute": "104",
    }

    into = read("exercise", workout(summary=summary, activeDuration="934s"))

    assert values(into) == {
        Metric.WORKOUT_TYPE: (Coded("walking"), None),
        Metric.WORKOUT_DURATION: (934, "s"),
        Metric.ENERGY_EXPENDED: (Decimal("122.5"), "kcal"),
        Metric.DISTANCE: (1284300, "mm"),
        Metric.STEPS: (1606, "{steps}"),
        Metric.MEAN_HEART_RATE: (104, "/min"),
    }
    assert (into.is_whole, ignored(into), left_out(into)) == (True, {}, [])


def test_a_workout_spans_its_time_and_belongs_to_the_day_on_which_it_began():
    into = read(
        "exercise",
        workout(start="2026-11-20T22:30:00Z", end="2026-11-20T23:30:00Z"),
    )

    for one in into.measurements:
        assert one.start == datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
        assert one.end == datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        assert (one.day, one.offset_minutes, one.end_offset_minutes) == (DAY, 60, 60)
        assert (one.record, one.group) == ("exercise-31", "exercise-31")
        assert (one.device, one.method) == (None, RecordingMethod.DEVICE)


def test_a_workout_without_pauses_is_as_long_as_from_start_to_end():
    into = read("exercise", workout(end="2026-11-20T16:16:00.250Z"))

    assert values(into) == {
        Metric.WORKOUT_TYPE: (Coded("walking"), None),
        Metric.WORKOUT_DURATION: (Decimal("960.25"), "s"),
    }


def test_a_zero_is_told_and_what_is_not_there_is_not():
    into = read("exercise", workout(summary={"caloriesKcal": 0, "steps": "0"}))

    assert values(into)[Metric.ENERGY_EXPENDED] == (0, "kcal")
    assert values(into)[Metric.STEPS] == (0, "{steps}")
    assert Metric.DISTANCE not in values(into)


def test_a_heart_that_beats_at_zero_is_no_reading():
    into = read("exercise", workout(summary={"averageHeartRateBeatsPerMinute": "0"}))

    assert Metric.MEAN_HEART_RATE not in values(into)
    assert ignored(into) == {"no_value": 1}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("RUNNING", "running"),
        ("BIKING", "cycling"),
        ("SWIMMING_POOL", "swimming"),
        ("SOCCER", "football"),
        ("FOOTBALL_AMERICAN", "american_football"),
        ("PICKELBALL", "pickleball"),
        ("HIIT", "high_intensity_interval_training"),
        ("YOGA_VINYASA", "yoga"),
        ("TREADMILL_WALK", "treadmill_walking"),
        ("WEIGHTS", "strength_training"),
        ("ARCHERY", "other"),
        ("OTHER", "other"),
        ("EXERCISE_TYPE_UNSPECIFIED", "other"),
        (None, "other"),
    ],
)
def test_a_type_of_exercise_becomes_our_word_for_it(given, kind):
    into = read("exercise", workout(exerciseType=given))

    assert values(into)[Metric.WORKOUT_TYPE] == (Coded(kind), None)
    assert ignored(into) == {}


@pytest.mark.parametrize("given", ["QUIDDITCH", "walking", 7, ["WALKING"]])
def test_a_type_that_is_not_known_is_counted_and_carried_as_other(given):
    into = read("exercise", workout(exerciseType=given))

    assert values(into)[Metric.WORKOUT_TYPE] == (Coded("other"), None)
    assert ignored(into) == {"unknown_exercise_type": 1}


def test_what_is_not_carried_of_a_workout_is_counted_by_its_name():
    summary = {
        "activeZoneMinutes": "5",
        "heartRateZoneDurations": {"lightTime": "120s"},
        "averagePaceSecondsPerMeter": Decimal("0.7"),
        "mobilityMetrics": {},
    }
    more = {
        "exerciseMetadata": {"hasGps": True},
        "notes": "CANARY",
        "splits": [],
        "exerciseEvents": [1],
    }

    into = read("exercise", workout(summary=summary, **more))

    assert ignored(into) == {
        "unmapped_field_active_zone_minutes": 1,
        "unmapped_field_heart_rate_zone_durations": 1,
        "unmapped_field_average_pace_seconds_per_meter": 1,
        "unmapped_field_exercise_metadata": 1,
        "unmapped_field_notes": 1,
        "unmapped_field_exercise_events": 1,
    }
    assert "CANARY" not in repr(into)


@pytest.mark.parametrize("end", [START, "2026-11-20T15:00:00Z", "x", None])
def test_a_workout_that_takes_no_time_cannot_be_read(end):
    into = read("exercise", workout(end=end), workout(32))

    assert left_out(into) == [(Metric.WORKOUT_TYPE, "exercise-31", "no_time")]
    assert [one.day for one in into.unpublished] == [DAY]
    assert {one.record for one in into.measurements} == {"exercise-32"}
    assert into.is_whole


def test_a_workout_that_does_not_say_when_it_began_is_known_by_its_id_or_leaves_deletions_open():
    known = read("exercise", workout(start="x"))
    unknown = read("exercise", workout(None, start="x"))

    assert left_out(known) == [(None, "exercise-31", "no_time")]
    assert left_out(unknown) == [(None, "exercise-unreadable-0", "no_time")]
    assert (known.is_whole, unknown.is_whole) == (True, False)


def test_fields_that_cannot_be_read_are_told_and_cost_only_themselves():
    summary = {"caloriesKcal": "122", "steps": "1.5", "distanceMillimeters": 1000}

    into = read("exercise", workout(summary=summary, activeDuration="long"))

    assert set(left_out(into)) == {
        (Metric.WORKOUT_DURATION, "exercise-31", "unreadable_value"),
        (Metric.ENERGY_EXPENDED, "exercise-31", "unreadable_value"),
        (Metric.STEPS, "exercise-31", "unreadable_value"),
    }
    assert values(into)[Metric.DISTANCE] == (1000, "mm")


def test_a_summary_that_is_none_costs_only_what_is_in_it():
    into = read("exercise", workout(summary=[1]))

    assert left_out(into) == [(None, "exercise-31", "unreadable_value")]
    assert set(values(into)) == {Metric.WORKOUT_TYPE, Metric.WORKOUT_DURATION}


def test_of_a_workout_that_is_listed_twice_the_one_updated_last_counts():
    earlier = workout(exerciseType="YOGA", updateTime="2026-11-20T17:00:00Z")
    later = workout(exerciseType="RUNNING", updateTime="2026-11-20T18:00:00Z")

    for rows in ([earlier, later], [later, earlier]):
        into = read("exercise", *rows)

        assert values(into)[Metric.WORKOUT_TYPE] == (Coded("running"), None)
        assert ignored(into) == {"copy": 1}


def test_a_word_for_no_exercise_is_told_by_no_table():
    assert set(TYPES.values()) <= set(WorkoutType)
    assert "" not in TYPES


@pytest.mark.skipif(
    not CAPTURED.exists(), reason="the captured answer is not beside the repository"
)
def test_every_workout_of_a_real_account_is_carried_with_its_own_figures():
    year = Window(
        first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), zone=ZoneInfo("America/Chicago")
    )
    text = CAPTURED.read_text(encoding="utf-8")

    into = read_pages("exercise", json.loads(text, parse_float=Decimal), window=year)

    assert (left_out(into), into.is_whole) == ([], True)
    assert _figures(into) == _figures_of(json.loads(text)["dataPoints"])
    assert {one.device is None for one in into.measurements} == {True, False}


def _figures(into):
    """Give how many there are of each metric, their sum, and the workouts of each day."""
    counted, summed, days = Counter(), Counter(), Counter()
    for one in into.measurements:
        counted[one.metric.value] += 1
        if one.metric is Metric.WORKOUT_TYPE:
            days[str(one.day)] += 1
        else:
            summed[one.metric.value] += float(one.value)
    return counted, summed, days


def _figures_of(points):
    counted, summed, days = Counter(), Counter(), Counter()
    names = {
        "caloriesKcal": "energy_expended",
        "steps": "steps",
        "distanceMillimeters": "distance",
        "averageHeartRateBeatsPerMinute": "mean_heart_rate",
    }
    for exercise in (point["exercise"] for point in points):
        told = exercise["interval"]
        offset = timedelta(seconds=int(told["startUtcOffset"].rstrip("s")))
        days[str((datetime.fromisoformat(told["startTime"]) + offset).date())] += 1
        counted["workout_type"] += 1
        counted["workout_duration"] += 1
        summed["workout_duration"] += float(exercise["activeDuration"].rstrip("s"))
        for name, metric in names.items():
            if name in exercise["metricsSummary"]:
                counted[metric] += 1
                summed[metric] += float(exercise["metricsSummary"][name])
    return counted, summed, days
