"""FHIR's issue types: the words in which a server says why it refuses something.

Belongs here: the value set, whole. Not here: which of them is an error (`publish.py`).
A word that is not in it is a text of the server's, and could be anything: it goes no further.
"""

from __future__ import annotations

# https://hl7.org/fhir/R5/valueset-issue-type.html, whose binding is required.
ISSUE_TYPES = frozenset(
    {
        "invalid",
        "structure",
        "required",
        "value",
        "invariant",
        "security",
        "login",
        "unknown",
        "expired",
        "forbidden",
        "suppressed",
        "processing",
        "not-supported",
        "duplicate",
        "multiple-matches",
        "not-found",
        "deleted",
        "too-long",
        "code-invalid",
        "extension",
        "too-costly",
        "business-rule",
        "conflict",
        "limited-filter",
        "transient",
        "lock-error",
        "no-store",
        "exception",
        "timeout",
        "incomplete",
        "throttled",
        "informational",
        "success",
    }
)
