"""Vendors and the identity provider: they answer and know this application.

Belongs here: questions that touch no patient. Not here: the EHR (`ehr.py`) or their clocks
(`clocks.py`).
"""

from __future__ import annotations

from typing import Any

import requests

from ohx_pipelines.cli.checks.finding import Finding, failed, ok, warning
from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.errors import AuthLost, RateLimited, VendorError, VendorRejected
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.settings import OidcSettings

TIMEOUT_SECONDS = 10.0
HTTP_OK = 200
DISCOVERY_PATH = "/.well-known/openid-configuration"


def check_vendor(provider: Provider) -> list[Finding]:
    """Tell whether the vendor answers and accepts the application's id and secret."""
    name = f"vendor {provider.facts.name}"
    try:
        provider.check()
    except RateLimited:
        found = "the vendor asks for a pause: too many calls were made"
        return [warning(name, found, "Nothing to do: days wait; look again in some minutes.")]
    except (AuthLost, VendorRejected) as error:
        prefix = f"OHX_{provider.facts.name.upper()}__"
        advice = (
            f"Set {prefix}CLIENT_ID and {prefix}CLIENT_SECRET to the registered application's; look "
            "at the line `clock` as well, the call is signed with the time."
        )
        found = f"the vendor does not accept the application (status {error.status})"
        return [failed(name, found, advice)]
    except VendorError as error:
        status = f" (status {error.status})" if error.status else ""
        advice = "Look whether the vendor's hosts can be reached from here; days wait until then."
        return [failed(name, f"{error}{status}", advice)]
    return [ok(name, "the vendor accepts the application's id and secret")]


def check_identity(settings: OidcSettings) -> list[Finding]:
    """Tell whether the discovery document is the issuer's, with endpoints and keys."""
    name, advice = "identity provider", "Set OHX_OIDC__ISSUER to the issuer that patients use."
    with web_session() as session:
        document = _json_object(session, settings.issuer + DISCOVERY_PATH)
        if document is None:
            found = "the issuer's discovery document cannot be read"
            return [failed(name, found, f"{advice} Without it nobody can sign in.")]
        # Settings keep addresses without a closing slash.
        if str(document.get("issuer")).rstrip("/") != settings.issuer:
            return [failed(name, "the discovery document names another issuer", advice)]
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        missing = [one for one in needed if not isinstance(document.get(one), str)]
        if missing:
            found = f"the discovery document lacks {', '.join(missing)}"
            return [failed(name, found, "Have the identity provider offer the code flow.")]
        keys = (_json_object(session, document["jwks_uri"]) or {}).get("keys")
    if not isinstance(keys, list) or not keys:
        found = "the identity provider's signing keys cannot be read"
        return [failed(name, found, "Look whether its jwks_uri can be reached from here.")]
    return [ok(name, f"the discovery document is the issuer's, {len(keys)} signing keys")]


def web_session() -> requests.Session:
    """Give a session whose answers are bounded in time and size."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, DeadlineAdapter(seconds=TIMEOUT_SECONDS))
    return session


def _json_object(session: requests.Session, url: str) -> dict[str, Any] | None:
    try:
        response = session.get(url, timeout=TIMEOUT_SECONDS)
        found = response.json() if response.status_code == HTTP_OK else None
    except (requests.RequestException, ValueError):
        return None
    return found if isinstance(found, dict) else None
