"""Measurements into Observations: plain dicts of FHIR R5, numbers as exact Decimals.

Belongs here: the Observation around a value, its references, what was left out. Not here: which
readings belong together (`takings.py`), values (`shapes.py`), times (`effective.py`), codes and
units (`mapping.yaml`), or what the EHR holds (`reconcile.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from ohx_pipelines.fhir.building.effective import declared_profile, effective, status
from ohx_pipelines.fhir.building.left_out import LeftOut, Reason, Unfit
from ohx_pipelines.fhir.building.shapes import absent, concept, value_of
from ohx_pipelines.fhir.building.takings import Taking, takings_of
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.governance.devices import device_id
from ohx_pipelines.fhir.identifiers import DAY_SYSTEM, record_system, resource_id
from ohx_pipelines.fhir.labels import meta
from ohx_pipelines.fhir.mapping import Mapping, MetricRow, PanelRow
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, measurements_of

CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
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
class Built:
    """What readings became: resources, those referred to first, and the readings without one."""

    desired: list[Desired]
    unpublished: list[LeftOut]

    @property
    def left_out(self) -> dict[date, Counter[str]]:
        """Count the readings without a resource by their day and the reason."""
        counted: dict[date, Counter[str]] = {}
        for one in self.unpublished:
            counted.setdefault(one.day, Counter())[one.reason.value] += 1
        return counted


def build_observations(frame: pd.DataFrame, *, mapping: Mapping, context: PublishContext) -> Built:
    """Give an Observation per row of the tidy frame, a panel's rows together.

    A reading that cannot be built is left out with its reason, and so is what stands or falls
    with it: half a blood pressure is none. No reading costs another taking.
    """
    builder = _Builder(mapping, context)
    readings = measurements_of(frame)
    builder.leave_out(
        (one for one in readings if not mapping.is_enabled(one.metric)), Reason.DISABLED
    )
    for taking in takings_of((r for r in readings if mapping.is_enabled(r.metric)), mapping):
        builder.add(taking)
    return Built(desired=builder.desired, unpublished=builder.unpublished)


class _Builder:
    """Builds takings one by one; those referred to must come first."""

    def __init__(self, mapping: Mapping, context: PublishContext) -> None:
        self.mapping = mapping
        self.context = context
        self.desired: list[Desired] = []
        self.unpublished: list[LeftOut] = []
        # The ids of what was built, by metric and group, and then by occurrence and record.
        self._built: dict[tuple[Metric, str], dict[tuple[int, str], str]] = {}

    def leave_out(self, readings: Iterable[Measurement], reason: Reason) -> None:
        """Note readings as left out."""
        self.unpublished.extend(LeftOut.of(one, reason) for one in readings)

    def add(self, taking: Taking) -> None:
        """Build one taking, or leave it out: whatever goes wrong costs it alone."""
        try:
            resource = self._observation(taking)
        except Unfit as unfit:
            self.leave_out(taking.readings, unfit.reason)
        except Exception:  # noqa: BLE001 (the border of a reading: no text of an error may pass)
            self.leave_out(taking.readings, Reason.MAPPING_ERROR)
        else:
            self.desired.append(Desired(day=taking.anchor.day, resource=resource))
            for one in taking.readings:
                of_group = self._built.setdefault((one.metric, one.group), {})
                of_group[one.occurrence, one.record] = resource["id"]

    def _observation(self, taking: Taking) -> dict[str, Any]:
        anchor, row = taking.anchor, taking.row(self.mapping)
        resource = {
            "resourceType": "Observation",
            **_identity(taking, row, self.context),
            "status": status(anchor, row, self.context.now),
            "category": [{"coding": [{"system": CATEGORIES, "code": row.category}]}],
            "code": concept(row.coding),
            "subject": {"reference": f"Patient/{self.context.patient}"},
        }
        resource |= effective(anchor, row) | _asserter(anchor, self.context)
        # How a device arrives at a value says nothing of one that was typed in.
        if row.method and anchor.method is not RecordingMethod.MANUAL:
            resource["method"] = {"text": row.method}
        if isinstance(row, MetricRow):
            resource |= value_of(anchor, row)
        else:
            resource |= self._panel(taking, row)
        return resource | self._references(anchor, row)

    def _panel(self, taking: Taking, panel: PanelRow) -> dict[str, Any]:
        """Give a panel's own value and its components; a join that is unfit costs only itself."""
        by_metric = {one.metric: one for one in taking.readings}
        elements: dict[str, Any] = {}
        if panel.value is not None and self.mapping.is_enabled(panel.value):
            elements |= self._value(panel.value, by_metric.get(panel.value))
        components = [
            self._component(metric, by_metric.get(metric))
            for metric in panel.components
            if self.mapping.is_enabled(metric)
        ]
        components += self._joined(one for m in panel.joins if (one := by_metric.get(m)))
        return elements | ({"component": components} if components else {})

    def _joined(self, readings: Iterable[Measurement]) -> Iterator[dict[str, Any]]:
        for one in readings:
            try:
                yield self._component(one.metric, one)
            except Unfit as unfit:
                self.leave_out([one], unfit.reason)

    def _component(self, metric: Metric, reading: Measurement | None) -> dict[str, Any]:
        code = concept(self.mapping.metrics[metric].coding)
        return {"code": code} | self._value(metric, reading)

    def _value(self, metric: Metric, reading: Measurement | None) -> dict[str, Any]:
        return value_of(reading, self.mapping.metrics[metric]) if reading else absent()

    def _references(self, anchor: Measurement, row: MetricRow | PanelRow) -> dict[str, Any]:
        """Name what the reading derives from and what it has as members, where it was built."""
        references: dict[str, Any] = {}
        members = row.members if isinstance(row, PanelRow) else None
        if members is not None and (stages := self._built.get((members, anchor.group))):
            references["hasMember"] = [_reference(one) for _, one in sorted(stages.items())]
        source = row.derived_from
        if source is not None and (sources := self._built.get((source, anchor.group))):
            own = (anchor.occurrence, anchor.record)
            nearest = min(sources, key=lambda at: (at != own, at[0] != own[0], at))
            references["derivedFrom"] = [_reference(sources[nearest])]
        return references


