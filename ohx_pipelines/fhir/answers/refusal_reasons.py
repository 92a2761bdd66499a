"""Why an EHR, or our own checks, refuse a resource: one of ten words, whoever says it.

Belongs here: the words, and how they are told from statuses, issue types and known phrases. Not
here: reading an OperationOutcome (`operation_outcome.py`). Phrases are looked for, never passed on.
"""

from __future__ import annotations

import re

PROFILE = "profile"
TERMINOLOGY = "terminology"
REFERENCE = "reference"
STRUCTURE = "structure"
DUPLICATE = "duplicate"
CLIENT_ID = "client-id"
DELETED = "deleted"
SIZE = "size"
INVARIANT = "invariant"
OTHER = "other"
REASONS = frozenset(
    {
        PROFILE,
        TERMINOLOGY,
        REFERENCE,
        STRUCTURE,
        DUPLICATE,
        CLIENT_ID,
        DELETED,
        SIZE,
        INVARIANT,
        OTHER,
    }
)

_RULE = re.compile(r"\b(?:obs|vs|dom|per|qty|ele|bdl|sdd|rng|rto|cpl)-\d{1,2}\b")
# The first phrase that is found decides. The numbers are HAPI's, stable since version 5.
_PHRASES = (
    (
        CLIENT_ID,
        re.compile(r"HAPI-09(?:59|60|61)|client.assigned|clients? (?:may|can) ", re.IGNORECASE),
    ),
    (
        REFERENCE,
        re.compile(
            r"HAPI-(?:1091|1094|0507|0541)|not found, specified in path|"
            r"Invalid (?:reference|target)|No contained resource",
        ),
    ),
    (
        TERMINOLOGY,
        re.compile(
            r"value ?set|unknown code|code ?system|unit\b.*\bunknown|terminolog", re.IGNORECASE
        ),
    ),
    (INVARIANT, _RULE),
    (PROFILE, re.compile(r"profile|StructureDefinition/", re.IGNORECASE)),
    (
        STRUCTURE,
        re.compile(
            r"unrecognized property|HAPI-18\d\d|minimum required|not allowed", re.IGNORECASE
        ),
    ),
)
_BY_CODE = {
    "duplicate": DUPLICATE,
    "multiple-matches": DUPLICATE,
    "deleted": DELETED,
    "too-long": SIZE,
    "too-costly": SIZE,
    "code-invalid": TERMINOLOGY,
    "invariant": INVARIANT,
    "structure": STRUCTURE,
    "required": STRUCTURE,
    "value": STRUCTURE,
    "invalid": STRUCTURE,
    "extension": STRUCTURE,
}
_BY_STATUS = {410: DELETED, 412: DUPLICATE, 413: SIZE, 404: CLIENT_ID, 405: CLIENT_ID}


def reason_for(*, status: int, code: str, text: str) -> str:
    """Give the reason class of an issue: by what it says, else by its type, else by the status."""
    said = next((reason for reason, phrase in _PHRASES if phrase.search(text)), None)
    return said or _BY_CODE.get(code) or _BY_STATUS.get(status, OTHER)


def reason_for_rule(rule: str, profile: str | None) -> str:
    """Give the reason class of a problem that our own checks found."""
    if rule == "binding":
        return TERMINOLOGY
    if _RULE.fullmatch(rule):
        return INVARIANT
    return PROFILE if profile else STRUCTURE
