"""The vendor's stand-in does what the vendor's documents say: consent, tokens, signatures, limits."""

import hashlib
import hmac

import pytest

from tests.unit.sandbox.world_parts import CALLBACK, NOON, query_of

HOUR = 3_600


def signed(*values):
    return hmac.new(b"app-secret", ",".join(values).encode(), hashlib.sha256).hexdigest()


def nonce(sandbox):
    timestamp = str(NOON)
    answer = sandbox.call(
        "/v2/signature",
        "getnonce",
        client_id="app",
        timestamp=timestamp,
        signature=signed("getnonce", "app", timestamp),
    )
    assert answer["status"] == 0
    return answer["body"]["nonce"]


def revoke(sandbox, fresh, user_id, **changes):
    fields = {
        "client_id": "app",
        "nonce": fresh,
        "signature": signed("revoke", "app", fresh),
        "userid": user_id,
    }
    return sandbox.call("/v2/oauth2", "revoke", **fields | changes)


# The consent page


def test_the_consent_page_lists_the_accounts_and_says_that_it_is_a_stand_in(sandbox):
    answer = sandbox.vendor.get("/oauth2_user/authorize2", query_string=sandbox.asked())
    assert answer.status_code == 200
    assert "Sandbox stand-in, not Withings" in answer.text
    for person in sandbox.people:
        assert f'value="{person.login}"' in answer.text


def test_the_form_carries_the_request_without_cookies_and_escapes_it(sandbox):
    asked = sandbox.asked(state='"><script>')
    answer = sandbox.vendor.get("/oauth2_user/authorize2", query_string=asked)
    assert "Set-Cookie" not in answer.headers
    assert "<script>" not in answer.text
    assert f'name="redirect_uri" value="{CALLBACK}"' in answer.text


def test_allowing_leads_back_with_a_code_and_the_state(sandbox):
    answer = sandbox.decide()
    assert answer.status_code == 302
    assert answer.location.startswith(CALLBACK + "?")
    assert query_of(answer.location)["state"] == "state-1"
    assert query_of(answer.location)["code"]


def test_refusing_leads_back_with_access_denied_and_no_code(sandbox):
    answer = sandbox.decide(decision="deny")
    assert query_of(answer.location) == {"error": "access_denied", "state": "state-1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": CALLBACK + "x"},
        {"redirect_uri": None},
        {"response_type": "token"},
        {"scope": "user.info user.metrics"},
        {"scope": "user.everything"},
        {"state": None},
    ],
)
def test_a_wrong_request_gets_a_page_and_never_sends_the_browser_anywhere(sandbox, wrong):
    asked = sandbox.asked(**wrong)
    shown = sandbox.vendor.get("/oauth2_user/authorize2", query_string=asked)
    assert shown.status_code == 400
    decided = sandbox.decide(**wrong)
    assert decided.status_code == 400
    assert "Location" not in decided.headers


def test_nobody_is_linked_without_choosing_an_account(sandbox):
    form = sandbox.asked() | {"decision": "allow"}
    answer = sandbox.vendor.post("/oauth2_user/authorize2", data=form)
    assert answer.status_code == 400
    assert "Choose an account" in answer.text


# Codes and tokens


def test_a_code_becomes_a_wrapped_pair_of_tokens(sandbox):
    answer = sandbox.exchange(sandbox.code())
    body = answer["body"]
    assert answer["status"] == 0
    assert body["userid"] == sandbox.people[0].user_id
    assert body["expires_in"] == 10_800
    assert body["scope"] == "user.info,user.metrics"
    assert body["token_type"] == "Bearer"
    assert body["access_token"] != body["refresh_token"]
    assert body["csrf_token"]
    assert "access_token" not in answer


def test_a_code_lives_thirty_seconds(sandbox):
    early, late = sandbox.code(), sandbox.code()
    sandbox.clock.advance(29)
    assert sandbox.exchange(early)["status"] == 0
    sandbox.clock.advance(1)
    refused = sandbox.exchange(late)
    assert refused["status"] == 503
    assert "invalid code" in refused["error"]


