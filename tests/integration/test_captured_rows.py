"""Real captured days, workouts, nights and devices through the readers.

Every value of every row is accounted for: the expectations are counted and added up here from the
captured files by themselves, by the vendor's reference.
"""

import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Coded, Metric, to_frame
from ohx_pipelines.providers.base import Asked, Fetched, Page
from ohx_pipelines.providers.collected import Collected
from ohx_pipelines.providers.withings.account import read_devices
from ohx_pipelines.providers.withings.activity import read_activity
from ohx_pipelines.providers.withings.data_types import DATA_TYPES
from ohx_pipelines.providers.withings.normalize import normalize
from ohx_pipelines.providers.withings.sleep import nights_of, read_sleep
from ohx_pipelines.providers.withings.workouts import read_workouts
from tests.sandbox_process import REPOSITORY

BESIDE = REPOSITORY.parent / "shared" / "captures"
CAPTURES = Path(os.environ.get("OHX_TEST_CAPTURES", BESIDE)) / "withings"
AMSTERDAM, PARIS = ZoneInfo("Europe/Amsterdam"), ZoneInfo("Europe/Paris")


def captured(name):
    path = CAPTURES / name
    if not path.exists():
        pytest.skip("captured payloads are not beside this checkout (OHX_TEST_CAPTURES)")
    return json.loads(path.read_text(), parse_float=Decimal)["body"]


def window_of(rows, zone):
    days = [date.fromisoformat(row["date"]) for row in rows]
    return Window(first_day=min(days), last_day=max(days), zone=zone)


def read(reader, body, rows, zone):
    into = Collected(window=window_of(rows, zone), asked=frozenset(Metric))
    into.is_clear = reader([Page(listing="any", body=body)], into)
    to_frame(into.measurements)
    return into


def totals(into):
    """Add up what was measured, by metric; words are counted."""
    found = Counter()
    for one in into.measurements:
        found[one.metric] += 1 if isinstance(one.value, Coded) else one.value
    return dict(found)


def total(rows, name):
    return sum(row[name] for row in rows if row.get(name) is not None)


def ignored(into):
    return sum((Counter(words) for words in into.ignored.values()), Counter())


def given(rows, *, but=()):
    """Count the values that rows give, by name."""
    return Counter(
        name for row in rows for name, v in row.items() if v is not None and name not in but
    )


# What a day's row says of itself, not of the day.
ABOUT_A_DAY = {"date", "timezone", "modified", "brand", "modelid", "model", "is_tracker"}


@pytest.fixture(scope="module")
def days():
    body = captured("activity.json")
    return body["activities"], read(read_activity, body, body["activities"], AMSTERDAM)


def test_every_value_of_a_captured_day_is_measured_or_counted(days):
    rows, into = days
    values = given(rows, but=ABOUT_A_DAY)

    assert (len(rows), sum(values.values())) == (2, 25)
    assert len(into.measurements) == sum(values.values()) - values["active"] == 23
    assert ignored(into) == {"aggregate": values["active"]}
    assert (into.unpublished, into.devices, into.is_clear) == ([], {}, True)


def test_captured_days_add_up_to_what_the_rows_say(days):
    rows, into = days

    assert totals(into) == {
        "steps_per_day": 1209 + 1155,
        "distance_per_day": Decimal("1028.559") + Decimal("1020.121"),
        "floors_climbed_per_day": 0,
        "light_activity_duration": 1864 + 1516,
        "moderate_activity_duration": 292 + 287,
        "vigorous_activity_duration": 420,
        "active_energy_per_day": Decimal("85.497") + Decimal("134.132"),
        "energy_expended_per_day": Decimal("2303.788") + Decimal("2357.149"),
        "mean_heart_rate_per_day": 80,
        "minimum_heart_rate_per_day": 70,
        "maximum_heart_rate_per_day": 80,
        "light_heart_rate_zone_duration": 100,
        "moderate_heart_rate_zone_duration": 200,
        "intense_heart_rate_zone_duration": 300,
        "maximum_heart_rate_zone_duration": 400,
    }
    # `active` is left out because nothing is lost with it.
    assert [row["active"] for row in rows] == [r["moderate"] + r["intense"] for r in rows]


