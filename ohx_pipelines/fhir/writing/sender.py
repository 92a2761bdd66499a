"""Sends Bundles, one at a time, and carries out what each answer asks for.

Belongs here: a transaction first, a batch else, and the reaction to every entry's answer. Not here:
what becomes of what is not settled (`writer.py`), or how an entry is addressed (`write_modes.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.errors import EhrConflict, EhrDown, EhrRejected
from ohx_pipelines.fhir.answers.operation_outcome import main_issue
from ohx_pipelines.fhir.answers.reactions import Reaction, Sent, failure, no_client_ids, reaction
from ohx_pipelines.fhir.client import FhirClient, is_worth_a_try
from ohx_pipelines.fhir.reconcile import Action
from ohx_pipelines.fhir.writing.again import Again
from ohx_pipelines.fhir.writing.bundles import in_bundles
from ohx_pipelines.fhir.writing.entry_answers import EntryAnswer, entry_answer
from ohx_pipelines.fhir.writing.holdings import Holdings
from ohx_pipelines.fhir.writing.isolation import parted
from ohx_pipelines.fhir.writing.transactions import taken
from ohx_pipelines.fhir.writing.write_modes import Task, WriteMode, entry_for, task
from ohx_pipelines.fhir.writing.written import DUPLICATES, Written, refused_by_ehr

# Gives the Provenances of tasks.
Explain = Callable[[Sequence[Task]], Sequence[dict[str, Any]]]

CREATED = 201
# One Provenance each for what is created, changed and retracted.
MOST_PROVENANCES = 3


def always() -> None:
    """Permit every Bundle."""


@dataclass(kw_only=True)
class Sender:
    """Sends for one write; `holdings` learn where things live.

    `permit` raises when nothing may be written any more, and is asked before each Bundle. What
    `explain` gives for tasks goes along with them in one transaction. `resent` tells whether a Bundle
    was sent again after no answer came.
    """

    client: FhirClient
    mode: WriteMode
    holdings: Holdings
    permit: Callable[[], None]
    explain: Explain | None = None
    resent: bool = False

    def bundles(self, tasks: Sequence[Task]) -> Iterator[list[Task]]:
        """Cut tasks into Bundles' worth."""
        beside = MOST_PROVENANCES if self.explain else 0
        return in_bundles(tasks, lambda one: self._entry(one)[0], beside=beside)

    def send(self, chunk: list[Task], written: Written) -> tuple[list[list[Task]], list[Again]]:
        """Send one Bundle; gives what is to be sent in smaller ones, and what is decided anew."""
        self.permit()
        if self._in_transaction(chunk, written):
            return [], []
        options = {"repeatable": False} if self.mode.is_conditional else {}
        try:
            responses = self.client.batch([self._entry(one)[0] for one in chunk], **options)
            self.resent |= self.client.attempts > 1
        except EhrDown as error:
            # What is not repeated blindly may have been applied: it is read again first.
            if not self.mode.is_conditional or not is_worth_a_try(error):
                raise
            return [], [Again(task=one, error=error) for one in chunk]
        except (EhrConflict, EhrRejected) as error:
            return parted(chunk, error, written)
        judged = [
            self._judge(one, entry_answer(response, one.decision.resource), written)
            for one, response in zip(chunk, responses, strict=True)
        ]
        return [], [one for one in judged if one is not None]

    def _in_transaction(self, chunk: list[Task], written: Written) -> bool:
        """Send tasks and why they are written, all or nothing; tells whether it was taken.

        When it was not, a batch says which of them the server minds.
        """
        reasons = self.explain(chunk) if self.explain else ()
        if not reasons or self.mode is not WriteMode.PUT_ID:
            return False
        told = [task(one, None, mode=self.mode, addresses={}) for one in reasons]
        answers = taken(self.client, [self._entry(one)[0] for one in [*chunk, *told]])
        self.resent |= self.client.attempts > 1
        if answers is None:
            return False
        for one, answer in zip(chunk, answers, strict=False):
            self._done(one, answer, written)
        written.explained |= {one.name for one in chunk}
        return True

    def _judge(self, one: Task, answer: EntryAnswer, written: Written) -> Again | None:
        """Carry out the reaction to one entry's answer; gives the task when it is not settled."""
        sent = self._entry(one)[1]
        what = reaction(answer.status, sent, answer.issue)
        if what is Reaction.DONE:
            return self._done(one, answer, written)
        if what is Reaction.UNCHANGED:
            written.settle(one.name, Action.LEAVE)
            return None
        if what in {Reaction.READ_AGAIN, Reaction.WAIT}:
            return Again(task=one, error=failure(answer.status, sent=sent))
        rejection = refused_by_ehr(answer.issue or main_issue((), status=answer.status))
        if what is Reaction.PUBLISH_REFERENCED and not one.mended:
            return Again(task=one, error=failure(answer.status, sent=sent), unless_mended=rejection)
        if what in {Reaction.REJECT, Reaction.PUBLISH_REFERENCED, Reaction.QUARANTINE}:
            rejection = DUPLICATES if what is Reaction.QUARANTINE else rejection
            written.reject(one.name, rejection, status=answer.status)
            return None
        if what is Reaction.NO_CLIENT_IDS:
            raise no_client_ids(answer.status)
        raise failure(answer.status) if answer.status else EhrRejected("an entry has no status")

    def _done(self, one: Task, answer: EntryAnswer, written: Written) -> Again | None:
        self.holdings.lives_at(one.name, answer.location)
        found_there = self.mode is WriteMode.CONDITIONAL_CREATE and answer.status != CREATED
        if one.existing is None and found_there:
            # It was there and stayed as it was: whether it is equal must be read.
            error = EhrConflict("another writer was at the EHR first", status=answer.status)
            return Again(task=one, error=error)
        # Without reading, only the answer tells what was there already.
        overwritten = not self.mode.reads and answer.status != CREATED
        written.settle(one.name, Action.UPDATE if overwritten else one.decision.action)
        return None

    def _entry(self, one: Task) -> tuple[dict[str, Any], Sent]:
        return entry_for(one, mode=self.mode, base=self.client.url)
