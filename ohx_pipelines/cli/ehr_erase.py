"""`ohx ehr erase`: take out of an EHR what was written for a link that has ended.

Belongs here: the command, and what the log keeps. Not here: its words (`ehr_erase_text.py`), the search
and the two steps (`fhir/erasing.py`), which resources are ours (`fhir/erasable.py`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import click

from ohx_pipelines.cli.ehr_erase_text import Erased, as_object, complain, report, show
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.cli.who import operator
from ohx_pipelines.errors import ConfigurationError, EhrError, word_for
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.erasable import Found
from ohx_pipelines.fhir.erasing import Eraser
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.links.audit import Deed
from ohx_pipelines.links.link_records import RecordToCopy
from ohx_pipelines.links.records import EhrConnection, LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.settings import load_settings

PROGRESS_SECONDS = 2.0
_SHORT = {
    "Observation": "obs",
    "Provenance": "prov",
    "DeviceAssociation": "assoc",
    "Consent": "consent",
}


@click.command("erase")
@click.option("--link", required=True, help="The link, as `ohx links list` names it.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object (with --yes).")
@click.option("--retract-only", is_flag=True, help="Mark it entered-in-error and delete nothing.")
def erase(*, link: str, yes: bool, as_json: bool, retract_only: bool) -> None:
    """Erase from the EHR what was written for a link that has ended.

    Shows what is there, asks, marks all of it entered-in-error, then deletes it. What others wrote
    is never touched. Exit status 0 means that nothing of it is left (with --retract-only: that none
    of it reads as valid); what an EHR refuses to delete stays entered-in-error. Run it again to go
    on after a break.
    """
    if as_json and not yes:
        message = "--json asks nobody: give --yes too"
        raise click.UsageError(message)
    with opened_store(load_settings()) as store:
        record = _ended(store, link)
        connection = _readable(store.ehr(record.patient.ehr_connection_id))
        client = ehr_client(connection)
        try:
            # Its owner may link the account again while somebody looks, or while this works.
            eraser = _eraser(client, record, connection, permit=lambda: _still_ended(store, link))
            found = eraser.find()
            if not as_json:
                show(record, connection, found)
            if found.ours and not yes:
                _ask(retract_only=retract_only)
            with store.copying(link):
                ended = _erase(store, record, eraser, found, retract_only=retract_only)
        except EhrError as error:
            _say_failure(error, as_json=as_json)
            sys.exit(1)
        finally:
            client.close()
    if as_json:
        click.echo(json.dumps(as_object(record, connection, ended)))
    else:
        report(record, connection, ended)
    sys.exit(0 if ended.done else 1)


def _ended(store: LinkStore, link: str) -> RecordToCopy:
    """Give the link; raises ConfigurationError while anything may still be written for it."""
    record = store.record_to_copy(link)
    if record.state is not LinkState.UNLINKED:
        message = (
            f"link {link} is {record.state.value}: what is erased would come back. End it first "
            f"with `ohx links unlink {link}`."
        )
        raise ConfigurationError(message)
    if record.is_due:
        message = (
            f"the EHR was not told yet that link {link} has ended, and would be told after all is "
            f"erased. `ohx links unlink {link}` tells it now."
        )
        raise ConfigurationError(message)
    return record


def _readable(connection: EhrConnection) -> EhrConnection:
    if WriteMode(connection.write_mode).reads:
        return connection
    message = (
        f"EHR connection {connection.name} is written in blind mode: what we wrote cannot be found "
        "there, so it cannot be erased from here. Grant reading and choose another mode "
        f"(`ohx ehr check {connection.name}`), or have the EHR erase what carries the link's tag."
    )
    raise ConfigurationError(message)


def _still_ended(store: LinkStore, link: str) -> None:
    _ended(store, link)


def _eraser(
    client: FhirClient,
    record: RecordToCopy,
    connection: EhrConnection,
    *,
    permit: Callable[[], None],
) -> Eraser:
    return Eraser(
        client,
        patient=record.patient.fhir_id,
        vendor=record.provider,
        link=record.link_id,
        mode=WriteMode(connection.write_mode),
        leave_out=connection.leave_out,
        progress=_Progress(),
        permit=permit,
    )


def _erase(
    store: LinkStore, record: RecordToCopy, eraser: Eraser, found: Found, *, retract_only: bool
) -> Erased:
    """Do the two steps and look what is left; each is noted before the next one begins."""
    who, link = operator(), record.link_id
    _still_ended(store, link)
    store.note_deed(link, Deed.ERASE_ASKED, who=who, detail=_counted(found))
    to_mark = len(found.unmarked)
    eraser.mark(found)
    left = eraser.find()
    marked = f"{to_mark - len(left.unmarked)} of {to_mark} marked"
    store.note_deed(link, Deed.ERASE_MARKED, who=who, detail=marked)
    if not retract_only:
        left = eraser.left(eraser.delete(left))
        detail = f"{len(found.ours) - len(left.ours)} deleted, {len(left.ours)} left"
        store.note_deed(link, Deed.ERASED, who=who, detail=detail)
    return Erased(found=found, left=left, retract_only=retract_only)


def _counted(found: Found) -> str:
    """Count in the 60 characters that the log has."""
    counts = found.counts()
    return ", ".join(f"{word} {counts.get(kind, 0)}" for kind, word in _SHORT.items())


def _ask(*, retract_only: bool) -> None:
    if not retract_only:
        click.echo("All of it is marked entered-in-error first, then deleted, for good.")
    question = "Mark all of it entered-in-error?" if retract_only else "Erase it?"
    click.confirm(question, abort=True)


class _Progress:
    """Says now and then how far a long step is."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def __call__(self, step: str, done: int, count: int) -> None:
        if time.monotonic() - self._said_at >= PROGRESS_SECONDS:
            self._said_at = time.monotonic()
            click.echo(f"  {step}: {done:,} of {count:,}", err=True)


def _say_failure(error: EhrError, *, as_json: bool) -> None:
    if as_json:
        failure = {"done": False, "error": word_for(error), "status": error.status}
        click.echo(json.dumps(failure))
        return
    status = f" (HTTP {error.status})" if error.status else ""
    complain(f"{error}{status}. What is done is done: run this again to go on.")
