"""What a checked file holds, in counts and dates: what its owner is shown before the yes.

Belongs here: counting. Not here: words, pages, or any reading's value, which is never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import DataType, ProviderFacts
from ohx_pipelines.providers.files.base import ParsedFile

PULSES = frozenset({Metric.HEART_RATE, Metric.MEAN_HEART_RATE})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The measurements of one data type: how many, and from when to when."""

    name: str
    title: str
    count: int
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A file's measurements by kind, and by day (the latest first) in the order of the kinds."""

    kinds: tuple[Kind, ...]
    days: tuple[tuple[date, tuple[int, ...]], ...]


def preview_of(parsed: ParsedFile, facts: ProviderFacts) -> Preview:
    """Count a file's measurements: the values of one taking are one measurement of its kind."""
    by_day = Counter(_takings(parsed, facts))
    shown = [one for one in facts.data_types if any(one.name == kind for kind, _ in by_day)]
    return Preview(
        kinds=tuple(_kind(one, by_day) for one in shown),
        days=tuple(
            (day, tuple(by_day[one.name, day] for one in shown))
            for day in sorted({day for _, day in by_day}, reverse=True)
        ),
    )


def _kind(of: DataType, by_day: Counter[tuple[str, date]]) -> Kind:
    counts = {day: count for (kind, day), count in by_day.items() if kind == of.name}
    total, first, last = sum(counts.values()), min(counts), max(counts)
    return Kind(name=of.name, title=of.title, count=total, first=first, last=last)


def _takings(parsed: ParsedFile, facts: ProviderFacts) -> Iterator[tuple[str, date]]:
    """Give kind and day of each taking.

    Cuffs, scales and oximeters all tell a pulse: it goes with the other values of its taking.
    """
    columns = parsed.frame[["record", "group", "day", "metric"]]
    metrics_of: dict[tuple[str, str, date], set[str]] = {}
    for record, group, day, metric in columns.itertuples(index=False, name=None):
        metrics_of.setdefault((record, group, day), set()).add(metric)
    for (_, _, day), metrics in metrics_of.items():
        telling = (metrics - PULSES) or metrics
        name = next((one.name for one in facts.data_types if telling & one.metrics), None)
        if name is not None:
            yield name, day
