"""Partitions: a user's local day × a link, per provider.

Belongs here: the definitions and the reading of keys. Not here: which links exist (`sensors/`).
https://docs.dagster.io/guides/build/partitions-and-backfills
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import dagster as dg

DAY = "day"
LINK = "link"
# Auckland's today is UTC's tomorrow, so tomorrow's key must be there as well.
DAYS_AHEAD = 2


def link_partitions(provider: str) -> dg.DynamicPartitionsDefinition:
    """Give the provider's links as partitions: random ids without meaning."""
    return dg.DynamicPartitionsDefinition(name=f"{provider}_links")


def day_partitions(partition_days: int) -> dg.DailyPartitionsDefinition:
    """Give at least `partition_days` local days back from today.

    The start is the first of a month: a start that moved daily would rebuild Dagster's status
    cache every day.
    """
    first = (datetime.now(UTC) - timedelta(days=partition_days)).date().replace(day=1)
    return dg.DailyPartitionsDefinition(start_date=first.isoformat(), end_offset=DAYS_AHEAD)


def day_link_partitions(provider: str, partition_days: int) -> dg.MultiPartitionsDefinition:
    """Give the provider's grid; keys read `2026-11-21|<link id>`."""
    return dg.MultiPartitionsDefinition(
        {DAY: day_partitions(partition_days), LINK: link_partitions(provider)}
    )


def day_link_key(day: date, link_id: str) -> dg.MultiPartitionKey:
    """Give the key of one link-day."""
    return dg.MultiPartitionKey({DAY: day.isoformat(), LINK: link_id})


def days_by_link(keys: Iterable[str]) -> dict[str, list[date]]:
    """Group a run's partition keys by link, so that each link's days are fetched as windows."""
    grouped: dict[str, list[date]] = {}
    for key in keys:
        if not isinstance(key, dg.MultiPartitionKey):
            message = "a run of these assets is over day and link"
            raise dg.DagsterInvariantViolationError(message)
        dimensions = key.keys_by_dimension
        grouped.setdefault(dimensions[LINK], []).append(date.fromisoformat(dimensions[DAY]))
    return grouped
