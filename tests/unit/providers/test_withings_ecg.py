"""Withings' ECGs, and measures taken with them; expectations come from the vendor's reference."""

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.ecg import ecgs_of, read_ecg
from ohx_pipelines.providers.withings.ecg_takings import join_ecg
from ohx_pipelines.providers.withings.measures import read_measures

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 20)
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
EVERYTHING = frozenset(Metric)
RHYTHM = Metric.ATRIAL_FIBRILLATION_CLASSIFICATION
WATCH = "5d1c" * 10
# 10:14:02 in Stockholm.
TAKEN = int(datetime(2026, 11, 20, 9, 14, 2, tzinfo=UTC).timestamp())


def row(signal=91, *, afib=0, taken=TAKEN, **more):
    return {
        "deviceid": WATCH,
        "model": 93,
        "ecg": {"signalid": signal, "afib": afib},
        "heart_rate": 64,
        "modified": TAKEN + 90,
        "timestamp": taken,
    } | more


def signal(samples, *, frequency=300, of="91"):
    body = {"signal": samples, "sampling_frequency": frequency, "wearposition": 1, "model": 93}
    return Page(listing="ecg_signal", body=body, of=of)


def read(rows, *signals, window=WEEK, asked=EVERYTHING):
    into = Collected(window=window, asked=asked)
    page = Page(listing="ecg", body={"series": list(rows), "more": False, "offset": 0})
    return into, read_ecg([page, *signals], into)


def found(into):
    return {one.metric: one for one in into.measurements}


def reasons(into):
    return Counter((one.metric, one.reason) for one in into.unpublished)


def test_a_signal_is_a_series_of_microvolts_from_the_time_of_the_ecg():
    into, is_whole = read([row()], signal([-12, 5, 903] * 3000))

    wave = found(into)[Metric.ECG_WAVEFORM]
    assert (wave.unit, wave.value.samples[:3]) == ("uV", (Decimal(-12), Decimal(5), Decimal(903)))
    assert wave.value.interval_ms == Decimal(1000) / Decimal(300)
    assert wave.start == datetime(2026, 11, 20, 9, 14, 2, tzinfo=UTC)
    # 9000 samples at 300 Hz are the vendor's 30 seconds.
    assert wave.end - wave.start == timedelta(seconds=30)
    assert (wave.offset_minutes, wave.end_offset_minutes, wave.day) == (60, 60, DAY)
    assert (wave.device, wave.method) == (WATCH, RecordingMethod.DEVICE)
    assert (wave.record, wave.group) == ("ecg-91", "ecg-91")
    assert is_whole


@pytest.mark.parametrize(("count", "frequency"), [(9001, 300), (10000, 500), (1, 300), (10, 7)])
def test_an_ecg_ends_at_the_whole_millisecond_after_its_last_sample(count, frequency):
    into, _ = read([row()], signal([1] * count, frequency=frequency))

    wave = found(into)[Metric.ECG_WAVEFORM]
    milliseconds = math.ceil(1000 * count / frequency)
    assert wave.end - wave.start == timedelta(milliseconds=milliseconds)


def test_the_list_gives_the_heart_rate_and_a_word_for_the_rhythm():
    into, _ = read([row(afib=1)], signal([1, 2]))

    rate, word = found(into)[Metric.ECG_HEART_RATE], found(into)[RHYTHM]
    assert (rate.value, rate.unit, rate.end) == (Decimal(64), "/min", None)
    assert (word.value, word.unit) == (Coded("atrial_fibrillation"), None)
    assert {rate.record, word.record, rate.group, word.group} == {"ecg-91"}
    assert into.devices[WATCH].model == "ScanWatch"
    assert into.devices[WATCH].kind == "Activity Tracker"


@pytest.mark.parametrize(
    ("afib", "word"),
    [(0, "no_atrial_fibrillation"), (1, "atrial_fibrillation"), (2, "inconclusive")],
)
def test_each_word_of_the_list_is_the_vendors(afib, word):
    into, _ = read([row(afib=afib)])

    assert found(into)[RHYTHM].value == Coded(word)


@pytest.mark.parametrize("afib", [3, 99, -1, "1", True, [1]])
def test_a_word_that_is_not_known_is_told_and_costs_only_itself(afib):
    into, is_whole = read([row(afib=afib)], signal([1, 2]))

    assert reasons(into) == {(RHYTHM, "unknown_word"): 1}
    assert set(found(into)) == {Metric.ECG_WAVEFORM, Metric.ECG_HEART_RATE}
    assert is_whole


