"""What becomes of Withings' intraday series: one per local day, metric and source."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, to_frame
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.intraday import data_fields, intraday_calls, read_intraday

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 20)
# Local midnight: Berlin is an hour ahead of UTC in November.
MIDNIGHT = int(datetime(2026, 11, 19, 23, tzinfo=UTC).timestamp())
WATCH = {"deviceid": "5d1c", "hash_deviceid": "5d1c", "model": "ScanWatch 2", "model_id": 94}
TRACKER = {"deviceid": "77b2", "hash_deviceid": "77b2", "model": "Pulse HR", "model_id": 58}
PHONE = {"deviceid": None, "hash_deviceid": None, "model": "iOS step tracker", "model_id": 1051}
FREE = frozenset({Metric.HEART_RATE_SERIES, Metric.STEPS_SERIES})
PAID = frozenset(
    {
        Metric.OXYGEN_SATURATION_SERIES,
        Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES,
        Metric.HEART_RATE_VARIABILITY_SDNN_SERIES,
        Metric.RESPIRATORY_RATE_SERIES,
        Metric.CORE_BODY_TEMPERATURE_SERIES,
    }
)


def window_of(day, days=1, zone=BERLIN):
    return Window(first_day=day, last_day=day + timedelta(days=days - 1), zone=zone)


def read(*series, asked=FREE, window=None, of=str(DAY)):
    """Give what is collected from answers with these series, and whether they were clear."""
    into = Collected(window=window or window_of(DAY), asked=asked)
    pages = [Page(listing="intraday", body={"series": one}, of=of) for one in series]
    is_clear = read_intraday(pages, into)
    to_frame(into.measurements)
    return into, is_clear


def at(seconds, device=WATCH, **fields):
    return {str(MIDNIGHT + seconds): {**device, **fields}}


def by_metric(into):
    return {one.metric.value: one for one in into.measurements}


def samples(one):
    """Give (seconds from the start, number) of a measurement's series."""
    offsets = [int(offset / 1000) for offset in one.value.offsets_ms]
    return list(zip(offsets, one.value.samples, strict=True))


def test_heart_rate_and_steps_of_a_day_become_a_series_each():
    into, is_clear = read(
        at(28_800, heart_rate=67)
        | at(28_860, steps=42, duration=60)
        | at(28_920, heart_rate=71, steps=0)
    )

    assert is_clear
    found = by_metric(into)
    assert samples(found["heart_rate_series"]) == [(28_800, 67), (28_920, 71)]
    assert samples(found["steps_series"]) == [(28_860, 42), (28_920, 0)]
    assert (found["heart_rate_series"].unit, found["steps_series"].unit) == ("/min", "{steps}")
    assert not into.unpublished
    assert not into.ignored


def test_a_series_spans_the_whole_local_day_and_names_day_and_device():
    into, _ = read(at(60, heart_rate=60))

    [one] = into.measurements
    assert one.start == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert (one.offset_minutes, one.end_offset_minutes) == (60, 60)
    assert (one.day, one.record, one.device) == (DAY, "intraday-2026-11-20.5d1c", "5d1c")
    assert into.devices["5d1c"].model == "ScanWatch 2"
    assert into.devices["5d1c"].kind == "Activity Tracker"


def test_a_paid_series_stands_in_the_vendors_unit_with_the_vendors_digits():
    into, _ = read(
        at(60, spo2_auto=97, rmssd=41, sdnn1=55, rr=14, core_body_temperature=Decimal("36.70")),
        asked=PAID,
    )

    assert {name: (one.value.samples, one.unit) for name, one in by_metric(into).items()} == {
        "oxygen_saturation_series": ((97,), "%"),
        "heart_rate_variability_rmssd_series": ((41,), "ms"),
        "heart_rate_variability_sdnn_series": ((55,), "ms"),
        "respiratory_rate_series": ((14,), "/min"),
        "core_body_temperature_series": ((Decimal("36.70"),), "Cel"),
    }
    assert str(by_metric(into)["core_body_temperature_series"].value.samples[0]) == "36.70"


def test_samples_stand_in_the_order_of_their_time_whatever_the_vendors_order():
    into, _ = read(at(900, heart_rate=70) | at(60, heart_rate=60), at(300, heart_rate=65))

    assert samples(into.measurements[0]) == [(60, 60), (300, 65), (900, 70)]


def test_two_devices_have_a_heart_rate_series_each():
    into, _ = read(at(60, heart_rate=60) | at(120, TRACKER, heart_rate=61))

    assert {one.record: samples(one) for one in into.measurements} == {
        "intraday-2026-11-20.5d1c": [(60, 60)],
        "intraday-2026-11-20.77b2": [(120, 61)],
    }
    assert set(into.devices) == {"5d1c", "77b2"}


