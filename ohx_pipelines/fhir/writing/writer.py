"""Writes resources: in waves, in rounds, until each has an answer that ends it.

Belongs here: what is fit to be sent, and what becomes of what is not settled. Not here: reading
(`holdings.py`), sending and answers (`sender.py`). Everything is bounded: rounds, halvings, pauses.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from ohx_pipelines.errors import EhrDown
from ohx_pipelines.fhir.checks.problem import Problem
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.reconcile import Action
from ohx_pipelines.fhir.writing.again import Again, pause
from ohx_pipelines.fhir.writing.holdings import SHARED, Holdings
from ohx_pipelines.fhir.writing.references import name_of, references, without
from ohx_pipelines.fhir.writing.sender import Explain, Sender, always
from ohx_pipelines.fhir.writing.waves import waves
from ohx_pipelines.fhir.writing.write_modes import Task, WriteMode, task
from ohx_pipelines.fhir.writing.written import (
    DUPLICATES,
    REFERS_TO_REFUSED,
    Written,
    refused_by_checks,
)

Check = Callable[[Mapping[str, Any]], Sequence[Problem]]

DEVICES = "Device"
ROUNDS = 4


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

    def write(
        self,
        tasks: Sequence[Task],
        written: Written,
        *,
        permit: Callable[[], None] = always,
        explain: Explain | None = None,
    ) -> None:
        """Write what differs and count all of it; raises EhrError when the EHR as a whole fails.

        `permit` and `explain` are those of `Sender`.
        """
        sender = Sender(
            client=self.client,
            mode=self.mode,
            holdings=self.holdings,
            permit=permit,
            explain=explain,
        )
        self._write(tasks, written, sender)

    def _write(self, tasks: Sequence[Task], written: Written, sender: Sender) -> None:
        self.ours |= {one.name: one.desired for one in tasks}
        for wave in waves(tasks, self.holdings, self.mode):
            self._write_wave([self._decided(one) for one in wave], written, sender)

    def _decided(self, one: Task) -> Task:
        if not self.mode.is_conditional:
            return one
        return self.task(one.desired, one.existing, mended=one.mended)

    def _write_wave(self, tasks: Sequence[Task], written: Written, sender: Sender) -> None:
        if self.mode.is_conditional:
            # Who had the lock before us may have written it since we read: a condition that the
            # server ignores would double it, one that updates overwrite what was corrected.
            tasks = self._read_again([one for one in tasks if one.existing is None]) + [
                one for one in tasks if one.existing is not None
            ]
        again = self._send([o for o in tasks if self._is_fit(o, written)], written, sender)
        for number in range(1, ROUNDS):
            if not again:
                return
            pause(number, again)
            pending = self._decide_again(again, written, sender)
            again = self._send([o for o in pending if self._is_fit(o, written)], written, sender)
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

    def _send(self, tasks: Sequence[Task], written: Written, sender: Sender) -> list[Again]:
        again: list[Again] = []
        queue = deque(sender.bundles(tasks))
        while queue:
            standing = [self._standing(one, written) for one in queue.popleft()]
            chunk = [one for one in standing if one is not None]
            if chunk:
                smaller, unsettled = sender.send(chunk, written)
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

    def _decide_again(self, again: Sequence[Again], written: Written, sender: Sender) -> list[Task]:
        """Read what is there by now and decide anew: equal content needs no writing."""
        unresolved = [one for one in again if one.unless_mended is not None]
        mended = self._publish_referenced([one.task for one in unresolved], written, sender)
        pending = [_tried(one, sender) for one in again if one.unless_mended is None]
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

    def _publish_referenced(
        self, tasks: Sequence[Task], written: Written, sender: Sender
    ) -> list[Task]:
        """Write what the EHR misses of what these refer to; gives those that may be tried again."""
        named = {name for one in tasks for name in references(one.desired)} - written.refused
        wanted = list(self._with_referenced(named))
        # A household shares its devices: another patient's writer may miss the same one.
        shared = any(one["resourceType"] in SHARED for one in wanted)
        with self.sole_writer(DEVICES) if shared else nullcontext():
            back = self._publish_missing(wanted, written, sender)
        return [one for one in tasks if one.refers_to(back)]

    def _with_referenced(
        self, names: Iterable[str], above: frozenset[str] = frozenset()
    ) -> Iterator[dict[str, Any]]:
        """Give those of the names that are ours, each after what it refers to; circles end."""
        for name in sorted(set(names) - above):
            one = self.ours.get(name)
            if one is not None:
                yield from self._with_referenced(references(one), above | {name})
                yield one

    def _publish_missing(
        self, wanted: Sequence[dict[str, Any]], written: Written, sender: Sender
    ) -> frozenset[str]:
        """Write those that are not there; gives the names of those that are now.

        Also of what somebody else wrote since it was missed. It was there before: no change that
        would have to be explained.
        """
        by_name = {name_of(one): one for one in wanted}
        self.holdings.forget(by_name)
        there = self.holdings.named(list(by_name.values()))
        missing = [one for name, one in by_name.items() if name not in there]
        found = Written()
        for _, of_kind in groupby(missing, key=lambda one: str(one["resourceType"])):
            tasks = [self.task(one, None, mended=True) for one in of_kind]
            self._write(tasks, found, replace(sender, explain=None))
        written.refused |= found.refused
        return frozenset(by_name) - found.refused

    def _read_again(self, tasks: Sequence[Task]) -> list[Task]:
        there = self.holdings.named([one.desired for one in tasks])
        again = [self.task(o.desired, there.get(o.name), mended=o.mended) for o in tasks]
        return [replace(one, tried=o.tried) for one, o in zip(again, tasks, strict=True)]


def _tried(again: Again, sender: Sender) -> Task:
    """Note what was done already, where its answer may have been lost."""
    is_lost = sender.resent or isinstance(again.error, EhrDown)
    return replace(again.task, tried=again.task.decision.action) if is_lost else again.task
