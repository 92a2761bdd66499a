"""How a resource is addressed on a server: by our id, or by a condition on our identifier.

Belongs here: the modes, and the Bundle entry that each makes. Not here: sending (`writing/writer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ohx_pipelines.fhir.answers.reactions import Sent
from ohx_pipelines.fhir.reconcile import Action, Decision, decide, is_retracted
from ohx_pipelines.fhir.writing.references import (
    KEY_SYSTEM,
    carries_key,
    name_of,
    references,
    rewritten,
    with_key,
)


class WriteMode(StrEnum):
    """How what is not there yet is created; what is there is always updated under its id."""

    PUT_ID = "put-id"
    CONDITIONAL_UPDATE = "conditional-update"
    CONDITIONAL_CREATE = "conditional-create"
    # Where nothing may be read: all is put under our ids, again and again.
    BLIND = "blind"

    @property
    def is_conditional(self) -> bool:
        """Whether the server gives the ids: then one writer per patient, and no blind repeat."""
        return self in {WriteMode.CONDITIONAL_UPDATE, WriteMode.CONDITIONAL_CREATE}

    @property
    def reads(self) -> bool:
        """Whether what is there is read first: without it nothing is compared or retracted."""
        return self is not WriteMode.BLIND


@dataclass(frozen=True, kw_only=True)
class Task:
    """A resource on its way: as it was built (its id is ours), as it is there, what is to be done.

    `mended` tells that what it refers to was published once more for it, `tried` what was done
    already with an answer that was lost.
    """

    desired: dict[str, Any] = field(repr=False)
    existing: Mapping[str, Any] | None = field(repr=False)
    decision: Decision = field(repr=False)
    mended: bool = False
    tried: Action | None = None

    @property
    def name(self) -> str:
        """How our other resources refer to it."""
        return name_of(self.desired)

    @property
    def to_write(self) -> bool:
        """Whether anything differs."""
        return self.decision.action is not Action.LEAVE

    def refers_to(self, names: Iterable[str]) -> bool:
        """Tell whether it refers to one of these."""
        wanted = set(names) - {self.name}
        return bool(wanted) and not wanted.isdisjoint(references(self.desired))

    def with_mended(self) -> Task:
        """Give the same task, noting that what it refers to was published again."""
        return replace(self, mended=True)


def task(
    desired: dict[str, Any],
    existing: Mapping[str, Any] | None,
    *,
    mode: WriteMode,
    addresses: Mapping[str, str],
    mended: bool = False,
) -> Task:
    """Decide about a resource, its references pointing at where their targets live."""
    placed = _placed(desired, existing, mode, addresses)
    return Task(
        desired=desired, existing=existing, decision=decide(placed, existing), mended=mended
    )


def condition(key: str) -> str:
    """Give the search that finds a resource by our id: one parameter, the most portable form."""
    return f"identifier={KEY_SYSTEM}|{key}"


def entry_for(task: Task, *, mode: WriteMode, base: str) -> tuple[dict[str, Any], Sent]:
    """Give the Bundle entry that writes a task, and what its answer will be about."""
    resource, key = task.decision.resource, task.desired["id"]
    kind = resource["resourceType"]
    if task.existing is not None or not mode.is_conditional:
        path = name_of(resource)
        request = {"method": "PUT", "url": path} | _if_match(task.existing)
        sent = Sent.CLIENT_ID if task.existing is None else Sent.KNOWN_ID
        # Strict servers refuse entries without a fullUrl.
        return {"fullUrl": f"{base}/{path}", "resource": resource, "request": request}, sent
    if not carries_key(kind):
        # There is nothing to search it by. A lost answer may double it, which says nothing wrong.
        request = {"method": "POST", "url": kind}
    elif mode is WriteMode.CONDITIONAL_UPDATE:
        request = {"method": "PUT", "url": f"{kind}?{condition(key)}"}
    else:
        request = {"method": "POST", "url": kind, "ifNoneExist": condition(key)}
    entry = {"fullUrl": f"urn:uuid:{key}", "resource": resource, "request": request}
    return entry, Sent.CONDITION


def _placed(
    desired: dict[str, Any],
    existing: Mapping[str, Any] | None,
    mode: WriteMode,
    addresses: Mapping[str, str],
) -> dict[str, Any]:
    key = desired["id"]
    resource: dict[str, Any] = rewritten(desired, addresses) if addresses else desired
    if existing is not None and is_retracted(desired):
        return resource
    if existing is not None:
        # Written under our id, whatever the mode is now: it needs no other key.
        same_id = existing["id"] == key
        return resource if same_id else with_key({**resource, "id": existing["id"]}, key)
    if not mode.is_conditional:
        return resource
    return with_key({name: part for name, part in resource.items() if name != "id"}, key)


def _if_match(existing: Mapping[str, Any] | None) -> dict[str, str]:
    version = (existing or {}).get("meta", {}).get("versionId")
    return {"ifMatch": f'W/"{version}"'} if version else {}
