"""Civil days of the sandbox's Google accounts: midnights, clock changes, flights."""

from datetime import date
from itertools import pairwise

import pytest

from tests.unit.sandbox.google_health.store_parts import (
    AROHA,
    ASTRID,
    DAILY,
    EVERY_TYPE,
    HOUR,
    JOAO,
    MARCUS,
    MONTH,
    ONE_DAY,
    PEOPLE,
    STAY_AT_HOME,
    WATCHERS,
    days,
    known,
    midnight,
    offset_in,
    shown,
    told,
)

LONG_DAYS = [
    (ASTRID, date(2026, 10, 25)), (MARCUS, date(2026, 11, 1)), (AROHA, date(2026, 4, 5)),
]  # fmt: skip
SHORT_DAYS = [
    (ASTRID, date(2026, 3, 29)), (MARCUS, date(2026, 3, 8)), (AROHA, date(2026, 9, 27)),
]  # fmt: skip
FLIES, RETURNS = date(2026, 11, 1), date(2026, 11, 5)


@pytest.mark.parametrize("type_", [one for one in EVERY_TYPE if one not in DAILY])
def test_every_point_lies_on_the_civil_day_that_its_own_offset_shows(type_):
    for person in PEOPLE:
        for one in told(person, type_):
            if type_ == "sleep":
                assert one.day == shown(one.end, one.end_offset).date(), one
            elif one.has_offset:
                assert one.day == shown(one.start, one.offset).date(), one


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_offsets_are_those_of_the_zone_at_each_end(type_):
    for person in STAY_AT_HOME:
        for one in told(person, type_):
            assert one.offset == offset_in(person.zone, one.start)
            assert one.end_offset == offset_in(person.zone, one.end)


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_days_asked_for_one_by_one_give_what_they_give_together_newest_first(type_):
    for person in PEOPLE:
        together = told(person, type_)
        assert [one.start for one in together] == sorted(
            (one.start for one in together), reverse=True
        )
        alone = [one for day in days(*MONTH) for one in known().raw(person, type_, day, day)]
        assert sorted(one.id for one in alone) == sorted(one.id for one in together)
        assert len({one.id for one in together}) == len(together)


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_merged_days_asked_for_one_by_one_give_what_they_give_together(type_):
    for person in PEOPLE:
        together = known().merged(person, type_, *MONTH)
        alone = [one for day in days(*MONTH) for one in known().merged(person, type_, day, day)]
        assert sorted(one.id for one in alone) == sorted(one.id for one in together)


@pytest.mark.parametrize(("person", "day"), LONG_DAYS, ids=lambda one: str(one)[:20])
def test_the_day_on_which_clocks_go_back_has_twenty_five_hours(person, day):
    assert len(told(person, "total-calories", day, day)) == 25 * 4
    covers_whole_day(person, day, 25)


@pytest.mark.parametrize(("person", "day"), SHORT_DAYS, ids=lambda one: str(one)[:20])
def test_the_day_on_which_clocks_go_forward_has_twenty_three_hours(person, day):
    assert len(told(person, "total-calories", day, day)) == 23 * 4
    covers_whole_day(person, day, 23)


def covers_whole_day(person, day, hours):
    start, end = midnight(day, person.zone), midnight(day + ONE_DAY, person.zone)
    assert end - start == hours * HOUR * 1_000
    times = sorted(one.start for one in told(person, "heart-rate", day, day))
    assert start <= times[0] < start + 600_000
    assert end - 600_000 < times[-1] < end
    assert max(after - before for before, after in pairwise(times)) < 1.2 * HOUR * 1_000
    assert {one.offset for one in told(person, "heart-rate", day, day)} == {
        offset_in(person.zone, start),
        offset_in(person.zone, end - 1),
    }


def test_a_night_of_a_clock_change_is_as_long_as_it_was():
    for person, day, gained in [(*LONG_DAYS[0], 1), (*SHORT_DAYS[0], -1)]:
        night = max(told(person, "sleep", day, day), key=lambda one: one.end - one.start)
        on_the_wall = shown(night.end, night.end_offset) - shown(night.start, night.offset)
        lasted = (night.end - night.start) / 1_000
        assert lasted == on_the_wall.total_seconds() + gained * HOUR
        assert night.end_offset - night.offset == -gained * HOUR


def test_nights_begin_before_midnight_and_are_of_the_day_of_waking_up():
    nights = [one for one in told(ASTRID, "sleep") if one.end - one.start > 4 * HOUR * 1_000]
    assert len(nights) > 25
    for one in nights:
        assert shown(one.start, one.offset).date() == one.day - ONE_DAY


def test_a_traveller_changes_offset_inside_the_day_of_each_flight():
    for day, offsets, hours in [(FLIES, (-10_800, 0), 21), (RETURNS, (0, -10_800), 27)]:
        taken = sorted(told(JOAO, "heart-rate", day, day), key=lambda one: one.start)
        assert tuple(dict.fromkeys(one.offset for one in taken)) == offsets
        assert len(told(JOAO, "total-calories", day, day)) == hours * 4
        assert taken[-1].start - taken[0].start < hours * HOUR * 1_000


def test_a_travellers_days_follow_upon_each_other_without_gap_and_overlap():
    quarters = sorted(told(JOAO, "total-calories"), key=lambda one: one.start)
    assert all(one.end == after.start for one, after in pairwise(quarters))
    assert [one.day for one in quarters] == sorted(one.day for one in quarters)


def test_between_the_flights_a_traveller_has_the_other_zones_offset():
    abroad = told(JOAO, "heart-rate", FLIES + ONE_DAY, RETURNS - ONE_DAY)
    assert {one.offset for one in abroad} == {0}
    at_home = told(JOAO, "heart-rate", date(2026, 11, 7), date(2026, 11, 18))
    assert {one.offset for one in at_home} == {-10_800}


def test_what_a_workout_across_midnight_counts_is_of_both_days_and_the_workout_of_the_first():
    workouts = [
        one
        for one in told(AROHA, "exercise")
        if shown(one.end, one.end_offset).date() != shown(one.start, one.offset).date()
    ]
    assert len(workouts) > 5
    for one in workouts[1:]:
        assert one.day == shown(one.start, one.offset).date()
        for day in (one.day, one.day + ONE_DAY):
            inside = [s for s in told(AROHA, "steps", day, day) if one.start <= s.start < one.end]
            assert inside, day


def test_daily_values_are_one_a_day_and_source():
    for person in WATCHERS:
        for type_ in DAILY:
            keys = [(one.day, one.source) for one in told(person, type_)]
            assert len(set(keys)) == len(keys)


def test_there_are_four_hundred_days_of_history_and_not_one_more():
    for person in WATCHERS:
        found = told(person, "daily-resting-heart-rate", date.min, date.max)
        assert {one.day for one in found} >= set(days(date(2025, 10, 17), date(2026, 11, 20)))
        assert min(one.day for one in found) == date(2025, 10, 17)
        assert max(one.day for one in found) <= date(2026, 11, 22)
