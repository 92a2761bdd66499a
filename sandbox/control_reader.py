"""Asking the reader: whether the EHR holds what the vendor lists.

Belongs here: whose, of which days, and how far the reader looks. Not here: its judgement
(`reader.py`).

It is about Withings, or about the `vendor` of the query: each is judged as if it were alone. `from` and
`to` are local days; `login`, as often as needed, narrows it to these people. With `follow=1`
the reader judges versions and provenance too and remembers what it saw: ask so after every sync, for
two changes between two looks are one to it. The people of `linked` must have open associations with
their devices and an active consent, those of `ended` closed ones. `leave_out` names resource types
that this EHR is not given.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

from flask import request

from sandbox.control_input import WrongRequest, asked_people, days, named_people
from sandbox.files.exports import FileExports
from sandbox.people import Person
from sandbox.reader.compare import Follow, compare
from sandbox.reader.files.expected import DATA_TYPES as OF_FILES
from sandbox.reader.files.expected import models_told
from sandbox.reader.google.accounts import models_of
from sandbox.reader.google.expected import DATA_TYPES as OF_GOOGLE_HEALTH
from sandbox.reader.governance import Account
from sandbox.reader.memory import Memory
from sandbox.reader.omron.expected import DATA_TYPES as OF_OMRON
from sandbox.reader.omron.expected import models_of as models_of_omron
from sandbox.reader.readings import (
    BEURER,
    DATA_TYPES,
    GOOGLE_HEALTH,
    OMRON,
    OMRON_CONNECT,
    WITHINGS,
    Asked,
)
from sandbox.withings.app import Cloud


class HealthData(Protocol):
    """What Google Health has of each person: its store."""

    def rows(self, person: Person, first: date, last: date) -> Mapping[str, Any]:
        """Give all points of civil days, raw and merged, and the days' totals."""

    def paired(self, person: Person) -> Sequence[Mapping[str, Any]]:
        """Give the person's paired devices."""


class Measurements(Protocol):
    """What OMRON has of each person: its store."""

    def rows(self, person: Person, first: date, last: date) -> Mapping[str, Any]:
        """Give the rows of local days, by list."""


@dataclass(frozen=True, kw_only=True)
class _Vendor:
    """What is asked of one vendor, and what the reader saw of it before."""

    name: str
    data_types: frozenset[str]
    rows: Callable[[Person, date, date], Mapping[str, Any]]
    models: Callable[[Person], Mapping[str, str]]
    memory: Memory = field(default_factory=Memory)


class ReaderOrders:
    """Takes questions about the vendors and one EHR."""

    def __init__(
        self,
        cloud: Cloud,
        *,
        ehr_url: str,
        shared: bool,
        google: HealthData | None = None,
        omron: Measurements | None = None,
        files: FileExports | None = None,
    ) -> None:
        self._cloud = cloud
        self._ehr_url = ehr_url
        self._shared = shared
        self._vendors = {WITHINGS: _of_withings(cloud)}
        if google is not None:
            self._vendors[GOOGLE_HEALTH] = _of_google_health(google)
        if omron is not None:
            self._vendors[OMRON] = _of_omron(omron)
        if files is not None:
            self._vendors |= {app: _of_files(files, app) for app in (BEURER, OMRON_CONNECT)}
        self._one_at_a_time = threading.Lock()

    def differences(self) -> dict[str, Any]:
        """Give the counts of a report."""
        first, last = days()
        vendor = self._asked_vendor()
        people = asked_people(self._cloud.people)
        asked = _asked(vendor.data_types)
        follow = self._follow(vendor, asked) if request.args.get("follow") == "1" else None
        with self._one_at_a_time:
            rows = {one.login: vendor.rows(one, first, last) for one in people}
            report = compare(
                ehr_url=self._ehr_url,
                people=people,
                rows=rows,
                first=first,
                last=last,
                asked=asked,
                now=datetime.fromtimestamp(self._cloud.data.clock.now(), UTC),
                shared=self._shared,
                follow=follow,
                vendor=vendor.name,
            )
        return report.as_json()

    def _asked_vendor(self) -> _Vendor:
        name = request.args.get("vendor", WITHINGS)
        if name not in self._vendors:
            raise WrongRequest(f"vendor must be one of: {', '.join(sorted(self._vendors))}")
        return self._vendors[name]

    def _follow(self, vendor: _Vendor, asked: Asked) -> Follow:
        shared = _consented(vendor, asked)
        accounts = [
            Account(
                person=person,
                models=vendor.models(person),
                is_linked=name == "linked",
                shared=shared,
            )
            for name in ("linked", "ended")
            for person in named_people(self._cloud.people, name)
        ]
        left_out = frozenset(request.args.getlist("leave_out"))
        return Follow(memory=vendor.memory, accounts=accounts, left_out=left_out)


def _of_withings(cloud: Cloud) -> _Vendor:
    def models(person: Person) -> Mapping[str, str]:
        return {one["hash_deviceid"]: one["model"] for one in cloud.readings.devices(person)}

    return _Vendor(name=WITHINGS, data_types=DATA_TYPES, rows=cloud.readings.rows, models=models)


def _of_google_health(store: HealthData) -> _Vendor:
    return _Vendor(
        name=GOOGLE_HEALTH,
        data_types=OF_GOOGLE_HEALTH,
        rows=store.rows,
        models=lambda person: models_of(store.paired(person)),
    )


def _of_omron(store: Measurements) -> _Vendor:
    return _Vendor(
        name=OMRON,
        data_types=OF_OMRON,
        rows=store.rows,
        models=lambda person: models_of_omron(store.rows(person, date.min, date.max)),
    )


def _of_files(exports: FileExports, app: str) -> _Vendor:
    def told(person: Person) -> list[dict[str, Any]]:
        return [row.as_json() for row in exports.said(person, app)]

    return _Vendor(
        name=app,
        data_types=OF_FILES[app],
        rows=lambda person, _first, _last: {"told": told(person)},
        models=lambda person: models_told(told(person)),
    )


def _consented(vendor: _Vendor, asked: Asked) -> frozenset[str] | None:
    """Give the codes of what a link's consent is to; a cloud's depends on what it granted as well."""
    if vendor.name not in OF_FILES:
        return None
    shared = vendor.data_types if asked.shared is None else asked.shared
    return frozenset(f"{vendor.name}.{one}" for one in shared)


def _asked(known: frozenset[str]) -> Asked:
    shared = frozenset(request.args.getlist("shared"))
    if not shared <= known:
        raise WrongRequest(f"shared must be one of: {', '.join(sorted(known))}")
    return Asked(
        shared=shared or None,
        stages=request.args.get("stages") == "1",
        paid=request.args.get("paid") == "1",
    )
