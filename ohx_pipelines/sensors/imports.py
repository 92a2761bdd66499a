"""What files brought is told to Dagster: the ledger's days become events of the external asset.

Belongs here: which days one tick reports, and copies of Consents that are due. Not here: publishing
a file (`ohx_pipelines/importing.py`), what an event says (`assets/events.py`).
https://docs.dagster.io/guides/build/assets/external-assets
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ohx_pipelines.assets.events import day_events, stage_key
from ohx_pipelines.assets.partitions import day_partitions, link_partitions
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.ledger import Noted, Place
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening_records import in_a_hurry
from ohx_pipelines.outcomes import Stage
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.resources.ehr import EhrAccess
from ohx_pipelines.resources.link_records import link_records
from ohx_pipelines.settings import Settings

# An event takes Dagster some 27 ms: the rest of a large file waits for the next ticks.
MOST_PER_TICK = 300
# A row is stamped before it is stored: one that is stored late must not be passed over.
SETTLED_AFTER = timedelta(seconds=10)
MOST_COPIES_PER_TICK = 5
NO_COPY_STARTS_AFTER_SECONDS = 15.0

Event = dg.AssetMaterialization | dg.AssetObservation


def build_imports_sensor(app: str, settings: Settings) -> dg.SensorDefinition:
    """Give the sensor that reports what the app's files brought."""
    partitions = link_partitions(app)

    @dg.sensor(
        name=f"{app}_imports",
        description="Reports the days that uploaded files have brought to the EHR, some hundred at "
        "a time, and has what a patient shares copied to the EHR where the upload could not.",
        minimum_interval_seconds=settings.sync.partition_sensor_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def report_imports(
        context: dg.SensorEvaluationContext,
        links: dg.ResourceParam[LinkStore],
        vendors: dg.ResourceParam[Mapping[str, Provider]],
        ehr: dg.ResourceParam[EhrAccess],
    ) -> dg.SensorResult:
        until = time.monotonic() + NO_COPY_STARTS_AFTER_SECONDS
        stored = context.instance.get_dynamic_partitions(partitions.name or "")
        bounds = _bounds(settings.partition_days)
        noted = _noted(links, app, place_of(context.cursor), bounds)
        reported = list(reportable(noted, stored, active=links.active_link_ids(app)))
        events = [event for one in reported for event in events_of(app, one, stored)]
        said = _copy_due(in_a_hurry(link_records(links, vendors, ehr, settings)), app, until)
        if len(reported) < len(noted):
            said.append("Days of a new link wait for its partition.")
        return dg.SensorResult(
            asset_events=events,
            cursor=cursor_of(reported[-1].place) if reported else context.cursor,
            skip_reason=" ".join([f"{len(events)} days are reported.", *said]),
        )

    return report_imports


def reportable(
    noted: Iterable[Noted], stored: Iterable[str], *, active: Iterable[str]
) -> Iterator[Noted]:
    """Give days in order, up to the first of a link whose partition is still to come.

    A link that is not active gets none any more: it holds up nobody.
    """
    awaited = set(active) - set(stored)
    for one in noted:
        if one.place.link_id in awaited:
            return
        yield one


def events_of(app: str, noted: Noted, stored: Sequence[str]) -> Iterator[Event]:
    """Give a day's event; none where its link is no partition."""
    link_id = noted.place.link_id
    if link_id in stored:
        yield from day_events(
            app, link_id, noted.result, selected=[stage_key(app, Stage.PUBLISHED)]
        )


def place_of(cursor: str | None) -> Place | None:
    """Read the cursor; one that cannot be read begins anew, which reports the same once more."""
    try:
        at, link_id, day = (cursor or "").split("|")
        return Place(at=datetime.fromisoformat(at), link_id=link_id, day=date.fromisoformat(day))
    except ValueError:
        return None


def cursor_of(place: Place) -> str:
    """Write a place so that `place_of` reads it."""
    return f"{place.at.isoformat()}|{place.link_id}|{place.day.isoformat()}"


def _bounds(partition_days: int) -> tuple[date, date]:
    """Give the first and last day that is a partition: no other can be reported, now or later."""
    days = day_partitions(partition_days)
    first, last = days.get_first_partition_key(), days.get_last_partition_key()
    return date.fromisoformat(first or ""), date.fromisoformat(last or "")


def _noted(
    links: LinkStore, app: str, after: Place | None, bounds: tuple[date, date]
) -> list[Noted]:
    first_day, last_day = bounds
    return links.noted_after(
        app,
        after,
        until=datetime.now(UTC) - SETTLED_AFTER,
        first_day=first_day,
        last_day=last_day,
        most=MOST_PER_TICK,
    )


def _copy_due(records: LinkRecords, app: str, until: float) -> list[str]:
    """Tell EHRs what some links share; gives sentences that say how that went."""
    said = []
    for link_id in records.store.due_records(app, most=MOST_COPIES_PER_TICK, ended=False):
        if time.monotonic() > until:
            break
        copied = records.copy(link_id)
        if copied.outcome.ok:
            said.append(f"The EHR knows what {link_id} shares.")
        else:
            said.append(f"{link_id} waits for the EHR ({copied.error}).")
    return said
