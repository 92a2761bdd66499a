"""Days, workouts, nights and ECGs that a test changes, one by one or many by a seed."""

import pytest

from tests.unit.sandbox.listing_parts import (
    ASTRID,
    JOAO,
    MARCUS,
    MONTH,
    NOON,
    PRIYA,
    asking,
    whole_day,
)
from tests.unit.sandbox.world_parts import Sandbox

DAYS = {"first": MONTH["startdateymd"], "last": MONTH["enddateymd"]}
MUCH = {"edits": 8, "deletions": 5, "late": 3}
KINDS = ("activities", "workouts", "nights", "ecgs")


def rows(one):
    """Give all rows but measure groups by kind and name."""
    found = one.everything(DAYS["first"], DAYS["last"])
    return {
        (kind, str(_name(kind, row))): row | {"minutes": None}
        for kind in KINDS
        for row in found[kind]
    }


def _name(kind, row):
    if kind == "activities":
        return row["date"], row["brand"]
    return row["timestamp"] if kind == "ecgs" else row["id"]


def change(one, **order):
    return one.sandbox.order("/readings/change", login=one.person.login, **order)


def changed(person, *, seed=7, **wishes):
    one = asking(person)
    before = rows(one)
    said = one.sandbox.order(
        "/readings/seeded", logins=[one.person.login], seed=seed, **DAYS, **wishes
    )
    return before, rows(one), said


def test_the_same_seed_changes_the_same():
    first, second, other = (changed(ASTRID, seed=seed, **MUCH)[1] for seed in (7, 7, 8))
    assert first == second != other


@pytest.mark.parametrize("person", range(6))
def test_edits_change_rows_of_every_kind_and_say_when(person):
    before, after, said = changed(person, edits=8)
    assert said["row_edits"] == 8
    assert before.keys() == after.keys()
    edited = [name for name in before if before[name] != after[name]]
    assert len(edited) == 8
    assert {kind for kind, _ in edited} == {kind for kind, _ in before}
    for name in edited:
        assert after[name]["modified"] == NOON > before[name]["modified"]


@pytest.mark.parametrize("person", [ASTRID, MARCUS, JOAO])
def test_deletions_and_late_rows_are_of_several_kinds_but_no_days(person):
    before, after, said = changed(person, deletions=5, late=3)
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert (len(gone), len(new)) == (said["row_deletions"], said["row_late"]) == (5, 3)
    assert {kind for kind, _ in new} == {*KINDS} - {"activities"}
    assert {kind for kind, _ in gone} >= {"workouts", "ecgs"}
    nights = [before[name] for name in gone if name[0] == "nights"]
    assert len(nights) == (person != MARCUS)
    assert all(night["enddate"] - night["startdate"] < 2 * 3_600 for night in nights)
    assert all(after[name]["modified"] == NOON for name in new)


def test_nothing_of_these_is_changed_in_an_account_of_measures_alone():
    said = Sandbox().order("/readings/seeded", seed=7, **DAYS, **MUCH)
    assert (said["row_edits"], said["row_deletions"], said["row_late"]) == (0, 0, 0)


def test_more_steps_of_a_day_are_taken_in_a_minute_of_it():
    one = asking(ASTRID)
    [row] = [row for row in one.activities() if row["date"] == "2026-11-10"]
    start, end = whole_day("2026-11-10", one.zone)
    before = one.minutes(start, end - 1)
    change(
        one, action="edit", kind="activity", day="2026-11-10", field="steps", value=row["steps"] + 9
    )
    after = one.minutes(start, end - 1)
    assert before.keys() == after.keys()
    assert sum(e.get("steps", 0) for e in after.values()) == row["steps"] + 9
    found = one.activities(lastupdate=NOON - 60)[-1]
    assert (found["date"], found["steps"], found["modified"]) == (
        "2026-11-10", row["steps"] + 9, NOON,
    )  # fmt: skip


def test_a_deepened_night_changes_its_stages_its_sums_and_its_modified():
    before, after, _ = changed(MARCUS, edits=60)
    deepened = [
        (before[name]["data"], after[name])
        for name in before
        if name[0] == "nights"
        and before[name]["data"]["deepsleepduration"] != after[name]["data"]["deepsleepduration"]
    ]
    assert deepened
    one = asking(MARCUS)
    one.sandbox.order("/readings/seeded", logins=[one.person.login], seed=7, **DAYS, edits=60)
    for old, night in deepened:
        segments = one.stages(night["startdate"], night["enddate"] - 1)
        deep = sum(s["enddate"] - s["startdate"] for s in segments if s["state"] == 2)
        assert deep == night["data"]["deepsleepduration"] > old["deepsleepduration"]
        assert night["modified"] == NOON


