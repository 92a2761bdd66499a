"""What the vendor said of each day and what becomes of it, counted; never a value.

Belongs here: rows, readings held back, refused or ignored, by reason. Not here: publishing
(`sync.py`), or the words of an outcome (`outcomes.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ohx_pipelines.fhir.building.left_out import LeftOut
from ohx_pipelines.fhir.building.takings import count_observations
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.observations import Built
from ohx_pipelines.local_day import Window
from ohx_pipelines.outcomes import Counts
from ohx_pipelines.providers.base import Normalized, Unpublished


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of a window.

    `rows` are the frame's; `left_out` is what the vendor's room left out before, `ignored` what
    nobody misses of it, `unbuilt` those of the frame's rows that become no resource.
    """

    day: date
    rows: int
    left_out: Sequence[Unpublished]
    ignored: Mapping[str, int]
    unbuilt: Sequence[LeftOut]
    mapping: FhirMapping

    @property
    def counts(self) -> Counts:
        """Count rows, and the Observations that held back and rejected readings would be."""
        held = [one for one in self.left_out if one.held_back]
        refused = [one for one in self.left_out if not one.held_back]
        unfit = [one for one in self.unbuilt if not one.reason.chosen]
        return Counts(
            rows=self.rows + len(self.left_out) + sum(self.ignored.values()),
            held_back=self._observations(held),
            rejected=self._observations([*refused, *unfit]),
        )

    @property
    def reasons(self) -> dict[str, int]:
        """Count the rows that are not published by why."""
        why = Counter(one.reason for one in self.left_out)
        why += Counter(one.reason.value for one in self.unbuilt)
        return dict(why + Counter(self.ignored))

    def _observations(self, readings: Iterable[Unpublished | LeftOut]) -> int:
        listed = ((one.metric, one.group, one.occurrence) for one in readings)
        return count_observations(listed, self.mapping)


def days_of(
    window: Window, normalized: Normalized, built: Built, *, mapping: FhirMapping
) -> list[Day]:
    """Split a window into its days, in order."""
    rows = Counter(normalized.frame["day"])
    return [
        Day(
            day=day,
            rows=rows[day],
            left_out=[one for one in normalized.unpublished if one.day == day],
            ignored=normalized.ignored.get(day, {}),
            unbuilt=[one for one in built.unpublished if one.day == day],
            mapping=mapping,
        )
        for day in window.days
    ]
