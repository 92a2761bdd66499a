"""OMRON's consent, tokens and revocation do what its partners' clients met."""

import base64
import json
import re
from uuid import UUID

import pytest

from tests.unit.sandbox.omron.omron_parts import ALL, CONSENT, TYPES, error_of
from tests.unit.sandbox.world_parts import CALLBACK, VERIFIER, challenge_of, query_of


def claims_of(token):
    header, claims, signature = token.split(".")
    padded = [json.loads(base64.urlsafe_b64decode(f"{one}===")) for one in (header, claims)]
    assert padded[0]["alg"] == "RS256"
    assert signature
    return padded[1]


def test_the_page_says_that_it_is_a_stand_in_and_ticks_what_is_about_data_alone(omron):
    text = omron.web.get(CONSENT, query_string=omron.asked()).text
    assert "Sandbox stand-in, not OMRON" in text
    boxes = re.findall(r'<input type="checkbox" name="scope" value="([^"]+)" checked>', text)
    assert boxes == list(TYPES)


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"response_type": "token"},
        {"state": None},
        {"scope": "bloodpressure glucose"},
        {"scope": "openid offline_access"},
        {"code_challenge": "x"},
    ],
    ids="-".join,
)
def test_a_wrong_request_is_stopped_and_leads_nowhere(omron, change):
    answer = omron.web.get(CONSENT, query_string=omron.asked(**change))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_refusing_leads_back_with_access_denied_and_the_state(omron):
    answer = omron.decide(decision="deny")
    assert answer.location.startswith(f"{CALLBACK}?")
    assert query_of(answer.location) == {"error": "access_denied", "state": "state-1"}


def test_an_unticked_type_is_not_granted(omron):
    form = {"boxes": "shown", "scope": ["weight"], "person": omron.login(), "decision": "allow"}
    answer = omron.web.post(CONSENT, query_string=omron.asked(), data=form)
    tokens = omron.exchange(query_of(answer.location)["code"]).json
    access = tokens["access_token"]
    assert "refresh_token" in tokens
    assert omron.measure(access, since="2026-11-01", type="weight").json["status"] == 0
    assert omron.measure(access, since="2026-11-01", type="activity").json["status"] != 0
    assert "activity" not in omron.result(access, since="2026-11-01")


def test_nothing_ticked_is_a_refusal(omron):
    form = {"boxes": "shown", "person": omron.login(), "decision": "allow"}
    answer = omron.web.post(CONSENT, query_string=omron.asked(), data=form)
    assert query_of(answer.location)["error"] == "access_denied"


def test_an_exchange_gives_tokens_of_an_hour_and_an_id_token_that_names_the_account(omron):
    given = omron.link()
    assert set(given) == {
        "id_token", "access_token", "expires_in", "token_type", "refresh_token",
    }  # fmt: skip
    assert (given["expires_in"], given["token_type"]) == (3600, "Bearer")
    sub = claims_of(given["id_token"])["sub"]
    assert str(UUID(sub)) == sub
    assert sub == omron.control.get("/people").json[0]["omron_user"]


def test_without_the_scopes_for_them_there_is_no_id_token_and_no_refresh_token(omron):
    assert "id_token" not in omron.link(scope="weight offline_access")
    assert "refresh_token" not in omron.link(scope="weight openid")


def test_every_person_has_an_account_of_their_own(omron):
    users = {one["omron_user"] for one in omron.control.get("/people").json}
    assert len(users) == len(omron.people)


def test_a_code_is_good_once_and_for_five_minutes(omron):
    code = omron.code()
    assert omron.exchange(code).status_code == 200
    assert error_of(omron.exchange(code)) == (400, "invalid_grant")
    code = omron.code()
    omron.clock.advance(299)
    assert omron.exchange(code).status_code == 200
    code = omron.code()
    omron.clock.advance(300)
    assert error_of(omron.exchange(code)) == (400, "invalid_grant")


def test_a_code_goes_to_the_address_that_it_was_given_for(omron):
    answer = omron.exchange(omron.code(), redirect_uri="https://elsewhere.example/")
    assert error_of(answer) == (400, "invalid_grant")


def test_a_challenge_is_optional_and_holds_when_it_was_sent(omron):
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    for wrong in (None, "w" * 43):
        answer = omron.exchange(omron.code(**pkce), code_verifier=wrong)
        assert error_of(answer) == (400, "invalid_grant")
    assert omron.exchange(omron.code(**pkce), code_verifier=VERIFIER).status_code == 200


