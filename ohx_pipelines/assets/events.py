"""What a day's result looks like in Dagster's event log: counts, never values.

Belongs here: DayResult in, events out. Not here: running a sync, or any text from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

import dagster as dg

from ohx_pipelines.assets.failures import failure_metadata
from ohx_pipelines.assets.partitions import day_link_key
from ohx_pipelines.outcomes import DayResult, Stage

# Which counts a stage can vouch for.
_COUNTS = {
    Stage.FETCHED: ("rows",),
    Stage.NORMALIZED: ("rows", "observations", "held_back", "rejected"),
    Stage.PUBLISHED: ("observations", "created", "updated", "unchanged", "retracted", "rejected"),
}


def stage_key(provider: str, stage: Stage) -> dg.AssetKey:
    """Give the asset of a provider's stage."""
    return dg.AssetKey([provider, stage.value])


def day_events(
    provider: str, link_id: str, result: DayResult, *, selected: Iterable[dg.AssetKey]
) -> Iterator[dg.AssetMaterialization | dg.AssetObservation]:
    """Give a materialization per selected stage that finished.

    For a day that failed there is one observation as well, which says how and what to do.
    """
    wanted = set(selected)
    partition = day_link_key(result.day, link_id)
    stages = [stage for stage in Stage if stage_key(provider, stage) in wanted]
    for stage in stages:
        if result.finished(stage):
            yield dg.AssetMaterialization(
                asset_key=stage_key(provider, stage),
                partition=partition,
                metadata=_stage_metadata(stage, result),
            )
    unfinished = next((stage for stage in stages if not result.finished(stage)), None)
    if unfinished is not None:
        yield dg.AssetObservation(
            asset_key=stage_key(provider, unfinished),
            partition=partition,
            metadata=_failure_metadata(result),
        )


def _stage_metadata(stage: Stage, result: DayResult) -> dict[str, dg.MetadataValue]:
    counts = asdict(result.counts)
    metadata: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.int(counts[name]) for name in _COUNTS[stage]
    }
    if stage is not Stage.FETCHED:
        metadata |= {f"left_out/{why}": dg.MetadataValue.int(n) for why, n in _reasons(result)}
    metadata["outcome"] = dg.MetadataValue.text(result.outcome.value)
    metadata["seconds"] = dg.MetadataValue.float(result.seconds)
    return metadata


def _failure_metadata(result: DayResult) -> dict[str, dg.MetadataValue]:
    stage = result.failed_stage.value if result.failed_stage else ""
    metadata = failure_metadata(result.outcome, error=result.error, status=result.status)
    metadata["stage"] = dg.MetadataValue.text(stage)
    metadata["attempts"] = dg.MetadataValue.int(result.attempts)
    if result.counts.retraction_held:
        held = result.counts.retraction_held
        metadata["would_be_retracted"] = dg.MetadataValue.int(held)
    metadata |= {f"left_out/{why}": dg.MetadataValue.int(n) for why, n in _reasons(result)}
    return metadata


def _reasons(result: DayResult) -> list[tuple[str, int]]:
    return sorted(result.reasons.items())
