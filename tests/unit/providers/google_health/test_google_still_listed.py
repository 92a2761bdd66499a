"""What is listed and says nothing this time: nothing that was published of it may be deleted.

What was published before is named by its record; the sync leaves alone what is `kept`, left out, or
of a listing that was not read whole.
"""

import pytest

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.google_health.listings import BY_NAME
from tests.unit.providers.google_health.google_answers import (
    DAY,
    ignored,
    interval,
    left_out,
    named,
    normalized,
    read,
    roll_up,
    sample,
    values,
)

ECG = {
    "interval": interval("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"),
    "beatsPerMinuteAvg": "61",
    "resultClassification": "ATRIAL_FIBRILLATION",
    "samplingFrequencyHertz": 250,
    "millivoltsScalingFactor": 10922,
    "waveformSamples": [1, 2, 3],
}
NIGHT = {
    "interval": interval("2026-11-19T21:51:00Z", "2026-11-20T05:37:00Z"),
    "type": "STAGES",
    "metadata": {"processed": True, "stagesStatus": "SUCCEEDED"},
    "summary": {"minutesAsleep": "402"},
}
WALK = {
    "interval": interval("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"),
    "exerciseType": "WALKING",
}
GLUCOSE = {"bloodGlucoseMilligramsPerDeciliter": 98}
SAMPLE_MS = 1795155082500


def ecg(**more):
    return {"name": named("electrocardiogram", 9), "electrocardiogram": ECG | more}


def night(**more):
    return {"dataPointName": named("sleep", 7821), "sleep": NIGHT | more}


def part(member, name, of, word, value):
    return roll_up(member, {name: [{of: word} | value]})


def daily(member, **value):
    return {member: {"date": {"year": 2026, "month": 11, "day": 20}, **value}}


SILENT = [
    # The listing, a row that is there, and the record that may stand of it from before.
    ("sleep", night(summary=None), "sleep-7821"),
    ("sleep", night(summary={}), "sleep-7821"),
    ("sleep", night(summary="x"), "sleep-7821"),
    ("sleep", night(summary={"stagesSummary": [{"type": "DOZING"}]}), "sleep-7821"),
    ("sleep", night(metadata={"processed": False}), "sleep-7821"),
    ("electrocardiogram", ecg(waveformSamples=[]), "electrocardiogram-9"),
    ("electrocardiogram", ecg(waveformSamples=None), "electrocardiogram-9"),
    ("electrocardiogram", ecg(resultClassification=None), "electrocardiogram-9"),
    ("electrocardiogram", ecg(resultClassification="NOT_ANALYZED"), "electrocardiogram-9"),
    ("electrocardiogram", ecg(resultClassification="A_NEW_WORD"), "electrocardiogram-9"),
    ("electrocardiogram", ecg(beatsPerMinuteAvg="0"), "electrocardiogram-9"),
    (
        "blood_glucose",
        sample("bloodGlucose", **GLUCOSE, measurementSource="A_NEW_SOURCE"),
        f"blood_glucose-{SAMPLE_MS}",
    ),
    (
        "blood_glucose",
        sample("bloodGlucose", **GLUCOSE, specimen="SALIVA"),
        f"blood_glucose-{SAMPLE_MS}",
    ),
    ("blood_glucose", sample("bloodGlucose"), f"blood_glucose-{SAMPLE_MS}"),
    ("weight", {"name": named("weight", 4)} | sample("weight"), "weight-4"),
    ("weight", {"name": named("weight", 4)} | sample("weight", weightGrams="x"), "weight-4"),
    ("core_body_temperature", sample("coreBodyTemperature"), f"core_body_temperature-{SAMPLE_MS}"),
    ("steps", roll_up("steps", None), f"steps-{DAY}"),
    ("steps", roll_up("steps", "x"), f"steps-{DAY}"),
    ("total_calories", roll_up("totalCalories", None), f"total_calories-{DAY}"),
    ("active_minutes", roll_up("activeMinutes", None), f"active_minutes-{DAY}"),
    (
        "active_minutes",
        part(
            "activeMinutes",
            "activeMinutesRollupByActivityLevel",
            "activityLevel",
            "BRISK",
            {"activeMinutesSum": "7"},
        ),
        f"active_minutes-{DAY}",
    ),
    (
        "time_in_heart_rate_zone",
        part(
            "timeInHeartRateZone",
            "timeInHeartRateZones",
            "heartRateZone",
            "EXTREME",
            {"duration": "60s"},
        ),
        f"time_in_heart_rate_zone-{DAY}",
    ),
    ("heart_rate_per_day", roll_up("heartRate", {}), f"heart_rate_per_day-{DAY}"),
    ("daily_resting_heart_rate", daily("dailyRestingHeartRate"), f"daily_resting_heart_rate-{DAY}"),
    ("daily_vo2_max", daily("dailyVo2Max", vo2Max=0), f"daily_vo2_max-{DAY}"),
    ("heart_rate", sample("heartRate", beatsPerMinute="0"), f"heart_rate-{DAY}"),
    ("oxygen_saturation", sample("oxygenSaturation"), f"oxygen_saturation-{DAY}"),
    (
        "exercise",
        {
            "dataPointName": named("exercise", 3),
            "exercise": WALK | {"metricsSummary": {"averageHeartRateBeatsPerMinute": "0"}},
        },
        "exercise-3",
    ),
    (
        "exercise",
        {"dataPointName": named("exercise", 3), "exercise": WALK | {"interval": {
            "startTime": "2026-11-20T09:00:00Z", "startUtcOffset": "3600s"}}},
        "exercise-3",
    ),
]  # fmt: skip

