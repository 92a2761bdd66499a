"""The portal under test: the real store, a made-up vendor and EHR, a real little OIDC provider.

Belongs here: fixtures of the portal's tests. Not here: the store's (`tests/conftest.py`).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.serving import WSGIRequestHandler, make_server

from oauth_portal.app import create_app
from oauth_portal.services import Services
from ohx_pipelines.errors import EhrDown
from ohx_pipelines.providers.base import Account, DataType, DeviceInfo, ProviderFacts, TokenGrant
from ohx_pipelines.settings import Settings
from tests.unit.portal.made_up_files import MadeUpApp, MadeUpImporting

EHR_URL = "https://ehr.example/fhir"
PORTAL_URL = "http://127.0.0.1:8400"
SCOPES = ("user.info", "user.metrics")


class IdentityProviderDouble:
    """A small OpenID Connect provider that checks what a strict one would check."""

    def __init__(self):
        self.new_key("one")
        self.app = Flask("identity")
        self.app.add_url_rule("/.well-known/openid-configuration", view_func=self.metadata)
        self.app.add_url_rule("/jwks", view_func=self.jwks)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/userinfo", view_func=self.userinfo)
        self.issuer = ""
        self.reset()

    def reset(self):
        self.codes = {}
        self.extra_metadata = {}
        self.extra_claims = {}
        self.userinfo_claims = {}
        self.down = False
        self.sign = self._sign

    def new_key(self, kid):
        self.key = ECKey.generate_key("P-256", parameters={"kid": kid})

    def _sign(self, claims):
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def metadata(self):
        if self.down:
            return "down", 503
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            **self.extra_metadata,
        }

    def jwks(self):
        return {"keys": [self.key.as_dict(private=False)]}

    def approve(self, location, *, patient="Patient/p1", subject="subject-1"):
        """Act as the person at the sign-in page; gives the address the browser returns to."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        claims = {"sub": subject} | ({"fhirUser": patient} if patient else {})
        self.codes[code] = (asked, claims)
        query = urlencode({"code": code, "state": asked["state"]})
        return f"{urlsplit(asked['redirect_uri']).path}?{query}"

    def token(self):
        asked, claims = self.codes.pop(request.form["code"], (None, None))
        verifier = request.form.get("code_verifier", "").encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        credentials = (request.authorization.username, request.authorization.password)
        if (
            asked is None
            or credentials != ("portal", "client-secret")
            or digest != asked["code_challenge"]
            or request.form["redirect_uri"] != asked["redirect_uri"]
        ):
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        standard = {"iss": self.issuer, "aud": "portal", "iat": now, "exp": now + 60}
        id_token = self.sign(
            {
                **standard,
                "nonce": asked["nonce"],
                **claims,
                **self.extra_claims,
            }
        )
        token = {"access_token": "at", "token_type": "Bearer"}
        return token | ({"id_token": id_token} if id_token else {})

    def userinfo(self):
        assert request.headers["Authorization"] == "Bearer at"
        return self.userinfo_claims


class QuietHandler(WSGIRequestHandler):
    def log(self, *args, **kwargs):
        pass


@dataclass
class FakeVendor:
    """A vendor that does what a test tells it to."""

    facts: ProviderFacts
    grant: TokenGrant
    exchange_error: Exception | None = None
    account_error: Exception | None = None
    revoke_error: Exception | None = None
    exchanged: list = field(default_factory=list)
    tokens_seen: list = field(default_factory=list)
    revoked: list = field(default_factory=list)
    meanwhile: object = None

    def authorize_url(self, *, state, redirect_uri, code_challenge):
        query = {"state": state, "redirect_uri": redirect_uri, "challenge": code_challenge or ""}
        return f"https://{self.facts.name}.example/consent?{urlencode(query)}"

    def exchange_code(self, *, code, redirect_uri, code_verifier):
        self.exchanged.append((code, redirect_uri, code_verifier))
        if self.exchange_error:
            raise self.exchange_error
        return self.grant

    def revoke(self, *, user, refresh_token):
        if self.revoke_error:
            raise self.revoke_error
        self.revoked.append((user, refresh_token))

    def account(self, token):
        if self.account_error:
            raise self.account_error
        self.tokens_seen.append(token.current())
        if self.meanwhile:
            self.meanwhile()
        return Account(
            zone=ZoneInfo("Europe/Berlin"),
            devices=(
                DeviceInfo(device="d1", model="Body+", kind="Scale", last_used=date(2026, 11, 20)),
                DeviceInfo(device="d2", model="BPM Connect", kind="Monitor"),
            ),
            last_reading=date(2026, 11, 21),
        )

    def as_user(self, user):
        self.grant = replace(self.grant, user=user)


class FakeEhr:
    """An EHR that knows the patients `known`, or raises `error`."""

    def __init__(self):
        self.known = {"p1", "p2"}
        self.error = None
        self.closed = 0

    def read(self, resource_type, fhir_id, /):
        assert resource_type == "Patient"
        if self.error:
            raise self.error
        return {"resourceType": "Patient", "id": fhir_id} if fhir_id in self.known else None

    def close(self):
        self.closed += 1


