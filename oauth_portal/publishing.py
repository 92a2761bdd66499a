"""Carries a file's readings over while its owner watches: a page that grows as days are done.

Belongs here: the page's pieces in their order, and its end when something fails. Not here: publishing
(`ohx_pipelines/importing.py`). Who closes the page stops the rest: nobody would learn how it went.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing

from flask import Response, render_template, stream_with_context

from oauth_portal.arrivals import arrival_of
from oauth_portal.checked_files import Desk
from oauth_portal.events import log_event, origin_of_error
from oauth_portal.services import services
from ohx_pipelines.importing import FileResult
from ohx_pipelines.links.records import Link
from ohx_pipelines.providers.files.base import ParsedFile

# Where the finished page is cut in two, so that pieces come between.
_CUT = "<!-- here the file's days go by -->"


def published_page(desk: Desk, link: Link, parsed: ParsedFile) -> Response:
    """Give the page whose lines arrive while the file is published."""
    page = render_template("publishing.html", facts=desk.facts, cut=_CUT)
    head, _, tail = page.partition(_CUT)
    pieces = _pieces(desk, link, parsed)
    response = Response(stream_with_context(_between(head, pieces, tail)), mimetype="text/html")
    # A proxy that collects the whole answer first would hide how far it is.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _between(head: str, pieces: Iterator[str], tail: str) -> Iterator[str]:
    yield head
    with closing(pieces):  # type: ignore[type-var]
        yield from pieces
    yield tail


def _pieces(desk: Desk, link: Link, parsed: ParsedFile) -> Iterator[str]:
    """Give a piece for each step; whatever fails is told in the page, which has begun already."""
    try:
        yield from _steps(desk, link, parsed)
    except GeneratorExit:
        log_event("import_left", provider=desk.facts.name, link=link.id)
        raise
    except Exception as error:  # noqa: BLE001 (the page has begun: no handler can answer)
        error_id = secrets.token_hex(4)
        where = origin_of_error(error)
        log_event("unexpected_error", error_id=error_id, where=where, provider=desk.facts.name)
        yield render_template("publishing_failed.html", error_id=error_id, facts=desk.facts)


def _steps(desk: Desk, link: Link, parsed: ParsedFile) -> Iterator[str]:
    most_seconds = services().settings.uploads.most_seconds
    with services().importing() as importing:
        steps = importing.publish(link.id, parsed, most_seconds=most_seconds)
        try:
            for step in steps:
                if isinstance(step, FileResult):
                    yield _end(desk, link, parsed, step)
                else:
                    yield render_template("publishing_step.html", step=step)
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()


def _end(desk: Desk, link: Link, parsed: ParsedFile, result: FileResult) -> str:
    arrival = arrival_of(result, parsed, desk.facts, shared=link.data_types)
    log_event("file_imported", code=arrival.extent.value, provider=desk.facts.name, link=link.id)
    return render_template("published.html", facts=desk.facts, arrival=arrival)
