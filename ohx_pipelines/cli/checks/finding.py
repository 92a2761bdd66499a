"""A check's finding: how it is, what was found, and what to do.

Belongs here: findings and their levels, and a check's failure as a finding. Not here: any check.
A finding holds words of ours, ids, counts and names of settings; no text from outside and no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ohx_pipelines.cli.dagster_api import DagsterFailed
from ohx_pipelines.errors import OhxError

# More ids than this in a line are counted, not listed.
MOST_NAMED = 20


class Level(StrEnum):
    """How it is. Only `failed` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found; `advice` says what to do when it is not well."""

    name: str
    level: Level
    found: str
    advice: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def ok(name: str, found: str, **details: Any) -> Finding:
    """Give the finding of what is well."""
    return Finding(name=name, level=Level.OK, found=found, details=details)


def warning(name: str, found: str, advice: str, **details: Any) -> Finding:
    """Give the finding of what works and deserves a look."""
    return Finding(name=name, level=Level.WARNING, found=found, advice=advice, details=details)


def failed(name: str, found: str, advice: str, **details: Any) -> Finding:
    """Give the finding of what does not work."""
    return Finding(name=name, level=Level.FAILED, found=found, advice=advice, details=details)


def guarded(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    """Give the check's findings; whatever it raises becomes one, so that the others are made."""
    try:
        return check()
    except DagsterFailed as error:
        return [failed(name, str(error), "See the line `dagster web server`.")]
    except OhxError as error:
        return [failed(name, str(error), "Mend what the message names, then look again.")]
    except SQLAlchemyError as error:
        found = f"the database did not answer the question ({type(error).__name__})"
        return [failed(name, found, "See the lines `database` and `migrations`.")]
    except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
        found = f"could not be checked ({type(error).__name__})"
        return [failed(name, found, "A defect of this program: report it with this line.")]


def some_of(names: Iterable[str]) -> str:
    """List names, the first twenty of them."""
    given = list(names)
    more = f" and {len(given) - MOST_NAMED} more" if len(given) > MOST_NAMED else ""
    return ", ".join(given[:MOST_NAMED]) + more
