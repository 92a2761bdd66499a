"""Observations taken apart: what one of them says, in the same terms as a `Reading`.

Belongs here: values, times and labels as FHIR writes them. Not here: asking a server for them
(`ehr.py`), or what they should say (`expected.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.reader.coding import DAY, UCUM, code_of, word_of
from sandbox.reader.readings import BY_DEVICE, BY_PATIENT, Amount, Flag, Said, Samples, Word

RETRACTED = "entered-in-error"
MS_OF = {"ms": Decimal(1), "s": Decimal(1_000), "min": Decimal(60_000)}
# Finer than any device: servers shorten an interval that has no end.
FINEST_MS = Decimal("0.001")
MISSING = "E"
DATE_LENGTH = len("2026-11-20")
Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One Observation of the EHR, in the same terms as a `Reading`."""

    reference: str
    version: int | None
    identifiers: frozenset[tuple[str, str]]
    patient: str
    code: str | None  # None when no code is ours
    instant: datetime | None
    offset: timedelta | None
    is_period: bool
    end: datetime | None
    end_offset: timedelta | None
    day: date | None  # as it says, where it says one
    amounts: Mapping[str, Said] = field(repr=False)
    device: str | None  # the reference as it stands
    asserted: frozenset[str]  # by whom, as the labels say
    status: str | None

    @classmethod
    def of(cls, resource: Resource) -> Found:
        """Take an Observation apart."""
        period = resource.get("effectivePeriod", {})
        start = _instant(resource.get("effectiveDateTime") or period.get("start"))
        end = _instant(period.get("end"))
        meta = resource.get("meta", {})
        version = meta.get("versionId", "")
        return cls(
            reference=f"Observation/{resource['id']}",
            version=int(version) if version.isdigit() else None,
            identifiers=frozenset(
                (one.get("system", ""), one.get("value", ""))
                for one in resource.get("identifier", [])
            ),
            patient=resource.get("subject", {}).get("reference", "").rpartition("/")[2],
            code=code_of(resource),
            instant=start,
            offset=_offset(start, resource),
            is_period="effectivePeriod" in resource,
            end=end,
            end_offset=end.utcoffset() if end else None,
            day=_day(meta),
            amounts=_amounts(resource),
            device=relative(resource.get("device", {}).get("reference")),
            asserted=frozenset(
                one["code"]
                for one in meta.get("security", [])
                if one.get("code") in {BY_DEVICE, BY_PATIENT}
            ),
            status=resource.get("status"),
        )


def relative(reference: str | None) -> str | None:
    """Give `Type/id` of a reference that may be a whole address."""
    return None if reference is None else "/".join(reference.split("/")[-2:])


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _offset(start: datetime | None, resource: Resource) -> timedelta | None:
    """Give the offset of the start; a date alone has none."""
    is_date = len(resource.get("effectiveDateTime") or "") == DATE_LENGTH
    return None if start is None or is_date else start.utcoffset()


def _day(meta: Mapping[str, Any]) -> date | None:
    tags = meta.get("tag", [])
    days = {one.get("code") for one in tags if str(one.get("system")).endswith(DAY)}
    try:
        # A server keeps tags that a later version leaves out: two days are none.
        return date.fromisoformat(days.pop()) if len(days) == 1 else None
    except (TypeError, ValueError):
        return None


def _amounts(resource: Resource) -> dict[str, Said]:
    amounts = {code_of(one) or "?": _said(one) for one in resource.get("component", [])}
    if not amounts or any(name.startswith("value") for name in resource):
        amounts[""] = _said(resource)
    return amounts


def _said(part: Mapping[str, Any]) -> Said:
    if "valueCodeableConcept" in part:
        return Word(word_of(part["valueCodeableConcept"]))
    if "valueBoolean" in part:
        given = part["valueBoolean"]
        return Flag(given if isinstance(given, bool) else None)
    if "valueSampledData" in part:
        return _series(part["valueSampledData"])
    quantity = part.get("valueQuantity", {})
    value = None if "comparator" in quantity else _number(quantity.get("value"))
    return Amount(value, _unit(quantity))


def _number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _unit(quantity: Mapping[str, Any]) -> str | None:
    return quantity.get("code") if quantity.get("system") == UCUM else None


def _series(element: Mapping[str, Any]) -> Samples:
    """Give each sample's time and value; nothing of a series that cannot be read to its end."""
    origin = element.get("origin", {})
    try:
        samples = _samples(element, _number(origin.get("value")))
    except ArithmeticError:
        samples = None
    return Samples(tuple(samples or ()), _unit(origin))


def _samples(
    element: Mapping[str, Any], zero: Decimal | None
) -> list[tuple[Decimal, Decimal]] | None:
    texts = str(element.get("data", "")).split()
    times, factor = _times(element, len(texts)), _number(element.get("factor", 1))
    if zero is None or factor is None or times is None or element.get("dimensions") != 1:
        return None
    timed = zip(times, texts, strict=True)
    return [(at, zero + factor * Decimal(one)) for at, one in timed if one != MISSING]


def _times(element: Mapping[str, Any], count: int) -> list[Decimal] | None:
    unit, interval = MS_OF.get(element.get("intervalUnit", "")), _number(element.get("interval"))
    given = str(element.get("offsets", "")).split()
    # One of the two, as FHIR's sdd-1 says.
    if unit is None or (interval is None) != bool(given) or len(given) not in {0, count}:
        return None
    if interval is not None:
        times = [n * interval * unit for n in range(count)]
    else:
        times = [Decimal(one) * unit for one in given]
    return [one.quantize(FINEST_MS) for one in times]