def test_the_secret_stands_in_the_body_or_in_a_basic_header(omron):
    assert error_of(omron.exchange(omron.code(), client_secret="no")) == (400, "invalid_client")
    assert error_of(omron.exchange(omron.code(), client_id="no")) == (400, "invalid_client")
    form = {"grant_type": "authorization_code", "code": omron.code(), "redirect_uri": CALLBACK}
    for secret, status in (("no", 400), ("app-secret", 200)):
        answer = omron.web.post("/connect/token", data=form, auth=("app", secret))
        assert answer.status_code == status


def test_a_refresh_gives_the_next_refresh_token_and_kills_the_one_before(omron):
    first = omron.link()
    second = omron.refresh(first["refresh_token"]).json
    assert second["refresh_token"] != first["refresh_token"]
    assert error_of(omron.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert omron.refresh(second["refresh_token"]).status_code == 200
    assert omron.measure(second["access_token"], since="2026-11-20").json["status"] == 0


@pytest.mark.parametrize("told", [None, "https://elsewhere.example/"])
def test_a_refresh_may_have_to_say_where_its_code_was_given_to(omron, told):
    refresh = omron.link()["refresh_token"]
    omron.order("/omron/settings", refresh_redirect=True)
    assert error_of(omron.refresh(refresh, redirect_uri=told)) == (400, "invalid_request")
    assert omron.refresh(refresh, redirect_uri=CALLBACK).status_code == 200


def test_where_they_do_not_rotate_a_refresh_token_stays_and_is_not_said_again(omron):
    omron.order("/omron/settings", rotate=False)
    refresh = omron.link()["refresh_token"]
    for _ in range(2):
        answer = omron.refresh(refresh)
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json


def test_an_access_token_ends_after_its_seconds(omron):
    omron.order("/omron/settings", token_seconds=100)
    given = omron.link()
    assert given["expires_in"] == 100
    omron.clock.advance(99)
    assert omron.measure(given["access_token"], since="2026-11-20").status_code == 200
    omron.clock.advance(1)
    answer = omron.measure(given["access_token"], since="2026-11-20")
    assert answer.status_code == 401
    assert omron.measure(None, since="2026-11-20").status_code == 401


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_a_revoked_link_reads_nothing_and_cannot_be_refreshed(omron, name):
    given = omron.link()
    answer = omron.revoke(given[name], token_type_hint=name)
    assert (answer.status_code, answer.data) == (200, b"")
    assert omron.measure(given["access_token"], since="2026-11-20").status_code == 401
    assert error_of(omron.refresh(given["refresh_token"])) == (400, "invalid_grant")


def test_revoking_says_the_same_for_what_nobody_knows_and_does_nothing_for_a_stranger(omron):
    given = omron.link()
    for answer in (
        omron.revoke("unheard-of"),
        omron.revoke(given["refresh_token"], client_secret="no"),
    ):
        assert (answer.status_code, answer.data) == (200, b"")
    assert omron.refresh(given["refresh_token"]).status_code == 200


def test_where_revocation_is_gone_its_address_is_unknown(omron):
    omron.order("/omron/settings", revocation=False)
    given = omron.link()
    assert omron.revoke(given["refresh_token"]).status_code == 404
    assert omron.refresh(given["refresh_token"]).status_code == 200


def test_a_permission_that_is_taken_away_at_omron_ends_that_persons_tokens_alone(omron):
    mine, other = omron.link(0), omron.link(1)
    omron.order("/omron/consent/remove", login=omron.login(0))
    assert omron.measure(mine["access_token"], since="2026-11-20").status_code == 401
    assert error_of(omron.refresh(mine["refresh_token"])) == (400, "invalid_grant")
    assert omron.measure(other["access_token"], since="2026-11-20").status_code == 200


def test_all_scopes_are_those_of_the_partner_api(omron):
    assert omron.web.get(CONSENT, query_string=omron.asked(scope=ALL)).status_code == 200


def test_the_secrets_are_known_to_whoever_searches_for_leaks(omron):
    given = omron.link()
    seen = omron.control.get("/secrets").json
    for name in ("access_token", "refresh_token", "id_token"):
        assert given[name] in seen[name]