def test_an_edited_workout_is_known_by_lastupdate_however_old():
    one = asking(ASTRID)
    old = one.workouts(startdateymd="2026-05-01", enddateymd="2026-05-10")[0]
    edit = {"action": "edit", "kind": "workout", "id": old["id"], "field": "steps", "value": 5}
    given = change(one, **edit)
    assert given["data"]["steps"] == 5
    assert [row["id"] for row in one.workouts(lastupdate=NOON)] == [old["id"]]


@pytest.mark.parametrize("kind", ["workout", "night", "ecg"])
def test_a_row_can_be_added_and_deleted_again(kind):
    one = asking(ASTRID)
    listed = {"workout": one.workouts, "night": one.nights, "ecg": one.ecgs}[kind]
    before = listed()
    new = change(one, action="add", kind=kind, day="2026-11-12")
    assert len(listed()) == len(before) + 1
    number = new["ecg"]["signalid"] if kind == "ecg" else new["id"]
    if kind == "ecg":
        assert len(one.signal(number)["signal"]) == 9_000
    if kind == "night":
        assert one.stages(new["startdate"], new["enddate"] - 1)
    assert change(one, action="delete", kind=kind, id=number) == new
    assert listed() == before


def test_a_deleted_nights_stages_are_gone_with_it():
    one = asking(MARCUS)
    night = one.nights()[5]
    change(one, action="delete", kind="night", id=night["id"])
    assert one.stages(night["startdate"], night["enddate"] - 1) == []


def test_another_finding_of_an_ecg_stands_in_the_list():
    one = asking(ASTRID)
    row = next(row for row in one.ecgs() if row["ecg"]["afib"] == 0)
    number = row["ecg"]["signalid"]
    change(one, action="edit", kind="ecg", id=number, field="afib", value=2)
    [found] = [row for row in one.ecgs() if row["ecg"]["signalid"] == number]
    assert (found["ecg"]["afib"], found["modified"]) == (2, NOON)


def test_rows_of_every_kind_are_those_that_the_calls_list():
    one = asking(ASTRID)
    found = one.everything("2026-11-12", "2026-11-14")
    days = {"startdateymd": "2026-11-12", "enddateymd": "2026-11-14"}
    ids = [row["id"] for row in one.nights(**days)]
    assert [row["id"] for row in found["nights"]] == ids
    assert sorted(found["stages"]) == sorted(map(str, ids))
    assert [row["id"] for row in found["workouts"]] == [row["id"] for row in one.workouts(**days)]
    assert [row["steps"] for row in found["activities"]] == [
        row["steps"] for row in one.activities(**days)
    ]
    start, end = whole_day("2026-11-13", one.zone)
    assert found["minutes"]["2026-11-13"].keys() == one.minutes(start, end - 1).keys() | {
        at for at, entry in found["minutes"]["2026-11-13"].items() if "rmssd" in entry
    }
    first, last = whole_day("2026-11-12", one.zone)[0], whole_day("2026-11-14", one.zone)[1]
    ecgs = one.ecgs(startdate=first, enddate=last - 1)[::-1]
    assert [row["ecg"] for row in found["ecgs"]] == [row["ecg"] for row in ecgs]
    assert found["ecgs"][0]["signal"] == one.signal(ecgs[0]["ecg"]["signalid"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "add", "kind": "activity", "day": "2026-11-12"},
        {"action": "add", "kind": "night", "day": "soon"},
        {"action": "delete", "kind": "night", "id": 1},
        {"action": "delete", "kind": "activity", "day": "2020-01-01"},
        {"action": "delete", "kind": "mood", "id": 1},
        {"action": "edit", "kind": "activity", "day": "2026-11-12", "field": "mood", "value": 1},
        {"action": "edit", "kind": "activity", "day": "2026-11-12", "field": "steps"},
    ],
)
def test_an_order_that_is_not_understood_is_refused(wrong):
    sandbox = Sandbox(data="all")
    order = {"login": sandbox.people[ASTRID].login} | wrong
    assert sandbox.control.post("/readings/change", json=order).status_code == 400


def test_who_has_no_watch_gets_no_nap_and_no_ecg():
    sandbox = Sandbox(data="all")
    for kind in ("night", "ecg"):
        order = {"action": "add", "kind": kind, "day": "2026-11-12"}
        order |= {"login": sandbox.people[PRIYA].login}
        assert sandbox.control.post("/readings/change", json=order).status_code == 400