def _identity(taking: Taking, row: MetricRow | PanelRow, context: PublishContext) -> dict[str, Any]:
    """Give id, meta and identifier: a reading's id is made of all that never changes about it."""
    anchor = taking.anchor
    name = taking.panel or anchor.metric.value
    key = (name, anchor.record, str(anchor.occurrence))
    return {
        "id": resource_id(context.secret, "Observation", context.vendor, context.vendor_user, *key),
        "meta": _meta(anchor, row, context),
        "identifier": [
            {
                "system": record_system(context.vendor),
                "value": f"{anchor.record}.{name}.{anchor.occurrence}",
            }
        ],
    }


def _meta(
    anchor: Measurement, row: MetricRow | PanelRow, context: PublishContext
) -> dict[str, Any]:
    """Give profile, source and labels; what is no instant also says its day.

    The day that a night belongs to its times do not say; nor, of a total that was counted in
    another zone than the link's, in which zone that was.
    """
    code, display = ASSERTED[anchor.method]
    label = {"system": LABELS, "code": code, "display": display}
    day = {"system": DAY_SYSTEM, "code": anchor.day.isoformat()}
    return meta(
        context,
        profile=declared_profile(anchor, row),
        security=[label],
        tags=[day] if row.effective != "point" else [],
    )


def _asserter(reading: Measurement, context: PublishContext) -> dict[str, Any]:
    """Name the device, or the patient who typed it in: a performer cannot be a Device."""
    if reading.method is RecordingMethod.MANUAL:
        return {"performer": [{"reference": f"Patient/{context.patient}"}]}
    if reading.device is None:
        return {}
    device = device_id(vendor=context.vendor, device=reading.device, secret=context.secret)
    return {"device": {"reference": f"Device/{device}"}}


def _reference(observation_id: str) -> dict[str, str]:
    return {"reference": f"Observation/{observation_id}"}
