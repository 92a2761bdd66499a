"""Takings: which readings become one Observation, and which Observation names which.

Belongs here: grouping, the order in which references resolve, counting without building. Not
here: what an Observation holds (`observations.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from ohx_pipelines.fhir.mapping import Mapping, MetricRow, PanelRow
from ohx_pipelines.measurements import Measurement, Metric

# Panel, group and occurrence, and the record where several share a group.
_Key = tuple[str, str, int, str | None]


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Readings that become one Observation: a panel's, or a single one (`panel` None).

    `anchor` is the reading whose record, time and device are the Observation's.
    """

    anchor: Measurement
    readings: tuple[Measurement, ...]
    panel: str | None = None

    def row(self, mapping: Mapping) -> MetricRow | PanelRow:
        """Give the table's row for it."""
        return mapping.panels[self.panel] if self.panel else mapping.metrics[self.anchor.metric]


def takings_of(readings: Iterable[Measurement], mapping: Mapping) -> list[Taking]:
    """Group readings into takings, ordered so that what is referred to comes first."""
    listed = list(readings)
    panels = _panels(listed, mapping)
    singles = [one for one in listed if not _find_home(one, panels, mapping)]
    takings = [
        *(Taking(anchor=one, readings=(one,)) for one in singles),
        *(_panel_taking(key[0], found, mapping) for key, found in panels.items()),
    ]
    return sorted(takings, key=lambda taking: _depth(taking.row(mapping), mapping))


def count_observations(readings: Iterable[tuple[Metric | None, str, int]], mapping: Mapping) -> int:
    """Count the Observations that readings (metric, group, occurrence) would have become.

    A disabled metric becomes none; an unknown one (None) is counted as one of its own.
    """
    listed = [r for r in readings if r[0] is None or mapping.is_enabled(r[0])]
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


def _panels(readings: Iterable[Measurement], mapping: Mapping) -> dict[_Key, list[Measurement]]:
    """Put values and components together by group; where a metric comes twice, by record too.

    The systolic pressure of one record and the diastolic one of another would be nobody's.
    """
    groups: dict[tuple[str, str, int], list[Measurement]] = {}
    for one in readings:
        name = mapping.panel_of.get(one.metric)
        if name is not None:
            groups.setdefault((name, one.group, one.occurrence), []).append(one)
    panels: dict[_Key, list[Measurement]] = {}
    for key, found in groups.items():
        is_shared = len({one.metric for one in found}) < len(found)
        for one in found:
            panels.setdefault((*key, one.record if is_shared else None), []).append(one)
    return panels


def _has(readings: Iterable[Measurement], metric: Metric) -> bool:
    return any(one.metric is metric for one in readings)


def _find_home(
    reading: Measurement, panels: dict[_Key, list[Measurement]], mapping: Mapping
) -> bool:
    """Put a reading with the panel that it joins; tells whether it has one."""
    if reading.metric in mapping.panel_of:
        return True
    joined = [name for name, row in mapping.panels.items() if reading.metric in row.joins]
    for name, record in product(joined, (reading.record, None)):
        home = panels.get((name, reading.group, reading.occurrence, record))
        if home is not None and not _has(home, reading.metric):
            home.append(reading)
            return True
    return False


def _panel_taking(name: str, readings: Sequence[Measurement], mapping: Mapping) -> Taking:
    row = mapping.panels[name]
    # In the table's order, not the vendor's, which may be another next time.
    parts = [metric for metric in (row.value, *row.components) if metric is not None]
    anchor = min(
        (one for one in readings if one.metric in parts), key=lambda one: parts.index(one.metric)
    )
    return Taking(anchor=anchor, readings=tuple(readings), panel=name)


def _depth(
    row: MetricRow | PanelRow, mapping: Mapping, seen: frozenset[Metric] = frozenset()
) -> int:
    """Count the references that lead on from a row; a circle counts once."""
    named = {row.derived_from, row.members if isinstance(row, PanelRow) else None} - {None} - seen
    depths = [
        1 + _depth(_home_row(metric, mapping), mapping, seen | {metric})
        for metric in named
        if metric is not None
    ]
    return max(depths, default=0)


def _home_row(metric: Metric, mapping: Mapping) -> MetricRow | PanelRow:
    panel = mapping.panel_of.get(metric)
    return mapping.panels[panel] if panel else mapping.metrics[metric]
