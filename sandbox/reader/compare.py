"""The independent reader: whether the EHR holds what the vendor lists, and nothing else.

Belongs here: one judgement, from reading to the report. Not here: what must exist
(`expected.py`, `memory.py`), what does (`ehr.py`), each comparison (the other
modules of this room), and anything of the product. A report counts; it never shows a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sandbox.people import Person
from sandbox.reader.ehr import EhrReader, identifier_values
from sandbox.reader.expected import expected_readings
from sandbox.reader.follow import judge_standing
from sandbox.reader.found import RETRACTED
from sandbox.reader.governance import Account, judge_governance
from sandbox.reader.memory import Memory
from sandbox.reader.pairs import Devices, judge
from sandbox.reader.provenance import judge_provenance
from sandbox.reader.readings import Asked, Listing, Rows
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
) -> Report:
    """Compare the EHR with the vendor's rows by login, for local days `first` to `last`.

    `asked` is what the EHR is given of them; what has not ended `now` must be preliminary. In a `shared` EHR, which holds what others wrote too, only those Devices count that these
    people's Observations refer to. Raises requests' errors when the EHR cannot be read: not reading
    is no finding.
    """
    ehr = EhrReader(ehr_url)
    try:
        found = {one.login: ehr.observations(one, first, last) for one in people}
        ours = {one.device for each in found.values() for one in each if one.device is not None}
        values = {
            name: identifier_values(one)
            for name, one in ehr.devices(ours if shared else None).items()
        }
        report = Report(devices=len(values), doubled=_doubled_devices(values))
        for person in people:
            listing = Listing(
                person=person, rows=rows.get(person.login, {}), asked=asked or Asked(), now=now
            )
            if follow is None:
                expected = expected_readings(listing, first, last)
                # A retracted Observation says that the reading is not true: it counts as not there.
                living = [one for one in found[person.login] if one.status != RETRACTED]
                judge(report, expected, living, values)
            else:
                standing = follow.memory.follow(listing, first, last)
                judge_standing(report, standing, found[person.login], values, ehr)
        if follow is not None:
            if "Provenance" not in follow.left_out:
                judge_provenance(report, people, found, ehr, shared=shared)
            judge_governance(report, follow.accounts, ehr, follow.left_out)
    finally:
        ehr.close()
    return report


def _doubled_devices(devices: Devices) -> int:
    held = Counter(value for values in devices.values() for value in set(values))
    return sum(count - 1 for count in held.values())
