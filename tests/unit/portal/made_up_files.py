"""A made-up app whose files have two columns, and an import that does what a test tells it to.

Belongs here: stand-ins for what reads files and what publishes them. Not here: fixtures.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO

from ohx_pipelines.importing import FileResult, Progress
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from ohx_pipelines.providers.base import DataType, ProviderFacts
from ohx_pipelines.providers.files.base import (
    DEFAULT_BOUNDS,
    Cut,
    DateOrder,
    FileRefused,
    ParsedFile,
    Refusal,
    RowNote,
)

HEADER = b"scale;kg\n"
FILE = HEADER + b"2026-11-01T07:00;81.5\n2026-11-01T19:00;82\n2026-11-03T07:10;81.25\n"
WITH_A_BAD_ROW = FILE + b"2026-11-04T07:10;CANARY\n"


def facts_of(name, title):
    return ProviderFacts(
        name=name,
        title=title,
        manufacturer=title,
        scopes=(),
        data_types=(
            DataType(name="body", title="weight", metrics=frozenset({Metric.BODY_WEIGHT})),
            DataType(name="blood_pressure", title="blood pressure", metrics=frozenset()),
        ),
        pkce=False,
        most_days=92,
        needed_scopes=frozenset(),
    )


class MadeUpApp:
    """Reads `<header>` and rows of `time;kg`; a few words in a file make it say something else.

    What `meanwhile` does is done once, while a file is read.
    """

    def __init__(self, name="beurer", title="Beurer", header=HEADER):
        self.facts = facts_of(name, title)
        self.header = header
        self.parsed = []
        self.more_notes = {}
        self.meanwhile = None

    def recognizes(self, content):
        return content.startswith(self.header)

    def parse(self, content, choices, *, bounds=DEFAULT_BOUNDS):
        self.parsed.append((content, choices, bounds))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self._refuse(content, choices)
        rows, bad = [], []
        for number, line in enumerate(content.decode().splitlines()[1:], start=2):
            moment, _, kilograms = line.partition(";")
            try:
                rows.append(self._row(moment, Decimal(kilograms), choices))
            except (InvalidOperation, ValueError):
                bad.append(RowNote(row=number, word="number_unreadable", metric="body_weight"))
        return ParsedFile(
            frame=to_frame(rows),
            format="made-up",
            language="English",
            encoding="UTF-8",
            separator=";",
            decimal_mark=".",
            date_order=choices.date_order,
            rows=len(rows) + len(bad),
            rejected=bad,
            more_notes=self.more_notes,
            cut=Cut.ENDS_INSIDE if not content.endswith(b"\n") else None,
            birth_date=date(1970, 1, 1) if b"born" in content else None,
        )

    def _refuse(self, content, choices):
        if b"either" in content and choices.date_order is None:
            raise FileRefused(Refusal.AMBIGUOUS_DATES, row=2)
        if b"either" in content and choices.date_order is DateOrder.MONTH_FIRST:
            raise FileRefused(Refusal.OTHER_DATE_ORDER)
        for reason in Refusal:
            if content == f"refuse {reason.value}".encode():
                raise FileRefused(reason)
        if not content.startswith(self.header):
            raise FileRefused(Refusal.UNKNOWN_FORMAT)

    def _row(self, moment, kilograms, choices):
        local = datetime.fromisoformat(moment).replace(tzinfo=choices.zone)
        return Measurement(
            metric=Metric.BODY_WEIGHT,
            value=kilograms,
            unit="kg",
            start=local.astimezone(UTC),
            offset_minutes=int(local.utcoffset().total_seconds() // 60),
            day=local.date(),
            method=RecordingMethod.MANUAL,
            record=f"weight-{moment}",
            group=f"weight-{moment}",
        )


@dataclass
class MadeUpImporting:
    """An import that notes what it was given and says what `script` says, slowly if told so."""

    script: list | None = None
    error: Exception | None = None
    anothers: object = False
    pause_seconds: float = 0.0
    published: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    ended: list = field(default_factory=list)

    @contextmanager
    def opened(self):
        yield self

    def is_anothers(self, patient, parsed):
        if isinstance(self.anothers, Exception):
            raise self.anothers
        return self.anothers

    def publish(self, link_id, parsed, *, most_seconds):
        self.published.append((link_id, parsed))
        try:
            for step in self.script or self._all_done(parsed.days):
                self.steps.append(step)
                yield step
                time.sleep(self.pause_seconds)
            if self.error:
                raise self.error
        finally:
            self.ended.append(link_id)

    def _all_done(self, days):
        for done in range(len(days) + 1):
            yield Progress(done=done, of=len(days))
        yield FileResult(days=tuple(done_day(day, created=1) for day in days))


def done_day(day, **counts):
    return DayResult(day=day, outcome=Outcome.SYNCED, counts=Counts(**counts))


def failed_day(day, outcome=Outcome.EHR_DOWN):
    return replace(done_day(day), outcome=outcome)


def as_file(content, name="My CANARY file.csv"):
    return (BytesIO(content), name)
