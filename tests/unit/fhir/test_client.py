"""One request to an EHR: credentials, time-outs, statuses, paging; nothing of an answer in an error."""

import pytest
import requests
from tenacity import wait_none

from ohx_pipelines.errors import EhrConflict, EhrDown, EhrMalformed, EhrRejected
from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from tests.wire import Wire

BASE = "https://ehr.example/fhir"
CANARY = "CANARY-72.3"


FHIR = {"Content-Type": "application/fhir+json;charset=UTF-8"}


def ok(content):
    return (200, content, FHIR)


def refused(status, **headers):
    text = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": CANARY}]}
    return (status, text, {name.replace("_", "-"): value for name, value in headers.items()})


def page(*ids, following=None):
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": {"resourceType": "Device", "id": one}} for one in ids]
    return ok({"resourceType": "Bundle", "link": links, "entry": entries})


@pytest.fixture
def client_on(monkeypatch):
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    opened = []

    def build(*answers, **connection):
        client = connect(FhirConnection(url=BASE, **connection))
        wire = Wire(*answers)
        client._session.mount("https://", wire)
        opened.append(client)
        return client, wire

    yield build
    for client in opened:
        client.close()


@pytest.mark.parametrize(
    ("connection", "header"),
    [
        ({}, None),
        ({"auth": "bearer", "token": "t0"}, "Bearer t0"),
        # "user:pass" in base64, RFC 7617.
        ({"auth": "basic", "username": "user", "password": "pass"}, "Basic dXNlcjpwYXNz"),
    ],
)
def test_credentials_go_with_each_request_and_a_netrc_replaces_none(
    client_on, monkeypatch, tmp_path, connection, header
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine ehr.example login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    client, wire = client_on(ok({"resourceType": "Patient"}), timeout_seconds=7, **connection)

    client.read("Patient", "p1")

    [request] = wire.requests
    assert request.url == f"{BASE}/Patient/p1"
    assert request.headers.get("Authorization") == header
    assert request.headers["Accept"] == "application/fhir+json"
    assert request.headers["Cache-Control"] == "no-cache"
    assert wire.timeouts == [7]


def test_secrets_are_in_no_repr():
    connection = FhirConnection(url=BASE, auth="bearer", token="SECRET-1", password="SECRET-2")

    assert "SECRET" not in repr(connection)


@pytest.mark.parametrize("status", [404, 410])
def test_a_resource_that_is_not_there_is_none(client_on, status):
    client, _ = client_on(refused(status))

    assert client.read("Patient", "p1") is None


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (400, EhrRejected, 1),
        (401, EhrRejected, 1),
        (403, EhrRejected, 1),
        (409, EhrConflict, 1),
        (412, EhrConflict, 1),
        (422, EhrRejected, 1),
        (302, EhrRejected, 1),
        (408, EhrDown, 3),
        (429, EhrDown, 3),
        (500, EhrDown, 3),
        (503, EhrDown, 3),
    ],
)
def test_each_status_has_its_error_and_its_tries_and_no_text_of_the_server(
    client_on, status, kind, tries
):
    client, wire = client_on(*[refused(status)] * tries)

    with pytest.raises(kind) as caught:
        client.read("Patient", "p1")

    assert (caught.value.status, caught.value.attempts, len(wire.requests)) == (
        status,
        tries,
        tries,
    )
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_ehr_that_does_not_answer_is_tried_three_times(client_on):
    client, wire = client_on(*[requests.ConnectionError(CANARY)] * 3)

    with pytest.raises(EhrDown) as caught:
        client.search("Device", [])

    assert len(wire.requests) == 3
    assert CANARY not in str(caught.value)


def test_a_pause_that_is_asked_for_and_too_long_gives_the_day_back_at_once(client_on):
    client, wire = client_on(refused(503, Retry_After="120"))

    with pytest.raises(EhrDown) as caught:
        client.read("Patient", "p1")

    assert (len(wire.requests), caught.value.retry_after_seconds) == (1, 120)


@pytest.mark.parametrize(
    "answer",
    [
        (200, f"<html>{CANARY}".encode(), {"Content-Type": "text/html"}),
        (200, {"resourceType": "Patient", "id": CANARY}, {"Content-Type": "text/html"}),
        (200, {"resourceType": "Patient", "id": CANARY}, {}),
        (200, f'{{"resourceType": "Patient", "id": "{CANARY}'.encode(), FHIR),
        (200, [CANARY], FHIR),
        (200, {"resourceType": "OperationOutcome", "id": CANARY}, FHIR),
        (200, b"", FHIR),
    ],
)
def test_an_answer_that_cannot_be_read_is_malformed_without_its_text(client_on, answer):
    client, _ = client_on(answer)

    with pytest.raises(EhrMalformed) as caught:
        client.read("Patient", "p1")

    assert caught.value.code == "malformed"
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        {"resourceType": "OperationOutcome", "issue": []},
        {"resourceType": "Bundle", "entry": {}},
        {"resourceType": "Bundle", "entry": ["x"]},
    ],
)
def test_a_search_that_is_not_answered_with_a_bundle_never_means_that_nothing_is_there(
    client_on, content
):
    client, _ = client_on(ok(content))

    with pytest.raises(EhrMalformed):
        client.search("Observation", [])


def test_every_page_of_a_search_is_read_and_only_the_type_asked_for(client_on):
    first = page("a", "b", following=f"{BASE}?_getpages=1")
    second = ok(
        {
            "resourceType": "Bundle",
            "entry": [
                {"resource": {"resourceType": "OperationOutcome"}},
                {"resource": {"resourceType": "Device", "id": "c"}},
            ],
        }
    )
    client, wire = client_on(first, second)

    found = client.search("Device", [("identifier", "a|b"), ("date", "ge1"), ("date", "lt2")])

    assert [one["id"] for one in found] == ["a", "b", "c"]
    assert wire.requests[0].url.count("date=") == 2
    assert wire.requests[1].url == f"{BASE}?_getpages=1"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("?_getpages=1", f"{BASE}/?_getpages=1"),
        ("Device?identifier=https://x|y&page=2", f"{BASE}/Device?identifier=https://x%7Cy&page=2"),
        ("/fhir?_getpages=1", f"{BASE}?_getpages=1"),
        ("/fhir/Device?page=2", f"{BASE}/Device?page=2"),
    ],
)
def test_a_page_may_be_named_without_the_server(client_on, link, address):
    client, wire = client_on(page("a", following=link), page("b"))

    assert len(client.search("Device", [])) == 2
    assert wire.requests[1].url == address


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/fhir?page=2",
        "//elsewhere.example/fhir?page=CANARY",
        f"{BASE}.elsewhere.example/Device?page=2",
        "../admin?CANARY",
        "//[CANARY",
    ],
)
def test_a_page_that_leads_to_another_address_is_not_followed_with_our_credentials(client_on, link):
    client, wire = client_on(page("a", following=link))

    with pytest.raises(EhrRejected, match="OHX_EHR__URL") as caught:
        client.search("Device", [])

    assert (caught.value.detail, len(wire.requests)) == ("pages_elsewhere", 1)
    assert "CANARY" not in f"{caught.value}{caught.value.__context__}"


def test_a_bundle_that_is_not_answered_entry_by_entry_is_no_success(client_on):
    client, _ = client_on(ok({"resourceType": "Bundle", "entry": []}))

    with pytest.raises(EhrMalformed):
        client.batch([{"request": {"method": "PUT", "url": "Device/a"}}])
