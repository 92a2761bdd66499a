"""The independent reader: whether the EHR holds what the vendor lists, and nothing else.

Belongs here: one judgement, from reading to the report. Not here: what must exist
(`expected.py`, `memory.py`), what does (`ehr.py`), each comparison (the other
modules of this room), and anything of the product. A report counts; it never shows a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sandbox.people import Person
from sandbox.reader.devices import doubled_devices, judge_owners
from sandbox.reader.ehr import EhrReader, device_names
from sandbox.reader.expected import expected_readings
from sandbox.reader.follow import judge_standing
from sandbox.reader.found import RETRACTED, Found
from sandbox.reader.governance import Account, judge_governance
from sandbox.reader.memory import Memory
from sandbox.reader.pairs import Devices, judge
from sandbox.reader.provenance import judge_provenance
from sandbox.reader.readings import WITHINGS, Asked, Listing, Reading, Rows
from sandbox.reader.report import Report


@dataclass(frozen=True, kw_only=True)
class Follow:
    """What is judged beyond the readings of the moment: their past, and what stands around them.

    `accounts` are those of people who are linked, or were; `left_out` are types that this EHR is not
    given.
    """

    memory: Memory
    accounts: Sequence[Account] = ()
    left_out: frozenset[str] = field(default_factory=frozenset)


def compare(  # noqa: PLR0913 (what is judged, by what, and how much of it)
    *,
    ehr_url: str,
    people: Sequence[Person],
    rows: Mapping[str, Rows],
    first: date,
    last: date,
    asked: Asked | None = None,
    now: datetime | None = None,
    shared: bool = False,
    follow: Follow | None = None,
    vendor: str = WITHINGS,
) -> Report:
    """Compare the EHR with a vendor's rows by login, for local days `first` to `last`.

    `asked` is what the EHR is given of them; what has not ended `now` must be preliminary. In a
    `shared` EHR, which holds what others wrote too, only those Devices count that these people's
    Observations refer to. What another vendor's link wrote is left alone. Raises requests' errors
    when the EHR cannot be read: not reading is no finding.
    """
    ehr = EhrReader(ehr_url, vendor)
    listing = partial(Listing, asked=asked or Asked(), now=now, vendor=vendor)
    listings = [listing(person=one, rows=rows.get(one.login, {})) for one in people]
    try:
        found = {one.login: ehr.observations(one, first, last) for one in people}
        ours = {one.device for each in found.values() for one in each if one.device is not None}
        devices = ehr.devices(ours if shared else None)
        report = Report(devices=len(devices), doubled=doubled_devices(devices))
        names = {name: device_names(one) for name, one in devices.items()}
        for one in listings:
            held = found[one.person.login]
            if follow is None:
                _judge_now(report, expected_readings(one, first, last), held, names)
            else:
                standing = follow.memory.follow(one, first, last)
                judge_standing(report, standing, held, names, ehr)
        if vendor != WITHINGS:
            # No other vendor tells one device of a model from the next.
            judge_owners(report, found, devices)
        if follow is not None:
            if "Provenance" not in follow.left_out:
                judge_provenance(report, people, found, ehr, shared=shared)
            judge_governance(report, follow.accounts, ehr, follow.left_out)
    finally:
        ehr.close()
    return report


def _judge_now(
    report: Report, expected: Sequence[Reading], held: Sequence[Found], names: Devices
) -> None:
    # A retracted Observation says that the reading is not true: it counts as not there.
    judge(report, expected, [one for one in held if one.status != RETRACTED], names)
