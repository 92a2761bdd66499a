"""A day that grows until it ends, in an EHR: right and wrong versions of it.

Belongs here: one total over several syncs. Not here: what its past asks for
(`test_reader_growing.py`).
"""

import pytest

from sandbox.reader.compare import Follow, compare
from sandbox.reader.memory import Memory
from tests.unit.sandbox.ehr_parts import quantity, running_ehr
from tests.unit.sandbox.following_parts import found, labelled
from tests.unit.sandbox.governance_parts import SINCE, provenance, software
from tests.unit.sandbox.kind_parts import WHOLE_DAY, devices, spanning
from tests.unit.sandbox.reader_parts import ANNA, DAY
from tests.unit.sandbox.row_parts import EVENING, NEXT_DAY, NOON, walked

RETRACTED = "entered-in-error"


@pytest.fixture
def ehr():
    with running_ehr() as running:
        for one in (*devices(), software()):
            running.put(one).raise_for_status()
        yield running


class Day:
    """A day's steps, sync by sync."""

    def __init__(self, ehr):
        self.ehr = ehr
        self.memory = Memory()
        self.versions = 0

    def sync(self, steps, status, span=WHOLE_DAY):
        """Write a version, and the note of it."""
        made = spanning("steps", "41950-7", span, valueQuantity=quantity(steps, "{steps}/d"))
        labels = labelled(made)["meta"]
        self.ehr.put(made | {"status": status, "meta": made["meta"] | labels}).raise_for_status()
        before = self.versions or None
        activity = "deprecate" if status == RETRACTED else None
        target = "Observation/steps"
        note = provenance(f"note-{self.versions}", target, before=before, activity=activity)
        self.ehr.put(note | {"recorded": SINCE}).raise_for_status()
        self.versions += 1

    def judged(self, steps, now):
        """Give what is wrong; None for a vendor that lists the day no more."""
        rows = {} if steps is None else walked(steps)
        report = compare(
            ehr_url=self.ehr.url,
            people=[ANNA],
            rows={ANNA.login: rows},
            first=DAY,
            last=DAY,
            now=now,
            follow=Follow(memory=self.memory),
        )
        return found(report.as_json())


def test_a_day_that_grows_and_ends_is_right_version_by_version(ehr):
    day = Day(ehr)
    for steps, status, now in (
        (100, "preliminary", NOON),
        (200, "preliminary", EVENING),
        (250, "final", NEXT_DAY),
        (260, "corrected", NEXT_DAY),
    ):
        day.sync(steps, status)
        assert day.judged(steps, now) == {}
        assert day.judged(steps, now) == {}


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        pytest.param("preliminary", NEXT_DAY, {"wrong status": 1, "versions: history": 1},
                     id="still preliminary"),
        pytest.param("amended", NEXT_DAY, {"wrong status": 1, "versions: history": 1},
                     id="amended what was never final"),
        pytest.param("final", EVENING, {"wrong status": 1, "versions: history": 1},
                     id="final too early"),
        pytest.param("corrected", EVENING, {"wrong status": 1, "versions: history": 1},
                     id="corrected what may still grow"),
    ],
)  # fmt: skip
def test_a_wrong_status_of_a_growing_day_is_found(ehr, status, now, expected):
    day = Day(ehr)
    day.sync(100, "preliminary")
    assert day.judged(100, NOON) == {}
    day.sync(200, status)
    assert day.judged(200, now) == expected


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (WHOLE_DAY, {}),
        ((WHOLE_DAY[0], "2026-11-20T22:00:00+01:00"), {"retracted: changed": 1}),
        ((WHOLE_DAY[0], "2026-11-20T23:00:00Z"), {"retracted: changed": 1}),
    ],
)
def test_a_day_that_is_gone_must_stand_with_the_times_that_it_had(ehr, span, expected):
    day = Day(ehr)
    day.sync(100, "final")
    assert day.judged(100, NEXT_DAY) == {}
    day.sync(100, RETRACTED, span)
    assert day.judged(None, NEXT_DAY) == expected


def test_a_day_that_was_not_finished_is_found(ehr):
    day = Day(ehr)
    day.sync(100, "preliminary")
    assert day.judged(100, NOON) == {}
    assert day.judged(100, NEXT_DAY) == {"wrong status": 1, "versions: number": 1}


def test_a_day_that_was_added_beside_itself_is_found(ehr):
    day = Day(ehr)
    day.sync(100, "preliminary")
    assert day.judged(100, NOON) == {}
    more = spanning("more", "41950-7", WHOLE_DAY, valueQuantity=quantity(200, "{steps}/d"))
    ehr.put(more | {"status": "preliminary"}).raise_for_status()
    wrong = day.judged(200, EVENING)
    assert wrong["extra"] == 1
