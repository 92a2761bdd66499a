"""What we wrote for one link: found in the EHR, marked as entered in error, then deleted.

Belongs here: the search and the two steps. Not here: which resources are ours (`erasable.py`), who asks
and what is said (`cli/ehr_erase.py`). Nothing is remembered: another run finds what the last one left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ohx_pipelines.errors import CredentialsRefused, EhrConflict, EhrRejected
from ohx_pipelines.fhir.answers.reactions import PASSING
from ohx_pipelines.fhir.client import NOT_THERE, FhirClient
from ohx_pipelines.fhir.erasable import ERASED_TYPES, Found, Resource, parted
from ohx_pipelines.fhir.identifiers import record_system
from ohx_pipelines.fhir.reconcile import RETRACTED, is_retracted
from ohx_pipelines.fhir.writing.bundles import in_bundles
from ohx_pipelines.fhir.writing.entry_answers import FIRST_REFUSAL, entry_answer
from ohx_pipelines.fhir.writing.holdings import is_of_link
from ohx_pipelines.fhir.writing.references import name_of, references
from ohx_pipelines.fhir.writing.write_modes import WriteMode

Progress = Callable[[str, int, int], None]

MARKING, DELETING = "marked", "deleted"
ASSOCIATION_STATUS = "http://hl7.org/fhir/deviceassociation-status"
TRIES = 4
PAUSE_SECONDS = 0.5
# Another writer was there, a reference was still in the way, or the server had trouble.
_AGAIN = PASSING | {409, 412}
# Not for this one but for all: the server deletes nothing.
_NEVER = frozenset({403, 405, 501})


class Eraser:
    """Takes one link's resources out of one EHR; every call raises EhrError when that fails us."""

    def __init__(  # noqa: PLR0913 (whose, what marks it as ours, and who is asked and told)
        self,
        client: FhirClient,
        *,
        patient: str,
        vendor: str,
        link: str,
        mode: WriteMode,
        leave_out: Collection[str] = (),
        progress: Progress = lambda _step, _done, _all: None,
        permit: Callable[[], None] = lambda: None,
    ) -> None:
        """Work on `client`; `progress` hears what is done, how many are done, and of how many.

        Of `leave_out`, types that this EHR is not given, a search may be refused. `permit` is called
        before anything is written, and raises when nothing may be erased any more.
        """
        self._client = client
        self._patient, self._link, self._mode = f"Patient/{patient}", link, mode
        self._system = record_system(vendor)
        self._progress = progress
        self._permit = permit
        self._left_out = frozenset(leave_out)

    def find(self) -> Found:
        """Look what is there of the link, and whose it is."""
        tagged: list[Resource] = []
        unseen: list[str] = []
        for kind in ERASED_TYPES:
            try:
                tagged += self._tagged(kind)
            except CredentialsRefused:
                raise
            except EhrRejected:
                if kind not in self._left_out:
                    raise
                unseen.append(kind)
        return replace(parted(tagged, mode=self._mode), unseen=tuple(unseen))

    def left(self, gone: Collection[str]) -> Found:
        """Look again, until a server that indexes slowly no longer lists what it says is gone."""
        found = self.find()
        for _ in range(TRIES - 1):
            if not any(name_of(one) in gone for one in found.ours):
                break
            time.sleep(PAUSE_SECONDS)
            found = self.find()
        return found

    def mark(self, found: Found) -> None:
        """Step 1: mark all that reads as valid as entered in error, keeping what it says."""
        pending, count = found.unmarked, len(found.unmarked)
        for number in range(TRIES):
            time.sleep(PAUSE_SECONDS * number)
            if number:
                pending = [one for one in self._read_again(pending) if not is_retracted(one)]
            answers = self._send(pending, self._marking, MARKING, count)
            pending = [one for one, status in answers if status in _AGAIN]
            if not pending:
                return

    def delete(self, found: Found) -> set[str]:
        """Step 2: delete all of it, referring before referred; gives the names of what is gone."""
        gone: set[str] = set()
        for wave in _waves(found.ours):
            pending = wave
            for number in range(TRIES):
                time.sleep(PAUSE_SECONDS * number)
                answers = self._send(pending, self._deleting, DELETING, len(found.ours), len(gone))
                gone |= {name_of(one) for one, status in answers if _is_gone(status)}
                pending = [one for one, status in answers if status in PASSING]
                if not pending:
                    break
        return gone

    def _tagged(self, kind: str) -> Iterator[Resource]:
        parameters = [("patient", self._patient)]
        if kind == "Observation":
            parameters.append(("identifier", f"{self._system}|"))
        try:
            listed = self._client.search(kind, parameters)
        except EhrRejected as error:
            # A server that does not keep a type has none of it.
            if error.status not in NOT_THERE:
                raise
            return
        yield from (one for one in listed if is_of_link(one, self._link))

    def _read_again(self, resources: Iterable[Resource]) -> list[Resource]:
        read = [self._client.read(one["resourceType"], one["id"]) for one in resources]
        return [one for one in read if one and is_of_link(one, self._link)]

    def _marking(self, resource: Resource) -> dict[str, Any]:
        name, version = name_of(resource), resource.get("meta", {}).get("versionId")
        request = {"method": "PUT", "url": name}
        request |= {"ifMatch": f'W/"{version}"'} if version else {}
        return {"fullUrl": self._address(name), "resource": marked(resource), "request": request}

    def _deleting(self, resource: Resource) -> dict[str, Any]:
        name = name_of(resource)
        return {"fullUrl": self._address(name), "request": {"method": "DELETE", "url": name}}

    def _address(self, name: str) -> str:
        return f"{self._client.url}/{name}"

    def _send(
        self,
        resources: Sequence[Resource],
        entry_of: Callable[[Resource], dict[str, Any]],
        step: str,
        count: int,
        done: int = 0,
    ) -> list[tuple[Resource, int]]:
        """Send an entry for each; gives the status that each was answered."""
        answers: list[tuple[Resource, int]] = []
        for chunk in in_bundles(resources, entry_of):
            self._permit()
            statuses = self._statuses([entry_of(one) for one in chunk])
            answers += zip(chunk, statuses, strict=True)
            self._progress(step, done + len(answers), count)
        return answers

    def _statuses(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        try:
            responses = self._client.batch(entries)
        except CredentialsRefused:
            raise
        except (EhrConflict, EhrRejected):
            # The Bundle as a whole is refused, perhaps for one of its entries.
            return self._one_by_one(entries)
        return [entry_answer(one, {}).status for one in responses]

    def _one_by_one(self, entries: Sequence[dict[str, Any]]) -> list[int]:
        statuses: list[int] = []
        for entry in entries:
            statuses.append(self._alone(entry))
            is_deletion = entry["request"]["method"] == "DELETE"
            if is_deletion and statuses == [statuses[0]] and statuses[0] in _NEVER:
                return statuses * len(entries)
        return statuses

    def _alone(self, entry: Mapping[str, Any]) -> int:
        request = entry["request"]
        headers = {"If-Match": request["ifMatch"]} if "ifMatch" in request else {}
        try:
            return self._client.write(
                request["method"].lower(), request["url"], entry.get("resource"), headers=headers
            )
        except CredentialsRefused:
            raise
        except (EhrConflict, EhrRejected) as error:
            return error.status or 0


def marked(resource: Mapping[str, Any]) -> Resource:
    """Give a resource with all that it says, marked as entered in error."""
    meta = {
        name: part
        for name, part in resource.get("meta", {}).items()
        if name not in {"versionId", "lastUpdated"}
    }
    if "source" in meta:
        # Servers put the id of the request behind it.
        meta["source"] = meta["source"].partition("#")[0]
    status: Any = RETRACTED
    if resource["resourceType"] == "DeviceAssociation":
        status = {"coding": [{"system": ASSOCIATION_STATUS, "code": RETRACTED}]}
    # A narrative would go on telling the former state.
    rest = {name: part for name, part in resource.items() if name not in {"meta", "text"}}
    return rest | ({"meta": meta} if meta else {}) | {"status": status}


def _is_gone(status: int) -> bool:
    return 0 < status < FIRST_REFUSAL or status in NOT_THERE


def _waves(resources: Sequence[Resource]) -> Iterator[list[Resource]]:
    """Give them type by type, and of each those first that no other one refers to.

    Entries of a batch have no order: what refers and what is referred to go in different Bundles.
    """
    for kind in ERASED_TYPES:
        pending = [one for one in resources if one["resourceType"] == kind]
        while pending:
            named = {name for one in pending for name in references(one) if name != name_of(one)}
            free = [one for one in pending if name_of(one) not in named] or pending
            yield free
            taken = {name_of(one) for one in free}
            pending = [one for one in pending if name_of(one) not in taken]
