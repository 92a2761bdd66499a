"""How this EHR behaves where real servers differ; the control endpoint changes it while it runs.

Belongs here: each choice, its default and the values that it takes. Not here: acting on it, and
trouble that passes by itself (`faults.py`).

- `ignore_if_none_exist`: a conditional create always creates, as with servers that do not know it.
- `client_ids`: false refuses ids that a client chose, as hosted Medplum does: a PUT to an unknown id
  is 404, a conditional update with an id in its body is 400.
- `deleted_ids`: a PUT to a deleted id makes the next version (`recreated`, as HAPI) or is 410 (`gone`).
- `bad_entry`: an invalid entry costs `itself`, or the `bundle`, as HAPI does when it validates requests.
- `stale_if_match`: the status of a write whose If-Match is not the current version: 409 as HAPI, or 412.
- `token_required`: everything but metadata needs a token of the sandbox's authorization server.
- `retry_on_conflict`: the server knows X-Retry-On-Version-Conflict and tries again by itself.
- `conflicts`: whoever writes what another request wrote since it began is refused with 409.
- `racy_conditional`: a condition is looked up, and acted on a moment later without a second look.
- `pause_seconds`: the moment between looking and writing in these two modes.
- `overclaims`: the CapabilityStatement promises what a server usually can, whatever is set here.
- `write_only`: reading is refused with 403, single resources, histories and searches alike; writes
  work, and so do the conditions and references of a write, which the server looks up by itself.
- `deletes`: false refuses every DELETE with 405, as servers do that keep what was once written.
- `limits`: LOINC code -> the greatest value that this site takes; a greater one is 422.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

_CHOICES: dict[str, tuple[Any, ...]] = {
    "deleted_ids": ("recreated", "gone"),
    "bad_entry": ("itself", "bundle"),
    "stale_if_match": (409, 412),
}


@dataclass(kw_only=True)
class Settings:
    """The choices as they stand."""

    ignore_if_none_exist: bool = False
    client_ids: bool = True
    deleted_ids: str = "recreated"
    bad_entry: str = "itself"
    stale_if_match: int = 409
    token_required: bool = False
    retry_on_conflict: bool = False
    conflicts: bool = False
    racy_conditional: bool = False
    # Long enough for requests that were sent together to look before any of them writes.
    pause_seconds: float = 0.02
    overclaims: bool = False
    write_only: bool = False
    deletes: bool = True
    limits: Mapping[str, float] = field(default_factory=dict)

    def change(self, given: Mapping[str, Any]) -> None:
        """Take other choices, all or none; raises ValueError for a value that one does not take."""
        for name, value in given.items():
            _check(name, value)
        for name, value in given.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Take every default again."""
        self.change(Settings().as_json())

    def as_json(self) -> dict[str, Any]:
        """Give every choice by its name."""
        return asdict(self)


NAMES = tuple(Settings().as_json())


def _check(name: str, value: Any) -> None:
    if name not in NAMES:
        raise ValueError(f"unknown: {name}; known: {', '.join(NAMES)}")
    if name in _CHOICES:
        if value not in _CHOICES[name] or isinstance(value, bool):
            raise ValueError(f"{name} must be one of: {', '.join(map(str, _CHOICES[name]))}")
    elif name == "limits":
        if not isinstance(value, dict) or not all(map(_is_number, value.values())):
            raise ValueError("limits must be an object of numbers by LOINC code")
    elif name == "pause_seconds":
        if not _is_number(value) or value < 0:
            raise ValueError("pause_seconds must be a number that is not negative")
    elif not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
