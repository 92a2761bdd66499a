"""What the reader asks for of nights and their stages, worked out by hand from the fact sheet."""

from datetime import date, timedelta

import pytest

from sandbox.reader.expected import named_readings
from tests.unit.sandbox.google_parts import STAGES, listed, merged, night, readings, said, stage
from tests.unit.sandbox.reader_parts import DAY
from tests.unit.sandbox.row_parts import utc

PANEL = ("sleep-7821", "93832-4")
BEFORE = DAY - timedelta(days=1)


def slept(**value):
    """Give the parts of a night whose value has these fields."""
    return said(merged(night(value=value)))


def test_a_night_is_how_long_somebody_slept_with_its_parts():
    assert said(merged(night())) == {
        PANEL: {
            "": (402, "min"),
            "103210-1": (64, "min"),
            "103212-7": (0, "min"),
            "103213-5": (466, "min"),
            "93830-8": (221, "min"),
            "93831-6": (81, "min"),
            "103211-9": (30, "{count}"),
        }
    }


def test_in_a_summary_what_is_not_there_is_zero():
    summary = {"stagesSummary": [{"type": "REM"}, {"type": "AWAKE", "minutes": "7"}]}
    assert slept(summary=summary) == {
        PANEL: {
            "": (0, "min"),
            "103210-1": (0, "min"),
            "103212-7": (0, "min"),
            "103213-5": (0, "min"),
            "93829-0": (0, "min"),
            "103211-9": (0, "{count}"),
        }
    }


def test_of_a_classic_night_only_the_sum_is_said():
    stages = [{"type": one, "minutes": "9", "count": "3"} for one in ("ASLEEP", "RESTLESS", "NEW")]
    parts = slept(summary={"minutesAsleep": "400", "stagesSummary": stages})[PANEL]
    assert parts.keys() == {"", "103210-1", "103212-7", "103213-5"}


def test_without_a_summary_nothing_is_said_of_the_whole_night_and_its_stages_stand():
    rows = merged(night(value={"summary": None}))
    assert said(rows) == {}
    assert len(said(rows, stages=True)) == len(STAGES)


def test_a_night_belongs_to_the_civil_day_that_it_ends_on():
    rows = merged(night())
    [one] = readings(rows)
    assert (one.instant, one.end) == (utc("2026-11-19T21:51"), utc("2026-11-20T05:37"))
    assert (one.says_day, one.device) == (True, None)
    assert readings(rows, first=BEFORE, last=BEFORE) == []


def test_the_end_of_a_night_has_its_own_offset_and_its_day():
    # Asleep over the Atlantic: it ends at a quarter past eleven in the evening before.
    rows = merged(night(end="2026-11-20T04:15", end_offset=-5 * 3_600))
    assert readings(rows) == []
    [one] = readings(rows, first=BEFORE, last=BEFORE)
    assert (one.offset, one.end_offset) == (timedelta(hours=1), timedelta(hours=-5))


@pytest.mark.parametrize(
    ("metadata", "is_due"),
    [
        ({"processed": False}, False),
        ({"processed": True}, True),
        ({"mainSleep": True}, True),
        ({"stagesStatus": "REJECTED_NAP"}, True),
        ({}, True),
        (None, True),
    ],
)
def test_a_night_that_the_vendor_still_works_on_is_not_due_and_not_gone(metadata, is_due):
    rows = merged(night(value={"metadata": metadata}))
    assert bool(readings(rows, stages=True)) == is_due
    assert (*PANEL, 0) in named_readings(listed(rows))


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        # `false` may be left out: such a night waits for its stages.
        ({"metadata": {}, "stages": None}, False),
        ({"metadata": {"mainSleep": True}, "stages": []}, False),
        ({"metadata": None, "stages": None}, True),
        ({"metadata": {}, "stages": None, "type": "CLASSIC"}, True),
        ({"metadata": {}, "stages": None, "type": None}, True),
        ({"metadata": {"stagesStatus": "TIMEOUT"}, "stages": None}, True),
        ({"metadata": {"processed": True}, "stages": None}, True),
    ],
)
def test_a_night_that_is_to_have_stages_and_says_nothing_of_them_is_not_due(changes, is_due):
    rows = merged(night(value={"type": "STAGES"} | changes))
    assert bool(readings(rows)) == is_due
    assert (*PANEL, 0) in named_readings(listed(rows))


