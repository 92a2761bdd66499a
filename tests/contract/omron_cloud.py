"""OMRON's cloud at the sandbox, as the contract tries it.

Belongs here: how an account is linked there, which call each listing takes, how trouble is ordered.
Not here: the contract (`test_every_cloud.py`).
"""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tenacity import wait_none

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.omron import OmronProvider
from tests.contract.account import Account
from tests.integration.google_at_sandbox import VERIFIER
from tests.integration.linked_at_sandbox import CALLBACK, SANDBOX_ARGUMENTS
from tests.integration.omron_at_sandbox import answered, omron_code, omron_grant, omron_settings
from tests.sandbox_process import running_sandbox

TYPES = ("bloodpressure", "activity", "weight", "temperature", "oxygen")
LISTINGS = {name: f"measurement:{name}" for name in TYPES}
CALLS_OF = {
    "blood_pressure": {LISTINGS["bloodpressure"]},
    "body": {LISTINGS["weight"]},
    **{name: {LISTINGS[name]} for name in ("activity", "temperature", "oxygen")},
}
# The contract words a vendor's own refusals by Withings' numbers; OMRON says them by HTTP, or by a
# status of its own under HTTP 200.
OWN_WORDS = {
    522: {"kind": "http", "status": 503},
    503: {"kind": "status", "status": 1},
    2555: {"kind": "http", "status": 403},
    601: {"kind": "http", "status": 429},
}

BAD_REQUEST = {"kind": "http", "status": 400}


@dataclass
class OmronCloud:
    """OMRON at the sandbox; see WithingsCloud for the fields."""

    sandbox: object
    provider: object
    listings: dict = field(default_factory=lambda: LISTINGS)
    costly: dict = field(default_factory=dict)
    prefixes: dict = field(default_factory=lambda: {name: name for name in LISTINGS})
    lost_with: dict = field(default_factory=lambda: {name: {name} for name in LISTINGS})
    calls_of: dict = field(default_factory=lambda: CALLS_OF)
    exchange: str = "exchange"
    refresh: str = "refresh"
    # Addresses of notifications are registered by hand: nothing is asked.
    subscribes: bool = False
    # Its yes is empty, and it may no longer be there.
    revokes: bool = False
    rows_of_three_days: int = 50

    @property
    def person(self):
        person = self.sandbox.people[0]
        return person | {"user_id": person["omron_user"]}

    @property
    def window(self):
        """Three days that have ended everywhere, in the person's zone."""
        last = datetime.now(UTC).date() - timedelta(days=2)
        zone = ZoneInfo(self.person["zone"])
        return Window(first_day=last - timedelta(days=2), last_day=last, zone=zone)

    def link(self):
        return Account(self.provider, omron_grant(self.provider, self.person["login"]))

    def code(self):
        return omron_code(self.provider, self.person["login"])

    def exchanged(self, code):
        return self.provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)

    def denied(self):
        """Say no on the consent page; gives where OMRON then leads."""
        return answered(self.provider, self.person["login"], ("decision", "deny"))

    def trouble(self, kind, call=None, **more):
        if kind == "status":
            own = OWN_WORDS[more.pop("status")]
            # Tokens have no envelope with a status in it.
            own = own if call in LISTINGS.values() or own["kind"] == "http" else BAD_REQUEST
        else:
            own = {"kind": kind}
        order = {**own, **more}
        order |= {"call": call} if call else {}
        self.sandbox.post("faults", target="omron", **order)

    def forget_calls(self):
        self.sandbox.post("calls/reset")

    def called(self):
        """The calls made since, by name."""
        return {*self.sandbox.calls()["omron"]}

    def calm(self):
        self.sandbox.post("faults/clear")

    def told(self, kind):
        """What OMRON would post about the person; it names no kind but by its data."""
        body = {"id": self.person["user_id"], "timestamp": "2026-11-20T06:45:31"}
        return Delivery(
            headers={"content-type": "application/json"}, body=json.dumps(body).encode()
        )

    @property
    def nonsense(self):
        """A delivery that says nothing."""
        return Delivery(headers={"content-type": "application/json"}, body=b'{"timestamp":"then"}')


@contextmanager
def omron(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with running_sandbox(*SANDBOX_ARGUMENTS, "--data", "all", "--people", "1") as sandbox:
        sandbox.post("omron/settings", rate_limit=1_000_000, refresh_redirect=True)
        settings = omron_settings(sandbox.addresses, timeout_seconds=30.0)
        yield OmronCloud(sandbox, OmronProvider(settings, return_address=CALLBACK))
