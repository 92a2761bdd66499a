"""What Google lists and says nothing of this time is not due, and not gone either."""

import pytest

from sandbox.reader.expected import named_readings
from tests.unit.sandbox.google_parts import (
    daily,
    listed,
    merged,
    merged_point,
    point,
    raw,
    readings,
    strip,
    total,
)

MORNING = "2026-11-20T07:11:22.500"
GLUCOSE = {"bloodGlucoseMilligramsPerDeciliter": 97}


@pytest.mark.parametrize(
    ("full", "silent"),
    [
        (
            raw(point("weight", MORNING, {"weightGrams": 71_350})),
            raw(point("weight", MORNING, {"weightGrams": 0})),
        ),
        (
            raw(point("blood-glucose", MORNING, GLUCOSE)),
            raw(point("blood-glucose", MORNING, GLUCOSE | {"measurementSource": "A_NEW_ONE"})),
        ),
        (
            raw(point("blood-glucose", MORNING, GLUCOSE)),
            raw(point("blood-glucose", MORNING, GLUCOSE | {"specimen": "SALIVA"})),
        ),
        (raw(strip()), raw(strip(value={"waveformSamples": []}))),
        (raw(strip()), raw(strip(value={"resultClassification": "A_NEW_ONE"}))),
        (
            merged(daily("daily-vo2-max", {"vo2Max": 41.5})),
            merged(daily("daily-vo2-max", {})),
        ),
        (
            merged(merged_point("oxygen-saturation", MORNING, {"percentage": 97.5})),
            merged(merged_point("oxygen-saturation", MORNING, {})),
        ),
        (total("heart-rate", {"beatsPerMinuteAvg": 61.5}), total("heart-rate", {})),
    ],
)
def test_a_reading_that_says_nothing_any_more_is_not_due_and_not_gone(full, silent):
    before = {one.key for one in readings(full)}
    due = {one.key for one in readings(silent)}

    assert before - due
    assert before <= named_readings(listed(silent))


@pytest.mark.parametrize(
    "what", [{"measurementSource": "LAB_TEST"}, {"specimen": "INTERSTITIAL_FLUID"}]
)
def test_glucose_that_turns_out_to_be_of_another_kind_is_gone(what):
    rows = raw(point("blood-glucose", MORNING, GLUCOSE | what))

    assert not any(
        record.startswith("blood_glucose") for record, *_ in named_readings(listed(rows))
    )
