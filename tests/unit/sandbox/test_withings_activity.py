"""Days and minutes as the sandbox vendor lists them: sources, today, uploads, travel, windows."""

from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest

from tests.unit.sandbox.listing_parts import (
    AROHA,
    ASTRID,
    DAY,
    JOAO,
    MARCUS,
    MONTH,
    NOON,
    PRIYA,
    WANJIRU,
    asking,
    whole_day,
)
from tests.unit.sandbox.world_parts import Sandbox

EVERYBODY = range(6)
TODAY = {"startdateymd": "2026-11-21", "enddateymd": "2026-11-21"}


def tracked(rows):
    return {row["date"]: row for row in rows if row["is_tracker"]}


@pytest.mark.parametrize("person", [ASTRID, MARCUS, AROHA, JOAO, WANJIRU])
def test_the_steps_of_the_minutes_are_those_of_the_day(person):
    one = asking(person)
    for day, row in list(tracked(one.activities()).items())[:14]:
        start, end = whole_day(day, ZoneInfo(row["timezone"]))
        minutes = {}
        for first in range(start, end, DAY):
            minutes |= dict(one.minutes(first, min(first + DAY, end) - 1) or {})
        own = [m for m in minutes.values() if m["hash_deviceid"] == row["hash_deviceid"]]
        assert sum(m.get("steps", 0) for m in own) == row["steps"]
        rates = [m["heart_rate"] for m in own if m.get("heart_rate")]
        assert (min(rates), max(rates)) == (row["hr_min"], row["hr_max"])
        assert row["active"] == row["moderate"] + row["intense"]


def test_a_phone_lists_a_row_of_its_own_beside_the_watch():
    by_date = defaultdict(list)
    for row in asking(MARCUS).activities():
        by_date[row["date"]].append(row)
    assert len(by_date) == 30
    for rows in by_date.values():
        assert [(row["brand"], row["is_tracker"]) for row in rows] == [(1, True), (18, False)]
        assert rows[1]["hash_deviceid"] is None
        assert rows[1]["steps"] != rows[0]["steps"]


def test_somebody_has_a_phone_alone():
    assert {row["brand"] for row in asking(PRIYA).activities()} == {18}


def test_todays_row_grows_with_the_clock_and_says_when_it_was_modified():
    one = asking(ASTRID)
    [noon] = one.activities(**TODAY)
    one.sandbox.clock.advance(8 * 3_600)
    later_one = asking(ASTRID, one.sandbox)
    [evening] = later_one.activities(**TODAY)
    assert noon["steps"] < evening["steps"]
    assert noon["modified"] == NOON < evening["modified"] <= NOON + 8 * 3_600
    one.sandbox.clock.advance(3 * DAY)
    [done] = asking(ASTRID, one.sandbox).activities(**TODAY)
    assert done["modified"] == whole_day("2026-11-21", one.zone)[1]


def test_a_watch_out_of_reach_uploads_a_whole_day_in_the_next_morning():
    one = asking(WANJIRU)
    late = [
        row
        for row in one.activities()
        if row["modified"] > whole_day(row["date"], one.zone)[1] + 3_600
    ]
    assert late
    assert all(row["modified"] == whole_day(row["date"], one.zone)[1] + 10 * 3_600 for row in late)


def test_lastupdate_lists_what_was_modified_since():
    one = asking(WANJIRU)
    since = NOON - 2 * DAY
    found = one.activities(lastupdate=since)
    assert found
    window = one.activities(startdateymd="2026-11-10", enddateymd="2026-11-21")
    assert found == [row for row in window if row["modified"] >= since]


def test_fields_that_were_not_asked_for_are_left_out():
    one = asking(ASTRID)
    [few] = one.rows("/v2/measure", "getactivity", "activities", **TODAY)
    assert "steps" in few
    assert "hr_average" not in few
    [asked] = one.activities(**TODAY, data_fields="hr_average")
    assert "steps" not in asked
    assert asked["hr_average"] > 40


def test_more_is_true_or_false_and_pages_hold_each_row_once():
    one = asking(MARCUS)
    body = one.call("/v2/measure", "getactivity", **MONTH)
    assert body["more"] is False
    assert body["offset"] == 0
    whole = one.activities()
    one.sandbox.order("/withings/settings", page_size=7)
    body = one.call("/v2/measure", "getactivity", **MONTH)
    assert (body["more"], body["offset"]) == (True, 7)
    assert one.activities() == whole


def test_a_traveller_is_dated_where_they_are_and_home_again():
    zones = {row["date"]: row["timezone"] for row in asking(JOAO).activities()}
    away = sorted(day for day, zone in zones.items() if zone != "America/Sao_Paulo")
    assert away == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"]
    assert {zones[day] for day in away} == {"Europe/Lisbon"}


