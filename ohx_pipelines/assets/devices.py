"""A provider's devices asset: what the EHR holds of each link besides its readings.

Belongs here: the spec, the step and what its events say. Not here: what is copied (`link_record.py`).
Partitioned by link alone: one run covers many links, each gets its true status. As with the stages,
the step yields no output (one would turn the whole range green) and raises at the end.
"""

import time
from collections import Counter
from collections.abc import Mapping

import dagster as dg

from ohx_pipelines.assets.failures import failure_metadata, raise_if_any_failed
from ohx_pipelines.assets.lasting import LOST_DATABASE, log_lasting, lost_database
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.assets.stages import OWNER
from ohx_pipelines.link_record import Copied, LinkRecords
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import Provider, ProviderFacts
from ohx_pipelines.resources.ehr import EhrAccess
from ohx_pipelines.resources.link_records import link_records
from ohx_pipelines.settings import Settings
from ohx_pipelines.urgency import Urgency, using

_DESCRIPTION = (
    "The EHR holds what {title} lists of the patient's devices (Device, DeviceDefinition, "
    "DeviceAssociation) and what the patient shares (Consent), one partition per link. Refreshed "
    "daily, after linking and after a change of sharing."
)


def devices_key(provider: str) -> dg.AssetKey:
    """Give the provider's devices asset."""
    return dg.AssetKey([provider, "devices"])


def build_devices(facts: ProviderFacts, settings: Settings) -> dg.AssetsDefinition:
    """Give the provider's devices asset, by link."""
    name = facts.name

    @dg.multi_asset(
        name=f"{name}_device_copies",
        specs=[_spec(facts)],
        partitions_def=link_partitions(name),
        backfill_policy=dg.BackfillPolicy.multi_run(settings.sync.links_per_run),
        pool=name,
    )
    # Dagster reads a return annotation as the type of the outputs; this step yields none.
    def copy_devices(  # type: ignore[no-untyped-def]  # noqa: ANN202
        context: dg.AssetExecutionContext,
        links: dg.ResourceParam[LinkStore],
        vendors: dg.ResourceParam[Mapping[str, Provider]],
        ehr: dg.ResourceParam[EhrAccess],
    ):
        records = link_records(links, vendors, ehr, settings)
        try:
            with using(Urgency.LOOK_BACK):
                outcomes = _copy_partitions(context, name, records)
        except LOST_DATABASE:
            raise lost_database(context) from None
        raise_if_any_failed(outcomes, of="links")
        # A generator may yield no output; a plain function's None would count as a wrong one.
        yield from ()

    return copy_devices


def _spec(facts: ProviderFacts) -> dg.AssetSpec:
    return dg.AssetSpec(
        devices_key(facts.name),
        description=_DESCRIPTION.format(title=facts.title),
        skippable=True,
        group_name=facts.name,
        kinds={"python", "fhir"},
        owners=[OWNER],
    )


def _copy_partitions(
    context: dg.AssetExecutionContext, provider: str, records: LinkRecords
) -> Counter[Outcome]:
    outcomes: Counter[Outcome] = Counter()
    for link_id in context.partition_keys:
        started = time.monotonic()
        copied = records.copy(link_id)
        outcomes[copied.outcome] += 1
        seconds = time.monotonic() - started
        log_lasting(context, link_event(provider, link_id, copied, seconds=seconds))
    return outcomes


def link_event(
    provider: str, link_id: str, copied: Copied, *, seconds: float
) -> dg.AssetMaterialization | dg.AssetObservation:
    """Give a link's materialization or, when it failed, the observation that says how."""
    kind = dg.AssetMaterialization if copied.outcome.ok else dg.AssetObservation
    metadata: dict[str, dg.MetadataValue] = {
        "created": dg.MetadataValue.int(copied.created),
        "updated": dg.MetadataValue.int(copied.updated),
        "unchanged": dg.MetadataValue.int(copied.unchanged),
        "rejected": dg.MetadataValue.int(copied.rejected),
        "outcome": dg.MetadataValue.text(copied.outcome.value),
        "seconds": dg.MetadataValue.float(seconds),
    }
    if not copied.outcome.ok:
        metadata |= failure_metadata(copied.outcome, error=copied.error, status=copied.status)
    return kind(asset_key=devices_key(provider), partition=link_id, metadata=metadata)
