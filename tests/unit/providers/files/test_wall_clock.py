"""A local time without its offset is one instant: the first of two, or the next that there is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.files.wall_clock import place
from tests.unit.providers.files.reading import BERLIN, at

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]


def test_an_ordinary_time_is_placed_by_the_zones_offset_then():
    placed = place(at("2026-03-14 07:52"), BERLIN)

    assert placed.instant == datetime(2026, 3, 14, 6, 52, tzinfo=UTC)
    assert (placed.offset_minutes, placed.day, placed.word) == (60, date(2026, 3, 14), None)


def test_the_first_of_a_repeated_hour_is_taken_and_said():
    placed = place(at("2026-10-25 02:30"), BERLIN)

    assert placed.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (placed.offset_minutes, placed.word) == (120, "repeated_hour")


def test_a_time_in_a_skipped_hour_is_shifted_by_the_gap_and_said():
    placed = place(at("2026-03-29 02:30"), BERLIN)

    # 03:30, an hour later on a clock that was put forward in time.
    assert placed.instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert (placed.offset_minutes, placed.word) == (120, "skipped_hour")


def test_half_an_hour_skipped_is_shifted_by_half_an_hour():
    placed = place(at("2026-10-04 02:10"), ZoneInfo("Australia/Lord_Howe"))

    assert placed.instant == datetime(2026, 10, 3, 15, 40, tzinfo=UTC)
    assert (placed.offset_minutes, placed.word) == (660, "skipped_hour")


def test_the_day_is_that_of_the_instant_where_a_whole_day_was_skipped():
    placed = place(at("2011-12-30 08:00"), ZoneInfo("Pacific/Apia"))

    assert (placed.day, placed.word) == (date(2011, 12, 31), "skipped_hour")


@pytest.mark.parametrize(
    ("moment", "word"),
    [
        (at("2026-10-25 01:59"), None),
        (at("2026-10-25 02:00"), "repeated_hour"),
        (at("2026-10-25 02:59"), "repeated_hour"),
        (at("2026-10-25 03:00"), None),
        (at("2026-03-29 01:59"), None),
        (at("2026-03-29 02:00"), "skipped_hour"),
        (at("2026-03-29 02:59"), "skipped_hour"),
        (at("2026-03-29 03:00"), None),
    ],
    ids=str,
)
def test_the_hour_of_a_clock_change_is_noted_and_no_minute_beside_it(moment, word):
    assert place(moment, BERLIN).word == word


@given(
    st.datetimes(at("2000-01-01 00:00"), at("2030-01-01 00:00")),
    st.sampled_from(ZONES).map(ZoneInfo),
)
def test_without_a_word_the_instant_shows_the_time_that_was_written(moment, zone):
    placed = place(moment, zone)
    shown = placed.instant.astimezone(zone)

    assert placed.day == shown.date()
    assert timedelta(minutes=placed.offset_minutes) == shown.utcoffset()
    if placed.word == "skipped_hour":
        assert moment < shown.replace(tzinfo=None) <= moment + timedelta(hours=1)
    else:
        assert (shown.replace(tzinfo=None), shown.fold) == (moment, 0)