def test_captured_days_span_amsterdams_midnights(days):
    _, into = days

    assert {(one.day, one.start, one.end, one.offset_minutes) for one in into.measurements} == {
        (day, midnight, midnight + timedelta(days=1), 120)
        for day, midnight in (
            (date(2023, 10, 20), datetime(2023, 10, 19, 22, tzinfo=UTC)),
            (date(2023, 10, 21), datetime(2023, 10, 20, 22, tzinfo=UTC)),
        )
    }


@pytest.fixture(scope="module")
def workouts():
    body = captured("workouts.json")
    # One is listed twice.
    once = {row["id"]: row for row in body["series"]}
    return [*once.values()], body["series"], read(read_workouts, body, body["series"], AMSTERDAM)


NO_BODY_HAS_NONE = ("hr_average", "hr_min", "hr_max", "spo2_average")
CARRIED = {
    "calories": "energy_expended",
    "distance": "distance",
    "steps": "steps",
    "elevation": "floors_climbed",
    "hr_average": "mean_heart_rate",
    "hr_min": "minimum_heart_rate",
    "hr_max": "maximum_heart_rate",
    "spo2_average": "mean_oxygen_saturation",
}


def test_every_value_of_a_captured_workout_is_measured_or_counted(workouts):
    once, listed, into = workouts
    data = [row["data"] for row in once]
    values = given(data, but={"pause_duration"})
    zeros = sum(row.get(name) == 0 for row in data for name in NO_BODY_HAS_NONE)
    typed_in = values["manual_calories"] + values["manual_distance"]
    not_carried = {
        f"unmapped_field_{name}": count
        for name, count in values.items()
        if name not in CARRIED and not name.startswith("manual_")
    }

    assert (len(listed), len(once)) == (11, 10)
    assert ignored(into) == {
        "copy": 1,
        "no_value": zeros,
        "other_source": typed_in,
        **not_carried,
    }
    measured = sum(values[name] for name in CARRIED) - zeros
    # And of each what it was, and how long.
    assert len(into.measurements) == measured + 2 * len(once)
    assert measured + zeros + typed_in + sum(not_carried.values()) == sum(values.values())
    assert (into.unpublished, into.devices, into.is_clear) == ([], {}, True)


def test_captured_workouts_add_up_to_what_the_rows_say(workouts):
    once, _, into = workouts
    data = [row["data"] for row in once]
    paused = total(data, "pause_duration")

    assert totals(into) == {
        "workout_type": 10,
        "workout_duration": sum(row["enddate"] - row["startdate"] for row in once) - paused,
        **{metric: total(data, name) for name, metric in CARRIED.items()},
    }
    assert (total(data, "steps"), total(data, "distance"), paused) == (9471, 8241, 80)
    words = {one.value.code for one in into.measurements if one.metric is Metric.WORKOUT_TYPE}
    assert words == {"walking"}


def test_captured_workouts_are_on_the_local_day_on_which_they_began(workouts):
    once, _, into = workouts

    assert {(one.record, one.day, one.start.timestamp(), one.end.timestamp()) for one in into.measurements} == {
        (
            f"workout-{row['id']}",
            datetime.fromtimestamp(row["startdate"], AMSTERDAM).date(),
            row["startdate"],
            row["enddate"],
        )
        for row in once
    }  # fmt: skip


@pytest.fixture(scope="module")
def nights():
    body = captured("sleep_summary.json")
    return body["series"], read(read_sleep, body, body["series"], PARIS)


OF_A_NIGHT = {
    "total_sleep_time": "sleep_duration",
    "deepsleepduration": "deep_sleep_duration",
    "lightsleepduration": "light_sleep_duration",
    "remsleepduration": "rem_sleep_duration",
    "wakeupduration": "awake_duration",
    "waso": "wake_after_sleep_onset",
    "sleep_latency": "sleep_latency",
    "wakeupcount": "awakenings",
    "snoring": "snoring_duration",
    "snoringepisodecount": "snoring_episodes",
    "sleep_score": "sleep_score",
    "sleep_efficiency": "sleep_efficiency",
    "hr_average": "mean_heart_rate",
    "hr_min": "minimum_heart_rate",
    "hr_max": "maximum_heart_rate",
    "rr_average": "mean_respiratory_rate",
    "apnea_hypopnea_index": "apnea_hypopnea_index",
    "breathing_disturbances_intensity": "breathing_disturbances",
}


