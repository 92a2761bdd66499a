"""Asking the reader: whether the EHR holds what the vendor lists.

Belongs here: whose, of which days, and how far the reader looks. Not here: its judgement
(`reader.py`).

`from` and `to` are local days; `login`, as often as needed, narrows it to these people. With `follow=1`
the reader judges versions and provenance too and remembers what it saw: ask so after every sync, for
two changes between two looks are one to it. The people of `linked` must have open associations with
their devices and an active consent, those of `ended` closed ones. `leave_out` names resource types
that this EHR is not given.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

from flask import request

from sandbox.control_input import WrongRequest, asked_people, days, named_people
from sandbox.people import Person
from sandbox.reader.compare import Follow, compare
from sandbox.reader.governance import Account
from sandbox.reader.memory import Memory
from sandbox.reader.readings import DATA_TYPES, Asked
from sandbox.withings.app import Cloud


class ReaderOrders:
    """Takes questions about one vendor and one EHR."""

    def __init__(self, cloud: Cloud, *, ehr_url: str, shared: bool) -> None:
        self._cloud = cloud
        self._ehr_url = ehr_url
        self._shared = shared
        self._memory = Memory()
        self._one_at_a_time = threading.Lock()

    def differences(self) -> dict[str, Any]:
        """Give the counts of a report."""
        first, last = days()
        people = asked_people(self._cloud.people)
        follow = self._follow() if request.args.get("follow") == "1" else None
        with self._one_at_a_time:
            rows = {one.login: self._cloud.readings.rows(one, first, last) for one in people}
            report = compare(
                ehr_url=self._ehr_url,
                people=people,
                rows=rows,
                first=first,
                last=last,
                asked=_asked(),
                now=datetime.fromtimestamp(self._cloud.data.clock.now(), UTC),
                shared=self._shared,
                follow=follow,
            )
        return report.as_json()

    def _follow(self) -> Follow:
        accounts = [
            self._account(person, is_linked=name == "linked")
            for name in ("linked", "ended")
            for person in named_people(self._cloud.people, name)
        ]
        left_out = frozenset(request.args.getlist("leave_out"))
        return Follow(memory=self._memory, accounts=accounts, left_out=left_out)

    def _account(self, person: Person, *, is_linked: bool) -> Account:
        models = {
            one["hash_deviceid"]: one["model"] for one in self._cloud.readings.devices(person)
        }
        return Account(person=person, models=models, is_linked=is_linked)


def _asked() -> Asked:
    shared = frozenset(request.args.getlist("shared"))
    if not shared <= DATA_TYPES:
        raise WrongRequest(f"shared must be one of: {', '.join(sorted(DATA_TYPES))}")
    return Asked(
        shared=shared or None,
        stages=request.args.get("stages") == "1",
        paid=request.args.get("paid") == "1",
    )
