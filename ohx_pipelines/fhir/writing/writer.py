"""Writes resources: in waves, in Bundles, until each has an answer that ends it.

Belongs here: what happens to each entry, as `reactions.py` says. Not here: reading (`holdings.py`),
or how an entry is addressed (`write_modes.py`). Everything is bounded: rounds, halvings, pauses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from ohx_pipelines.errors import EhrConflict, EhrDown, EhrRejected
from ohx_pipelines.fhir.answers.operation_outcome import main_issue
from ohx_pipelines.fhir.answers.reactions import Reaction, Sent, failure, no_client_ids, reaction
from ohx_pipelines.fhir.answers.refusal_reasons import DUPLICATE
from ohx_pipelines.fhir.checks.problem import Problem
from ohx_pipelines.fhir.client import FhirClient, is_worth_a_try
from ohx_pipelines.fhir.reconcile import Action
from ohx_pipelines.fhir.writing.again import Again, pause
from ohx_pipelines.fhir.writing.bundles import in_bundles
from ohx_pipelines.fhir.writing.entry_answers import EntryAnswer, entry_answer
from ohx_pipelines.fhir.writing.holdings import SHARED, Holdings
from ohx_pipelines.fhir.writing.isolation import parted
from ohx_pipelines.fhir.writing.references import name_of, references, without
from ohx_pipelines.fhir.writing.transactions import taken
from ohx_pipelines.fhir.writing.waves import waves
from ohx_pipelines.fhir.writing.write_modes import Task, WriteMode, entry_for, task
from ohx_pipelines.fhir.writing.written import (
    REFERS_TO_REFUSED,
    Rejection,
    Written,
    refused_by_checks,
    refused_by_ehr,
)

Check = Callable[[Mapping[str, Any]], Sequence[Problem]]
# Gives the Provenances of tasks.
Explain = Callable[[Sequence[Task]], Sequence[dict[str, Any]]]

DEVICES = "Device"
ROUNDS = 4
CREATED = 201
# One Provenance each for what is created, changed and retracted.
MOST_PROVENANCES = 3
DUPLICATES = Rejection(issue="multiple-matches", reason=DUPLICATE)


@dataclass
class Writer:
    """Writes to one EHR; `holdings` tell what is there, `check` what is not fit to be sent.

    The caller holds the lock of what it writes; `sole_writer` gives that of what is written beside.
    """

    client: FhirClient
    mode: WriteMode
    holdings: Holdings
    check: Check
    sole_writer: Callable[[str], AbstractContextManager[object]]
    # Raises when nothing may be written any more; asked before each Bundle.
    permit: Callable[[], None] = lambda: None
    # What says why tasks are written, to go with them in one transaction.
    explain: Explain | None = None
    # Whether a Bundle of these tasks was sent again after no answer came.
    resent: bool = False
    # What we could publish once more when the EHR misses it: by the name others refer to it.
    ours: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def task(
        self, desired: dict[str, Any], existing: Mapping[str, Any] | None, *, mended: bool = False
    ) -> Task:
        """Decide about one resource, by what is known of the others."""
        return task(
            desired,
            existing,
            mode=self.mode,
            addresses=self.holdings.addresses,
            mended=mended,
        )

    def write(self, tasks: Sequence[Task], written: Written) -> None:
        """Write what differs and count all of it; raises EhrError when the EHR as a whole fails."""
        self.ours |= {one.name: one.desired for one in tasks}
        self.resent = False
        for wave in waves(tasks, self.holdings, self.mode):
            self._write_wave([self._decided(one) for one in wave], written)

    def _decided(self, one: Task) -> Task:
        if not self.mode.is_conditional:
            return one
        return self.task(one.desired, one.existing, mended=one.mended)

    def _write_wave(self, tasks: Sequence[Task], written: Written) -> None:
        if self.mode.is_conditional:
            # Who had the lock before us may have written it since we read: a condition that the
            # server ignores would double it, one that updates overwrite what was corrected.
            tasks = self._read_again([one for one in tasks if one.existing is None]) + [
                one for one in tasks if one.existing is not None
            ]
        again = self._send([one for one in tasks if self._is_fit(one, written)], written)
        for number in range(1, ROUNDS):
            if not again:
                return
            pause(number, again)
            pending = self._decide_again(again, written)
            again = self._send([one for one in pending if self._is_fit(one, written)], written)
        if again:
            error = again[-1].error
            error.attempts = ROUNDS
            raise error

    def _is_fit(self, one: Task, written: Written) -> bool:
        """Tell whether a task is to be sent; counts it when not."""
        if one.name in self.holdings.duplicates:
            written.reject(one.name, DUPLICATES)
            return False
        if not one.to_write:
            # As it should be, after an answer that was lost: it was us.
            written.settle(one.name, one.tried or Action.LEAVE)
            return False
        if one.decision.action is Action.RETRACT:
            # What the EHR holds is good enough for it.
            return True
        # What we say of it; what others wrote beside is theirs.
        problems = self.check(one.desired)
        if problems:
            written.reject(one.name, refused_by_checks(problems[0]))
        return not problems

    def _send(self, tasks: Sequence[Task], written: Written) -> list[Again]:
        again: list[Again] = []
        beside = MOST_PROVENANCES if self.explain else 0
        queue = deque(in_bundles(tasks, lambda one: self._entry(one)[0], beside=beside))
        while queue:
            standing = [self._standing(one, written) for one in queue.popleft()]
            chunk = [one for one in standing if one is not None]
            if chunk:
                smaller, unsettled = self._send_bundle(chunk, written)
                queue.extendleft(reversed(smaller))
                again += unsettled
                down = [one.error for one in unsettled if isinstance(one.error, EhrDown)]
                if len(down) == len(chunk):
                    # The Bundles that follow would only wait as long, each.
                    left = [one for rest in queue for one in rest]
                    return again + [Again(task=one, error=down[0]) for one in left]
        return again

    def _standing(self, one: Task, written: Written) -> Task | None:
        """Give the task without links to what was refused; None, and counted, when that ends it."""
        if not one.refers_to(written.refused):
            return one
        alone = self._alone(one, written)
        if alone is None:
            written.reject(one.name, REFERS_TO_REFUSED)
            return None
        if not alone.to_write:
            written.settle(one.name, Action.LEAVE)
            return None
        return alone

    def _alone(self, one: Task, written: Written) -> Task | None:
        """Decide anew without the links to what was refused; None where it cannot do without."""
        alone = without(one.desired, written.refused)
        if alone == one.desired or not written.refused.isdisjoint(references(alone)):
            return None
        return self.task(alone, one.existing, mended=one.mended)

    def _send_bundle(
        self, chunk: list[Task], written: Written
    ) -> tuple[list[list[Task]], list[Again]]:
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
        told = [self.task(one, None) for one in reasons]
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

    def _decide_again(self, again: Sequence[Again], written: Written) -> list[Task]:
        """Read what is there by now and decide anew: equal content needs no writing."""
        unresolved = [one for one in again if one.unless_mended is not None]
        mended = self._publish_referenced([one.task for one in unresolved], written)
        pending = [self._tried(one) for one in again if one.unless_mended is None]
        pending += [one.with_mended() for one in mended]
        for one in unresolved:
            if one.unless_mended is None or one.task in mended:
                continue
            alone = self._alone(one.task, written)
            if alone is not None:
                pending.append(alone)
            else:
                written.reject(one.task.name, one.unless_mended, status=one.error.status)
        return self._read_again(pending)

    def _tried(self, again: Again) -> Task:
        """Note what was done already, where its answer may have been lost."""
        is_lost = self.resent or isinstance(again.error, EhrDown)
        return replace(again.task, tried=again.task.decision.action) if is_lost else again.task

    def _publish_referenced(self, tasks: Sequence[Task], written: Written) -> list[Task]:
        """Write what the EHR misses of what these refer to; gives those that may be tried again."""
        named = {name for one in tasks for name in references(one.desired)} - written.refused
        wanted = [self.ours[name] for name in sorted(named & set(self.ours))]
        # A household shares its devices: another patient's writer may miss the same one.
        shared = any(one["resourceType"] in SHARED for one in wanted)
        with self.sole_writer(DEVICES) if shared else nullcontext():
            back = self._publish_missing(wanted, written)
        return [one for one in tasks if one.refers_to(back)]

    def _publish_missing(
        self, wanted: Sequence[dict[str, Any]], written: Written
    ) -> frozenset[str]:
        """Write those that are not there; gives the names of those that are now.

        Also of what somebody else wrote since it was missed.
        """
        self.holdings.forget(name_of(one) for one in wanted)
        there = self.holdings.named(wanted)
        missing = [one for one in wanted if name_of(one) not in there]
        found = Written()
        if missing:
            self.write([self.task(one, None, mended=True) for one in missing], found)
        written.refused |= found.refused
        return frozenset(name_of(one) for one in wanted) - found.refused

    def _read_again(self, tasks: Sequence[Task]) -> list[Task]:
        there = self.holdings.named([one.desired for one in tasks])
        again = [self.task(o.desired, there.get(o.name), mended=o.mended) for o in tasks]
        return [replace(one, tried=o.tried) for one, o in zip(again, tasks, strict=True)]

    def _entry(self, one: Task) -> tuple[dict[str, Any], Sent]:
        return entry_for(one, mode=self.mode, base=self.client.url)
