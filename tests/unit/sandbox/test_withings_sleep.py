"""Nights as the sandbox vendor lists them: dates, clock changes, several sources, stages and sums."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
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
)

TRACKER, MONITOR = 16, 32
AWAKE, LIGHT, DEEP, REM, UNSPECIFIED, OUT_OF_BED = 0, 1, 2, 3, 5, 15
RECORDED = [ASTRID, MARCUS, AROHA, JOAO, WANJIRU]


def stages_of(one, night, names="hr,rr,snoring"):
    """Give the segments of a night's own device."""
    found = one.stages(night["startdate"], night["enddate"] - 1, names)
    return [s for s in found if s["hash_deviceid"] == night["hash_deviceid"]]


def lasted(segments, *states):
    return sum(s["enddate"] - s["startdate"] for s in segments if s["state"] in states)


@pytest.mark.parametrize("person", range(6))
def test_a_night_is_dated_by_the_local_day_of_waking_up(person):
    nights = asking(person).nights()
    assert nights
    for night in nights:
        zone = ZoneInfo(night["timezone"])
        assert str(datetime.fromtimestamp(night["enddate"], zone).date()) == night["date"]


def test_most_nights_begin_on_the_day_before():
    nights = [one for one in asking(WANJIRU).nights() if one["model"] == MONITOR]
    zone = ZoneInfo("Africa/Nairobi")
    began = [datetime.fromtimestamp(one["startdate"], zone).date() for one in nights]
    assert all(str(day) < one["date"] for day, one in zip(began, nights, strict=True))


@pytest.mark.parametrize(("person", "date"), [(ASTRID, "2026-10-25"), (MARCUS, "2026-11-01")])
def test_the_night_of_the_clock_change_is_an_hour_longer_than_the_clock_shows(person, date):
    one = asking(person)
    night = next(row for row in one.nights() if row["date"] == date)
    up, down = (
        datetime.fromtimestamp(night[name], one.zone).replace(tzinfo=None)
        for name in ("enddate", "startdate")
    )
    shown = (up - down).total_seconds()
    assert night["data"]["total_timeinbed"] == night["enddate"] - night["startdate"]
    assert night["data"]["total_timeinbed"] == shown + 3_600


@pytest.mark.parametrize("person", RECORDED)
def test_a_summary_is_the_sum_of_its_stages(person):
    one = asking(person)
    for night in one.nights()[:20]:
        segments, data = stages_of(one, night), night["data"]
        assert segments[0]["startdate"] == night["startdate"]
        assert segments[-1]["enddate"] == night["enddate"]
        pairs = pairwise(segments)
        assert all(first["enddate"] == second["startdate"] for first, second in pairs)
        assert data["total_timeinbed"] == night["enddate"] - night["startdate"]
        assert data["total_sleep_time"] == lasted(segments, LIGHT, DEEP, REM, UNSPECIFIED)
        if "lightsleepduration" in data:
            assert data["lightsleepduration"] == lasted(segments, LIGHT)
            assert data["deepsleepduration"] == lasted(segments, DEEP)
            assert data["remsleepduration"] == lasted(segments, REM)
        assert data["wakeupduration"] == lasted(segments, AWAKE, OUT_OF_BED)
        assert 0.5 < data["sleep_efficiency"] <= 1
        rates = [rate for s in segments for rate in s["hr"].values()]
        assert (min(rates), max(rates)) == (data["hr_min"], data["hr_max"])


def test_a_tracker_and_a_monitor_list_the_same_night():
    one = asking(ASTRID)
    by_date = defaultdict(list)
    for night in one.nights():
        if night["enddate"] - night["startdate"] > 3 * 3_600:
            by_date[night["date"]].append(night)
    twice = [nights for nights in by_date.values() if len(nights) == 2]
    assert len(twice) == 15
    for nights in twice:
        assert {night["model"] for night in nights} == {TRACKER, MONITOR}
        first, second = nights
        assert first["startdate"] < second["enddate"]
        assert second["startdate"] < first["enddate"]
        devices = {s["hash_deviceid"] for s in one.stages(first["startdate"], first["enddate"])}
        assert devices == {night["hash_deviceid"] for night in nights}


