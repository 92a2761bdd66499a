"""When OMRON's rows were: three fields, of which any two say the third, and none may be trusted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.local_day import Window
from tests.unit.providers.omron.omron_answers import (
    CUFF,
    DAY,
    at,
    ignored,
    left_out,
    measurements,
    read,
)

ZONES = ("Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")


def taken(fields, **more):
    return read("bloodpressure", CUFF | fields, **more)


def when(result):
    """The instant, offset and day of all measurements, which must be one."""
    (one,) = {(m.start, m.offset_minutes, m.day) for m in measurements(result)}
    return one


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+01:00", 60), ("-0800", -480), ("-08:00", -480), ("Z", 0), ("+05:30", 330), ("+14:00", 840),
     ("+09", 540)],
)  # fmt: skip
def test_local_time_and_offset_say_the_instant(offset, minutes):
    result = taken(at("2026-11-20T12:00:00", offset))

    assert when(result) == (utc(2026, 11, 20, 12) - timedelta(minutes=minutes), minutes, DAY)
    assert ignored(result) == {}


def test_the_day_is_the_travellers_own():
    result = taken(at("2026-11-20T23:30:00", "-08:00", "2026-11-21T07:30:00"))

    assert when(result) == (utc(2026, 11, 21, 7, 30), -480, DAY)


def test_utc_and_offset_say_the_local_day():
    result = taken(at(None, "+11:00", "2026-11-19T20:00:00"))

    assert when(result) == (utc(2026, 11, 19, 20), 660, DAY)


def test_local_and_utc_say_the_offset():
    result = taken(at("2026-11-20T07:42:10", None, "2026-11-20T13:12:10"))

    assert when(result) == (utc(2026, 11, 20, 13, 12, 10), -330, DAY)
    assert ignored(result) == {}


def test_of_three_that_contradict_local_and_offset_are_believed():
    result = taken(at("2026-11-20T07:42:10", "+01:00", "2026-11-20T07:42:10"))

    assert when(result) == (utc(2026, 11, 20, 6, 42, 10), 60, DAY)
    assert ignored(result) == {"utc_contradicts": 1}


def test_local_time_alone_is_read_in_the_links_zone():
    result = taken(at("2026-11-20T07:42:10", None))

    assert when(result) == (utc(2026, 11, 20, 6, 42, 10), 60, DAY)
    assert ignored(result) == {"offset_missing": 1}


def test_utc_alone_is_read_in_the_links_zone():
    result = taken(at(None, None, "2026-11-19T23:30:00"))

    assert when(result) == (utc(2026, 11, 19, 23, 30), 60, DAY)
    assert ignored(result) == {"offset_missing": 1}


def test_of_an_hour_that_comes_twice_the_first_is_taken():
    day = date(2026, 10, 25)
    window = Window(first_day=day, last_day=day, zone=ZoneInfo("Europe/Stockholm"))

    result = taken(at("2026-10-25T02:30:00", None), window=window)

    assert when(result) == (utc(2026, 10, 25, 0, 30), 120, day)


def test_a_time_in_an_hour_that_is_skipped_moves_on_by_the_gap():
    day = date(2026, 3, 29)
    window = Window(first_day=day, last_day=day, zone=ZoneInfo("Europe/Stockholm"))

    result = taken(at("2026-03-29T02:30:00", None), window=window)

    # 03:30 in summer time.
    assert when(result) == (utc(2026, 3, 29, 1, 30), 120, day)


@pytest.mark.parametrize("offset", ["+15:00", "-13:00", "east", 60, "+1", ""], ids=repr)
def test_an_offset_that_is_none_is_missing(offset):
    result = taken(at("2026-11-20T07:42:10", offset))

    assert when(result)[1] == 60
    assert ignored(result) == {"offset_missing": 1}


@pytest.mark.parametrize(
    "local",
    ["2026-11-31T07:00:00", "20.11.2026 07:00", "2026-11-20", "now", 1795200000, "", "0001-01-01T00:00:00",
     "9999-12-31T23:59:59", "2026-11-20T25:00:00", "٢٠٢٦-11-20T07:00:00"],
    ids=repr,
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_an_error_never_now(local):
    result = taken(at(local))

    assert result.frame.empty
    assert left_out(result) == [(None, "bloodpressure-903311207", "time_unreadable")]
    assert [one.day for one in result.unpublished] == [date(2026, 11, 16)]


def test_a_row_whose_time_cannot_be_read_is_not_deleted_and_costs_no_other():
    result = read("bloodpressure", CUFF | at("?"), CUFF | {"id": 8})

    assert {one.record for one in measurements(result)} == {"bloodpressure-8"}
    assert "bloodpressure-903311207" in result.kept
    assert [one.prefix for one in result.listed] == ["bloodpressure"]


def test_fractions_and_spaces_are_read_to_the_second():
    result = taken(at("2026-11-20 07:42:10.4830000"))

    assert when(result)[0] == utc(2026, 11, 20, 6, 42, 10)


def test_a_utc_time_may_say_that_it_is():
    result = taken(at("2026-11-20T07:42:10", "+01:00", "2026-11-20T06:42:10Z"))

    assert ignored(result) == {}


@given(
    st.integers(0, 10 * 365 * 86_400),
    st.sampled_from(ZONES),
    st.sampled_from(["dateTime", "dateTimeLocal", "dateTimeUtcOffset", "none"]),
)
def test_any_one_of_the_three_may_be_missing_and_nothing_changes(seconds_on, name, missing):
    zone = ZoneInfo(name)
    instant = utc(2020, 1, 1) + timedelta(seconds=seconds_on)
    local = instant.astimezone(zone)
    seconds = int(local.utcoffset().total_seconds())
    sign, (hours, rest) = "-" if seconds < 0 else "+", divmod(abs(seconds) // 60, 60)
    fields = {
        "dateTime": instant.replace(tzinfo=None).isoformat(),
        "dateTimeLocal": local.replace(tzinfo=None).isoformat(),
        "dateTimeUtcOffset": f"{sign}{hours:02}:{rest:02}",
    }
    day = local.date()
    window = Window(first_day=day, last_day=day, zone=ZoneInfo("Asia/Tokyo"))

    result = taken(fields | {missing: None}, window=window)

    assert when(result) == (instant, seconds // 60, day)
    assert ignored(result) == {}
