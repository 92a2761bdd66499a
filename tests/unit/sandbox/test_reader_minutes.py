"""What the reader asks for of the minutes of a day, worked out by hand from the vendor's entries."""

from datetime import date, timedelta

from tests.unit.sandbox.row_parts import (
    PHONE_MODEL,
    WATCH,
    epoch,
    minute,
    readings,
    said,
    utc,
)

MORNING = epoch("2026-11-20T07:00")
SEVEN_HOURS = 25_200_000
OTHER = "e" * 40
RECORD = f"intraday-2026-11-20.{WATCH}"


def day(entries, name="2026-11-20"):
    return {"minutes": {name: entries}}


def phone(**more):
    return minute(device=None, model=PHONE_MODEL, **more)


def test_each_kind_is_a_series_from_the_first_instant_of_the_day():
    entries = {
        MORNING: minute(heart_rate=67),
        MORNING + 60: minute(steps=42, duration=60, distance=31.2, calories=1.4),
        str(MORNING + 120): minute(heart_rate=0, steps=0, duration=60),
        MORNING + 180: minute(duration=60),
    }
    assert said(day(entries)) == {
        (RECORD, "8867-4"): ([(SEVEN_HOURS, 67)], "/min"),
        (RECORD, "55423-8"): ([(SEVEN_HOURS + 60_000, 42), (SEVEN_HOURS + 120_000, 0)], "{steps}"),
    }


def test_a_vital_sign_has_its_start_alone_and_steps_a_period():
    [pulse, steps] = readings(day({MORNING: minute(heart_rate=67, steps=3)}))
    assert (pulse.instant, pulse.end) == (utc("2026-11-19T23:00"), None)
    assert (steps.instant, steps.end) == (utc("2026-11-19T23:00"), utc("2026-11-20T23:00"))
    assert pulse.says_day
    assert steps.says_day


def test_what_only_a_paid_plan_has_is_asked_for_only_then():
    entry = minute(spo2_auto=97, rmssd=41, sdnn1=52, rr=13, core_body_temperature=36.9)
    assert said(day({MORNING: entry})) == {}
    found = {code: unit for (_, code), (_, unit) in said(day({MORNING: entry}), paid=True).items()}
    assert found == {
        "2708-6 59408-5": "%",
        "heart-rate-variability-rmssd": "ms",
        "112429-6": "ms",
        "9279-1": "/min",
        "8310-5 8329-5": "Cel",
    }


def test_each_device_has_a_heart_rate_of_its_own():
    entries = {MORNING: minute(heart_rate=67), MORNING + 1: minute(device=OTHER, heart_rate=68)}
    assert {one.device for one in readings(day(entries))} == {WATCH, OTHER}


def test_a_phone_s_steps_do_not_count_beside_a_watch_s():
    entries = {
        MORNING: phone(steps=40),
        MORNING + 60: phone(steps=41),
        MORNING + 90: minute(steps=7),
    }
    assert [record for record, _ in said(day(entries))] == [RECORD]
    only = {MORNING: phone(steps=40), MORNING + 60: minute(heart_rate=60)}
    assert {record for record, _ in said(day(only))} == {RECORD, "intraday-2026-11-20.1051"}


def test_of_two_watches_the_one_with_most_entries_counts_the_steps():
    entries = {MORNING: minute(steps=4), MORNING + 60: minute(device=OTHER, steps=4)}
    assert [record for record, _ in said(day(entries))] == [RECORD]
    entries[MORNING + 120] = minute(device=OTHER, steps=1)
    assert [record for record, _ in said(day(entries))] == [f"intraday-2026-11-20.{OTHER}"]


def test_a_day_of_a_clock_change_counts_on_through_the_hour_that_comes_twice():
    name = "2026-10-25"
    entries = {epoch("2026-10-25T04:00"): minute(steps=1)}
    [one] = readings(day(entries, name), first=date(2026, 10, 25), last=date(2026, 10, 25))
    assert one.amounts[""].value == ((5 * 3_600_000, 1),)
    assert one.end - one.instant == timedelta(hours=25)


def test_what_lies_on_another_day_and_an_empty_day_are_nothing():
    assert said(day({epoch("2026-11-21T00:00"): minute(steps=1)})) == {}
    assert said(day([])) == {}


def test_the_minutes_of_a_day_that_has_not_ended_are_preliminary():
    [pulse] = readings(day({MORNING: minute(heart_rate=67)}), now=utc("2026-11-20T12:00"))
    assert (pulse.is_open, pulse.statuses) == (True, frozenset({"preliminary"}))
