"""Provenances: why readings in the EHR are what they are: who wrote them, from where, in which run.

Belongs here: the Provenance of one batch. Not here: what the batch changed (`publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.governance.devices import software_id
from ohx_pipelines.fhir.governance.identity import (
    CONSENT_SYSTEM,
    VENDOR_SYSTEM,
    by_identifier,
    coded,
)
from ohx_pipelines.fhir.governance.moments import instant
from ohx_pipelines.fhir.identifiers import SYSTEM, resource_id
from ohx_pipelines.fhir.labels import meta

LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
PARTICIPANTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
RUN_SYSTEM = f"{SYSTEM}run"
MAPPING_SYSTEM = f"{SYSTEM}mapping-version"


class Activity(Enum):
    """What was done to the targets, as the lifecycle event of ISO 21089."""

    CREATE = "receive"
    AMEND = "amend"
    # "Erroneous or untrustworthy, to warn against its future use": nothing is deleted.
    RETRACT = "deprecate"


_DISPLAYS = {
    Activity.CREATE: "Receive/Retain Record Lifecycle Event",
    Activity.AMEND: "Amend (Update) Record Lifecycle Event",
    Activity.RETRACT: "Deprecate Record Lifecycle Event",
}
# What a target's former version is to the activity; one that was created has none.
_FORMER = {Activity.AMEND: "revision", Activity.RETRACT: "removal"}


def build_provenance(  # noqa: PLR0913 (each is said by somebody else)
    *,
    activity: Activity,
    targets: Sequence[str],
    revisions: Mapping[str, str],
    context: PublishContext,
    title: str,
    mapping_version: int,
    recorded: datetime,
) -> dict[str, Any]:
    """Give the Provenance of resources that one batch wrote, by their names (`Observation/<id>`).

    `revisions` gives the version that a target had before, where it is known; `title` is the
    vendor's.
    """
    names = sorted(targets)
    software = {"reference": f"Device/{software_id(context.secret)}"}
    assembler = coded(PARTICIPANTS, "assembler", "Assembler")
    return {
        "resourceType": "Provenance",
        "id": _provenance_id(context, activity, names, revisions),
        "meta": meta(context, tags=_run_tag(context)),
        "target": [{"reference": name} for name in names],
        "recorded": instant(recorded),
        **_authorization(context),
        "activity": coded(LIFECYCLE, activity.value, _DISPLAYS[activity]),
        "patient": {"reference": f"Patient/{context.patient}"},
        "agent": [{"type": assembler, "who": software}],
        "entity": [
            *_origin(context, title, mapping_version),
            *_before(activity, names, revisions),
        ],
    }


def _provenance_id(
    context: PublishContext,
    activity: Activity,
    names: Sequence[str],
    revisions: Mapping[str, str],
) -> str:
    """Give the same id when the same is told again, another one when a run changes it twice."""
    told = [part for name in names for part in (name, revisions.get(name, ""))]
    return resource_id(context.secret, "Provenance", context.run, activity.value, *told)


def _authorization(context: PublishContext) -> dict[str, Any]:
    """Name the link's Consent by its identifier: its copy may not be in the EHR yet."""
    if not context.link:
        return {}
    consent = by_identifier(CONSENT_SYSTEM, context.link, type="Consent")
    return {"authorization": [{"reference": consent}]}


def _run_tag(context: PublishContext) -> list[dict[str, str]]:
    """Give a tag by which all that a run did is found: servers search no identifier in `entity`."""
    return [{"system": RUN_SYSTEM, "code": context.run}] if context.run else []


def _origin(context: PublishContext, title: str, mapping_version: int) -> Iterator[dict[str, Any]]:
    """Name vendor, run and the table of codes that was followed."""
    vendor = by_identifier(VENDOR_SYSTEM, context.vendor, type="Organization", display=title)
    yield {"role": "source", "what": vendor}
    if context.run:
        yield {"role": "source", "what": by_identifier(RUN_SYSTEM, context.run, display="run")}
    mapping = by_identifier(MAPPING_SYSTEM, str(mapping_version), display="mapping version")
    yield {"role": "instantiates", "what": mapping}


def _before(
    activity: Activity, names: Sequence[str], revisions: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    role = _FORMER.get(activity)
    for name in names if role else ():
        yield {"role": role, "what": _former(name, revisions.get(name))}


def _former(name: str, version: str | None) -> dict[str, str]:
    if version is None:
        return {"reference": name}
    # HAPI strips the version from references that it stores; the display stays.
    return {"reference": f"{name}/_history/{version}", "display": f"version {version}"}
