"""Partitions: which local days there are, and how keys are written and read."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from ohx_pipelines.assets.partitions import day_link_key, day_partitions, days_by_link


def last_day(now):
    with dg.partition_loading_context(effective_dt=now):
        return day_partitions(31).get_last_partition_key()


@pytest.mark.parametrize("hour", [0, 10, 23])
def test_aucklands_today_is_a_partition_though_it_is_tomorrow_in_utc(hour):
    now = datetime.now(UTC).replace(hour=hour, minute=30)

    assert last_day(now) == (now.date() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize("days", [7, 31, 366])
def test_at_least_the_wanted_days_back_are_partitions_and_the_first_begins_a_month(days):
    first = date.fromisoformat(day_partitions(days).get_first_partition_key())

    assert first.day == 1
    assert first <= datetime.now(UTC).date() - timedelta(days=days)
    assert first > datetime.now(UTC).date() - timedelta(days=days + 32)


def test_a_key_is_the_day_then_the_link():
    assert str(day_link_key(date(2026, 11, 21), "l1nk")) == "2026-11-21|l1nk"


def test_keys_are_grouped_by_link_so_that_each_links_days_are_one_window():
    days = [date(2026, 11, 21), date(2026, 11, 22)]
    keys = [day_link_key(day, link) for day in days for link in ("b", "a")]

    assert days_by_link(keys) == {"b": days, "a": days}


def test_a_run_over_keys_of_another_shape_is_refused():
    with pytest.raises(dg.DagsterInvariantViolationError):
        days_by_link(["2026-11-21"])
