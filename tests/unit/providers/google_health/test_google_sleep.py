"""Google's nights into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime

import pytest

from ohx_pipelines.measurements import Coded, Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    DAY,
    ignored,
    interval,
    left_out,
    named,
    normalized,
    read,
    values,
)

# 22:51 to 06:37 in Stockholm, as the vendor's example has it.
BED, UP = "2026-11-19T21:51:00Z", "2026-11-20T05:37:00Z"
SUMMARY = {
    "minutesInSleepPeriod": "466",
    "minutesAsleep": "402",
    "minutesAwake": "64",
    "minutesToFallAsleep": "7",
    "minutesAfterWakeUp": "2",
    "stagesSummary": [
        {"type": "LIGHT", "minutes": "221", "count": "28"},
        {"type": "DEEP", "minutes": "81", "count": "4"},
        {"type": "REM", "minutes": "100", "count": "9"},
        {"type": "AWAKE", "minutes": "64", "count": "23"},
    ],
}
OF_THE_NIGHT = frozenset(Metric) - {Metric.SLEEP_STAGE}


def stage(kind, start, end, offset="3600s"):
    return {**interval(start, end, offset), "type": kind}


def night(number=7821, *, start=BED, end=UP, offset="3600s", summary=SUMMARY, stages=(), **more):
    sleep = {
        "interval": interval(start, end, offset),
        "type": "STAGES",
        "stages": list(stages),
        "metadata": {"stagesStatus": "SUCCEEDED", "processed": True},
        "createTime": "2026-11-20T05:52:10Z",
        "updateTime": "2026-11-20T05:52:10Z",
        **({} if summary is None else {"summary": summary}),
        **more,
    }
    name = {} if number is None else {"dataPointName": named("sleep", number)}
    return {**name, "sleep": sleep}


def test_a_nights_summary_is_minutes_under_the_vendors_words():
    into = read("sleep", night())

    assert values(into) == {
        Metric.SLEEP_DURATION: (402, "min"),
        Metric.AWAKE_DURATION: (64, "min"),
        Metric.SLEEP_LATENCY: (7, "min"),
        Metric.TIME_IN_BED: (466, "min"),
        Metric.DEEP_SLEEP_DURATION: (81, "min"),
        Metric.LIGHT_SLEEP_DURATION: (221, "min"),
        Metric.REM_SLEEP_DURATION: (100, "min"),
        Metric.AWAKENINGS: (23, "{count}"),
    }
    assert ignored(into) == {"unmapped_field_minutes_after_wake_up": 1, "unmapped_field_count": 3}
    assert (into.is_whole, left_out(into), into.kept) == (True, [], set())


def test_a_night_belongs_to_the_day_of_waking_up():
    into = read("sleep", night())

    for one in into.measurements:
        assert one.start == datetime(2026, 11, 19, 21, 51, tzinfo=UTC)
        assert one.end == datetime(2026, 11, 20, 5, 37, tzinfo=UTC)
        assert (one.day, one.offset_minutes, one.end_offset_minutes) == (DAY, 60, 60)
        assert (one.record, one.group) == ("sleep-7821", "sleep-7821")
        assert (one.device, one.method) == (None, RecordingMethod.DEVICE)


@pytest.mark.parametrize(
    ("end", "end_offset", "day"),
    [
        ("2026-11-20T22:59:59Z", "3600s", DAY),
        ("2026-11-20T23:00:00Z", "3600s", date(2026, 11, 21)),
        # Asleep on the way to Tokyo.
        ("2026-11-20T15:00:00Z", "32400s", date(2026, 11, 21)),
    ],
)
def test_the_day_of_waking_up_is_that_of_the_place_where_it_was(end, end_offset, day):
    row = night()
    row["sleep"]["interval"] = interval(BED, end, "3600s", end_offset)

    assert {one.day for one in read("sleep", row).measurements} == {day}


def test_minutes_that_the_vendor_leaves_out_are_zero_and_a_stage_that_is_not_listed_is_none():
    summary = {"minutesAsleep": "402", "stagesSummary": [{"type": "DEEP"}, {"type": "AWAKE"}]}

    into = read("sleep", night(summary=summary))

    assert values(into) == {
        Metric.SLEEP_DURATION: (402, "min"),
        Metric.AWAKE_DURATION: (0, "min"),
        Metric.SLEEP_LATENCY: (0, "min"),
        Metric.TIME_IN_BED: (0, "min"),
        Metric.DEEP_SLEEP_DURATION: (0, "min"),
        Metric.AWAKENINGS: (0, "{count}"),
    }


@pytest.mark.parametrize("summary", [None, {}])
def test_a_night_without_a_summary_has_its_stages_and_no_length(summary):
    stages = [stage("LIGHT", BED, "2026-11-19T22:28:30Z")]

    into = read("sleep", night(summary=summary, stages=stages))

    assert set(values(into)) == {Metric.SLEEP_STAGE}
    assert ignored(into) == {"no_value": 1}
    assert into.is_whole


def test_each_stage_is_a_word_over_its_own_time():
    kinds = ["AWAKE", "LIGHT", "DEEP", "REM", "ASLEEP", "RESTLESS"]
    stages = [
        stage(kind, f"2026-11-19T22:0{n}:00Z", f"2026-11-19T22:0{n + 1}:30Z")
        for n, kind in enumerate(kinds)
    ]

    into = read("sleep", night(summary=None, stages=stages))

    assert [one.value for one in into.measurements] == [Coded(kind.lower()) for kind in kinds]
    first = into.measurements[0]
    assert (first.start, first.end) == (
        datetime(2026, 11, 19, 22, 0, tzinfo=UTC),
        datetime(2026, 11, 19, 22, 1, 30, tzinfo=UTC),
    )
    # 22:00 UTC of that day.
    assert (first.record, first.group) == ("sleep-7821.1795125600", "sleep-7821")
    assert (first.unit, first.day) == (None, DAY)
    assert len({one.record for one in into.measurements}) == len(kinds)


def test_a_stage_has_the_offsets_of_its_own_ends():
    row = stage("LIGHT", "2026-11-19T22:00:00Z", "2026-11-19T22:30:00Z", "7200s")
    row["endUtcOffset"] = "10800s"

    (one,) = read("sleep", night(summary=None, stages=[row])).measurements

    assert (one.offset_minutes, one.end_offset_minutes) == (120, 180)


@pytest.mark.parametrize("kind", ["FLOATING", "SLEEP_STAGE_TYPE_UNSPECIFIED", None, 3])
def test_a_stage_that_is_not_known_is_counted_and_costs_only_itself(kind):
    stages = [
        stage(kind, BED, "2026-11-19T22:00:00Z"),
        stage("REM", "2026-11-19T22:00:00Z", "2026-11-19T22:30:00Z"),
    ]
    summary = SUMMARY | {"stagesSummary": [{"type": kind, "minutes": "3"}]}

    into = read("sleep", night(summary=summary, stages=stages))

    words = [one.value.code for one in into.measurements if one.metric is Metric.SLEEP_STAGE]
    assert words == ["rem"]
    assert ignored(into) == {"unknown_stage": 2, "unmapped_field_minutes_after_wake_up": 1}
    assert into.is_whole


def test_stages_of_a_night_without_phases_are_not_carried_as_lengths():
    parts = [{"type": "ASLEEP", "minutes": "300"}, {"type": "RESTLESS", "minutes": "20"}]

    into = read("sleep", night(summary={"minutesAsleep": "300", "stagesSummary": parts}))

    assert ignored(into) == {"unmapped_stage_asleep": 1, "unmapped_stage_restless": 1}


@pytest.mark.parametrize("end", ["2026-11-19T21:51:00Z", "2026-11-19T21:50:00Z", "x", None])
def test_a_stage_that_takes_no_time_is_told_by_its_record(end):
    into = read("sleep", night(summary=None, stages=[stage("REM", BED, end)]))

    assert left_out(into) == [(Metric.SLEEP_STAGE, "sleep-7821.1795125060", "no_time")]
    assert into.is_whole


@pytest.mark.parametrize("row", ["x", None, {}, stage("REM", "late", UP)])
def test_a_stage_that_does_not_say_when_is_told_and_leaves_deletions_open(row):
    into = read("sleep", night(summary=None, stages=[row, stage("REM", BED, UP)]))

    assert left_out(into) == [(Metric.SLEEP_STAGE, "sleep-7821", "no_time")]
    assert len(into.measurements) == 1
    assert not into.is_whole


def test_two_stages_from_one_second_are_one():
    stages = [stage("REM", BED, UP), stage("DEEP", "2026-11-19T21:51:00.900Z", UP)]

    into = read("sleep", night(summary=None, stages=stages))

    assert [one.value.code for one in into.measurements] == ["rem"]
    assert ignored(into)["copy"] == 1


def test_what_is_said_beside_stages_is_counted_and_not_carried():
    more = {
        "outOfBedSegments": [interval(BED, UP)],
        "shortAwakenings": [stage("AWAKE", BED, UP)],
        "metadata": {
            "processed": True,
            "stagesStatus": "SUCCEEDED",
            "nap": True,
            "mainSleep": False,
        },
    }

    into = read("sleep", night(summary={"minutesAsleep": "1"}, **more))

    assert ignored(into) == {
        "unmapped_field_out_of_bed_segments": 1,
        "unmapped_field_short_awakenings": 1,
        "unmapped_field_nap": 1,
    }


def test_a_night_that_the_vendor_still_works_on_is_held_back_and_stays_as_it_stands():
    working = {"metadata": {"processed": False}}

    into = read("sleep", night(1, **working, stages=[stage("REM", BED, UP)]), night(2))

    assert {one.record for one in into.measurements} == {"sleep-2"}
    (held,) = into.unpublished
    assert (held.record, held.reason, held.held_back) == ("sleep-1", "not_completed", True)
    assert into.kept == {"sleep-1"}
    assert into.is_whole


@pytest.mark.parametrize(
    ("metadata", "more"),
    [
        # As an app's night comes by way of the phone.
        (None, {}),
        ([], {}),
        ({"mainSleep": True}, {"type": "CLASSIC"}),
        ({"mainSleep": True}, {"type": "SLEEP_TYPE_UNSPECIFIED"}),
        ({}, {"type": None}),
        # The vendor tells what became of its stages.
        ({"stagesStatus": "TIMEOUT"}, {}),
        ({"processed": None}, {"stages": [stage("LIGHT", BED, UP)]}),
        ({"processed": True}, {}),
    ],
)
def test_a_night_that_is_silent_and_lacks_nothing_is_done(metadata, more):
    into = read("sleep", night(metadata=metadata, **more))

    assert Metric.SLEEP_DURATION in values(into)
    assert into.kept == set()


@pytest.mark.parametrize(
    "metadata",
    [{}, {"mainSleep": True}, {"processed": None}, {"stagesStatus": "STAGES_STATE_UNSPECIFIED"}],
)
@pytest.mark.parametrize("summary", [None, SUMMARY])
def test_a_night_of_stages_without_any_and_without_a_word_of_them_is_not_done(metadata, summary):
    # `false` is left out on the wire, as every zero.
    into = read("sleep", night(metadata=metadata, summary=summary))

    assert into.measurements == []
    (held,) = into.unpublished
    assert (held.record, held.reason, held.held_back) == ("sleep-7821", "not_completed", True)
    assert (into.kept, ignored(into)) == ({"sleep-7821"}, {})


@pytest.mark.parametrize(
    ("rows", "asleep"),
    [
        ([("2026-11-20T06:00:00Z", "1"), ("2026-11-20T07:00:00Z", "2")], 2),
        ([("2026-11-20T07:00:00Z", "1"), ("2026-11-20T06:00:00Z", "2")], 1),
        ([("2026-11-20T06:00:00Z", "1"), ("2026-11-20T06:00:00Z", "2")], 1),
        ([(None, "1"), ("2026-11-20T06:00:00Z", "2")], 2),
        ([("2026-11-20T06:00:00Z", "1"), ("x", "2")], 1),
    ],
)
def test_of_a_night_that_is_listed_twice_the_one_updated_last_counts(rows, asleep):
    listed = [night(summary={"minutesAsleep": n}, updateTime=at) for at, n in rows]

    into = read("sleep", *listed)

    assert values(into)[Metric.SLEEP_DURATION] == (asleep, "min")
    assert ignored(into) == {"copy": 1}


@pytest.mark.parametrize("end", ["x", None])
def test_a_night_without_its_end_has_no_day_and_is_known_by_its_id(end):
    known, unknown = read("sleep", night(end=end)), read("sleep", night(None, end=end))

    assert left_out(known) == [(None, "sleep-7821", "no_time")]
    assert left_out(unknown) == [(None, "sleep-unreadable-0", "no_time")]
    assert (known.is_whole, unknown.is_whole) == (True, False)


def test_a_night_that_ends_before_it_begins_cannot_be_read():
    into = read("sleep", night(start=UP, end=UP))

    assert values(into) == {}
    assert left_out(into) == [(None, "sleep-7821", "no_time")]
    assert into.is_whole


@pytest.mark.parametrize("minutes", ["x", -4, "1.5", []])
def test_minutes_that_cannot_be_read_are_told_and_cost_only_themselves(minutes):
    summary = {
        "minutesAsleep": minutes,
        "stagesSummary": [{"type": "REM", "minutes": minutes}, "x"],
    }

    into = read("sleep", night(summary=summary))

    assert set(left_out(into)) == {
        (Metric.SLEEP_DURATION, "sleep-7821", "unreadable_value"),
        (Metric.REM_SLEEP_DURATION, "sleep-7821", "unreadable_value"),
        (None, "sleep-7821", "unreadable_value"),
    }
    assert Metric.AWAKE_DURATION in values(into)


def test_a_nap_without_an_id_is_named_after_its_beginning():
    into = read("sleep", night(None))

    assert {one.record for one in into.measurements} == {"sleep-1795125060000"}


@pytest.mark.parametrize(
    ("shared", "told"),
    [
        ({"sleep"}, OF_THE_NIGHT),
        ({"sleep_stages"}, {Metric.SLEEP_STAGE}),
    ],
)
def test_only_what_the_patient_shares_of_a_night_is_published_and_concluded_from(shared, told):
    page = {"dataPoints": [night(stages=[stage("REM", BED, UP)])]}

    result = normalized([("sleep", page)], shared=shared)

    metrics = set(result.frame["metric"])
    assert metrics
    assert metrics <= told
    assert [one.prefix for one in result.listed] == ["sleep"]
    assert result.listed[0].metrics <= told
    assert result.ignored[DAY]["not_asked_for"] > 0
