"""One reading of every metric of the table, in the shapes and groups that vendors send.

Belongs here: made-up readings, the same on every call, and whose they are. Not here: what they
become (the tests say). `every_frame` under `every_mapping` leaves nothing out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.governance.devices import build_device
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.measurements import (
    Coded,
    Mark,
    Measurement,
    Metric,
    Range,
    RecordingMethod,
    Series,
    to_frame,
)

ZONE = ZoneInfo("Europe/Berlin")
# Clocks go back on this day: it has 25 hours, and two offsets.
DAY = date(2026, 10, 25)
DEVICE = "5d1c0de5d1c0de"
# The night before the day, over the change of the clocks: 9 h 10 min.
NIGHT = (
    datetime.combine(DAY - timedelta(days=1), time(23, 10), ZONE),
    datetime.combine(DAY, time(7, 20), ZONE),
)
# From, to and decimals, by UCUM unit, and by metric where the unit does not say enough.
USUAL = {
    "%": (20, 60, 1),
    "/min": (48, 140, 0),
    "Cel": (34, 38, 2),
    "K": (-1, 1, 2),
    "a": (30, 60, 0),
    "cm": (60, 110, 1),
    "kcal": (200, 900, 0),
    "kcal/(24.h)": (1500, 2600, 0),
    "kcal/d": (1500, 2600, 0),
    "kg": (2, 40, 2),
    "kg/m2": (19, 30, 1),
    "m": (400, 9000, 1),
    "m/s": (6, 9, 2),
    "mL/(24.h)": (900, 2500, 0),
    "mL/min/kg": (38, 44, 0),
    "mg/dL": (80, 140, 0),
    "min": (5, 90, 0),
    "mm[Hg]": (60, 140, 0),
    "mmol/L": (4, 8, 1),
    "ms": (20, 90, 0),
    "uS": (40, 90, 0),
    "{count}": (0, 6, 0),
    "{events}/h": (1, 9, 2),
    "{flights}": (1, 20, 0),
    "{score}": (1, 99, 0),
    "{steps}": (100, 9000, 0),
    "{steps}/d": (1000, 12000, 0),
}
OF_METRIC = {
    Metric.BODY_WEIGHT: (60, 90, 3),
    Metric.BODY_HEIGHT: (150, 190, 0),
    Metric.SYSTOLIC_BLOOD_PRESSURE: (110, 140, 0),
    Metric.DIASTOLIC_BLOOD_PRESSURE: (65, 90, 0),
    Metric.MEAN_BLOOD_PRESSURE: (91, 105, 0),
    Metric.OXYGEN_SATURATION: (93, 99, 0),
    Metric.OXYGEN_SATURATION_SERIES: (93, 99, 0),
    Metric.MEAN_OXYGEN_SATURATION: (93, 99, 1),
    Metric.QT_INTERVAL: (360, 440, 0),
    Metric.CORRECTED_QT_INTERVAL: (380, 440, 0),
    Metric.RESPIRATORY_RATE: (11, 18, 0),
    Metric.RESPIRATORY_RATE_SERIES: (11, 18, 0),
    Metric.MEAN_RESPIRATORY_RATE: (11, 18, 1),
    Metric.SLEEP_DURATION: (380, 460, 0),
    Metric.TIME_IN_BED: (461, 500, 0),
    Metric.WORKOUT_DURATION: (20, 45, 0),
}
IRREGULAR = frozenset({Metric.HEART_RATE_VARIABILITY_RMSSD_SERIES, Metric.STEPS_SERIES})


def every_mapping():
    """Give the table with every metric enabled."""
    mapping = load_mapping()
    metrics = {
        metric: row.model_copy(update={"enabled": True}) for metric, row in mapping.metrics.items()
    }
    return mapping.model_copy(update={"metrics": metrics})


def every_context(**changes):
    """Say whose readings they are; the day of the readings has ended."""
    given = {
        "vendor": "acme",
        "vendor_user": "71234567",
        "patient": "every-reading",
        "secret": b"every reading of every metric...",
        "source": "https://example.org/source/acme",
        "now": datetime(2026, 11, 24, 12, tzinfo=UTC),
    }
    return PublishContext(**given | changes)


def every_device(context):
    """Give the Device that the readings name."""
    return build_device(
        device=DEVICE,
        model="Everything",
        kind="Scale",
        manufacturer="Acme",
        context=context,
        define=False,
    )


def every_frame():
    """Give the readings: each metric once on its own, and each panel with all that joins it."""
    made = _Made()
    mapping = every_mapping()
    for name, panel in mapping.panels.items():
        listed = [panel.value, *panel.components, *panel.joins]
        for metric in (one for one in listed if one is not None):
            made.add(metric, mapping.metrics[metric], effective=panel.effective, group=name)
        if panel.members is not None:
            made.add_stages(panel.members, mapping.metrics[panel.members], group=name)
    members = {panel.members for panel in mapping.panels.values()}
    for metric, row in mapping.metrics.items():
        if metric in mapping.panel_of or metric in members:
            continue
        # A scale's values are of one weighing; a classification is of the ECG.
        tied = row.derived_from or metric
        group = mapping.panel_of.get(tied) or tied.value
        made.add(metric, row, effective=row.effective, group=group)
    made.add_typed_in()
    return to_frame(made.readings)


class _Made:
    def __init__(self):
        self.readings = []
        self.random = Random(20261025)

    def add(self, metric, row, *, effective, group, **changes):
        value, unit = self._value(metric, row)
        given = {
            "metric": metric,
            "value": value,
            "unit": unit,
            "device": DEVICE,
            "method": RecordingMethod.DEVICE,
            "record": f"every-{group}",
            "group": f"every-{group}",
            "day": DAY,
        }
        hour = 8 + len(self.readings) % 12
        times = _period(*NIGHT) if group == "sleep" else _times(effective, value, hour=hour)
        self.readings.append(Measurement(**given | times | changes))

    def add_stages(self, metric, row, *, group):
        begins = NIGHT[0].astimezone(UTC)
        for n, word in enumerate(["in_bed", "light", "deep", "rem", "awake", "light"]):
            start, end = ((begins + timedelta(minutes=50 * m)).astimezone(ZONE) for m in (n, n + 1))
            self.add(
                metric,
                row,
                effective="point",
                group=group,
                value=Coded(word),
                occurrence=n,
                **_period(start, end),
            )

    def add_typed_in(self):
        row = load_mapping().metrics[Metric.BODY_WEIGHT]
        typed = {"device": None, "method": RecordingMethod.MANUAL}
        self.add(Metric.BODY_WEIGHT, row, effective="point", group="typed-in", **typed)

    def _value(self, metric, row):
        if row.shape == "boolean":
            return self.random.random() < 0.5, None
        if row.shape == "coded":
            return Coded(self.random.choice(sorted(row.values))), None
        if metric is Metric.ECG_WAVEFORM:
            signal = tuple(Decimal(self.random.randint(-400, 1200)) for _ in range(9000))
            return Series(samples=signal, interval_ms=Decimal("3.3333")), "uV"
        if row.shape == "series":
            return self._series(metric, row), row.unit.code
        if metric is Metric.VO2_MAX:
            return Range(low=Decimal(44), high=Decimal(48)), row.unit.code
        number = self._number(metric, row)
        # Durations come in seconds from most vendors.
        return (number * 60, "s") if row.unit.code == "min" else (number, row.unit.code)

    def _series(self, metric, row):
        samples = [self._number(metric, row) for _ in range(180)]
        if metric in IRREGULAR:
            offsets = sorted(self.random.sample(range(10800), len(samples)))
            times = tuple(Decimal(one * 1000) for one in offsets)
            return Series(samples=tuple(samples), offsets_ms=times)
        samples[3:5] = [Mark.MISSING, Mark.MISSING]
        samples[90:92] = [Mark.BELOW, Mark.ABOVE]
        return Series(samples=tuple(samples), interval_ms=Decimal(60000))

    def _number(self, metric, row):
        low, high, decimals = OF_METRIC.get(metric) or USUAL[row.unit.code]
        digits = self.random.randint(low * 10**decimals, high * 10**decimals)
        return Decimal(digits).scaleb(-decimals)


def _times(effective, value, *, hour):
    start = datetime.combine(DAY, time(hour, 31, 2), ZONE)
    if effective == "day":
        midnights = (datetime.combine(DAY + timedelta(days=n), time(), ZONE) for n in (0, 1))
        return _period(*midnights)
    if isinstance(value, Series):
        long = timedelta(seconds=30) if len(value.samples) == 9000 else timedelta(hours=3)
        return _period(start, start + long)
    if effective == "session":
        return _period(start, start + timedelta(minutes=47))
    return {"start": start.astimezone(UTC), "offset_minutes": _offset(start)}


def _period(start, end):
    return {
        "start": start.astimezone(UTC),
        "end": end.astimezone(UTC),
        "offset_minutes": _offset(start),
        "end_offset_minutes": _offset(end),
    }


def _offset(moment):
    return int(moment.utcoffset() / timedelta(minutes=1))
