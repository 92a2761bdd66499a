"""The nightly sync: yesterday and the late days before it, as range runs.

Belongs here: which ranges a night asks for. Not here: on_cron conditions, which would ask for one
run per day and so fetch each link once per day instead of once.
https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg

from ohx_pipelines.assets.partitions import day_link_key
from ohx_pipelines.assets.stages import LEFT_ALONE, UNCHANGED
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.sensors.link_ranges import RANGE_END, RANGE_START, LinkRange, living_ranges
from ohx_pipelines.settings import Settings

# A run without the tag has priority 0: the queue takes the higher number first.
PRIORITY = "dagster/priority"
BEFORE_BACKFILLS = "10"


def look_back(scheduled: datetime, days: int) -> tuple[date, date]:
    """Give the first and last local day of a night: `days` days that end with yesterday."""
    yesterday = scheduled.astimezone(UTC).date() - timedelta(days=1)
    return yesterday - timedelta(days=days - 1), yesterday


def build_nightly(
    facts: ProviderFacts, stages: dg.AssetsDefinition, settings: Settings
) -> dg.ScheduleDefinition:
    """Give the provider's nightly schedule."""
    provider = facts.name
    days = max(settings.sync.look_back_days, facts.look_back_days)
    job = dg.define_asset_job(f"{provider}_nightly", selection=dg.AssetSelection.assets(stages))

    @dg.schedule(
        name=f"{provider}_nightly",
        job=job,
        cron_schedule=settings.sync.nightly_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Reads yesterday and the days before it again for every link.",
    )
    def nightly(
        context: dg.ScheduleEvaluationContext, links: dg.ResourceParam[LinkStore]
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        ranges = living_ranges(context.instance, links, provider, most=settings.sync.links_per_run)
        if not ranges:
            yield dg.SkipReason("No link is active.")
        first_day, last_day = look_back(context.scheduled_execution_time, days)
        for chunk in ranges:
            yield _request(chunk, first_day, last_day)

    return nightly


def _request(chunk: LinkRange, first_day: date, last_day: date) -> dg.RunRequest:
    start = day_link_key(first_day, chunk.first)
    return dg.RunRequest(
        run_key=f"{last_day.isoformat()}:{chunk.first}",
        tags={
            RANGE_START: str(start),
            RANGE_END: str(day_link_key(last_day, chunk.last)),
            UNCHANGED: LEFT_ALONE,
            PRIORITY: BEFORE_BACKFILLS,
        },
    )
