"""`python -m oauth_portal`: serves the portal with waitress until it is told to stop.

Belongs here: settings in, a server out. Not here: what it serves (`app.py`).
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask
from waitress import create_server

from oauth_portal import sessions
from oauth_portal.app import create_app
from oauth_portal.events import log_event
from oauth_portal.large_bodies import (
    OTHER_FIELDS_BYTES,
    READ_AND_DROPPED_TIMES,
    BodyLimits,
    Places,
    hold_to,
)
from oauth_portal.security import MAX_BODY_BYTES
from oauth_portal.services import Services
from ohx_pipelines.core_dumps import forbid_core_dumps
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.opening import ehr_client, providers_from, save_default_ehr, store_from
from ohx_pipelines.opening_importing import opened_importing
from ohx_pipelines.opening_records import opened_records
from ohx_pipelines.providers.registry import file_providers, file_sources
from ohx_pipelines.quiet_logs import log_to_stderr
from ohx_pipelines.settings import Settings, load_settings
from ohx_pipelines.urgency import at_once

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8
TURN_SECONDS = 20.0
NEVER_BYTES = 1 << 40


def main() -> int:
    """Serve until SIGTERM or SIGINT; 2 when a setting is missing or wrong."""
    forbid_core_dumps()
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = load_settings()
        log_to_stderr(settings.log_level)
        _serve(settings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _serve(settings: Settings) -> None:
    store = store_from(settings)
    try:
        store.check_identifier_secret()
        save_default_ehr(store, settings.ehr)
        providers = providers_from(settings, store)
        own = Services(
            settings=settings,
            store=store,
            providers=providers,
            ehr_client=ehr_client,
            link_records=partial(opened_records, settings, store, providers | file_sources()),
            files=file_providers(settings),
            importing=partial(opened_importing, settings, store),
        )
        server = server_of(own)
        log_event("serving")
        server.run()
    finally:
        store.close()


def server_of(own: Services) -> Any:
    """Give the server, which listens already; nothing that it is sent is ever put on the disk."""
    portal, uploads = own.settings.portal, own.settings.uploads
    address = urlsplit(portal.url)
    # Above Flask's own limits, so that the page for it is ours.
    upload_bytes = uploads.most_megabytes * 1024 * 1024 + 2 * OTHER_FIELDS_BYTES
    app = create_app(own)
    listening: dict[int, Any] = {}
    # waitress writes no access log: it would hold codes and states of returns.
    server = create_server(
        _soon_or_never(app),
        map=listening,
        host=portal.host,
        port=portal.port,
        # A file takes its thread until it is published: pages must not wait for files.
        threads=THREADS + uploads.most_at_once,
        ident=None,
        url_scheme=address.scheme,
        url_prefix=address.path,
        max_request_body_size=READ_AND_DROPPED_TIMES * upload_bytes,
        # waitress would put a large body, or a page that nobody fetches, into a temporary file.
        inbuf_overflow=NEVER_BYTES,
        outbuf_overflow=NEVER_BYTES,
        # Who leaves while a file is published is noticed.
        channel_request_lookahead=1,
    )
    limits = BodyLimits(
        upload_bytes=upload_bytes,
        other_bytes=4 * MAX_BODY_BYTES,
        places=Places(most=uploads.most_at_once),
        admit=partial(_who_uploads, app, own),
        prefix=address.path.rstrip("/"),
    )
    hold_to(limits, listening)
    return server


def _who_uploads(app: Flask, own: Services, name: str, cookies: str) -> str | None:
    """Give the patient for whom a body is kept; others' are answered without being read."""
    visitor = sessions.visitor_of(app, cookies) if name in own.files else None
    return visitor.patient_id if visitor else None


def _soon_or_never(app: WSGIApplication) -> WSGIApplication:
    """Bound how long a page waits for its turn to call a vendor: somebody looks at it."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with at_once(most_seconds=TURN_SECONDS):
            return app(environ, start)

    return answer


def _stop(signum: int, frame: object) -> None:
    del signum, frame
    # waitress ends its loop on SystemExit and waits for requests that are being answered.
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
