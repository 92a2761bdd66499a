"""The codes that the reader knows, by which it tells what an Observation is about.

Belongs here: code systems, and every code of the tables. Not here: the tables (the `expected_*.py`,
`measure_rules.py`, `google/`, `omron/`, `files/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox.reader import (
    expected_activity,
    expected_ecgs,
    expected_minutes,
    expected_nights,
    expected_stages,
    expected_workouts,
    measure_rules,
)
from sandbox.reader.files import expected as files
from sandbox.reader.google import expected as google
from sandbox.reader.omron import expected as omron
from sandbox.reader.readings import BEURER, GOOGLE_HEALTH, OMRON, OMRON_CONNECT, WITHINGS
from sandbox.reader.rules import codes

LOINC = "http://loinc.org"
MDC = "urn:iso:std:iso:11073:10101"
LOCAL = "https://open-health-exchange.org/fhir/CodeSystem/home-readings"
UCUM = "http://unitsofmeasure.org"
# What no server may leave out: the local day of what is no instant.
DAY = "/local-day"


def _of_withings() -> Iterator[str]:
    rules = (*expected_activity.RULES, *expected_workouts.RULES, *expected_nights.RULES)
    yield from (rule.code for rule in rules)
    yield from (one.code for one in measure_rules.TYPES.values())
    yield from (one.code for one in measure_rules.SEGMENTS.values())
    yield from (one.code for one in (*expected_minutes.SERIES, *expected_stages.SERIES))
    yield from (
        measure_rules.BLOOD_PRESSURE,
        expected_ecgs.STRIP,
        expected_ecgs.HEART_RATE,
        expected_workouts.WORKOUT,
        expected_workouts.DURATION,
        expected_nights.SLEEP,
        expected_stages.STAGE,
    )


def _system(code: str) -> str:
    if code.isdigit():
        return MDC
    # A LOINC code is a number, and its check digit behind a hyphen.
    return LOINC if code.replace("-", "").isdigit() else LOCAL


def _coded(tables: Iterable[str]) -> frozenset[tuple[str, str]]:
    return frozenset((_system(code), code) for each in tables for code in each.split())


CODES = {
    WITHINGS: _coded(_of_withings()),
    GOOGLE_HEALTH: _coded(google.CODES),
    OMRON: _coded(omron.CODES),
    **dict.fromkeys((BEURER, OMRON_CONNECT), _coded(files.CODES)),
}
KNOWN = frozenset().union(*CODES.values())


def code_of(part: Mapping[str, Any]) -> str | None:
    """Give all known codes of an Observation or a component, as `codes` names them; None for none."""
    codings = part.get("code", {}).get("coding", [])
    named = {(one.get("system", ""), one.get("code", "")) for one in codings}
    return codes(*(code for _, code in named & KNOWN)) or None


def word_of(concept: Mapping[str, Any]) -> str | None:
    """Give the one local code of a coded value."""
    codings = concept.get("coding", [])
    words = {one.get("code") for one in codings if one.get("system") == LOCAL}
    return words.pop() if len(words) == 1 else None
