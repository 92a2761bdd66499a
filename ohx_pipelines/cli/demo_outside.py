"""The demo's outside world: the sandbox and, where asked for, another EHR, as processes.

Belongs here: starting them, where they listen, and the settings that lead there. Not here:
`import sandbox`, or what is done with them (`demo.py`).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ohx_pipelines.cli.supervisor import Child, Supervisor, free_port

SANDBOX_SECONDS = 60.0
# The first time, Maven fetches and builds it.
HAPI_SECONDS = 900.0
# What the mapping leaves out until a site asks for it.
EVERYTHING = "metrics:\n  sleep_stage:\n    enabled: true\n"


def start_sandbox(supervisor: Supervisor, portal: str, *, ehr_url: str | None) -> Mapping[str, Any]:
    """Start the stand-ins, told of the EHR in use when it is not theirs; gives their addresses."""
    argv = [sys.executable, "-m", "sandbox", "--exit-with-parent"]
    argv += ["--callback-url", f"{portal}/api/base/provider-links/withings/oauth2_callback/"]
    argv += ["--sign-in-callback-url", f"{portal}/sign-in/return"]
    argv += ["--client-id", "demo-client", "--client-secret", "demo-secret"]
    argv += ["--oidc-client-id", "portal", "--oidc-client-secret", "portal-secret"]
    argv += ["--ehr-url", ehr_url] if ehr_url else []
    return _addresses(supervisor.start("sandbox", argv, os.environ), SANDBOX_SECONDS)


def start_hapi(supervisor: Supervisor) -> str:
    """Start a strict FHIR server, building it when it was never built; gives its address."""
    argv = [sys.executable, "-m", "sandbox.hapi", "--exit-with-parent"]
    child = supervisor.start("hapi", argv, os.environ)
    return str(_addresses(child, HAPI_SECONDS)["ehr"]["url"])


def demo_environment(sandbox: Mapping[str, Any], portal: str, folder: Path) -> dict[str, str]:
    """Give the settings of a deployment whose vendor and identity provider are the sandbox.

    Everything that a vendor has is carried, also what a site would have to ask for.
    """
    mapping = folder / "mapping.yaml"
    mapping.write_text(EVERYTHING, encoding="utf-8")
    return {
        # A .env of a real deployment must not reach into the demo.
        "OHX_ENV_FILE": "",
        "OHX_STATE_DIR": str(folder),
        # Nobody must take made-up patients for real ones, whatever EHR they are put in.
        "OHX_TEST_DATA": "true",
        "OHX_IDENTIFIER_SECRET": secrets.token_urlsafe(32),
        "OHX_TOKEN_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "OHX_EHR__NAME": "sandbox",
        "OHX_EHR__URL": sandbox["ehr"]["url"],
        "OHX_OIDC__ISSUER": sandbox["identity"]["issuer"],
        "OHX_OIDC__CLIENT_ID": "portal",
        "OHX_OIDC__CLIENT_SECRET": "portal-secret",
        "OHX_WITHINGS__CLIENT_ID": "demo-client",
        "OHX_WITHINGS__CLIENT_SECRET": "demo-secret",
        "OHX_WITHINGS__API_URL": sandbox["withings"]["api_url"],
        "OHX_WITHINGS__AUTHORIZE_URL": sandbox["withings"]["authorize_url"],
        "OHX_WITHINGS__PAID_TYPES": "true",
        "OHX_GOOGLE_HEALTH__CLIENT_ID": "demo-client",
        "OHX_GOOGLE_HEALTH__CLIENT_SECRET": "demo-secret",
        **{
            f"OHX_GOOGLE_HEALTH__{name.upper()}": sandbox["google_health"][name]
            for name in ("api_url", "authorize_url", "token_url", "revoke_url", "keyset_url")
        },
        "OHX_OMRON__CLIENT_ID": "demo-client",
        "OHX_OMRON__CLIENT_SECRET": "demo-secret",
        "OHX_OMRON__API_URL": sandbox["omron"]["api_url"],
        "OHX_OMRON__AUTHORIZE_URL": sandbox["omron"]["authorize_url"],
        "OHX_OMRON__TYPES": "bloodpressure activity weight temperature oxygen",
        "OHX_MAPPING_FILE": str(mapping),
        "OHX_PORTAL__URL": portal,
        "OHX_PORTAL__PORT": portal.rsplit(":", 1)[1],
        "OHX_PORTAL__SECRET_KEY": secrets.token_urlsafe(32),
        "OHX_PORTAL__CLINIC": "the sandbox clinic",
        "OHX_DAGSTER__PORT": str(free_port()),
        "OHX_SYNC__PARTITION_SENSOR_SECONDS": "5",
        "OHX_PARTITION_DAYS": "31",
    }


def _addresses(child: Child, seconds: float) -> Mapping[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child.exit_status() is None:
        for line in list(child.lines):
            with suppress(ValueError, TypeError):
                return dict(json.loads(line))
        time.sleep(0.1)
    raise child.complain("did not say where it listens.")
