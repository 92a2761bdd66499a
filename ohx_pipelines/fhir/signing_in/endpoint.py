"""Where an EHR's tokens come from: the address that is set, or the one that the EHR names.

Belongs here: discovery, and which addresses may see a secret of ours. Not here: asking for a token
(`signing_in/tokens.py`). The EHR is believed because TLS says who it is; so only over https, without
following redirects, and never when it points into this machine or its network from outside.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests

from ohx_pipelines.errors import EhrDown, SignInRefused
from ohx_pipelines.fhir.answers.retry_after import seconds_asked
from ohx_pipelines.fhir.connection import FhirConnection

DISCOVERY = "/.well-known/smart-configuration"
OK = 200
PASSING = frozenset({408, 425, 429, *range(500, 600)})
_SET_IT = "set OHX_EHR__TOKEN_URL (or `ohx ehr add --token-url`)"


def token_endpoint(connection: FhirConnection, session: requests.Session) -> str:
    """Give the token endpoint's address.

    Raises SignInRefused when there is none that may be told a secret, EhrDown when the EHR does
    not answer.
    """
    if connection.token_url is not None:
        if not _may_see_secrets(connection.token_url):
            message = f"the token endpoint must be https (http for this machine only): {_SET_IT}"
            raise SignInRefused(message)
        return connection.token_url
    if not _may_see_secrets(connection.url):
        message = f"the EHR is not reached by https, so it is not believed: {_SET_IT}"
        raise SignInRefused(message)
    return _named_by(connection, _smart_configuration(connection, session))


def passing(message: str, response: requests.Response) -> EhrDown:
    """Give the exception for an answer whose status passes by itself."""
    asked = seconds_asked(response.headers.get("Retry-After"))
    return EhrDown(message, status=response.status_code, retry_after_seconds=asked)


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from taking credentials out of a .netrc."""
    return request


def _smart_configuration(connection: FhirConnection, session: requests.Session) -> Any:
    try:
        response = session.get(
            connection.url.rstrip("/") + DISCOVERY,
            headers={"Accept": "application/json"},
            timeout=connection.timeout_seconds,
            allow_redirects=False,
            auth=as_it_is,
        )
    except requests.RequestException:
        response = None
    if response is None:
        message = "the EHR did not answer when asked for its smart-configuration"
        raise EhrDown(message)
    if response.status_code in PASSING:
        raise passing("the EHR has trouble to give its smart-configuration", response)
    try:
        return response.json() if response.status_code == OK else None
    except (ValueError, RecursionError):
        return None


def _named_by(connection: FhirConnection, configuration: Any) -> str:
    named = configuration.get("token_endpoint") if isinstance(configuration, dict) else None
    if not isinstance(named, str):
        message = f"the EHR has no {DISCOVERY} that names a token endpoint: {_SET_IT}"
        raise SignInRefused(message)
    if not _may_see_secrets(named) or (_is_inside(named) and not _is_inside(connection.url)):
        message = f"the EHR names a token endpoint that is not to be trusted: {_SET_IT}"
        raise SignInRefused(message)
    return named


def _may_see_secrets(url: str) -> bool:
    parts = _split(url)
    if parts is None or not parts.hostname or parts.fragment or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_inside(url: str) -> bool:
    """Tell whether an address is of this machine or, as a number, of no public network."""
    parts = _split(url)
    host = (parts.hostname or "") if parts else ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
