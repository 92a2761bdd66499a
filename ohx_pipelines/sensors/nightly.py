"""The nightly sync: yesterday and the late days before it, as range runs.

Belongs here: which ranges a night asks for. Not here: on_cron conditions, which would ask for one
run per day and so fetch each link once per day instead of once.
https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

import dagster as dg

from ohx_pipelines.assets.partitions import day_link_key, link_partitions
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.settings import Settings

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
# A link that lost its permission is asked for as well: its red day is how anyone notices.
WANTED = {LinkState.ACTIVE, LinkState.NEEDS_RELINK}


@dataclass(frozen=True, kw_only=True)
class LinkRange:
    """Links that stand next to each other in Dagster's stored order, first and last included."""

    first: str
    last: str


def link_ranges(stored: Sequence[str], wanted: set[str], *, most: int) -> list[LinkRange]:
    """Cut the stored order into ranges of at most `most` links, all of them wanted.

    A range takes in whatever stands between its ends, so it ends before a link that is not wanted.
    """
    ranges: list[LinkRange] = []
    for is_wanted, run in groupby(stored, key=lambda link_id: link_id in wanted):
        links = list(run)
        chunks = [links[n : n + most] for n in range(0, len(links), most)] if is_wanted else []
        ranges.extend(LinkRange(first=chunk[0], last=chunk[-1]) for chunk in chunks)
    return ranges


def look_back(scheduled: datetime, days: int) -> tuple[date, date]:
    """Give the first and last local day of a night: `days` days that end with yesterday."""
    yesterday = scheduled.astimezone(UTC).date() - timedelta(days=1)
    return yesterday - timedelta(days=days - 1), yesterday


def build_nightly(
    provider: str, stages: dg.AssetsDefinition, settings: Settings
) -> dg.ScheduleDefinition:
    """Give the provider's nightly schedule."""
    partitions = link_partitions(provider)
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
        stored = context.instance.get_dynamic_partitions(partitions.name or "")
        wanted = {s.id for s in links.statuses(provider=provider) if s.state in WANTED}
        ranges = link_ranges(stored, wanted, most=settings.sync.links_per_run)
        if not ranges:
            yield dg.SkipReason("No link is active.")
        first_day, last_day = look_back(
            context.scheduled_execution_time, settings.sync.look_back_days
        )
        for chunk in ranges:
            yield _request(chunk, first_day, last_day)

    return nightly


def _request(chunk: LinkRange, first_day: date, last_day: date) -> dg.RunRequest:
    start = day_link_key(first_day, chunk.first)
    return dg.RunRequest(
        run_key=f"{last_day.isoformat()}:{chunk.first}",
        tags={RANGE_START: str(start), RANGE_END: str(day_link_key(last_day, chunk.last))},
    )
