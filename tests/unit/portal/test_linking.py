"""The start of an authorization: states, PKCE, and the versions of the API."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

INITIATE = "/api/base/provider-links/withings/initiate_oauth2/"
V1 = "application/vnd.ohx.v1+json"


def test_a_browser_is_sent_to_the_vendor_with_303(patient):
    answer = patient.post(INITIATE)

    asked = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 303
    assert answer.location.startswith("https://withings.example/consent?")
    assert asked["redirect_uri"] == [
        "http://127.0.0.1:8400/api/base/provider-links/withings/oauth2_callback/"
    ]
    assert len(asked["state"][0]) >= 43
    assert "challenge" not in asked


def test_every_start_has_a_state_of_its_own(patient):
    assert patient.start() != patient.start()


def test_a_vendor_that_takes_pkce_gets_the_challenge_of_the_stored_verifier(patient, pkce_vendor):
    answer = patient.post(INITIATE.replace("withings", "pulse"))
    asked = parse_qs(urlsplit(answer.location).query)
    patient.come_back("pulse", state=asked["state"][0], code="c")

    [(_, _, verifier)] = pkce_vendor.exchanged
    digest = hashlib.sha256(verifier.encode()).digest()
    assert asked["challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
    assert verifier not in answer.location


@pytest.mark.parametrize("accept", [V1, "*/*", "application/*", f"{V1};q=0.5, image/png"])
def test_an_api_client_is_told_the_address(patient, accept):
    answer = patient.post(INITIATE, accept=accept)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == V1
    assert "Accept" in answer.vary
    assert answer.json["authorization_url"].startswith("https://withings.example/consent?")


def test_plain_json_means_the_current_version(patient):
    answer = patient.post(INITIATE, accept="application/json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json) == {"authorization_url"}


def test_no_accept_header_means_the_current_version(patient):
    answer = patient.http.post(INITIATE, data={"csrf_token": patient.csrf()})
    assert answer.headers["Content-Type"] == V1


def test_the_csrf_token_may_come_in_a_header(patient):
    headers = {"X-CSRFToken": patient.csrf(), "Accept": V1}
    assert patient.http.post(INITIATE, headers=headers).status_code == 200


@pytest.mark.parametrize("accept", ["application/vnd.ohx.v9+json", "image/png"])
def test_an_unknown_version_is_not_acceptable(patient, accept):
    answer = patient.post(INITIATE, accept=accept)

    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Accept" in answer.vary
    assert answer.json["code"] == "not_acceptable"


def test_an_api_client_without_sign_in_gets_a_problem(visit):
    answer = visit.post(INITIATE, accept=V1)

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "sign_in_first"


def test_a_browser_without_sign_in_gets_a_page(visit):
    answer = visit.post(INITIATE)

    assert answer.status_code == 401
    assert "Please sign in" in answer.text


def test_an_unknown_vendor_is_not_found(patient):
    assert patient.post("/api/base/provider-links/nobody/initiate_oauth2/").status_code == 404


def test_linking_never_starts_by_get(patient):
    answer = patient.get(INITIATE)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"