def test_somebody_naps_in_the_afternoon_without_stages():
    one = asking(JOAO)
    naps = [row for row in one.nights() if row["enddate"] - row["startdate"] < 2 * 3_600]
    assert naps
    for nap in naps:
        assert {s["state"] for s in stages_of(one, nap)} <= {AWAKE, UNSPECIFIED}
        assert "lightsleepduration" not in nap["data"]
    dates = [night["date"] for night in one.nights()]
    assert all(dates.count(nap["date"]) == 2 for nap in naps)


def test_a_phones_app_says_how_long_somebody_slept_and_no_more():
    one = asking(PRIYA)
    for night in one.nights():
        told = {name: value for name, value in night["data"].items() if value is not None}
        assert told.keys() == {"asleepduration"}
        assert night["hash_deviceid"] is None
        assert night["model_id"] == 1060
        assert stages_of(one, night) == []


def test_some_nights_are_not_completed_at_first_and_some_never():
    one = asking(AROHA)
    assert any(night["completed"] is False for night in one.nights())
    mat = asking(WANJIRU)
    done = [n for n in mat.nights() if n["modified"] > n["created"]]
    assert done
    mat.sandbox.clock.advance(done[-1]["enddate"] + DAY * 28 + 1_800 - NOON)
    again = asking(WANJIRU, mat.sandbox)
    days = {"startdateymd": "2026-12-10", "enddateymd": "2026-12-31"}
    now = mat.sandbox.clock.now()
    early = {n["id"]: n for n in again.nights(**days) if n["enddate"] > now - 7_200}
    waiting = [n for n in early.values() if n["completed"] is False]
    assert len(waiting) == 1
    mat.sandbox.clock.advance(7_200)
    later = {n["id"]: n for n in asking(WANJIRU, mat.sandbox).nights(**days)}
    assert later[waiting[0]["id"]]["completed"] is True
    assert later[waiting[0]["id"]]["modified"] > waiting[0]["modified"]


def test_oddities_of_the_wire_occur():
    owl = asking(AROHA)
    states = {s["state"] for night in owl.nights() for s in stages_of(owl, night)}
    assert 9 in states
    assert {night["data"]["rr_average"] for night in asking(JOAO).nights()} == {0}
    plain = asking(WANJIRU)
    outside = [
        at
        for night in plain.nights()
        for s in stages_of(plain, night)
        for at in s["hr"]
        if int(at) > night["enddate"]
    ]
    assert outside


def test_series_come_only_when_asked_for():
    one = asking(ASTRID)
    night = one.nights()[0]
    span = {"startdate": night["startdate"], "enddate": night["enddate"]}
    bare = one.call("/v2/sleep", "get", **span)["series"]
    assert all(not s.keys() & {"hr", "rr", "snoring", "rmssd"} for s in bare)
    asked = one.stages(span["startdate"], span["enddate"], "rr")
    assert any("rr" in s for s in asked)
    assert all("hr" not in s for s in asked)


def test_a_window_of_more_than_a_day_gives_its_first_24_hours():
    one = asking(ASTRID)
    start = NOON - 5 * DAY
    found = one.stages(start, NOON)
    assert found == one.stages(start, start + DAY - 1)
    assert all(s["startdate"] < start + DAY for s in found)


def test_a_window_is_needed_for_stages():
    one = asking(ASTRID)
    answer = one.sandbox.call("/v2/sleep", "get", token=one.token, startdate=NOON)
    assert answer["status"] == 503


def test_a_night_is_listed_after_waking_up():
    one = asking(ASTRID)
    nights = one.nights(startdateymd="2026-11-20", enddateymd="2026-11-25")
    assert all(night["created"] <= NOON for night in nights)
    assert max(night["date"] for night in nights) == str(datetime.fromtimestamp(NOON, UTC).date())
