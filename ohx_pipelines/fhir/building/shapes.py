"""Values as FHIR writes them: one `value[x]` for each kind of value, in the table's unit.

Belongs here: quantities, ranges, series, codes and flags. Not here: units and codes
(`mapping.yaml`), times (`effective.py`) or the Observation around the value (`observations.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.building.left_out import Reason, Unfit
from ohx_pipelines.fhir.building.sampled_data import (
    check_series,
    sampled_data,
    thinned,
    with_samples,
)
from ohx_pipelines.fhir.mapping import UCUM, Coding, MetricRow
from ohx_pipelines.measurements import Coded, Mark, Measurement, Range, Series

ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def value_of(reading: Measurement, row: MetricRow) -> dict[str, Any]:
    """Give the reading's `value[x]`; raises Unfit when it cannot be what its row says."""
    value = reading.value
    if row.shape == "quantity" and isinstance(value, Decimal):
        return {"valueQuantity": _quantity(value, reading, row)}
    if row.shape == "quantity" and isinstance(value, Range):
        return {
            "valueRange": {
                "low": _quantity(value.low, reading, row),
                "high": _quantity(value.high, reading, row),
            }
        }
    if row.shape == "series" and isinstance(value, Series):
        return {"valueSampledData": _series(value, reading, row)}
    if row.shape == "coded" and isinstance(value, Coded):
        return {"valueCodeableConcept": _word(value, row)}
    if row.shape == "boolean" and isinstance(value, bool):
        return {"valueBoolean": value}
    raise Unfit(Reason.VALUE_UNFIT)


def absent() -> dict[str, Any]:
    """Give what stands where a value is lacking, for a reason that nobody knows."""
    return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "unknown"}]}}


def concept(codings: Iterable[Coding]) -> dict[str, Any]:
    """Give a CodeableConcept whose text is the first coding's name."""
    coding = [one.model_dump() for one in codings]
    return {"coding": coding, "text": coding[0]["display"]}


def _quantity(value: Decimal, reading: Measurement, row: MetricRow) -> dict[str, Any]:
    return {"value": _in_unit(value, reading, row)} | _unit(row)


def _unit(row: MetricRow) -> dict[str, Any]:
    if row.unit is None:
        raise Unfit(Reason.UNIT_NOT_MAPPED)
    return {"unit": row.unit.text, "system": UCUM, "code": row.unit.code}


def _in_unit(value: Decimal, reading: Measurement, row: MetricRow) -> Decimal:
    try:
        return row.in_unit(value, reading.unit or "")
    except ConfigurationError:
        raise Unfit(Reason.UNIT_NOT_MAPPED) from None


def _series(series: Series, reading: Measurement, row: MetricRow) -> dict[str, Any]:
    """Give the series in the row's unit: by `factor` where that leaves the vendor's digits alone."""
    check_series(reading, series)
    kept = thinned(series, row.resolution_seconds)
    origin = {"value": Decimal(0)} | _unit(row)
    power = _power(reading.unit, row)
    if power is not None:
        return sampled_data(kept, origin=origin, factor=Decimal(1).scaleb(power))
    numbers = [
        one if isinstance(one, Mark) else _in_unit(one, reading, row) for one in kept.samples
    ]
    return sampled_data(with_samples(kept, numbers), origin=origin, factor=Decimal(1))


def _power(unit: str | None, row: MetricRow) -> int | None:
    """Give the power of ten from a unit to the row's; None where there is another way or none."""
    if row.unit is None or unit == row.unit.code:
        return 0
    way = row.unit.ways.get(unit or "")
    return way.power if way else None


def _word(word: Coded, row: MetricRow) -> dict[str, Any]:
    if word.code not in row.values:
        raise Unfit(Reason.UNKNOWN_WORD)
    return concept([row.values[word.code]])
