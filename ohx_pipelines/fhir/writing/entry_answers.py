"""The answer to one entry of a Bundle: status, where the resource lives, and why it was refused.

Belongs here: reading `entry.response`. Not here: what is done about it (`writing/writer.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ohx_pipelines.errors import Issue
from ohx_pipelines.fhir.answers.operation_outcome import issues_of, main_issue

FIRST_REFUSAL = 300


@dataclass(frozen=True, kw_only=True)
class EntryAnswer:
    """What a server said of one entry; `status` is 0 where it said none."""

    status: int
    issue: Issue | None = None
    location: object = None


def entry_answer(response: Mapping[str, Any], sent: Mapping[str, Any]) -> EntryAnswer:
    """Read the answer to an entry that carried the resource `sent`."""
    text = str(response.get("status", ""))[:3]
    status = int(text) if text.isdigit() else 0
    if status < FIRST_REFUSAL:
        return EntryAnswer(status=status, location=response.get("location"))
    issues = issues_of(response.get("outcome"), sent=sent, status=status)
    return EntryAnswer(status=status, issue=main_issue(issues, status=status))