def test_an_entry_that_repeats_no_hash_is_of_the_same_device():
    short = {"deviceid": "5d1c", "model": "ScanWatch 2", "model_id": 94}
    into, _ = read(at(60, heart_rate=60) | at(120, short, heart_rate=61))

    assert [samples(one) for one in into.measurements] == [[(60, 60), (120, 61)]]


def test_a_phone_is_named_by_its_model_and_is_no_device():
    into, _ = read(at(60, PHONE, steps=30))

    [one] = into.measurements
    assert (one.record, one.device) == ("intraday-2026-11-20.1051", None)
    assert not into.devices


def test_what_names_neither_device_nor_model_still_counts():
    into, _ = read(at(60, {}, heart_rate=60))

    assert [one.record for one in into.measurements] == ["intraday-2026-11-20.unknown"]


def test_a_phones_steps_are_not_counted_beside_those_of_an_own_device():
    into, is_clear = read(at(60, steps=40) | at(120, PHONE, steps=38) | at(180, PHONE, steps=12))

    assert [(one.record, samples(one)) for one in into.measurements] == [
        ("intraday-2026-11-20.5d1c", [(60, 40)])
    ]
    assert into.ignored[DAY] == {"other_source": 2}
    assert is_clear


def test_a_watch_that_counted_no_steps_leaves_them_to_the_phone():
    into, _ = read(at(60, heart_rate=60) | at(120, PHONE, steps=38))

    assert {(one.metric.value, one.record) for one in into.measurements} == {
        ("heart_rate_series", "intraday-2026-11-20.5d1c"),
        ("steps_series", "intraday-2026-11-20.1051"),
    }


@pytest.mark.parametrize(
    ("entries", "counting"),
    [
        (at(60, steps=1) | at(120, TRACKER, steps=2) | at(180, TRACKER, steps=3), "77b2"),
        (at(60, TRACKER, steps=1) | at(120, steps=2) | at(180, steps=3), "5d1c"),
        # As many of each: the smaller id, so that it is the same one tomorrow.
        (at(60, TRACKER, steps=1) | at(120, steps=2), "5d1c"),
    ],
)
def test_of_several_own_devices_the_one_with_most_entries_counts_the_steps(entries, counting):
    into, _ = read(entries)

    assert [one.device for one in into.measurements] == [counting]


def test_a_living_body_has_no_zero():
    zeros = dict.fromkeys(["heart_rate", "spo2_auto", "rr", "core_body_temperature"], 0)
    into, is_clear = read(at(60, **zeros) | at(120, steps=0), asked=FREE | PAID)

    assert [one.metric for one in into.measurements] == [Metric.STEPS_SERIES]
    assert into.ignored[DAY] == {"no_value": 4}
    assert is_clear


@pytest.mark.parametrize("value", [-1, True, "67", Decimal("NaN"), {}, [67], float("inf")])
def test_a_sample_that_is_no_number_costs_only_itself(value):
    into, is_clear = read(at(60, heart_rate=value) | at(120, heart_rate=61))

    assert [samples(one) for one in into.measurements] == [[(120, 61)]]
    [left_out] = into.unpublished
    assert (left_out.metric, left_out.reason) == (Metric.HEART_RATE_SERIES, "unreadable_value")
    assert (left_out.record, left_out.day) == ("intraday-2026-11-20.5d1c", DAY)
    assert is_clear


def test_a_series_with_many_unreadable_samples_says_so_once():
    into, _ = read({key: row for n in range(50) for key, row in at(n, heart_rate=-1).items()})

    assert len(into.unpublished) == 1
    assert not into.measurements


def test_entries_without_a_reading_are_gaps():
    into, is_clear = read(at(60, duration=600) | at(700, heart_rate=None, duration=60))

    assert (into.measurements, into.unpublished, dict(into.ignored)) == ([], [], {})
    assert is_clear


def test_fields_that_stand_for_nothing_of_ours_are_counted_once_a_day():
    into, _ = read(
        at(60, steps=4, calories=Decimal("1.4"), distance=31) | at(120, steps=5, calories=2)
    )

    assert into.ignored[DAY] == {"unmapped_field_calories": 1, "unmapped_field_distance": 1}


def test_what_was_not_asked_for_is_not_taken():
    into, _ = read(at(60, heart_rate=60, spo2_auto=97), asked=frozenset({Metric.HEART_RATE_SERIES}))

    assert list(by_metric(into)) == ["heart_rate_series"]
    assert into.ignored[DAY] == {"not_asked_for": 1}