@pytest.mark.parametrize(
    "page",
    [
        signal([]),
        signal([1, "2"]),
        signal([1, None]),
        signal([1, True]),
        signal([1, Decimal("NaN")]),
        signal({"0": 1}),
        signal([1, 2], frequency=None),
        signal([1, 2], frequency=0),
        signal([1, 2], frequency=-300),
        signal([1, 2], frequency=Decimal("1E-300")),
        signal([1, 2], frequency=Decimal("1E+300")),
    ],
)
def test_a_signal_that_cannot_be_read_is_told_and_costs_only_itself(page):
    into, _ = read([row()], page)

    assert reasons(into) == {(Metric.ECG_WAVEFORM, "unreadable_value"): 1}
    assert set(found(into)) == {Metric.ECG_HEART_RATE, RHYTHM}


@pytest.mark.parametrize(
    ("rate", "told", "ignored"),
    [
        (0, {}, {"no_value": 1}),
        (None, {}, {}),
        (-3, {(Metric.ECG_HEART_RATE, "unreadable_value"): 1}, {}),
        ("64", {(Metric.ECG_HEART_RATE, "unreadable_value"): 1}, {}),
    ],
)
def test_a_heart_that_beats_at_zero_is_no_reading(rate, told, ignored):
    into, _ = read([row(heart_rate=rate)])

    assert set(found(into)) == {RHYTHM}
    assert reasons(into) == told
    assert into.ignored[DAY] == ignored


def test_a_cuffs_row_repeats_its_measure_group_and_hears_what_is_not_mapped():
    pressure = {"diastole": 81, "systole": 128}
    into, is_whole = read(
        [
            row(model=44, bloodpressure=pressure, stetho={"signalid": 17, "vhd": 0}),
            row(model=44, bloodpressure=pressure, ecg=None, taken=TAKEN + 60),
        ]
    )

    assert {one.record for one in into.measurements} == {"ecg-91"}
    assert into.ignored == {DAY: {"other_source": 1, "unmapped_stetho": 1, "no_signal": 1}}
    assert is_whole


@pytest.mark.parametrize(
    "unclear",
    [
        "nonsense",
        row(["91"]),
        row([True]),
        row(-4),
        row("stages-4.1"),
        row(ecg="yes"),
        row(92, taken=None),
        row(92, taken="2026-11-20"),
        row(92, taken=10**18),
        row(92, taken=253402300799),  # the last second of the year 9999
        # Of another day: a vendor that mistook the window may have left out ours.
        row(92, taken=TAKEN - 30 * 86400),
    ],
)
def test_one_row_that_cannot_be_told_from_others_makes_the_list_prove_nothing(unclear):
    into, is_whole = read([unclear, row()])

    assert not is_whole
    assert {one.record for one in into.measurements} == {"ecg-91"}
    assert {one.day for one in into.unpublished} <= set(WEEK.days)


def test_rows_outside_the_window_are_neither_taken_nor_counted():
    yesterday = TAKEN - 30 * 86400
    into, _ = read([row(taken=yesterday), row(ecg=None, taken=yesterday)])

    assert (into.measurements, into.unpublished, dict(into.ignored)) == ([], [], {})


def test_an_ecg_that_is_listed_twice_is_read_once_from_its_newest_row():
    rows = [row(afib=1, modified=TAKEN + 500), row(afib=0, modified=TAKEN + 90)]
    into, _ = read(rows, signal([1, 2]))

    assert found(into)[RHYTHM].value == Coded("atrial_fibrillation")
    assert len(into.measurements) == 3


def test_the_list_says_which_signals_there_are_and_on_which_local_day():
    late = int(datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp())
    page = Page(listing="ecg", body={"series": [row(91), row(92, taken=late), row(ecg=None), "?"]})

    ecgs = ecgs_of([page], STOCKHOLM)

    assert [(one.signal, one.record, one.day) for one in ecgs] == [
        ("91", "ecg-91", DAY),
        ("92", "ecg-92", date(2026, 11, 21)),
    ]


@pytest.mark.parametrize("body", [{}, {"series": None}, {"series": {"91": row()}}])
def test_an_answer_without_a_list_is_malformed_and_not_a_day_without_ecgs(body):
    page = Page(listing="ecg", body=body)

    with pytest.raises(Malformed):
        read_ecg([page], Collected(window=WEEK, asked=EVERYTHING))


