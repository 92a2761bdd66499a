"""What the reader asks for of OMRON's days, worked out by hand from the fact sheet."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.reader.readings import BY_DEVICE
from tests.unit.sandbox.omron_reader_parts import TRACKER, named, readings, said, timed, walked

START, END = (datetime(2026, 11, day, 23, tzinfo=UTC) for day in (19, 20))
HOUR = timedelta(hours=1)


def both(*rows):
    return {"activity": [one for row in rows for one in row["activity"]]}


def test_a_days_totals_stand_from_midnight_to_midnight():
    found = readings(walked())
    assert said(found) == {
        "41950-7": (7312, "{steps}/d"),
        "103208-5": (5100, "m"),
        "active-energy": (245, "kcal"),
    }
    assert {(one.instant, one.end, one.offset, one.end_offset) for one in found} == {
        (START, END, HOUR, HOUR)
    }
    assert {(one.record, one.day, one.says_day) for one in found} == {
        ("activity-2026-11-20", date(2026, 11, 20), True)
    }
    assert {(one.device, one.asserted) for one in found} == {(f"model:{TRACKER}", BY_DEVICE)}


@pytest.mark.parametrize(
    ("changes", "code", "expected"),
    [
        ({"distance": 3.1, "distanceUnits": "mile"}, "103208-5", (4989, "m")),
        ({"distance": 3.1, "distanceUnits": "mi"}, "103208-5", (4989, "m")),
        ({"distance": 5100, "distanceUnits": "m"}, "103208-5", (5100, "m")),
        ({"distance": 0}, "103208-5", (0, "m")),
        ({"distanceUnits": "parsec"}, "103208-5", None),
        ({"distanceUnits": None}, "103208-5", None),
        ({"calories": 900, "caloriesUnits": "kJ"}, "active-energy", (215, "kcal")),
        ({"calories": None}, "active-energy", None),
        ({"steps": 0}, "41950-7", (0, "{steps}/d")),
        ({"steps": -1}, "41950-7", None),
    ],
    ids=str,
)
def test_what_each_total_is(changes, code, expected):
    assert said(readings(walked(**changes))).get(code) == expected


def test_of_two_rows_of_a_day_the_one_with_the_most_steps_counts_then_the_later():
    rows = both(walked(1, steps=9000), walked(3, steps=10), walked(2, steps=9000, distance=7))
    found = said(readings(rows))
    assert (found["41950-7"], found["103208-5"]) == ((9000, "{steps}/d"), (7000, "m"))


@pytest.mark.parametrize(
    ("day", "utc", "offset", "hours"),
    [("2026-10-25", "2026-10-24T22:00:00", "+02:00", 25), ("2026-03-29", "2026-03-28T23:00:00",
                                                           "+01:00", 23)],
)  # fmt: skip
def test_a_day_of_the_links_zone_is_as_long_as_it_is_there(day, utc, offset, hours):
    row = walked(**timed(f"{day}T00:00:00", utc, offset))
    [one] = readings(row, first=date(2026, 3, 1), shared=frozenset({"activity"}))[:1]
    assert one.end - one.instant == hours * HOUR


@pytest.mark.parametrize(
    ("day", "utc", "offset", "begin", "hours", "offsets"),
    [
        ("2026-10-25", "2026-10-25T12:45:00", "+01:00", "2026-10-24T22:00:00", 25, (2, 1)),
        ("2026-03-29", "2026-03-29T11:45:00", "+02:00", "2026-03-28T23:00:00", 23, (1, 2)),
        # A phone that did not hear of the change.
        ("2026-10-25", "2026-10-25T11:45:00", "+02:00", "2026-10-24T22:00:00", 25, (2, 1)),
        # Nobody's clock at home on that day.
        ("2026-10-25", "2026-10-25T10:45:00", "+03:00", "2026-10-24T21:00:00", 24, (3, 3)),
    ],
    ids=["autumn", "spring", "not_changed", "elsewhere"],
)
def test_a_row_made_after_the_clocks_changed_is_of_the_whole_day(
    day, utc, offset, begin, hours, offsets
):
    row = walked(**timed(f"{day}T13:45:00", utc, offset))
    one = readings(row, first=date(2026, 3, 1))[0]
    assert one.instant == datetime.fromisoformat(f"{begin}+00:00")
    assert one.end - one.instant == hours * HOUR
    assert (one.offset, one.end_offset) == (offsets[0] * HOUR, offsets[1] * HOUR)


def test_a_travellers_day_has_24_hours_of_where_they_are():
    row = walked(**timed("2026-10-25T00:00:00", "2026-10-24T15:00:00", "+09:00"))
    one = readings(row, first=date(2026, 10, 25))[0]
    assert one.instant == datetime(2026, 10, 24, 15, tzinfo=UTC)
    assert one.end - one.instant == 24 * HOUR
    assert (one.offset, one.end_offset, one.day) == (9 * HOUR, 9 * HOUR, date(2026, 10, 25))


@pytest.mark.parametrize(("now", "is_open"), [(END - HOUR, True), (END, False)])
def test_a_day_is_preliminary_until_it_has_ended(now, is_open):
    found = readings(walked(), now=now)
    assert {one.is_open for one in found} == {is_open}
    assert {one.statuses == {"preliminary"} for one in found} == {is_open}


def test_a_total_that_a_listed_day_does_not_say_any_more_is_not_gone():
    stood = {one.key for one in readings(walked())}
    assert stood == named(walked(calories=None, distanceUnits="parsec"))


def test_activity_that_is_not_shared_is_not_asked_for():
    assert readings(walked(), shared=frozenset({"body"})) == []
