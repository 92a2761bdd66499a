"""Settings for tests that load Dagster's definitions.

Belongs here: a complete set of made-up settings. Not here: how settings are read (`test_settings`).
"""

from __future__ import annotations

import base64

from ohx_pipelines.settings import Settings


def some_settings(**changes):
    """Settings that no environment and no file reaches into."""
    given = {
        "identifier_secret": "i" * 32,
        "token_key": base64.b64encode(b"k" * 32).decode(),
        "ehr": {"url": "https://ehr.example/fhir"},
        "oidc": {"issuer": "https://login.example", "client_id": "p", "client_secret": "s"},
        "withings": {"client_id": "a", "client_secret": "s"},
        "portal": {"secret_key": "p" * 32},
        "dagster": {},
        "sync": {},
    }
    return Settings(_env_file=None, **given | changes)
