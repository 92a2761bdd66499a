"""Runs of the devices assets: the job that sensor and schedule share, and the daily refresh.

Belongs here: how a run of it is asked for, and for which links a day does. Not here: copies that are
due (`link_records.py`), what a run does (`assets/devices.py`).
https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterator

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.sensors.link_ranges import RANGE_END, RANGE_START, LinkRange, living_ranges
from ohx_pipelines.settings import Settings

# At most one run with this tag is under way (dagster.yaml): the other places stay for syncs.
DEVICES_TAG = "ohx/devices"
# A copy that is due waits for no backfill of a year; what names none has priority 0.
PRIORITY_OF_DUE = 1


def devices_job(provider: str, devices: dg.AssetsDefinition) -> UnresolvedAssetJobDefinition:
    """Give the job that runs the provider's devices asset."""
    selection = dg.AssetSelection.assets(devices)
    tags = {DEVICES_TAG: provider}
    return dg.define_asset_job(f"{provider}_devices", selection=selection, tags=tags)


def devices_request(
    links: LinkRange, *, run_key: str | None = None, priority: int = 0
) -> dg.RunRequest:
    """Ask for one run over links that stand next to each other."""
    ends = {RANGE_START: links.first, RANGE_END: links.last}
    return dg.RunRequest(run_key=run_key, tags={**ends, "dagster/priority": str(priority)})


def build_devices_daily(
    provider: str, job: UnresolvedAssetJobDefinition, settings: Settings
) -> dg.ScheduleDefinition:
    """Give the schedule that refreshes the provider's devices."""

    @dg.schedule(
        name=job.name,
        job=job,
        cron_schedule=settings.sync.devices_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Copies the devices that the vendor lists now to the EHR, for every link.",
    )
    def daily(
        context: dg.ScheduleEvaluationContext, links: dg.ResourceParam[LinkStore]
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        ranges = living_ranges(context.instance, links, provider, most=settings.sync.links_per_run)
        if not ranges:
            yield dg.SkipReason("No link is active.")
        day = context.scheduled_execution_time.date().isoformat()
        for links_together in ranges:
            yield devices_request(links_together, run_key=f"{day}:{links_together.first}")

    return daily
