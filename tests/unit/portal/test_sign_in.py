"""Signing in: only a patient whom the EHR knows gets in, and every other end has its page."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from oauth_portal.patient_record import fhir_id_named
from ohx_pipelines.errors import CredentialsRefused, EhrRejected, RightsMissing


def test_a_patient_whom_the_ehr_knows_gets_in(visit, ehr):
    answer = visit.sign_in()

    assert (answer.status_code, answer.location) == (303, "/")
    assert "Your devices" in visit.get("/").text
    assert ehr.closed == 1


def test_the_sign_in_asks_with_state_nonce_and_pkce(visit, identity):
    answer = visit.post("/sign-in")

    asked = parse_qs(urlsplit(answer.location).query)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{identity.issuer}/authorize?")
    assert asked["redirect_uri"] == ["http://127.0.0.1:8400/sign-in/return"]
    assert asked["scope"] == ["openid profile fhirUser"]
    assert len(asked["state"][0]) >= 22
    assert asked["nonce"]
    assert asked["code_challenge"]


def test_an_absolute_reference_to_the_same_ehr_is_accepted(visit):
    assert visit.sign_in(patient="https://ehr.example/fhir/Patient/p1").status_code == 303


def test_the_claim_may_come_from_userinfo(visit, identity):
    identity.userinfo_claims = {"sub": "subject-1", "fhirUser": "Patient/p1"}
    assert visit.sign_in(patient=None).status_code == 303


def test_userinfo_about_somebody_else_is_not_used(visit, identity):
    identity.userinfo_claims = {"sub": "subject-9", "fhirUser": "Patient/p1"}
    answer = visit.sign_in(patient=None)

    assert answer.status_code == 403
    assert "We cannot tell which record is yours" in answer.text


def test_a_claim_of_another_ehr_is_refused(visit):
    answer = visit.sign_in(patient="https://evil.example/fhir/Patient/p1")

    assert answer.status_code == 403
    assert "Your record is kept somewhere else" in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "claim",
    [
        "Practitioner/p1",
        "p1",
        "Patient/p1/_history/2",
        "Patient/../p1",
        "Patient/..",
        "Patient/",
        "Patient/a b",
    ],
)
def test_a_claim_that_names_no_patient_is_refused(visit, claim):
    answer = visit.sign_in(patient=claim)

    assert answer.status_code == 403
    assert "We cannot tell which record is yours" in answer.text


@pytest.mark.parametrize("base", ["https://ehr.example/fhir", "https://ehr.example/fhir/"])
def test_a_slash_at_the_end_of_the_ehr_address_makes_no_difference(base):
    assert fhir_id_named("https://ehr.example/fhir/Patient/p1", ehr_url=base) == "p1"


def test_a_patient_missing_in_the_ehr_is_told_to_ask_the_clinic(visit):
    answer = visit.sign_in(patient="Patient/unknown")

    assert answer.status_code == 403
    assert "We cannot find your record" in answer.text
    assert "Ask Riverside Clinic" in answer.text
    assert "Your devices" not in visit.get("/").text


def test_an_ehr_that_is_down_asks_for_patience(visit, ehr, ehr_down):
    ehr.error = ehr_down
    answer = visit.sign_in()

    assert answer.status_code == 503
    assert "Try again later" in answer.text
    assert ehr.closed == 1


def test_an_ehr_that_refuses_us_is_not_called_a_missing_record(visit, ehr):
    ehr.error = EhrRejected(status=401)
    answer = visit.sign_in()

    assert answer.status_code == 502
    assert "cannot be checked right now" in answer.text


@pytest.mark.parametrize("error", [CredentialsRefused(status=401), RightsMissing(status=403)])
@pytest.mark.parametrize(("mode", "status"), [("put-id", 502), ("blind", 303)])
def test_where_nothing_may_be_read_the_identity_providers_word_counts(
    visit, ehr, store, error, mode, status
):
    store.set_write_mode("Riverside records", mode)
    ehr.error = error

    assert visit.sign_in().status_code == status


def test_also_in_blind_mode_a_record_that_is_not_there_is_missing(visit, ehr, store, ehr_down):
    store.set_write_mode("Riverside records", "blind")
    assert visit.sign_in(patient="Patient/nobody").status_code == 403

    ehr.error = ehr_down
    assert visit.sign_in().status_code == 503


def test_a_sign_in_that_moved_to_another_record_is_stopped(patient, new_visit):
    answer = new_visit().sign_in(patient="Patient/p2")

    assert answer.status_code == 409
    assert "Your sign-in now belongs to another record" in answer.text


def test_a_cancelled_sign_in_says_so(visit):
    answer = visit.get("/sign-in/return?error=access_denied&error_description=CANARY&state=x")

    assert answer.status_code == 403
    assert "You are not signed in" in answer.text
    assert "CANARY" not in answer.text


def test_another_error_of_the_provider_says_so(visit):
    answer = visit.get("/sign-in/return?error=server_error&state=x")
    assert answer.status_code == 502


def test_a_return_works_only_once(visit, identity):
    back = identity.approve(visit.post("/sign-in").location)
    assert visit.get(back).status_code == 303

    again = visit.get(back)

    assert again.status_code == 400
    assert "Please sign in again" in again.text


def test_a_start_that_nobody_finished_within_an_hour_is_over(visit, identity):
    back = identity.approve(visit.post("/sign-in").location)
    with visit.http.session_transaction() as session:
        [key] = [key for key in session if key.startswith("_state_")]
        session[key] = session[key] | {"exp": time.time() - 1}

    answer = visit.get(back)

    assert answer.status_code == 400
    assert "Please sign in again" in answer.text


def test_many_starts_that_nobody_finished_still_fit_into_a_cookie(visit):
    sizes = [len(visit.post("/sign-in").headers["Set-Cookie"]) for _ in range(30)]

    assert max(sizes) < 2500
    assert visit.sign_in().status_code == 303


def test_a_sign_in_begun_in_two_windows_can_be_finished_in_either(visit, identity):
    first = identity.approve(visit.post("/sign-in").location)
    visit.post("/sign-in")
    assert visit.get(first).status_code == 303


def test_a_return_in_another_browser_is_refused(visit, new_visit, identity):
    back = identity.approve(visit.post("/sign-in").location)
    assert new_visit().get(back).status_code == 400


def test_a_return_without_anything_is_refused(visit):
    assert visit.get("/sign-in/return").status_code == 400


def test_a_code_that_the_provider_refuses_is_a_failed_sign_in(visit, identity):
    back = identity.approve(visit.post("/sign-in").location)
    identity.codes.clear()

    answer = visit.get(back)

    assert answer.status_code == 502
    assert "The sign-in did not work" in answer.text


def test_an_answer_that_names_another_issuer_is_refused(visit, identity):
    back = identity.approve(visit.post("/sign-in").location)
    assert visit.get(f"{back}&iss=https://evil.example").status_code == 502


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "other"}, {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}],
    ids=["nonce", "audience", "issuer", "expired"],
)
def test_an_id_token_with_a_wrong_claim_is_refused(visit, identity, claims):
    identity.extra_claims = claims
    answer = visit.sign_in()

    assert answer.status_code == 502
    assert "Your devices" not in visit.get("/").text


def test_an_id_token_signed_by_another_key_is_refused(visit, identity):
    stranger = ECKey.generate_key("P-256")
    identity.sign = lambda claims: jwt.encode(
        {"alg": "ES256", "kid": identity.key.kid}, claims, stranger
    )
    assert visit.sign_in().status_code == 502


def test_an_id_token_signed_with_the_client_secret_is_refused(visit, identity):
    key = OctKey.import_key("client-secret-client-secret-client-secret")
    identity.sign = lambda claims: jwt.encode({"alg": "HS256"}, claims, key)
    assert visit.sign_in().status_code == 502


def test_an_id_token_without_a_signature_is_refused(visit, identity):
    def unsigned(claims):
        parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
        return (
            ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        )

    identity.sign = unsigned
    assert visit.sign_in().status_code == 502


def test_a_new_signing_key_is_fetched(visit, identity):
    assert visit.sign_in().status_code == 303
    identity.new_key("two")
    assert visit.sign_in().status_code == 303


def test_a_provider_that_is_down_asks_for_patience_and_is_asked_again(visit, identity):
    identity.down = True
    answer = visit.post("/sign-in")
    assert answer.status_code == 503
    assert "Signing in is not possible right now" in answer.text

    identity.down = False
    assert visit.sign_in().status_code == 303


def test_a_provider_that_calls_itself_something_else_is_not_used(visit, identity):
    identity.extra_metadata = {"issuer": "https://evil.example"}
    assert visit.post("/sign-in").status_code == 503

    identity.extra_metadata = {}
    assert visit.sign_in().status_code == 303


def test_a_sign_in_page_on_another_host_is_reached_by_a_link(visit, identity):
    # form-action would stop the redirect: the origin is known only after discovery.
    identity.extra_metadata = {"authorization_endpoint": "https://login.example/authorize"}
    answer = visit.post("/sign-in")

    assert answer.status_code == 200
    assert 'href="https://login.example/authorize?' in answer.text
