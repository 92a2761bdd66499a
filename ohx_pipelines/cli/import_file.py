"""`ohx import`: a file that an app exported, looked at and published for a link that takes its files.

Belongs here: the command and what it refuses. Not here: its words (`import_text.py`), reading files
(`providers/files/`), publishing them (`ohx_pipelines/importing.py`). Nothing of the file is kept.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import click

from ohx_pipelines.cli.import_text import advice_on, left_out_of, preview_of, result_of
from ohx_pipelines.cli.stack import announce
from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import EhrError, NotFound, OhxError, word_for
from ohx_pipelines.importing import FileResult, Importing, bounds_from
from ohx_pipelines.links.records import ENDED, Link, LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening_importing import opened_importing
from ohx_pipelines.providers.files.base import (
    Choices,
    DateOrder,
    FileProvider,
    FileRefused,
    ParsedFile,
)
from ohx_pipelines.providers.registry import file_providers
from ohx_pipelines.settings import Settings, load_settings


class ImportRefused(OhxError):
    """The file is not published; the message says why and what to do."""

    code = "import_refused"


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--link", required=True, metavar="ID", help="The link, as `ohx links list` names it.")
@click.option(
    "--date-order",
    type=click.Choice([order.value for order in DateOrder]),
    help="Which number of 03/04/2026 is the day, where the file does not show it.",
)
@click.option("--preview", is_flag=True, help="Only show what would be published.")
@click.option("--partly", is_flag=True, help="Publish also when not all of it could be read.")
def import_file(
    *, file: Path, link: str, date_order: str | None, preview: bool, partly: bool
) -> None:
    """Publish FILE, an app's export, for a link that a patient's upload has made.

    Shows what the file holds, by kind and date, and by row what cannot be read; then publishes it,
    youngest days first. The same file again adds nothing twice. Times are read in the link's zone.
    Exit status 0 means that every day of the file is in the EHR.
    """
    settings = load_settings()
    with opened_store(settings) as store:
        found = _living(store, link)
        app = _app_of(found, settings)
        _refuse_twice(store, found, app)
        parsed = _parsed(file, found, app, settings, date_order)
        click.echo(preview_of(parsed, app.facts, found))
        if preview:
            return
        _refuse_cut(parsed, partly=partly)
        with opened_importing(settings, store) as importing:
            _refuse_anothers(importing, found, parsed)
            result = _published(importing, found, parsed)
    click.echo(result_of(result))
    left_out = left_out_of(parsed, app.facts, found)
    if left_out:
        click.echo(left_out)
    sys.exit(0 if result.ok else 1)


def _living(store: LinkStore, link_id: str) -> Link:
    if not store.statuses(link_id=link_id):
        message = f"There is no link {link_id}: see `ohx links list`."
        raise NotFound(message)
    link = store.link(link_id)
    if link.state is not LinkState.ACTIVE:
        message = f"Link {link_id} is {link.state.value}: nothing is published for it."
        raise NotFound(message)
    return link


def _app_of(link: Link, settings: Settings) -> FileProvider:
    taken = file_providers(settings)
    if link.provider not in taken:
        message = (
            f"Link {link.id} is of {link.provider}, of which no files are taken here: "
            f"OHX_UPLOADS__APPS names {', '.join(taken) or 'none'}."
        )
        raise NotFound(message)
    return taken[link.provider]


def _refuse_twice(store: LinkStore, link: Link, app: FileProvider) -> None:
    living = [one for one in store.statuses(patient_id=link.patient.id) if one.state not in ENDED]
    clouds = {one.provider for one in living} & {*app.facts.same_readings}
    if clouds:
        message = (
            f"The patient has linked {', '.join(clouds)}, whose cloud brings these readings already: from a file "
            "they would stand twice."
        )
        raise ImportRefused(message)


def _parsed(
    file: Path, link: Link, app: FileProvider, settings: Settings, date_order: str | None
) -> ParsedFile:
    """Read no more of the file than is taken; raises ImportRefused with what to do."""
    bounds = bounds_from(settings.uploads)
    if link.zone is None:
        message = f"Link {link.id} has no time zone."
        raise ImportRefused(message)
    with file.open("rb") as opened:
        content = opened.read(bounds.most_bytes + 1)
    choices = Choices(zone=link.zone, date_order=DateOrder(date_order) if date_order else None)
    try:
        return app.parse(content, choices, bounds=bounds)
    except FileRefused as refused:
        message = f"{refused}{advice_on(refused, _others(content, app, settings))}"
    raise ImportRefused(message)


def _others(content: bytes, app: FileProvider, settings: Settings) -> list[str]:
    """Give the titles of other apps whose file it may be."""
    apps = file_providers(settings).values()
    return [one.facts.title for one in apps if one is not app and one.recognizes(content)]


def _refuse_cut(parsed: ParsedFile, *, partly: bool) -> None:
    if parsed.is_whole or partly:
        return
    message = (
        "Not all of the file could be read, and nothing was published. Look above; --partly "
        "publishes the rest."
    )
    raise ImportRefused(message)


def _refuse_anothers(importing: Importing, link: Link, parsed: ParsedFile) -> None:
    try:
        is_anothers = importing.is_anothers(link.patient, parsed)
    except EhrError as error:
        message = f"Whose the file is cannot be looked up in the EHR ({word_for(error)})."
    else:
        if not is_anothers:
            return
        message = (
            "The file names another date of birth than the EHR does for this patient: nothing was "
            "published."
        )
    raise ImportRefused(message)


def _published(importing: Importing, link: Link, parsed: ParsedFile) -> FileResult:
    """Publish, saying how far it is; nobody waits at a page, so there is no end but the file's."""
    for told in importing.publish(link.id, parsed, most_seconds=math.inf):
        if isinstance(told, FileResult):
            return told
        announce(f"{told.done} of {told.of} days done.")
    message = "the import ended without a result"
    raise OhxError(message)
