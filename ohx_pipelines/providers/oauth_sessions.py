"""Sessions of requests-oauthlib, as every vendor's OAuth needs them, and one call of a token endpoint.

Belongs here: what is the same whoever is asked. Not here: a vendor's dialect (its `oauth.py`) or what its
token answers hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from oauthlib.oauth2 import OAuth2Error
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session

from ohx_pipelines.errors import Malformed, VendorDown, VendorError
from ohx_pipelines.providers.base import CallBudget
from ohx_pipelines.providers.counted import counted


class _Session(OAuth2Session):
    """A session that goes only where settings say: secrets and tokens follow no redirect."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        del resp
        return None


@dataclass(frozen=True, kw_only=True)
class OAuthSessions:
    """Sessions of one application on one connection pool; `open_token` reads every token answer."""

    client_id: str
    adapter: HTTPAdapter
    open_token: Callable[[requests.Response], requests.Response]

    def session(self, access_token: str | None = None, **options: Any) -> OAuth2Session:
        """Give a session, with a token for data calls."""
        token = {"access_token": access_token, "token_type": "Bearer"} if access_token else None
        session = _Session(self.client_id, token=token, **options)
        session.mount("https://", self.adapter)
        session.mount("http://", self.adapter)
        session.register_compliance_hook("access_token_response", self.open_token)
        session.register_compliance_hook("refresh_token_response", self.open_token)
        return session


def allow_loopback(hosts: Iterable[str]) -> None:
    """Let oauthlib take plain http where a host has it: settings allow it for loopback alone."""
    if any(url.startswith("http://") for url in hosts):
        os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")


def token_answer(
    call: Callable[[], Mapping[str, Any]], *, budget: CallBudget, vendor: str
) -> Mapping[str, Any]:
    """Make a counted call of a token endpoint; raises VendorError for whatever goes wrong."""
    try:
        with counted(budget):
            return call()
    except requests.RequestException:
        # requests' text carries the address, and with it more than a log may hold.
        failure: VendorError = VendorDown(f"{vendor}'s token endpoint did not answer")
    except OAuth2Error:
        failure = Malformed(f"{vendor}'s token answer cannot be read")
    raise failure
