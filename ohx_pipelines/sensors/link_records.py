"""Copies of links' records that are due: after linking, after a change of sharing, after a failure.

Belongs here: for which links a run of the devices asset is asked for, and when. Not here: what the
run does (`assets/devices.py`), links that end (`unlinking.py`).
https://docs.dagster.io/guides/automate/sensors
"""

import time

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from ohx_pipelines.assets.devices import devices_key
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.sensors.devices import PRIORITY_OF_DUE, devices_request
from ohx_pipelines.sensors.link_needs import Needs, links_in_flight
from ohx_pipelines.sensors.link_ranges import link_ranges
from ohx_pipelines.settings import Settings

# Due links that do not stand next to each other are a run each: some of them wait for a later tick.
MOST_RUNS_PER_TICK = 2


def build_records_sensor(
    provider: str, job: UnresolvedAssetJobDefinition, settings: Settings
) -> dg.SensorDefinition:
    """Give the sensor that has the provider's due copies made."""
    partitions = link_partitions(provider)

    @dg.sensor(
        name=f"{provider}_link_records",
        job=job,
        description="Has what a patient shares, and the devices, copied to the EHR after linking, "
        "after a change of sharing, and again after a failure.",
        minimum_interval_seconds=settings.sync.partition_sensor_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def copy_due_records(
        context: dg.SensorEvaluationContext, links: dg.ResourceParam[LinkStore]
    ) -> dg.SensorResult | dg.SkipReason:
        most = settings.sync.links_per_run * MOST_RUNS_PER_TICK
        due = links.due_records(provider, most=most, ended=False)
        if not due:
            return dg.SkipReason("Every active link's record is copied to its EHR.")
        stored = list(context.instance.get_dynamic_partitions(partitions.name or ""))
        busy = links_in_flight(
            context.instance, devices_key(provider), job.name, stored, now=time.time()
        )
        ranges = link_ranges(stored, free_links(due, busy), most=settings.sync.links_per_run)
        if not ranges:
            return dg.SkipReason(f"{len(due)} links are due: a run or a partition is on its way.")
        return dg.SensorResult(
            run_requests=[
                devices_request(one, priority=PRIORITY_OF_DUE)
                for one in ranges[:MOST_RUNS_PER_TICK]
            ]
        )

    return copy_due_records


def free_links(due: list[str], busy: Needs) -> set[str]:
    """Give the due links for which no run is on its way."""
    return set() if busy.everything else set(due) - busy.links
