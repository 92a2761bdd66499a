"""What the sandbox's Google accounts have depends on the clock alone."""

from datetime import date

import pytest

from sandbox.google_health.stages import is_processed
from sandbox.google_health.store import UnknownPoint
from tests.unit.sandbox.google_health.store_parts import (
    AROHA,
    ASTRID,
    DAILY,
    EVERY_TYPE,
    HOUR,
    INTERVALS,
    MONTH,
    NOON,
    ONE_DAY,
    PEOPLE,
    PRIYA,
    TODAY,
    WANJIRU,
    days,
    midnight,
    new_store,
)

WEEK = (TODAY - 6 * ONE_DAY, TODAY + 2 * ONE_DAY)
OF_A_BODY = ("weight", "body-fat", "height")


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_the_same_clock_gives_the_same_points_however_often_and_in_whatever_order(type_):
    one, other = new_store()[0], new_store()[0]
    for day in days(*WEEK):
        other.raw(ASTRID, "sleep", day, day)
    for person in reversed(PEOPLE):
        other.merged(person, type_, *WEEK)
    for person in PEOPLE:
        assert one.raw(person, type_, *WEEK) == other.raw(person, type_, *WEEK)
        assert one.merged(person, type_, *WEEK) == one.merged(person, type_, *WEEK)


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_nothing_is_told_before_it_has_ended(type_):
    store, hands = new_store()
    for hour in range(0, 30, 5):
        hands.now = NOON + hour * HOUR
        for person in PEOPLE:
            for one in store.raw(person, type_, *WEEK):
                assert one.created <= one.updated <= hands.now
                assert one.end / 1_000 <= hands.now


def test_a_watch_tells_every_half_hour_and_not_in_between():
    store, hands = new_store(now=NOON + 9 * 60)
    counted = []
    for _ in range(60):
        hands.now += 60
        counted.append(len(store.raw(ASTRID, "heart-rate", *WEEK)))
    changed = [n for n in range(1, 60) if counted[n] != counted[n - 1]]
    assert changed == [20, 50]  # at 12:30 and at 13:00
    assert counted[-1] - counted[0] == 12


def test_a_days_total_grows_while_the_day_lasts_and_never_after():
    store, hands = new_store()
    seen = []
    for hour in range(36):
        hands.now = NOON + hour * HOUR
        seen.append(int(store.totals(ASTRID, "steps", TODAY, TODAY)[TODAY]["countSum"]))
    assert seen == sorted(seen)
    assert len(set(seen[:11])) > 2
    assert len(set(seen[12:])) == 1
    yesterday = TODAY - ONE_DAY
    assert store.totals(ASTRID, "steps", yesterday, yesterday) == new_store()[0].totals(
        ASTRID, "steps", yesterday, yesterday
    )


def test_on_some_days_a_watch_is_out_of_reach_until_ten_the_next_morning():
    store, hands = new_store()
    late = []
    for day in days(TODAY + ONE_DAY, TODAY + 6 * ONE_DAY):
        end = midnight(day + ONE_DAY, WANJIRU.zone) // 1_000
        hands.now = end + 9 * HOUR
        if not store.raw(WANJIRU, "steps", day, day):
            late.append(day)
            assert store.totals(WANJIRU, "steps", day, day) == {}
            hands.now = end + 10 * HOUR
            assert store.raw(WANJIRU, "steps", day, day)
            assert store.totals(WANJIRU, "steps", day, day)
    assert 1 <= len(late) <= 2


def test_a_late_watch_does_not_keep_a_scale_from_telling():
    store, hands = new_store()
    for day in days(TODAY + ONE_DAY, TODAY + 6 * ONE_DAY):
        hands.now = midnight(day + ONE_DAY, WANJIRU.zone) // 1_000
        if not store.raw(WANJIRU, "steps", day, day):
            assert store.raw(WANJIRU, "weight", day, day)
            return
    pytest.fail("there was no late day")


