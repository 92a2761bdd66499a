"""Publishes resources to the EHR: reads what is there, writes differences, says what came.

Belongs here: the order of those steps, and one writer per patient. Not here: what is different
(`reconcile.py`), how it is written (`writing/writer.py`) or HTTP (`client.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from ohx_pipelines.errors import DeviceRefused, ProvenanceRefused
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.reconcile import RETRACTED
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.writing.holdings import SHARED, Holdings
from ohx_pipelines.fhir.writing.references import key_of, name_of, references
from ohx_pipelines.fhir.writing.sender import Explain, always
from ohx_pipelines.fhir.writing.write_modes import Task, WriteMode
from ohx_pipelines.fhir.writing.writer import DEVICES, Check, Writer
from ohx_pipelines.fhir.writing.written import Written

# Gives the lock under which one of our processes writes at a time: for a patient, or for devices.
WriterLock = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why something is written: the software Device that says so, and what builds Provenances."""

    agent: dict[str, Any]
    provenances: Explain


class Publisher:
    """Reads and writes one EHR."""

    def __init__(
        self,
        client: FhirClient,
        *,
        write_mode: str = WriteMode.PUT_ID,
        writer_lock: WriterLock | None = None,
        check: Check = problems,
        leave_out: Collection[str] = (),
        standing: dict[str, str] | None = None,
    ) -> None:
        """Work on `client`, which stays the caller's to close.

        In the two conditional modes `writer_lock` keeps others from writing for the same patient:
        a condition is a search followed by a write. `leave_out` are resource types that this EHR is
        not given; `standing` remembers, for all publishers that share it, which devices were seen to
        stand there, and where. Raises ValueError for an unknown mode.
        """
        self._mode = WriteMode(write_mode)
        self._lock = writer_lock
        self._left_out = frozenset(leave_out)
        self._standing = {} if standing is None else standing
        self._holdings = Holdings(client, self._mode)
        self._holdings.addresses |= {n: at for n, at in self._standing.items() if at != n}
        self._writer = Writer(
            client=client,
            mode=self._mode,
            holdings=self._holdings,
            check=check,
            sole_writer=self._sole_writer,
        )

    @property
    def reads(self) -> bool:
        """Whether what is there can be read; else nothing is compared, retracted or closed."""
        return self._mode.reads

    def gives(self, resource_type: str) -> bool:
        """Tell whether this EHR is given resources of a type."""
        return resource_type not in self._left_out

    def ensure(self, resources: Iterable[dict[str, Any]]) -> Written:
        """Write what is missing or differs, of types in the order in which they come.

        Referenced types come before referring ones; types that the EHR is not given are passed over.
        Refusals of single resources are counted; raises EhrError when the EHR as a whole fails.
        """
        return self._ensure(resources, missing=())

    def _ensure(self, resources: Iterable[dict[str, Any]], *, missing: Collection[str]) -> Written:
        """Do that; those of the names `missing` are known not to be there."""
        wanted = [one for one in resources if self.gives(one["resourceType"])]
        self._writer.ours |= {name_of(one): one for one in wanted}
        written = Written()
        for kind, of_kind in groupby(wanted, key=lambda one: str(one["resourceType"])):
            listed = list(of_kind)
            unread = [one["id"] for one in listed if name_of(one) not in missing]
            there = self.read_by_ids(kind, unread)
            tasks = [self._writer.task(one, there.get(one["id"])) for one in listed]
            self._publish(tasks, written, lock=DEVICES if kind in SHARED else _subject(listed))
        return written

    def ensure_devices(self, devices: Iterable[dict[str, Any]]) -> None:
        """Write the devices that are missing, and their models; raises EhrError when one stays so.

        They come first: an Observation may not refer to what does not exist. Those that came along
        with `read_existing` are not asked for again, and one that is there is not written: whoever
        asks the vendor for its devices knows more of them than their readings say.
        """
        wanted = list(devices)
        self._writer.ours |= {name_of(one): one for one in wanted}
        there = {f"{DEVICES}/{key}" for key in self._holdings.devices}
        known = (self._standing.keys() | there) - self._holdings.duplicates
        unseen = [one for one in wanted if _is_device(one) and name_of(one) not in known]
        found = self._existing(unseen) - self._holdings.duplicates
        missing = [one for one in unseen if name_of(one) not in found]
        named = {name for one in missing for name in references(one)}
        models = [one for one in wanted if name_of(one) in named]
        absent = {name_of(one) for one in missing} - self._holdings.duplicates
        written = self._ensure([*models, *missing], missing=absent)
        if any(name.startswith(f"{DEVICES}/") for name in written.refusals):
            message = "the EHR refuses a Device, or holds it more than once"
            raise DeviceRefused(message, status=written.status)
        stand = {name_of(one) for one in wanted} - written.refused
        addresses = self._holdings.addresses
        self._standing.update({name: addresses.get(name, name) for name in stand})

    def read_existing(
        self, *, patient: str, vendor: str, start: datetime, end: datetime
    ) -> dict[str, dict[str, Any]]:
        """Give the patient's Observations from this vendor for start <= effective < end, by our id."""
        return self._holdings.window(patient=patient, vendor=vendor, start=start, end=end)

    def read_moved(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Give the Observations that the EHR holds outside the window that was read, by our id.

        None in the conditional modes: there, all that seems new is looked for under the writer's lock.
        """
        return {} if self._mode.is_conditional else self.read_by_ids("Observation", ids)

    def read_by_ids(self, resource_type: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Give those of the resources that exist, by our id."""
        return self._holdings.by_ids(resource_type, ids)

    def of_link(self, resource_type: str, *, patient: str, link: str) -> list[dict[str, Any]]:
        """Give the patient's resources of a type that were written for a link.

        Raises EhrRejected in blind mode.
        """
        return self._holdings.of_link(resource_type, patient=patient, link=link)

    def publish(
        self,
        desired: Sequence[dict[str, Any]],
        existing: Mapping[str, Mapping[str, Any]],
        *,
        retract: Sequence[Mapping[str, Any]] = (),
        written: Written | None = None,
        permit: Callable[[], None] = always,
        explanation: Explanation | None = None,
    ) -> Written:
        """Write what differs, retract what is to go, and say what became of every resource.

        Raises EhrDown or EhrRejected when the EHR is down or refuses us altogether, WriterBusy when
        another process writes for the patient all the while; `written` then tells what was settled
        before. What is refused of single resources is counted and costs nothing else. `permit`
        raises when nothing may be written any more. The Provenances of an `explanation` go along in
        the same transaction, where the EHR takes it; `written.explained` tells for what that was so.
        """
        found = Written() if written is None else written
        tasks = [self._writer.task(one, existing.get(one["id"])) for one in desired]
        tasks += [self._retraction(one) for one in retract]
        differs = any(one.to_write for one in tasks)
        explain = self._explain(explanation) if differs and self.reads else None
        lock = _subject(desired or retract)
        self._publish(tasks, found, lock=lock, permit=permit, explain=explain)
        return found

    def record(self, provenances: Sequence[dict[str, Any]], *, agent: dict[str, Any]) -> None:
        """Write why something changed, and the software Device that says so where it is missing.

        Raises ProvenanceRefused when the EHR refuses one, EhrError when it fails as a whole.
        """
        self.ensure_devices([agent])
        written = Written()
        tasks = [self._writer.task(one, None) for one in provenances]
        self._publish(tasks, written, lock=_subject(provenances))
        if written.refusals:
            message = "the EHR refuses the Provenance of a change"
            raise ProvenanceRefused(message, status=written.status)

    def _explain(self, explanation: Explanation | None) -> Explain | None:
        """Give what explains tasks, if the EHR takes the Device that Provenances name."""
        if explanation is not None:
            with suppress(DeviceRefused):
                self.ensure_devices([explanation.agent])
                return explanation.provenances
        return None

    def _retraction(self, existing: Mapping[str, Any]) -> Task:
        gone = {
            "resourceType": existing["resourceType"],
            "id": key_of(existing),
            "status": RETRACTED,
        }
        return self._writer.task(gone, existing)

    def _existing(self, resources: Sequence[dict[str, Any]]) -> set[str]:
        if not self._mode.reads or not resources:
            return set()
        found = self.read_by_ids(DEVICES, [one["id"] for one in resources])
        self._holdings.devices |= found
        return {f"{DEVICES}/{key}" for key in found}

    def _publish(
        self,
        tasks: Sequence[Task],
        written: Written,
        *,
        lock: str,
        permit: Callable[[], None] = always,
        explain: Explain | None = None,
    ) -> None:
        if any(one.to_write or one.name in self._holdings.duplicates for one in tasks):
            with self._sole_writer(lock):
                self._writer.write(tasks, written, permit=permit, explain=explain)
            return
        for one in tasks:
            written.settle(one.name, one.decision.action)

    def _sole_writer(self, name: str) -> AbstractContextManager[object]:
        if self._lock is None or not self._mode.is_conditional:
            return nullcontext()
        return self._lock(name)


def _subject(resources: Sequence[Mapping[str, Any]]) -> str:
    """Give the patient that resources are about: one writer at a time is theirs."""
    subjects = (one.get("subject") or one.get("patient") or {} for one in resources)
    return next((str(one["reference"]) for one in subjects if "reference" in one), "")


def _is_device(resource: Mapping[str, Any]) -> bool:
    return str(resource["resourceType"]) == DEVICES
