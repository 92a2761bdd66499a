"""OMRON's activity: one row of a local date, from its midnight to the next."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.omron.omron_answers import (
    DAY,
    DAY_TOTAL,
    STOCKHOLM,
    at,
    ignored,
    left_out,
    measurements,
    read,
    values,
)

STEPS, DISTANCE = Metric.STEPS_PER_DAY, Metric.DISTANCE_PER_DAY
ENERGY = Metric.ACTIVE_ENERGY_PER_DAY
TOTAL = DAY_TOTAL | {"distance": Decimal("5.1")}


def window_of(day, zone=STOCKHOLM):
    return Window(first_day=day, last_day=day, zone=zone)


def span(result):
    (one,) = {
        (m.start, m.offset_minutes, m.end, m.end_offset_minutes) for m in measurements(result)
    }
    return one


def test_a_row_is_the_totals_of_its_local_date():
    result = read("activity", TOTAL)

    assert values(result) == {
        STEPS: (Decimal(7312), "{steps}"),
        DISTANCE: (Decimal("5.1"), "km"),
        ENERGY: (Decimal(245), "kcal"),
    }
    for one in measurements(result):
        assert (one.record, one.group, one.day) == (
            "activity-2026-11-20", "activity-2026-11-20", DAY,
        )  # fmt: skip
        assert one.method is RecordingMethod.DEVICE
    assert span(result) == (
        datetime(2026, 11, 19, 23, tzinfo=UTC), 60, datetime(2026, 11, 20, 23, tzinfo=UTC), 60,
    )  # fmt: skip


def test_the_day_begins_at_midnight_whenever_the_row_was_made():
    result = read("activity", TOTAL | at("2026-11-20T21:15:00"))

    assert span(result)[0] == datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "offset", "hours", "end_offset"),
    [(date(2026, 10, 25), "+02:00", 25, 60), (date(2026, 3, 29), "+01:00", 23, 120)],
    ids=["autumn", "spring"],
)
def test_a_day_of_a_clock_change_has_its_own_length(day, offset, hours, end_offset):
    row = TOTAL | at(f"{day}T00:00:00", offset)

    start, _, end, ends_at = span(read("activity", row, window=window_of(day)))

    assert (end - start).total_seconds() == hours * 3600
    assert ends_at == end_offset


@pytest.mark.parametrize(
    ("day", "offset", "begin", "hours", "offsets"),
    [
        (date(2026, 10, 25), "+01:00", datetime(2026, 10, 24, 22, tzinfo=UTC), 25, (120, 60)),
        (date(2026, 3, 29), "+02:00", datetime(2026, 3, 28, 23, tzinfo=UTC), 23, (60, 120)),
        # A phone that did not hear of the change.
        (date(2026, 10, 25), "+02:00", datetime(2026, 10, 24, 22, tzinfo=UTC), 25, (120, 60)),
    ],
    ids=["autumn", "spring", "not_changed"],
)
def test_a_row_made_after_the_clocks_changed_is_of_the_whole_day(
    day, offset, begin, hours, offsets
):
    row = TOTAL | at(f"{day}T13:45:00", offset)

    start, starts_at, end, ends_at = span(read("activity", row, window=window_of(day)))

    assert (start, (starts_at, ends_at)) == (begin, offsets)
    assert (end - start).total_seconds() == hours * 3600


def test_a_traveller_whose_clock_is_none_of_home_keeps_it_on_a_day_of_a_change():
    row = TOTAL | at("2026-10-25T13:45:00", "+03:00")

    start, starts_at, end, _ = span(read("activity", row, window=window_of(date(2026, 10, 25))))

    assert (start, starts_at) == (datetime(2026, 10, 24, 21, tzinfo=UTC), 180)
    assert (end - start).total_seconds() == 24 * 3600


def test_a_travellers_day_is_24_hours_of_where_it_began():
    row = TOTAL | at("2026-11-20T00:00:00", "-08:00")

    assert span(read("activity", row)) == (
        datetime(2026, 11, 20, 8, tzinfo=UTC), -480, datetime(2026, 11, 21, 8, tzinfo=UTC), -480,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "unit"),
    [("km", "km"), ("mi", "[mi_i]"), ("mile", "[mi_i]"), ("Miles", "[mi_i]"), ("m", "m")],
)
def test_a_distance_keeps_the_unit_that_the_row_names(said, unit):
    assert values(read("activity", TOTAL | {"distanceUnits": said}))[DISTANCE][1] == unit


@pytest.mark.parametrize(("said", "unit"), [("kcal", "kcal"), ("kJ", "kJ")])
def test_energy_keeps_the_unit_that_the_row_names(said, unit):
    assert values(read("activity", TOTAL | {"caloriesUnits": said}))[ENERGY][1] == unit


def test_a_total_without_a_known_unit_costs_itself_alone():
    result = read("activity", TOTAL | {"distanceUnits": "furlong", "caloriesUnits": None})

    assert set(values(result)) == {STEPS}
    assert left_out(result) == [
        (DISTANCE, "activity-2026-11-20", "unit_unknown"),
        (ENERGY, "activity-2026-11-20", "unit_unknown"),
    ]


def test_no_steps_are_a_value():
    row = TOTAL | {"steps": 0, "distance": 0, "calories": 0}

    assert {value for value, _ in values(read("activity", row)).values()} == {Decimal()}
    assert len(values(read("activity", row))) == 3


@pytest.mark.parametrize(
    ("name", "metric"), [("steps", STEPS), ("distance", DISTANCE), ("calories", ENERGY)]
)
@pytest.mark.parametrize("given", [-1, 10**10], ids=repr)
def test_a_total_that_nobody_walks_costs_itself_alone(name, metric, given):
    result = read("activity", TOTAL | {name: given})

    assert left_out(result) == [(metric, "activity-2026-11-20", "implausible")]
    assert len(values(result)) == 2


@pytest.mark.parametrize("order", [1, -1], ids=["in_order", "turned_round"])
def test_of_several_rows_of_a_date_the_one_with_the_most_steps_stands(order):
    rows = [TOTAL | {"id": n, "steps": steps} for n, steps in ((5, 100), (6, 900), (7, 400))]

    result = read("activity", *rows[::order])

    assert values(result)[STEPS][0] == 900
    assert ignored(result)["copy_of_day"] == 2


@pytest.mark.parametrize("order", [1, -1], ids=["in_order", "turned_round"])
def test_of_equal_steps_the_highest_id_stands(order):
    rows = [TOTAL | {"id": n, "calories": n} for n in (9, 10)]

    assert values(read("activity", *rows[::order]))[ENERGY][0] == 10


def test_a_row_that_two_pages_list_is_a_copy():
    assert ignored(read("activity", TOTAL, TOTAL)) == {"copy": 1, "not_mapped": 2}


def test_aerobic_steps_and_minutes_are_counted_and_not_carried():
    assert ignored(read("activity", TOTAL)) == {"not_mapped": 2}


def test_a_day_that_is_listed_no_more_is_told_by_the_whole_listing():
    result = read("activity")

    (listed,) = result.listed
    assert listed.prefix == "activity"
    assert listed.metrics == {STEPS, DISTANCE, ENERGY}
    assert listed.covers("activity-2026-11-20")
    assert result.kept == frozenset()


@pytest.mark.parametrize(
    "row", [TOTAL | at("?"), "row", None, []], ids=["no_time", "text", "null", "list"]
)
def test_nothing_is_concluded_where_a_row_says_not_of_which_date_it_is(row):
    result = read("activity", row, TOTAL)

    assert result.listed == ()
    assert set(values(result)) == {STEPS, DISTANCE, ENERGY}
    assert len(result.unpublished) == 1


def test_days_outside_the_window_are_dropped_silently():
    result = read("activity", TOTAL, window=window_of(date(2026, 11, 19)))

    assert result.frame.empty
    assert (left_out(result), ignored(result)) == ([], {})
    assert len(result.listed) == 1


def test_a_row_without_an_id_is_told_by_its_date():
    result = read("activity", TOTAL | {"id": None})

    assert set(values(result)) == {STEPS, DISTANCE, ENERGY}
    assert len(result.listed) == 1


def test_a_day_of_a_zone_that_skips_midnight_ends_where_the_next_begins():
    zone = ZoneInfo("Africa/Cairo")
    day = date(2026, 4, 23)
    row = TOTAL | at(f"{day}T00:00:00", "+02:00")

    start, _, end, end_offset = span(read("activity", row, window=window_of(day, zone)))

    # At 24:00 it is 01:00 of the next day.
    assert (start, end) == (
        datetime(2026, 4, 22, 22, tzinfo=UTC), datetime(2026, 4, 23, 22, tzinfo=UTC),
    )  # fmt: skip
    assert end_offset == 180
