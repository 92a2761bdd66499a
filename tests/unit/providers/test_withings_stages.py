"""What becomes of Withings' sleep stages: an interval each, and the series through the night."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, to_frame
from ohx_pipelines.providers.base import Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.sleep import nights_of
from ohx_pipelines.providers.withings.stages import read_stages, stage_fields

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 21)
# 22:50 of the evening before, local time; asleep until 06:25.
START = int(datetime(2026, 11, 20, 21, 50, tzinfo=UTC).timestamp())
END = START + 27_300
AURA = {"hash_deviceid": "201d", "model": "Aura Sensor V2", "model_id": 63}
WATCH = {"hash_deviceid": "5d1c", "model": "ScanWatch 2", "model_id": 94}
SHARED = frozenset({Metric.SLEEP_STAGE, Metric.HEART_RATE_SERIES, Metric.RESPIRATORY_RATE_SERIES})
VARIABILITY = frozenset(
    {
        Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES,
        Metric.HEART_RATE_VARIABILITY_SDNN_SERIES,
    }
)


def night(**changes):
    """Give a night as the summaries list it, of a Sleep Analyzer."""
    row = {
        "id": 4410, "timezone": "Europe/Stockholm", "model": 32, "model_id": 63,
        "hash_deviceid": "201d", "startdate": START, "enddate": END, "date": str(DAY),
        "created": END + 600, "modified": END + 600, "completed": True,
        "data": {"total_sleep_time": 24_480},
    }  # fmt: skip
    return row | changes


def segment(start, end, state=1, device=AURA, **fields):
    """Give a segment, its bounds in seconds from the night's start."""
    return {**device, "startdate": START + start, "enddate": START + end, "state": state, **fields}


def series(**samples):
    """Give a series by seconds from the night's start, such as `s60=58`."""
    return {str(START + int(name[1:])): value for name, value in samples.items()}


def read(*segments, asked=SHARED, rows=None, of="4410", days=1):
    """Give what is collected of one night's segments, and whether they were clear."""
    window = Window(first_day=DAY, last_day=DAY + timedelta(days=days - 1), zone=STOCKHOLM)
    into = Collected(window=window, asked=asked)
    listed = [Page(listing="sleep", body={"series": rows or [night()]})]
    page = Page(listing="stages", body={"series": list(segments), "model": 32}, of=of)
    is_clear = read_stages([page], nights_of(listed, STOCKHOLM), into)
    to_frame(into.measurements)
    return into, is_clear


def stages(into):
    """Give (seconds from the start, word) of the stages."""
    found = [one for one in into.measurements if one.metric is Metric.SLEEP_STAGE]
    return [(int(one.start.timestamp()) - START, one.value.code) for one in found]


def by_metric(into):
    return {m.metric.value: m for m in into.measurements if m.metric is not Metric.SLEEP_STAGE}


def samples(one):
    offsets = [int(offset / 1000) for offset in one.value.offsets_ms]
    return list(zip(offsets, one.value.samples, strict=True))


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (0, "awake"),
        (1, "light"),
        (2, "deep"),
        (3, "rem"),
        (4, "asleep"),
        (5, "asleep"),
        (15, "out_of_bed"),
    ],
)
def test_each_state_has_its_word(state, word):
    into, is_clear = read(segment(0, 1_140, state))

    assert [one.value for one in into.measurements] == [Coded(word)]
    assert is_clear


def test_a_stage_is_an_interval_of_its_night_in_the_nights_zone():
    into, _ = read(segment(60, 1_200, 2))

    [one] = into.measurements
    assert one.start == datetime(2026, 11, 20, 21, 51, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 20, 22, 10, tzinfo=UTC)
    assert (one.offset_minutes, one.end_offset_minutes, one.day) == (60, 60, DAY)
    assert (one.record, one.group) == (f"stages-4410.{START + 60}", "sleep-4410")
    assert (one.device, one.unit) == ("201d", None)
    assert into.devices["201d"].model == "Aura Sensor V2"
    assert into.devices["201d"].kind == "Sleep Monitor"