def test_a_night_that_lost_its_summary_is_not_gone():
    rows = merged(night(value={"metadata": {"processed": False}, "summary": None}))
    assert (*PANEL, 0) in named_readings(listed(rows))
    done = merged(night(value={"summary": None}))
    assert (*PANEL, 0) not in {one.key for one in readings(done)}
    assert (*PANEL, 0) in named_readings(listed(done))


def test_of_a_night_that_is_listed_twice_the_later_counts():
    newer = night(value={"summary": {"minutesAsleep": "300"}}, updated=2e9)
    for rows in (merged(night(), newer), merged(newer, night())):
        assert said(rows)[PANEL][""] == (300, "min")


def test_two_nights_of_a_day_are_two():
    nap = night("2026-11-20T14:40", "2026-11-20T15:20", id="nap-1")
    assert {record for record, _ in said(merged(night(), nap))} == {"sleep-7821", "sleep-nap-1"}


def test_a_night_without_length_is_none():
    assert said(merged(night(end="2026-11-19T22:51")), first=BEFORE) == {}


def test_only_a_night_that_was_changed_may_be_corrected():
    [same], [changed] = readings(merged(night())), readings(merged(night(updated=2e9)))
    assert same.statuses == {"final"}
    assert "corrected" in changed.statuses


# --- Stages


def test_stages_stand_where_they_are_turned_on():
    found = [one for one in readings(merged(night()), stages=True) if one.code == "sleep-stage"]
    first, second = utc("2026-11-19T21:51"), utc("2026-11-19T21:58")
    assert [(one.record, one.amounts[""].value, one.instant, one.end) for one in found] == [
        (f"sleep-7821.{int(first.timestamp())}", "awake", first, second),
        (f"sleep-7821.{int(second.timestamp())}", "light-sleep", second,
         utc("2026-11-19T22:28:30")),
    ]  # fmt: skip
    assert {one.day for one in found} == {DAY}


@pytest.mark.parametrize(
    ("of_type", "word"),
    [
        ("DEEP", "deep-sleep"),
        ("REM", "rem-sleep"),
        ("ASLEEP", "asleep"),
        ("RESTLESS", "restless"),
        ("OF_NEXT_YEAR", None),
        ("SLEEP_STAGE_TYPE_UNSPECIFIED", None),
    ],
)
def test_stages_have_words(of_type, word):
    one = stage(of_type, "2026-11-19T22:00:00", "2026-11-19T22:10:00")
    found = said(merged(night(value={"stages": [one], "summary": None})), stages=True)
    assert [*found.values()] == ([word] if word else [])


def test_a_stage_has_its_own_offset():
    one = stage("DEEP", "2026-11-19T22:00:00", "2026-11-19T22:10:00", offset="-12600s")
    rows = merged(night(value={"stages": [one], "summary": None}))
    [found] = readings(rows, stages=True)
    assert found.offset == timedelta(hours=-3, minutes=-30)
    assert found.end_offset == found.offset


def test_a_stage_without_offset_has_that_of_the_links_zone():
    one = stage("DEEP", "2026-10-24T23:30:00", "2026-10-25T02:00:00", offset=None)
    day = date(2026, 10, 25)
    rows = merged(
        night("2026-10-25T01:00", "2026-10-25T07:00", value={"stages": [one], "summary": None})
    )
    [found] = readings(rows, stages=True, first=day, last=day)
    assert (found.offset, found.end_offset) == (timedelta(hours=2), timedelta(hours=1))


def test_a_stage_that_is_listed_twice_counts_once():
    twice = [
        stage("DEEP", "2026-11-19T22:00:00", "2026-11-19T22:10:00"),
        stage("REM", "2026-11-19T22:00:00.500", "2026-11-19T22:10:00"),
    ]
    rows = merged(night(value={"stages": twice, "summary": None}))
    assert [*said(rows, stages=True).values()] == ["deep-sleep"]


def test_a_stage_without_length_is_none():
    one = stage("DEEP", "2026-11-19T22:00:00", "2026-11-19T22:00:00")
    assert said(merged(night(value={"stages": [one], "summary": None})), stages=True) == {}


@pytest.mark.parametrize(
    ("shared", "codes"),
    [
        ({"sleep"}, {"93832-4"}),
        ({"sleep_stages"}, {"sleep-stage"}),
        ({"sleep", "sleep_stages"}, {"93832-4", "sleep-stage"}),
        ({"activity"}, set()),
    ],
)
def test_stages_are_shared_apart_from_the_night(shared, codes):
    found = readings(merged(night()), stages=True, shared=frozenset(shared))
    assert {one.code for one in found} == codes
