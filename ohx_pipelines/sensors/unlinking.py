"""Unlinkings are finished, and the partitions of ended links go when nothing needs them any more.

Belongs here: what one tick does. Not here: how a link ends (`ohx_pipelines/unlinking.py`), how its
EHR is told (`link_record.py`) or what runs and backfills need (`link_needs.py`).
https://docs.dagster.io/guides/automate/sensors
"""

import time
from collections.abc import Mapping, Sequence

import dagster as dg

from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening_records import in_a_hurry
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.resources.ehr import EhrAccess
from ohx_pipelines.resources.link_records import link_records
from ohx_pipelines.sensors.link_needs import needed_links, split_droppable
from ohx_pipelines.settings import Settings
from ohx_pipelines.unlinking import finish_unlink

MOST_PER_TICK = 5
# A tick is given up after 60 seconds, and the time-outs of one vendor or EHR may take 40 of them.
NONE_STARTS_AFTER_SECONDS = 15.0
NO_CLOSING_STARTS_AFTER_SECONDS = 7.0


def build_unlink_sensor(provider: str, settings: Settings) -> dg.SensorDefinition:
    """Give the sensor that finishes the provider's unlinkings and drops partitions after them."""
    partitions = link_partitions(provider)

    @dg.sensor(
        name=f"{provider}_unlinking",
        description="Tells the vendor of ended links until it has taken note, destroys their keys, "
        "ends their Consent and DeviceAssociations in the EHR, however long it is down, and drops "
        "their partitions when no run and no backfill needs them.",
        minimum_interval_seconds=settings.sync.partition_sensor_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def finish_unlinking(
        context: dg.SensorEvaluationContext,
        links: dg.ResourceParam[LinkStore],
        vendors: dg.ResourceParam[Mapping[str, Provider]],
        ehr: dg.ResourceParam[EhrAccess],
    ) -> dg.SensorResult:
        started = time.monotonic()
        # EHRs first, in a part of the time: no vendor that hangs keeps a Consent open.
        records = in_a_hurry(link_records(links, vendors, ehr, settings))
        said = _close_due(records, provider, started + NO_CLOSING_STARTS_AFTER_SECONDS)
        said += _finish_due(links, vendors, provider, started + NONE_STARTS_AFTER_SECONDS)
        drop, keep = _droppable(context.instance, links, provider, partitions.name or "")
        if keep:
            said.append(f"A run or a backfill still needs {len(keep)} partitions of ended links.")
        return dg.SensorResult(
            skip_reason=" ".join(said) or "No link is being unlinked.",
            dynamic_partitions_requests=[partitions.build_delete_request(drop)] if drop else [],
        )

    return finish_unlinking


def _finish_due(
    store: LinkStore, vendors: Mapping[str, Provider], provider: str, deadline: float
) -> list[str]:
    """Finish some unlinkings, a few per tick; gives sentences that say how they went."""
    said = []
    for link_id in store.due_unlinks(provider, most=MOST_PER_TICK):
        if time.monotonic() > deadline:
            break
        ended = finish_unlink(store, vendors.get(provider), link_id)
        if ended.done:
            said.append(f"{link_id} is unlinked.")
        elif ended.waits:
            said.append(f"{link_id} waits for the vendor ({ended.code}).")
    return said


def _close_due(records: LinkRecords, provider: str, deadline: float) -> list[str]:
    """Tell EHRs of some ended links; gives sentences that say how that went."""
    said = []
    for link_id in records.store.due_records(provider, most=MOST_PER_TICK, ended=True):
        if time.monotonic() > deadline:
            break
        closed = records.close(link_id)
        if closed.outcome.ok:
            said.append(f"The EHR knows of the end of {link_id}.")
        else:
            said.append(f"{link_id} waits for the EHR ({closed.error}).")
    return said


def _droppable(
    instance: dg.DagsterInstance, store: LinkStore, provider: str, partitions: str
) -> tuple[Sequence[str], Sequence[str]]:
    """Give the ended links' keys that can go now, and those that must stay for now."""
    stored = list(instance.get_dynamic_partitions(partitions))
    ended = store.ended_links(provider, stored)
    if not ended:
        return [], []
    return split_droppable(ended, needed_links(instance, provider, stored))
