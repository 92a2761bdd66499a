"""The tidy frame: what fits, and what is refused by row and column."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest

from ohx_pipelines.measurements import (
    COLUMNS,
    Coded,
    FrameError,
    Mark,
    Measurement,
    Metric,
    Range,
    RecordingMethod,
    Series,
    check_frame,
    measurements_of,
    to_frame,
)

WEIGHT = Measurement(
    metric=Metric.BODY_WEIGHT,
    value=Decimal("72.30"),
    unit="kg",
    start=datetime(2026, 11, 20, 6, 31, 2, tzinfo=UTC),
    offset_minutes=60,
    day=date(2026, 11, 20),
    device="d" * 40,
    method=RecordingMethod.DEVICE,
    record="6120004411",
    group="6120004411",
)
A, B, C = Decimal(61), Decimal(62), Decimal(63)
NAN = Decimal("NaN")
# Values of every kind, with the unit that each needs.
FITTING = [
    (Decimal("72.30"), "kg"),
    (Range(low=A, high=C), "mL/min/kg"),
    (Range(low=A, high=A), "mL/min/kg"),
    (Series(samples=(A, Mark.MISSING, Mark.BELOW), interval_ms=Decimal("3.3333")), "/min"),
    (Series(samples=(A, Mark.ABOVE), offsets_ms=(Decimal(0), Decimal(5000))), "/min"),
    (Coded("deep"), None),
    (True, None),
    (False, None),
]
MISFITTING = [
    (72, "kg"),
    (Decimal("Infinity"), "kg"),
    (Range(low=C, high=A), "kg"),
    (Range(low=A, high=NAN), "kg"),
    (Range(low=61, high=C), "kg"),
    # Exactly one of interval and offsets.
    (Series(samples=(A, B)), "/min"),
    (
        Series(samples=(A,), interval_ms=Decimal(1000), offsets_ms=(Decimal(0),)),
        "/min",
    ),
    (Series(samples=(), interval_ms=Decimal(1000)), "/min"),
    (Series(samples=[A, B], interval_ms=Decimal(1000)), "/min"),
    (Series(samples=(A, NAN), interval_ms=Decimal(1000)), "/min"),
    (Series(samples=(A, "E"), interval_ms=Decimal(1000)), "/min"),
    (Series(samples=(A, None), interval_ms=Decimal(1000)), "/min"),
    (Series(samples=(A, B), interval_ms=Decimal(0)), "/min"),
    (Series(samples=(A, B), interval_ms=Decimal(-1)), "/min"),
    (Series(samples=(A, B), interval_ms=1000), "/min"),
    # Offsets ascend from the start, one for each sample.
    (Series(samples=(A, B), offsets_ms=(Decimal(0),)), "/min"),
    (Series(samples=(A, B), offsets_ms=(Decimal(5), Decimal(5))), "/min"),
    (Series(samples=(A, B), offsets_ms=(Decimal(5), Decimal(0))), "/min"),
    (Series(samples=(A, B), offsets_ms=(Decimal(-1), Decimal(0))), "/min"),
    (Series(samples=(A, B), offsets_ms=(Decimal(0), 5)), "/min"),
    (Coded(""), None),
    (Coded(7), None),
    ("72.30", "kg"),
    (None, None),
]


def test_a_frame_gives_back_exactly_what_was_put_in():
    assert measurements_of(to_frame([WEIGHT])) == [WEIGHT]


@pytest.mark.parametrize(("value", "unit"), FITTING)
def test_a_value_of_every_kind_survives_the_frame(value, unit):
    night = {"end": WEIGHT.start + timedelta(hours=8), "end_offset_minutes": 120}
    given = replace(WEIGHT, value=value, unit=unit, **night)

    [read] = measurements_of(to_frame([WEIGHT, replace(given, record="2")]))[1:]

    assert (read.value, read.unit) == (value, unit)
    assert type(read.value) is type(value)
    assert (read.end, read.end_offset_minutes) == (given.end, 120)


@pytest.mark.parametrize(("value", "unit"), MISFITTING)
def test_a_value_that_is_none_of_the_kinds_is_refused(value, unit):
    with pytest.raises(FrameError, match="row 1: column 'value'") as caught:
        to_frame([WEIGHT, replace(WEIGHT, record="2", value=value, unit=unit)])

    assert not {"61", "62", "63", "72"} & set(str(caught.value).split())


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (A, None),
        (Range(low=A, high=C), None),
        (Series(samples=(A,), interval_ms=Decimal(1)), None),
        (Coded("deep"), "min"),
        (True, "1"),
    ],
)
def test_a_unit_is_there_for_numbers_and_for_nothing_else(value, unit):
    with pytest.raises(FrameError, match="row 0: column 'unit'"):
        to_frame([replace(WEIGHT, value=value, unit=unit)])


@pytest.mark.parametrize(
    ("end", "offset"), [(None, 60), (WEIGHT.start, None), (WEIGHT.start, 900), (WEIGHT.start, True)]
)
def test_an_end_has_an_offset_of_its_own_and_nothing_else_has(end, offset):
    with pytest.raises(FrameError, match="row 0: column 'end_offset_minutes'"):
        to_frame([replace(WEIGHT, end=end, end_offset_minutes=offset)])


def test_the_vendors_precision_survives_the_frame():
    assert str(to_frame([WEIGHT])["value"].iloc[0]) == "72.30"


def test_no_measurements_are_an_empty_frame_with_all_columns():
    frame = to_frame([])

    assert list(frame.columns) == COLUMNS
    assert frame.empty


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("metric", "body_weight"),
        ("value", 72.3),
        ("value", Decimal("NaN")),
        ("unit", ""),
        ("start", datetime(2026, 11, 20, 6, 31)),  # noqa: DTZ001 (the point of the case)
        ("start", datetime(2026, 11, 20, 6, 31, tzinfo=timezone(timedelta(hours=1)))),
        ("offset_minutes", 15 * 60),
        ("day", datetime(2026, 11, 20, tzinfo=UTC)),
        ("method", "device"),
        ("record", 6120004411),
        ("occurrence", -1),
        ("occurrence", True),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_row_and_column_and_never_by_value(column, value):
    bad = (
        replace(WEIGHT, record="2", **{column: value})
        if column != "record"
        else replace(WEIGHT, record=value)
    )

    with pytest.raises(FrameError, match=rf"row 1: column '{column}'") as caught:
        to_frame([WEIGHT, bad])

    assert "72" not in str(caught.value)


def test_the_same_reading_twice_is_refused():
    with pytest.raises(FrameError, match="row 1"):
        to_frame([WEIGHT, WEIGHT])


def test_an_end_before_the_start_is_refused():
    with pytest.raises(FrameError, match="'end'"):
        to_frame([replace(WEIGHT, end=WEIGHT.start - timedelta(seconds=1), end_offset_minutes=60)])


def test_another_set_of_columns_is_refused():
    with pytest.raises(FrameError, match="columns"):
        check_frame(pd.DataFrame({"value": []}))
