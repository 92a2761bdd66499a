"""A sandbox without processes: a clock that stands still, and test clients for each stand-in.

Belongs here: what the sandbox's tests share. Not here: what a test expects.
"""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from sandbox.application import Application
from sandbox.clock import Clock
from sandbox.identity.authorization import Client
from sandbox.world import create_world

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, a Saturday
CALLBACK = "https://portal.example/oauth2_callback/"
SIGN_IN_CALLBACK = "https://portal.example/sign-in/return"
ISSUER = "http://127.0.0.1:9"
ALL_SCOPES = "user.info,user.metrics"
VERIFIER = "v" * 43


def query_of(location):
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Sandbox:
    """Test clients of one world, and a person's and an application's moves."""

    def __init__(self, count=6, data="measures"):
        self.clock = Clock(real=lambda: NOON)
        self.world = create_world(
            application=Application(
                client_id="app", client_secret="app-secret", redirect_uri=CALLBACK
            ),
            client=Client(
                client_id="portal", client_secret="oidc-secret", redirect_uri=SIGN_IN_CALLBACK
            ),
            issuer=ISSUER,
            ehr_url="http://127.0.0.1:9/fhir",
            count=count,
            clock=self.clock,
            data=data,
        )
        self.people = self.world.cloud.people
        self.vendor = self.world.cloud.app.test_client()
        self.identity = self.world.identity.test_client()
        self.control = self.world.control.test_client()

    def order(self, path, **body):
        answer = self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json

    def asked(self, **changes):
        asked = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": CALLBACK,
            "scope": ALL_SCOPES,
            "state": "state-1",
        }
        return {name: value for name, value in (asked | changes).items() if value is not None}

    def decide(self, person=0, decision="allow", **changes):
        form = self.asked(**changes) | {
            "person": self.people[person].login,
            "decision": decision,
        }
        return self.vendor.post("/oauth2_user/authorize2", data=form)

    def code(self, person=0, **changes):
        return query_of(self.decide(person, **changes).location)["code"]

    def call(self, path, action=None, token=None, **fields):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = fields if action is None else {"action": action, **fields}
        answer = self.vendor.post(path, data=data, headers=headers)
        assert answer.status_code == 200
        return answer.json

    def exchange(self, code, **changes):
        fields = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "client_secret": "app-secret",
            "code": code,
            "redirect_uri": CALLBACK,
        }
        return self.call("/v2/oauth2", "requesttoken", **fields | changes)

    def refresh(self, refresh_token, **changes):
        fields = {
            "grant_type": "refresh_token",
            "client_id": "app",
            "client_secret": "app-secret",
            "refresh_token": refresh_token,
        }
        return self.call("/v2/oauth2", "requesttoken", **fields | changes)

    def tokens(self, person=0, **changes):
        answer = self.exchange(self.code(person, **changes))
        assert answer["status"] == 0, answer
        return answer["body"]

    def measures(self, token, **fields):
        return self.call("/measure", "getmeas", token=token, **fields)

    def every_group(self, token, **fields):
        """Follow the paging to its end; gives the groups of each page."""
        pages, offset = [], {}
        while True:
            answer = self.measures(token, **fields, **offset)
            assert answer["status"] == 0, answer
            pages.append(answer["body"]["measuregrps"])
            if not answer["body"].get("more"):
                return pages
            offset = {"offset": answer["body"]["offset"]}
