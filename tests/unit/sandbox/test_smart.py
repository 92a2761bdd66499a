"""The sandbox's authorization server: who gets a token, and on what proof.

Belongs here: discovery, signed assertions, secrets, scopes. Not here: what a token opens
(`test_ehr_access.py`). Sources: SMART App Launch 2.2 (backend services), RFC 6749, RFC 7521.
"""

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.jwk import ECKey, OctKey
from werkzeug.serving import make_server

from sandbox.clock import Clock
from sandbox.ehr.app import create_ehr
from sandbox.smart.clients import Client
from sandbox.smart.scopes import Scopes
from tests.unit.sandbox.smart_parts import EC, RSA, SCOPE, Service, assertion, public

SECRET = "s3cret with a space:colon+plus"


@pytest.fixture
def clock():
    return Clock(real=lambda: 1_000_000.0)


@pytest.fixture
def service(clock):
    server = create_ehr([{"resourceType": "Patient", "id": "anna"}], clock)
    for client_id, proof in (("backend", {"jwks": public(EC, RSA)}), ("app", {"secret": SECRET})):
        client = Client(client_id=client_id, scopes=Scopes(SCOPE.split()), **proof)
        server.smart.clients.register(client)
    return Service(server)


def error(answer):
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["error"]


def basic(client_id, secret):
    text = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def unsigned(endpoint):
    _, body, _ = assertion(endpoint).split(".")
    none = base64.urlsafe_b64encode(
        json.dumps({"alg": "none", "typ": "JWT", "kid": "ec-1"}).encode()
    )
    return f"{none.rstrip(b'=').decode()}.{body}."


# Discovery


def test_the_token_endpoint_is_found_below_the_base_of_the_ehr(service):
    found = service.fhir("GET", ".well-known/smart-configuration").json
    assert found["token_endpoint"] == service.endpoint
    assert "client-confidential-asymmetric" in found["capabilities"]
    assert set(found["token_endpoint_auth_signing_alg_values_supported"]) == {"ES384", "RS384"}
    assert "private_key_jwt" in found["token_endpoint_auth_methods_supported"]


def test_it_is_found_without_a_token_where_one_is_required(service):
    service.server.settings.token_required = True
    assert service.fhir("GET", ".well-known/smart-configuration").status_code == 200
    assert service.fhir("GET", "metadata").status_code == 200


# Signed assertions


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")])
def test_a_registered_key_is_worth_a_short_token(service, key, alg):
    answer = service.signed(assertion(service.endpoint, key, alg=alg))
    assert answer.status_code == 200
    assert answer.json["token_type"].lower() == "bearer"
    assert answer.json["expires_in"] == 300
    assert answer.json["scope"] == SCOPE
    assert len(answer.json["access_token"]) > 20
    assert "refresh_token" not in answer.json


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"sub": "somebody"},
        {"sub": None},
        {"aud": "http://ehr.example/smart/token/"},
        {"aud": "http://ehr.example/fhir"},
        {"aud": ["http://ehr.example/smart/token", "http://other.example"]},
        {"aud": None},
        {"exp": int(time.time()) - 1},
        {"exp": int(time.time()) + 3_600},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"header": {"kid": "rsa-1"}},
        {"header": {"kid": "unknown"}},
        {"header": {"kid": None}},
        {"header": {"typ": "at+jwt"}},
        {"key": ECKey.generate_key("P-384", parameters={"kid": "ec-1"})},
        {"key": ECKey.generate_key("P-256", parameters={"kid": "ec-1"}), "alg": "ES256"},
        {"key": OctKey.import_key("x" * 48, parameters={"kid": "ec-1"}), "alg": "HS384"},
    ],
)
def test_an_assertion_that_is_wrong_in_one_thing_proves_nothing(service, changes):
    answer = service.signed(assertion(service.endpoint, **changes))
    assert error(answer) == (400, "invalid_client")
    assert service.server.smart.calls.total() == {"refused": 1}


@pytest.mark.parametrize("text", ["", "a.b.c", "no token", "e30.e30.e30"])
def test_what_is_no_jwt_proves_nothing(service, text):
    assert error(service.signed(text)) == (400, "invalid_client")


def test_an_unsigned_assertion_proves_nothing(service):
    assert error(service.signed(unsigned(service.endpoint))) == (400, "invalid_client")


def test_an_assertion_counts_once(service):
    text = assertion(service.endpoint)
    assert service.signed(text).status_code == 200
    assert error(service.signed(text)) == (400, "invalid_client")
    assert service.signed().status_code == 200


