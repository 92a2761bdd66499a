"""What the past of a Google Health reading asks for: its next version, or none."""

import pytest

from sandbox.reader.memory import Memory
from tests.unit.sandbox.google_parts import (
    APP,
    listed,
    merged,
    merged_point,
    ms,
    night,
    point,
    raw,
    total,
    weight,
)
from tests.unit.sandbox.reader_parts import DAY
from tests.unit.sandbox.row_parts import EVENING, NEXT_DAY, NOON

TAKEN = "2026-11-20T07:11:22.500"


@pytest.fixture
def statuses():
    """Give each reading's statuses, version by version, after some listings."""
    memory = Memory()

    def follow(rows, now=NEXT_DAY, **asked):
        standing = memory.follow(listed(rows, now=now, **asked), DAY, DAY)
        return {one.reading.record: [stood.status for stood in one.versions] for one in standing}

    return follow


def test_a_total_grows_until_its_day_ends(statuses):
    statuses(total("steps", {"countSum": "10"}), now=NOON)
    statuses(total("steps", {"countSum": "20"}), now=EVENING)
    statuses(total("steps", {"countSum": "20"}))
    found = statuses(total("steps", {"countSum": "25"}))
    assert found == {"steps-2026-11-20": ["preliminary", "preliminary", "final", "corrected"]}


def test_a_day_that_is_listed_no_more_is_retracted_and_one_without_a_sum_is_not(statuses):
    statuses(total("steps", {"countSum": "10"}))
    assert statuses(total("steps", {})) == {"steps-2026-11-20": ["final", "corrected"]}
    assert statuses({})["steps-2026-11-20"][-1] == "entered-in-error"


def test_a_night_that_the_vendor_works_on_again_stands_as_it_was(statuses):
    statuses(merged(night()), stages=True)
    again = night(value={"metadata": {"processed": False}, "summary": None})
    found = statuses(merged(again), stages=True)
    assert {one for each in found.values() for one in each} == {"final"}
    assert len(found) == 3


def test_a_night_that_is_gone_is_retracted_with_its_stages(statuses):
    statuses(merged(night()), stages=True)
    found = statuses({}, stages=True)
    assert [*found.values()] == [["final", "entered-in-error"]] * 3


def test_a_copy_that_came_before_its_original_is_retracted(statuses):
    statuses(raw(weight(id="1", source=APP)))
    found = statuses(raw(weight(id="1", source=APP), weight(id="2")))
    assert found == {"weight-1": ["final", "entered-in-error"], "weight-2": ["final"]}


def test_a_copy_that_came_after_its_original_changes_nothing(statuses):
    statuses(raw(weight(id="2")))
    assert statuses(raw(weight(id="1", source=APP), weight(id="2"))) == {"weight-2": ["final"]}


def test_what_is_not_shared_any_more_stands_as_it_was(statuses):
    statuses(raw(weight()))
    assert statuses(raw(weight()), shared=frozenset({"sleep"})) == {"weight-77": ["final"]}


@pytest.mark.parametrize(
    ("rate", "at", "status"),
    [
        pytest.param("64", "2026-11-20T07:01", "corrected", id="a sample that came late"),
        pytest.param("65", "2026-11-20T07:00", "corrected", id="another value"),
        pytest.param("64", "2026-11-20T07:00", None, id="nothing"),
    ],
)
def test_a_series_with_other_samples_is_corrected(statuses, rate, at, status):
    first = merged_point("heart-rate", "2026-11-20T07:00", {"beatsPerMinute": "64"})
    other = merged_point("heart-rate", at, {"beatsPerMinute": rate})
    statuses(merged(first))
    late = merged(other) if other["start"] == first["start"] else merged(other, first)
    expected = ["final", *([status] if status else [])]
    assert statuses(late) == {"heart_rate-2026-11-20": expected}


def test_a_point_without_id_is_known_by_its_instant(statuses):
    def measured(value, number):
        return raw(point("core-body-temperature", TAKEN, {"temperatureCelsius": value}, id=number))

    record = f"core_body_temperature-{ms(TAKEN)}"
    statuses(measured(36.6, "1"))
    assert statuses(measured(36.7, "2")) == {record: ["final", "corrected"]}
