"""Local days: bounds, clock changes, windows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.local_day import Window, day_start, local_day, offset_minutes, windows

ZONES = ["Europe/Stockholm", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"]


def window(first: str, last: str, zone: str) -> Window:
    return Window(
        first_day=date.fromisoformat(first), last_day=date.fromisoformat(last), zone=ZoneInfo(zone)
    )


def test_the_spring_night_has_23_hours_and_the_autumn_night_25():
    spring = window("2026-03-29", "2026-03-29", "Europe/Stockholm")
    autumn = window("2026-10-25", "2026-10-25", "Europe/Stockholm")

    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


def test_a_midnight_that_does_not_exist_starts_the_day_at_its_first_instant():
    # Santiago skipped from 2026-09-05 24:00 to 2026-09-06 01:00 (UTC-4 to UTC-3).
    start = day_start(date(2026, 9, 6), ZoneInfo("America/Santiago"))

    assert start == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_offsets_follow_the_clock_of_that_instant():
    kolkata, auckland = ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Auckland")

    assert offset_minutes(datetime(2026, 11, 20, tzinfo=UTC), kolkata) == 330
    assert offset_minutes(datetime(2026, 11, 20, tzinfo=UTC), auckland) == 780
    assert offset_minutes(datetime(2026, 7, 20, tzinfo=UTC), auckland) == 720


def test_contiguous_days_become_one_window_and_a_gap_starts_another():
    days = [date(2026, 11, day) for day in (20, 18, 19, 22, 22)]

    found = windows(days, ZoneInfo("UTC"), most_days=30)

    assert [(w.first_day.day, w.last_day.day) for w in found] == [(18, 20), (22, 22)]


def test_a_window_is_never_wider_than_the_vendor_allows():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(70)]

    found = windows(days, ZoneInfo("UTC"), most_days=30)

    assert [len(w.days) for w in found] == [30, 30, 10]


@given(
    instant=st.datetimes(
        # Hypothesis wants naive bounds and adds the zone.
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001
        max_value=datetime(2040, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_lies_in_the_window_of_its_own_local_day(instant, zone):
    info = ZoneInfo(zone)
    day = local_day(instant, info)
    own = Window(first_day=day, last_day=day, zone=info)

    assert own.start <= instant < own.end


@given(
    day=st.dates(min_value=date(2000, 1, 1), max_value=date(2040, 1, 1)),
    zone=st.sampled_from(ZONES),
)
def test_days_follow_each_other_without_gap_or_overlap(day, zone):
    info = ZoneInfo(zone)
    following = day + timedelta(days=1)

    first = Window(first_day=day, last_day=day, zone=info)
    second = Window(first_day=following, last_day=following, zone=info)

    assert first.end == second.start
