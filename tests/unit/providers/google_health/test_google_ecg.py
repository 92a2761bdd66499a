"""Google's ECGs and notifications of rhythm; expectations come from the vendor's reference."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    DAY,
    ignored,
    interval,
    left_out,
    named,
    read,
    values,
)

TAKEN = "2026-11-20T09:14:02Z"
AT = datetime(2026, 11, 20, 9, 14, 2, tzinfo=UTC)
RHYTHM = Metric.ATRIAL_FIBRILLATION_CLASSIFICATION
IRN = Metric.IRREGULAR_RHYTHM_NOTIFICATION
ECG = {
    "waveformSamples": [-120, 5, 903],
    "samplingFrequencyHertz": 250,
    "millivoltsScalingFactor": 10922,
    "beatsPerMinuteAvg": "64",
    "resultClassification": "NORMAL_SINUS_RHYTHM",
}
EXACT = ECG | {"millivoltsScalingFactor": 1000}


def ecg(value=EXACT, *, number=5, at=TAKEN, offset="3600s", model="Sense 2", **more):
    told = {"interval": interval(at, at, offset), **value, **more}
    if model:
        told["medicalDeviceInfo"] = {"deviceModel": model, "firmwareVersion": "1.2"}
    point = {"dataSource": {}, "electrocardiogram": told}
    return point if number is None else {"name": named("electrocardiogram", number), **point}


def read_ecg(*rows, **more):
    return read("electrocardiogram", *rows, **more)


def test_a_signal_is_a_series_of_millivolts_from_the_time_of_the_ecg():
    into = read_ecg(ecg(EXACT | {"waveformSamples": [-120, 5, 903] * 2500}))

    wave = next(one for one in into.measurements if one.metric is Metric.ECG_WAVEFORM)
    assert (wave.unit, wave.value.interval_ms) == ("mV", 4)
    assert wave.value.samples[:3] == (Decimal("-0.12"), Decimal("0.005"), Decimal("0.903"))
    # 7500 samples at 250 Hz are 30 seconds.
    assert (wave.start, wave.end - wave.start) == (AT, timedelta(seconds=30))
    assert (wave.offset_minutes, wave.end_offset_minutes, wave.day) == (60, 60, DAY)
    assert (wave.record, wave.group) == ("electrocardiogram-5", "electrocardiogram-5")
    assert wave.method is RecordingMethod.DEVICE
    assert into.devices[wave.device].model == "Sense 2"
    assert into.is_whole


def test_heart_rate_and_word_stand_at_the_time_of_the_ecg():
    into = read_ecg(ecg())

    found = {one.metric: one for one in into.measurements}
    rate, word = found[Metric.ECG_HEART_RATE], found[RHYTHM]
    assert (rate.value, rate.unit, rate.start, rate.end) == (64, "/min", AT, None)
    assert (word.value, word.unit, word.start, word.end) == (
        Coded("normal_sinus_rhythm"),
        None,
        AT,
        None,
    )
    assert (ignored(into), left_out(into)) == ({}, [])


@pytest.mark.parametrize(("count", "hertz"), [(9001, 300), (7500, 250), (1, 300), (10, 7)])
def test_an_ecg_ends_at_the_whole_millisecond_after_its_last_sample(count, hertz):
    row = ecg(EXACT | {"waveformSamples": [1] * count, "samplingFrequencyHertz": hertz})

    wave = read_ecg(row).measurements[0]

    assert wave.end - wave.start == timedelta(milliseconds=math.ceil(1000 * count / hertz))
    assert wave.value.interval_ms == Decimal(1000) / Decimal(hertz)


@pytest.mark.parametrize(
    ("factor", "told"),
    [
        (1, ["-120", "5", "903"]),
        (1000, ["-0.12", "0.005", "0.903"]),
        (8, ["-15", "0.625", "112.875"]),
        (4096, ["-0.029296875", "0.001220703125", "0.220458984375"]),
    ],
)
def test_millivolts_are_the_vendors_numbers_to_the_last_digit(factor, told):
    wave = read_ecg(ecg(ECG | {"millivoltsScalingFactor": factor})).measurements[0]

    assert list(wave.value.samples) == [Decimal(one) for one in told]


@pytest.mark.parametrize(
    ("factor", "told"),
    [
        # Fitbit's own factor.
        (10922, ["-0.010987", "0.000458", "0.082677"]),
        (8192, ["-0.014648", "0.000610", "0.110229"]),
        (3, ["-40", "1.666667", "301"]),
    ],
)
def test_millivolts_without_end_are_rounded_to_a_nanovolt(factor, told):
    wave = read_ecg(ecg(ECG | {"millivoltsScalingFactor": factor})).measurements[0]

    assert list(wave.value.samples) == [Decimal(one) for one in told]


@pytest.mark.parametrize(
    "change",
    [
        {"millivoltsScalingFactor": 0},
        {"millivoltsScalingFactor": -1000},
        {"millivoltsScalingFactor": None},
        {"millivoltsScalingFactor": "x"},
        {"samplingFrequencyHertz": 0},
        {"samplingFrequencyHertz": None},
        {"samplingFrequencyHertz": -250},
        {"samplingFrequencyHertz": 10**9},
        {"waveformSamples": [1, "x"]},
        {"waveformSamples": [1, None]},
        {"waveformSamples": [1, Decimal("1.5")]},
        {"waveformSamples": {"0": 1}},
        {"waveformSamples": "1"},
    ],
)
def test_a_signal_that_cannot_be_read_is_told_and_costs_only_itself(change):
    into = read_ecg(ecg(EXACT | change))

    assert left_out(into) == [(Metric.ECG_WAVEFORM, "electrocardiogram-5", "unreadable_value")]
    assert set(values(into)) == {Metric.ECG_HEART_RATE, RHYTHM}
    assert into.is_whole


@pytest.mark.parametrize("samples", [None, []])
def test_an_ecg_without_samples_has_its_heart_rate_and_its_word(samples):
    into = read_ecg(ecg(EXACT | {"waveformSamples": samples}))

    assert set(values(into)) == {Metric.ECG_HEART_RATE, RHYTHM}
    assert (ignored(into), left_out(into)) == ({"no_value": 1}, [])


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("NORMAL_SINUS_RHYTHM", "normal_sinus_rhythm"),
        ("ATRIAL_FIBRILLATION", "atrial_fibrillation"),
        ("INCONCLUSIVE", "inconclusive"),
        ("INCONCLUSIVE_HIGH_HEART_RATE", "high_heart_rate"),
        ("INCONCLUSIVE_LOW_HEART_RATE", "low_heart_rate"),
        ("UNREADABLE", "unreadable"),
    ],
)
def test_each_word_of_an_ecg_is_the_vendors(given, word):
    assert values(read_ecg(ecg(resultClassification=given)))[RHYTHM] == (Coded(word), None)


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("NOT_ANALYZED", "no_value"),
        ("RESULT_CLASSIFICATION_UNSPECIFIED", "no_value"),
        (None, "no_value"),
        ("FLUTTER", "unknown_classification"),
        ("inconclusive", "unknown_classification"),
        (2, "unknown_classification"),
    ],
)
def test_no_word_and_an_unknown_word_are_counted_and_never_read_as_another(given, counted):
    into = read_ecg(ecg(resultClassification=given))

    assert set(values(into)) == {Metric.ECG_WAVEFORM, Metric.ECG_HEART_RATE}
    assert ignored(into) == {counted: 1}


@pytest.mark.parametrize(
    ("at", "offset", "zone", "day", "minutes"),
    [
        ("2026-11-20T23:30:00Z", "3600s", "Europe/Stockholm", date(2026, 11, 21), 60),
        ("2026-11-20T23:30:00Z", "-18000s", "Europe/Stockholm", DAY, -300),
        # Old ECGs have none, or zero: the link's zone counts.
        ("2026-11-20T23:30:00Z", None, "Europe/Stockholm", date(2026, 11, 21), 60),
        ("2026-11-20T23:30:00Z", "0s", "Europe/Stockholm", date(2026, 11, 21), 60),
        ("2026-11-20T23:30:00Z", "0s", "Europe/London", DAY, 0),
    ],
)
def test_an_ecg_belongs_to_the_civil_day_on_which_it_was_taken(at, offset, zone, day, minutes):
    window = Window(first_day=DAY, last_day=date(2026, 11, 21), zone=ZoneInfo(zone))

    into = read_ecg(ecg(at=at, offset=offset), window=window)

    assert {(one.day, one.offset_minutes) for one in into.measurements} == {(day, minutes)}


def test_an_ecg_without_an_offset_has_those_of_the_links_zone_at_both_ends():
    zone, day = ZoneInfo("Europe/Stockholm"), date(2026, 10, 25)
    window = Window(first_day=day, last_day=day, zone=zone)
    value = EXACT | {"waveformSamples": [1] * 7500}

    # Ten seconds before the clocks go back.
    wave = read_ecg(ecg(value, at="2026-10-25T00:59:50Z", offset=None), window=window).measurements[
        0
    ]
    told = read_ecg(
        ecg(value, at="2026-10-25T00:59:50Z", offset="7200s"), window=window
    ).measurements[0]

    assert (wave.offset_minutes, wave.end_offset_minutes) == (120, 60)
    assert (told.offset_minutes, told.end_offset_minutes) == (120, 120)


def test_ecgs_of_other_days_are_listed_are_not_read_and_nothing_is_counted_or_deleted_of_them():
    late = [ecg(number=n, at=f"2026-12-{n}T09:00:00Z") for n in (10, 11)]

    into = read_ecg(*late, ecg(number=7, at="2026-11-15T09:00:00Z"))

    assert values(into) == {}
    # The vendor's filter has no end, and a day's margin at its beginning.
    assert ignored(into) == {}
    assert into.is_whole
    assert into.kept == {f"electrocardiogram-{number}" for number in (7, 10, 11)}


def test_an_ecg_without_a_time_is_known_by_its_id_or_leaves_deletions_open():
    known, unknown = read_ecg(ecg(at="x")), read_ecg(ecg(at="x", number=None))

    assert left_out(known) == [(None, "electrocardiogram-5", "no_time")]
    assert (known.is_whole, unknown.is_whole) == (True, False)


def test_what_is_not_carried_of_an_ecg_is_counted():
    assert ignored(read_ecg(ecg(leadNumber=1))) == {"unmapped_field_lead_number": 1}


def test_a_heart_that_beats_at_zero_is_no_reading():
    for rate in ("0", None):
        into = read_ecg(ecg(beatsPerMinuteAvg=rate))

        assert set(values(into)) == {Metric.ECG_WAVEFORM, RHYTHM}
        assert ignored(into) == {"no_value": 1}


def notification(*windows, number=8, start="2026-11-20T01:00:00Z", end="2026-11-20T02:30:00Z"):
    told = {
        "interval": interval(start, end),
        "alertWindows": list(windows),
        "medicalDeviceInfo": {"deviceModel": "Sense 2"},
    }
    return {
        "name": named("irregular-rhythm-notification", number),
        "irregularRhythmNotification": told,
    }


def alert(**more):
    return interval("2026-11-20T01:00:00Z", "2026-11-20T01:05:00Z") | more


def read_rhythm(*rows, **more):
    return read("irregular_rhythm_notification", *rows, **more)


@pytest.mark.parametrize(
    ("windows", "word"),
    [
        ([alert(positive=True)], "atrial_fibrillation"),
        ([alert(positive=False), alert(positive=True)], "atrial_fibrillation"),
        ([alert(positive=False)], "inconclusive"),
        ([alert()], "inconclusive"),
        ([alert(positive=None)], "inconclusive"),
        ([], "inconclusive"),
    ],
)
def test_a_notification_says_fibrillation_when_one_of_its_windows_does(windows, word):
    into = read_rhythm(notification(*windows))

    (one,) = into.measurements
    assert (one.metric, one.value, one.unit) == (IRN, Coded(word), None)
    assert (one.start, one.end) == (
        datetime(2026, 11, 20, 1, tzinfo=UTC),
        datetime(2026, 11, 20, 2, 30, tzinfo=UTC),
    )
    assert (one.day, one.record) == (DAY, "irregular_rhythm_notification-8")
    assert into.devices[one.device].model == "Sense 2"
    assert (into.is_whole, ignored(into)) == (True, {})


@pytest.mark.parametrize("windows", [["x"], [alert(positive="true")], [alert(positive=1)], [None]])
def test_a_notification_of_which_a_window_cannot_be_read_says_nothing(windows):
    into = read_rhythm(notification(*windows))

    assert values(into) == {}
    assert left_out(into) == [(IRN, "irregular_rhythm_notification-8", "unreadable_value")]


def test_the_beats_of_a_notification_are_counted_and_not_carried():
    into = read_rhythm(notification(alert(positive=True, heartBeats=[{"beatsPerMinute": 88}])))

    assert ignored(into) == {"unmapped_field_heart_beats": 1}


@pytest.mark.parametrize("end", ["2026-11-20T01:00:00Z", "x", None])
def test_a_notification_that_ends_before_it_begins_cannot_be_read(end):
    into = read_rhythm(notification(end=end))

    assert left_out(into) == [(IRN, "irregular_rhythm_notification-8", "no_time")]


def test_a_notification_belongs_to_the_day_on_which_it_began():
    row = notification(start="2026-11-20T22:30:00Z", end="2026-11-21T01:00:00Z")

    assert [one.day for one in read_rhythm(row).measurements] == [DAY]
