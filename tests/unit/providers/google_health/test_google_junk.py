"""Whatever stands in Google's rows, only a page that is no list of rows ends the reading of a listing."""

import copy
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.google_health.listings import BY_NAME
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    DAY,
    civil,
    interval,
    named,
    normalized,
    read,
    read_pages,
    roll_up,
    sample,
)

FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=6,
)
START, END = "2026-11-19T22:00:00Z", "2026-11-20T05:00:00Z"
NIGHT = {
    "interval": interval(START, END),
    "stages": [{**interval(START, END), "type": "REM"}],
    "summary": {
        "minutesAsleep": "400",
        "stagesSummary": [{"type": "REM", "minutes": "80", "count": "3"}],
    },
    "metadata": {"processed": True},
    "updateTime": END,
}
ECG = {
    "interval": interval(END, END),
    "waveformSamples": [1, 2],
    "samplingFrequencyHertz": 250,
    "millivoltsScalingFactor": 1000,
    "beatsPerMinuteAvg": "60",
    "resultClassification": "INCONCLUSIVE",
    "medicalDeviceInfo": {"deviceModel": "Sense 2"},
}


def _with_id(path, point):
    return {"name": named(path, 5), "dataSource": copy.deepcopy(CHARGE), **point}


# A readable row of each kind of listing.
ROWS = {
    "steps": roll_up("steps", {"countSum": "5"}),
    "active_minutes": roll_up(
        "activeMinutes",
        {
            "activeMinutesRollupByActivityLevel": [
                {"activityLevel": "LIGHT", "activeMinutesSum": "4"}
            ]
        },
    ),
    "active_zone_minutes": roll_up("activeZoneMinutes", {"sumInPeakHeartZone": "4"}),
    "heart_rate_per_day": roll_up("heartRate", {"beatsPerMinuteAvg": Decimal("70.5")}),
    "daily_vo2_max": {"dailyVo2Max": {"date": civil(DAY), "vo2Max": Decimal("41.5")}},
    "heart_rate": sample("heartRate", beatsPerMinute="61"),
    "weight": _with_id("weight", sample("weight", weightGrams=71350)),
    "blood_glucose": _with_id(
        "blood-glucose",
        sample("bloodGlucose", bloodGlucoseMilligramsPerDeciliter=98, specimen="CAPILLARY_BLOOD"),
    ),
    "core_body_temperature": _with_id(
        "core-body-temperature",
        sample("coreBodyTemperature", temperatureCelsius=37, measurementLocation="MOUTH"),
    ),
    "sleep": _with_id("sleep", {"sleep": NIGHT}),
    "exercise": _with_id(
        "exercise",
        {
            "exercise": {
                "interval": interval(START, END),
                "exerciseType": "RUNNING",
                "activeDuration": "900s",
                "metricsSummary": {"caloriesKcal": 100, "steps": "900"},
            }
        },
    ),
    "electrocardiogram": _with_id("electrocardiogram", {"electrocardiogram": ECG}),
    "irregular_rhythm_notification": _with_id(
        "irregular-rhythm-notification",
        {
            "irregularRhythmNotification": {
                "interval": interval(START, END),
                "alertWindows": [{**interval(START, END), "positive": True}],
            }
        },
    ),
    "hydration_log": {"hydrationLog": {"interval": interval(START, END)}},
}


@st.composite
def spoiled(draw):
    """Draw a listing and a readable row of it, a part of which is something else."""
    listing = draw(st.sampled_from(sorted(ROWS)))
    row = copy.deepcopy(ROWS[listing])
    for _ in range(draw(st.integers(1, 3))):
        place = row
        while True:
            key = draw(st.sampled_from(_keys(place)))
            inner = place[key]
            if not _keys(inner) or draw(st.integers(0, 3)) == 0:
                place[key] = draw(JSON)
                break
            place = inner
        if not _keys(row):
            break
    return listing, row


def _keys(inner):
    if isinstance(inner, dict):
        return sorted(inner)
    return list(range(len(inner))) if isinstance(inner, list) else []


@pytest.mark.parametrize("listing", sorted(ROWS))
def test_each_of_the_rows_that_are_spoiled_below_can_be_read(listing):
    into = read(listing, ROWS[listing])

    assert into.unpublished == []
    assert into.is_whole
    assert bool(into.measurements) != (listing == "hydration_log")


@FEW
@given(spoiled())
def test_a_row_of_which_a_part_is_something_else_raises_nothing(drawn):
    listing, row = drawn

    read(listing, row, ROWS[listing])


@FEW
@given(st.sampled_from(sorted(BY_NAME)), st.lists(JSON, max_size=4))
def test_rows_that_are_anything_cost_only_themselves(listing, rows):
    into = read(listing, *rows)

    assert into.measurements == []


@FEW
@given(st.sampled_from(sorted(BY_NAME)), JSON)
def test_a_page_that_is_anything_is_malformed_or_without_rows(listing, body):
    try:
        into = read_pages(listing, body)
    except Malformed:
        assert body != {}
    else:
        assert body == {}
        assert into.is_whole


@FEW
@given(st.lists(spoiled(), max_size=6))
def test_a_whole_answer_with_spoiled_rows_becomes_a_frame(drawn):
    totals = {"steps", "active_minutes", "active_zone_minutes", "heart_rate_per_day"}
    pages = [
        (listing, {"rollupDataPoints" if listing in totals else "dataPoints": [row, row]})
        for listing, row in drawn
    ]

    result = normalized(pages)

    assert set(result.frame["day"]) <= {date(2026, 11, n) for n in range(16, 23)}
    assert set(result.frame["device"]) - {None} <= set(result.devices)
