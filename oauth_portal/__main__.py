"""`python -m oauth_portal`: serves the portal with waitress until it is told to stop.

Belongs here: settings in, a server out. Not here: what it serves (`app.py`).
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from waitress import create_server

from oauth_portal.app import create_app
from oauth_portal.events import log_event
from oauth_portal.security import MAX_BODY_BYTES
from oauth_portal.services import Services
from ohx_pipelines.core_dumps import forbid_core_dumps
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.opening import ehr_client, providers_from, save_default_ehr, store_from
from ohx_pipelines.opening_records import opened_records
from ohx_pipelines.quiet_logs import log_to_stderr
from ohx_pipelines.settings import PortalSettings, Settings, load_settings
from ohx_pipelines.urgency import at_once

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8
TURN_SECONDS = 20.0


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
            link_records=partial(opened_records, settings, store, providers),
        )
        _run(own, settings.portal)
    finally:
        store.close()


def _run(own: Services, portal: PortalSettings) -> None:
    address = urlsplit(portal.url)
    # waitress writes no access log: it would hold codes and states of returns.
    server = create_server(
        _soon_or_never(create_app(own)),
        host=portal.host,
        port=portal.port,
        threads=THREADS,
        ident=None,
        url_scheme=address.scheme,
        url_prefix=address.path,
        # Above Flask's own limit, so that the page for it is ours.
        max_request_body_size=4 * MAX_BODY_BYTES,
    )
    log_event("serving")
    server.run()


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
