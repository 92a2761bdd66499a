"""Settings with which every command starts: made-up addresses and secrets.

Belongs here: the least that is needed, and setting it. Not here: what single tests change.
"""

import base64

SETTINGS = {
    "OHX_IDENTIFIER_SECRET": "i" * 40,
    "OHX_TOKEN_KEY": base64.b64encode(b"k" * 32).decode(),
    "OHX_EHR__URL": "https://ehr.example/fhir",
    "OHX_EHR__NAME": "main",
    "OHX_OIDC__ISSUER": "https://login.example",
    "OHX_OIDC__CLIENT_ID": "portal",
    "OHX_OIDC__CLIENT_SECRET": "secret",
    "OHX_WITHINGS__CLIENT_ID": "app",
    "OHX_WITHINGS__CLIENT_SECRET": "app-secret",
    "OHX_PORTAL__SECRET_KEY": "p" * 40,
}


def set_all(monkeypatch, database_url, **changes):
    for name, value in {**SETTINGS, "OHX_DATABASE_URL": database_url, **changes}.items():
        monkeypatch.setenv(name, value)