def test_a_traveller_sleeps_in_the_zone_of_the_night():
    rows = [night(timezone="America/New_York")]
    into, _ = read(segment(0, 600), rows=rows)

    assert [(one.offset_minutes, one.day) for one in into.measurements] == [(-300, DAY)]


def test_the_night_on_which_clocks_change_has_two_offsets():
    # Clocks go back at 03:00 local time: 01:00 UTC.
    start = int(datetime(2026, 10, 24, 21, tzinfo=UTC).timestamp())
    day = date(2026, 10, 25)
    rows = [night(startdate=start, enddate=start + 36_000, date=str(day))]
    window = Window(first_day=day, last_day=day, zone=STOCKHOLM)
    into = Collected(window=window, asked=SHARED)
    found = {**AURA, "startdate": start, "enddate": start + 18_000, "state": 2}
    found["hr"] = {str(start + 14_400): 50, str(start + 18_000): 51}
    page = Page(listing="stages", body={"series": [found]}, of="4410")
    nights = nights_of([Page(listing="sleep", body={"series": rows})], STOCKHOLM)

    assert read_stages([page], nights, into)
    assert {(one.offset_minutes, one.end_offset_minutes) for one in into.measurements} == {
        (120, 60)
    }
    assert samples(by_metric(into)["heart_rate_series"]) == [(14_400, 50), (18_000, 51)]


def test_the_series_of_all_segments_become_one_through_the_night():
    into, is_clear = read(
        segment(600, 1_200, 2, hr=series(s660=55, s600=56), rr=series(s600=13)),
        segment(0, 600, 1, hr=series(s0=58, s60=57), rr=series(s0=14), snoring=series(s0=0)),
    )

    found = by_metric(into)
    assert samples(found["heart_rate_series"]) == [(0, 58), (60, 57), (600, 56), (660, 55)]
    assert samples(found["respiratory_rate_series"]) == [(0, 14), (600, 13)]
    assert {one.unit for one in found.values()} == {"/min"}
    assert {one.record for one in found.values()} == {"stages-4410.series"}
    assert {one.group for one in found.values()} == {"sleep-4410"}
    assert is_clear


def test_a_series_spans_the_whole_night():
    into, _ = read(segment(600, 1_200, hr=series(s600=56)))

    one = by_metric(into)["heart_rate_series"]
    assert (one.start.timestamp(), one.end.timestamp()) == (START, END)
    assert (one.day, one.device) == (DAY, "201d")


def test_variability_is_a_series_in_milliseconds_where_it_is_asked_for():
    found = segment(0, 600, rmssd=series(s0=41), sdnn_1=series(s0=Decimal("55.5")))
    into, _ = read(found, asked=SHARED | VARIABILITY)

    assert {name: (one.value.samples, one.unit) for name, one in by_metric(into).items()} == {
        "heart_rate_variability_rmssd_series": ((41,), "ms"),
        "heart_rate_variability_sdnn_series": ((Decimal("55.5"),), "ms"),
    }


def test_variability_is_not_taken_where_it_is_not_asked_for():
    into, _ = read(segment(0, 600, rmssd=series(s0=41)))

    assert not by_metric(into)
    assert into.ignored[DAY] == {"not_asked_for": 1}


def test_stages_are_not_taken_where_only_the_series_are_asked_for():
    into, is_clear = read(
        segment(0, 600, hr=series(s0=58)), asked=frozenset({Metric.HEART_RATE_SERIES})
    )

    assert [one.metric for one in into.measurements] == [Metric.HEART_RATE_SERIES]
    assert is_clear


