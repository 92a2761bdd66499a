"""What the reader saw before: the version and status that each reading must have now.

Belongs here: the rules by which a reading goes from one version to the next. Not here: what the EHR
holds, and comparing with it (`follow.py`).

They are those of FHIR's Observation.status and of a record that never forgets:

- seen for the first time: version 1, `final`;
- listed with another value: the next version, `corrected`;
- something came to what was there, as a pulse to two pressures: the next version, `amended`; what was
  once `corrected` stays it;
- no longer listed: the next version, `entered-in-error`, with the values that it had;
- listed, but no longer surely this person's: as it was;
- listed again after it was retracted: the next version, `corrected`, for the retraction was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sandbox.people import Person
from sandbox.reader.ehr import RETRACTED
from sandbox.reader.expected import (
    Amount,
    Group,
    Reading,
    ReadingKey,
    expected_readings,
    local_day,
    named_readings,
)

FINAL, AMENDED, CORRECTED = "final", "amended", "corrected"


@dataclass(frozen=True, kw_only=True)
class Stood:
    """One version of a reading."""

    status: str
    amounts: Mapping[str, Amount]


@dataclass(kw_only=True)
class Standing:
    """A reading as it must stand: its latest form, and every version that led there.

    `reference` and `identifiers` are those of the Observation that was seen to stand for it.
    """

    reading: Reading
    versions: list[Stood]
    reference: str | None = None
    identifiers: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def status(self) -> str:
        """Give the status that it must have."""
        return self.versions[-1].status

    @property
    def is_retracted(self) -> bool:
        """Tell whether it must stand as entered in error."""
        return self.status == RETRACTED

    def listed(self, reading: Reading) -> None:
        """Take note of how the vendor lists it now."""
        before = self.reading
        is_same = (reading.amounts, reading.device) == (before.amounts, before.device)
        if is_same and not self.is_retracted:
            return
        has_more = not self.is_retracted and before.amounts.items() < reading.amounts.items()
        is_same_otherwise = reading.device == before.device and self.status != CORRECTED
        status = AMENDED if has_more and is_same_otherwise else CORRECTED
        self.reading = reading
        self.versions.append(Stood(status=status, amounts=reading.amounts))

    def gone(self) -> None:
        """Take note that the vendor lists it no longer."""
        if not self.is_retracted:
            self.versions.append(Stood(status=RETRACTED, amounts=self.reading.amounts))


class Memory:
    """Every reading that was ever due, by person."""

    def __init__(self) -> None:
        self._people: dict[str, dict[ReadingKey, Standing]] = {}

    def follow(
        self, person: Person, groups: Iterable[Group], first: date, last: date
    ) -> list[Standing]:
        """Take note of a listing of these local days; gives how each of their readings must stand.

        Each sync must be followed: two changes between two listings are one here.
        """
        listing = [*groups]
        known = self._people.setdefault(person.login, {})
        listed = {one.key: one for one in expected_readings(person, listing, first, last)}
        named = named_readings(person, listing)
        for key, reading in listed.items():
            if key in known:
                known[key].listed(reading)
            else:
                once = Stood(status=FINAL, amounts=reading.amounts)
                known[key] = Standing(reading=reading, versions=[once])
        standing = {
            key: one
            for key, one in known.items()
            if first <= local_day(one.reading.instant, person) <= last
        }
        for key, one in standing.items():
            if key not in listed and key not in named:
                one.gone()
        return [*standing.values()]