def test_a_refused_assertion_uses_up_no_jti(service):
    forged = ECKey.generate_key("P-384", parameters={"kid": "ec-1"})
    assert service.signed(assertion(service.endpoint, forged, jti="one")).status_code == 400
    assert service.signed(assertion(service.endpoint, jti="one")).status_code == 200


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion_type": "urn:other"}, "invalid_request"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_secret": SECRET}, "invalid_request"),
        ({"scope": "system/Consent.r"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_a_right_assertion_in_a_wrong_request_gets_no_token(service, form, expected):
    assert error(service.signed(**form)) == (400, expected)


def test_keys_are_fetched_from_where_they_are_published_and_as_they_are_then(service):
    published = {"keys": public(EC)["keys"]}

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(published).encode()]

    http = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    uri = f"http://127.0.0.1:{http.server_port}/jwks.json"
    client = Client(client_id="backend", scopes=Scopes(SCOPE.split()), jwks_uri=uri)
    service.server.smart.clients.register(client)
    try:
        assert service.signed().status_code == 200
        published["keys"] = public(RSA)["keys"]
        assert service.signed().status_code == 400
        by_rsa = assertion(service.endpoint, RSA, alg="RS384")
        assert service.signed(by_rsa).status_code == 200
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
    assert error(service.signed()) == (400, "invalid_client")


@pytest.mark.parametrize(
    "jwks", [{}, {"keys": []}, {"keys": ["x"]}, {"keys": [EC.as_dict(private=True)]}]
)
def test_a_client_without_usable_public_keys_gets_no_token(service, jwks):
    client = Client(client_id="backend", scopes=Scopes(SCOPE.split()), jwks=jwks)
    service.server.smart.clients.register(client)
    assert error(service.signed()) == (400, "invalid_client")


# Secrets


def test_a_secret_is_taken_in_the_body_or_form_encoded_as_basic(service):
    in_body = service.token({"client_id": "app", "client_secret": SECRET})
    encoded = basic("app", "s3cret+with+a+space%3Acolon%2Bplus")
    in_header = service.token({}, **encoded)
    assert (in_body.status_code, in_header.status_code) == (200, 200)
    assert in_body.json["access_token"] != in_header.json["access_token"]


@pytest.mark.parametrize(
    ("form", "header"),
    [
        ({}, {}),
        ({"client_id": "app"}, {}),
        ({"client_id": "app", "client_secret": "other"}, {}),
        ({"client_id": "nobody", "client_secret": SECRET}, {}),
        ({"client_id": "backend", "client_secret": ""}, {}),
        ({}, basic("app", "other")),
    ],
)
def test_a_wrong_secret_is_401_and_says_how_to_sign_in(service, form, header):
    answer = service.token(form, **header)
    assert error(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_client_proves_itself_in_one_way_only(service):
    form = {"client_id": "app", "client_secret": SECRET}
    assert error(service.token(form, **basic("app", SECRET))) == (400, "invalid_request")


# Scopes


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("system/Observation.rs", "system/Observation.rs"),
        ("system/Observation.write system/Patient.read", "system/Observation.write system/Patient.read"),
        ("system/Observation.cruds system/Consent.r", "system/Observation.cruds"),
        ("system/Patient.rs system/Patient.u", "system/Patient.rs"),
        (None, SCOPE),
    ],
)  # fmt: skip
def test_scopes_are_granted_as_far_as_they_are_registered(service, asked, granted):
    assert service.signed(scope=asked).json["scope"] == granted


@pytest.mark.parametrize(
    ("texts", "covered", "not_covered"),
    [
        ("system/Observation.cud", "Observation c, Observation d", "Observation r, Device c"),
        ("system/Observation.write", "Observation c, Observation u", "Observation s"),
        ("system/Observation.read", "Observation r, Observation s", "Observation u"),
        ("system/*.rs", "Observation r, Device s", "Device c"),
        ("system/Observation.*", "Observation d", "Patient r"),
        ("user/Observation.cruds patient/Observation.rs openid", "", "Observation r"),
        ("system/Observation.sr system/Observation. system/.rs", "", "Observation r, Observation s"),
    ],
)  # fmt: skip
def test_a_scope_covers_what_its_letters_say(texts, covered, not_covered):
    scopes = Scopes(texts.split())
    for expected, rights in ((True, covered), (False, not_covered)):
        for one in filter(None, rights.split(", ")):
            assert scopes.covers(*one.split()) is expected, one


# Counting and trouble


def test_token_requests_are_counted_however_many_come_at_once(service):
    def ask(_):
        return Service(service.server).signed().status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(8))) == {200}
    service.signed("nonsense")
    assert service.server.smart.calls.total() == {"granted": 8, "refused": 1}
