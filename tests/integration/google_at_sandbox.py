"""Google Health accounts linked through the sandbox's own consent page, and their sync in this process.

Belongs here: a client on a running sandbox, a link of one of its people. Not here: what a test does
with it.
"""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.google_health import GoogleHealthProvider
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import CALLBACK, save_link

VERIFIER = "a-verifier-of-the-tests-that-is-long-enough-for-rfc-7636"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
ADDRESSES = ("api_url", "authorize_url", "token_url", "revoke_url", "keyset_url")


def google_settings(addresses, **changes):
    """The settings of the application that SANDBOX_ARGUMENTS register."""
    given = {name: addresses["google_health"][name] for name in ADDRESSES}
    given |= {"client_id": "app", "client_secret": "app-secret", "timeout_seconds": 30.0}
    return GoogleHealthSettings(**given | changes)


def answered(provider, login, *fields):
    """What the consent page leads to once its form is sent with these fields."""
    url = provider.authorize_url(state="state", redirect_uri=CALLBACK, code_challenge=CHALLENGE)
    sent = requests.post(url, data=[("person", login), *fields], allow_redirects=False, timeout=10)
    return parse_qs(urlsplit(sent.headers["Location"]).query)


def google_code(provider, login, *, scopes=None):
    """The code that a person's yes gives, to all that is asked or to these scopes of it."""
    boxes = [] if scopes is None else [("boxes", "shown"), *(("scope", one) for one in scopes)]
    return answered(provider, login, ("decision", "allow"), *boxes)["code"][0]


def google_grant(provider, login, *, scopes=None):
    """The tokens of a person's yes."""
    code = google_code(provider, login, scopes=scopes)
    return provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)


@dataclass
class GoogleCarried(Carried):
    """Links of sandbox people's Google accounts, and their sync."""

    vendor: str = "google_health"

    def make_provider(self):
        settings = google_settings(self.sandbox.addresses, timeout_seconds=self.timeout_seconds)
        return GoogleHealthProvider(settings)

    def link(self, person):
        grant = google_grant(self.provider, person["login"])
        return save_link(
            self.store,
            self.sandbox.addresses,
            person,
            grant,
            provider=self.vendor,
            data_types=sorted(self.provider.facts.shareable),
            patience_seconds=self.timeout_seconds,
        )
