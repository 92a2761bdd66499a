"""What a test, or a seed, changes in the sandbox's Google accounts."""

from collections import Counter
from datetime import date

import pytest

from sandbox.google_health.points import Source
from sandbox.google_health.store import UnknownPoint
from tests.unit.sandbox.google_health.store_parts import (
    AROHA,
    ASTRID,
    EVERY_TYPE,
    HOUR,
    JOAO,
    MARCUS,
    MONTH,
    NOON,
    ONE_DAY,
    PEOPLE,
    PRIYA,
    TODAY,
    WANJIRU,
    at,
    days,
    new_store,
    shown,
)

DAY = TODAY - 9 * ONE_DAY
ADDABLE = ("weight", "body-fat", "height", "blood-glucose", "core-body-temperature", "exercise")
TOUCHED = ("sleep", "weight", "exercise", "blood-glucose", "steps", "electrocardiogram", "body-fat")
MANY = {"edits": 14, "deletions": 6, "late": 7}


def everything(store, person, types=EVERY_TYPE):
    return {(type_, one.id): one for type_ in types for one in store.raw(person, type_, *MONTH)}


@pytest.mark.parametrize("type_", [*ADDABLE, "sleep", "electrocardiogram", "steps"])
def test_a_late_point_is_told_now_of_an_earlier_day(type_):
    store, _ = new_store()
    before = store.raw(ASTRID, type_, DAY, DAY)
    added = store.add(ASTRID, type_, DAY)
    assert added.created == added.updated == NOON
    assert added.day == DAY
    after = store.raw(ASTRID, type_, DAY, DAY)
    assert [one for one in after if one != added] == before
    assert added in after
    assert added not in store.raw(ASTRID, type_, DAY + ONE_DAY, TODAY)
    assert store.find(ASTRID, type_, added.id) == added
    assert added.id in {one.id for one in store.merged(ASTRID, type_, DAY, DAY)}


def test_points_added_to_one_day_do_not_meet():
    store, _ = new_store()
    for type_ in (*ADDABLE[:5], "steps", "electrocardiogram"):
        added = [store.add(JOAO, type_, DAY) for _ in range(4)]
        assert len({one.id for one in added}) == 4
        assert len({one.start for one in added}) == 4
        merged = {one.id for one in store.merged(JOAO, type_, DAY, DAY)}
        assert {one.id for one in added} <= merged


def test_a_point_is_added_with_the_instant_value_and_source_that_are_wished():
    store, _ = new_store()
    source = Source(platform="HEALTH_CONNECT", method="UNKNOWN", package="org.example.scale")
    when = at("2026-10-25T00:30:00.250Z")
    added = store.add(ASTRID, "weight", DAY, value={"weightGrams": 70_001}, at=when, source=source)
    assert (added.start, added.end, added.offset) == (when, when, 7_200)
    assert added.day == date(2026, 10, 25)
    assert (added.value, added.source) == ({"weightGrams": 70_001}, source)
    assert added in store.raw(ASTRID, "weight", added.day, added.day)


def test_types_without_a_usual_value_are_added_with_one():
    store, _ = new_store()
    when = at("2026-11-12T10:11:12Z")
    pulse = store.add(ASTRID, "heart-rate", DAY, value={"beatsPerMinute": "199"}, at=when)
    assert (pulse.start, pulse.end, pulse.source.device) == (when, when, "Pixel Watch 4")
    assert store.totals(ASTRID, "heart-rate", DAY, DAY)[DAY]["beatsPerMinuteMax"] == 199
    daily = store.add(PRIYA, "daily-respiratory-rate", DAY, value={"breathsPerMinute": 14.5})
    assert store.merged(PRIYA, "daily-respiratory-rate", DAY, DAY)[0].value == daily.value
    climbed = store.add(ASTRID, "floors", DAY, value={"count": "3"})
    assert climbed.end - climbed.start == 60_000
    with pytest.raises(ValueError, match="needs a value"):
        store.add(ASTRID, "floors", DAY)


def test_nobody_adds_what_takes_a_watch_that_they_have_not():
    store, _ = new_store()
    for person, type_ in [(PRIYA, "sleep"), (PRIYA, "steps"), (AROHA, "electrocardiogram")]:
        with pytest.raises(ValueError, match="no watch"):
            store.add(person, type_, DAY)


