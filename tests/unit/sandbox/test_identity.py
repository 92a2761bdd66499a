"""The identity provider's stand-in: OpenID Connect's code flow, as a strict provider has it."""

import time

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.unit.sandbox.world_parts import (
    ISSUER,
    SIGN_IN_CALLBACK,
    VERIFIER,
    challenge_of,
    query_of,
)


def asked(**changes):
    fields = {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": SIGN_IN_CALLBACK,
        "scope": "openid profile fhirUser",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def sign_in(sandbox, username="astrid", **changes):
    return sandbox.identity.post("/authorize", data=asked(**changes) | {"username": username})


def code(sandbox):
    return query_of(sign_in(sandbox).location)["code"]


def exchange(sandbox, given, auth=("portal", "oidc-secret"), **changes):
    fields = {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": SIGN_IN_CALLBACK,
        "code_verifier": VERIFIER,
    }
    return sandbox.identity.post("/token", data=fields | changes, auth=auth)


def metadata(sandbox):
    return sandbox.identity.get("/.well-known/openid-configuration").json


def test_discovery_names_every_endpoint_under_the_issuer(sandbox):
    found = metadata(sandbox)
    assert found["issuer"] == ISSUER
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(ISSUER + "/")
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "none" not in found["id_token_signing_alg_values_supported"]


def test_the_keys_are_published_without_their_private_part(sandbox):
    [key] = sandbox.identity.get("/jwks").json["keys"]
    assert key["kty"] == "EC"
    assert key["kid"]
    assert "d" not in key


def test_the_sign_in_page_hints_at_names_and_says_that_it_is_a_stand_in(sandbox):
    answer = sandbox.identity.get("/authorize", query_string=asked())
    assert answer.status_code == 200
    assert "Sandbox stand-in" in answer.text
    assert "Set-Cookie" not in answer.headers
    for person in sandbox.people:
        assert f'<option value="{person.username}">' in answer.text


def test_signing_in_leads_back_with_code_state_and_issuer(sandbox):
    answer = sign_in(sandbox)
    assert answer.status_code == 303
    assert answer.location.startswith(SIGN_IN_CALLBACK + "?")
    found = query_of(answer.location)
    assert found["state"] == "state-1"
    assert found["iss"] == ISSUER
    assert found["code"]


def test_the_id_token_says_who_it_is_and_whose_record(sandbox):
    answer = exchange(sandbox, code(sandbox)).json
    keys = KeySet.import_key_set(sandbox.identity.get("/jwks").json)
    token = jwt.decode(answer["id_token"], keys, algorithms=["ES256"])
    claims, person = token.claims, sandbox.people[0]
    now = time.time()
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "portal"
    assert claims["sub"] == person.subject
    assert claims["nonce"] == "nonce-1"
    assert claims["name"] == person.name
    assert claims["fhirUser"] == f"Patient/{person.patient_id}"
    assert now - 60 <= claims["iat"] <= now < claims["exp"]


def test_an_id_token_stays_in_real_time_when_the_sandbox_clock_moves(sandbox):
    sandbox.clock.advance(86_400)
    answer = exchange(sandbox, code(sandbox)).json
    keys = KeySet.import_key_set(sandbox.identity.get("/jwks").json)
    claims = jwt.decode(answer["id_token"], keys, algorithms=["ES256"]).claims
    assert abs(claims["iat"] - time.time()) < 60


def test_userinfo_agrees_with_the_id_token(sandbox):
    access = exchange(sandbox, code(sandbox)).json["access_token"]
    answer = sandbox.identity.get("/userinfo", headers={"Authorization": f"Bearer {access}"})
    assert answer.json["sub"] == sandbox.people[0].subject
    assert answer.json["fhirUser"] == f"Patient/{sandbox.people[0].patient_id}"


def test_userinfo_is_for_holders_of_a_token_that_still_lives(sandbox):
    assert sandbox.identity.get("/userinfo").status_code == 401
    access = exchange(sandbox, code(sandbox)).json["access_token"]
    sandbox.clock.advance(3_600)
    bearer = {"Authorization": f"Bearer {access}"}
    assert sandbox.identity.get("/userinfo", headers=bearer).status_code == 401


def test_a_name_that_nobody_has_gets_the_page_again_with_what_is_wrong(sandbox):
    answer = sign_in(sandbox, username="<b>nobody")
    assert answer.status_code == 400
    assert "Nobody of that name" in answer.text
    assert "<b>" not in answer.text
    assert 'name="state" value="state-1"' in answer.text


def test_cancelling_leads_back_with_access_denied(sandbox):
    answer = sandbox.identity.post("/authorize", data=asked() | {"decision": "cancel"})
    found = query_of(answer.location)
    assert found["error"] == "access_denied"
    assert found["state"] == "state-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": SIGN_IN_CALLBACK + "/"},
        {"redirect_uri": "https://portal.example/"},
        {"redirect_uri": None},
    ],
)
def test_an_unknown_client_or_return_address_never_sends_the_browser_anywhere(sandbox, wrong):
    shown = sandbox.identity.get("/authorize", query_string=asked(**wrong))
    posted = sign_in(sandbox, **wrong)
    for answer in (shown, posted):
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_another_mistake_is_told_to_the_client(sandbox, wrong, error):
    shown = sandbox.identity.get("/authorize", query_string=asked(**wrong))
    for answer in (shown, sign_in(sandbox, **wrong)):
        found = query_of(answer.location)
        assert found["error"] == error
        assert "code" not in found


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"redirect_uri": SIGN_IN_CALLBACK + "x"},
        {"code": "made-up"},
    ],
)
def test_a_code_without_its_proof_is_worth_nothing(sandbox, wrong):
    answer = exchange(sandbox, code(sandbox), **wrong)
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"


def test_a_code_lives_a_minute(sandbox):
    given = code(sandbox)
    sandbox.clock.advance(60)
    assert exchange(sandbox, given).json["error"] == "invalid_grant"


def test_a_code_that_comes_twice_ends_what_it_gave(sandbox):
    given = code(sandbox)
    access = exchange(sandbox, given).json["access_token"]
    assert exchange(sandbox, given).json["error"] == "invalid_grant"
    bearer = {"Authorization": f"Bearer {access}"}
    assert sandbox.identity.get("/userinfo", headers=bearer).status_code == 401


def test_the_client_may_authenticate_in_the_body(sandbox):
    credentials = {"client_id": "portal", "client_secret": "oidc-secret"}
    assert exchange(sandbox, code(sandbox), auth=None, **credentials).status_code == 200


@pytest.mark.parametrize("auth", [("portal", "wrong"), ("other", "oidc-secret"), None])
def test_a_client_that_cannot_prove_itself_is_refused(sandbox, auth):
    answer = exchange(sandbox, code(sandbox), auth=auth)
    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_client"


def test_tokens_are_not_to_be_stored_on_the_way(sandbox):
    assert exchange(sandbox, code(sandbox)).headers["Cache-Control"] == "no-store"


def test_other_grants_are_not_offered(sandbox):
    answer = exchange(sandbox, code(sandbox), grant_type="password")
    assert answer.json["error"] == "unsupported_grant_type"
