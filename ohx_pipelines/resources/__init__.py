"""Dagster wiring of what a sync needs: link store, vendors, EHR, as ConfigurableResources.

Belongs here: opening and closing for one run or tick. Not here: what is done with them.
"""

from __future__ import annotations

from typing import Any

from ohx_pipelines.resources.ehr import EhrResource
from ohx_pipelines.resources.link_store import LinkStoreResource
from ohx_pipelines.resources.vendors import VendorsResource

__all__ = ["EhrResource", "LinkStoreResource", "VendorsResource", "default_resources"]


def default_resources() -> dict[str, Any]:
    """Give the resources of a real deployment, by the names that assets and sensors ask for."""
    return {"links": LinkStoreResource(), "vendors": VendorsResource(), "ehr": EhrResource()}
