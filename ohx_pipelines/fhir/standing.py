"""What stands in the EHR of ours: which Observations surely are, and which day each is of.

Belongs here: telling ours from others' and one day from the next. Not here: what is deleted of them
(`retractions.py`). In doubt one is nobody's, or of no day: it is left alone then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.identifiers import DAY_SYSTEM, LINK_SYSTEM, record_system, resource_id
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.reconcile import has_note, is_retracted
from ohx_pipelines.fhir.writing.references import key_of
from ohx_pipelines.local_day import Window, local_day
from ohx_pipelines.metrics import Metric

AN_INSTANT = timedelta(microseconds=1)


class ListedRecords(Protocol):
    """A vendor's listing that was read whole: of which metrics, and of records named how."""

    @property
    def metrics(self) -> Collection[Metric]:
        """What it lists."""
        ...

    @property
    def prefix(self) -> str | None:
        """What its records' names begin with."""
        ...

    def covers(self, record: str) -> bool:
        """Tell whether a record is one of this listing."""
        ...


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One Observation of ours that reads as valid: the vendor's record it is of, its local day.

    `listing` names the vendor's listing that would tell of it; `began` is when it did; where only
    a day is said, with it.
    """

    record: str
    listing: str
    day: date
    began: datetime
    resource: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """The id that we made for it."""
        return key_of(self.resource)

    @property
    def whole(self) -> str:
        """The record that it is a part of, or its own; parts have names in named listings alone."""
        return self.record.partition(".")[0] if self.listing else self.record

    @property
    def name(self) -> str:
        """How our other resources refer to it."""
        return f"Observation/{self.key}"


def standing(
    existing: Iterable[Mapping[str, Any]],
    *,
    listed: Iterable[ListedRecords],
    window: Window,
    mapping: FhirMapping,
    context: PublishContext,
) -> list[Standing]:
    """Give what we published for the window, of metrics that the vendor's listings cover.

    Not what another system wrote, also where it took over our identifiers: ids and labels prove it.
    """
    named = [(one, _names(one.metrics, mapping)) for one in listed]
    return list(_standing(existing, named, window, context))


def _names(listed: Collection[Metric], mapping: FhirMapping) -> frozenset[str]:
    """Give the names of the table's rows of which everything was listed."""
    single = {metric.value for metric in listed if mapping.is_enabled(metric)}
    panels = {
        name
        for name, row in mapping.panels.items()
        if row.enabled
        and all(part in listed for part in (row.value, *row.components) if part is not None)
    }
    return frozenset(single | panels)


def _standing(
    existing: Iterable[Mapping[str, Any]],
    listed: Sequence[tuple[ListedRecords, Collection[str]]],
    window: Window,
    context: PublishContext,
) -> Iterator[Standing]:
    for resource in existing:
        origin = _origin(resource, context)
        # With our note and not retracted: a person brought it back, and knows better.
        is_settled = is_retracted(resource) or has_note(resource)
        listing = None if is_settled or origin is None else _listing(*origin, listed)
        if listing is None or origin is None:
            continue
        span = _span(resource, window)
        day = _day(resource, span, window) if span else None
        if span and day:
            yield Standing(
                record=origin[0], listing=listing, day=day, began=span.start, resource=resource
            )


def _listing(
    record: str, name: str, listed: Sequence[tuple[ListedRecords, Collection[str]]]
) -> str | None:
    """Name the listing that would tell of a record's row; None when none was read whole."""
    found = (one.prefix or "" for one, names in listed if name in names and one.covers(record))
    return next(found, None)


def _origin(resource: Mapping[str, Any], context: PublishContext) -> tuple[str, str] | None:
    """Give record and row of an Observation that this deployment made for this account."""
    if not _says_ours(resource, context):
        return None
    system = record_system(context.vendor)
    for one in resource.get("identifier", []):
        parts = str(one.get("value", "")).rsplit(".", 2)
        if one.get("system") != system or len(parts) < 3:  # noqa: PLR2004 (record, row, occurrence)
            continue
        record, name, occurrence = parts
        key = (context.vendor, context.vendor_user, name, record, occurrence)
        if resource_id(context.secret, "Observation", *key) == key_of(resource):
            return record, name
    return None


def _says_ours(resource: Mapping[str, Any], context: PublishContext) -> bool:
    """Tell whether its source or its tag names us: who copies identifiers need not copy these."""
    meta = resource.get("meta", {})
    source = str(meta.get("source", "")).partition("#")[0]
    tags = {(one.get("system"), one.get("code")) for one in meta.get("tag", [])}
    return source == context.source or (LINK_SYSTEM, context.link) in tags


@dataclass(frozen=True, kw_only=True)
class _Span:
    """When it was: as instants, and whether the offsets said are those of the user's zone now."""

    start: datetime
    end: datetime
    in_zone: bool


def _span(resource: Mapping[str, Any], window: Window) -> _Span | None:
    period = resource.get("effectivePeriod")
    single = resource.get("effectiveDateTime")
    texts = [period.get("start"), period.get("end")] if period else [single, single]
    try:
        start, end = (_moment(str(text), window) for text in texts)
    except ValueError:
        return None
    in_zone = all(
        one.utcoffset() == one.astimezone(window.zone).utcoffset() for one in (start, end)
    )
    return _Span(start=start, end=end, in_zone=in_zone)


def _moment(text: str, window: Window) -> datetime:
    """Read a FHIR dateTime; raises ValueError for one without an offset."""
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), time(12), window.zone)
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        message = "an instant without an offset"
        raise ValueError(message)
    return moment


def _day(resource: Mapping[str, Any], span: _Span, window: Window) -> date | None:
    """Give the day of the window that it belongs to; None when that is not surely one of it.

    A session says its day. In another zone than it was written in the vendor may count it to
    another one, and some vendors count by where somebody was: then every day that it touches, here
    or there, must be of the window.
    """
    # A day's total ends with the first instant of the next one.
    last = span.end - AN_INSTANT if span.end > span.start else span.end
    here = {local_day(span.start, window.zone), local_day(last, window.zone)}
    there = {span.start.date(), last.date()}
    tagged = _tagged(resource)
    days = (tagged or here) if span.in_zone else here | there | tagged
    said = tagged or (here if span.in_zone else there)
    return max(said) if days <= set(window.days) else None


def _tagged(resource: Mapping[str, Any]) -> set[date]:
    tags = resource.get("meta", {}).get("tag", [])
    named = [one.get("code") for one in tags if one.get("system") == DAY_SYSTEM]
    try:
        return {date.fromisoformat(str(one)) for one in named}
    except ValueError:
        return set()
