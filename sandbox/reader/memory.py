"""What the reader saw before: the version and status that each reading must have now.

Belongs here: the rules by which a reading goes from one version to the next. Not here: what the EHR
holds, and comparing with it (`follow.py`).

They are those of FHIR's Observation.status and of a record that never forgets:

- seen for the first time: version 1, `final`, or `preliminary` while its period has not ended;
- another value, while it is preliminary: the next version, `preliminary` as before;
- its period has ended: the next version, `final`, with another value or the same;
- listed with another value after that: the next version, `corrected`;
- something came to what was there, as a pulse to two pressures: the next version, `amended`; what was
  once `corrected` stays it;
- no longer listed: the next version, `entered-in-error`, with the values that it had;
- listed, but no longer surely this person's: as it was;
- not shared any more: as it was;
- listed again after it was retracted: the next version, `corrected`, for the retraction was wrong;
  `preliminary` while its period has not ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sandbox.reader.expected import expected_readings, named_readings
from sandbox.reader.found import RETRACTED
from sandbox.reader.readings import Listing, Reading, ReadingKey, Said

PRELIMINARY, FINAL, AMENDED, CORRECTED = "preliminary", "final", "amended", "corrected"


@dataclass(frozen=True, kw_only=True)
class Stood:
    """One version of a reading."""

    status: str
    amounts: Mapping[str, Said]


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
        status = self._next_status(reading)
        if status is not None:
            self.reading = reading
            self.versions.append(Stood(status=status, amounts=reading.amounts))

    def _next_status(self, reading: Reading) -> str | None:
        """Give the status of the next version; None when there is none."""
        if self.is_retracted:
            return PRELIMINARY if reading.is_open else CORRECTED
        is_same = reading.said == self.reading.said
        if self.status == PRELIMINARY and not reading.is_open:
            return FINAL
        if is_same:
            return None
        if self.status == PRELIMINARY:
            return PRELIMINARY
        return AMENDED if self._only_adds(reading) and self.status != CORRECTED else CORRECTED

    def _only_adds(self, reading: Reading) -> bool:
        before = self.reading
        has_more = before.amounts.items() < reading.amounts.items()
        return has_more and before.said[1:] == reading.said[1:]

    def gone(self) -> None:
        """Take note that the vendor lists it no longer."""
        if not self.is_retracted:
            self.versions.append(Stood(status=RETRACTED, amounts=self.reading.amounts))


class Memory:
    """Every reading that was ever due, by person."""

    def __init__(self) -> None:
        self._people: dict[str, dict[ReadingKey, Standing]] = {}

    def follow(self, listing: Listing, first: date, last: date) -> list[Standing]:
        """Take note of a listing of these local days; gives how each of their readings must stand.

        Each sync must be followed: two changes between two listings are one here.
        """
        known = self._people.setdefault(listing.person.login, {})
        listed = {one.key: one for one in expected_readings(listing, first, last)}
        for key, reading in listed.items():
            if key in known:
                known[key].listed(reading)
            else:
                status = PRELIMINARY if reading.is_open else FINAL
                once = Stood(status=status, amounts=reading.amounts)
                known[key] = Standing(reading=reading, versions=[once])
        standing = {key: one for key, one in known.items() if first <= one.reading.day <= last}
        unlisted = standing.keys() - listed.keys()
        for key in unlisted - (named_readings(listing) if unlisted else set()):
            standing[key].gone()
        return [*standing.values()]
