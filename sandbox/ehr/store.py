"""What the EHR remembers: every version of every resource, in memory.

Belongs here: versions, tombstones, the one lock, and undoing a failed transaction. Not here:
whether a resource is valid, and what a request means.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.ehr.wire import Json, dumps

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a resource; never changed after it was stored."""

    key: Key
    number: int
    updated: datetime
    resource: Json | None  # None: deleted
    content: str = ""  # what a client wrote, to see whether a later write changes anything
    searched: dict[str, Any] = field(default_factory=dict, compare=False)  # found values by name

    @property
    def etag(self) -> str:
        """Give the weak ETag of this version."""
        return f'W/"{self.number}"'


class Store:
    """All resources by type and id. Callers hold `lock` for as long as they must see no change."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._histories: dict[Key, tuple[Version, ...]] = {}
        self._live: dict[str, dict[str, Version]] = {}
        self._observed: dict[str, dict[str, Version]] = {}  # by reference to the subject
        self._undo: dict[Key, tuple[Version, ...]] | None = None

    def history(self, key: Key) -> tuple[Version, ...]:
        """Give all versions, oldest first; none when the id was never used."""
        with self.lock:
            return self._histories.get(key, ())

    def live(self, key: Key) -> Version | None:
        """Give the current version unless the resource is deleted or unknown."""
        with self.lock:
            return self._live.get(key[0], {}).get(key[1])

    def all_live(self, resource_type: str) -> list[Version]:
        """Give the current versions of a type, in the order in which they were written."""
        with self.lock:
            return list(self._live.get(resource_type, {}).values())

    def observations_of(self, patient_id: str) -> list[Version]:
        """Give a patient's live Observations: a walk through everybody's takes too long."""
        with self.lock:
            return list(self._observed.get(f"Patient/{patient_id}", {}).values())

    def counts(self) -> dict[str, int]:
        """Tell how many resources of each type are live."""
        with self.lock:
            return {name: len(found) for name, found in sorted(self._live.items()) if found}

    def write(self, key: Key, resource: Json) -> Version:
        """Store a new version; the server's own meta replaces whatever came."""
        with self.lock:
            number = len(self._histories.get(key, ())) + 1
            updated = datetime.now(UTC)
            meta = {**resource.get("meta", {}), "versionId": str(number)}
            meta["lastUpdated"] = updated.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            head: Json = {"resourceType": key[0], "id": key[1], "meta": meta}
            stored = head | {name: part for name, part in resource.items() if name not in head}
            said = content({**resource, "id": key[1]})
            version = Version(
                key=key, number=number, updated=updated, resource=stored, content=said
            )
            self._put(key, (*self._histories.get(key, ()), version))
            return version

    def relabel(self, key: Key, resource: Json) -> Version:
        """Change the current version itself, as only `$meta-delete` does."""
        with self.lock:
            *before, current = self._histories[key]
            version = replace(current, resource=resource, content=content(resource), searched={})
            self._put(key, (*before, version))
            return version

    def delete(self, key: Key) -> None:
        """Leave a tombstone; nothing happens when there is nothing live."""
        with self.lock:
            if self.live(key) is None:
                return
            before = self._histories[key]
            grave = Version(
                key=key, number=len(before) + 1, updated=datetime.now(UTC), resource=None
            )
            self._put(key, (*before, grave))

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Hold the lock; when the block raises, everything is as it was before."""
        with self.lock:
            self._undo = {}
            try:
                yield
            except BaseException:
                for key, before in self._undo.items():
                    self._set(key, before)
                raise
            finally:
                self._undo = None

    def _put(self, key: Key, history: tuple[Version, ...]) -> None:
        if self._undo is not None:
            self._undo.setdefault(key, self._histories.get(key, ()))
        self._set(key, history)

    def _set(self, key: Key, history: tuple[Version, ...]) -> None:
        of_type = self._live.setdefault(key[0], {})
        if history:
            self._histories[key] = history
        else:
            self._histories.pop(key, None)
        before = of_type.pop(key[1], None)
        if before is not None:
            self._observations_like(before).pop(key[1], None)
        if history and history[-1].resource is not None:
            of_type[key[1]] = history[-1]
            self._observations_like(history[-1])[key[1]] = history[-1]

    def _observations_like(self, version: Version) -> dict[str, Version]:
        """Give the Observations about the same subject; a throw-away dict for other types."""
        if version.key[0] != "Observation" or version.resource is None:
            return {}
        return self._observed.setdefault(version.resource["subject"].get("reference", ""), {})


def content(resource: Json) -> str:
    """Write down what the client said, without what the server adds.

    As in HAPI, another source alone is no change.
    """
    meta = {
        name: part
        for name, part in resource.get("meta", {}).items()
        if name not in {"versionId", "lastUpdated", "source"}
    }
    rest = {name: part for name, part in resource.items() if name != "meta"}
    return dumps(rest | {"meta": meta} if meta else rest, sort_keys=True)
