"""Measurements into Observations: plain dicts of FHIR R5, numbers as exact Decimals.

Belongs here: shapes and times. Not here: codes and units (`mapping.yaml`), or what the EHR holds
(`reconcile.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pandas as pd

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.devices import device_id
from ohx_pipelines.fhir.identifiers import record_system, resource_id
from ohx_pipelines.fhir.mapping import UCUM, Coding, Mapping, MetricRow, PanelRow
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, measurements_of

CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
LABELS = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
# Who asserts the reading: the device or the patient who typed it in.
ASSERTED = {
    RecordingMethod.DEVICE: ("DEVAST", "device asserted"),
    RecordingMethod.MANUAL: ("PATAST", "patient asserted"),
}


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A resource that the EHR should hold, and the local day that it belongs to."""

    day: date
    resource: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Taking:
    """Rows that become one Observation: a panel's, or a single one (`panel` None)."""

    rows: tuple[Measurement, ...]
    panel: str | None


def build_observations(
    frame: pd.DataFrame, *, mapping: Mapping, context: PublishContext
) -> list[Desired]:
    """Give an Observation per row of the tidy frame, a panel's rows together, in row order.

    Raises ConfigurationError when the mapping cannot convert a unit.
    """
    return [
        Desired(day=taking.rows[0].day, resource=_observation(taking, mapping, context))
        for taking in _takings(measurements_of(frame), mapping)
    ]


def count_observations(readings: Iterable[tuple[Metric | None, str, int]], mapping: Mapping) -> int:
    """Count the Observations that readings (metric, group, occurrence) would have become."""
    listed = list(readings)
    panels = {(_panel(m, mapping), group, n) for m, group, n in listed if _panel(m, mapping)}
    joining = {
        (metric, group, n)
        for name, group, n in panels
        if name is not None
        for metric in mapping.panels[name].joins
    }
    single = [r for r in listed if not _panel(r[0], mapping) and r not in joining]
    return len(panels) + len(single)


def _panel(metric: Metric | None, mapping: Mapping) -> str | None:
    return mapping.panel_of.get(metric) if metric is not None else None


def _takings(rows: list[Measurement], mapping: Mapping) -> Iterator[_Taking]:
    panels: dict[tuple[str, str, int], list[Measurement]] = {}
    for row in rows:
        name = mapping.panel_of.get(row.metric)
        if name is not None:
            panels.setdefault((name, row.group, row.occurrence), []).append(row)
    for row in rows:
        if row.metric in mapping.panel_of:
            continue
        home = next((key for key in panels if _joins(row, key, mapping)), None)
        if home is None:
            yield _Taking(rows=(row,), panel=None)
        else:
            panels[home].append(row)
    for (name, _, _), members in panels.items():
        yield _Taking(rows=tuple(members), panel=name)


def _joins(row: Measurement, key: tuple[str, str, int], mapping: Mapping) -> bool:
    name, group, occurrence = key
    return row.metric in mapping.panels[name].joins and (row.group, row.occurrence) == (
        group,
        occurrence,
    )


def _observation(taking: _Taking, mapping: Mapping, context: PublishContext) -> dict[str, Any]:
    first = taking.rows[0]
    row: MetricRow | PanelRow = (
        mapping.panels[taking.panel] if taking.panel else mapping.metrics[first.metric]
    )
    name = taking.panel or first.metric.value
    key = (name, first.record, str(first.occurrence))
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": resource_id(context.secret, "Observation", context.vendor, context.vendor_user, *key),
        "meta": _meta(row.profile, first.method, context),
        "identifier": [
            {
                "system": record_system(context.vendor),
                "value": f"{first.record}.{name}.{first.occurrence}",
            }
        ],
        "status": "final",
        "category": [{"coding": [{"system": CATEGORIES, "code": row.category}]}],
        "code": _concept(row.coding),
        "subject": {"reference": f"Patient/{context.patient}"},
    }
    resource |= _effective(first) | _asserter(first, context)
    if isinstance(row, PanelRow):
        return resource | {"component": _components(row, taking.rows, mapping)}
    return resource | {"valueQuantity": _quantity(first, row)}


def _meta(profile: str | None, method: RecordingMethod, context: PublishContext) -> dict[str, Any]:
    code, display = ASSERTED[method]
    label = {"system": LABELS, "code": code, "display": display}
    declared = {"profile": [profile]} if profile else {}
    return declared | {"source": context.source, "security": [label]}


def _effective(row: Measurement) -> dict[str, Any]:
    if row.end is not None:
        # A period's end has an offset of its own, which a row does not carry.
        message = f"the mapping has no shape for {row.metric.value} over a period"
        raise ConfigurationError(message)
    return {"effectiveDateTime": local_text(row.start, row.offset_minutes)}


def local_text(instant: datetime, offset_minutes: int) -> str:
    """Write an instant with the user's offset then, as FHIR dateTime."""
    zone = timezone(timedelta(minutes=offset_minutes))
    return instant.astimezone(zone).isoformat()


def _asserter(row: Measurement, context: PublishContext) -> dict[str, Any]:
    """Name the device, or the patient who typed it in: a performer cannot be a Device."""
    if row.method is RecordingMethod.MANUAL:
        return {"performer": [{"reference": f"Patient/{context.patient}"}]}
    if row.device is None:
        return {}
    device = device_id(vendor=context.vendor, device=row.device, secret=context.secret)
    return {"device": {"reference": f"Device/{device}"}}


def _components(
    panel: PanelRow, rows: Iterable[Measurement], mapping: Mapping
) -> list[dict[str, Any]]:
    by_metric = {row.metric: row for row in rows}
    wanted = [*panel.components, *(metric for metric in panel.joins if metric in by_metric)]
    return [
        {"code": _concept(mapping.metrics[metric].coding)}
        | _component_value(by_metric.get(metric), mapping.metrics[metric])
        for metric in wanted
    ]


def _component_value(row: Measurement | None, mapped: MetricRow) -> dict[str, Any]:
    if row is None:
        return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "unknown"}]}}
    return {"valueQuantity": _quantity(row, mapped)}


def _quantity(row: Measurement, mapped: MetricRow) -> dict[str, Any]:
    return {
        "value": mapped.in_unit(row.value, row.unit),
        "unit": mapped.unit.text,
        "system": UCUM,
        "code": mapped.unit.code,
    }


def _concept(codings: Iterable[Coding]) -> dict[str, Any]:
    coding = [one.model_dump() for one in codings]
    return {"coding": coding, "text": coding[0]["display"]}
