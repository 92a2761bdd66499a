"""The resources that a link's copy in its EHR is made of.

Belongs here: which of them, for which record and devices. Not here: what they say
(`fhir/governance/`), writing them (`link_record.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ohx_pipelines.device_resources import device_resources
from ohx_pipelines.errors import NotConsented
from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.governance.associations import build_association, ended
from ohx_pipelines.fhir.governance.consent import build_consent
from ohx_pipelines.fhir.governance.devices import build_software
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing.references import KEY_SYSTEM, key_of
from ohx_pipelines.links.link_records import RecordToCopy
from ohx_pipelines.providers.base import DeviceInfo, ProviderFacts

ASSOCIATION = "DeviceAssociation"


def consent_of(
    record: RecordToCopy, context: LinkContext, facts: ProviderFacts | None
) -> dict[str, Any]:
    """Give the Consent, withdrawn when the link was ended.

    Without `facts` (the vendor is no longer in this deployment) names stand for titles. Raises
    NotConsented when its owner never agreed to anything.
    """
    if record.since is None:
        raise NotConsented
    titles = {one.name: one.title for one in facts.data_types} if facts else {}
    return build_consent(
        context=context,
        title=facts.title if facts else record.provider,
        data_types=[(name, titles.get(name, name)) for name in record.data_types],
        since=record.since,
        chosen=record.chosen,
        until=record.until,
    )


def devices_of(
    devices: Sequence[DeviceInfo],
    record: RecordToCopy,
    context: LinkContext,
    *,
    facts: ProviderFacts,
    publisher: Publisher,
) -> list[dict[str, Any]]:
    """Give models, devices with this software among them, and whose they are, in this order.

    Where nothing may be read no association is given: nobody could end it.
    """
    described = device_resources(
        devices,
        manufacturer=facts.manufacturer,
        context=context,
        define=publisher.gives("DeviceDefinition"),
    )
    associations = [
        build_association(device=info.device, kind=info.kind, context=context, since=record.since)
        for info in devices
        if publisher.reads and record.since is not None
    ]
    return [*described, build_software(context=context), *associations]


def ended_associations(record: RecordToCopy, publisher: Publisher) -> list[dict[str, Any]]:
    """Read the link's open associations, and give them as they are once they have ended.

    The EHR is asked which there are: the vendor can no longer be.
    """
    if record.until is None or not publisher.reads or not publisher.gives(ASSOCIATION):
        return []
    found = publisher.of_link(ASSOCIATION, patient=record.patient.fhir_id, link=record.link_id)
    return [
        _under_our_id(one, ended(one, record.until))
        for one in found
        if "end" not in one.get("period", {})
    ]


def _under_our_id(held: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    """Give it as if we had built it: where servers give ids, ours is an identifier."""
    own = [one for one in changed.get("identifier", []) if one.get("system") != KEY_SYSTEM]
    return changed | {"id": key_of(held), "identifier": own}