def test_samples_outside_the_night_are_dropped_and_those_on_its_bounds_are_not():
    inside = {"s0": 58, f"s{END - START}": 49}
    hr = series(**inside) | {str(START - 1): 70, str(END + 1): 71}
    into, _ = read(segment(0, 600, hr=hr))

    assert samples(by_metric(into)["heart_rate_series"]) == [(0, 58), (27_300, 49)]
    assert into.ignored[DAY] == {"outside": 2}


def test_a_sleeper_has_no_heart_rate_of_zero():
    into, _ = read(segment(0, 600, hr=series(s0=0, s60=57), rr=series(s0=0)))

    assert list(by_metric(into)) == ["heart_rate_series"]
    assert into.ignored[DAY] == {"no_value": 2}


@pytest.mark.parametrize("value", [-1, True, "58", Decimal("Infinity"), {}])
def test_a_sample_that_is_no_number_costs_only_itself(value):
    into, is_clear = read(segment(0, 600, hr=series(s0=value, s60=57)))

    assert samples(by_metric(into)["heart_rate_series"]) == [(60, 57)]
    [left_out] = into.unpublished
    assert (left_out.metric, left_out.record) == (Metric.HEART_RATE_SERIES, "stages-4410.series")
    assert (left_out.reason, left_out.day) == ("unreadable_value", DAY)
    assert is_clear


@pytest.mark.parametrize("unreadable", ["58", 58, [58], {"soon": 58}])
def test_a_series_that_cannot_be_read_costs_no_stage(unreadable):
    into, _ = read(segment(0, 600, hr=unreadable))

    assert stages(into) == [(0, "light")]
    assert [one.metric for one in into.unpublished] == [Metric.HEART_RATE_SERIES]


@pytest.mark.parametrize("empty", [None, [], {}])
def test_a_series_that_is_empty_is_nothing(empty):
    into, is_clear = read(segment(0, 600, hr=empty))

    assert (into.unpublished, dict(into.ignored)) == ([], {})
    assert is_clear


def test_series_that_stand_for_nothing_of_ours_are_counted_once_a_night():
    extra = {"snoring": series(s0=1, s60=0), "mvt_score": series(s0=3)}
    into, _ = read(segment(0, 600, **extra), segment(600, 1_200, **extra))

    assert into.ignored[DAY] == {"unmapped_field_snoring": 1, "unmapped_field_mvt_score": 1}


def test_a_state_that_nobody_knows_is_counted_and_its_series_is_kept():
    into, is_clear = read(segment(0, 600, 9, hr=series(s0=58)))

    assert not stages(into)
    assert samples(by_metric(into)["heart_rate_series"]) == [(0, 58)]
    assert into.ignored[DAY] == {"unknown_sleep_state_9": 1}
    assert is_clear


@pytest.mark.parametrize("state", [None, "1", True, Decimal(1)])
def test_a_state_that_cannot_be_read_costs_only_itself(state):
    into, is_clear = read(segment(0, 600, state), segment(600, 1_200, 2))

    assert stages(into) == [(600, "deep")]
    [left_out] = into.unpublished
    assert (left_out.metric, left_out.reason) == (Metric.SLEEP_STAGE, "unreadable_value")
    assert (left_out.record, left_out.group) == (f"stages-4410.{START}", "sleep-4410")
    assert is_clear


@pytest.mark.parametrize("end", [START, START - 60, None, "late"])
def test_a_stage_that_takes_no_time_costs_only_itself(end):
    into, is_clear = read(segment(0, 600) | {"enddate": end}, segment(600, 1_200, 3))

    assert stages(into) == [(600, "rem")]
    assert [(one.record, one.reason) for one in into.unpublished] == [
        (f"stages-4410.{START}", "no_time")
    ]
    assert is_clear


@pytest.mark.parametrize("row", [None, [], "deep", {}, {"startdate": "soon"}, {"startdate": True}])
def test_a_segment_without_a_start_is_shown_and_nothing_is_concluded(row):
    into, is_clear = read(row, segment(0, 600))

    assert not is_clear
    assert stages(into) == [(0, "light")]
    [left_out] = into.unpublished
    assert (left_out.record, left_out.reason, left_out.day) == ("stages-4410", "no_time", DAY)


