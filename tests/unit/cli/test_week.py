"""The demo's week: seven days that have ended everywhere on earth."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ohx_pipelines.cli.demo_running import week_that_ended


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-25T11:59:59+00:00", "2026-11-23"),
        ("2026-11-25T12:00:00+00:00", "2026-11-24"),
        ("2026-11-25T23:59:59+00:00", "2026-11-24"),
        ("2026-11-26T00:00:00+00:00", "2026-11-24"),
        ("2026-11-26T11:59:59+00:00", "2026-11-24"),
        ("2027-01-01T00:30:00+00:00", "2026-12-30"),
        ("2028-03-01T12:00:00+00:00", "2028-02-29"),
    ],
)
def test_the_last_day_is_the_latest_that_has_ended_in_every_zone(now, last):
    assert week_that_ended(datetime.fromisoformat(now))[1] == date.fromisoformat(last)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_week_has_seven_days_and_even_its_last_one_is_over_at_the_date_line(hour):
    now = datetime(2026, 11, 25, hour, tzinfo=UTC)
    date_line = timezone(timedelta(hours=-12))

    first, last = week_that_ended(now)

    assert (last - first).days == 6
    assert now.astimezone(date_line).date() == last + timedelta(days=1)
