"""What must stand for the vendor's measure groups: takings of an instant.

Belongs here: what a group's measures become. Not here: the table of types (`measure_rules.py`), which
groups count (`takings.py`), or what belongs to an ECG (`expected_ecgs.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sandbox.reader.expected_ecgs import strip_of, strips_of
from sandbox.reader.measure_rules import (
    BLOOD_PRESSURE,
    BODY_TEMPERATURE,
    DIASTOLIC,
    PULSE,
    SYSTOLIC,
    TEMPERATURE,
    Measured,
    by_type,
)
from sandbox.reader.readings import Listing, Reading, Row, Said, instant_of, local_day, offset_at
from sandbox.reader.rules import asserted_by, device_of, statuses
from sandbox.reader.takings import takings

ByType = dict[int, list[tuple[Measured, Said]]]


def measure_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each taking, but for those that are an ECG's."""
    strips = strips_of(listing)
    for group in takings(listing):
        found = _asked(group, listing)
        strip = strip_of(instant_of(group["date"]), strips, listing)
        for kind, (number, _, _) in strip.found.items() if strip else ():
            if number == group["grpid"]:
                found[kind] = found[kind][1:]
        occurrences: Counter[str] = Counter()
        for code, amounts in _observations(found):
            yield _reading(listing, group, code, amounts, occurrences[code])
            occurrences[code] += 1


def _asked(group: Row, listing: Listing) -> ByType:
    found: ByType = {}
    for kind, each in by_type(group["measures"]).items():
        asked = [(rule, said) for rule, said in each if listing.asked.has(rule.of)]
        if asked:
            found[kind] = asked
    if BODY_TEMPERATURE in found:
        # The vendor lists one temperature under both of its types.
        found.pop(TEMPERATURE, None)
    return found


def _observations(found: ByType) -> Iterator[tuple[str, Mapping[str, Said]]]:
    # One side alone is no blood pressure: the reader asks for nothing then.
    pulses = found.get(PULSE, [])
    for sides in zip(found.pop(SYSTOLIC, []), found.pop(DIASTOLIC, []), strict=False):
        taken = [*sides, *([pulses.pop(0)] if pulses else [])]
        yield BLOOD_PRESSURE, {rule.code: said for rule, said in taken}
    for each in found.values():
        for rule, said in each:
            yield rule.code, {"": said}


def _reading(
    listing: Listing, group: Row, code: str, amounts: Mapping[str, Said], occurrence: int
) -> Reading:
    instant = instant_of(group["date"])
    # Only what the vendor changed after it was made can have been corrected.
    changed = (group.get("modified") or 0) > (group.get("created") or 0)
    return Reading(
        record=group["grpid"],
        occurrence=occurrence,
        patient=listing.person.patient_id,
        code=code,
        instant=instant,
        offset=offset_at(instant, listing.zone),
        day=local_day(instant, listing.zone),
        amounts=amounts,
        device=device_of(group),
        asserted=asserted_by(group),
        statuses=statuses(is_open=False, changed=changed),
    )
