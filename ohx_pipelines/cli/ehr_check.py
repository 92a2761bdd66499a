"""`ohx ehr check`: try an EHR out with a canary, and say which write mode to use and why.

Belongs here: the command and its words. Not here: the trials (`fhir/probing/probe.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import EhrError
from ohx_pipelines.fhir.probing.canary import Left
from ohx_pipelines.fhir.probing.capabilities import Capabilities
from ohx_pipelines.fhir.probing.found import Check, Finding, Trial
from ohx_pipelines.fhir.probing.probe import check_ehr
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.settings import load_settings

_FOUND = {
    Finding.ONCE: "written twice, there once: works",
    Finding.UNSEEN: "written twice under our id, and nobody can look: the server answers as if it were there once",
    Finding.TWICE: "written twice, there twice: the server ignores the condition",
    Finding.NEW_AGAIN: "written twice, and answered both times as new: every repeat may be another one",
    Finding.NOT_FOUND: "written, but the search by identifier does not find it",
    Finding.NOT_IN_WINDOW: "written, but the search by patient and date does not find it",
    Finding.NOT_SEARCHED: "not written: the server ignores a search by identifier",
    Finding.CLIENT_IDS_REFUSED: "the server lets no client choose ids",
    Finding.PROFILE_REFUSED: "the server refuses the R5 vital-sign profile",
    Finding.REFUSED: "refused",
}
_LEFT = {
    Left.NOTHING: "Every canary is removed.",
    Left.RETRACTED: "A canary could not be deleted. It is marked entered-in-error and labelled HTEST.",
    Left.CANARY: "A canary could not be removed: look for what is labelled HTEST.",
}
_WHY = {
    "put-id": "the server takes our ids: a reading cannot be there twice",
    "conditional-update": "the server gives its own ids, and keeps to a condition when it updates",
    "conditional-create": "of the three modes only conditional create holds what it promises here",
    "blind": "we may not read there, and the server takes our ids",
}
# What is lost where nothing may be read; `docs/connect-your-ehr.md` says the same.
BLIND_CANNOT = (
    "retract what the vendor no longer lists",
    "leave out what is there unchanged: each sync writes every reading of its days again",
    "keep a reading `corrected` once it is",
    "close DeviceAssociations: none are written",
    "erase: `ohx ehr erase` finds nothing",
)


@click.command("check")
@click.argument("name")
@click.option("--patient", help="Id of a test Patient; without it one is made and removed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(name: str, *, patient: str | None, as_json: bool) -> None:
    """Try the EHR connection NAME with a marked canary; exit 0 when it can be used, else 1.

    The canary has no value and is labelled as a test (HTEST). It is written twice in each write
    mode, searched, retracted and deleted; where we may not search, it is put blindly. What was found is kept with the connection; its write
    mode is changed by `ohx ehr mode` alone.
    """
    with opened_store(load_settings()) as store:
        connection = store.ehr_by_name(name)
        client = ehr_client(connection)
        try:
            found = check_ehr(client, patient=patient)
        except EhrError as error:
            _say_failure(error, as_json=as_json)
            sys.exit(1)
        finally:
            client.close()
        store.save_ehr_check(name, write_mode=None, answer=found.as_json())
    if as_json:
        click.echo(json.dumps(found.as_json() | {"name": name}))
    else:
        for line in _lines(connection, found):
            click.echo(line)
    sys.exit(0 if found.write_mode else 1)


def _say_failure(error: EhrError, *, as_json: bool) -> None:
    word = error.detail or error.code
    if as_json:
        click.echo(json.dumps({"usable": False, "error": word, "status": error.status}))
        return
    status = f" (HTTP {error.status})" if error.status else ""
    click.echo(f"{error}{status}: nothing was written")


def _lines(connection: EhrConnection, found: Check) -> Iterator[str]:
    yield f"EHR connection {connection.name}"
    yield from _said(found.capabilities)
    if found.reads is False:
        yield "  We may not search here: only blind mode can be tried."
    yield from (f"  {_of(one)}" for one in found.trials)
    if found.no_patient:
        yield "  No canary Patient can be made here: give a test Patient with --patient."
    if found.stopped:
        status = f" (HTTP {found.status})" if found.status else ""
        yield f"  The check broke off: {found.stopped}{status}"
    if found.trials or found.stopped or found.left is not Left.NOTHING:
        yield f"  {_LEFT[found.left]}"
    mode = found.write_mode
    missing = [one for one in found.capabilities.lacks_types if one not in connection.leave_out]
    if missing:
        left_out = ",".join([*connection.leave_out, *missing])
        yield f"`ohx ehr leave-out {connection.name} {left_out}` spares it what it does not know."
    if mode is None:
        yield "Not usable as it is."
        return
    yield f"Use write mode {mode}: {_WHY[mode]}."
    if not mode.reads:
        yield "Grant us reading and searching if you can. In blind mode we cannot:"
        yield from (f"  - {one}" for one in BLIND_CANNOT)
    if connection.write_mode != mode:
        yield f"It is written in mode {connection.write_mode} now: `ohx ehr mode {connection.name} {mode}` changes it."


def _said(claims: Capabilities) -> Iterator[str]:
    version = f"FHIR {claims.fhir_version}"
    yield f"  {version}" if claims.speaks_r5 else f"  {version}: this product writes FHIR R5 only"
    for name, value in (
        ("create by PUT", claims.update_create),
        ("conditional create", claims.conditional_create),
        ("conditional update", claims.conditional_update),
    ):
        word = {True: "yes", False: "no", None: "not said"}[value]
        yield f"  says of {name}: {word}"
    if claims.lacks:
        yield f"  does not list: {', '.join(claims.lacks)}"
    if claims.lacks_types:
        yield f"  does not know: {', '.join(claims.lacks_types)}"


def _of(trial: Trial) -> str:
    why = [f"HTTP {trial.status}", trial.issue, trial.reason] if trial.status else []
    told = f" ({', '.join(filter(None, why))})" if why else ""
    return f"{trial.mode}: {_FOUND[trial.finding]}{told}"