def test_every_value_of_a_captured_night_is_measured_or_counted(nights):
    rows, into = nights
    data = [row["data"] for row in rows]
    values = given(data)
    negative = Counter(OF_A_NIGHT[name] for row in data for name, value in row.items() if value < 0)

    assert (len(rows), sum(values.values())) == (150, 150 * 25)
    assert len(into.measurements) == 150 * len(OF_A_NIGHT) - negative.total()
    # What the vendor could not tell: -1 of an index; of a duration it is no amount.
    assert negative == {
        "apnea_hypopnea_index": 16,
        "breathing_disturbances": 16,
        "wake_after_sleep_onset": 1,
    }
    assert Counter(one.metric for one in into.unpublished) == {"wake_after_sleep_onset": 1}
    assert {(one.reason, one.held_back) for one in into.unpublished} == {
        ("unreadable_value", False)
    }
    assert ignored(into) == {"no_value": 32} | {
        f"unmapped_field_{name}": 150
        for name in (
            "durationtosleep",
            "durationtowakeup",
            "wakeup_latency",
            "nb_rem_episodes",
            "out_of_bed_count",
            "rr_min",
            "rr_max",
        )
    }
    assert into.is_clear


def test_captured_nights_add_up_to_what_the_rows_say(nights):
    rows, into = nights

    assert totals(into) == {
        metric: sum(row["data"][name] for row in rows if row["data"][name] >= 0)
        for name, metric in OF_A_NIGHT.items()
    }


def test_captured_nights_are_on_the_day_of_waking_up(nights):
    rows, into = nights

    assert {(one.record, one.day, one.start.timestamp(), one.end.timestamp()) for one in into.measurements} == {
        (
            f"sleep-{row['id']}",
            datetime.fromtimestamp(row["enddate"], PARIS).date(),
            row["startdate"],
            row["enddate"],
        )
        for row in rows
    }  # fmt: skip


def test_the_offsets_of_a_captured_night_are_those_of_its_ends(nights):
    _, into = nights

    # Clocks changed in the night to 28 March 2021.
    assert Counter(
        (one.offset_minutes, one.end_offset_minutes)
        for one in into.measurements
        if one.metric is Metric.SLEEP_DURATION
    ).keys() <= {(60, 60), (60, 120), (120, 120)}
    for one in into.measurements:
        assert one.offset_minutes == one.start.astimezone(PARIS).utcoffset() / timedelta(minutes=1)


def test_captured_nights_are_one_mats_and_all_count(nights):
    rows, into = nights

    assert {one.device for one in into.measurements} == {rows[0]["hash_deviceid"]}
    [device] = into.devices.values()
    assert (device.model, device.kind) == ("Aura Sensor V2", "Sleep Monitor")
    listed = nights_of([Page(listing="sleep", body={"series": rows})], PARIS)
    assert [night.chosen for night in listed] == [True] * 150


def test_of_each_day_of_captured_nights_a_window_of_that_day_says_the_same(nights):
    rows, into = nights

    for row in rows[:10]:
        alone = read(read_sleep, {"series": [row]}, [row], PARIS)
        record = f"sleep-{row['id']}"
        assert alone.measurements == [one for one in into.measurements if one.record == record]


def test_together_they_are_one_frame_and_every_listing_is_whole():
    listings = {
        "activity": "activity.json",
        "workouts": "workouts.json",
        "sleep": "sleep_summary.json",
    }
    bodies = {name: captured(file) for name, file in listings.items()}
    shared = frozenset(listings)
    fetched = Fetched(
        window=Window(
            first_day=date(2021, 3, 1), last_day=date(2023, 10, 31), zone=ZoneInfo("UTC")
        ),
        pages=[Page(listing=name, body=body) for name, body in bodies.items()],
        calls=3,
        asked=Asked(shared=shared, wanted=frozenset(Metric)),
    )

    normalized = normalize(fetched, DATA_TYPES)

    kinds = Counter(record.partition("-")[0] for record in normalized.frame["record"])
    assert kinds.keys() == {"activity", "workout", "sleep"}
    assert kinds["sleep"] == 150 * len(OF_A_NIGHT) - 33
    assert {one.prefix for one in normalized.listed} == {"activity", "workout", "sleep"}
    assert normalized.failures == ()


class CapturedDevices:
    """Answers as a WithingsClient does, with what was captured."""

    def devices(self, token):
        return captured("device.json")["devices"]


def test_a_captured_device_that_is_listed_several_times_is_one():
    assert [one.device for one in read_devices(CapturedDevices(), None)] == [
        "f998be4b9ccc9e136fd8cd8e8e344c31ec3b271d"
    ]
