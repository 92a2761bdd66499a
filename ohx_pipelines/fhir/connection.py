"""How to reach an EHR: address, credentials, time-out.

Belongs here: the record of a connection. Not here: requests (`client.py`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class FhirConnection:
    """One FHIR R5 endpoint; `auth` is none, bearer (token) or basic (username, password)."""

    url: str
    auth: str = "none"
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0

    @property
    def authorization(self) -> str | None:
        """The whole Authorization header, None when the endpoint wants none."""
        if self.auth == "bearer":
            return f"Bearer {self.token}"
        if self.auth == "basic":
            pair = f"{self.username}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        return None
