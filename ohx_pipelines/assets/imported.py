"""An app's files in the asset graph: one external asset, by day × link, which nothing here makes.

Belongs here: its spec. Not here: publishing a file (`ohx_pipelines/importing.py`), or reporting what
was published (`sensors/imports.py`).
"""

from __future__ import annotations

import dagster as dg

from ohx_pipelines.assets.events import stage_key
from ohx_pipelines.assets.partitions import day_link_partitions
from ohx_pipelines.assets.stages import OWNER
from ohx_pipelines.outcomes import Stage
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.settings import Settings

_DESCRIPTION = (
    "The EHR holds the day's readings of files that the patient exported from {title} and uploaded "
    "on the link page, or that `ohx import` read. The file is published while it is uploaded and "
    "kept nowhere, so nothing can be run here: the sensor {name}_imports reports each day from the "
    "sync ledger. A day that failed is an observation that says how; it is made good by uploading "
    "the same file again."
)


def build_imported(facts: ProviderFacts, settings: Settings) -> dg.AssetSpec:
    """Give the app's external asset."""
    return dg.AssetSpec(
        stage_key(facts.name, Stage.PUBLISHED),
        description=_DESCRIPTION.format(title=facts.title, name=facts.name),
        partitions_def=day_link_partitions(facts.name, settings.partition_days),
        group_name=facts.name,
        kinds={"file", "fhir"},
        owners=[OWNER],
    )
