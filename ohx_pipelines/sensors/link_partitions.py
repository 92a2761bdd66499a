"""Active links become partition keys.

Belongs here: which keys are missing. Not here: removing keys, which must wait for backfills.
https://docs.dagster.io/guides/automate/sensors
"""

from collections.abc import Iterable

import dagster as dg

from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.settings import Settings


def missing_keys(active: Iterable[str], existing: Iterable[str]) -> list[str]:
    """Give the active links without a partition, in the order in which they were linked."""
    known = set(existing)
    return [link_id for link_id in active if link_id not in known]


def build_link_sensor(provider: str, settings: Settings) -> dg.SensorDefinition:
    """Give the sensor that adds a partition for each active link of the provider."""
    partitions = link_partitions(provider)

    @dg.sensor(
        name=f"{provider}_link_partitions",
        description="Adds a partition for each link that a patient has confirmed.",
        minimum_interval_seconds=settings.sync.partition_sensor_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def add_link_partitions(
        context: dg.SensorEvaluationContext, links: dg.ResourceParam[LinkStore]
    ) -> dg.SensorResult | dg.SkipReason:
        existing = context.instance.get_dynamic_partitions(partitions.name or "")
        missing = missing_keys(links.active_link_ids(provider), existing)
        if not missing:
            return dg.SkipReason("Every active link has its partition.")
        return dg.SensorResult(dynamic_partitions_requests=[partitions.build_add_request(missing)])

    return add_link_partitions