def test_a_segment_of_another_sleep_is_not_taken_and_nothing_is_concluded():
    length = END - START
    into, is_clear = read(segment(length, length + 600), segment(-600, 0), segment(0, 600))

    assert not is_clear
    assert stages(into) == [(0, "light")]
    assert into.ignored[DAY] == {"outside": 2}


def test_a_segment_that_begins_before_its_night_is_taken_as_it_is():
    into, is_clear = read(segment(-300, 600))

    assert stages(into) == [(-300, "light")]
    assert is_clear


def test_the_nights_own_device_tells_its_stages():
    into, is_clear = read(
        segment(0, 600, 1, WATCH, hr=series(s0=61)),
        segment(600, 1_200, 2, WATCH),
        segment(0, 1_200, 3, hr=series(s0=58)),
    )

    assert stages(into) == [(0, "rem")]
    assert samples(by_metric(into)["heart_rate_series"]) == [(0, 58)]
    assert into.ignored[DAY] == {"other_source": 2}
    assert set(into.devices) == {"201d"}
    assert is_clear


@pytest.mark.parametrize("own", [None, "gone"])
def test_where_the_nights_device_tells_none_the_one_with_most_segments_does(own):
    other = {"hash_deviceid": "77b2", "model_id": 58}
    into, _ = read(
        segment(0, 600, 1, other),
        segment(0, 500, 2, WATCH),
        segment(500, 900, 3, WATCH),
        rows=[night(hash_deviceid=own)],
    )

    assert stages(into) == [(0, "deep"), (500, "rem")]


def test_of_devices_with_as_many_segments_the_smaller_id_tells():
    other = {"hash_deviceid": "77b2", "model_id": 58}
    into, _ = read(
        segment(0, 600, 1, other), segment(0, 500, 2, WATCH), rows=[night(hash_deviceid=None)]
    )

    assert {one.device for one in into.measurements} == {"5d1c"}


def test_a_stage_that_comes_twice_stands_once():
    into, is_clear = read(segment(0, 600), segment(0, 600), segment(600, 900, 2))

    assert stages(into) == [(0, "light"), (600, "deep")]
    assert into.ignored[DAY] == {"copy": 1}
    assert is_clear


@pytest.mark.parametrize("of", ["4411", ""])
def test_segments_of_a_night_that_was_not_asked_for_are_not_taken(of):
    into, is_clear = read(segment(0, 600), of=of)

    assert not is_clear
    assert not into.measurements


def test_a_night_of_a_day_outside_the_window_is_not_taken():
    into, is_clear = read(segment(0, 600), rows=[night(date="2026-11-22")])

    assert not is_clear
    assert not into.measurements


def test_a_night_without_segments_is_read_whole():
    into, is_clear = read()

    assert is_clear
    assert (into.measurements, into.unpublished, dict(into.ignored)) == ([], [], {})


@pytest.mark.parametrize("body", [{}, {"series": None}, {"series": {}}])
def test_an_answer_without_a_list_is_malformed(body):
    into = Collected(window=Window(first_day=DAY, last_day=DAY, zone=STOCKHOLM), asked=SHARED)

    with pytest.raises(Malformed):
        read_stages([Page(listing="stages", body=body, of="4410")], [], into)


def test_the_fields_asked_of_the_vendor_are_those_of_the_metrics_that_are_wanted():
    assert stage_fields(SHARED) == ["hr", "rr"]
    assert stage_fields(VARIABILITY) == ["rmssd", "sdnn_1"]
    assert stage_fields({Metric.SLEEP_STAGE}) == []


def test_no_value_is_in_the_words_of_what_was_collected():
    into, _ = read(segment(0, 600, hr=series(s0=187, s60=-187)))

    assert "187" not in repr(into)