def test_a_late_nap_moved_to_another_hour_has_its_stages_there():
    store, _ = new_store()
    when = at("2026-11-12T18:00:00Z")
    nap = store.add(ASTRID, "sleep", DAY, at=when)
    assert nap.start == when
    assert nap.value["stages"][0]["startTime"] == "2026-11-12T18:00:00Z"
    assert at(nap.value["stages"][-1]["endTime"]) == nap.end


def test_late_steps_raise_the_days_total_by_as_many():
    store, _ = new_store()
    before = int(store.totals(MARCUS, "steps", DAY, DAY)[DAY]["countSum"])
    store.add(MARCUS, "steps", DAY, value={"count": "512"})
    assert store.totals(MARCUS, "steps", DAY, DAY)[DAY] == {"countSum": str(before + 512)}


def test_an_edit_moves_the_update_alone_and_keeps_all_other_fields():
    store, hands = new_store()
    before = store.raw(PRIYA, "blood-glucose", DAY, DAY)[0]
    hands.now += 300
    name = "bloodGlucoseMilligramsPerDeciliter"
    after = store.edit(PRIYA, "blood-glucose", before.id, {name: 141, "mealType": None})
    assert after.value == {k: v for k, v in before.value.items() if k != "mealType"} | {name: 141}
    assert (after.created, after.updated) == (before.created, NOON + 300)
    assert store.raw(PRIYA, "blood-glucose", DAY, DAY)[0] == after
    again = store.edit(PRIYA, "blood-glucose", before.id, {name: 142})
    assert again.updated > after.updated


def test_an_edited_minute_of_steps_changes_merged_stream_and_total():
    store, _ = new_store()
    minute = store.merged(ASTRID, "steps", DAY, DAY)[5]
    before = int(store.totals(ASTRID, "steps", DAY, DAY)[DAY]["countSum"])
    store.edit(ASTRID, "steps", minute.id, {"count": str(int(minute.value["count"]) + 7)})
    assert store.totals(ASTRID, "steps", DAY, DAY)[DAY] == {"countSum": str(before + 7)}


def test_a_deleted_point_is_gone_and_another_source_may_count_in_its_place():
    store, _ = new_store()
    raw = store.raw(MARCUS, "exercise", *MONTH)
    own = next(one for one in raw if one.source.device)
    assert store.delete(MARCUS, "exercise", own.id) == own
    assert own not in store.raw(MARCUS, "exercise", *MONTH)
    kept = store.merged(MARCUS, "exercise", own.day, own.day)
    assert [one.value["metricsSummary"].keys() for one in kept] == [{"distanceMillimeters"}]
    with pytest.raises(UnknownPoint):
        store.delete(MARCUS, "exercise", own.id)
    with pytest.raises(UnknownPoint):
        store.edit(MARCUS, "exercise", own.id, {})


def test_a_change_of_one_account_is_no_change_of_another():
    store, _ = new_store()
    before = {p.login: store.raw(p, "weight", *MONTH) for p in PEOPLE}
    store.add(ASTRID, "weight", DAY)
    store.delete(ASTRID, "weight", before[ASTRID.login][0].id)
    for person in PEOPLE[1:]:
        assert store.raw(person, "weight", *MONTH) == before[person.login]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.username)
def test_a_seed_makes_as_many_changes_as_are_asked_for_and_says_so(person):
    store, hands = new_store()
    before = everything(store, person)
    hands.now += HOUR
    done = store.change_many([person], *MONTH, 7, **MANY)
    assert done == Counter(MANY)
    after = everything(store, person)
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert (len(gone), len(come), len(changed)) == (6, 7, 14)
    assert {type_ for type_, _ in gone | come | changed} <= set(TOUCHED)
    for key in changed:
        assert before[key].value != after[key].value
        assert before[key].start == after[key].start
        assert after[key].updated == NOON + HOUR
    for key in come:
        assert after[key].created == NOON + HOUR
        assert MONTH[0] <= after[key].day <= MONTH[1]


def test_all_types_that_can_change_do():
    store, _ = new_store()
    before = everything(store, ASTRID)
    store.change_many([ASTRID], *MONTH, 7, **MANY)
    after = everything(store, ASTRID)
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert {type_ for type_, _ in changed} == set(TOUCHED)
    assert {type_ for type_, _ in gone} >= {"weight", "exercise", "electrocardiogram"}
    assert {type_ for type_, _ in come} >= {"weight", "exercise", "sleep", "steps"}


def test_a_seed_chooses_the_same_again_and_another_seed_others():
    found = []
    for seed in (7, 7, 8):
        store, _ = new_store()
        store.change_many(PEOPLE, *MONTH, seed, **MANY)
        found.append([everything(store, person, TOUCHED) for person in PEOPLE])
    assert found[0] == found[1]
    assert all(one != other for one, other in zip(found[0], found[2], strict=True))