def test_last_night_is_not_processed_for_an_hour_and_keeps_its_id():
    store, hands = new_store()
    tomorrow = TODAY + ONE_DAY
    before, after = None, None
    for minute in range(0, 18 * 60, 10):
        hands.now = NOON + 12 * HOUR + minute * 60
        nights = store.raw(ASTRID, "sleep", tomorrow, tomorrow)
        night = next((one for one in nights if one.source.device), None)
        if night is not None and not is_processed(night.value):
            before = before or (night, hands.now)
        elif night is not None:
            after = after or (night, hands.now)
    (rough, first), (done, then) = before, after
    assert 0 <= first - rough.end / 1_000 <= HOUR
    assert then - first == HOUR
    assert rough.id == done.id
    assert rough.created == done.created
    assert done.updated == rough.updated + HOUR
    assert "summary" not in rough.value
    assert done.value["summary"]
    assert done.value["type"] == "STAGES"


def test_a_night_that_is_not_processed_may_say_so_by_leaving_it_out():
    store, _ = new_store()
    nights = [
        one
        for person in PEOPLE
        for one in store.raw(person, "sleep", TODAY - 60 * ONE_DAY, TODAY - ONE_DAY)
    ]
    silent = [one.value for one in nights if not one.value["metadata"]]
    assert 0 < len(silent) < len(nights) / 10
    for value in silent:
        assert value["type"] == "STAGES"
        assert not value.keys() & {"stages", "summary"}
    assert any(one.value["metadata"].get("processed") is False for one in nights)


def test_an_old_tracker_leaves_a_night_undone_for_ever_now_and_then():
    store, _ = new_store()
    nights = store.raw(AROHA, "sleep", TODAY - 60 * ONE_DAY, TODAY - ONE_DAY)
    undone = [one for one in nights if one.value["metadata"]["processed"] is False]
    assert 0 < len(undone) < len(nights) / 10


def test_daily_values_come_after_the_night_they_are_worked_out_of():
    store, _ = new_store()
    nights = {
        one.day: one
        for one in store.raw(ASTRID, "sleep", *MONTH)
        if one.source.device and not one.value["metadata"].get("nap")
    }
    for type_ in DAILY[1:-1]:
        for one in store.raw(ASTRID, type_, *MONTH):
            assert one.created > nights[one.day].end / 1_000


def test_a_moved_clock_changes_nothing_of_days_that_are_over():
    store, hands = new_store()
    span = (TODAY - 5 * ONE_DAY, TODAY - 3 * ONE_DAY)
    before = {(person.login, type_): store.raw(person, type_, *span)
              for person in PEOPLE for type_ in EVERY_TYPE}  # fmt: skip
    hands.now += 9 * 24 * HOUR
    for person in PEOPLE:
        for type_ in EVERY_TYPE:
            assert store.raw(person, type_, *span) == before[person.login, type_]


def test_days_to_come_come():
    store, hands = new_store()
    soon = (TODAY + 2 * ONE_DAY, TODAY + 4 * ONE_DAY)
    assert store.raw(ASTRID, "weight", *soon) == []
    hands.now += 6 * 24 * HOUR
    assert len(store.raw(ASTRID, "weight", *soon)) >= 2


def test_with_measures_alone_people_weigh_and_measure_and_nothing_else():
    store, _ = new_store(data="measures")
    whole, _ = new_store()
    for person in PEOPLE:
        for type_ in EVERY_TYPE:
            found = store.raw(person, type_, *WEEK)
            assert found == (whole.raw(person, type_, *WEEK) if type_ in OF_A_BODY else [])
            if type_ in INTERVALS:
                assert store.totals(person, type_, *WEEK) == {}
        assert store.raw(person, "height", date(2025, 10, 17), TODAY)
        assert {one["deviceType"] for one in store.paired(person)} <= {"SCALE"}
    assert len(store.paired(PRIYA)) == 1


def test_a_point_is_found_by_its_id_from_its_creation_on():
    store, _ = new_store()
    newest = store.raw(ASTRID, "heart-rate", *WEEK)[0]
    oldest = store.raw(ASTRID, "weight", date(2025, 10, 17), TODAY)[-1]
    assert store.find(ASTRID, "heart-rate", newest.id) == newest
    assert store.find(ASTRID, "weight", oldest.id) == oldest
    with pytest.raises(UnknownPoint):
        store.find(ASTRID, "weight", newest.id)
    earlier, _ = new_store(now=newest.created - 60)
    with pytest.raises(UnknownPoint):
        earlier.find(ASTRID, "heart-rate", newest.id)


def test_types_that_the_vendor_does_not_have_are_refused():
    store, _ = new_store()
    with pytest.raises(KeyError):
        store.raw(ASTRID, "blood-pressure", *WEEK)