SAID_AS_A_WHOLE = {"sleep", "steps", "total_calories", "active_minutes", "time_in_heart_rate_zone"}


@pytest.mark.parametrize(("listing", "row", "record"), SILENT)
def test_a_row_that_is_listed_and_says_nothing_is_not_gone(listing, row, record):
    into = read(listing, row)

    assert into.is_whole
    assert record in into.kept


@pytest.mark.parametrize(
    ("listing", "row", "record"), [one for one in SILENT if one[0] in SAID_AS_A_WHOLE]
)
def test_it_is_not_gone_either_for_a_site_that_wants_little_of_it(listing, row, record):
    for metric in BY_NAME[listing].metrics:
        assert record in read(listing, row, asked={metric}).kept


def test_what_a_record_says_beside_its_silence_is_published():
    rows = [ecg(waveformSamples=None), ecg(resultClassification=None, waveformSamples=[4])]
    pages = [("electrocardiogram", {"dataPoints": [row]}) for row in rows]

    for page, told in zip(
        pages,
        [
            {"ecg_heart_rate", "atrial_fibrillation_classification"},
            {"ecg_heart_rate", "ecg_waveform"},
        ],
        strict=True,
    ):
        result = normalized([page])
        assert set(result.frame["metric"]) == told
        assert result.kept == {"electrocardiogram-9"}
        assert [one.prefix for one in result.listed] == ["electrocardiogram"]


def test_an_unknown_stage_keeps_that_stage_alone():
    start = "2026-11-19T21:51:00Z"
    stage = interval(start, "2026-11-19T22:00:00Z") | {"type": "DOZING"}

    into = read("sleep", night(stages=[stage]))

    assert into.kept == {"sleep-7821.1795125060"}


def test_a_series_with_a_zero_in_it_is_published():
    rows = [
        sample("heartRate", beatsPerMinute="0"),
        sample("heartRate", "2026-11-20T06:12:00Z", beatsPerMinute="61"),
    ]

    assert Metric.HEART_RATE_SERIES in values(read("heart_rate", *rows))


@pytest.mark.parametrize(
    "what",
    [
        {"measurementSource": "CONTINUOUS_GLUCOSE_MONITORING"},
        {"measurementSource": "LAB_TEST"},
        {"specimen": "INTERSTITIAL_FLUID"},
        {"specimen": "PLASMA"},
        {"specimen": "SERUM"},
        {"specimen": "TEARS"},
    ],
)
def test_glucose_that_turns_out_to_be_no_glucometers_is_gone(what):
    into = read("blood_glucose", sample("bloodGlucose", **GLUCOSE, **what))

    assert (into.kept, left_out(into)) == (set(), [])
    assert ignored(into) == {"unmapped_glucose": 1}


def test_a_copy_from_a_lesser_source_is_gone():
    rows = [
        {"name": named("weight", 5), "dataSource": {"platform": "HEALTH_CONNECT"}}
        | sample("weight", weightGrams=71350),
        {"name": named("weight", 9), "dataSource": {"platform": "FITBIT"}}
        | sample("weight", weightGrams=71350),
    ]

    into = read("weight", *rows)

    assert [one.record for one in into.measurements] == ["weight-9"]
    assert into.kept == set()


def test_a_part_that_a_total_lists_no_more_is_gone():
    level = {"activityLevel": "LIGHT", "activeMinutesSum": "3"}
    row = roll_up("activeMinutes", {"activeMinutesRollupByActivityLevel": [level]})

    assert read("active_minutes", row).kept == set()


def test_a_reading_that_is_of_a_day_around_the_window_now_is_not_gone():
    row = {"name": named("weight", 4)} | sample("weight", "2026-11-25T09:00:00Z", weightGrams=1)

    into = read("weight", row)

    assert (into.kept, ignored(into)) == ({"weight-4"}, {"outside": 1})
