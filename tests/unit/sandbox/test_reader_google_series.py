"""What the reader asks for of samples by the minute: a series of each civil day."""

from datetime import timedelta

import pytest

from tests.unit.sandbox.google_parts import merged, merged_point, ms, point, raw, readings, said
from tests.unit.sandbox.reader_parts import DAY
from tests.unit.sandbox.row_parts import NEXT_DAY, NOON, utc

HOUR_MS = 3_600_000
START, END = utc("2026-11-19T23:00"), utc("2026-11-20T23:00")


def beat(rate, start, **more):
    return merged_point("heart-rate", start, {"beatsPerMinute": rate}, **more)


def test_a_days_heart_rates_count_from_midnight_in_the_order_of_time():
    rows = merged(beat("71", "2026-11-20T07:00:05.250"), beat("64", "2026-11-20T07:00"))
    assert said(rows) == {
        ("heart_rate-2026-11-20", "8867-4"): (
            [(7 * HOUR_MS, 64), (7 * HOUR_MS + 5_250, 71)], "/min",
        )
    }  # fmt: skip


@pytest.mark.parametrize("nothing", [{}, {"beatsPerMinute": "0"}, {"beatsPerMinute": "?"}])
def test_what_is_no_heart_rate_leaves_a_gap(nothing):
    empty = merged_point("heart-rate", "2026-11-20T07:01", nothing)
    [(found, _)] = said(merged(empty, beat("64", "2026-11-20T07:00"))).values()
    assert found == [(7 * HOUR_MS, 64)]
    assert said(merged(empty)) == {}


def test_heart_rates_stand_at_the_start_of_the_day_and_are_of_no_one_device():
    [one] = readings(merged(beat("64", "2026-11-20T07:00")))
    assert (one.instant, one.end, one.says_day, one.device) == (START, None, True, None)


@pytest.mark.parametrize(
    ("of_type", "field", "code", "unit", "is_period", "data_type"),
    [
        ("heart-rate", "beatsPerMinute", "8867-4", "/min", False, "intraday"),
        ("oxygen-saturation", "percentage", "2708-6 59408-5", "%", False, "oxygen"),
        ("heart-rate-variability", "rootMeanSquareOfSuccessiveDifferencesMilliseconds",
         "heart-rate-variability-rmssd", "ms", True, "heart_rate_variability"),
        ("heart-rate-variability", "standardDeviationMilliseconds",
         "112429-6", "ms", True, "heart_rate_variability"),
    ],
)  # fmt: skip
def test_which_series_there_are(of_type, field, code, unit, is_period, data_type):
    rows = merged(merged_point(of_type, "2026-11-20T03:00", {field: 41}))
    [one] = readings(rows, shared=frozenset({data_type}))
    assert (one.code, one.amounts[""].unit, one.end) == (code, unit, END if is_period else None)
    assert readings(rows, shared=frozenset({"heart_rate", "sleep"})) == []


def test_both_variabilities_of_a_point_are_series_of_their_own():
    value = {
        "rootMeanSquareOfSuccessiveDifferencesMilliseconds": 41.5,
        "standardDeviationMilliseconds": 55.25,
    }
    record = "heart_rate_variability-2026-11-20"
    assert said(merged(merged_point("heart-rate-variability", "2026-11-20T03:00", value))) == {
        (record, "heart-rate-variability-rmssd"): ([(3 * HOUR_MS, 41.5)], "ms"),
        (record, "112429-6"): ([(3 * HOUR_MS, 55.25)], "ms"),
    }


def test_the_merged_stream_counts_and_not_its_sources():
    assert said(raw(point("heart-rate", "2026-11-20T07:00", {"beatsPerMinute": "64"}))) == {}


def test_a_sample_belongs_to_the_civil_day_of_its_own_offset():
    # Half past eight in the morning in Auckland, on the day after.
    rows = merged(beat("64", "2026-11-20T20:30", offset=13 * 3_600))
    assert said(rows) == {}
    tomorrow = DAY + timedelta(days=1)
    [one] = readings(rows, first=tomorrow, last=tomorrow)
    # What somebody took with them before the link's midnight makes the day longer.
    assert (one.instant, one.offset) == (utc("2026-11-20T19:30"), timedelta(hours=1))
    assert one.amounts[""].value == ((0, 64),)


def test_a_sample_after_the_links_midnight_makes_the_day_longer():
    value = {"standardDeviationMilliseconds": 50}
    rows = merged(
        merged_point("heart-rate-variability", "2026-11-21T02:00:00.750", value, offset=-7 * 3_600)
    )
    [one] = readings(rows)
    assert (one.instant, one.end) == (START, utc("2026-11-21T01:00:00.750"))
    assert one.amounts[""].value == ((26 * HOUR_MS + 750, 50),)


def test_a_series_is_preliminary_until_its_day_ends_and_may_get_more_after():
    rows = merged(beat("64", "2026-11-20T07:00"))
    assert [one.statuses for one in readings(rows, now=NOON)] == [{"preliminary"}]
    assert [one.statuses for one in readings(rows, now=NEXT_DAY)] == [
        {"final", "corrected", "amended"}
    ]


def test_an_instant_counts_once():
    rows = merged(beat("64", "2026-11-20T07:00", id="1"), beat("70", "2026-11-20T07:00", id="2"))
    assert [*said(rows).values()] == [([(7 * HOUR_MS, 64)], "/min")]


def test_the_record_of_a_day_stays_the_same_whatever_it_holds():
    few = readings(merged(beat("64", "2026-11-20T07:00")))
    more = readings(merged(beat("64", "2026-11-20T07:00"), beat("66", ms("2026-11-20T00:00"))))
    assert [one.key for one in few] == [one.key for one in more]