def test_a_travellers_profile_moves_while_the_person_stays_the_same():
    sandbox = Sandbox(data="all")

    def zone():
        return asking(JOAO, sandbox).call("/measure", "getmeas", lastupdate=NOON)["timezone"]

    assert zone() == "America/Sao_Paulo"
    sandbox.clock.advance(4 * DAY)
    assert zone() == "Europe/Lisbon"
    assert sandbox.people[JOAO].zone == "America/Sao_Paulo"
    sandbox.clock.advance(4 * DAY)
    assert zone() == "America/Sao_Paulo"


# Minutes


def test_a_window_of_more_than_a_day_gives_its_first_24_hours():
    one = asking(ASTRID)
    start = NOON - 5 * DAY
    whole = one.minutes(start, start + 3 * DAY)
    assert whole == one.minutes(start, start + DAY - 1)
    assert max(map(int, whole)) < start + DAY


def test_nothing_is_a_list_and_something_an_object_by_second():
    one = asking(ASTRID)
    assert one.minutes(NOON + DAY, NOON + 2 * DAY) == []
    found = one.minutes(NOON - DAY, NOON)
    assert all(NOON - DAY <= int(at) <= NOON for at in found)


def test_no_window_gives_the_most_recent_minutes():
    series = asking(ASTRID).call("/v2/measure", "getintradayactivity")["series"]
    assert all(NOON - DAY <= int(at) < NOON for at in series)


def test_entries_of_other_fields_are_left_out():
    found = asking(ASTRID).minutes(NOON - DAY, NOON, "spo2_auto")
    assert found
    named = {"deviceid", "hash_deviceid", "model", "model_id"}
    assert {frozenset(entry.keys() - named) for entry in found.values()} >= {
        frozenset({"spo2_auto"})
    }
    assert all("heart_rate" not in entry for entry in found.values())


@pytest.mark.parametrize(
    ("person", "models"),
    [(ASTRID, {94}), (MARCUS, {93, 1052}), (PRIYA, {1055}), (AROHA, {95, 58})],
)
def test_several_devices_tell_of_one_day_never_in_one_second(person, models):
    one = asking(person)
    found = {}
    for days in range(1, 8):
        found |= dict(one.minutes(NOON - days * DAY, NOON - (days - 1) * DAY - 1) or {})
    assert {entry["model_id"] for entry in found.values()} == models


def test_there_are_gaps_and_a_pulse_of_nothing():
    one = asking(WANJIRU)
    entries = [
        entry
        for days in range(1, 15)
        for entry in dict(one.minutes(NOON - days * DAY, NOON - (days - 1) * DAY)).values()
    ]
    named = {"deviceid", "hash_deviceid", "model", "model_id"}
    assert any(entry.keys() - named == {"duration"} for entry in entries)
    assert any(entry.get("heart_rate") == 0 for entry in entries)


# Refusals


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/v2/measure", "getactivity"),
        ("/v2/measure", "getintradayactivity"),
        ("/v2/measure", "getworkouts"),
        ("/v2/sleep", "get"),
        ("/v2/sleep", "getsummary"),
    ],
)
def test_without_the_scope_for_activity_nothing_is_listed(path, action):
    sandbox = Sandbox(data="all")
    token = sandbox.tokens(scope="user.info,user.metrics")["access_token"]
    assert sandbox.call(path, action, token=token, **MONTH)["status"] == 2553
    assert sandbox.call(path, action, token="none", **MONTH)["status"] == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"startdateymd": "2026-11-21"},
        {"startdateymd": "yesterday", "enddateymd": "2026-11-21"},
        {**TODAY, "lastupdate": NOON},
        {**TODAY, "offset": "-1"},
    ],
)
def test_wrong_parameters_are_invalid(wrong):
    sandbox = Sandbox(data="all")
    token = sandbox.tokens(scope="user.activity")["access_token"]
    for path, action in (("/v2/measure", "getactivity"), ("/v2/sleep", "getsummary")):
        assert sandbox.call(path, action, token=token, **wrong)["status"] == 503


@pytest.mark.parametrize("person", EVERYBODY)
def test_an_account_of_measures_alone_lists_nothing_else(person):
    one = asking(person, Sandbox(data="measures"))
    assert one.activities() == one.workouts() == one.nights() == one.ecgs() == []
    assert one.minutes(NOON - DAY, NOON) == one.stages(NOON - DAY, NOON) == []


def test_a_day_reads_the_same_at_every_start():
    first, second = asking(AROHA), asking(AROHA)
    days = ("2026-11-10", "2026-11-20")
    assert first.everything(*days) == second.everything(*days)
