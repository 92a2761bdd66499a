"""Where patients sign in: OpenID Connect through Authlib (code flow, PKCE, nonce, state).

Belongs here: talking to the identity provider. Not here: which record a claim names
(`patient_record.py`) or the pages around it (`sign_in.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.flask_client import OAuth
from flask import Flask, request, session
from joserfc.errors import JoseError

from oauth_portal.events import log_event, origin_of_error
from oauth_portal.messages import (
    SIGN_IN_CANCELLED,
    SIGN_IN_EXPIRED,
    SIGN_IN_FAILED,
    SIGN_IN_UNAVAILABLE,
    PageStop,
)
from ohx_pipelines.settings import OidcSettings

TIMEOUT_SECONDS = 10
# Only signatures that the provider alone can make; never "none" or one keyed by our own secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
# Authlib keeps each start that nobody finished in the cookie, which browsers drop above 4 KB.
KEPT_STARTS = 5
CLIENT = "identity"
ALGORITHMS_FIELD = "id_token_signing_alg_values_supported"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who signed in, as the identity provider says; `patient` is the claim that names a record."""

    issuer: str
    subject: str = field(repr=False)
    patient: str | None = field(repr=False)


class IdentityProvider:
    """The OpenID Connect provider that the settings name; discovered at its first use."""

    def __init__(self, app: Flask, settings: OidcSettings) -> None:
        self._settings = settings
        self._client: Any = OAuth(app).register(
            CLIENT,
            client_id=settings.client_id,
            client_secret=settings.client_secret.get_secret_value(),
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.scopes,
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )

    def start(self, return_url: str) -> str:
        """Give the address of the sign-in page; state, nonce and verifier go into the session."""
        with _as_pages():
            self._metadata()
            _forget_old_starts(keep=KEPT_STARTS - 1)
            return str(self._client.authorize_redirect(return_url).location)

    def finish(self) -> Identity:
        """Read the return that the current request is; raises PageStop when it proves nobody."""
        with _as_pages():
            _forget_old_starts(keep=KEPT_STARTS)
            metadata = self._metadata()
            # A parameter given twice could be read differently by somebody else on the way.
            repeated = any(len(values) > 1 for values in request.args.listvalues())
            if repeated or request.args.get("iss", metadata["issuer"]) != metadata["issuer"]:
                raise PageStop(SIGN_IN_FAILED)
            token = self._client.authorize_access_token()
            claims = token.get("userinfo")
            if claims is None:
                raise PageStop(SIGN_IN_FAILED)
            return Identity(
                issuer=claims["iss"],
                subject=claims["sub"],
                patient=self._patient_claim(claims, token),
            )

    def _patient_claim(self, claims: Any, token: Any) -> str | None:
        value = claims.get(self._settings.patient_claim)
        if value is None and "userinfo_endpoint" in self._metadata():
            answer = self._client.userinfo(token=token)
            # OpenID Connect Core 5.3.2: an answer about somebody else must not be used.
            if answer.get("sub") == claims["sub"]:
                value = answer.get(self._settings.patient_claim)
        return value if isinstance(value, str) else None

    def _metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = self._client.load_server_metadata()
        if str(metadata.get("issuer")).rstrip("/") != self._settings.issuer:
            # Forget it, so that a repaired provider is asked again.
            metadata.clear()
            log_event("issuer_mismatch")
            raise PageStop(SIGN_IN_UNAVAILABLE)
        offered = metadata.get(ALGORITHMS_FIELD) or ["RS256"]
        metadata[ALGORITHMS_FIELD] = [name for name in offered if name in ALGORITHMS]
        return metadata


def _forget_old_starts(*, keep: int) -> None:
    """Drop starts that are over, which Authlib would still finish, and all but the newest."""
    prefix, now = f"_state_{CLIENT}_", time.time()
    starts = {key: value["exp"] for key, value in session.items() if key.startswith(prefix)}
    oldest_first = sorted(starts, key=lambda key: starts[key])
    dropped = set(oldest_first[: max(0, len(starts) - keep)])
    for key in dropped | {key for key, ends in starts.items() if ends < now}:
        session.pop(key)


@contextmanager
def _as_pages() -> Iterator[None]:
    try:
        yield
    except MismatchingStateError:
        stop = PageStop(SIGN_IN_EXPIRED)
    except AuthlibBaseError as error:
        denied = error.error == "access_denied"
        stop = PageStop(SIGN_IN_CANCELLED if denied else SIGN_IN_FAILED)
    except requests.RequestException as error:
        log_event("identity_provider_down", where=origin_of_error(error))
        stop = PageStop(SIGN_IN_UNAVAILABLE)
    except (JoseError, KeyError, TypeError, ValueError, RuntimeError) as error:
        log_event("identity_answer_refused", where=origin_of_error(error))
        stop = PageStop(SIGN_IN_FAILED)
    else:
        return
    raise stop
