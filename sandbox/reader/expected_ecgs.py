"""What must stand for an ECG: its waveform with what was measured in it, and its classification.

Belongs here: strips, and measures that were taken with one. Not here: other takings
(`expected_measures.py`), or the vendor's types (`measure_rules.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.reader.measure_rules import (
    CLASSIFICATION,
    OF_AN_ECG,
    RHYTHM,
    RHYTHMS,
    by_type,
)
from sandbox.reader.readings import (
    Amount,
    Listing,
    Reading,
    Row,
    Said,
    Samples,
    Word,
    instant_of,
    local_day,
    number,
    offset_at,
)
from sandbox.reader.rules import Span, asserted_by, codes, device_of, spanning, statuses
from sandbox.reader.takings import takings

STRIP = codes("131329", "11524-6")
HEART_RATE = codes("8867-4", "147842")
# The vendor lists what it found in a strip as measures of about its time.
TAKEN_WITH = timedelta(seconds=60)
MS_PER_SECOND = 1000
TO_MILLIVOLTS = -3  # the power of ten from microvolts
# Servers shorten a time that has no end, as a third of a millisecond.
FINEST_MS = Decimal("0.001")


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One ECG of the list, and what was measured with it by the vendor's type.

    `found` has the number of the group, the code and the value.
    """

    row: Row
    signal: str
    taken_at: datetime
    found: dict[int, tuple[Any, str, Said]] = field(default_factory=dict, repr=False)


def strips_of(listing: Listing) -> list[Strip]:
    """Give each ECG once, with what was measured with it; what has no signal is none."""
    if not listing.asked.has("ecg"):
        return []
    newest: dict[str, Row] = {}
    for row in listing.of("ecgs"):
        signal = (row.get("ecg") or {}).get("signalid")
        if signal is not None:
            held = newest.get(str(signal), {})
            if (row.get("modified") or 0) >= (held.get("modified") or 0):
                newest[str(signal)] = row
    strips = [
        Strip(row=row, signal=signal, taken_at=instant_of(row["timestamp"]))
        for signal, row in newest.items()
    ]
    _join(strips, listing)
    return strips


def _join(strips: Sequence[Strip], listing: Listing) -> None:
    """Give each ECG what was measured nearest to it: one of each type."""
    near = []
    for group in takings(listing):
        instant = instant_of(group["date"])
        strip = strip_of(instant, strips, listing)
        if strip is not None:
            near.append((abs(strip.taken_at - instant), str(group["grpid"]), group, strip))
    for _, _, group, strip in sorted(near, key=lambda one: one[:2]):
        for kind, each in by_type(group["measures"]).items():
            if kind in OF_AN_ECG:
                rule, said = each[0]
                strip.found.setdefault(kind, (group["grpid"], rule.code, said))


def strip_of(instant: datetime, strips: Sequence[Strip], listing: Listing) -> Strip | None:
    """Give the ECG that something of that instant was taken with."""
    day = local_day(instant, listing.zone)
    near = [
        (abs(one.taken_at - instant), one.signal, one)
        for one in strips
        if abs(one.taken_at - instant) <= TAKEN_WITH
        and local_day(one.taken_at, listing.zone) == day
    ]
    return min(near, key=lambda one: one[:2])[2] if near else None


def ecg_readings(listing: Listing) -> Iterator[Reading]:
    """Give the readings of each ECG."""
    for strip in strips_of(listing):
        signal = strip.row.get("signal") or {}
        if signal.get("signal"):
            yield _waveform(strip, signal, listing)
            yield from _classification(strip, listing)


def _waveform(strip: Strip, signal: Row, listing: Listing) -> Reading:
    rate = Decimal(signal["sampling_frequency"])
    values = [Decimal(one).scaleb(TO_MILLIVOLTS) for one in signal["signal"]]
    times = [(n * MS_PER_SECOND / rate).quantize(FINEST_MS) for n in range(len(values))]
    length_ms = math.ceil(len(values) * MS_PER_SECOND / rate)
    amounts: dict[str, Said] = {"": Samples(tuple(zip(times, values, strict=True)), "mV")}
    amounts |= {code: said for _, code, said in strip.found.values() if code != CLASSIFICATION}
    heart_rate = number(strip.row.get("heart_rate"))
    if heart_rate is not None and heart_rate > 0:
        amounts[HEART_RATE] = Amount(heart_rate, "/min")
    span = Span(
        start=strip.taken_at,
        end=strip.taken_at + timedelta(milliseconds=length_ms),
        zone=listing.zone,
        day=local_day(strip.taken_at, listing.zone),
    )
    return spanning(
        listing, span, strip.row, record=f"ecg-{strip.signal}", code=STRIP, amounts=amounts
    )


def _classification(strip: Strip, listing: Listing) -> Iterator[Reading]:
    """Give the vendor's word for a strip: the measure's, which is finer than the list's."""
    coarse = RHYTHMS.get(strip.row["ecg"].get("afib"))
    word: Said | None = Word(coarse) if coarse else None
    if RHYTHM in strip.found:
        _, _, word = strip.found[RHYTHM]
    if word is not None:
        yield Reading(
            record=f"ecg-{strip.signal}",
            occurrence=0,
            patient=listing.person.patient_id,
            code=CLASSIFICATION,
            instant=strip.taken_at,
            offset=offset_at(strip.taken_at, listing.zone),
            day=local_day(strip.taken_at, listing.zone),
            amounts={"": word},
            device=device_of(strip.row),
            asserted=asserted_by(strip.row),
            statuses=statuses(is_open=False, changed=True),
        )
