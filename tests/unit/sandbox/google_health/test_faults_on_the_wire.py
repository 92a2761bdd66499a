"""Faults of Google's cloud as a client sees them over a real socket from the sandbox's process.

Belongs here: connections that break and bodies that are none. Not here: what answers say
(`test_trouble.py`).
"""

import pytest
import requests

from sandbox.bad_connection import AFTER, BEFORE
from tests.sandbox_process import running_sandbox
from tests.unit.sandbox.google_health.google_parts import ALL, query_of
from tests.unit.sandbox.wire_parts import ARGUMENTS
from tests.unit.sandbox.world_parts import CALLBACK

PATIENCE_SECONDS = 10
JSON, HTML = "application/json", "text/html"
RIGHT = (200, JSON, "an object")
SEEN = [
    ("slow", {"seconds": 0.1}, RIGHT),
    ("hang", {"seconds": 0.05}, "ConnectionError"),
    ("drop", {}, "ConnectionError"),
    ("garbage", {}, (200, HTML, "no JSON")),
    ("malformed", {}, (200, JSON, "no JSON")),
    ("drop_after_commit", {}, "ChunkedEncodingError"),
    ("drip", {"seconds": 0.0002}, RIGHT),
    ("truncated", {}, (200, JSON, "no JSON")),
    ("wrong_type", {}, (200, HTML, "an object")),
    ("http", {"status": 502}, (502, HTML, "no JSON")),
]


class Wire:
    """One person's calls to a running sandbox."""

    def __init__(self, sandbox):
        self.sandbox, self.addresses = sandbox, sandbox.addresses["google_health"]
        self.token = self.token_call(
            grant_type="authorization_code", code=self.code(), redirect_uri=CALLBACK
        ).json()["access_token"]

    def code(self):
        form = {
            "response_type": "code", "client_id": "app", "redirect_uri": CALLBACK, "scope": ALL,
            "state": "s", "decision": "allow", "person": self.sandbox.people[0]["login"],
        }  # fmt: skip
        answer = self.post("authorize_url", form)
        return query_of(answer.headers["Location"])["code"]

    def token_call(self, **fields):
        return self.post("token_url", fields | {"client_id": "app", "client_secret": "app-secret"})

    def post(self, name, form):
        return requests.post(
            self.addresses[name], form, allow_redirects=False, timeout=PATIENCE_SECONDS
        )

    def identity(self):
        return requests.get(
            f"{self.addresses['api_url']}/v4/users/me/identity",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE_SECONDS,
        )

    def seen(self):
        """The name of the error, or HTTP status, content type and what the body is."""
        try:
            answer = self.identity()
        except requests.RequestException as error:
            return type(error).__name__
        media_type = answer.headers["Content-Type"].partition(";")[0]
        try:
            body = answer.json()
        except ValueError:
            return answer.status_code, media_type, "no JSON"
        is_identity = isinstance(body, dict) and "healthUserId" in body
        return answer.status_code, media_type, "an object" if is_identity else "something else"


@pytest.fixture(scope="module")
def wire():
    with running_sandbox(*ARGUMENTS) as sandbox:
        yield Wire(sandbox)


@pytest.mark.parametrize(("kind", "fields", "seen"), SEEN)
def test_a_fault_hits_one_call_and_the_next_one_is_right(wire, kind, fields, seen):
    wire.sandbox.post("faults", target="google_health", kind=kind, count=1, **fields)
    assert wire.seen() == seen
    assert wire.seen() == RIGHT


def test_every_trouble_of_a_connection_has_been_seen():
    assert {*BEFORE, *AFTER} <= {kind for kind, _, _ in SEEN}
