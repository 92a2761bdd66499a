"""The part of Google Health's cloud that tells of changes, with an endpoint that answers as told.

Belongs here: what its tests share. Not here: what a test expects.
"""

import json
import time

from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.clock import Clock
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.errors import Refused
from sandbox.google_health.notifying import create_notifying
from sandbox.google_health.service_accounts import ServiceAccount
from sandbox.google_health.settings import Settings
from sandbox.google_health.tokens import Grant, Tokens, Way
from sandbox.people import make_people

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, a Saturday
URI = "https://portal.example/webhooks/google_health"
SECRET = "Bearer " + "s3cr3t-of-the-endpoint"
SCOPE = "https://www.googleapis.com/auth/googlehealth"
ACTIVITY, HEALTH, SLEEP = (
    f"{SCOPE}.{one}.readonly"
    for one in ("activity_and_fitness", "health_metrics_and_measurements", "sleep")
)
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
# One key for all tests: making one takes as long as the rest of a test.
KEY = ServiceAccount()._made
KEY_FILE_URI = "http://localhost/service-account/token"


class Endpoint:
    """What stands at the address: keeps what it is sent, and answers with these statuses."""

    def __init__(self, notifying):
        self.status, self.with_secret, self.without = 204, 201, 401
        self.asked, self.got = [], []
        notifying.subscribers._ask = self.answer_challenge
        notifying.deliveries._post = self.answer

    def answer_challenge(self, uri, secret):
        self.asked.append((uri, secret))
        return self.without if secret is None else self.with_secret

    def answer(self, uri, body, headers):
        self.got.append((uri, body, dict(headers)))
        return self.status

    @property
    def said(self):
        """Every notification that came, out of its list where it was in one."""
        bodies = [json.loads(body) for _, body, _ in self.got]
        return [
            one["data"] for body in bodies for one in (body if isinstance(body, list) else [body])
        ]


class Cloud:
    """People with consents, the project's calls, and its endpoint."""

    def __init__(self):
        self.clock = Clock(real=lambda: NOON)
        self.people = make_people(3)
        self.tokens = Tokens(self.clock, Settings())
        self.notifying = create_notifying(self.people, self.clock, self.tokens)
        self.endpoint = Endpoint(self.notifying)
        app = Flask("notifying")
        self.notifying.serve_on(app)
        app.errorhandler(Refused)(lambda refused: refused.answer())
        self.client = app.test_client()
        self.notifying.account.__dict__["_made"] = KEY
        self.file = self.notifying.account.key_file(KEY_FILE_URI)
        self.token = None

    def user(self, person=0):
        return health_user_id(self.people[person])

    def consent(self, person, *scopes):
        """Let somebody allow these scopes; gives an access token."""
        grant = Grant(person=self.people[person], scopes=scopes)
        code = self.tokens.issue_code(grant, Way(redirect_uri="https://portal.example/"))
        return self.tokens.exchange(code, "https://portal.example/", None).access

    def own_token(self, scope=CLOUD_PLATFORM):
        """Sign in with the key file, by real time as the vendor's libraries do."""
        now = int(time.time())
        claims = {
            "iss": self.file["client_email"],
            "aud": self.file["token_uri"],
            "scope": scope,
            "iat": now,
            "exp": now + 600,
        }
        header = {"alg": "RS256", "kid": self.file["private_key_id"]}
        made = jwt.encode(header, claims, RSAKey.import_key(self.file["private_key"]))
        grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        form = {"grant_type": grant_type, "assertion": made}
        answer = self.client.post("/service-account/token", data=form)
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]

    def call(self, method, path="", *, token=None, project=None, **more):
        self.token = self.token or self.own_token()
        headers = {"Authorization": f"Bearer {token or self.token}"}
        project = project or self.file["project_id"]
        url = f"/v4/projects/{project}/subscribers{path}"
        return self.client.open(url, method=method, headers=headers, **more)

    def subscriber(self, *configs, number="sub-1", **changes):
        """Register one, by default for steps and weight of everybody."""
        body = payload(*configs) | changes
        answer = self.call("POST", f"?subscriberId={number}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json["response"]

    def subscribe(self, number, user, *types, subscriber="sub-1"):
        body = {"user": f"users/{user}", "dataTypes": list(types)}
        path = f"/{subscriber}/subscriptions?subscriptionId={number}"
        return self.call("POST", path, json=body)

    def deliver(self, *, later=0):
        self.clock.advance(later)
        return self.notifying.deliveries.deliver_due()


def payload(*configs):
    configs = configs or (config("steps", "weight"),)
    return {
        "endpointUri": URI,
        "subscriberConfigs": list(configs),
        "endpointAuthorization": {"secret": SECRET},
    }


def config(*types, policy="AUTOMATIC"):
    return {"dataTypes": list(types), "subscriptionCreatePolicy": policy}


def refusal(answer):
    return answer.status_code, answer.json["error"]["status"]
