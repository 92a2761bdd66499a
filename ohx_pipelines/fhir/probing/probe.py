"""What `ohx ehr check` finds out about an EHR: which write modes hold their promise there.

Belongs here: the trials, and what is concluded. Not here: the canaries (`canary.py`), the words
for people (`cli/ehr_check.py`). A canary is written twice, as readings are, and must be there once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from ohx_pipelines.errors import EhrConflict, EhrError, EhrRejected, word_for
from ohx_pipelines.fhir.answers.operation_outcome import main_issue
from ohx_pipelines.fhir.answers.reactions import Reaction, failure, reaction
from ohx_pipelines.fhir.answers.refusal_reasons import PROFILE
from ohx_pipelines.fhir.answers.searchset import resource_in
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.probing.canary import CANARY_SYSTEM, WINDOW, Canaries, Left, observation
from ohx_pipelines.fhir.probing.capabilities import Capabilities, read_capabilities
from ohx_pipelines.fhir.writing.entry_answers import EntryAnswer, entry_answer
from ohx_pipelines.fhir.writing.write_modes import WriteMode, entry_for, task

WORKS_FROM, WORKS_BELOW = 200, 300


class Finding(StrEnum):
    """How a trial ended; only `once` is a mode to use."""

    ONCE = "once"
    TWICE = "twice"
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

    `stopped` is the word of the error that ended the trials early, `status` its HTTP status.
    """

    capabilities: Capabilities
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
        return next((one.mode for one in self.trials if one.finding is Finding.ONCE), None)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain JSON, as the store keeps it."""
        mode = self.write_mode
        return {
            "usable": mode is not None,
            "write_mode": mode.value if mode else None,
            "capabilities": asdict(self.capabilities) | {"lacks": list(self.capabilities.lacks)},
            "trials": [
                {k: v for k, v in asdict(one).items() if v is not None} for one in self.trials
            ],
            "left_behind": self.left.value,
            "no_patient": self.no_patient,
            "stopped": self.stopped,
            "status": self.status,
        }


def check_ehr(client: FhirClient, *, patient: str | None = None) -> Check:
    """Read the CapabilityStatement and try each mode on a canary, for a Patient of the EHR.

    Without `patient` a canary Patient is made and removed: no record of a person is touched.
    Raises EhrError when the EHR does not give its CapabilityStatement; nothing is written then. When
    it fails later the canaries are removed all the same.
    """
    statement = resource_in(client.execute("metadata", method="get"), "CapabilityStatement")
    capabilities = read_capabilities(statement)
    if not capabilities.speaks_r5:
        return Check(capabilities=capabilities)
    canaries = Canaries(client)
    trials: list[Trial] = []
    no_patient = False
    stopped: EhrError | None = None
    try:
        whose = patient or _canary_patient(canaries)
        no_patient = whose is None
        # One after the other into the list: what was found counts when a later one fails.
        trials.extend(_tried(client, canaries, mode, whose) for mode in WriteMode if whose)
    except EhrError as error:
        stopped = error
    finally:
        left = canaries.remove()
    return Check(
        capabilities=capabilities,
        trials=tuple(trials),
        left=left,
        no_patient=no_patient,
        stopped=word_for(stopped) if stopped else None,
        status=stopped.status if stopped else None,
    )


def _canary_patient(canaries: Canaries) -> str | None:
    try:
        return (canaries.searches("Patient") and canaries.create_patient()) or None
    except EhrRejected:
        return None


def _tried(client: FhirClient, canaries: Canaries, mode: WriteMode, patient: str) -> Trial:
    if not canaries.searches("Observation"):
        return Trial(mode=mode, finding=Finding.NOT_SEARCHED)
    canary = observation(patient)
    canaries.note(canary)
    for _ in range(2):
        answer = _written(client, canary, mode)
        if not WORKS_FROM <= answer.status < WORKS_BELOW:
            return _refused(canary, mode, answer)
        canaries.note_taken(canary["id"], answer.location)
    return Trial(mode=mode, finding=_seen(client, canaries, canary, patient))


def _written(client: FhirClient, canary: dict[str, Any], mode: WriteMode) -> EntryAnswer:
    planned = task(canary, None, mode=mode, addresses={})
    entry, _ = entry_for(planned, mode=mode, base=client.url)
    try:
        [response] = client.batch([entry], repeatable=False)
    except (EhrConflict, EhrRejected) as error:
        return _as_entry(error)
    return entry_answer(response, canary)


def _as_entry(error: EhrConflict | EhrRejected) -> EntryAnswer:
    """Read a Bundle's refusal as its only entry's; raises it when it is about us."""
    status = error.status or 0
    if status not in {400, 404, 405, 409, 412, 422}:
        raise error
    return EntryAnswer(status=status, issue=main_issue(error.issues, status=status))


def _refused(canary: Mapping[str, Any], mode: WriteMode, answer: EntryAnswer) -> Trial:
    planned = task(dict(canary), None, mode=mode, addresses={})
    _, sent = entry_for(planned, mode=mode, base="")
    what = reaction(answer.status, sent, answer.issue)
    if what in {Reaction.WAIT, Reaction.RENEW, Reaction.RIGHTS}:
        raise failure(answer.status)
    finding = Finding.REFUSED
    if what is Reaction.NO_CLIENT_IDS:
        finding = Finding.CLIENT_IDS_REFUSED
    elif answer.issue and answer.issue.reason == PROFILE:
        finding = Finding.PROFILE_REFUSED
    return Trial(
        mode=mode,
        finding=finding,
        status=answer.status,
        issue=answer.issue.code if answer.issue else None,
        reason=answer.issue.reason if answer.issue else None,
    )


def _seen(
    client: FhirClient, canaries: Canaries, canary: Mapping[str, Any], patient: str
) -> Finding:
    """Look for the canary as a sync does: by identifier, and in its patient's window."""
    found = canaries.found("Observation", canary["id"])
    # The second may not be indexed yet, but the server said where it lives.
    if len(found) > 1 or len(canaries.taken[canary["id"]]) > 1:
        return Finding.TWICE
    if not found:
        return Finding.NOT_FOUND
    start, end = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in WINDOW)
    listed = client.search(
        "Observation",
        [
            ("patient", f"Patient/{patient}"),
            ("date", f"ge{start}"),
            ("date", f"lt{end}"),
            ("identifier", f"{CANARY_SYSTEM}|"),
        ],
    )
    there = any(one.get("id") == found[0]["id"] for one in listed)
    return Finding.ONCE if there else Finding.NOT_IN_WINDOW
