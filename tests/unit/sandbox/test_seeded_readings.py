"""Many changes at once, chosen by a seed: the same every time, and each of the kind that was asked."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sandbox.world_parts import NOON, Sandbox

MONTH = {"from": "2026-10-20", "to": "2026-11-18"}
DAYS = {"first": MONTH["from"], "last": MONTH["to"]}
MUCH = {"edits": 4, "deletions": 3, "late": 3, "attributed": 2}


def rows(sandbox, person):
    asked = {"login": sandbox.people[person].login} | MONTH
    return {one["grpid"]: one for one in sandbox.control.get("/rows", query_string=asked).json}


def changed(sandbox, person=0, *, seed=7, **wishes):
    """Give the readings before and after, and what the order said."""
    before = rows(sandbox, person)
    logins = [sandbox.people[person].login]
    said = sandbox.order("/readings/seeded", logins=logins, seed=seed, **DAYS, **wishes)
    return before, rows(sandbox, person), said


def test_the_same_seed_changes_the_same(sandbox):
    first, second, other = (
        changed(one, seed=seed, **MUCH)[1]
        for one, seed in ((sandbox, 7), (Sandbox(), 7), (Sandbox(), 8))
    )
    assert first == second != other


def test_everybody_is_changed_when_nobody_is_named(sandbox):
    said = sandbox.order("/readings/seeded", seed=7, **DAYS, edits=2)
    assert said["edits"] == 12
    assert {one["edits"] for one in said["by_login"].values()} == {2}
    assert len(said["by_login"]) == 6


@pytest.mark.parametrize("person", range(6))
def test_an_edit_changes_one_value_and_is_known_as_one(sandbox, person):
    before, after, said = changed(sandbox, person, edits=4)
    assert said["edits"] == 4
    edited = [number for number in before if before[number] != after[number]]
    assert len(edited) == 4
    for number in edited:
        old, new = before[number]["measures"], after[number]["measures"]
        differing = [n for n, one in enumerate(old) if one != new[n]]
        assert len(differing) == 1
        assert old[differing[0]] | {"value": 0} == new[differing[0]] | {"value": 0}
        assert after[number]["modified"] > after[number]["created"]


@pytest.mark.parametrize("person", range(6))
def test_deletions_take_at_most_one_whole_body_composition(sandbox, person):
    before, after, said = changed(sandbox, person, deletions=5)
    gone = before.keys() - after.keys()
    assert len(gone) == said["deletions"] == 5
    assert sum(len(before[number]["measures"]) > 3 for number in gone) <= 1
    assert all(before[number]["attrib"] != 1 for number in gone)


def test_late_readings_are_taken_on_the_days_and_uploaded_now(sandbox):
    before, after, said = changed(sandbox, late=3)
    new = [after[number] for number in after.keys() - before.keys()]
    assert len(new) == said["late"] == 3
    assert {one["created"] for one in new} == {NOON}
    assert sorted({one["type"] for one in group["measures"]} == {9, 10} for group in new) == [
        False, False, True,
    ]  # fmt: skip
    assert sorted(one["hash_deviceid"] is None for one in new) == [False, False, True]


@pytest.mark.parametrize(
    ("person", "night"), [(0, "2026-10-25"), (1, "2026-11-01")], ids=["Stockholm", "Los Angeles"]
)
def test_the_first_late_reading_lies_in_the_night_of_the_clock_change(sandbox, person, night):
    before, after, _ = changed(sandbox, person, late=1)
    [new] = after.keys() - before.keys()
    zone = ZoneInfo(sandbox.people[person].zone)
    local = datetime.fromtimestamp(after[new]["date"], UTC).astimezone(zone)
    assert str(local.date()) == night
    assert 1 <= local.hour < 4


def test_a_doubt_is_settled_unless_another_group_has_settled_it(sandbox):
    before, after, said = changed(sandbox, attributed=50)
    settled = [n for n in before if before[n]["attrib"] == 1 and after[n]["attrib"] != 1]
    assert len(settled) == said["attributed"] > 2
    assert {after[number]["attrib"] for number in settled} == {0, 8}
    dates = [one["date"] for one in before.values()]
    assert all(dates.count(before[number]["date"]) == 1 for number in settled)
    assert any(one["attrib"] == 1 for one in after.values())


def test_a_pulse_comes_to_a_cuff_that_had_none(sandbox):
    _, before, _ = changed(sandbox, late=1)
    _, after, said = changed(sandbox, seed=8, additions=3)
    assert said["additions"] == 1
    [number] = [number for number in before if before[number] != after[number]]
    old, new = (one[number]["measures"] for one in (before, after))
    assert (new[:2], new[2]["type"]) == (old, 11)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": 1, "first": "2026-10-20"},
        {"seed": 1, "first": "2026-10-20", "last": "2026-10-19"},
        {"first": "2026-10-20", "last": "2026-10-21"},
        {"seed": 1, **DAYS, "edits": -1},
        {"seed": 1, **DAYS, "logins": "anna"},
        {"seed": 1, **DAYS, "logins": ["nobody@home.example"]},
        {"seed": 1, **DAYS, "inventions": 1},
    ],
)
def test_an_order_that_is_not_understood_is_refused(sandbox, wrong):
    assert sandbox.control.post("/readings/seeded", json=wrong).status_code == 400


def test_some_devices_say_their_firmware(sandbox):
    said = [
        sandbox.call("/v2/user", "getdevice", token=sandbox.tokens(n)["access_token"])
        for n in range(2)
    ]
    versions = [[one.get("fw") for one in each["body"]["devices"]] for each in said]
    assert versions == [[None, 2331], [None, None, None]]
