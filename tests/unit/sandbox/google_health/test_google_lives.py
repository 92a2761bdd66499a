"""The sandbox's Google accounts hold what bodies do, and every oddity that the vendor's lists have."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.unit.sandbox.google_health.store_parts import (
    AROHA,
    ASTRID,
    EVERY_TYPE,
    JOAO,
    MARCUS,
    MONTH,
    ONE_DAY,
    PEOPLE,
    PRIYA,
    TODAY,
    WANJIRU,
    WATCHERS,
    at,
    days,
    known,
    overlap,
    seconds,
    told,
)

STAGED = [ASTRID, MARCUS, JOAO, WANJIRU]
BOUNDS = {
    ("heart-rate", "beatsPerMinute"): (40, 190),
    ("heart-rate-variability", "rootMeanSquareOfSuccessiveDifferencesMilliseconds"): (15, 120),
    ("heart-rate-variability", "standardDeviationMilliseconds"): (15, 150),
    ("oxygen-saturation", "percentage"): (90, 100),
    ("vo2-max", "vo2Max"): (20, 60),
    ("run-vo2-max", "runVo2Max"): (20, 60),
    ("weight", "weightGrams"): (45_000, 110_000),
    ("body-fat", "percentage"): (8, 45),
    ("height", "heightMillimeters"): (1_400, 2_100),
    ("blood-glucose", "bloodGlucoseMilligramsPerDeciliter"): (60, 200),
    ("core-body-temperature", "temperatureCelsius"): (35, 39),
    ("daily-resting-heart-rate", "beatsPerMinute"): (40, 80),
    ("daily-heart-rate-variability", "averageHeartRateVariabilityMilliseconds"): (15, 80),
    ("daily-oxygen-saturation", "averagePercentage"): (92, 100),
    ("daily-respiratory-rate", "breathsPerMinute"): (10, 20),
    ("daily-sleep-temperature-derivations", "nightlyTemperatureCelsius"): (32, 37),
    ("daily-vo2-max", "vo2Max"): (25, 60),
}


def all_told(type_):
    return [one for person in PEOPLE for one in told(person, type_)]


@pytest.mark.parametrize(("type_", "name"), BOUNDS)
def test_numbers_are_those_of_living_people(type_, name):
    least, most = BOUNDS[type_, name]
    values = [float(one.value[name]) for one in all_told(type_) if name in one.value]
    assert values
    assert least <= min(values)
    assert max(values) <= most
    assert len(set(values)) > 3


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_somebody_has_every_type(type_):
    assert all_told(type_)


def test_days_have_thousands_of_steps_and_burn_what_people_burn():
    for person in PEOPLE:
        steps = [
            int(v.get("countSum", 0)) for v in known().totals(person, "steps", *MONTH).values()
        ]
        assert 2_500 < sum(steps) / len(steps) < 14_000
        kcal = [v["kcalSum"] for v in known().totals(person, "total-calories", *MONTH).values()]
        assert min(kcal) > 1_100
        assert max(kcal) < 4_500


def test_a_day_of_pulses_is_near_three_hundred_and_closer_in_workouts():
    for person in WATCHERS:
        counts = [len(known().merged(person, "heart-rate", day, day)) for day in days(*MONTH)]
        assert min(counts) > 240
        assert max(counts) < 400
    for workout in [one for one in told(ASTRID, "exercise") if one.end - one.start > 1_500_000]:
        inside = [one for one in told(ASTRID, "heart-rate", workout.day, workout.day)
                  if workout.start <= one.start < workout.end]  # fmt: skip
        assert len(inside) > (workout.end - workout.start) / 150_000


def test_variability_and_oxygen_are_taken_in_nights_alone():
    for person in STAGED:
        span = (MONTH[0] - ONE_DAY, MONTH[1] + ONE_DAY)
        nights = [one for one in told(person, "sleep", *span) if one.source.device]
        for type_ in ("heart-rate-variability", "oxygen-saturation"):
            taken = told(person, type_)
            assert len(taken) > 60 * 25
            ordered = sorted((one.start, one.end) for one in nights)
            assert all(any(start <= one.start < end for start, end in ordered) for one in taken)


def test_stages_follow_without_gap_and_their_summary_adds_up():
    for one in all_told("sleep"):
        if "stages" not in one.value:
            assert one.value["metadata"] == {}
            continue
        stages = one.value["stages"]
        assert at(stages[0]["startTime"]) == one.start
        assert at(stages[-1]["endTime"]) == one.end
        for stage, after in pairwise(stages):
            assert stage["endTime"] == after["startTime"]
        summary = one.value.get("summary")
        if summary is None:
            continue
        lasted = Counter()
        for stage in stages:
            lasted[stage["type"]] += (at(stage["endTime"]) - at(stage["startTime"])) // 1_000
        told_of = {s["type"]: int(s.get("minutes", 0)) for s in summary["stagesSummary"]}
        assert told_of == {type_: total // 60 for type_, total in lasted.items()}
        period = int(summary["minutesInSleepPeriod"])
        assert period == (one.end - one.start) // 60_000
        assert period == int(summary["minutesAsleep"]) + int(summary.get("minutesAwake", 0))


def test_most_nights_have_four_stages_and_an_old_trackers_three_words_of_its_own():
    for person in STAGED:
        nights = [one for one in told(person, "sleep") if one.value["metadata"].get("mainSleep")
                  and one.source.device]  # fmt: skip
        assert len(nights) > 25
        assert all(one.value["type"] == "STAGES" for one in nights)
        words = {stage["type"] for one in nights for stage in one.value["stages"]}
        assert words >= {"AWAKE", "LIGHT", "DEEP", "REM"}
    old = told(AROHA, "sleep")
    assert all(one.value["type"] == "CLASSIC" for one in old)
    assert {stage["type"] for one in old for stage in one.value["stages"]} == {
        "AWAKE", "RESTLESS", "ASLEEP",
    }  # fmt: skip


def test_nights_have_the_oddities_that_a_reader_must_bear():
    nights = all_told("sleep")
    metadata = [one.value["metadata"] for one in nights]
    assert any("summary" not in one.value for one in nights)
    assert any("processed" not in one for one in metadata)
    assert any(one.get("nap") for one in metadata)
    assert any(one.get("manuallyEdited") for one in metadata)
    assert any(one.value.get("shortAwakenings") for one in nights)
    assert any(one.value.get("outOfBedSegments") for one in nights)
    summaries = [one.value["summary"] for one in nights if "summary" in one.value]
    assert any("minutesToFallAsleep" not in one for one in summaries)


def test_exercises_have_the_oddities_that_a_reader_must_bear():
    found = {one.value["exerciseType"]: one for one in all_told("exercise")}
    assert {"RUNNING", "WALKING", "BIKING", "OTHER", "UNDERWATER_HOCKEY"} <= found.keys()
    assert found["OTHER"].value["displayName"] == "Beach tennis"
    methods = Counter(one.source.method for one in all_told("exercise"))
    assert methods["MANUAL"] > 0
    assert any("activeDuration" not in one.value for one in all_told("exercise"))
    paused = [
        one
        for one in all_told("exercise")
        if seconds(one.value.get("activeDuration", "0s")) not in {0, (one.end - one.start) // 1_000}
    ]
    assert paused
    assert all(seconds(one.value["activeDuration"]) > 0 for one in paused)


def test_an_exercises_steps_are_those_of_its_minutes():
    runs = [one for one in told(JOAO, "exercise") if one.value["exerciseType"] == "RUNNING"]
    assert len(runs) > 5
    for run in runs:
        minutes = [one for one in told(JOAO, "steps", run.day, run.day)
                   if one.source.form == "WATCH" and overlap(run, one)]  # fmt: skip
        counted = sum(int(one.value["count"]) for one in minutes)
        assert counted == int(run.value["metricsSummary"]["steps"])
        zones = run.value["metricsSummary"]["heartRateZoneDurations"].values()
        assert sum(map(seconds, zones)) == (run.end - run.start) // 1_000


def test_ecgs_are_thirty_seconds_at_two_hundred_and_fifty_hertz():
    strips = all_told("electrocardiogram")
    with_samples = [one for one in strips if "waveformSamples" in one.value]
    assert 0 < len(strips) - len(with_samples) < len(strips) / 5
    for one in with_samples:
        assert one.start == one.end
        assert one.value["samplingFrequencyHertz"] == 250
        samples = one.value["waveformSamples"]
        assert len(samples) == 7_500
        factor = one.value["millivoltsScalingFactor"]
        assert 0.8 < max(samples) / factor < 2
        assert min(samples) / factor > -0.3
    # The last is the vendor's own example, whose quotients have no end.
    assert {one.value["millivoltsScalingFactor"] for one in with_samples} == {1_000, 1_024, 10_922}
    span = (MONTH[0], TODAY)
    words = {one.value["resultClassification"] for p in PEOPLE for one in
             told(p, "electrocardiogram", *span)}  # fmt: skip
    assert words >= {"NORMAL_SINUS_RHYTHM", "ATRIAL_FIBRILLATION", "INCONCLUSIVE", "UNREADABLE"}


def test_notices_of_an_irregular_rhythm_are_rare_and_not_all_positive():
    span = (MONTH[0].replace(month=6), TODAY)
    notices = [
        one for person in PEOPLE for one in told(person, "irregular-rhythm-notification", *span)
    ]
    assert 4 < len(notices) < 40
    positive = [any(w.get("positive") for w in one.value["alertWindows"]) for one in notices]
    assert set(positive) == {True, False}
    for one in notices:
        for window in one.value["alertWindows"]:
            assert one.start <= at(window["startTime"]) < at(window["endTime"]) <= one.end
            assert window["heartBeats"]


def test_glucose_comes_of_meters_sensors_hands_and_laboratories():
    kinds = {
        (one.value.get("measurementSource"), one.value.get("specimen"))
        for one in all_told("blood-glucose")
    }
    meter = "SELF_MONITORING_BLOOD_GLUCOSE"
    assert kinds >= {
        (meter, "CAPILLARY_BLOOD"), (meter, "WHOLE_BLOOD"), (meter, None), (None, None),
        ("LAB_TEST", "PLASMA"), ("CONTINUOUS_GLUCOSE_MONITORING", "INTERSTITIAL_FLUID"),
    }  # fmt: skip
    for person in PEOPLE:
        starts = [one.start for one in told(person, "blood-glucose")]
        assert len(set(starts)) == len(starts)


def test_temperatures_are_taken_in_many_places():
    places = {one.value.get("measurementLocation") for one in all_told("core-body-temperature")}
    assert places >= {"MOUTH", "TEMPORAL_ARTERY", "EAR", "FINGER", "WRIST", None}


def test_oxygen_uptake_is_told_by_several_methods():
    span = (MONTH[0].replace(month=6), TODAY)
    methods = {
        one.value.get("measurementMethod")
        for person in PEOPLE
        for one in told(person, "vo2-max", *span)
    }
    assert len(methods) >= 4
    assert None in methods


def test_weights_are_told_by_scales_apps_and_hands_some_to_the_half_second():
    ways = {
        (one.source.platform, one.source.method, one.source.device) for one in all_told("weight")
    }
    assert ways == {
        ("FITBIT", "ACTIVELY_MEASURED", "Aria Air"),
        ("FITBIT", "MANUAL", None),
        ("HEALTH_CONNECT", "ACTIVELY_MEASURED", None),
    }
    assert {one.start % 1_000 for one in all_told("weight")} == {0, 500}
    assert len(told(PRIYA, "weight")) > 40


def test_logs_are_there_for_who_asks_for_them():
    assert {one.value["mealType"] for one in told(ASTRID, "nutrition-log")} == {
        "BREAKFAST", "DINNER",
    }  # fmt: skip
    assert len(told(MARCUS, "hydration-log")) == 90
