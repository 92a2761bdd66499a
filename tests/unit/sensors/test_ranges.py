"""Which ranges a night asks for, and which links become partitions."""

from datetime import UTC, date, datetime

import pytest

from ohx_pipelines.sensors.link_partitions import missing_keys
from ohx_pipelines.sensors.link_ranges import LinkRange, link_ranges
from ohx_pipelines.sensors.nightly import look_back


def ends(ranges):
    return [(one.first, one.last) for one in ranges]


def test_links_that_stand_next_to_each_other_are_one_range():
    assert link_ranges(["a", "b", "c"], {"a", "b", "c"}, most=50) == [
        LinkRange(first="a", last="c")
    ]


def test_a_range_never_takes_in_a_link_that_is_not_wanted():
    assert ends(link_ranges(["a", "gone", "b", "c"], {"a", "b", "c"}, most=50)) == [
        ("a", "a"),
        ("b", "c"),
    ]


def test_a_range_is_cut_at_the_most_links_a_run_may_cover():
    assert ends(link_ranges(list("abcde"), set("abcde"), most=2)) == [
        ("a", "b"),
        ("c", "d"),
        ("e", "e"),
    ]


def test_no_links_ask_for_nothing():
    assert link_ranges([], {"a"}, most=2) == []


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_night_looks_back_from_yesterday(hour):
    scheduled = datetime(2026, 11, 24, hour, 5, tzinfo=UTC)

    assert look_back(scheduled, 3) == (date(2026, 11, 21), date(2026, 11, 23))


def test_only_links_without_a_partition_are_added_in_the_order_they_were_linked():
    assert missing_keys(["c", "a", "b"], ["a"]) == ["c", "b"]