def test_changed_counts_are_of_all_people_together_and_fewer_where_there_are_fewer():
    store, _ = new_store()
    assert store.change_many(PEOPLE, *MONTH, 3, edits=2, late=1) == Counter(edits=12, late=6)
    assert store.change_many(PEOPLE, *MONTH, 3) == Counter()
    few = store.change_many([AROHA], DAY, DAY, 4, deletions=50)
    assert few["deletions"] <= 3


def test_nights_are_never_deleted_but_one_nap():
    store, _ = new_store()
    before = store.raw(ASTRID, "sleep", *MONTH)
    store.change_many([ASTRID], *MONTH, 5, deletions=500)
    after = {one.id for one in store.raw(ASTRID, "sleep", *MONTH)}
    gone = [one for one in before if one.id not in after]
    assert len(gone) == 1
    assert gone[0].value["metadata"]["nap"] is True
    assert len(store.merged(ASTRID, "steps", *MONTH)) > 1_000


def test_an_edited_night_still_adds_up():
    store, _ = new_store()
    before = {one.id: one for one in store.raw(WANJIRU, "sleep", *MONTH)}
    store.change_many([WANJIRU], *MONTH, 5, edits=60)
    edited = [one for one in store.raw(WANJIRU, "sleep", *MONTH) if one != before[one.id]]
    assert len(edited) > 5
    for one in edited:
        seconds, counts = Counter(), Counter()
        for stage in one.value["stages"]:
            seconds[stage["type"]] += (at(stage["endTime"]) - at(stage["startTime"])) // 1_000
            counts[stage["type"]] += 1
        told = one.value["summary"]["stagesSummary"]
        assert {s["type"]: int(s.get("minutes", 0)) for s in told} == {
            type_: lasted // 60 for type_, lasted in seconds.items()
        }
        assert {s["type"]: int(s["count"]) for s in told} == counts


def test_the_first_late_weight_lies_in_the_night_of_the_clock_change():
    store, _ = new_store()
    before = everything(store, ASTRID, ("weight",))
    store.change_many([ASTRID], *MONTH, 11, late=1)
    after = everything(store, ASTRID, ("weight",))
    (added,) = [one for key, one in after.items() if key not in before]
    assert added.day == date(2026, 10, 25)
    assert 1 <= shown(added.start, added.offset).hour <= 3


def test_with_measures_alone_only_those_are_changed():
    store, _ = new_store(data="measures")
    before = everything(store, PRIYA)
    done = store.change_many([PRIYA], *MONTH, 2, edits=5, deletions=3, late=4)
    assert done == Counter(edits=5, deletions=3, late=4)
    touched = {type_ for type_, _ in everything(store, PRIYA).keys() ^ before.keys()}
    assert touched <= {"weight", "body-fat"}


def test_rows_are_json_of_everything_that_a_reader_judges_by():
    import json  # noqa: PLC0415 (the one test that needs it)

    store, _ = new_store()
    span = (DAY, DAY + ONE_DAY)
    for person in (ASTRID, PRIYA, JOAO):
        rows = json.loads(json.dumps(store.rows(person, *span)))
        assert rows.keys() == {"points", "merged", "totals"}
        for type_, points in rows["points"].items():
            raw = store.raw(person, type_, *span)
            assert [one["id"] for one in points] == [one.id for one in raw]
            assert [one["source"]["platform"] for one in points] == [
                one.source.platform for one in raw
            ]
        for type_, points in rows["merged"].items():
            merged = store.merged(person, type_, *span)
            assert [(one["start"], one["value"], one["day"]) for one in points] == [
                (one.start, one.value, one.day.isoformat()) for one in merged
            ]
            assert all(one["source"] is None for one in points)
        for type_, by_day in rows["totals"].items():
            totals = store.totals(person, type_, *span)
            assert by_day == {day.isoformat(): value for day, value in totals.items()}
    assert set(rows["totals"]["steps"]) == {day.isoformat() for day in days(*span)}


def test_rows_hold_every_type_that_is_read():
    rows = new_store()[0].rows(ASTRID, DAY, DAY)
    by_day = set(rows["totals"])
    assert {"steps", "total-calories", "heart-rate", "sedentary-period"} <= by_day
    assert set(rows["points"]) | set(rows["merged"]) | by_day == set(EVERY_TYPE)
