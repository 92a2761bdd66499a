"""Links that stand next to each other: one run covers a range of them.

Belongs here: cutting Dagster's stored order into ranges. Not here: what a run over them does, or when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import dagster as dg

from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore

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


def living_ranges(
    instance: dg.DagsterInstance, links: LinkStore, provider: str, *, most: int
) -> list[LinkRange]:
    """Give the ranges of all links of a provider that have not ended, at most `most` in each."""
    stored = instance.get_dynamic_partitions(link_partitions(provider).name or "")
    wanted = {one.id for one in links.statuses(provider=provider) if one.state in WANTED}
    return link_ranges(stored, wanted, most=most)
