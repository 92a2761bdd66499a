"""A Patient of an EHR with a scale in a made-up cloud, synced as every link is.

Belongs here: the cloud, the Patient, one sync over days. Not here: what is counted or timed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.providers.base import (
    Asked,
    DataType,
    DeviceInfo,
    Fetched,
    Listed,
    Normalized,
    Page,
    Provider,
    ProviderFacts,
    TokenSource,
)
from ohx_pipelines.sync import Sync, sync_link

DAY = date(2026, 11, 20)
BODY = DataType(name="body", title="weight", metrics=frozenset({Metric.BODY_WEIGHT}))
FACTS = ProviderFacts(
    name="acme",
    title="Acme",
    manufacturer="Acme",
    scopes=("all",),
    data_types=(BODY,),
    pkce=False,
    most_days=90,
)


@dataclass
class ScaleCloud:
    """Lists one scale's weighings, and always all of them."""

    scale: DeviceInfo
    rows: list[Measurement] = field(default_factory=list)
    facts: ProviderFacts = FACTS

    def fetch(self, window: Window, _token: TokenSource, *, asked: Asked) -> Fetched:
        """Give a window whole."""
        page = Page(listing="weighings", body={})
        return Fetched(window=window, pages=[page], calls=1, asked=asked)

    def normalize(self, fetched: Fetched) -> Normalized:
        """Give the weighings of the window's days."""
        days = set(fetched.window.days)
        rows = [one for one in self.rows if one.day in days]
        return Normalized(
            frame=to_frame(rows),
            devices={self.scale.device: self.scale} if rows else {},
            unpublished=[],
            ignored={},
            listed=(Listed(metrics=BODY.metrics),),
        )


class _Token:
    account = "scale-owner"
    scopes = frozenset({"all"})

    def current(self) -> str:
        return "token"

    def renew(self, refused: str) -> str:
        raise AssertionError(refused)


class _QuietBreaker:
    def check(self) -> None:
        """Leave nothing alone."""

    def failed(self, error: Exception) -> None:
        """Take no note."""

    def answered(self) -> None:
        """Take no note."""


class Person:
    """A Patient of the EHR with a scale, and all that writes for them."""

    def __init__(self, client: FhirClient, mode: WriteMode) -> None:
        """Put the Patient there."""
        self.client, self.mode = client, mode
        self.patient = f"bench-{uuid.uuid4().hex[:12]}"
        client.write(
            "put", f"Patient/{self.patient}", {"resourceType": "Patient", "id": self.patient}
        )
        self.scale = DeviceInfo(device=self.patient, model="Body+", kind="Scale")
        self._mapping = load_mapping()
        self._secret = uuid.uuid4().bytes * 2
        # As a process remembers them: a device is looked for once.
        self._standing: dict[str, str] = {}

    def readings(self, day: int, count: int) -> list[dict[str, Any]]:
        """Build a day's weighings, one a second."""
        rows = self.weighings(day, count)
        built = build_observations(to_frame(rows), mapping=self._mapping, context=self._context())
        return [one.resource for one in built.desired]

    def weighings(self, day: int, count: int, *, changed: int = 0) -> list[Measurement]:
        """Give a day's weighings; the first `changed` with another value than usual."""
        return [self._weight(day, number, heavier=number < changed) for number in range(count)]

    def publish(self, day: int, count: int) -> None:
        """Sync a day with so many weighings; raises AssertionError when that does not succeed."""
        self.sync(day, self.weighings(day, count))

    def sync(self, day: int, rows: list[Measurement]) -> None:
        """Sync a day for which the cloud lists these; raises AssertionError when that fails."""
        cloud = ScaleCloud(scale=self.scale, rows=rows)
        publisher = Publisher(self.client, write_mode=self.mode, standing=self._standing)
        sync = Sync(
            provider=cast("Provider", cloud),
            tokens=_Token(),
            consent=lambda: frozenset({BODY.name}),
            vendor_breaker=_QuietBreaker(),
            ehr_breaker=_QuietBreaker(),
            zone=ZoneInfo("Europe/Berlin"),
            publisher=publisher,
            mapping=self._mapping,
            context=self._context(),
        )
        [result] = sync_link(sync, [DAY + timedelta(days=day)])
        if not result.outcome.ok:
            raise AssertionError(result)

    def _context(self) -> PublishContext:
        return PublishContext(
            vendor=FACTS.name,
            vendor_user=self.patient,
            patient=self.patient,
            secret=self._secret,
            source="https://open-health-exchange.org/fhir/source/acme",
            now=datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(days=300),
            link="benchmarklnk",
            run=uuid.uuid4().hex,
        )

    def _weight(self, day: int, number: int, *, heavier: bool) -> Measurement:
        local_day = DAY + timedelta(days=day)
        start = datetime.combine(local_day, datetime.min.time(), UTC) + timedelta(hours=6)
        value = Decimal(f"7{number % 10}.{number % 100:02d}")
        return Measurement(
            metric=Metric.BODY_WEIGHT,
            value=value + 1 if heavier else value,
            unit="kg",
            start=start + timedelta(seconds=number),
            offset_minutes=60,
            day=local_day,
            device=self.patient,
            method=RecordingMethod.DEVICE,
            record=f"{day}-{number}",
            group=f"{day}-{number}",
        )
