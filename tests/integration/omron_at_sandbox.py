"""OMRON accounts linked through the sandbox's own consent page, and their sync in this process.

Belongs here: a client on a running sandbox, a link of one of its people. Not here: what a test does
with it.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import requests

from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.omron import OmronProvider
from tests.integration.carried import Carried
from tests.integration.google_at_sandbox import CHALLENGE, VERIFIER
from tests.integration.linked_at_sandbox import CALLBACK, save_link

TYPES = "bloodpressure activity weight temperature oxygen"


def omron_settings(addresses, **changes):
    """The settings of the application that SANDBOX_ARGUMENTS register."""
    given = {name: addresses["omron"][name] for name in ("api_url", "authorize_url")}
    given |= {"client_id": "app", "client_secret": "app-secret", "timeout_seconds": 30.0}
    return OmronSettings(**given | {"types": TYPES} | changes)


def answered(provider, login, *fields):
    """What the consent page leads to once its form is sent with these fields."""
    url = provider.authorize_url(state="state", redirect_uri=CALLBACK, code_challenge=CHALLENGE)
    sent = requests.post(url, data=[("person", login), *fields], allow_redirects=False, timeout=10)
    return parse_qs(urlsplit(sent.headers["Location"]).query)


def omron_code(provider, login, *, scopes=None):
    """The code that a person's yes gives, to all that is asked or to these scopes of it."""
    boxes = [] if scopes is None else [("boxes", "shown"), *(("scope", one) for one in scopes)]
    return answered(provider, login, ("decision", "allow"), *boxes)["code"][0]


def omron_grant(provider, login, *, scopes=None):
    """The tokens of a person's yes."""
    code = omron_code(provider, login, scopes=scopes)
    return provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)


@dataclass
class OmronCarried(Carried):
    """Links of sandbox people's OMRON accounts, and their sync."""

    vendor: str = "omron"

    def make_provider(self):
        settings = omron_settings(self.sandbox.addresses, timeout_seconds=self.timeout_seconds)
        return OmronProvider(settings, return_address=CALLBACK)

    def link(self, person):
        grant = omron_grant(self.provider, person["login"])
        return save_link(
            self.store,
            self.sandbox.addresses,
            person,
            grant,
            provider=self.vendor,
            data_types=sorted(self.provider.facts.shareable),
            patience_seconds=self.timeout_seconds,
        )
