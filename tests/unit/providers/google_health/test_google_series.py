"""Google's samples through a day into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.google_health.google_answers import (
    DAY,
    ignored,
    left_out,
    read,
    sample,
    values,
)

RMSSD = "rootMeanSquareOfSuccessiveDifferencesMilliseconds"
SDNN = "standardDeviationMilliseconds"
HRV = "heartRateVariability"


def beat(at, bpm="61", offset="3600s", **more):
    return sample("heartRate", at, offset, beatsPerMinute=bpm, **more)


def samples_of(one):
    return dict(zip(one.value.offsets_ms, one.value.samples, strict=True))


def test_a_days_samples_are_one_series_from_midnight_to_midnight():
    # Newest first, as the vendor lists them.
    into = read(
        "heart_rate",
        beat("2026-11-20T22:59:59.999Z", "58"),
        beat("2026-11-20T09:14:02.500Z", "92"),
        beat("2026-11-19T23:00:00Z", "61"),
    )

    (one,) = into.measurements
    assert one.start == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert samples_of(one) == {0: 61, 36_842_500: 92, 86_399_999: 58}
    assert (one.metric, one.unit, one.day) == (Metric.HEART_RATE_SERIES, "/min", DAY)
    assert (one.offset_minutes, one.end_offset_minutes) == (60, 60)
    assert (one.device, one.method) == (None, RecordingMethod.DEVICE)
    assert (one.record, one.group) == ("heart_rate-2026-11-20", "heart_rate-2026-11-20")
    assert (into.is_whole, ignored(into), left_out(into)) == (True, {}, [])


def test_each_civil_day_has_a_series_of_its_own():
    into = read("heart_rate", beat("2026-11-20T23:00:00Z"), beat("2026-11-20T22:59:59Z"))

    assert {one.day: one.record for one in into.measurements} == {
        DAY: "heart_rate-2026-11-20",
        date(2026, 11, 21): "heart_rate-2026-11-21",
    }


def test_oxygen_saturation_is_percent_with_its_own_digits():
    row = sample("oxygenSaturation", "2026-11-20T02:00:00Z", percentage=Decimal("96.40"))

    (one,) = read("oxygen_saturation", row).measurements

    assert (one.metric, one.unit) == (Metric.OXYGEN_SATURATION_SERIES, "%")
    assert [str(value) for value in one.value.samples] == ["96.40"]


def test_heart_rate_variability_is_two_series_of_one_day():
    rows = [
        sample(HRV, "2026-11-20T02:00:00Z", **{RMSSD: Decimal("31.5"), SDNN: Decimal("44.25")}),
        sample(HRV, "2026-11-20T02:05:00Z", **{RMSSD: Decimal("33.5")}),
    ]

    into = read("heart_rate_variability", *rows)

    found = {one.metric: one for one in into.measurements}
    rmssd = found[Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES]
    sdnn = found[Metric.HEART_RATE_VARIABILITY_SDNN_SERIES]
    assert samples_of(rmssd) == {10_800_000: Decimal("31.5"), 11_100_000: Decimal("33.5")}
    assert samples_of(sdnn) == {10_800_000: Decimal("44.25")}
    assert rmssd.unit == sdnn.unit == "ms"
    assert rmssd.record == sdnn.record == "heart_rate_variability-2026-11-20"
    assert ignored(into) == {"no_value": 1}


@pytest.mark.parametrize(
    ("at", "offset", "start", "end"),
    [
        # In New York it was still that day.
        (
            "2026-11-21T03:00:00.250Z",
            "-18000s",
            datetime(2026, 11, 19, 23, tzinfo=UTC),
            datetime(2026, 11, 21, 3, 0, 0, 250_000, tzinfo=UTC),
        ),
        # In Auckland it had begun.
        (
            "2026-11-19T11:30:00Z",
            "46800s",
            datetime(2026, 11, 19, 11, 30, tzinfo=UTC),
            datetime(2026, 11, 20, 23, tzinfo=UTC),
        ),
    ],
)
def test_a_traveller_widens_the_day_to_the_sample(at, offset, start, end):
    into = read("heart_rate", beat(at, "99", offset), beat("2026-11-20T12:00:00Z", "70"))

    (one,) = into.measurements
    assert (one.day, one.start, one.end) == (DAY, start, end)
    # Offsets of the ends are the zone's.
    assert (one.offset_minutes, one.end_offset_minutes) == (60, 60)
    instants = {one.start.timestamp() + float(ms) / 1000: v for ms, v in samples_of(one).items()}
    assert instants[datetime.fromisoformat(at).timestamp()] == 99


def test_a_day_without_a_midnight_begins_with_its_first_instant():
    zone, day = ZoneInfo("America/Santiago"), date(2026, 9, 6)
    window = Window(first_day=day, last_day=day, zone=zone)

    into = read("heart_rate", beat("2026-09-06T04:00:00Z", offset="-10800s"), window=window)

    (one,) = into.measurements
    assert one.start == datetime(2026, 9, 6, 4, tzinfo=UTC)
    assert (one.end - one.start).total_seconds() == 23 * 3600
    assert list(samples_of(one)) == [0]


def test_of_two_samples_of_an_instant_the_first_counts():
    into = read(
        "heart_rate", beat("2026-11-20T12:00:00.1234Z", "70"), beat("2026-11-20T12:00:00.1239Z")
    )

    assert list(samples_of(into.measurements[0]).values()) == [70]
    assert ignored(into) == {"copy": 1}


def test_a_heart_that_beats_at_zero_is_no_reading():
    into = read("heart_rate", beat("2026-11-20T12:00:00Z", "0"), beat("2026-11-20T12:00:01Z", None))

    assert (values(into), ignored(into)) == ({}, {"no_value": 2})


@pytest.mark.parametrize("bpm", ["61.5", "x", -61, Decimal("NaN"), Decimal("sNaN"), True, [61]])
def test_samples_that_cannot_be_read_are_told_once_and_cost_only_themselves(bpm):
    rows = [beat(f"2026-11-20T12:00:0{n}Z", bpm) for n in range(3)]

    into = read("heart_rate", *rows, beat("2026-11-20T12:01:00Z", "70"))

    assert left_out(into) == [
        (Metric.HEART_RATE_SERIES, "heart_rate-2026-11-20", "unreadable_value")
    ]
    assert list(samples_of(into.measurements[0]).values()) == [70]
    assert into.is_whole


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("x", "unreadable_row"),
        ({"heartRate": None}, "unreadable_row"),
        (beat("noon"), "no_time"),
        # An id says nothing of a sample within a series.
        ({"name": "users/1/dataTypes/heart-rate/dataPoints/7"} | beat("noon"), "no_time"),
    ],
)
def test_a_sample_that_does_not_say_when_leaves_it_open_what_is_deleted(row, reason):
    into = read("heart_rate", row, beat("2026-11-20T12:01:00Z", "70"))

    assert [told for _, _, told in left_out(into)] == [reason]
    assert len(into.measurements) == 1
    assert not into.is_whole


def test_what_is_said_beside_samples_is_counted_once_a_day_and_not_carried():
    metadata = {"motionContext": "ACTIVE"}
    rows = [beat(f"2026-11-20T12:00:0{n}Z", metadata=metadata if n == 1 else {}) for n in range(3)]

    into = read("heart_rate", *rows, beat("2026-11-20T13:00:00Z", new=1))

    assert ignored(into) == {"unmapped_field_metadata": 1, "unmapped_field_new": 1}


def test_samples_of_other_days_are_counted_and_not_read():
    into = read("heart_rate", beat("2026-11-15T22:59:59Z"), beat("2026-11-22T23:00:00Z"))

    assert (values(into), ignored(into)) == ({}, {"outside": 2})
    assert into.is_whole


def test_of_two_series_only_what_was_asked_for_is_published():
    row = sample(HRV, "2026-11-20T02:00:00Z", **{RMSSD: 31, SDNN: 44})

    into = read(
        "heart_rate_variability",
        row,
        asked=frozenset({Metric.HEART_RATE_VARIABILITY_SDNN_SERIES}),
    )

    assert set(values(into)) == {Metric.HEART_RATE_VARIABILITY_SDNN_SERIES}
    assert ignored(into) == {"not_asked_for": 1}
