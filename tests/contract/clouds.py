"""The clouds that the contract is tried on: each provider of the registry beside its stand-in.

Belongs here: how a provider is linked at its stand-in, which calls its listings take, and how trouble
is ordered there: what the contract cannot know. Not here: the contract (`test_every_cloud.py`).
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import requests
from tenacity import wait_none

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.withings import WithingsProvider
from tests.contract.account import Account
from tests.contract.google_cloud import google_health
from tests.contract.omron_cloud import omron
from tests.integration.linked_at_sandbox import (
    SANDBOX_ARGUMENTS,
    consent_code,
    grant_of,
    withings_settings,
)
from tests.sandbox_process import running_sandbox

LISTINGS = {
    "measures": "getmeas",
    "activity": "getactivity",
    "workouts": "getworkouts",
    "sleep": "getsummary",
    "ecg": "heart_list",
}
# What their records begin with, by the table of publication; measures have the vendor's bare number.
PREFIXES = {
    "measures": "",
    "activity": "activity",
    "workouts": "workout",
    "sleep": "sleep",
    "ecg": "ecg",
    "stages": "stages",
}
# Stages are asked for night by night, and nights come from the summaries.
LOST_WITH = {one: {one} for one in LISTINGS} | {"sleep": {"sleep", "stages"}}
_MEASURES, _INTRADAY = {"getmeas"}, {"getintradayactivity"}
CALLS_OF = {
    **dict.fromkeys(("body", "blood_pressure", "temperature", "oxygen", "nerve_health"), _MEASURES),
    "activity": {"getactivity"},
    "workouts": {"getworkouts"},
    "sleep": {"getsummary"},
    "sleep_stages": {"getsummary", "sleep_get"},
    "intraday": _INTRADAY,
    "ecg": {"heart_list", "heart_get", *_MEASURES},
}
COSTLY = {"ecg_signal": "heart_get", "intraday": "getintradayactivity", "stages": "sleep_get"}
CALLBACK = "http://127.0.0.1:9/callback"


@dataclass
class WithingsCloud:
    """Withings at the sandbox.

    `listings` are the calls of each listing that takes a window, `costly` of those that take more;
    `lost_with` what cannot be whole without a listing, `calls_of` what a data type may ask for.
    `subscribes` tells that subscriptions are calls, `revokes` that a revocation is answered by a body.
    """

    sandbox: object
    provider: object
    listings: dict = field(default_factory=lambda: LISTINGS)
    costly: dict = field(default_factory=lambda: COSTLY)
    prefixes: dict = field(default_factory=lambda: PREFIXES)
    lost_with: dict = field(default_factory=lambda: LOST_WITH)
    calls_of: dict = field(default_factory=lambda: CALLS_OF)
    exchange: str = "exchange"
    refresh: str = "refresh"
    subscribes: bool = True
    revokes: bool = True
    rows_of_three_days: int = 100

    @property
    def person(self):
        return self.sandbox.people[0]

    @property
    def window(self):
        """Three days that have ended everywhere, in the person's zone."""
        last = datetime.now(UTC).date() - timedelta(days=2)
        zone = ZoneInfo(self.person["zone"])
        return Window(first_day=last - timedelta(days=2), last_day=last, zone=zone)

    def link(self):
        grant = grant_of(self.provider, self.sandbox.addresses, self.person["login"])
        return Account(self.provider, grant)

    def code(self):
        return consent_code(self.provider, self.sandbox.addresses, self.person["login"])

    def exchanged(self, code):
        return self.provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=None)

    def denied(self):
        """Say no on the consent page; gives where the vendor then leads."""
        url = self.provider.authorize_url(state="s", redirect_uri=CALLBACK, code_challenge="c")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        answer = requests.post(
            self.sandbox.addresses["withings"]["authorize_url"],
            data=asked | {"person": self.person["login"], "decision": "deny"},
            allow_redirects=False,
            timeout=10,
        )
        return parse_qs(urlsplit(answer.headers["Location"]).query)

    def trouble(self, kind, call=None, **more):
        order = {"target": "withings", "kind": kind, **more}
        self.sandbox.post("faults", **order, **({"call": call} if call else {}))

    def forget_calls(self):
        self.sandbox.post("calls/reset")

    def called(self):
        """The calls made since, by name."""
        return {*self.sandbox.calls()["withings"]}

    def calm(self):
        self.sandbox.post("faults/clear")

    def told(self, kind):
        """What the vendor would post of a kind about the person."""
        form = {
            "userid": self.person["user_id"],
            "appli": kind,
            "startdate": "1795247101",
            "enddate": "1795247102",
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Delivery(headers=headers, body=urlencode(form).encode())

    @property
    def nonsense(self):
        """A delivery of a kind that nobody knows."""
        return self.told("no such kind")


@contextmanager
def _withings(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with running_sandbox(*SANDBOX_ARGUMENTS, "--data", "all", "--people", "1") as sandbox:
        sandbox.post("withings/settings", rate_limit=1_000_000, page_size=50)
        settings = withings_settings(sandbox.addresses, timeout_seconds=30.0)
        yield WithingsCloud(sandbox, WithingsProvider(settings))


# By the name in the registry: a provider without a stand-in here fails the suite.
CLOUDS = {"withings": _withings, "google_health": google_health, "omron": omron}
