"""A Bundle that is refused as a whole: which entry it was for, so that the others are stored.

Belongs here: parting the entries. Not here: sending them (`writing/writer.py`). Strict servers name the
entry in their OperationOutcome; for others it is found by halving.
"""

from __future__ import annotations

from ohx_pipelines.errors import EhrConflict, EhrRejected, Issue
from ohx_pipelines.fhir.answers.operation_outcome import main_issue
from ohx_pipelines.fhir.answers.reactions import Reaction, Sent, reaction
from ohx_pipelines.fhir.writing.again import Again
from ohx_pipelines.fhir.writing.write_modes import Task
from ohx_pipelines.fhir.writing.written import Written, refused_by_ehr

Chunk = list[Task]


def parted(
    chunk: Chunk, error: EhrConflict | EhrRejected, written: Written
) -> tuple[list[Chunk], list[Again]]:
    """Give what is to be sent in other Bundles and what is decided anew; counts what is refused.

    Raises the error when it is about us, not about what was sent.
    """
    what = reaction(error.status or 0, Sent.BUNDLE)
    if what is Reaction.READ_AGAIN:
        return [], [Again(task=one, error=error) for one in chunk]
    if what not in {Reaction.ISOLATE, Reaction.HALVE}:
        raise error
    named = {one.entry for one in error.issues if one.entry is not None}
    if len(chunk) == 1:
        named = {0}
    if named and (what is Reaction.ISOLATE or len(chunk) == 1):
        for number in sorted(named):
            _refuse(chunk[number], _about(number, error), error, written)
        rest = [one for number, one in enumerate(chunk) if number not in named]
        return [rest] if rest else [], []
    middle = len(chunk) // 2
    return [chunk[:middle], chunk[middle:]], []


def _about(number: int, error: EhrConflict | EhrRejected) -> tuple[Issue, ...]:
    return tuple(one for one in error.issues if one.entry in {number, None})


def _refuse(
    one: Task, issues: tuple[Issue, ...], error: EhrConflict | EhrRejected, written: Written
) -> None:
    status = error.status or 0
    issue = main_issue(issues, status=status)
    written.reject(one.name, refused_by_ehr(issue), status=status)
