"""What arrived of a file and what did not, in counts and words: what its owner is told at the end.

Belongs here: judging a result. Not here: publishing (`publishing.py`), sentences about rows
(`file_words.py`), or any reading's value. Nothing is called whole that is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from oauth_portal.file_words import CUTS, RowLines, failed_words, row_lines
from oauth_portal.previews import Kind, preview_of
from ohx_pipelines.fhir.building.left_out import Reason
from ohx_pipelines.importing import FileResult, OutOfTime
from ohx_pipelines.outcomes import Counts, DayResult
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.providers.files.base import ParsedFile
from ohx_pipelines.providers.files.source import NOT_SHARED


class Extent(StrEnum):
    """How much of a file is in its owner's record."""

    WHOLE = "whole"
    IN_PART = "in_part"
    NOTHING = "nothing"
    # Days are missing: there is something to do.
    UNFINISHED = "unfinished"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """The end of an upload.

    `rejected` are rows that could not be read, `cut` why the file was not whole, `unshared` the
    measurements whose kind is not shared, `refused` how many values the record did not take; `late`
    counts days that were not reached in time, `failed` those that failed by what can be done.
    """

    days: int
    done: int
    counts: Counts
    rejected: RowLines
    cut: str | None
    unshared: Sequence[Kind]
    refused: int
    late: int
    failed: Mapping[str, int]
    record_waits: bool

    @property
    def extent(self) -> Extent:
        """Say how much arrived."""
        if self.late or self.failed:
            return Extent.UNFINISHED
        if not self.counts.created + self.counts.updated + self.counts.unchanged:
            return Extent.NOTHING
        return Extent.IN_PART if self.is_lacking else Extent.WHOLE

    @property
    def is_lacking(self) -> bool:
        """Whether the file says more than what is carried over."""
        return bool(self.rejected.count or self.cut or self.unshared or self.refused)


def arrival_of(
    result: FileResult, parsed: ParsedFile, facts: ProviderFacts, *, shared: Sequence[str]
) -> Arrival:
    """Judge a result; `shared` are the names of the data types that its owner shares."""
    late = [one for one in result.days if one.error == OutOfTime.detail]
    failed = [one for one in result.days if one not in late]
    return Arrival(
        days=len(result.days) + len(result.left),
        done=sum(one.outcome.ok for one in result.days),
        counts=result.counts,
        rejected=row_lines(parsed.rejected, more=parsed.more_rejected),
        cut=CUTS[parsed.cut] if parsed.cut else None,
        unshared=[one for one in preview_of(parsed, facts).kinds if one.name not in shared],
        refused=_refused(result.days, parsed),
        late=len(late) + len(result.left),
        failed=failed_words(failed),
        record_waits=result.copied is not None and not result.copied.outcome.ok,
    )


def _refused(days: Sequence[DayResult], parsed: ParsedFile) -> int:
    """Count what was read, and then not taken; of days that failed something else is said."""
    told = {NOT_SHARED, *(one.word for one in parsed.rejected)}
    told |= {word for words in parsed.ignored.values() for word in words}
    told |= {one.value for one in Reason if one.chosen}
    why: Counter[str] = Counter()
    for one in days:
        why.update(one.reasons if one.outcome.ok else {})
    return sum(count for word, count in why.items() if word not in told)
