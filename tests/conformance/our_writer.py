"""The product's writing side at a given server: one patient's link to a made-up vendor, synced.

Belongs here: that link, and a week of readings for it. Not here: what must then stand in the EHR.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.measurements import Metric
from ohx_pipelines.sync import Sync, sync_link
from tests.unit.made_up import (
    FixedToken,
    MadeUpVendor,
    QuietBreaker,
    cuff,
    steps,
    weighing,
)

MODES = ("put-id", "conditional-update", "conditional-create")
FIRST = date(2026, 11, 16)
WEEK = [FIRST + timedelta(days=n) for n in range(7)]
# By hand: a day has three weighings, one of them with a BMI, two pressures and a count of steps.
READINGS = 7 * (3 + 1 + 2 + 1)
MAPPING = load_mapping()


def week():
    """Give the readings of a week, the same on every call."""
    return [one for day in WEEK for one in _day(day)]


def _day(day):
    morning = weighing(day)
    index = replace(morning, metric=Metric.BODY_MASS_INDEX, value=Decimal("23.1"), unit="kg/m2")
    again = [weighing(day, f"72.{hour}0", record=str(hour), hour=hour) for hour in (12, 20)]
    return [morning, index, *again, *cuff(day), *cuff(day, record="8", hour=19), steps(day)]


class Link:
    """One patient's link; each has a connection and a Publisher of its own, as each process has."""

    def __init__(self, url, patient, rows, *, mode="put-id", locks=None, timeout_seconds=30.0):
        self.vendor = MadeUpVendor(rows=rows)
        self._client = connect(FhirConnection(url=url, timeout_seconds=timeout_seconds))
        lock = locks.for_ehr("the-ehr") if locks else None
        self._sync = Sync(
            provider=self.vendor,
            tokens=FixedToken(),
            consent=lambda: frozenset({"everything"}),
            vendor_breaker=QuietBreaker(),
            ehr_breaker=QuietBreaker(),
            zone=ZoneInfo("Europe/Berlin"),
            publisher=Publisher(self._client, write_mode=mode, writer_lock=lock),
            mapping=MAPPING,
            context=context_of(patient),
        )

    def sync(self):
        """Sync the week, day by day."""
        return list(sync_link(self._sync, WEEK))

    def close(self):
        self._client.close()


def context_of(patient):
    return PublishContext(
        vendor="acme",
        vendor_user=patient,
        patient=patient,
        secret=patient.encode().ljust(32, b"-"),
        source="https://example.org/source/acme",
        now=datetime(2026, 11, 24, 12, tzinfo=UTC),
        link="link-of-" + patient[-6:],
        run="run-1",
    )


def synced(url, patient, rows=None, **options):
    """Sync the week over a link of its own; gives a result per day."""
    link = Link(url, patient, week() if rows is None else rows, **options)
    try:
        return link.sync()
    finally:
        link.close()


def total(results, count):
    return sum(getattr(one.counts, count) for one in results)


def outcomes(results):
    return {one.outcome.value for one in results}
