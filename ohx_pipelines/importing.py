"""A file imported: its days published by the same sync as a cloud's, newest first, within a time.

Belongs here: the order of a file's windows, progress, what came of it, whose it may be. Not here:
reading files (`providers/files/`), the sync itself (`sync.py`), or who asked: a page and a command
call the same function. The file is in memory for as long, and nothing of it is kept.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from ohx_pipelines.errors import EhrError, OhxError
from ohx_pipelines.link_record import Copied, LinkRecords
from ohx_pipelines.link_sync import LinkSync
from ohx_pipelines.links.records import EhrConnection, Link, Patient
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.local_day import windows
from ohx_pipelines.outcomes import Counts, DayResult
from ohx_pipelines.provider_settings import UploadSettings
from ohx_pipelines.providers.files.base import Bounds, ParsedFile
from ohx_pipelines.providers.files.source import FileSource
from ohx_pipelines.providers.registry import file_sources

# What the ledger names as the run of a day that came in a file.
RUN = "file-"


class OutOfTime(EhrError):
    """The EHR takes the file more slowly than somebody waits; the rest is left for the next upload.

    No EhrDown: it answers, and other links' syncs need not leave it alone.
    """

    detail = "out_of_time"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many of the file's link-days are done."""

    done: int
    of: int


@dataclass(frozen=True, kw_only=True)
class FileResult:
    """What came of a file: its days in order, those that were not reached, and the Consent's copy.

    A day that was begun when the time was over is among the failed ones, as `out_of_time`.
    """

    days: tuple[DayResult, ...]
    left: tuple[date, ...] = ()
    copied: Copied | None = None

    @property
    def counts(self) -> Counts:
        """Add up the days."""
        return sum((one.counts for one in self.days), Counts())

    @property
    def ok(self) -> bool:
        """Whether every day of the file is in the EHR."""
        return not self.left and all(one.outcome.ok for one in self.days)


class PatientReader(Protocol):
    """The part of a FHIR client that tells whose record it is."""

    def read(self, resource_type: str, id: str, /) -> Mapping[str, Any] | None:  # noqa: A002
        """Give a resource, or None when there is none; raises EhrError."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


def bounds_from(settings: UploadSettings) -> Bounds:
    """Give how much of a file the settings let be read."""
    return Bounds(
        most_bytes=settings.most_megabytes * 1024 * 1024,
        most_rows=settings.most_rows,
        most_seconds=settings.most_seconds,
    )


@dataclass(frozen=True, kw_only=True)
class Importing:
    """What every import shares. `sync` and `records` work for one file at a time, given to them here."""

    store: LinkStore
    sync: LinkSync
    records: LinkRecords
    patient_reader: Callable[[EhrConnection], PatientReader]
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def is_anothers(self, patient: Patient, parsed: ParsedFile) -> bool:
        """Tell whether the file says another date of birth than the EHR; raises EhrError.

        A year alone, or nothing, says too little to refuse anybody's readings.
        """
        if parsed.birth_date is None:
            return False
        connection = self.store.ehr(patient.ehr_connection_id)
        with closing(self.patient_reader(connection)) as reader:
            known = (reader.read("Patient", patient.fhir_id) or {}).get("birthDate")
        try:
            return date.fromisoformat(str(known)) != parsed.birth_date
        except ValueError:
            return False

    def publish(
        self, link_id: str, parsed: ParsedFile, *, most_seconds: float
    ) -> Iterator[Progress | FileResult]:
        """Publish a file's days, telling how far it is; the last thing given is the result.

        Raises nothing for a failed day. Raises NotFound when there is no such link.
        """
        link = self.store.link(link_id)
        source = FileSource(facts=file_sources()[link.provider].facts, parsed=parsed)
        until = self.clock() + most_seconds
        yield Progress(done=0, of=len(parsed.days))
        copied = self._copied(link, source)
        found: list[DayResult] = []
        left = [*_newest_first(parsed.days, link, source)]
        run_id = RUN + secrets.token_hex(8)
        while left and self.clock() < until:
            found += self._window(link_id, source, left.pop(0), run_id, until)
            yield Progress(done=len(found), of=len(parsed.days))
        yield FileResult(
            days=tuple(sorted(found, key=lambda one: one.day)),
            left=tuple(sorted(day for window in left for day in window)),
            copied=copied,
        )

    def _copied(self, link: Link, source: FileSource) -> Copied | None:
        """Have the EHR told what is shared and of the file's devices, where that is due."""
        record = self.store.record_to_copy(link.id)
        if not record.is_due and not source.devices_named:
            return None
        return replace(self.records, providers={link.provider: source}).copy(link.id)

    def _window(
        self, link_id: str, source: FileSource, days: Iterable[date], run_id: str, until: float
    ) -> list[DayResult]:
        def halt() -> None:
            if self.clock() >= until:
                raise OutOfTime

        sync = replace(self.sync, providers={source.facts.name: source}, halt=halt)
        return list(sync.run(link_id, days, run_id=run_id))


def _newest_first(days: Iterable[date], link: Link, source: FileSource) -> Iterator[list[date]]:
    """Cut a file's days into windows, the youngest first: those matter most if time runs out."""
    if link.zone is None:
        message = "a file's link has a time zone"
        raise OhxError(message)
    facts, told = source.facts, set(days)
    cut = windows(told, link.zone, most_days=facts.most_days, most_gap_days=facts.most_gap_days)
    for window in reversed(cut):
        yield [day for day in window.days if day in told]
