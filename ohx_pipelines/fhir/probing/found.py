"""What `ohx ehr check` found out: how each mode's trial ended, and which mode to use.

Belongs here: those records. Not here: finding it out (`probe.py`), the words for people
(`cli/ehr_check.py`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ohx_pipelines.fhir.probing.canary import Left
from ohx_pipelines.fhir.probing.capabilities import Capabilities
from ohx_pipelines.fhir.writing.write_modes import WriteMode


class Finding(StrEnum):
    """How a trial ended; only `once` is a mode to use, and `unseen` where nothing may be read."""

    ONCE = "once"
    UNSEEN = "unseen"
    TWICE = "twice"
    NEW_AGAIN = "new_again"
    NOT_FOUND = "not_found"
    NOT_IN_WINDOW = "not_in_window"
    NOT_SEARCHED = "not_searched"
    CLIENT_IDS_REFUSED = "client_ids_refused"
    PROFILE_REFUSED = "profile_refused"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One mode's trial; `status`, `issue` and `reason` are those of a refusal."""

    mode: WriteMode
    finding: Finding
    status: int | None = None
    issue: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """What was found out; nothing of any person is in it.

    `reads` tells whether we may search there, None where that was not asked. `stopped` is the word of the error that ended the trials early, `status` its HTTP status.
    """

    capabilities: Capabilities
    reads: bool | None = None
    trials: tuple[Trial, ...] = ()
    left: Left = Left.NOTHING
    no_patient: bool = False
    stopped: str | None = None
    status: int | None = None

    @property
    def write_mode(self) -> WriteMode | None:
        """The best mode that works, in the order of `WriteMode`; None also when trials broke off."""
        if self.stopped:
            return None
        works = {Finding.ONCE, Finding.UNSEEN}
        return next((one.mode for one in self.trials if one.finding in works), None)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain JSON, as the store keeps it."""
        mode = self.write_mode
        return {
            "usable": mode is not None,
            "write_mode": mode.value if mode else None,
            "capabilities": _as_json(self.capabilities),
            "reads": self.reads,
            "trials": [
                {k: v for k, v in asdict(one).items() if v is not None} for one in self.trials
            ],
            "left_behind": self.left.value,
            "no_patient": self.no_patient,
            "stopped": self.stopped,
            "status": self.status,
        }


def _as_json(claims: Capabilities) -> dict[str, Any]:
    found = asdict(claims)
    return {name: list(one) if isinstance(one, tuple) else one for name, one in found.items()}
