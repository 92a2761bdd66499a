"""What is counted of a file: takings by kind and day, never a value."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

from oauth_portal.previews import preview_of
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import DataType

# As with real apps, the pulse is a blood pressure monitor's, whoever else tells one.
FACTS = SimpleNamespace(
    data_types=(
        DataType(
            name="pressure",
            title="blood pressure and pulse",
            metrics=frozenset({Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.HEART_RATE}),
        ),
        DataType(
            name="oxygen",
            title="oxygen saturation",
            metrics=frozenset({Metric.OXYGEN_SATURATION}),
        ),
    )
)


def reading(metric, unit, record, day=1):
    return Measurement(
        metric=metric,
        value=Decimal(70),
        unit=unit,
        start=datetime(2026, 11, day, 7, tzinfo=UTC),
        offset_minutes=0,
        day=date(2026, 11, day),
        method=RecordingMethod.MANUAL,
        record=record,
        group=record,
    )


def kinds(*readings):
    preview = preview_of(SimpleNamespace(frame=to_frame(readings)), FACTS)
    return {one.title: one.count for one in preview.kinds}, preview


def test_the_values_of_one_taking_are_one_measurement_of_its_kind():
    counts, preview = kinds(
        reading(Metric.SYSTOLIC_BLOOD_PRESSURE, "mm[Hg]", "a"),
        reading(Metric.HEART_RATE, "/min", "a"),
        reading(Metric.OXYGEN_SATURATION, "%", "b", day=2),
        reading(Metric.HEART_RATE, "/min", "b", day=2),
    )

    assert counts == {"blood pressure and pulse": 1, "oxygen saturation": 1}
    assert preview.days == ((date(2026, 11, 2), (0, 1)), (date(2026, 11, 1), (1, 0)))


def test_a_pulse_alone_is_counted_once():
    assert kinds(reading(Metric.HEART_RATE, "/min", "c"))[0] == {"blood pressure and pulse": 1}


def test_a_file_without_readings_has_no_kinds():
    assert kinds()[0] == {}
