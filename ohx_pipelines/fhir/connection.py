"""How to reach an EHR: address, sign-in, write mode, time-out.

Belongs here: the record of a connection. Not here: requests (`client.py`), signing in (`auth.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class FhirConnection:
    """One FHIR R5 endpoint.

    `auth` is none, bearer (token), basic (username, password), client_credentials_basic or
    client_credentials_body (client_id, client_secret), or smart_backend (client_id, private_key: a
    private JWK as JSON). `scope` and `token_url` are of the last three; without `token_url` the
    EHR's `.well-known/smart-configuration` is asked. `write_mode` is put-id, conditional-update,
    conditional-create or blind.
    """

    url: str
    auth: str = "none"
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    scope: str | None = None
    token_url: str | None = None
    write_mode: str = "put-id"
    timeout_seconds: float = 30.0
