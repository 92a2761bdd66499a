"""Withings' nights into the vocabulary; expectations come from the vendor's reference."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import DeviceInfo, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.sleep import nights_of, read_sleep

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WEEK = Window(first_day=date(2026, 11, 16), last_day=date(2026, 11, 22), zone=STOCKHOLM)
SATURDAY = date(2026, 11, 21)
MAT, WATCH = "201d" * 10, "5d1c" * 10
# From 22:30 to 06:30 in Stockholm.
START = int(datetime(2026, 11, 20, 21, 30, tzinfo=UTC).timestamp())
HOUR = 3600


def row(number=4410023391, *, data=None, start=START, length=8 * HOUR, **more):
    return {
        "id": number,
        "timezone": "Europe/Stockholm",
        "model": 32,
        "model_id": 63,
        "hash_deviceid": MAT,
        "startdate": start,
        "enddate": start + length,
        "date": "2026-11-21",
        "created": start + length + 60,
        "modified": start + length + 60,
        "completed": True,
        "data": {"total_sleep_time": 24480} if data is None else data,
        **more,
    }


def watch(number, **more):
    return row(number, **{"model": 16, "model_id": 94, "hash_deviceid": WATCH, **more})


def external(number, **more):
    unknown = {"model": 1055, "model_id": 1055, "hash_deviceid": None}
    return row(number, **{**unknown, "data": {"asleepduration": 25000}, **more})


def pages(*rows):
    return [Page(listing="sleep", body={"series": [*rows], "more": False, "offset": 0})]


def read(*rows, asked=frozenset(Metric)):
    into = Collected(window=WEEK, asked=asked)
    into.is_clear = read_sleep(pages(*rows), into)
    to_frame(into.measurements)
    return into


def values(into):
    return {one.metric: (one.value, one.unit) for one in into.measurements}


def records(into):
    return {one.record for one in into.measurements}


def left_out(into):
    return [(o.metric, o.record, o.reason, o.day, o.held_back) for o in into.unpublished]


def test_each_field_of_a_night_is_what_the_vendor_documents_in_its_unit():
    into = read(
        row(
            data={
                "total_timeinbed": 27300,
                "total_sleep_time": 24480,
                "lightsleepduration": 13500,
                "deepsleepduration": 5820,
                "remsleepduration": 5160,
                "wakeupduration": 2820,
                "sleep_efficiency": Decimal("0.90"),
                "sleep_latency": 840,
                "wakeupcount": 2,
                "waso": 1500,
                "hr_average": 56,
                "hr_min": 48,
                "hr_max": 77,
                "rr_average": 14,
                "snoring": 0,
                "snoringepisodecount": 0,
                "sleep_score": 82,
                "apnea_hypopnea_index": 9,
                "breathing_disturbances_intensity": 14,
            }
        )
    )

    assert {metric: (str(value), unit) for metric, (value, unit) in values(into).items()} == {
        "sleep_duration": ("24480", "s"),
        "deep_sleep_duration": ("5820", "s"),
        "light_sleep_duration": ("13500", "s"),
        "rem_sleep_duration": ("5160", "s"),
        "awake_duration": ("2820", "s"),
        "wake_after_sleep_onset": ("1500", "s"),
        "time_in_bed": ("27300", "s"),
        "sleep_latency": ("840", "s"),
        "awakenings": ("2", "{count}"),
        "snoring_duration": ("0", "s"),
        "snoring_episodes": ("0", "{count}"),
        "sleep_score": ("82", "{score}"),
        "sleep_efficiency": ("0.90", "1"),
        "mean_heart_rate": ("56", "/min"),
        "minimum_heart_rate": ("48", "/min"),
        "maximum_heart_rate": ("77", "/min"),
        "mean_respiratory_rate": ("14", "/min"),
        "apnea_hypopnea_index": ("9", "{events}/h"),
        "breathing_disturbances": ("14", "{score}"),
    }
    assert into.is_clear
    assert (into.ignored, into.unpublished) == ({}, [])


def test_a_night_is_one_group_over_midnight_on_the_day_of_waking_up():
    [one] = read(row()).measurements

    assert (one.record, one.group, one.day) == (
        "sleep-4410023391",
        "sleep-4410023391",
        SATURDAY,
    )
    assert one.start == datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    assert (one.device, one.method) == (MAT, RecordingMethod.DEVICE)


def test_a_night_in_which_clocks_change_has_the_offset_of_each_end():
    # From 23:00+02:00 to 06:00+01:00: eight hours.
    start = int(datetime(2026, 10, 24, 21, tzinfo=UTC).timestamp())
    sunday = Window(first_day=date(2026, 10, 25), last_day=date(2026, 10, 25), zone=STOCKHOLM)
    into = Collected(window=sunday, asked=frozenset(Metric))

    read_sleep(pages(row(start=start, date="2026-10-25")), into)

    [one] = into.measurements
    assert (one.offset_minutes, one.end_offset_minutes) == (120, 60)
    assert one.end - one.start == timedelta(hours=8)


def test_a_traveller_slept_in_the_zone_of_the_row():
    [one] = read(row(timezone="Asia/Kathmandu")).measurements

    assert (one.offset_minutes, one.day) == (345, SATURDAY)


def test_the_device_is_told_with_its_model():
    assert read(row()).devices == {
        MAT: DeviceInfo(device=MAT, model="Aura Sensor V2", kind="Sleep Monitor")
    }
    assert read(external(1)).devices == {}


def test_a_source_that_knows_no_stages_gives_how_long_alone():
    into = read(external(1, data={"asleepduration": 25000, "deepsleepduration": None}))

    assert values(into) == {"sleep_duration": (25000, "s")}


def test_how_long_somebody_slept_is_said_once():
    into = read(row(data={"total_sleep_time": 24480, "asleepduration": 25000}))

    assert values(into) == {"sleep_duration": (24480, "s")}
    assert into.ignored == {SATURDAY: {"copy": 1}}


def test_a_night_that_is_not_completed_is_held_back_as_a_whole():
    into = read(row(completed=False))

    assert into.measurements == []
    assert left_out(into) == [
        ("sleep_duration", "sleep-4410023391", "not_completed", SATURDAY, True)
    ]
    assert into.is_clear


def test_a_night_of_which_the_vendor_does_not_say_is_completed():
    listed = row()
    del listed["completed"]

    assert records(read(listed)) == {"sleep-4410023391"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (row(9), watch(1, length=9 * HOUR, data={"total_sleep_time": 30000})),
        (watch(9), external(1)),
        (watch(2, data={"total_sleep_time": 300}), watch(1, data={"total_sleep_time": 299})),
        (external(2), external(1, data={"asleepduration": 24999})),
        (row(2, data={"total_sleep_time": 1}), row(1, data={"sleep_score": 4})),
        (row(9), row(10)),
        (row(2), row(10)),
    ],
    ids=[
        "a mat before a watch",
        "a watch before what is passed on",
        "of two watches the longer",
        "of two that are passed on the longer",
        "the one that says how long",
        "of two that say the same the older",
        "older is by number",
    ],
)
def test_of_several_sources_of_a_night_one_counts_and_they_are_never_added(first, second):
    for rows in ([first, second], [second, first]):
        into = read(*rows)

        assert records(into) == {f"sleep-{first['id']}"}
        assert into.ignored == {SATURDAY: {"other_source": 1}}
        assert into.is_clear


def test_a_nap_of_the_same_day_is_another_sleep():
    into = read(row(1), watch(2, start=START + 15 * HOUR, length=HOUR))

    assert records(into) == {"sleep-1", "sleep-2"}
    assert into.ignored == {}


def test_a_night_begins_where_another_ends():
    assert records(read(row(1), watch(2, start=START + 8 * HOUR))) == {"sleep-1", "sleep-2"}


def test_what_the_vendor_counts_to_another_day_is_another_night():
    assert len(records(read(row(1), watch(2, date="2026-11-22")))) == 2


def test_a_night_that_is_not_completed_does_not_hide_what_another_source_says():
    into = read(row(1, completed=False), watch(2))

    assert records(into) == {"sleep-2"}
    assert [one.record for one in into.unpublished] == ["sleep-1"]


def test_of_one_id_that_is_listed_twice_the_version_modified_last_counts():
    older = row(data={"sleep_score": 5}, modified=9)
    newer = row(data={"sleep_score": 6}, modified=10)
    for rows in ([older, newer], [newer, older]):
        into = read(*rows)

        assert values(into) == {"sleep_score": (6, "{score}")}
        assert into.ignored == {SATURDAY: {"copy": 1}}


def test_an_index_that_the_vendor_could_not_tell_costs_only_itself():
    into = read(row(data={"apnea_hypopnea_index": -1, "sleep_score": 20}))

    assert values(into) == {"sleep_score": (20, "{score}")}
    assert left_out(into) == []
    assert into.ignored == {SATURDAY: {"no_value": 1}}


@pytest.mark.parametrize("value", [-2, -60])
def test_any_other_negative_value_cannot_be_read(value):
    into = read(row(data={"apnea_hypopnea_index": value}))

    assert left_out(into) == [
        ("apnea_hypopnea_index", "sleep-4410023391", "unreadable_value", SATURDAY, False)
    ]


def test_zero_is_no_heart_rate_and_no_breathing_but_may_be_an_index():
    zeros = dict.fromkeys(["hr_average", "hr_min", "hr_max", "rr_average", "waso"], 0)

    into = read(row(data={**zeros, "apnea_hypopnea_index": 0}))

    assert values(into).keys() == {"wake_after_sleep_onset", "apnea_hypopnea_index"}
    assert into.ignored == {SATURDAY: {"no_value": 4}}


def test_fields_that_are_not_carried_are_counted_by_name():
    into = read(row(data={"rr_min": 10, "night_events": "{}", "rmssd_start_avg": None, "?": 1}))

    assert into.ignored == {
        SATURDAY: {
            "unmapped_field_rr_min": 1,
            "unmapped_field_night_events": 1,
            "unmapped_field": 1,
        }
    }


@pytest.mark.parametrize("more", [{"enddate": START}, {"enddate": None}, {"startdate": "x"}])
def test_a_night_without_a_span_of_time_is_left_out_and_still_known(more):
    into = read(row(1, **more), row(2))

    assert records(into) == {"sleep-2"}
    assert left_out(into) == [("sleep_duration", "sleep-1", "no_time", SATURDAY, False)]
    assert into.is_clear


@pytest.mark.parametrize("more", [{"id": None}, {"id": True}, {"id": "a.b"}, {"date": None}])
def test_a_night_without_id_or_day_is_counted_and_nothing_is_concluded(more):
    into = read(row(1), row(2, **more))

    assert records(into) == {"sleep-1"}
    assert len(into.unpublished) == 1
    assert not into.is_clear


def test_a_row_that_is_none_costs_only_itself():
    into = read("row", row(1))

    assert records(into) == {"sleep-1"}
    assert left_out(into) == [
        ("sleep_duration", "sleep-unreadable-0", "unreadable_row", WEEK.first_day, False)
    ]
    assert not into.is_clear


def test_a_night_of_another_day_is_not_taken_and_nothing_is_concluded():
    into = read(row(date="2026-11-15"))

    assert (into.measurements, into.unpublished, into.is_clear) == ([], [], False)


@pytest.mark.parametrize("body", [{}, {"series": None}, {"series": {}}])
def test_an_answer_without_a_list_says_nothing_of_the_days(body):
    into = Collected(window=WEEK, asked=frozenset(Metric))

    with pytest.raises(Malformed):
        read_sleep([Page(listing="sleep", body=body)], into)


def test_of_nights_that_are_not_shared_nothing_is_told_but_how_many_values():
    listed = [row(1, data={"apnea_hypopnea_index": -1}), row(2, date="2026-11-20", completed=False)]

    into = read(*listed, asked=frozenset())

    assert (into.measurements, into.unpublished, into.devices) == ([], [], {})
    assert into.ignored == {
        SATURDAY: {"no_value": 1},
        date(2026, 11, 20): {"not_asked_for": 1},
    }


def test_the_nights_are_listed_with_those_that_count_marked():
    listed = pages(row(1, modified=77), watch(2), row(3, date="2026-11-22", timezone=None), "row")

    nights = {night.id: night for night in nights_of(listed, STOCKHOLM)}

    assert {name: night.chosen for name, night in nights.items()} == {
        "1": True,
        "2": False,
        "3": True,
    }
    one = nights["1"]
    assert (one.day, one.device, one.model_id, one.modified) == (SATURDAY, MAT, 63, 77)
    assert (one.end - one.start, one.record) == (timedelta(hours=8), "sleep-1")
    assert nights["3"].zone == STOCKHOLM


def test_a_night_that_is_not_completed_does_not_count():
    assert [one.chosen for one in nights_of(pages(row(completed=False)), STOCKHOLM)] == [False]


def test_nothing_of_a_night_shows_in_a_representation():
    assert "24480" not in repr(nights_of(pages(row()), STOCKHOLM))


@pytest.mark.parametrize("changes", [{"completed": False}, {"enddate": None}])
def test_the_stages_of_a_night_that_is_listed_and_not_told_stand_as_they_do(changes):
    into = read(row(7, **changes))

    assert "stages-7" in into.kept
