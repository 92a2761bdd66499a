"""The tidy frame: what fits, and what is refused by row and column."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest

from ohx_pipelines.measurements import (
    COLUMNS,
    FrameError,
    Measurement,
    Metric,
    RecordingMethod,
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


def test_a_frame_gives_back_exactly_what_was_put_in():
    assert measurements_of(to_frame([WEIGHT])) == [WEIGHT]


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
        to_frame([replace(WEIGHT, end=WEIGHT.start - timedelta(seconds=1))])


def test_another_set_of_columns_is_refused():
    with pytest.raises(FrameError, match="columns"):
        check_frame(pd.DataFrame({"value": []}))
