"""Google Health at the sandbox, as the contract tries it.

Belongs here: how an account is linked there, which call each listing takes, how trouble is ordered.
Not here: the contract (`test_every_cloud.py`).
"""

import json
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from flask import Flask
from tenacity import wait_none
from werkzeug.serving import make_server

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.google_health import GoogleHealthProvider
from sandbox.google_health.keyset import Keyset
from sandbox.google_health.service_accounts import PROJECT_NUMBER
from tests.contract.account import Account
from tests.integration.google_at_sandbox import (
    CALLBACK,
    VERIFIER,
    answered,
    google_code,
    google_grant,
    google_settings,
)
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.sandbox_process import running_sandbox

# By the vendor's reference: what each data type is asked for by, beside the names of our listings.
ROLLED_UP = {
    *("steps", "distance", "floors", "altitude", "active-energy-burned", "total-calories"),
    *("active-minutes", "active-zone-minutes", "sedentary-period", "time-in-heart-rate-zone"),
}
RECONCILED = {
    *("heart-rate", "heart-rate-variability", "oxygen-saturation", "sleep", "exercise"),
    *("daily-resting-heart-rate", "daily-heart-rate-variability", "daily-oxygen-saturation"),
    *("daily-respiratory-rate", "daily-sleep-temperature-derivations", "daily-vo2-max"),
    *("vo2-max", "run-vo2-max"),
}
LISTED = {
    *("weight", "body-fat", "height", "blood-glucose", "core-body-temperature"),
    *("electrocardiogram", "irregular-rhythm-notification"),
}


def name_of(path):
    return path.replace("-", "_")


LISTINGS = {
    **{name_of(path): f"{path}:dailyRollUp" for path in ROLLED_UP},
    **{name_of(path): f"{path}:reconcile" for path in RECONCILED},
    **{name_of(path): f"{path}:list" for path in LISTED},
    "heart_rate_per_day": "heart-rate:dailyRollUp",
}
CALLS_OF = {
    "body": {"weight:list", "body-fat:list", "height:list"},
    "activity": {f"{path}:dailyRollUp" for path in ROLLED_UP},
    "workouts": {"exercise:reconcile"},
    "heart_rate": {"daily-resting-heart-rate:reconcile", "heart-rate:dailyRollUp"},
    "intraday": {"heart-rate:reconcile"},
    "heart_rate_variability": {
        "daily-heart-rate-variability:reconcile",
        "heart-rate-variability:reconcile",
    },
    "oxygen": {"oxygen-saturation:reconcile", "daily-oxygen-saturation:reconcile"},
    "breathing": {"daily-respiratory-rate:reconcile"},
    "sleep": {"sleep:reconcile"},
    "sleep_stages": {"sleep:reconcile"},
    "temperature": {"core-body-temperature:list"},
    "skin_temperature": {"daily-sleep-temperature-derivations:reconcile"},
    "fitness": {"daily-vo2-max:reconcile", "vo2-max:reconcile", "run-vo2-max:reconcile"},
    "glucose": {"blood-glucose:list"},
    "ecg": {"electrocardiogram:list"},
    "irregular_rhythm": {"irregular-rhythm-notification:list"},
}
# The contract words a vendor's own refusals by Withings' numbers; Google says them by HTTP.
WORD = "word-of-the-endpoint-" * 2
OWN_WORDS = {
    522: {"kind": "http", "status": 503},
    503: {"kind": "http", "status": 400},
    2555: {"kind": "http", "status": 403},
    601: {"kind": "http", "status": 429},
}


@dataclass
class GoogleCloud:
    """Google Health at the sandbox; see WithingsCloud for the fields."""

    sandbox: object
    provider: object
    keys: Keyset
    listings: dict = field(default_factory=lambda: LISTINGS)
    costly: dict = field(default_factory=dict)
    prefixes: dict = field(default_factory=lambda: {name: name for name in LISTINGS})
    lost_with: dict = field(default_factory=lambda: {name: {name} for name in LISTINGS})
    calls_of: dict = field(default_factory=lambda: CALLS_OF)
    exchange: str = "exchange"
    refresh: str = "refresh"
    subscribes: bool = True
    revokes: bool = True
    rows_of_three_days: int = 100

    @property
    def person(self):
        person = self.sandbox.people[0]
        return person | {"user_id": person["health_user_id"]}

    @property
    def window(self):
        """Three days that have ended everywhere, in the person's zone."""
        last = datetime.now(UTC).date() - timedelta(days=2)
        zone = ZoneInfo(self.person["zone"])
        return Window(first_day=last - timedelta(days=2), last_day=last, zone=zone)

    def link(self):
        grant = google_grant(self.provider, self.person["login"])
        return Account(self.provider, grant)

    def code(self):
        return google_code(self.provider, self.person["login"])

    def exchanged(self, code):
        return self.provider.exchange_code(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)

    def denied(self):
        """Say no on the consent page; gives where Google then leads."""
        return answered(self.provider, self.person["login"], ("decision", "deny"))

    def trouble(self, kind, call=None, **more):
        own = OWN_WORDS[more.pop("status")] if kind == "status" else {"kind": kind}
        order = {**own, **more}
        order |= {"call": call} if call else {}
        self.sandbox.post("faults", target="google_health", **order)

    def forget_calls(self):
        self.sandbox.post("calls/reset")

    def called(self):
        """The calls made since, by name."""
        return {*self.sandbox.calls()["google_health"]}

    def calm(self):
        self.sandbox.post("faults/clear")

    def told(self, kind):
        """What Google would send of a kind about the person, with our secret and its signature."""
        interval = {"startTime": "2026-11-20T07:00:00Z", "endTime": "2026-11-20T07:15:00Z"}
        data = {
            "version": "1",
            "healthUserId": self.person["user_id"],
            "operation": "UPSERT",
            "dataType": kind,
            "intervals": [{"physicalTimeInterval": interval}],
        }
        body = json.dumps([{"data": data}]).encode()
        headers = {
            "authorization": f"Bearer {WORD}",
            "google-health-api-signature": self.keys.sign(body),
        }
        return Delivery(headers=headers, body=body)

    @property
    def nonsense(self):
        """A delivery of a kind that nobody knows."""
        return self.told("no such kind")


@contextmanager
def google_health(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with running_sandbox(*SANDBOX_ARGUMENTS, "--data", "all", "--people", "1") as sandbox:
        sandbox.post("google_health/settings", rate_limit=1_000_000)
        with _published_keys() as (keys, keyset_url), tempfile.TemporaryDirectory() as folder:
            settings = google_settings(
                sandbox.addresses,
                timeout_seconds=30.0,
                keyset_url=keyset_url,
                project=PROJECT_NUMBER,
                service_account_file=_key_file(sandbox, Path(folder)),
                webhook_secret=WORD,
            )
            yield GoogleCloud(sandbox, GoogleHealthProvider(settings), keys)


def _key_file(sandbox, folder):
    """The JSON key of the project's service account."""
    key = requests.get(f"{sandbox.control}/google_health/service_account", timeout=10)
    file = folder / "account.json"
    file.write_bytes(key.content)
    return file


@contextmanager
def _published_keys():
    """Keys of the test's own, published as Google's are: nothing else could sign."""
    keys, app = Keyset(), Flask("keys")
    app.get("/keys")(keys.as_json)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield keys, f"http://127.0.0.1:{server.port}/keys"
    finally:
        server.shutdown()
