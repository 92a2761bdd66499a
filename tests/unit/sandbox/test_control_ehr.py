"""The control endpoint and the EHR: its settings, its clients, and the count of its tokens."""

import pytest
from werkzeug.test import Client as HttpClient

from tests.unit.sandbox.ehr_parts import device
from tests.unit.sandbox.smart_parts import EC, SCOPE, Service, assertion, public


@pytest.fixture
def service(sandbox):
    return Service(sandbox.world.ehr)


def register(sandbox, **changes):
    given = {"id": "app", "secret": "s3cret", "scope": SCOPE} | changes
    given = {name: value for name, value in given.items() if value is not None}
    return sandbox.control.post("/smart/clients", json=given)


def by_secret(service):
    return service.token({"client_id": "app", "client_secret": "s3cret"})


def test_settings_change_one_by_one_and_are_told_as_a_whole(sandbox, service):
    sandbox.order("/ehr/settings", client_ids=False)
    told = sandbox.order("/ehr/settings", stale_if_match=412, limits={"29463-7": 200})
    assert told == {
        "ignore_if_none_exist": False,
        "client_ids": False,
        "deleted_ids": "recreated",
        "bad_entry": "itself",
        "stale_if_match": 412,
        "token_required": False,
        "retry_on_conflict": False,
        "conflicts": False,
        "racy_conditional": False,
        "pause_seconds": 0.02,
        "overclaims": False,
        "write_only": False,
        "deletes": True,
        "limits": {"29463-7": 200},
    }
    assert service.fhir("PUT", "Device/d1", device()).status_code == 404
    assert sandbox.order("/ehr/settings") == told
    assert sandbox.order("/ehr/settings/reset")["client_ids"] is True
    assert service.fhir("PUT", "Device/d1", device()).status_code == 201


def test_a_client_is_registered_with_a_secret_or_with_keys(sandbox, service):
    assert register(sandbox).json == {"registered": "app"}
    assert by_secret(service).status_code == 200
    assert register(sandbox, id="backend", secret=None, jwks=public(EC)).status_code == 200
    assert service.signed(assertion(service.endpoint)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ehr/settings", {"colour": "red"}),
        ("/ehr/settings", {"client_ids": "no"}),
        ("/ehr/settings", {"stale_if_match": 410}),
        ("/smart/clients", {"id": "app", "scope": SCOPE}),
        ("/smart/clients", {"id": "app", "secret": "s"}),
        ("/smart/clients", {"secret": "s", "scope": SCOPE}),
        ("/smart/clients", {"id": "app", "secret": "s", "jwks": public(EC), "scope": SCOPE}),
        ("/smart/clients", {"id": "app", "jwks": "text", "scope": SCOPE}),
        ("/smart/settings", {}),
        ("/smart/settings", {"token_seconds": 0}),
        ("/faults", {"target": "smart", "kind": "truncated"}),
        ("/faults", {"target": "smart", "kind": "status", "call": "jwks"}),
        ("/faults", {"target": "smart", "kind": "status", "method": "read"}),
    ],
)
def test_a_wrong_order_gets_400_and_says_why(sandbox, path, body):
    answer = sandbox.control.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json["error"]


def test_tokens_last_as_long_as_ordered_by_the_clock_of_the_sandbox(sandbox, service):
    register(sandbox)
    sandbox.order("/ehr/settings", token_required=True)
    assert sandbox.order("/smart/settings", token_seconds=30) == {"token_seconds": 30}
    answer = by_secret(service).json
    assert answer["expires_in"] == 30
    read = {"path": f"Patient/{sandbox.people[0].patient_id}", "token": answer["access_token"]}
    assert service.fhir("GET", **read).status_code == 200
    sandbox.order("/clock", advance_seconds=30)
    assert service.fhir("GET", **read).status_code == 401


def test_revoking_ends_every_token_at_once(sandbox, service):
    register(sandbox)
    sandbox.order("/ehr/settings", token_required=True)
    tokens = [by_secret(service).json["access_token"] for _ in range(2)]
    sandbox.order("/smart/revoke")
    patient = f"Patient/{sandbox.people[0].patient_id}"
    assert [service.fhir("GET", patient, token=one).status_code for one in tokens] == [401, 401]


def test_token_requests_are_counted_apart_from_those_of_fhir(sandbox, service):
    service.http = HttpClient(sandbox.world.ehr_app)
    register(sandbox)
    assert sandbox.control.get("/calls").json["smart_tokens"] == {"granted": 0, "refused": 0}
    by_secret(service)
    service.token({"client_id": "app", "client_secret": "wrong"})
    service.fhir("GET", "metadata")
    counted = sandbox.control.get("/calls").json
    assert counted["smart_tokens"] == {"granted": 1, "refused": 1}
    assert counted["ehr"] == {"GET": 1}
    assert sandbox.order("/calls/reset")["smart_tokens"] == {"granted": 0, "refused": 0}


def test_the_token_endpoint_can_be_down_for_a_while(sandbox, service):
    register(sandbox)
    order = {"target": "smart", "kind": "status", "call": "token", "count": 1}
    sandbox.order("/faults", status=503, seconds=4, **order)
    down = by_secret(service)
    assert (down.status_code, down.headers["Retry-After"]) == (503, "4")
    assert by_secret(service).status_code == 200
    sandbox.order("/faults", target="smart", kind="garbage")
    assert by_secret(service).mimetype == "text/html"
    assert service.fhir("GET", ".well-known/smart-configuration").mimetype == "text/html"
    sandbox.order("/faults/clear")
    assert by_secret(service).status_code == 200


def test_secrets_assertions_and_tokens_are_listed_for_a_search_for_leaks(sandbox, service):
    register(sandbox)
    register(sandbox, id="backend", secret=None, jwks=public(EC))
    text = assertion(service.endpoint)
    token = service.signed(text).json["access_token"]
    by_secret(service)
    basic = {"Authorization": "Basic YXBwOnMzY3JldA=="}
    other = service.token({}, **basic).json["access_token"]
    seen = sandbox.control.get("/secrets").json
    assert seen["client_assertion"] == [text]
    assert seen["client_secret"] == ["s3cret"]
    assert {token, other} <= set(seen["access_token"])
