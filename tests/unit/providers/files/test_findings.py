"""What is made of a file's rows: pairs, copies, several in one minute, days, counts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod, check_frame, measurements_of
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.providers.files.base import Cut, FileRefused, Refusal, RowNote
from ohx_pipelines.providers.files.findings import MOST_NOTES, MOST_UNPUBLISHED
from ohx_pipelines.providers.plausible import BOUNDS
from ohx_pipelines.providers.registry import FILE_PROVIDERS
from tests.unit.providers.files.reading import BERLIN, at, findings, parsed, take, weight

SYSTOLIC = Metric.SYSTOLIC_BLOOD_PRESSURE
DIASTOLIC = Metric.DIASTOLIC_BLOOD_PRESSURE
MEAN, PULSE = Metric.MEAN_BLOOD_PRESSURE, Metric.HEART_RATE
MOMENT = at("2026-03-14 07:52")
DAY = date(2026, 3, 14)
CUFF = DeviceInfo(device="HEM-7361T", model="HEM-7361T", kind="Blood Pressure Monitor")


def pressure(systolic=None, diastolic=None, pulse=None, mean=None):
    given = {
        SYSTOLIC: (systolic, "mm[Hg]"),
        DIASTOLIC: (diastolic, "mm[Hg]"),
        MEAN: (mean, "mm[Hg]"),
        PULSE: (pulse, "/min"),
    }
    return {m: (Decimal(value), unit) for m, (value, unit) in given.items() if value is not None}


def said(file):
    return {(one.record, one.metric, one.occurrence): one.value for one in rows(file)}


def rows(file):
    check_frame(file.frame)
    return measurements_of(file.frame)


def test_a_row_becomes_its_values_with_time_day_and_record():
    into = findings()
    take(into, weight("71.40"))

    [one] = rows(parsed(into))

    assert (one.metric, str(one.value), one.unit) == (Metric.BODY_WEIGHT, "71.40", "kg")
    assert one.start == datetime(2026, 3, 14, 6, 52, tzinfo=UTC)
    assert (one.end, one.offset_minutes, one.day) == (None, 60, DAY)
    assert (one.record, one.occurrence) == ("weight-2026-03-14T07:52", 0)
    assert (one.group, one.method, one.device) == (one.record, RecordingMethod.MANUAL, None)


def test_a_second_that_is_written_is_of_the_records_name():
    into = findings()
    take(into, weight("71.4"), moment=MOMENT.replace(second=7))

    assert rows(parsed(into))[0].record == "weight-2026-03-14T07:52:07"


def test_the_same_row_twice_is_one_and_a_copy():
    into = findings()
    take(into, weight("71.4"), row=5)
    take(into, weight("71.40"), row=9)

    file = parsed(into)

    assert len(file.frame) == 1
    assert file.ignored == {DAY: {"copy": 1}}
    assert file.rows == 2


def test_rows_of_one_minute_are_told_apart_in_any_order_of_the_file():
    taken = [pressure(127, 79, 63), pressure(131, 83, 66), pressure(127, 80), pressure(127, 79, 63)]
    seen = []
    for order in permutations(taken):
        into = findings()
        for row, values in enumerate(order):
            take(into, values, row=row, kind="pressure")
        seen.append(parsed(into).frame.to_dict("records"))

    assert all(one == seen[0] for one in seen)
    assert len(seen[0]) == 8
    assert {(one["occurrence"], one["group"]) for one in seen[0]} == {
        (0, "pressure-2026-03-14T07:52"),
        (1, "pressure-2026-03-14T07:52/1"),
        (2, "pressure-2026-03-14T07:52/2"),
    }


def test_occurrences_ascend_with_the_values():
    into = findings()
    take(into, weight("100.2"))
    take(into, weight("71.4"))

    assert [(one.occurrence, str(one.value)) for one in rows(parsed(into))] == [
        (0, "71.4"),
        (1, "100.2"),
    ]


def test_kinds_of_the_same_minute_do_not_meet():
    into = findings()
    take(into, {PULSE: (Decimal(62), "/min")}, kind="weight")
    take(into, pressure(127, 79, 62), kind="pressure")

    assert {(one.record[:8], one.occurrence) for one in rows(parsed(into))} == {
        ("weight-2", 0),
        ("pressure", 0),
    }


def test_of_two_that_say_the_same_the_devices_own_word_stands():
    for typed_in_first in (True, False):
        into = findings()
        for by_hand in (typed_in_first, not typed_in_first):
            method = RecordingMethod.MANUAL if by_hand else RecordingMethod.DEVICE
            take(into, weight("71.4"), method=method, device=None if by_hand else CUFF)

        file = parsed(into)

        assert [(one.method, one.device) for one in rows(file)] == [("device", "HEM-7361T")]
        assert file.devices == {"HEM-7361T": CUFF}


def test_zero_was_not_measured_and_a_row_of_zeros_says_nothing():
    into = findings()
    take(into, weight("71.4") | {PULSE: (Decimal("0.0"), "/min")})
    take(into, pressure(0, 0, 0), row=6, kind="pressure")

    file = parsed(into)

    assert [one.metric for one in rows(file)] == [Metric.BODY_WEIGHT]
    assert file.rejected == []
    assert file.rows == 2


def test_a_flag_is_taken_as_it_is():
    into = findings()
    take(into, {Metric.IRREGULAR_HEARTBEAT: (True, None)}, kind="pressure")

    assert [(one.value, one.unit) for one in rows(parsed(into))] == [(True, None)]


def test_a_value_that_cannot_be_is_rejected_and_the_rest_of_its_row_stays():
    into = findings()
    take(into, weight("714") | {PULSE: (Decimal(62), "/min")}, row=7)

    file = parsed(into)

    assert [one.metric for one in rows(file)] == [PULSE]
    assert file.rejected == [RowNote(row=7, word="implausible", metric="body_weight")]
    [one] = file.unpublished
    assert (one.metric, one.day, one.reason) == (Metric.BODY_WEIGHT, DAY, "implausible")
    assert (one.record, one.held_back) == ("weight-2026-03-14T07:52", False)
    assert not file.is_whole


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        (pressure(327, 79, 63, 95), {(SYSTOLIC, "implausible"), (DIASTOLIC, "pair_incomplete")}),
        (pressure(127, 0, 63, 95), {(SYSTOLIC, "pair_incomplete")}),
        (pressure(None, 79, 63, 95), {(DIASTOLIC, "pair_incomplete")}),
        (pressure(None, None, 63, 95), set()),
    ],
    ids=["one-implausible", "one-zero", "one-missing", "mean-alone"],
)
def test_half_a_blood_pressure_is_none_and_its_pulse_stays(values, notes):
    into = findings()
    take(into, values, row=7, kind="pressure")

    file = parsed(into)

    assert [one.metric for one in rows(file)] == [PULSE]
    assert {(one.metric, one.word) for one in file.rejected} == notes | {(MEAN, "pair_incomplete")}
    assert {one.row for one in file.rejected} == {7}


@pytest.mark.parametrize(
    ("moment", "word"),
    [
        (at("1999-12-31 23:59"), "date_too_early"),
        (at("0001-01-01 00:00"), "date_too_early"),
        (at("2026-11-21 13:01"), "date_in_the_future"),
        (at("9999-12-31 23:59"), "date_in_the_future"),
    ],
    ids=str,
)
def test_a_row_of_a_day_that_cannot_be_is_rejected_and_no_days(moment, word):
    into = findings()
    take(into, weight("71.4"), moment=moment, row=7)
    into.ignore(moment, "not_mapped")
    into.reject(8, "number_unreadable", kind="weight", moment=moment)

    file = parsed(into)

    assert file.rejected == [RowNote(row=7, word=word), RowNote(row=8, word="number_unreadable")]
    assert file.days == []


@pytest.mark.parametrize(
    "moment", [at("2000-01-01 00:00"), at("2026-11-21 13:00")], ids=["first", "last"]
)
def test_the_first_and_the_last_moment_that_can_be_are_taken(moment):
    into = findings()
    take(into, weight("71.4"), moment=moment)

    assert parsed(into).days == [moment.date()]


@pytest.mark.parametrize(
    ("moment", "word"),
    [
        (at("2026-10-25 02:30"), "repeated_hour"),
        (at("2026-03-29 02:30"), "skipped_hour"),
    ],
    ids=["repeated", "skipped"],
)
def test_a_rule_of_ours_about_a_clock_change_is_noted(moment, word):
    into = findings()
    take(into, weight("71.4"), moment=moment, row=7)

    file = parsed(into)

    assert file.taken_as == [RowNote(row=7, word=word)]
    assert rows(file)[0].record == f"weight-{moment.isoformat(timespec='minutes')}"
    assert file.is_whole


def test_a_row_of_another_zone_is_placed_in_it():
    into = findings()
    take(into, weight("71.4"), zone=ZoneInfo("Asia/Singapore"))

    [one] = rows(parsed(into))

    assert one.start == datetime(2026, 3, 13, 23, 52, tzinfo=UTC)
    assert (one.offset_minutes, one.day) == (480, DAY)


def test_a_session_that_ends_before_it_begins_ends_on_the_next_day():
    into = findings()
    begin, end = at("2026-03-14 23:10"), at("2026-03-14 06:05")
    values = {Metric.MEAN_OXYGEN_SATURATION: (Decimal(95), "%")}
    take(into, values, kind="oxygen", moment=begin, end=end)

    [one] = rows(parsed(into))

    assert one.end - one.start == timedelta(hours=6, minutes=55)
    assert (one.day, one.end_offset_minutes) == (DAY, 60)


NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("start", "end", "zone", "minutes", "offset"),
    [
        ("2026-10-25 02:30", "2026-10-25 02:10", BERLIN, 40, 60),
        ("2026-10-25 02:30", "2026-10-25 02:30", BERLIN, 0, 120),
        ("2026-10-25 02:10", "2026-10-25 02:30", BERLIN, 20, 120),
        ("2026-10-25 01:50", "2026-10-25 02:10", BERLIN, 20, 120),
        ("2026-10-25 02:30", "2026-10-25 03:10", BERLIN, 100, 60),
        # Both of its 02:50 are over: it is the next day's.
        ("2026-10-25 03:10", "2026-10-25 02:50", BERLIN, 23 * 60 + 40, 60),
        ("2026-11-01 01:59", "2026-11-01 01:00", NEW_YORK, 1, -300),
        ("2026-04-05 01:45", "2026-04-05 01:35", LORD_HOWE, 20, 630),
    ],
)
def test_a_session_in_a_repeated_hour_ends_at_the_first_such_time_after_its_start(
    start, end, zone, minutes, offset
):
    into = findings(zone=zone, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    values = {Metric.MEAN_OXYGEN_SATURATION: (Decimal(95), "%")}
    take(into, values, moment=at(start), end=at(end), kind="oxygen")

    (reading,) = measurements_of(parsed(into).frame)

    assert (reading.end - reading.start) == timedelta(minutes=minutes)
    assert reading.end_offset_minutes == offset


def test_a_session_never_ends_before_it_began_though_a_clock_change_says_so():
    into = findings()
    begin, end = at("2026-03-29 02:50"), at("2026-03-29 03:10")
    values = {Metric.MEAN_OXYGEN_SATURATION: (Decimal(95), "%")}
    take(into, values, kind="oxygen", moment=begin, end=end)

    [one] = rows(parsed(into))

    assert one.end == one.start


def test_a_rejected_row_without_a_time_is_noted_and_on_no_day():
    into = findings()
    into.reject(12, "date_unreadable", kind="weight")
    into.reject(3, "cells_missing", kind="weight", moment=MOMENT)

    file = parsed(into)

    assert [(one.row, one.word) for one in file.rejected] == [
        (3, "cells_missing"),
        (12, "date_unreadable"),
    ]
    assert [one.day for one in file.unpublished] == [DAY]
    assert file.rows == 2


def test_what_nobody_misses_is_counted_by_day():
    into = findings()
    take(into, weight("71.4"))
    into.ignore(MOMENT, "not_mapped", 3)
    into.ignore(MOMENT, "not_mapped")
    into.ignore(MOMENT + timedelta(days=1), "not_mapped", 0)

    assert parsed(into).ignored == {DAY: {"not_mapped": 4}}


def test_a_device_is_told_only_of_rows_that_stand():
    into = findings()
    take(into, weight("714"), device=CUFF, method=RecordingMethod.DEVICE)

    assert parsed(into).devices == {}


def test_a_file_in_which_nothing_was_found_is_refused():
    with pytest.raises(FileRefused) as caught:
        parsed(findings())

    assert caught.value.reason is Refusal.NO_READINGS


def test_of_far_too_much_that_cannot_be_read_the_first_is_listed_and_the_rest_counted():
    into = findings()
    for row in range(1, 150_001):
        into.reject(row, "number_unreadable", metric=PULSE, kind="weight", moment=MOMENT)

    file = parsed(into)

    assert [note.row for note in file.rejected] == list(range(1, MOST_NOTES + 1))
    assert file.more_notes == {"number_unreadable": 150_000 - MOST_NOTES}
    assert (file.rows, file.is_whole) == (150_000, False)
    # Its day still tells of each.
    assert len(file.unpublished) == MOST_UNPUBLISHED
    assert file.ignored == {MOMENT.date(): {"number_unreadable": 150_000 - MOST_UNPUBLISHED}}


def test_of_many_readings_of_a_repeated_hour_the_first_are_listed_and_the_rest_counted():
    into = findings()
    for row in range(1, MOST_NOTES + 8):
        take(into, weight("71.4"), moment=at("2026-10-25 02:30"), row=row)

    file = parsed(into)

    assert [note.row for note in file.taken_as] == list(range(1, MOST_NOTES + 1))
    assert (file.more_notes, file.is_whole) == ({"repeated_hour": 7}, True)


def test_what_was_decided_is_told():
    into = findings()
    take(into, weight("71.4"))

    file = parsed(into, cut=Cut.ENDS_INSIDE, birth_date=date(1975, 2, 1))

    assert (file.format, file.encoding, file.separator) == ("test", "utf-8", ";")
    assert (file.cut, file.birth_date, file.is_whole) == (Cut.ENDS_INSIDE, date(1975, 2, 1), False)


def test_no_value_and_no_birth_date_is_in_what_is_told_of_findings():
    into = findings()
    take(into, weight("71.4321"))
    file = parsed(into, birth_date=date(1975, 2, 1))

    assert "71.4321" not in repr(into) + repr(file)
    assert "1975" not in repr(file)


def test_a_moment_ahead_of_utc_by_its_zone_alone_is_not_in_the_future():
    kiritimati, honolulu = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Honolulu")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    ahead, behind = findings(zone=kiritimati, now=now), findings(zone=honolulu, now=now)
    take(ahead, weight("71.4"), moment=at("2026-11-22 01:00"))
    take(behind, weight("71.4"), moment=at("2026-11-21 07:00"))

    # By UTC the first is at 11:00 of the 21st, an hour before the last that can be, the second at 17:00.
    assert parsed(ahead).rejected == []
    assert [note.word for note in parsed(behind).rejected] == ["date_in_the_future"]


def test_a_device_of_which_nothing_stands_is_not_told_of():
    into = findings()
    for name in ("B", "A"):
        device = DeviceInfo(device=name, model=name, kind="Scale")
        take(into, weight("71.4"), method=RecordingMethod.DEVICE, device=device)

    file = parsed(into)

    assert ({*file.frame["device"]}, file.devices.keys()) == ({"A"}, {"A"})


def test_values_keep_the_digits_that_they_were_written_with():
    into = findings()
    take(into, weight("70.0"), moment=at("2026-03-14 07:52"))
    take(into, weight("70.00"), moment=at("2026-03-15 07:52"))

    assert [str(value) for value in parsed(into).frame["value"]] == ["70.0", "70.00"]


def test_where_diastolics_are_equal_the_mean_tells_readings_apart_before_the_pulse():
    into = findings()
    take(into, pressure(130, 80, 60, 99), kind="pressure")
    take(into, pressure(127, 80, 75, 97), kind="pressure")

    told = [
        (r.occurrence, r.value) for r in measurements_of(parsed(into).frame) if r.metric is MEAN
    ]

    assert told == [(0, Decimal(97)), (1, Decimal(99))]


def test_sessions_that_end_at_other_times_are_not_the_same():
    into = findings()
    for end in ("2026-03-14 08:10", "2026-03-14 08:20", "2026-03-14 08:20"):
        values = {Metric.MEAN_OXYGEN_SATURATION: (Decimal(95), "%")}
        take(into, values, end=at(end), kind="oxygen")

    file = parsed(into)

    assert [end.minute for end in file.frame["end"]] == [10, 20]
    assert file.ignored == {DAY: {"copy": 1}}


def test_one_minute_of_two_zones_is_two_readings():
    into = findings()
    for name in ("Asia/Tokyo", "Europe/Berlin"):
        take(into, weight("71.4"), zone=ZoneInfo(name))

    frame = parsed(into).frame

    assert [*frame["occurrence"]] == [0, 1]
    assert [*frame["offset_minutes"]] == [540, 60]


SAYABLE = {m for one in FILE_PROVIDERS for m in one.facts.metrics_of(one.facts.shareable)}


@pytest.mark.parametrize("metric", sorted(SAYABLE))
def test_whatever_a_file_can_say_is_told_apart_in_one_minute(metric):
    said_of_it = (BOUNDS[metric][1], "unit") if metric in BOUNDS else (True, None)
    into = findings()
    for _ in range(2):
        take(into, {**pressure(120, 80), metric: said_of_it})

    file = parsed(into)

    assert metric in {*file.frame["metric"]}
    assert file.ignored == {DAY: {"copy": 1}}
