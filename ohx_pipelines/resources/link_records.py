"""What copies a link's record to its EHR, put together of the resources of a run or tick.

Belongs here: that. Not here: what is copied (`ohx_pipelines/link_record.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import sync_rules
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.notifying import notifying_from
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.resources.ehr import EhrAccess
from ohx_pipelines.settings import Settings


def link_records(
    links: LinkStore, vendors: Mapping[str, Provider], ehr: EhrAccess, settings: Settings
) -> LinkRecords:
    """Give the LinkRecords of a deployment with these settings."""
    return LinkRecords(
        store=links,
        providers=vendors,
        publisher=ehr.publisher,
        secret=ehr.secret,
        rules=sync_rules(settings.sync),
        test_data=settings.test_data,
        notifying=notifying_from(settings),
    )
