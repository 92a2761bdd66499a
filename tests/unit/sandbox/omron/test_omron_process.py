"""OMRON's stand-in as a process: linked by HTTP, read, broken, and telling of an upload."""

import http.server
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox_process import running_sandbox
from tests.unit.sandbox.omron.omron_parts import ALL

CALLBACK = "http://127.0.0.1:9/api/withings/back"
ARGUMENTS = [
    *("--callback-url", CALLBACK, "--sign-in-callback-url", "http://127.0.0.1:9/in"),
    *("--client-id", "app", "--client-secret", "app-secret", "--oidc-client-id", "portal"),
    *("--oidc-client-secret", "oidc-secret", "--people", "2"),
]


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*ARGUMENTS) as started:
        yield started


@pytest.fixture(scope="module")
def access(sandbox):
    """Somebody's yes, as a browser gives it, exchanged for an access token."""
    addresses = sandbox.addresses["omron"]
    return_url = CALLBACK.replace("withings", "omron")
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": return_url,
        "scope": ALL,
        "state": "state-1",
    }
    answer = requests.post(
        addresses["authorize_url"],
        params=asked,
        data={"person": sandbox.people[0]["login"], "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    back = answer.headers["Location"]
    assert back.startswith(f"{return_url}?")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": return_url,
        "client_id": "app",
        "client_secret": "app-secret",
    }
    tokens = requests.post(f"{addresses['api_url']}/connect/token", data=form, timeout=10).json()
    assert tokens["refresh_token"]
    return tokens["access_token"]


def measure(sandbox, access, **fields):
    return requests.post(
        f"{sandbox.addresses['omron']['api_url']}/api/measurement",
        data=fields,
        headers={"Authorization": f"Bearer {access}"},
        timeout=10,
    )


def test_readings_of_the_last_days_come_over_http(sandbox, access):
    since = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    result = measure(sandbox, access, since=since).json()["result"]
    assert len(result["bloodPressure"]) >= 4
    assert sandbox.calls()["omron"]["measurement:all"] >= 1


def test_a_connection_can_break_in_the_middle_of_an_answer(sandbox, access):
    since = datetime.now(UTC).date().isoformat()
    for kind in ("drop", "drop_after_commit"):
        sandbox.post("faults", target="omron", kind=kind, count=1)
        with pytest.raises(requests.RequestException):
            measure(sandbox, access, since=since)
    assert measure(sandbox, access, since=since).json()["status"] == 0


def test_an_upload_is_told_to_a_listening_address(sandbox, access):
    assert access
    got = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            got.append((self.headers["Content-Type"], json.loads(self.rfile.read(length))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sandbox.post("omron/settings", notify_url=f"http://127.0.0.1:{server.server_port}/told")
        person = sandbox.people[0]
        sandbox.post("omron/notify", login=person["login"], type="activity")
        ends_at = time.monotonic() + 60
        while not got and time.monotonic() < ends_at:
            time.sleep(0.05)
        server.shutdown()
    ((content_type, body),) = got
    assert content_type == "application/json"
    assert (body["id"], body["type"]) == (person["omron_user"], "activity")
