"""Google Health's stand-in as a process: linked by HTTP, read, spoiled, changed, and telling of it."""

import http.server
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.sandbox_process import running_sandbox
from tests.unit.sandbox.google_health.notifying_parts import (
    ACTIVITY,
    CLOUD_PLATFORM,
    HEALTH,
    SCOPE,
    SECRET,
    config,
)
from tests.unit.sandbox.google_health.tink import is_signed

CALLBACK = "http://127.0.0.1:9/api/withings/back"
ARGUMENTS = [
    *("--callback-url", CALLBACK, "--sign-in-callback-url", "http://127.0.0.1:9/in"),
    *("--client-id", "app", "--client-secret", "app-secret", "--oidc-client-id", "portal"),
    *("--oidc-client-secret", "oidc-secret", "--people", "2"),
]
SETTINGS = f"{SCOPE}.settings.readonly"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*ARGUMENTS) as started:
        yield started


@pytest.fixture(scope="module")
def addresses(sandbox):
    return sandbox.addresses["google_health"]


@pytest.fixture(scope="module")
def person(sandbox):
    return sandbox.people[0]


@pytest.fixture(scope="module")
def access(addresses, person):
    """Somebody's yes, as a browser gives it, exchanged for an access token."""
    return_url = CALLBACK.replace("withings", "google_health")
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": return_url,
        "scope": f"{ACTIVITY} {HEALTH} {SETTINGS}",
        "state": "state-1",
        "access_type": "offline",
        "prompt": "consent",
    }
    answer = requests.post(
        addresses["authorize_url"],
        params=asked,
        data={"person": person["login"], "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    back = answer.headers["Location"]
    assert back.startswith(return_url + "?")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": return_url,
        "client_id": "app",
        "client_secret": "app-secret",
    }
    tokens = requests.post(addresses["token_url"], data=form, timeout=10).json()
    assert tokens["refresh_token"]
    return tokens["access_token"]


@pytest.fixture
def get(addresses, access):
    def asks(path, **parameters):
        return requests.get(
            f"{addresses['api_url']}/v4/users/me/{path}",
            params=parameters,
            headers={"Authorization": f"Bearer {access}"},
            timeout=10,
        )

    return asks


@pytest.fixture
def own_token(sandbox, addresses):
    file = requests.get(f"{sandbox.control}/google_health/service_account", timeout=10).json()
    assert file["token_uri"] == addresses["service_account_token_url"]
    now = int(time.time())
    claims = {
        "iss": file["client_email"],
        "aud": file["token_uri"],
        "scope": CLOUD_PLATFORM,
        "iat": now,
        "exp": now + 3_600,
    }
    header = {"alg": "RS256", "kid": file["private_key_id"]}
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(header, claims, RSAKey.import_key(file["private_key"])),
    }
    token = requests.post(file["token_uri"], data=form, timeout=10).json()["access_token"]
    seen = requests.get(f"{sandbox.control}/secrets", timeout=10).json()
    assert form["assertion"] in seen["client_assertion"]
    assert token in seen["access_token"]
    return file["project_id"], token


class Receiver(http.server.ThreadingHTTPServer):
    """A subscriber's endpoint on this machine."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Hook)
        self.got = []
        self.came = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    def wait_for(self, number):
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= number, timeout=20)
            return list(self.got)


class _Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.answer(body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, body):
        if self.headers.get("Authorization") != SECRET:
            return 401
        if json.loads(body) == {"type": "verification"}:
            return 201
        with self.server.came:
            self.server.got.append((body, self.headers))
            self.server.came.notify_all()
            # The first is not taken: it comes again.
            return 503 if len(self.server.got) == 1 else 204

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def days_back(count):
    return (datetime.now(UTC) - timedelta(days=count)).date().isoformat()


def test_whose_account_it_is_stands_in_identity_and_among_the_people(get, person):
    assert get("identity").json()["healthUserId"] == person["health_user_id"]
    assert get("settings").json()["timeZone"] == person["zone"]


def test_weights_are_listed_with_a_civil_filter(get):
    member = "weight.sample_time.civil_time"
    text = f'{member} >= "{days_back(20)}" AND {member} < "{days_back(1)}"'
    points = get("dataTypes/weight/dataPoints", filter=text).json()["dataPoints"]
    assert points
    assert all(point["weight"]["weightGrams"] > 10_000 for point in points)


def test_steps_are_summed_by_day(addresses, access):
    def date_of(text):
        return {"date": dict(zip(("year", "month", "day"), map(int, text.split("-")), strict=True))}

    answer = requests.post(
        f"{addresses['api_url']}/v4/users/me/dataTypes/steps/dataPoints:dailyRollUp",
        json={"range": {"start": date_of(days_back(8)), "end": date_of(days_back(1))}},
        headers={"Authorization": f"Bearer {access}"},
        timeout=10,
    )
    windows = answer.json()["rollupDataPoints"]
    assert 1 <= len(windows) <= 7
    # A watch that lay on the table counted none, and a sum of zero is left out.
    sums = [int(window["steps"].get("countSum", 0)) for window in windows]
    assert max(sums) > 1_000


def test_a_fault_is_ordered_for_one_call_and_counted(sandbox, get, person):
    sandbox.post("calls/reset")
    sandbox.post(
        "faults", target="google_health", kind="refusal", reason="rate_limited",
        call="settings", login=person["login"], count=1, seconds=2,
    )  # fmt: skip
    assert get("identity").status_code == 200
    refused = get("settings")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert get("settings").status_code == 200
    assert sandbox.calls()["google_health"] == {"identity": 1, "settings": 2}
    assert sandbox.calls()["google_health_by_login"][person["login"]]["settings"] == 2


def test_a_changed_reading_is_told_signed_to_a_subscriber_until_it_takes_it(
    sandbox, addresses, access, own_token, receiver, person, get
):
    project, token = own_token
    made = requests.post(
        f"{addresses['api_url']}/v4/projects/{project}/subscribers",
        params={"subscriberId": "process"},
        json={
            "endpointUri": receiver.url,
            "subscriberConfigs": [config("weight", "sleep")],
            "endpointAuthorization": {"secret": SECRET},
        },
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert made.json()["response"]["state"] == "ACTIVE"
    added = sandbox.post(
        "google_health/change", login=person["login"], action="add", type="weight",
        day=days_back(2), value={"weightGrams": 70_500},
    ).json()  # fmt: skip

    first, again = receiver.wait_for(2)
    assert first[0] == again[0]
    keyset = requests.get(addresses["keyset_url"], timeout=10).json()
    for body, headers in (first, again):
        assert is_signed(headers["Google-Health-Api-Signature"], body, keyset)
    said = json.loads(first[0])["data"]
    assert (said["healthUserId"], said["dataType"]) == (person["health_user_id"], "weight")
    instant = said["intervals"][0]["physicalTimeInterval"]["startTime"]
    assert datetime.fromisoformat(instant).timestamp() * 1_000 == added["start"]
    listed = get("dataTypes/weight/dataPoints", pageSize=1_000).json()["dataPoints"]
    assert any(one["name"].endswith(f"/{added['id']}") for one in listed)


def test_secrets_of_this_vendor_are_among_those_seen(sandbox, access):
    seen = requests.get(f"{sandbox.control}/secrets", timeout=10).json()
    assert access in seen["access_token"]
    assert "state-1" in seen["state"]
