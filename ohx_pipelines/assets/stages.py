"""A provider's three stages as one multi-asset: one step, many partitions, a true status for each.

Belongs here: specs and the step. Not here: what an event says (`events.py`) or how a day is synced.
The step logs a materialization per finished stage and day, yields no output (one would turn the
whole range green) and raises at the end when any day failed.
"""

from collections import Counter
from collections.abc import Mapping

import dagster as dg

from ohx_pipelines.assets.events import day_events, stage_key
from ohx_pipelines.assets.failures import raise_if_any_failed
from ohx_pipelines.assets.lasting import (
    LOST_DATABASE,
    log_lasting,
    lost_database,
    tell_lasting,
)
from ohx_pipelines.assets.partitions import day_link_partitions, days_by_link
from ohx_pipelines.link_sync import LinkSync, sync_rules
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.outcomes import Outcome, Stage
from ohx_pipelines.providers.base import Provider, ProviderFacts
from ohx_pipelines.resources.ehr import EhrAccess
from ohx_pipelines.settings import Settings

OWNER = "team:integration"
# Says of a run that costly listings need not be read again where the vendor modified nothing. A run
# that somebody asked for reads everything.
UNCHANGED, LEFT_ALONE = "ohx/unchanged", "left alone"
_DESCRIPTIONS = {
    Stage.FETCHED: "The day was read from {title} completely: every page, and no error. "
    "Readings stay in memory; only their number is kept.",
    Stage.NORMALIZED: "The day's readings were put into the common vocabulary. What was held back "
    "(not surely this patient's) or rejected (not readable) is counted by reason.",
    Stage.PUBLISHED: "The EHR holds the day's readings as FHIR R5 Observations: new ones were "
    "created, changed ones updated, deleted ones marked as entered in error, unchanged ones left "
    "alone. A Provenance says why.",
}
_KINDS = {
    Stage.FETCHED: {"python", "oauth2"},
    Stage.NORMALIZED: {"python", "pandas"},
    Stage.PUBLISHED: {"python", "fhir"},
}


def build_stages(facts: ProviderFacts, settings: Settings) -> dg.AssetsDefinition:
    """Give the provider's fetched → normalized → published assets, by day × link."""
    name, rules = facts.name, sync_rules(settings.sync)

    @dg.multi_asset(
        name=f"{name}_sync",
        specs=_specs(facts),
        can_subset=True,
        partitions_def=day_link_partitions(name, settings.partition_days),
        backfill_policy=dg.BackfillPolicy.multi_run(settings.sync.partitions_per_run),
        pool=name,
    )
    # Dagster reads a return annotation as the type of the outputs; this step yields none.
    def sync_stages(  # type: ignore[no-untyped-def]  # noqa: ANN202
        context: dg.AssetExecutionContext,
        links: dg.ResourceParam[LinkStore],
        vendors: dg.ResourceParam[Mapping[str, Provider]],
        ehr: dg.ResourceParam[EhrAccess],
    ):
        sync = LinkSync(
            store=links,
            providers=vendors,
            publisher=ehr.publisher,
            mapping=ehr.mapping,
            secret=ehr.secret,
            rules=rules,
            test_data=settings.test_data,
            reads_again=context.run.tags.get(UNCHANGED) != LEFT_ALONE,
        )
        try:
            outcomes = _sync_partitions(context, name, sync)
        except LOST_DATABASE:
            raise lost_database(context) from None
        raise_if_any_failed(outcomes, of="link-days")
        # A generator may yield no output; a plain function's None would count as a wrong one.
        yield from ()

    return sync_stages


def _specs(facts: ProviderFacts) -> list[dg.AssetSpec]:
    specs = []
    upstream: list[dg.AssetKey] = []
    for stage in Stage:
        key = stage_key(facts.name, stage)
        specs.append(
            dg.AssetSpec(
                key,
                deps=upstream,
                description=_DESCRIPTIONS[stage].format(title=facts.title),
                skippable=True,
                group_name=facts.name,
                kinds=_KINDS[stage],
                owners=[OWNER],
            )
        )
        upstream = [key]
    return specs


def _sync_partitions(
    context: dg.AssetExecutionContext, provider: str, sync: LinkSync
) -> Counter[Outcome]:
    outcomes: Counter[Outcome] = Counter()
    selected = context.selected_asset_keys
    grouped = days_by_link(context.partition_keys)
    last, of_all = None, len(context.partition_keys)
    for link_id, result in sync.run_all(grouped, run_id=context.run.run_id):
        if link_id != last:
            last = link_id
            tell_lasting(context, "%s of %s link-days done.", outcomes.total(), of_all)
        outcomes[result.outcome] += 1
        for event in day_events(provider, link_id, result, selected=selected):
            log_lasting(context, event)
    return outcomes
