"""Times, numbers and days of Google's wire, read without trusting them; expectations come from its reference."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.google_health.points import (
    civil_date,
    double,
    instant,
    int64,
    moment,
    seconds,
    word,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-11-20T06:11:22Z", datetime(2026, 11, 20, 6, 11, 22, tzinfo=UTC)),
        ("2026-11-20T06:11:22.5Z", datetime(2026, 11, 20, 6, 11, 22, 500_000, tzinfo=UTC)),
        ("2026-11-20T06:11:22.343470Z", datetime(2026, 11, 20, 6, 11, 22, 343_000, tzinfo=UTC)),
        ("2026-11-20T06:11:22.999999999Z", datetime(2026, 11, 20, 6, 11, 22, 999_000, tzinfo=UTC)),
        ("2026-11-20T06:11:22+01:00", datetime(2026, 11, 20, 5, 11, 22, tzinfo=UTC)),
        ("2026-11-20T06:11:22", None),
        ("2026-11-20 06:11:22Z", None),
        ("2026-11-20T06:11Z", None),
        ("2026-11-20T24:11:22Z", None),
        ("2026-13-20T06:11:22Z", None),
        ("2026-11-20T06:11:22Z ", None),
        ("٢٠٢٦-11-20T06:11:22Z", None),
        ("20261120T061122Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-11-20T06:11:22+99:99", None),
        (1795155082, None),
        (None, None),
        ({}, None),
    ],
)
def test_a_time_is_an_instant_cut_to_milliseconds_or_none(given, told):
    assert instant(given) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("9312", 9312),
        ("-4", -4),
        ("0", 0),
        (9312, 9312),
        (Decimal(9312), 9312),
        (Decimal("9312.0"), 9312),
        (Decimal("9312.5"), None),
        ("9312.0", None),
        ("9_312", None),
        ("+4", None),
        ("", None),
        ("1e3", None),
        ("٧", None),
        ("9" * 19, None),
        ("9" * 5000, None),
        (10**40, None),
        (True, None),
        (Decimal("NaN"), None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_an_integer_stands_as_text_or_as_a_number(given, told):
    assert int64(given) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Decimal("71.350"), "71.350"),
        (71350, "71350"),
        (Decimal("1E+13"), None),
        (Decimal("1E-13"), None),
        (Decimal("sNaN"), None),
        ("71.35", None),
        (False, None),
        ([71], None),
    ],
)
def test_a_number_keeps_its_digits(given, told):
    found = double(given)

    assert (None if found is None else str(found)) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("934s", Decimal(934)),
        ("-14400s", Decimal(-14400)),
        ("0s", Decimal(0)),
        ("1.5s", Decimal("1.5")),
        ("0.000000001s", Decimal("0.000000001")),
        ("1.0000000001s", None),
        ("934", None),
        ("s", None),
        ("9m", None),
        ("934 s", None),
        (934, None),
        ("9" * 99 + "s", None),
    ],
)
def test_a_duration_is_seconds_with_an_s(given, told):
    assert seconds(given) == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"year": 2026, "month": 11, "day": 20}, date(2026, 11, 20)),
        ({"year": "2026", "month": "11", "day": "20"}, date(2026, 11, 20)),
        ({"year": 2026, "month": 2, "day": 30}, None),
        ({"year": 2026, "month": 11}, None),
        ({"year": 0, "month": 1, "day": 1}, None),
        ({"year": 10**9, "month": 1, "day": 1}, None),
        ({"year": 2026, "month": 11, "day": Decimal("20.5")}, None),
        ("2026-11-20", None),
        (None, None),
    ],
)
def test_a_civil_date_is_an_object_of_three_numbers(given, told):
    assert civil_date(given) == told


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("3600s", 60),
        ("-12600s", -210),
        ("0s", 0),
        ("50400s", 840),
        ("-43200s", -720),
        (None, 60),
        ("54000s", None),
        ("-46800s", None),
        ("1h", None),
        (60, None),
    ],
)
def test_an_offset_is_the_vendors_or_the_zones_and_never_a_guess(offset, minutes):
    found = moment("2026-11-20T06:11:22Z", offset, STOCKHOLM)

    assert (found.offset if found else None) == minutes


@pytest.mark.parametrize(
    ("given", "told"),
    [("DEEP", "DEEP"), ("X_UNSPECIFIED", None), (None, None), (7, ""), ({}, ""), ("", "")],
)
def test_a_word_that_was_never_set_is_none(given, told):
    assert word(given) == told


MILLISECOND = timedelta(milliseconds=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@given(
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 (made aware below)
    st.integers(-720, 840),
)
def test_the_day_of_an_instant_is_what_a_clock_there_showed(local, minutes):
    at = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)

    found = moment(at.isoformat().replace("+00:00", "Z"), f"{minutes * 60}s", STOCKHOLM)

    assert found.day == local.date()
    assert timedelta() <= at - found.at < MILLISECOND


@given(JSON)
def test_nothing_that_may_stand_on_the_wire_is_too_odd_to_be_read(junk):
    for read in (instant, int64, double, seconds, civil_date, word):
        read(junk)
    moment(junk, junk, STOCKHOLM)