def test_a_code_works_once(sandbox):
    code = sandbox.code()
    sandbox.exchange(code)
    sandbox.clock.advance(11)
    assert sandbox.exchange(code)["status"] == 503


def test_a_code_is_bound_to_its_return_address(sandbox):
    assert sandbox.exchange(sandbox.code(), redirect_uri=CALLBACK + "x")["status"] == 503


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "wrong"},
        {"client_id": "other"},
        {"grant_type": "password"},
        {"redirect_uri": ""},
    ],
)
def test_a_wrong_token_request_is_invalid(sandbox, wrong):
    assert sandbox.exchange(sandbox.code(), **wrong)["status"] == 503


def test_basic_authentication_does_not_stand_in_for_the_secret_in_the_body(sandbox):
    answer = sandbox.vendor.post(
        "/v2/oauth2",
        data={
            "action": "requesttoken",
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": sandbox.code(),
            "redirect_uri": CALLBACK,
        },
        auth=("app", "app-secret"),
    )
    assert answer.json["status"] == 503


def test_a_token_request_may_be_signed_instead_of_carrying_the_secret(sandbox):
    fresh = nonce(sandbox)
    signature = signed("requesttoken", "app", fresh)
    answer = sandbox.exchange(sandbox.code(), client_secret="", nonce=fresh, signature=signature)
    assert answer["status"] == 0


def test_an_access_token_lives_three_hours(sandbox):
    token = sandbox.tokens()["access_token"]
    sandbox.clock.advance(3 * HOUR - 1)
    assert sandbox.measures(token)["status"] == 0
    sandbox.clock.advance(1)
    refused = sandbox.measures(token)
    assert refused["status"] == 401
    assert "access token" in refused["error"]


@pytest.mark.parametrize("token", [None, "made-up"])
def test_a_data_call_without_a_good_access_token_gets_401_in_the_envelope(sandbox, token):
    assert sandbox.measures(token)["status"] == 401


def test_every_refresh_gives_a_new_refresh_token_for_the_same_user(sandbox):
    first = sandbox.tokens(2)
    second = sandbox.refresh(first["refresh_token"])["body"]
    assert second["userid"] == first["userid"]
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]


def test_the_old_refresh_token_dies_when_the_new_access_token_is_used(sandbox):
    first = sandbox.tokens()
    second = sandbox.refresh(first["refresh_token"])["body"]
    sandbox.measures(second["access_token"])
    sandbox.clock.advance(11)
    refused = sandbox.refresh(first["refresh_token"])
    assert refused["status"] == 503
    assert "invalid refresh_token" in refused["error"]
    assert sandbox.refresh(second["refresh_token"])["status"] == 0


@pytest.mark.parametrize(("later", "status"), [(8 * HOUR - 1, 0), (8 * HOUR, 503)])
def test_an_old_refresh_token_whose_successor_is_unused_works_for_eight_hours(
    sandbox, later, status
):
    first = sandbox.tokens()
    sandbox.refresh(first["refresh_token"])
    sandbox.clock.advance(later)
    assert sandbox.refresh(first["refresh_token"])["status"] == status


def test_of_two_refreshes_with_one_token_the_earlier_answer_is_lost(sandbox):
    sandbox.order("/withings/settings", duplicate_guard=False)
    first = sandbox.tokens()
    earlier = sandbox.refresh(first["refresh_token"])["body"]
    later = sandbox.refresh(first["refresh_token"])["body"]
    assert sandbox.measures(earlier["access_token"])["status"] == 401
    assert sandbox.refresh(earlier["refresh_token"])["status"] == 503
    assert sandbox.measures(later["access_token"])["status"] == 0


def test_a_refresh_token_lives_a_year(sandbox):
    first = sandbox.tokens()
    sandbox.clock.advance(365 * 24 * HOUR)
    assert sandbox.refresh(first["refresh_token"])["status"] == 503


