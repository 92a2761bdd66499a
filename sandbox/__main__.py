"""`python -m sandbox`: four HTTP servers of one process, told to whoever started it in one line.

Belongs here: arguments, ports, signals. Not here: what is served (`world.py`).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from sandbox.identity.authorization import Client
from sandbox.people import MOST_PEOPLE
from sandbox.serving import address, bind, serve
from sandbox.withings.consent import PATH as CONSENT_PATH
from sandbox.withings.oauth import Application
from sandbox.world import create_world

PR_SET_PDEATHSIG = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal or, when asked for, until the parent ends."""
    options = _arguments(argv)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if options.exit_with_parent:
        _exit_with_parent()
    _say(_start(options))
    ended.wait()
    return 0


def _start(options: argparse.Namespace) -> dict[str, Any]:
    """Serve everything; gives the addresses, which listen already."""
    withings, ehr, identity, control = (bind(options.host) for _ in range(4))
    ehr_url = f"{address(ehr)}/fhir"
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
        count=options.people,
    )
    serve(world.cloud.app, withings)
    serve(world.ehr_app, ehr)
    serve(world.identity, identity)
    serve(world.control, control)
    authorize_url = f"{address(withings)}{CONSENT_PATH}"
    return {
        "withings": {"api_url": address(withings), "authorize_url": authorize_url},
        "ehr": {"url": ehr_url},
        "identity": {"issuer": address(identity)},
        "control": address(control),
    }


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stand-ins for Withings, an EHR and an identity provider, on this machine.",
    )
    parser.add_argument("--exit-with-parent", action="store_true")
    for name in ("--callback-url", "--sign-in-callback-url"):
        parser.add_argument(name, required=True, metavar="URL")
    for name in ("--client-id", "--client-secret", "--oidc-client-id", "--oidc-client-secret"):
        parser.add_argument(name, required=True)
    parser.add_argument(
        "--people", type=int, default=6, choices=range(1, MOST_PEOPLE + 1), metavar="N"
    )
    parser.add_argument("--host", default="127.0.0.1")
    return parser.parse_args(argv)


def _exit_with_parent() -> None:
    """Let the kernel end this process when its parent ends, however that happens (Linux)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have ended before the kernel was asked.
    if os.getppid() != parent:
        sys.exit(0)


def _say(addresses: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
