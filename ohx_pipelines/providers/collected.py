"""What the readers of a vendor's listings find: one place that they all fill, listing by listing.

Belongs here: measurements, devices and what becomes none, with reasons. Not here: what a row means
(a reader per listing in each vendor's room), or the order of readers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Measurement, Metric
from ohx_pipelines.providers.base import DeviceInfo, Unpublished


@dataclass(kw_only=True)
class Collected:
    """What one listing of a window says; `asked` are the metrics that are asked of it.

    `kept` are base records of which nothing is concluded. Never a value in its `repr`.
    """

    window: Window
    asked: frozenset[Metric]
    measurements: list[Measurement] = field(default_factory=list, repr=False)
    devices: dict[str, DeviceInfo] = field(default_factory=dict)
    unpublished: list[Unpublished] = field(default_factory=list)
    ignored: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    kept: set[str] = field(default_factory=set)

    def ignore(self, day: date, word: str, count: int = 1) -> None:
        """Count rows or values that nobody misses, by a word for why."""
        self.ignored[day][word] += count

    def leave_out(  # noqa: PLR0913 (all that is told of a reading without its value)
        self,
        *,
        metric: Metric | None,
        record: str,
        day: date,
        reason: str,
        held_back: bool = False,
        group: str | None = None,
        occurrence: int = 0,
    ) -> None:
        """Note a reading that is not published, and why."""
        self.unpublished.append(
            Unpublished(
                metric=metric,
                record=record,
                group=group or record,
                occurrence=occurrence,
                day=day,
                reason=reason,
                held_back=held_back,
            )
        )
