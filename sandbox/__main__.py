"""`python -m sandbox`: six HTTP servers of one process, told to whoever started it in one line.

Belongs here: arguments, ports, signals. Not here: what is served (`world.py`).
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import threading
from collections.abc import Sequence
from typing import Any

from sandbox.application import Application
from sandbox.ending import exit_on_signals, exit_with_parent
from sandbox.google_health import consent as google_consent
from sandbox.google_health import keyset, service_accounts
from sandbox.google_health import oauth as google_oauth
from sandbox.identity.authorization import Client
from sandbox.omron import consent as omron_consent
from sandbox.patients import PatientsRefused, put_patients
from sandbox.people import MOST_PEOPLE
from sandbox.serving import address, bind, serve
from sandbox.withings import consent as withings_consent
from sandbox.withings.readings import DATA, EVERYTHING
from sandbox.world import create_world


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal or, when asked for, until the parent ends."""
    options = _arguments(argv)
    exit_on_signals()
    if options.exit_with_parent:
        exit_with_parent()
    try:
        addresses = _start(options)
    except PatientsRefused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(addresses)
    threading.Event().wait()
    return 0


def _start(options: argparse.Namespace) -> dict[str, Any]:
    """Serve everything; gives the addresses, which listen already."""
    withings, google, omron, ehr, identity, control = (bind(options.host) for _ in range(6))
    ehr_url = options.ehr_url or f"{address(ehr)}/fhir"
    world = create_world(
        application=Application(
            client_id=options.client_id,
            client_secret=options.client_secret,
            redirect_uri=options.callback_url,
        ),
        client=Client(
            client_id=options.oidc_client_id,
            client_secret=options.oidc_client_secret,
            redirect_uri=options.sign_in_callback_url,
        ),
        issuer=address(identity),
        ehr_url=ehr_url,
        google_url=address(google),
        count=options.people,
        data=options.data,
        # Nothing there is removed in the end, so another run must not find these Patients.
        run=secrets.token_hex(4) if options.ehr_url else "",
    )
    if options.ehr_url:
        put_patients(ehr_url, world.cloud.people)
    serve(world.cloud.app, withings)
    world.cloud.deliveries.start()
    serve(world.google.app, google)
    world.notifying.deliveries.start()
    serve(world.omron.app, omron)
    world.omron.deliveries.start()
    serve(world.ehr_app, ehr)
    serve(world.identity, identity)
    serve(world.control, control)
    return {
        "withings": {
            "api_url": address(withings),
            "authorize_url": f"{address(withings)}{withings_consent.PATH}",
        },
        "google_health": _google_health(address(google)),
        "omron": {
            "api_url": address(omron),
            "authorize_url": f"{address(omron)}{omron_consent.PATH}",
        },
        "ehr": {"url": ehr_url},
        "identity": {"issuer": address(identity)},
        "control": address(control),
    }


def _google_health(url: str) -> dict[str, str]:
    # What the vendor spreads over four hosts is one here.
    paths = {
        "authorize_url": google_consent.PATH,
        "token_url": google_oauth.TOKEN,
        "revoke_url": google_oauth.REVOKE,
        "keyset_url": keyset.PATH,
        "service_account_token_url": service_accounts.PATH,
    }
    return {"api_url": url} | {name: f"{url}{path}" for name, path in paths.items()}


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stand-ins for Withings, Google Health, OMRON, an EHR and an identity provider, here.",
    )
    parser.add_argument("--exit-with-parent", action="store_true")
    for name in ("--callback-url", "--sign-in-callback-url"):
        parser.add_argument(name, required=True, metavar="URL")
    for name in ("--client-id", "--client-secret", "--oidc-client-id", "--oidc-client-secret"):
        parser.add_argument(name, required=True)
    parser.add_argument(
        "--ehr-url", metavar="URL", help="another FHIR R5 server in the place of the sandbox's EHR"
    )
    parser.add_argument(
        "--people", type=int, default=6, choices=range(1, MOST_PEOPLE + 1), metavar="N"
    )
    parser.add_argument(
        "--data", default=EVERYTHING, choices=DATA, help="measures: of scales and cuffs alone"
    )
    parser.add_argument("--host", default="127.0.0.1")
    return parser.parse_args(argv)


def _say(addresses: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