@pytest.mark.parametrize("key", ["", "soon", "-60", "1.5", "9" * 30, "1795252800 "])
def test_an_entry_without_a_time_is_shown_and_nothing_is_concluded(key):
    into, is_clear = read({key: {**WATCH, "heart_rate": 60}} | at(60, heart_rate=61))

    assert not is_clear
    assert [samples(one) for one in into.measurements] == [[(60, 61)]]
    [left_out] = into.unpublished
    assert (left_out.reason, left_out.record) == ("no_time", "intraday-2026-11-20")


def test_an_entry_that_is_no_object_is_shown_and_nothing_is_concluded():
    into, is_clear = read({str(MIDNIGHT): 67})

    assert not is_clear
    assert [one.reason for one in into.unpublished] == ["unreadable_row"]


@pytest.mark.parametrize("seconds", [-1, 86_400, 200_000])
def test_an_entry_of_another_day_is_not_taken_and_nothing_is_concluded(seconds):
    into, is_clear = read(at(seconds, heart_rate=60) | at(0, heart_rate=61))

    assert not is_clear
    assert [samples(one) for one in into.measurements] == [[(0, 61)]]
    assert into.ignored[DAY] == {"outside": 1}


@pytest.mark.parametrize("of", ["2026-11-21", "", "yesterday"])
def test_a_day_that_was_not_asked_for_is_not_taken(of):
    into, is_clear = read(at(60, heart_rate=60), of=of)

    assert not is_clear
    assert not into.measurements


@pytest.mark.parametrize("empty", [[], {}])
def test_a_day_without_anything_is_read_whole(empty):
    into, is_clear = read(empty)

    assert is_clear
    assert (into.measurements, into.unpublished) == ([], [])


@pytest.mark.parametrize("body", [{}, {"series": None}, {"series": [{}]}, {"series": "none"}])
def test_an_answer_without_a_series_is_malformed(body):
    into = Collected(window=window_of(DAY), asked=FREE)

    with pytest.raises(Malformed):
        read_intraday([Page(listing="intraday", body=body, of=str(DAY))], into)


def test_the_fields_asked_of_the_vendor_are_those_of_the_metrics_that_are_wanted():
    assert data_fields(FREE) == ["heart_rate", "steps"]
    assert data_fields({Metric.RESPIRATORY_RATE_SERIES}) == ["rr"]
    assert data_fields(PAID) == ["spo2_auto", "rmssd", "sdnn1", "rr", "core_body_temperature"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 11, 20), [24]),
        ("Europe/Berlin", date(2026, 3, 29), [23]),
        ("Europe/Berlin", date(2026, 10, 25), [24, 1]),
        ("Australia/Lord_Howe", date(2026, 4, 5), [24, 0.5]),
        # Midnight does not exist here: the day begins at one.
        ("America/Santiago", date(2026, 9, 6), [23]),
        ("Antarctica/Troll", date(2026, 10, 25), [24, 2]),
    ],
)
def test_calls_cover_a_local_day_and_none_is_longer_than_the_vendor_answers(zone, day, hours):
    calls = intraday_calls(day, ZoneInfo(zone))

    assert [(end - start).total_seconds() / 3600 for start, end in calls] == hours
    assert calls[0][0].astimezone(ZoneInfo(zone)).date() == day
    assert (calls[-1][1] - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day
    assert [end for _, end in calls[:-1]] == [start for start, _ in calls[1:]]


def test_the_hour_that_comes_twice_stands_twice():
    day = date(2026, 10, 25)
    first = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp())
    series = [{str(first): {**WATCH, "heart_rate": 50}}]
    series += [{str(first + 3600): {**WATCH, "heart_rate": 51}}]
    # The second call of the day begins where the first one ended, 24 hours after midnight.
    series += [{str(first + 79_200): {**WATCH, "heart_rate": 52}}]
    into, is_clear = read(*series, window=window_of(day), of=str(day))

    [one] = into.measurements
    assert is_clear
    assert samples(one) == [(9_000, 50), (12_600, 51), (88_200, 52)]
    assert (one.offset_minutes, one.end_offset_minutes) == (120, 60)
    assert one.end - one.start == timedelta(hours=25)


def test_days_of_a_window_do_not_mix():
    window = window_of(DAY, days=2)
    into = Collected(window=window, asked=FREE)
    pages = [
        Page(listing="intraday", body={"series": at(n * 86_400 + 60, heart_rate=60 + n)},
             of=str(DAY + timedelta(days=n)))
        for n in range(2)
    ]  # fmt: skip

    assert read_intraday(pages, into)
    assert [(one.record, samples(one)) for one in into.measurements] == [
        ("intraday-2026-11-20.5d1c", [(60, 60)]),
        ("intraday-2026-11-21.5d1c", [(60, 61)]),
    ]


def test_no_value_is_in_the_words_of_what_was_collected():
    into, _ = read(at(60, heart_rate=187) | at(120, heart_rate=-187))

    assert "187" not in repr(into)
