"""Workouts as the sandbox vendor lists them: kinds, sources, midnight, sums."""

from zoneinfo import ZoneInfo

import pytest

from tests.unit.sandbox.listing_parts import (
    AROHA,
    ASTRID,
    DAY,
    JOAO,
    MARCUS,
    NOON,
    PRIYA,
    WANJIRU,
    asking,
    whole_day,
)

# The fact sheet's list, of those that occur.
KNOWN = {1, 2, 6, 17, 36}
NO_ACTIVITY = 128


def every_workout():
    return [row for person in range(6) for row in asking(person).workouts()]


def test_kinds_that_nobody_knows_and_no_activity_at_all_are_listed_too():
    kinds = {row["category"] for row in every_workout()}
    assert kinds >= KNOWN | {NO_ACTIVITY}
    assert kinds - KNOWN - {NO_ACTIVITY} == {999}


def test_a_number_is_nobody_elses():
    numbers = [row["id"] for row in every_workout()]
    assert len(numbers) == len(set(numbers))


def test_the_model_is_a_number_and_the_data_an_object():
    for row in every_workout():
        assert row["model"] is None or type(row["model"]) is int
        assert isinstance(row["data"], dict)
        assert row["startdate"] < row["enddate"] < row["modified"]


def test_the_steps_of_a_workout_are_those_of_its_minutes():
    one = asking(ASTRID)
    runs = [row for row in one.workouts() if row["category"] == 2]
    assert runs
    for row in runs:
        minutes = one.minutes(row["startdate"], row["enddate"] - 1)
        assert sum(entry.get("steps", 0) for entry in minutes.values()) == row["data"]["steps"]
        rates = [e["heart_rate"] for e in minutes.values() if "steps" in e]
        assert (min(rates), max(rates)) == (row["data"]["hr_min"], row["data"]["hr_max"])


def test_a_workout_across_midnight_belongs_to_the_day_it_began():
    one = asking(AROHA)
    rides = one.workouts()
    assert rides
    for row in rides:
        _, midnight = whole_day(row["date"], ZoneInfo(row["timezone"]))
        assert row["startdate"] < midnight < row["enddate"]
        minutes = one.minutes(row["startdate"], row["enddate"] - 1).values()
        own = [m for m in minutes if m["hash_deviceid"] == row["deviceid"]]
        assert sum(m.get("steps", 0) for m in own) == row["data"]["steps"]


def test_a_phone_lists_a_walk_of_the_watch_again():
    by_date = {}
    for row in asking(MARCUS).workouts():
        by_date.setdefault(row["date"], []).append(row)
    for own, twin in by_date.values():
        assert (own["model"], twin["model"]) == (93, 1052)
        assert own["deviceid"]
        assert twin["deviceid"] is None
        assert own["startdate"] < twin["startdate"] < own["enddate"]


def test_a_workout_typed_in_has_manual_values_and_no_device():
    for row in asking(PRIYA).workouts():
        assert (row["attrib"], row["deviceid"]) == (2, None)
        assert row["data"]["calories"] is None
        assert row["data"]["manual_calories"] > 0
        assert row["data"]["manual_distance"] > 0


def test_somebodys_workout_may_be_somebody_elses():
    assert {row["attrib"] for row in asking(JOAO).workouts()} == {0, 1}


def test_a_pause_is_told_where_there_was_one():
    pauses = {row["data"].get("pause_duration") for row in asking(WANJIRU).workouts()}
    assert pauses & {90, 240}


def test_a_workout_is_listed_once_it_has_been_uploaded():
    one = asking(ASTRID)
    later = one.workouts(startdateymd="2026-11-21", enddateymd="2026-11-30")
    assert all(row["modified"] <= NOON for row in later)
    one.sandbox.clock.advance(6 * DAY)
    found = asking(ASTRID, one.sandbox).workouts(startdateymd="2026-11-21", enddateymd="2026-11-30")
    assert len(found) > len(later)


@pytest.mark.parametrize("field", ["calories", "hr_zone_1"])
def test_only_the_asked_fields_are_in_the_data(field):
    one = asking(ASTRID)
    rows = one.workouts(
        startdateymd="2026-11-10", enddateymd="2026-11-20", data_fields=f"{field},unheard_of"
    )
    assert rows
    assert {frozenset(row["data"]) for row in rows} == {frozenset({field})}
