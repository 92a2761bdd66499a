"""Which links' partitions are still needed: by runs in flight, by backfills that are not over.

Belongs here: reading Dagster's runs and backfills. Not here: what is done with the answer.
Dagster fails a whole backfill when a partition that it targets was removed. What cannot be read
therefore counts as needing every link.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill
from dagster._core.storage.tags import WILL_RETRY_TAG

from ohx_pipelines.assets.partitions import LINK
from ohx_pipelines.sensors.link_ranges import RANGE_END, RANGE_START

PARTITION = "dagster/partition"
LINK_PARTITION = f"{PARTITION}/{LINK}"
# Dagster retries at once; a dead run that it forgot must not keep a partition for good.
LONGEST_RETRY_DELAY = timedelta(days=1)
PAUSE_AFTER_FAILURE = timedelta(minutes=1)
_UNFINISHED_BACKFILLS = [
    BulkActionStatus.REQUESTED,
    BulkActionStatus.CANCELING,
    BulkActionStatus.FAILING,
]
_UNFINISHED_RUNS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """Links whose partitions must stay; `everything` when somebody's needs could not be read."""

    links: frozenset[str] = frozenset()
    everything: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        """Put two needs together."""
        return Needs(links=self.links | other.links, everything=self.everything or other.everything)


EVERYTHING = Needs(everything=True)


def split_droppable(ended: Sequence[str], needs: Needs) -> tuple[list[str], list[str]]:
    """Part the ended links into those whose partition can go and those whose must stay for now."""
    drop = [key for key in ended if not needs.everything and key not in needs.links]
    return drop, [key for key in ended if key not in drop]


def needed_links(instance: dg.DagsterInstance, provider: str, stored: Sequence[str]) -> Needs:
    """Give what runs and backfills of the provider's assets need; `stored` is the keys' order."""
    needs = Needs()
    unfinished = BulkActionsFilter(statuses=_UNFINISHED_BACKFILLS)
    for backfill in instance.get_backfills(filters=unfinished):
        needs |= backfill_needs(backfill, provider)
    for run in _unfinished_runs(instance):
        if _concerns(run.asset_selection, provider):
            needs |= run_needs(run.tags, stored)
    return needs


def links_in_flight(
    instance: dg.DagsterInstance,
    asset: dg.AssetKey,
    job: str,
    stored: Sequence[str],
    *,
    now: float,
) -> Needs:
    """Give the links for which a run of the asset is on its way, or failed a moment ago.

    A run that failed before it could note anything must not be asked for again at every tick.
    """
    needs = Needs()
    lately = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        job_name=job,
        updated_after=datetime.fromtimestamp(now, UTC) - PAUSE_AFTER_FAILURE,
    )
    for run in [*_unfinished_runs(instance), *instance.get_runs(lately)]:
        if run.job_name == job or asset in (run.asset_selection or ()):
            needs |= run_needs(run.tags, stored)
    return needs


def _unfinished_runs(instance: dg.DagsterInstance) -> Iterator[dg.DagsterRun]:
    """Give what is in flight, and dead runs whose automatic retry is not there yet."""
    in_flight = dg.RunsFilter(statuses=_UNFINISHED_RUNS)
    dead = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        tags={WILL_RETRY_TAG: "true"},
        updated_after=datetime.now(UTC) - LONGEST_RETRY_DELAY,
    )
    yield from instance.get_runs(in_flight)
    yield from (run for run in instance.get_runs(dead) if run.is_complete_and_waiting_to_retry)
    # Once more: a retry that was launched between those two questions is in neither answer.
    yield from instance.get_runs(in_flight)


def backfill_needs(backfill: PartitionBackfill, provider: str) -> Needs:
    """Give the links that a backfill targets among the provider's."""
    if not _concerns(backfill.asset_selection, provider):
        return Needs()
    if not backfill.is_asset_backfill:
        # A job's backfill names its keys; without them it names nothing that could be read.
        names = backfill.partition_names
        return EVERYTHING if names is None else Needs(links=_links_of(names))
    try:
        subsets = _target_subsets(backfill, provider)
        keys = [key for subset in subsets for key in subset.get_partition_keys()]
    except Exception:  # noqa: BLE001 (Dagster's own formats change; whatever it is, it is unread)
        return EVERYTHING
    return Needs(links=_links_of(keys)) if keys else EVERYTHING


def run_needs(tags: Mapping[str, str], stored: Sequence[str]) -> Needs:
    """Give the links that a run covers, by its tags: one key, or a range in the stored order."""
    single = tags.get(LINK_PARTITION) or tags.get(PARTITION)
    if single is not None:
        return Needs(links=_links_of([single]))
    ends = [tags.get(RANGE_START), tags.get(RANGE_END)]
    links = [_link_of(end) for end in ends if end]
    places = [stored.index(link) for link in links if link in stored]
    if len(places) == len(ends):
        return Needs(links=frozenset(stored[min(places) : max(places) + 1]))
    # Both ends are other providers' links, or the run says nothing that could be read.
    return Needs() if len(links) == len(ends) and not places else EVERYTHING


def _target_subsets(backfill: PartitionBackfill, provider: str) -> list[Any]:
    data = backfill.asset_backfill_data
    if data is None:
        message = "the backfill says nothing of its target"
        raise ValueError(message)
    by_asset = data.target_subset.partitions_subsets_by_asset_key
    return [subset for key, subset in by_asset.items() if key.path[0] == provider]


def _concerns(assets: Iterable[dg.AssetKey] | None, provider: str) -> bool:
    return assets is None or any(key.path[0] == provider for key in assets)


def _links_of(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_link_of, keys))


def _link_of(key: str) -> str:
    # Dagster joins the dimensions in the order of their names: `<day>|<link>`.
    return key.rpartition("|")[2]
