"""The project's service account: tokens for calls that no patient has to allow.

Belongs here: the key file, the signed assertion (RFC 7523), the token and how long it is kept. Not
here: the calls that are made with it (`administration.py`), or patients' tokens (`oauth.py`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import TypeAdapter, ValidationError

from ohx_pipelines.errors import AuthLost, Malformed, NotConsented, VendorDown, VendorRejected
from ohx_pipelines.providers.google_health.answers import open_answer
from ohx_pipelines.setting_types import ExactUrl

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALGORITHM = "RS256"
# The longest that Google takes.
ASSERTION_SECONDS = 3_600
# A token that ends while a call is on its way is refused.
SPARE_SECONDS = 60
_UNUSABLE = (
    *(OSError, ValueError, TypeError, KeyError, RecursionError, JoseError, ValidationError),
    UnsupportedAlgorithm,
)
_ADDRESS: TypeAdapter[str] = TypeAdapter(ExactUrl)


class ServiceAccountRefused(VendorRejected):
    """The operator mends it: the key file is of no use, or Google does not take the account."""

    detail = "service_account_refused"


@dataclass(frozen=True, kw_only=True)
class _AccountKey:
    """What of the key file is needed."""

    email: str
    key_id: str
    private: RSAKey = field(repr=False)
    token_url: str


class ServiceAccount:
    """One service account, known by its key file; gives tokens to all threads of a process."""

    def __init__(self, file: Path, *, session: requests.Session, timeout_seconds: float) -> None:
        """Read the file only when a token is asked for: who never asks needs no key."""
        self._file = file
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._token: str | None = None
        self._until = 0.0

    def token(self, *, refused: str | None = None) -> str:
        """Give a token that lasts for a while yet, and another one than was `refused`.

        Raises ServiceAccountRefused for a key that gets none, another VendorError when Google
        cannot be asked.
        """
        with self._lock:
            if self._token is None or self._token == refused or time.monotonic() >= self._until:
                self._token = None
                asked_at = time.monotonic()
                self._token, seconds = self._asked()
                self._until = asked_at + seconds - SPARE_SECONDS
            return self._token

    def _asked(self) -> tuple[str, float]:
        key = _read_key(self._file)
        form = {"grant_type": GRANT_TYPE, "assertion": _assertion(key)}
        try:
            answer = open_answer(self._posted(key.token_url, form))
        except (AuthLost, NotConsented, VendorRejected) as error:
            status = error.status
        else:
            return _read_token(answer)
        message = "Google gives the service account no token"
        raise ServiceAccountRefused(message, status=status)

    def _posted(self, url: str, form: Mapping[str, str]) -> requests.Response:
        try:
            return self._session.post(
                url, data=form, timeout=self._timeout_seconds, allow_redirects=False
            )
        except requests.RequestException:
            message = "Google's token endpoint did not answer"
        raise VendorDown(message)


def _read_key(file: Path) -> _AccountKey:
    """Give what the file holds; raises ServiceAccountRefused, without words of the file's own."""
    try:
        given = json.loads(file.read_bytes())
        private = RSAKey.import_key(_text(given["private_key"]))
        if not private.is_private:
            raise ValueError
        return _AccountKey(
            email=_text(given["client_email"]),
            key_id=_text(given["private_key_id"]),
            private=private,
            token_url=_ADDRESS.validate_python(given["token_uri"]),
        )
    except _UNUSABLE:
        message = "OHX_GOOGLE_HEALTH__SERVICE_ACCOUNT_FILE names no JSON key of a service account"
    raise ServiceAccountRefused(message)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _assertion(key: _AccountKey) -> str:
    now = int(time.time())
    claims = {
        "iss": key.email,
        "scope": SCOPE,
        "aud": key.token_url,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    header = {"typ": "JWT", "alg": ALGORITHM, "kid": key.key_id}
    return jwt.encode(header, claims, key.private, algorithms=[ALGORITHM])


def _read_token(answer: Mapping[str, Any]) -> tuple[str, float]:
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or type(seconds) is not int:
        message = "Google's token answer cannot be read"
        raise Malformed(message)
    return token, float(seconds)
