"""An EHR that requires tokens: which it takes, for what, and until when.

Belongs here: 401 and 403 of FHIR interactions. Not here: how a token is got (`test_smart.py`).
"""

import base64

import pytest

from sandbox.clock import Clock
from sandbox.ehr.app import create_ehr
from sandbox.smart.clients import Client
from sandbox.smart.scopes import Scopes
from tests.unit.sandbox.ehr_parts import device, entry, weight
from tests.unit.sandbox.smart_parts import Service

ALL = "system/*.cruds"


@pytest.fixture
def clock():
    return Clock(real=lambda: 1_000_000.0)


@pytest.fixture
def service(clock):
    server = create_ehr([{"resourceType": "Patient", "id": "anna"}], clock)
    server.settings.token_required = True
    client = Client(client_id="app", scopes=Scopes([ALL]), secret="s3:cret")
    server.smart.clients.register(client)
    return Service(server)


@pytest.fixture
def token(service):
    def give(scope=ALL):
        form = {"client_id": "app", "client_secret": "s3:cret", "scope": scope}
        return service.token(form).json["access_token"]

    return give


def put(service, resource, token):
    path = f"{resource['resourceType']}/{resource['id']}"
    return service.fhir("PUT", path, resource, token=token)


def send(service, kind, *entries, token):
    bundle = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return service.fhir("POST", "", bundle, token=token)


def statuses(answer):
    return [one["response"]["status"][:3] for one in answer.json["entry"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "Observation/w1"),
        ("GET", "Observation?patient=anna"),
        ("GET", "Observation/w1/_history"),
        ("PUT", "Observation/w1"),
        ("DELETE", "Observation/w1"),
        ("POST", ""),
    ],
)
def test_nothing_is_told_or_done_without_a_token(service, method, path):
    body = weight() if method in {"PUT", "POST"} else None
    answer = service.fhir(method, path, body)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["issue"][0]["code"] == "login"
    assert service.server.snapshot()["Observation"] == 0


def test_a_token_opens_what_its_scopes_say(service, token):
    assert put(service, weight(), token()).status_code == 201
    assert service.fhir("GET", "Observation/w1", token=token()).status_code == 200


@pytest.mark.parametrize("made_up", ["x", "Bearer", ""])
def test_a_token_that_nobody_gave_out_opens_nothing(service, made_up):
    answer = service.fhir("GET", "Patient/anna", Authorization=f"Bearer {made_up}")
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_token_ends_when_it_was_said_to(service, token, clock):
    service.server.smart.tokens.lifetime_seconds = 60
    short = token()
    clock.advance(59)
    assert service.fhir("GET", "Patient/anna", token=short).status_code == 200
    clock.advance(1)
    assert service.fhir("GET", "Patient/anna", token=short).status_code == 401
    assert service.fhir("GET", "Patient/anna", token=token()).status_code == 200


def test_a_revoked_token_opens_nothing_and_a_new_one_does(service, token):
    old = token()
    service.server.smart.tokens.revoke()
    assert service.fhir("GET", "Patient/anna", token=old).status_code == 401
    assert service.fhir("GET", "Patient/anna", token=token()).status_code == 200


def test_a_client_may_sign_in_with_its_secret_at_the_ehr_itself(service):
    def got(text):
        encoded = base64.b64encode(text.encode()).decode()
        return service.fhir("GET", "Patient/anna", Authorization=f"Basic {encoded}").status_code

    assert got("app:s3:cret") == 200
    assert got("app:other") == got("nobody:s3:cret") == 401


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("system/Observation.rs", "read search"),
        ("system/Observation.r", "read"),
        ("system/Observation.s", "search"),
        ("system/Observation.read", "read search"),
        ("system/Observation.c", "post"),
        ("system/Observation.u", "change"),
        ("system/Observation.cu", "post put change"),
        ("system/Observation.d", "delete"),
        ("system/Observation.write", "post put change delete"),
        ("system/Device.cruds", ""),
    ],
)
def test_each_interaction_needs_its_own_right(service, token, scope, allowed):
    put(service, weight(), token())
    narrow = token(scope)
    changed = weight(status="amended")
    answers = {
        "read": service.fhir("GET", "Observation/w1", token=narrow),
        "search": service.fhir("GET", "Observation?patient=anna", token=narrow),
        "post": service.fhir("POST", "Observation", weight(), token=narrow),
        # An update that creates needs the right to create too.
        "put": put(service, weight("w2"), narrow),
        "change": put(service, changed, narrow),
        "delete": service.fhir("DELETE", "Observation/w1", token=narrow),
    }
    refused = {name for name, answer in answers.items() if answer.status_code == 403}
    assert refused == answers.keys() - set(allowed.split())
    assert all(answers[name].status_code < 300 for name in allowed.split())
    for name in refused:
        assert answers[name].json["issue"][0]["code"] == "forbidden"


def test_a_missing_right_costs_an_entry_of_a_batch_and_a_whole_transaction(service, token):
    narrow = token("system/Observation.cruds")
    entries = [entry(device()), entry(weight())]
    assert statuses(send(service, "batch", *entries, token=narrow)) == ["403", "201"]
    fresh = [entry(device()), entry(weight("w2"))]
    assert send(service, "transaction", *fresh, token=narrow).status_code == 403
    assert service.server.snapshot() == {"Device": 0, "Observation": 1, "Patient": 1}


def test_the_reader_is_let_in(service):
    answer = service.fhir("GET", "Patient/anna", **{"X-Sandbox-Reader": "1"})
    assert answer.status_code == 200


def test_an_ehr_that_requires_no_token_takes_any(service):
    service.server.settings.token_required = False
    assert service.fhir("GET", "Patient/anna", Authorization="Bearer x").status_code == 200


def test_a_fault_of_the_ehr_does_not_hit_token_requests_and_the_other_way_round(service, token):
    service.server.faults.add("status", count=1)
    assert service.fhir("GET", ".well-known/smart-configuration").status_code == 200
    mine = token()
    assert service.fhir("GET", "Patient/anna", token=mine).status_code == 503
    assert service.fhir("GET", "Patient/anna", token=mine).status_code == 200