def test_what_was_not_asked_for_is_never_taken_whoever_sends_it():
    into, _ = read([row(afib=7)], signal([1, 2]), asked=frozenset({Metric.ECG_WAVEFORM}))

    assert set(found(into)) == {Metric.ECG_WAVEFORM}
    assert not into.unpublished
    assert into.ignored[DAY] == {"not_asked_for": 2}


# --- what was measured with an ECG ---


def measured(*measures, grpid=7, taken=TAKEN + 14, **more):
    group = {
        "grpid": grpid,
        "attrib": 0,
        "date": taken,
        "modified": taken,
        "category": 1,
        "hash_deviceid": WATCH,
        "measures": [{"type": kind, "value": value, "unit": 0} for kind, value in measures],
        "modelid": 93,
        "model": "ScanWatch",
    }
    return group | more


def joined(rows, *groups, signals=(), window=WEEK):
    ecgs, _ = read(rows, *signals, window=window)
    into = Collected(window=window, asked=EVERYTHING)
    read_measures([Page(listing="measures", body={"measuregrps": list(groups)})], into)
    together = join_ecg(into.measurements, ecgs.measurements)
    to_frame(together)
    return together


def by_record(measurements):
    return {(one.metric, one.record): one for one in measurements}


def test_intervals_that_were_measured_with_an_ecg_are_of_its_record():
    intervals = measured((135, 92), (136, 148), (137, 381), (138, 407))

    together = by_record(joined([row()], intervals, signals=[signal([1, 2])]))

    expected = {
        Metric.QRS_DURATION: 92,
        Metric.PR_INTERVAL: 148,
        Metric.QT_INTERVAL: 381,
        Metric.CORRECTED_QT_INTERVAL: 407,
    }
    for metric, value in expected.items():
        one = together[metric, "ecg-91"]
        assert (one.value, one.unit, one.group, one.occurrence) == (value, "ms", "ecg-91", 0)
    assert len(together) == len(expected) + 3


def test_a_measures_word_takes_the_place_of_the_lists_coarser_one():
    together = by_record(joined([row(afib=0)], measured((130, 9))))

    word = together[RHYTHM, "ecg-91"]
    assert (word.value, word.group) == (Coded("normal_sinus_rhythm"), "ecg-91")
    assert word.start == datetime(2026, 11, 20, 9, 14, 2, tzinfo=UTC)
    assert len(together) == 2


@pytest.mark.parametrize(("apart", "record"), [(60, "ecg-91"), (-60, "ecg-91"), (61, "7")])
def test_a_measure_is_an_ecgs_within_a_minute_of_it(apart, record):
    together = by_record(joined([row()], measured((135, 92), taken=TAKEN + apart)))

    assert (Metric.QRS_DURATION, record) in together


def test_an_ecg_of_the_day_before_is_anothers():
    midnight = int(datetime(2026, 11, 19, 23, tzinfo=UTC).timestamp())
    together = by_record(
        joined([row(taken=midnight - 10)], measured((135, 92), taken=midnight + 10))
    )

    assert (Metric.QRS_DURATION, "7") in together


def test_a_measure_between_two_ecgs_is_of_the_nearer():
    rows = [row(91), row(92, taken=TAKEN + 50)]

    together = by_record(joined(rows, measured((130, 11), taken=TAKEN + 40)))

    assert together[RHYTHM, "ecg-91"].value == Coded("no_atrial_fibrillation")
    assert together[RHYTHM, "ecg-92"].value == Coded("atrial_fibrillation")


def test_of_two_words_near_an_ecg_the_nearer_is_its_and_the_other_stands_alone():
    groups = [measured((130, 11), taken=TAKEN + 30), measured((130, 7), grpid=8, taken=TAKEN + 5)]

    together = by_record(joined([row()], *groups))

    assert together[RHYTHM, "ecg-91"].value == Coded("high_heart_rate")
    assert together[RHYTHM, "7"].value == Coded("atrial_fibrillation")


def test_without_an_ecg_measures_stand_alone_under_their_group():
    together = joined([], measured((130, 11), (135, 92)))

    assert {(one.metric, one.record, one.group) for one in together} == {
        (RHYTHM, "7", "7"),
        (Metric.QRS_DURATION, "7", "7"),
    }


def test_other_measures_of_that_minute_are_no_part_of_the_ecg():
    together = joined([row()], measured((11, 66), (139, 0), (54, 97)))

    assert {one.metric for one in together if one.record == "7"} == {
        Metric.HEART_RATE,
        Metric.PULSE_RHYTHM_CLASSIFICATION,
        Metric.OXYGEN_SATURATION,
    }