class Visit:
    """A browser on the portal: keeps cookies and posts forms with their CSRF token."""

    def __init__(self, app, identity):
        self.http = app.test_client()
        self.identity = identity

    def get(self, path, **kwargs):
        return self.http.get(path, headers={"Accept": "text/html"}, **kwargs)

    def csrf(self):
        return re.search(r'name="csrf_token" value="([^"]+)"', self.get("/").text)[1]

    def post(self, path, accept="text/html", fields=None, **kwargs):
        data = {"csrf_token": self.csrf()} | (fields or {})
        return self.http.post(path, data=data, headers={"Accept": accept}, **kwargs)

    def sign_in(self, **claims):
        location = self.post("/sign-in").location
        return self.get(self.identity.approve(location, **claims))

    def start(self, provider="withings"):
        """Start an authorization; gives the state that the vendor was sent."""
        answer = self.post(f"/api/base/provider-links/{provider}/initiate_oauth2/")
        assert answer.status_code == 303
        return parse_qs(urlsplit(answer.location).query)["state"][0]

    def come_back(self, provider="withings", **query):
        path = f"/api/base/provider-links/{provider}/oauth2_callback/"
        return self.get(path, query_string=query)

    def link(self, provider="withings"):
        """Go to the vendor and back; gives the link's id."""
        answer = self.come_back(provider, state=self.start(provider), code="code-1")
        assert answer.status_code == 303, answer.text
        return answer.location.split("/")[2]


def facts(name="withings", title="Withings", *, pkce=False):
    return ProviderFacts(
        name=name,
        title=title,
        manufacturer=title,
        scopes=SCOPES,
        data_types=(
            DataType(name="body", title="weight", metrics=frozenset({"body_weight"})),
            DataType(name="pressure", title="blood pressure", metrics=frozenset({"heart_rate"})),
        ),
        pkce=pkce,
        most_days=90,
    )


def grant(user):
    return TokenGrant(
        access_token="access-CANARY",
        refresh_token="refresh-CANARY",
        expires_at=datetime.now(UTC) + timedelta(hours=3),
        scopes=frozenset(SCOPES),
        user=user,
    )


@pytest.fixture(scope="session")
def running_identity():
    double = IdentityProviderDouble()
    server = make_server("127.0.0.1", 0, double.app, request_handler=QuietHandler)
    double.issuer = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield double
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def identity(running_identity):
    running_identity.reset()
    return running_identity


@pytest.fixture
def vendor():
    return FakeVendor(facts=facts(), grant=grant("vendor-user-1"))


@pytest.fixture
def pkce_vendor():
    return FakeVendor(facts=facts("pulse", "Pulse", pkce=True), grant=grant("pulse-user"))


@pytest.fixture
def ehr():
    return FakeEhr()


@pytest.fixture
def settings(identity):
    return Settings(
        _env_file=None,
        identifier_secret="i" * 40,
        token_key=base64.b64encode(b"k" * 32).decode(),
        ehr={"url": EHR_URL, "name": "Riverside records"},
        oidc={"issuer": identity.issuer, "client_id": "portal", "client_secret": "client-secret"},
        withings={"client_id": "a", "client_secret": "b"},
        portal={
            "secret_key": "s" * 40,
            "url": PORTAL_URL,
            "clinic": "Riverside Clinic",
            "contact": "Call 01632 960 001.",
        },
    )


@pytest.fixture
def files():
    """Two apps, each with a first line of its own."""
    apps = [MadeUpApp(), MadeUpApp("omron_connect", "OMRON connect", b"cuff;kg\n")]
    apps[1].facts = replace(apps[1].facts, same_readings=("omron",))
    return {one.facts.name: one for one in apps}


@pytest.fixture
def importing():
    return MadeUpImporting()


@pytest.fixture
def services(settings, store, vendor, pkce_vendor, ehr, files, importing):
    store.save_ehr(
        name="Riverside records",
        url=EHR_URL,
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=5,
    )
    return Services(
        settings=settings,
        store=store,
        providers={"withings": vendor, "pulse": pkce_vendor},
        ehr_client=lambda connection: ehr,
        files=files,
        importing=importing.opened,
    )


@pytest.fixture
def app(services):
    return create_app(services)


@pytest.fixture
def new_visit(app, identity):
    return lambda: Visit(app, identity)


@pytest.fixture
def visit(new_visit):
    """A browser that has not signed in."""
    return new_visit()


@pytest.fixture
def patient(visit):
    """A browser in which patient p1 is signed in."""
    assert visit.sign_in().status_code == 303
    return visit


@pytest.fixture
def other_patient(new_visit):
    """Another browser, in which patient p2 is signed in."""
    other = new_visit()
    assert other.sign_in(patient="Patient/p2", subject="subject-2").status_code == 303
    return other


@pytest.fixture
def ehr_down():
    return EhrDown(status=503)
