"""Why something was written: the Provenances of one sync, before it is written and after.

Belongs here: what is told of which change. Not here: the resource (`fhir/governance/provenance.py`),
or writing it (`fhir/publish.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ohx_pipelines.fhir.governance.devices import build_software
from ohx_pipelines.fhir.governance.provenance import Activity, build_provenance
from ohx_pipelines.fhir.publish import Explanation
from ohx_pipelines.fhir.reconcile import Action
from ohx_pipelines.fhir.writing.write_modes import Task
from ohx_pipelines.fhir.writing.written import Written
from ohx_pipelines.syncing.parts import Sync

TARGETS_PER_PROVENANCE = 100
_ACTIVITIES = {
    Action.CREATE: Activity.CREATE,
    Action.UPDATE: Activity.AMEND,
    Action.RETRACT: Activity.RETRACT,
}
Resource = dict[str, Any]
# What each resource was before, by its name.
Before = Mapping[str, Mapping[str, Any] | None]


def agent(sync: Sync) -> Resource:
    """Give the Device of this program: who did it."""
    return build_software(context=sync.context)


def explanation(sync: Sync) -> Explanation | None:
    """Give what explains tasks that are about to be written; None where the EHR is given none."""
    if not sync.publisher.gives("Provenance"):
        return None

    def provenances(tasks: Sequence[Task]) -> list[Resource]:
        by_action: dict[Action, dict[str, Mapping[str, Any] | None]] = {}
        for one in tasks:
            by_action.setdefault(one.decision.action, {})[one.name] = one.existing
        told = [action for action in _ACTIVITIES if action in by_action]
        return [_provenance(sync, action, by_action[action]) for action in told]

    return Explanation(agent=agent(sync), provenances=provenances)


def untold(
    sync: Sync, written: Written, existing: Mapping[str, Mapping[str, Any]]
) -> tuple[set[str], list[Resource]]:
    """Give what changed without a Provenance, by name, and the Provenances that are missing."""
    settled = written.settled.items()
    changed = {name for name, action in settled if action in _ACTIVITIES} - written.explained
    if not sync.publisher.gives("Provenance"):
        return changed, []
    found = []
    for action in _ACTIVITIES:
        # Without reading nobody knows whether what was put there again is a change.
        told = action is Action.CREATE or sync.publisher.reads
        names = [name for name in written.done(action) if name in changed] if told else []
        for start in range(0, len(names), TARGETS_PER_PROVENANCE):
            targets = names[start : start + TARGETS_PER_PROVENANCE]
            before = {name: existing.get(name.rpartition("/")[2]) for name in targets}
            found.append(_provenance(sync, action, before))
    return changed, found


def _provenance(sync: Sync, action: Action, before: Before) -> Resource:
    versions = {name: (one or {}).get("meta", {}).get("versionId") for name, one in before.items()}
    return build_provenance(
        activity=_ACTIVITIES[action],
        targets=list(before),
        revisions={name: str(version) for name, version in versions.items() if version},
        context=sync.context,
        title=sync.provider.facts.title,
        mapping_version=sync.mapping.version,
        recorded=datetime.now(UTC),
    )
