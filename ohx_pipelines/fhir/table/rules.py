"""What a mapping must keep beyond its shape: profiles, codes, units, panels.

Belongs here: rules that hold for the shipped table and for a site's. Not here: the shape of a row
(`mapping.py`) or which keys a site may change (`overlay.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ohx_pipelines.fhir.checks.bindings import is_known
from ohx_pipelines.fhir.checks.primitives import is_address
from ohx_pipelines.fhir.table.code_system import LOCAL, local_displays
from ohx_pipelines.fhir.table.lines import Fault
from ohx_pipelines.fhir.table.rows import SYSTEMS, Coding, Mapping, MetricRow, PanelRow
from ohx_pipelines.fhir.table.ucum import ucum_fault
from ohx_pipelines.fhir.table.vital_signs import (
    CATEGORY,
    COMPONENT_UNITS,
    DIASTOLIC,
    PRESSURE_UNITS,
    PROFILE_OF_CODE,
    SYSTOLIC,
    VITAL_SIGNS,
)
from ohx_pipelines.metrics import WORDS, Metric

LOINC = SYSTEMS["loinc"]
_LOINC_CODE = re.compile(r"[0-9]{1,7}-[0-9]")
# Codes seen in public projects for readings of home devices, and what they really are.
NEVER = {
    "8494-7": "the lowest systolic blood pressure of 12 hours, not a pulse wave velocity",
    "8628-0": "the interval of a pacemaker, not an ECG",
    "60842-2": "an oxygen uptake, not a VO2max",
    "97891-6": "the score of a questionnaire, not of a device",
    "73707-2": "an area, not a visceral fat index",
    "41905-1": "a position, not an elevation gain",
    "8601-7": "the impression of whoever interprets an ECG",
    "8884-9": "the rhythm in an interpreted ECG",
}
PRESSURES = {
    Metric.SYSTOLIC_BLOOD_PRESSURE: SYSTOLIC,
    Metric.DIASTOLIC_BLOOD_PRESSURE: DIASTOLIC,
}
NEVER_THINNED = {
    Metric.ECG_WAVEFORM: "an ECG is published whole or not at all",
    Metric.STEPS_SERIES: "each sample counts the steps of its own interval: one left out is lost",
}


def row_faults(row: MetricRow | PanelRow) -> Iterator[Fault]:
    """Find what is wrong with one row, with keys counted from the row."""
    for number, coding in enumerate(row.coding):
        yield from _coding_faults(coding, ("coding", number))
    yield from _profile_faults(row)
    if row.open_day == "omit" and row.effective != "day":
        yield Fault(("open_day",), "only a day's total has a day that is still open")
    if isinstance(row, MetricRow):
        yield from _shape_faults(row)
        yield from _unit_faults(row)
        for word, coding in row.values.items():
            yield from _coding_faults(coding, ("values", word))


def _coding_faults(coding: Coding, key: tuple[str | int, ...]) -> Iterator[Fault]:
    if coding.system == LOINC:
        if not _is_loinc(coding.code):
            yield Fault((*key, "code"), f"{coding.code!r} is no LOINC code: its check digit is off")
        if coding.code in NEVER:
            yield Fault((*key, "code"), f"{coding.code} is {NEVER[coding.code]}")
    if coding.system not in SYSTEMS.values():
        yield from _foreign_faults(coding, key)
    if coding.system == LOCAL and local_displays().get(coding.code) != coding.display:
        reason = "code and display are not in this product's CodeSystem; use a system of your own"
        yield Fault((*key, "code"), reason)


def _foreign_faults(coding: Coding, key: tuple[str | int, ...]) -> Iterator[Fault]:
    """Find what the checks before sending would refuse of every single reading."""
    if not is_address(coding.system):
        yield Fault((*key, "system"), "is not the form of an OID or UUID, in lower case")
    elif not is_known(coding.model_dump()):
        yield Fault((*key, "code"), f"{coding.code!r} is no code of {coding.system}")


def _is_loinc(code: str) -> bool:
    """Check form and check digit: modulus 10, every second digit doubled from the right."""
    if _LOINC_CODE.fullmatch(code) is None:
        return False
    number, _, check = code.rpartition("-")
    digits = [int(digit) for digit in reversed(number)]
    total = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2]) + sum(digits[1::2])
    return (total + int(check)) % 10 == 0


def _profile_faults(row: MetricRow | PanelRow) -> Iterator[Fault]:
    codes = [coding.code for coding in row.coding if coding.system == LOINC]
    sign = VITAL_SIGNS.get(row.profile or "")
    if row.profile is not None and sign is None:
        yield Fault(("profile",), "is not one of R5's vital-sign profiles")
    for code in codes:
        if code in PROFILE_OF_CODE and (sign is None or sign.code != code):
            yield Fault(
                ("coding",),
                f"servers hold whatever carries {code} to the profile {PROFILE_OF_CODE[code]}, "
                "which this row does not meet",
            )
    if sign is None:
        return
    if codes.count(sign.code) != 1:
        yield Fault(("coding",), f"the profile {sign.name} needs LOINC {sign.code} exactly once")
    if row.category != CATEGORY:
        yield Fault(("category",), f"the profile {sign.name} needs the category {CATEGORY}")
    if isinstance(row, MetricRow) and (row.unit is None or row.unit.code not in sign.units):
        yield Fault(("unit", "code"), f"the profile {sign.name} allows {_listed(sign.units)} only")


def _shape_faults(row: MetricRow) -> Iterator[Fault]:
    measured = row.shape in {"quantity", "series"}
    if measured != (row.unit is not None):
        reason = f"a {row.shape} has " + ("a unit" if measured else "no unit")
        yield Fault(("unit",), reason)
    if (row.shape == "coded") != bool(row.values):
        yield Fault(("values",), "a coded metric has values, and no other has them")
    if row.resolution_seconds is not None and row.shape != "series":
        yield Fault(("resolution_seconds",), "only a series can be thinned")


def _unit_faults(row: MetricRow) -> Iterator[Fault]:
    if row.unit is None:
        return
    reason = ucum_fault(row.unit.code)
    if reason is not None:
        yield Fault(("unit", "code"), reason)
    for code in row.unit.ways:
        reason = ucum_fault(code)
        if reason is not None:
            yield Fault(("unit", "from", code), reason)


def table_faults(mapping: Mapping) -> Iterator[Fault]:
    """Find what is wrong between rows: a panel and its parts, a series that must stay whole."""
    for name, panel in mapping.panels.items():
        yield from _panel_faults(name, panel, mapping)
    for metric, row in mapping.metrics.items():
        words = set(WORDS[metric]) if metric in WORDS else set()
        if row.shape == "coded" and set(row.values) != words:
            key = ("metrics", metric.value, "values")
            yield Fault(key, f"must have a code for each of the words {', '.join(sorted(words))}")
    for metric, reason in NEVER_THINNED.items():
        if mapping.metrics[metric].resolution_seconds is not None:
            yield Fault(("metrics", metric.value, "resolution_seconds"), reason)


def _panel_faults(name: str, panel: PanelRow, mapping: Mapping) -> Iterator[Fault]:
    own = [coding.model_dump(include={"system", "code"}) for coding in panel.coding]
    for metric in (panel.value, *panel.components):
        if metric is not None and panel.enabled and not mapping.metrics[metric].enabled:
            reason = f"stands or falls with the panel: disable panels.{name} instead"
            yield Fault(("metrics", metric.value, "enabled"), reason)
    for metric in (*panel.components, *panel.joins):
        codings = mapping.metrics[metric].coding
        same = [c for c in codings if c.model_dump(include={"system", "code"}) in own]
        if panel.value is not None and same:
            reason = f"a component of panels.{name} cannot have the panel's own code (obs-7)"
            yield Fault(("metrics", metric.value, "coding"), reason)
        yield from _component_unit_faults(metric, panel, mapping.metrics[metric])
    if panel.profile is not None:
        yield from _pressure_faults(name, panel, mapping)


def _component_unit_faults(metric: Metric, panel: PanelRow, row: MetricRow) -> Iterator[Fault]:
    if panel.profile is None or row.unit is None:
        return
    codes = {coding.code for coding in row.coding if coding.system == LOINC}
    allowed = PRESSURE_UNITS if codes & {SYSTOLIC, DIASTOLIC} else COMPONENT_UNITS
    if row.unit.code not in allowed:
        reason = f"a component of a vital-sign panel allows {_listed(allowed)} only"
        yield Fault(("metrics", metric.value, "unit", "code"), reason)


def _pressure_faults(name: str, panel: PanelRow, mapping: Mapping) -> Iterator[Fault]:
    coded = [c.code for m in panel.components for c in mapping.metrics[m].coding]
    for metric, code in PRESSURES.items():
        if coded.count(code) != 1:
            reason = f"the profile bp needs one component with LOINC {code}"
            own = ("metrics", metric.value, "coding")
            yield Fault(
                own if metric in panel.components else ("panels", name, "components"), reason
            )


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(codes)
