"""What `ohx ehr check` finds out about an EHR: which write modes hold their promise there.

Belongs here: the trials. Not here: the canaries (`canary.py`), what is concluded (`found.py`). A
canary is written twice, as readings are, and must be there once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ohx_pipelines.errors import (
    CredentialsRefused,
    EhrConflict,
    EhrError,
    EhrRejected,
    RightsMissing,
    word_for,
)
from ohx_pipelines.fhir.answers.operation_outcome import main_issue
from ohx_pipelines.fhir.answers.reactions import Reaction, failure, reaction
from ohx_pipelines.fhir.answers.refusal_reasons import PROFILE
from ohx_pipelines.fhir.answers.searchset import resource_in
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.probing.canary import CANARY_SYSTEM, WINDOW, Canaries, observation
from ohx_pipelines.fhir.probing.capabilities import Capabilities, read_capabilities
from ohx_pipelines.fhir.probing.found import Check, Finding, Trial
from ohx_pipelines.fhir.writing.entry_answers import EntryAnswer, entry_answer
from ohx_pipelines.fhir.writing.references import name_of
from ohx_pipelines.fhir.writing.write_modes import WriteMode, entry_for, task

WORKS_FROM, WORKS_BELOW = 200, 300
CREATED = 201
# In the order in which they are advised; `blind` is for an EHR that lets nothing be read.
READING_MODES = tuple(one for one in WriteMode if one.reads)
NOT_IMPLEMENTED = 501
TROUBLE_FROM = 500


def check_ehr(client: FhirClient, *, patient: str | None = None) -> Check:
    """Read the CapabilityStatement and try each mode on a canary, for a Patient of the EHR.

    Blind mode is tried where nothing may be read, and no other. Without `patient` a canary Patient
    is made and removed: no record of a person is touched. Raises EhrError when the EHR does not give
    its CapabilityStatement; nothing is written then. When it fails later the canaries are removed
    all the same.
    """
    statement = resource_in(client.execute("metadata", method="get"), "CapabilityStatement")
    capabilities = read_capabilities(statement)
    if not capabilities.speaks_r5:
        return Check(capabilities=capabilities)
    canaries = Canaries(client)
    trials: list[Trial] = []
    reads: bool | None = None
    no_patient = False
    stopped: EhrError | None = None
    try:
        reads = canaries.reads = _may_read(canaries, capabilities)
        whose = patient or _canary_patient(canaries)
        no_patient = whose is None
        # One after the other into the list: what was found counts when a later one fails.
        trials.extend(_trials(client, canaries, whose))
    except EhrError as error:
        stopped = error
    finally:
        left = canaries.remove()
    return Check(
        capabilities=capabilities,
        reads=reads,
        trials=tuple(trials),
        left=left,
        no_patient=no_patient,
        stopped=word_for(stopped) if stopped else None,
        status=stopped.status if stopped else None,
    )


def _may_read(canaries: Canaries, capabilities: Capabilities) -> bool:
    """Tell whether we may search: a server that refuses it, or says itself that it cannot, says no.

    What is neither is trouble, and raised.
    """
    try:
        canaries.searches("Observation")
    except (CredentialsRefused, RightsMissing):
        return False
    except EhrError as error:
        cannot = isinstance(error, EhrRejected) or error.status == NOT_IMPLEMENTED
        if capabilities.searches is False and cannot:
            return False
        raise
    return True


def _trials(client: FhirClient, canaries: Canaries, patient: str | None) -> Iterator[Trial]:
    if patient is None:
        return
    if not canaries.reads:
        yield _tried_blind(client, canaries, patient)
        return
    for mode in READING_MODES:
        yield _tried(client, canaries, mode, patient)


def _canary_patient(canaries: Canaries) -> str | None:
    try:
        if canaries.reads and not canaries.searches("Patient"):
            return None
        return canaries.create_patient() or None
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


def _tried_blind(client: FhirClient, canaries: Canaries, patient: str) -> Trial:
    """Put a canary twice under an id of ours; what the server answers is all that is known."""
    canary, mode = observation(patient), WriteMode.BLIND
    canaries.note(canary)
    answer = EntryAnswer(status=0)
    for _ in range(2):
        answer = _put(client, canaries, canary)
        if not WORKS_FROM <= answer.status < WORKS_BELOW:
            return _refused(canary, mode, answer)
        canaries.note_taken(canary["id"], answer.location)
    if canaries.taken[canary["id"]] - {name_of(canary)}:
        return Trial(mode=mode, finding=Finding.CLIENT_IDS_REFUSED)
    is_new = answer.status == CREATED
    return Trial(mode=mode, finding=Finding.NEW_AGAIN if is_new else Finding.UNSEEN)


def _put(client: FhirClient, canaries: Canaries, canary: dict[str, Any]) -> EntryAnswer:
    """Put a canary; one that is refused is not there, and nobody could look whether it is."""
    try:
        answer = _written(client, canary, WriteMode.BLIND)
    except EhrRejected:
        canaries.note_refused(canary["id"])
        raise
    if WORKS_BELOW <= answer.status < TROUBLE_FROM:
        canaries.note_refused(canary["id"])
    return answer


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
