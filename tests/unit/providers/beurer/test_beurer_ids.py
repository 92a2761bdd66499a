"""Two exports of one person give the same records: any order, overlaps, several in a minute."""

from datetime import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.providers.beurer.beurer_exports import (
    LEGEND,
    PRO_DE_HEAD,
    PRO_DE_PRESSURE,
    PRO_DE_WEIGHT,
    counted,
    of,
    places,
    read,
    values,
)

HIGH = "15.03.2026;20:11;141;89;63;106\n"
LOW = "15.03.2026;20:11;127;79;63;95\n"
NEXT = "16.03.2026;07:40;131;83;66;99\n"


def pressures(*rows):
    return read(PRO_DE_HEAD + PRO_DE_PRESSURE + "".join(rows) + LEGEND)


def ids(parsed):
    return {
        (row.metric.value, row.record, row.occurrence, row.group): str(row.value)
        for row in parsed.frame.itertuples()
    }


@pytest.mark.parametrize("rows", [*permutations([HIGH, LOW, NEXT])], ids=range(6))
def test_two_readings_of_a_minute_are_the_same_two_in_any_order(rows):
    parsed = pressures(*rows)

    assert of(parsed, "pressure-2026-03-15T20:11")["systolic_blood_pressure"] == ("127", "mm[Hg]")
    assert of(parsed, "pressure-2026-03-15T20:11/1") == {
        "systolic_blood_pressure": ("141", "mm[Hg]"),
        "diastolic_blood_pressure": ("89", "mm[Hg]"),
        "mean_blood_pressure": ("106", "mm[Hg]"),
        "heart_rate": ("63", "/min"),
    }
    assert set(parsed.frame["record"]) == {"pressure-2026-03-15T20:11", "pressure-2026-03-16T07:40"}
    assert ids(parsed) == ids(pressures(HIGH, LOW, NEXT))


def test_a_row_that_is_there_twice_is_one_and_a_copy():
    parsed = pressures(LOW, NEXT, LOW)

    assert ids(parsed) == ids(pressures(LOW, NEXT))
    assert counted(parsed) == {"2026-03-15": {"copy": 1}}
    assert (parsed.rows, parsed.is_whole) == (3, True)


def test_overlapping_exports_agree_where_they_overlap():
    older, newer = ids(pressures(LOW)), ids(pressures(NEXT, LOW))

    assert {key: newer[key] for key in older} == older
    assert len(newer) == 2 * len(older)


def test_a_file_that_holds_its_sections_twice_is_read_once():
    text = PRO_DE_HEAD + PRO_DE_PRESSURE + LOW + "\n"

    assert ids(read(text + text)) == ids(read(text))


def test_kinds_of_one_minute_are_records_of_their_own():
    scale = "15.03.2026;20:11;71,4;;;;;;;62;\n"
    parsed = read(PRO_DE_HEAD + PRO_DE_WEIGHT + scale + "\n" + PRO_DE_PRESSURE + LOW)

    assert of(parsed, "weight-2026-03-15T20:11")["heart_rate"] == ("62", "/min")
    assert of(parsed, "pressure-2026-03-15T20:11")["heart_rate"] == ("63", "/min")


def test_the_record_is_named_after_the_time_as_it_is_written():
    text = PRO_DE_HEAD + PRO_DE_PRESSURE + LOW
    there = read(text, zone=ZoneInfo("Pacific/Auckland"))

    assert ids(there) == ids(read(text))
    assert places(there) == {
        "pressure-2026-03-15T20:11": ("2026-03-15T07:11:00+00:00", 780, "2026-03-15")
    }


ROWS = st.tuples(
    st.datetimes(datetime(2001, 1, 1), datetime(2026, 11, 1)),  # noqa: DTZ001 (local times)
    st.integers(80, 180),
    st.integers(40, 79),
)


@given(st.lists(ROWS, min_size=1, max_size=8), st.randoms())
def test_any_order_of_any_rows_gives_the_same(rows, random):
    written = [f"{at:%d.%m.%Y;%H:%M};{high};{low};60;\n" for at, high, low in rows]
    shuffled = random.sample(written, len(written))

    assert ids(pressures(*written)) == ids(pressures(*shuffled))
    assert len(values(pressures(*written))) == 3 * len(set(written))
