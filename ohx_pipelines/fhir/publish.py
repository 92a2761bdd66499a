"""Publishes a day's resources to the EHR: reads what is there, writes differences, says what came.

Belongs here: the order of those steps, and one writer per patient. Not here: what is different
(`reconcile.py`), how it is written (`writing/writer.py`) or HTTP (`client.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from ohx_pipelines.errors import DeviceRefused
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.writing.holdings import Holdings
from ohx_pipelines.fhir.writing.references import name_of
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.fhir.writing.writer import DEVICES, Check, Writer
from ohx_pipelines.fhir.writing.written import Written

# Gives the lock under which one of our processes writes at a time: for a patient, or for devices.
WriterLock = Callable[[str], AbstractContextManager[object]]


class Publisher:
    """Reads and writes one EHR."""

    def __init__(
        self,
        client: FhirClient,
        *,
        write_mode: str = WriteMode.PUT_ID,
        writer_lock: WriterLock | None = None,
        check: Check = problems,
    ) -> None:
        """Work on `client`, which stays the caller's to close.

        In the two conditional modes `writer_lock` keeps others from writing for the same patient:
        a condition is a search followed by a write. Raises ValueError for an unknown mode.
        """
        self._mode = WriteMode(write_mode)
        self._lock = writer_lock
        self._holdings = Holdings(client, self._mode)
        self._writer = Writer(
            client=client,
            mode=self._mode,
            holdings=self._holdings,
            check=check,
            sole_writer=self._sole_writer,
        )

    def ensure_devices(self, devices: Iterable[dict[str, Any]]) -> None:
        """Write the devices that are missing or differ; raises EhrError when one is not there after.

        They come first: an Observation may not refer to what does not exist. Those that came along
        with `read_existing` are not asked for again.
        """
        wanted = list(devices)
        self._writer.ours |= {name_of(one): one for one in wanted}
        unseen = [one["id"] for one in wanted if one["id"] not in self._holdings.devices]
        self._holdings.devices |= self.read_by_ids(DEVICES, unseen)
        written = self._publish(wanted, self._holdings.devices, lock=DEVICES)
        if written.rejected:
            message = "the EHR refuses a Device, or holds it more than once"
            raise DeviceRefused(message, status=written.status)

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

    def publish_day(
        self, desired: Sequence[dict[str, Any]], existing: Mapping[str, Mapping[str, Any]]
    ) -> Written:
        """Write what differs, and say what became of every resource.

        Raises EhrDown or EhrRejected when the EHR is down or refuses us altogether, WriterBusy when
        another process writes for the patient all the while; what is refused of single resources is
        counted and costs nothing else.
        """
        subjects = [one.get("subject", {}).get("reference", "") for one in desired]
        return self._publish(desired, existing, lock=next(iter(subjects), ""))

    def _publish(
        self,
        desired: Sequence[dict[str, Any]],
        existing: Mapping[str, Mapping[str, Any]],
        *,
        lock: str,
    ) -> Written:
        tasks = [self._writer.task(one, existing.get(one["id"])) for one in desired]
        if not any(one.to_write or one.name in self._holdings.duplicates for one in tasks):
            return Written(unchanged=len(tasks))
        written = Written()
        with self._sole_writer(lock):
            self._writer.write(tasks, written)
        return written

    def _sole_writer(self, name: str) -> AbstractContextManager[object]:
        if self._lock is None or not self._mode.is_conditional:
            return nullcontext()
        return self._lock(name)
