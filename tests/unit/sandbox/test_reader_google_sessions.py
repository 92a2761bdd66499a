"""What the reader asks for of exercises, ECGs and notifications, worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sandbox.reader.google.exercise_words import WORDS
from sandbox.reader.readings import BY_DEVICE
from tests.unit.sandbox.google_parts import (
    METRICS,
    merged,
    notification,
    raw,
    readings,
    said,
    strip,
    walk,
)
from tests.unit.sandbox.reader_parts import BERT, DAY
from tests.unit.sandbox.row_parts import utc

WALK = ("exercise-501", "73985-4")


def walked(**value):
    return said(merged(walk(value=value)))[WALK]


def test_an_exercise_is_its_kind_with_its_amounts():
    assert said(merged(walk())) == {
        WALK: {
            "": "walking",
            "55411-3": (15.6, "min"),
            "41981-2": (122.5, "kcal"),
            "103208-5": (1284.3005, "m"),
            "55423-8": (1606, "{steps}"),
            "103205-1": (104, "/min"),
        }
    }


def test_of_an_exercise_only_what_is_there_is_said():
    assert walked(metricsSummary={"averageHeartRateBeatsPerMinute": "0", "steps": "0"}) == {
        "": "walking",
        "55411-3": (15.6, "min"),
        "55423-8": (0, "{steps}"),
    }
    assert walked(metricsSummary=None).keys() == {"", "55411-3"}


@pytest.mark.parametrize(
    ("end", "minutes"), [("2026-11-20T17:20", 20), ("2026-11-20T17:20:03", 20.0)]
)
def test_without_an_active_time_the_whole_exercise_counts(end, minutes):
    rows = merged(walk(end=end, value={"activeDuration": None}))
    assert said(rows)[WALK]["55411-3"] == (minutes, "min")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("RUNNING", "running"),
        ("BIKING", "cycling"),
        ("SWIMMING_POOL", "swimming"),
        ("STRENGTH_TRAINING", "strength-training"),
        ("PICKELBALL", "pickleball"),
        ("SOCCER", "football"),
        ("OTHER", "other-workout"),
        ("KNITTING", "other-workout"),
        ("EXERCISE_TYPE_UNSPECIFIED", "other-workout"),
    ],
)
def test_kinds_have_words(kind, word):
    assert walked(exerciseType=kind)[""] == word


def test_no_kind_has_two_words():
    assert all(word.islower() and kind.isupper() for kind, word in WORDS.items())
    assert len(WORDS) > 100


def test_an_exercise_belongs_to_the_civil_day_that_it_starts_on():
    rows = merged(walk("2026-11-20T23:50", "2026-11-21T00:30"))
    [one] = readings(rows)
    assert (one.day, one.end, one.device) == (DAY, utc("2026-11-20T23:30"), None)
    # In Kathmandu it is the next day already.
    tomorrow = DAY + timedelta(days=1)
    rows = merged(walk("2026-11-20T19:50", "2026-11-20T20:30", offset=20_700))
    assert readings(rows) == []
    [one] = readings(rows, first=tomorrow, last=tomorrow)
    assert one.offset == timedelta(hours=5, minutes=45)


def test_an_exercise_without_length_is_none():
    assert said(merged(walk(end="2026-11-20T17:00"))) == {}


def test_an_exercise_is_shared_as_workouts():
    assert readings(merged(walk()), shared=frozenset({"activity"})) == []
    assert len(readings(merged(walk()), shared=frozenset({"workouts"}))) == 1


def test_of_an_exercise_that_is_listed_twice_the_later_counts():
    newer = walk(value={"metricsSummary": METRICS | {"steps": "1700"}}, updated=2e9)
    assert said(merged(newer, walk()))[WALK]["55423-8"] == (1700, "{steps}")


# --- ECGs

WAVE = ("electrocardiogram-701", "11524-6 131329")
RHYTHM = ("electrocardiogram-701", "atrial-fibrillation-classification")
BEATS = "147842 8867-4"


def test_an_ecg_is_its_waveform_with_the_heart_rate_and_a_word():
    assert said(raw(strip())) == {
        WAVE: {"": ([(0, 0), (4, 0.0015), (8, -0.000875)], "mV"), BEATS: (66, "/min")},
        RHYTHM: "normal-sinus-rhythm",
    }


def test_samples_are_divided_exactly():
    [wave, _] = readings(raw(strip(value={"millivoltsScalingFactor": 128_000})))
    assert wave.amounts[""].value[1][1] == Decimal("0.00009375")


def test_samples_whose_quotient_has_no_end_are_rounded_to_a_nanovolt():
    [wave, _] = readings(raw(strip(value={"millivoltsScalingFactor": 7})))
    assert [value for _, value in wave.amounts[""].value] == [0, Decimal("1.714286"), -1]


def test_a_strip_takes_as_long_as_its_samples():
    [wave, word] = readings(raw(strip()))
    start = utc("2026-11-20T08:00")
    assert (wave.instant, wave.end) == (start, start + timedelta(milliseconds=12))
    assert (word.instant, word.end) == (start, None)
    assert (wave.says_day, word.says_day) == (True, False)
    assert wave.end_offset == timedelta(hours=1)


def test_the_device_of_a_strip_is_the_medical_one():
    assert {(one.device, one.asserted) for one in readings(raw(strip()))} == {
        ("model:Pixel Watch 4", BY_DEVICE)
    }


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("ATRIAL_FIBRILLATION", "atrial-fibrillation"),
        ("INCONCLUSIVE", "inconclusive"),
        ("INCONCLUSIVE_HIGH_HEART_RATE", "high-heart-rate"),
        ("INCONCLUSIVE_LOW_HEART_RATE", "low-heart-rate"),
        ("UNREADABLE", "unreadable"),
        ("NOT_ANALYZED", None),
        ("RESULT_CLASSIFICATION_UNSPECIFIED", None),
        ("OF_NEXT_YEAR", None),
    ],
)
def test_classifications_have_words(given, word):
    found = said(raw(strip(value={"resultClassification": given})))
    assert found.get(RHYTHM) == word
    assert WAVE in found


def test_a_heart_rate_without_its_strip_is_of_the_instant():
    [beats, _] = readings(raw(strip(value={"waveformSamples": None})))
    assert (beats.instant, beats.end, beats.says_day) == (utc("2026-11-20T08:00"), None, False)


def test_without_samples_the_heart_rate_stands_alone():
    found = said(raw(strip(value={"waveformSamples": []})))
    assert found == {
        ("electrocardiogram-701", BEATS): (66, "/min"),
        RHYTHM: "normal-sinus-rhythm",
    }


def test_a_heart_rate_of_zero_is_none():
    assert said(raw(strip(value={"beatsPerMinuteAvg": "0"})))[WAVE] == (
        [(0, 0), (4, 0.0015), (8, -0.000875)], "mV",
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        {"millivoltsScalingFactor": 0},
        {"millivoltsScalingFactor": None},
        {"samplingFrequencyHertz": 0},
    ],
)
def test_samples_that_say_no_number_make_no_waveform(value):
    assert said(raw(strip(value=value))) == {
        ("electrocardiogram-701", BEATS): (66, "/min"),
        RHYTHM: "normal-sinus-rhythm",
    }


@pytest.mark.parametrize("has_offset", [False, True])
def test_an_old_ecg_says_no_offset_or_zero_and_is_of_the_links_zone(has_offset):
    old = strip(has_offset=has_offset, offset=0, end_offset=0)
    [wave, _] = readings(raw(old), person=BERT)
    indian = timedelta(hours=5, minutes=30)
    assert (wave.offset, wave.end_offset, wave.day) == (indian, indian, DAY)


def test_a_strip_over_a_clock_change_ends_by_the_zones_new_offset_where_the_vendor_says_none():
    day = date(2026, 10, 25)
    # Ten milliseconds before three o'clock becomes two.
    old = strip(has_offset=False, start=1_792_889_999_990)
    [wave, _] = readings(raw(old), first=day, last=day)
    assert (wave.offset, wave.end_offset) == (timedelta(hours=2), timedelta(hours=1))


def test_an_ecg_is_shared_as_such():
    assert readings(raw(strip()), shared=frozenset({"heart_rate"})) == []
    assert len(readings(raw(strip()), shared=frozenset({"ecg"}))) == 2


# --- Notifications


@pytest.mark.parametrize(
    ("windows", "word"),
    [
        (("", "positive"), "atrial-fibrillation"),
        (("positive",), "atrial-fibrillation"),
        (("",), "inconclusive"),
        ((), "inconclusive"),
    ],
)
def test_a_notification_is_one_word(windows, word):
    key = ("irregular_rhythm_notification-801", "irregular-rhythm-notification")
    assert said(raw(notification(*windows))) == {key: word}


def test_a_notification_spans_its_windows():
    [one] = readings(raw(notification("positive")))
    assert (one.instant, one.end) == (utc("2026-11-20T02:00"), utc("2026-11-20T03:30"))
    assert (one.says_day, one.day, one.device) == (True, DAY, "model:Sense 2")
    assert said(raw(notification("positive", end="2026-11-20T03:00"))) == {}


def test_a_notification_is_shared_as_such():
    assert readings(raw(notification("positive")), shared=frozenset({"ecg"})) == []
    assert len(readings(raw(notification("positive")), shared=frozenset({"irregular_rhythm"}))) == 1