def test_identical_token_calls_within_ten_seconds_are_refused_with_the_wait(sandbox):
    first = sandbox.tokens()
    assert sandbox.refresh(first["refresh_token"])["status"] == 0
    sandbox.clock.advance(2)
    refused = sandbox.refresh(first["refresh_token"])
    assert refused["status"] == 601
    assert refused["body"] == {"wait_seconds": 8}
    assert "10 seconds" in refused["error"]
    sandbox.clock.advance(7)
    assert sandbox.refresh(first["refresh_token"])["body"] == {"wait_seconds": 1}
    sandbox.clock.advance(1)
    assert sandbox.refresh(first["refresh_token"])["status"] == 0


# Signatures and revoking


def test_revoking_ends_all_tokens_of_that_user_and_of_nobody_else(sandbox):
    one, other = sandbox.tokens(0), sandbox.tokens(1)
    assert revoke(sandbox, nonce(sandbox), one["userid"]) == {"status": 0, "body": {}}
    assert sandbox.measures(one["access_token"])["status"] == 401
    assert sandbox.refresh(one["refresh_token"])["status"] == 503
    assert sandbox.measures(other["access_token"])["status"] == 0


def test_a_nonce_signs_one_call(sandbox):
    fresh = nonce(sandbox)
    assert revoke(sandbox, fresh, sandbox.people[0].user_id)["status"] == 0
    assert revoke(sandbox, fresh, sandbox.people[0].user_id)["status"] == 503


def test_a_nonce_lives_half_an_hour(sandbox):
    fresh = nonce(sandbox)
    sandbox.clock.advance(HOUR / 2)
    assert revoke(sandbox, fresh, sandbox.people[0].user_id)["status"] == 503


@pytest.mark.parametrize(
    "wrong", [{"signature": "0" * 64}, {"client_id": "other"}, {"userid": "x"}, {"nonce": "n"}]
)
def test_a_revocation_that_is_not_rightly_signed_ends_nothing(sandbox, wrong):
    tokens = sandbox.tokens()
    assert revoke(sandbox, nonce(sandbox), tokens["userid"], **wrong)["status"] == 503
    assert sandbox.measures(tokens["access_token"])["status"] == 0


def test_a_nonce_is_given_to_holders_of_the_secret_alone(sandbox):
    answer = sandbox.call(
        "/v2/signature", "getnonce", client_id="app", timestamp="1", signature="0" * 64
    )
    assert answer["status"] == 503


# The envelope, scopes and limits


@pytest.mark.parametrize(
    ("path", "action"),
    [("/measure", "getnothing"), ("/v2/user", "getmeas"), ("/v9/measure", "getmeas")],
)
def test_an_unknown_action_or_path_is_not_implemented(sandbox, path, action):
    assert sandbox.call(path, action)["status"] == 2554


def test_a_missing_action_is_an_invalid_parameter(sandbox):
    assert sandbox.call("/measure")["status"] == 503


@pytest.mark.parametrize(
    ("scope", "path", "action"),
    [("user.info", "/measure", "getmeas"), ("user.metrics", "/v2/user", "getdevice")],
)
def test_a_call_outside_the_granted_scopes_is_unauthorised(sandbox, scope, path, action):
    token = sandbox.tokens(scope=scope)["access_token"]
    assert sandbox.call(path, action, token=token)["status"] == 2553


def test_the_121st_call_of_a_minute_is_refused_with_the_wait_whoever_calls(sandbox):
    one, other = sandbox.tokens(0)["access_token"], sandbox.tokens(1)["access_token"]
    sandbox.clock.advance(60)
    for _ in range(60):
        assert sandbox.measures(one)["status"] == 0
    sandbox.clock.advance(20)
    for _ in range(60):
        assert sandbox.measures(other)["status"] == 0
    refused = sandbox.measures(one)
    assert refused["status"] == 601
    assert refused["body"] == {"wait_seconds": 40}
    sandbox.clock.advance(40)
    assert sandbox.measures(one)["status"] == 0
