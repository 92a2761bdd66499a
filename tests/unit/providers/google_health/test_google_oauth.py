"""Google's OAuth dialect over real HTTP: consent, code, refresh, revocation, and what each refusal means."""

import base64
import hashlib
import os
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    BudgetSpent,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.providers import tries
from ohx_pipelines.quiet_logs import quiet_libraries
from ohx_pipelines.urgency import Urgency, hurry, using
from tests.unit.providers.google_health.tiny_google import (
    CANARY,
    DROP,
    HANG,
    JSON,
    OUR_PROOF,
    SCOPES,
    Ledger,
    ok,
    refused,
    tells_nothing,
    tiny_google,
)

BACK = "https://portal.example/providers/google_health/back/"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
REFRESH = "1//0g-" + CANARY
TOKENS = {
    "access_token": "ya29.a0-" + CANARY,
    "expires_in": 3599,
    "refresh_token": REFRESH,
    "scope": f"{SCOPES['A']} {SCOPES['settings']}",
    "token_type": "Bearer",
}
REFRESHED = {name: value for name, value in TOKENS.items() if name != "refresh_token"}
IDENTITY = {
    "name": "users/me/identity",
    "healthUserId": "48120033917720012",
    "legacyUserId": "7QX4KD",
}
LEASE_SECONDS = 90


def oauth_error(status, word):
    return (status, {"error": word, "error_description": CANARY}, JSON)


INVALID_GRANT = oauth_error(400, "invalid_grant")
INVALID_CLIENT = oauth_error(401, "invalid_client")


@pytest.fixture
def google(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    # Were one of them set, the tests would prove nothing about scopes that were unticked.
    monkeypatch.delenv("OAUTHLIB_RELAX_TOKEN_SCOPE", raising=False)
    with tiny_google() as site:
        yield site


def exchanged(oauth):
    return oauth.exchange_code(code="4/c0de", redirect_uri=BACK, code_verifier=VERIFIER)


def refreshed(oauth):
    return oauth.refresh(REFRESH)


def revoked(oauth):
    return oauth.revoke(REFRESH)


def checked(oauth):
    return oauth.check()


EVERY = [exchanged, refreshed, revoked, checked]


def consent_of(google, **options):
    url = google.oauth(**options).authorize_url(
        state="s" * 43, redirect_uri=BACK, code_challenge=CHALLENGE
    )
    return url, {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def test_the_consent_page_is_asked_for_a_refresh_token_and_a_proof_and_nothing_granted_before(
    google,
):
    url, query = consent_of(google)

    assert url.startswith(f"{google.url}/o/oauth2/v2/auth?")
    assert query == {
        "response_type": "code",
        "client_id": "our-app.apps.example",
        "redirect_uri": BACK,
        "scope": f"{SCOPES['A']} {SCOPES['settings']}",
        "state": "s" * 43,
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    assert CANARY not in url


def test_without_a_challenge_no_method_of_one_is_named(google):
    url = google.oauth().authorize_url(state="s", redirect_uri=BACK, code_challenge=None)

    assert "code_challenge" not in url


def test_a_code_becomes_tokens_with_secret_and_proof_in_the_body_and_then_a_user(google):
    google.will_answer(ok(TOKENS), ok(IDENTITY))

    grant = exchanged(google.oauth())

    token_call, identity_call = google.asked
    assert (token_call.method, token_call.path, token_call.query) == ("POST", "/token", {})
    assert token_call.form == {
        "grant_type": "authorization_code",
        "code": "4/c0de",
        "redirect_uri": BACK,
        "client_id": "our-app.apps.example",
        "client_secret": OUR_PROOF,
        "code_verifier": VERIFIER,
    }
    assert token_call.bearer is None
    assert (identity_call.method, identity_call.path) == ("GET", "/v4/users/me/identity")
    assert identity_call.bearer == "Bearer " + TOKENS["access_token"]
    assert (grant.access_token, grant.refresh_token) == (TOKENS["access_token"], REFRESH)
    assert grant.user == "48120033917720012"
    assert grant.scopes == {SCOPES["A"], SCOPES["settings"]}
    assert 3590 < (grant.expires_at - datetime.now(UTC)).total_seconds() <= 3599


@pytest.mark.parametrize(
    "scope", [SCOPES["A"], SCOPES["settings"], f"{SCOPES['S']}  {SCOPES['A']} openid"]
)
def test_a_consent_with_other_scopes_than_asked_for_is_a_consent_with_those(google, scope):
    google.will_answer(ok(TOKENS | {"scope": scope}), ok(IDENTITY))

    grant = exchanged(google.oauth())

    assert grant.scopes == set(scope.split())
    assert "OAUTHLIB_RELAX_TOKEN_SCOPE" not in os.environ


def test_without_a_refresh_token_there_is_no_link_and_nobody_is_asked_for(google):
    google.will_answer(ok(REFRESHED))

    with pytest.raises(VendorRejected, match="no refresh token"):
        exchanged(google.oauth())
    assert len(google.asked) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"expires_in": None},
        {"expires_in": "soon"},
        {"expires_in": True},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 10**30},
        {"scope": None},
        {"scope": "  "},
        {"scope": 7},
    ],
)
def test_a_token_answer_that_lacks_a_field_is_malformed(google, broken):
    google.will_answer(ok(TOKENS | broken))

    with pytest.raises(Malformed) as caught:
        exchanged(google.oauth())
    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"healthUserId": ""},
        {"healthUserId": None},
        {"healthUserId": 48120033917720012},
        {"healthUserId": "a b"},
        {"healthUserId": "me/../" + CANARY},
        {"healthUserId": "a" * 64},
        {"legacyUserId": "7QX4KD"},
    ],
)
def test_tokens_of_nobody_in_particular_are_malformed(google, body):
    google.will_answer(ok(TOKENS), ok(body))

    with pytest.raises(Malformed) as caught:
        exchanged(google.oauth())
    assert tells_nothing(caught.value)


def test_a_code_is_not_lost_to_a_hiccup_when_it_is_asked_whose_it_is(google):
    google.will_answer(ok(TOKENS), refused(503), DROP, ok(IDENTITY))

    assert exchanged(google.oauth()).user == "48120033917720012"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, reason="ACCOUNT_NOT_LINKED", word="FAILED_PRECONDITION"), AccountWithoutData),
        (refused(403, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ScopeMissing),
        (refused(403, reason="SERVICE_DISABLED"), VendorRejected),
        (refused(401), AuthLost),
        (refused(429), RateLimited),
    ],
)
def test_an_account_that_cannot_be_asked_whose_it_is_says_why(google, answer, error):
    google.will_answer(ok(TOKENS), *[answer] * 3)

    with pytest.raises(error) as caught:
        exchanged(google.oauth())
    assert tells_nothing(caught.value)


def test_a_refresh_sends_the_token_and_keeps_it(google):
    google.will_answer(ok(REFRESHED | {"access_token": "ya29.new"}))

    grant = refreshed(google.oauth())

    [asked] = google.asked
    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.form == {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH,
        "client_id": "our-app.apps.example",
        "client_secret": OUR_PROOF,
    }
    assert asked.bearer is None
    assert (grant.access_token, grant.refresh_token, grant.user) == ("ya29.new", REFRESH, "")
    assert grant.scopes == {SCOPES["A"], SCOPES["settings"]}


def test_a_refresh_token_that_google_renews_all_the_same_is_the_new_one(google):
    google.will_answer(ok(TOKENS | {"refresh_token": "1//new"}))

    assert refreshed(google.oauth()).refresh_token == "1//new"


def test_a_refresh_that_is_silent_on_scopes_names_none(google):
    google.will_answer(ok({"access_token": "a", "expires_in": 3599}))

    assert refreshed(google.oauth()).scopes == frozenset()


@pytest.mark.parametrize(
    ("answer", "error", "status"),
    [
        (INVALID_GRANT, AuthLost, 400),
        (INVALID_CLIENT, VendorRejected, 401),
        (oauth_error(401, "unauthorized_client"), VendorRejected, 401),
        (oauth_error(401, "invalid_grant"), VendorRejected, 401),
        (oauth_error(401, "anything"), VendorRejected, 401),
        ((401, b"", {}), VendorRejected, 401),
        (oauth_error(400, "invalid_client"), VendorRejected, 400),
        (oauth_error(400, "invalid_request"), VendorRejected, 400),
        (oauth_error(400, "unsupported_grant_type"), VendorRejected, 400),
        ((400, b"<html>invalid_grant", {"Content-Type": "text/html"}), VendorRejected, 400),
        (oauth_error(403, "access_denied"), VendorRejected, 403),
        ((404, b"", {}), VendorRejected, 404),
        ((429, b"", {"Retry-After": "60"}), RateLimited, 429),
        ((500, b"<html>", {}), VendorDown, 500),
        (oauth_error(503, "invalid_grant"), VendorDown, 503),
        ((302, b"", {"Location": "/token"}), VendorRejected, 302),
        ((200, b"<html>", {"Content-Type": "text/html"}), Malformed, 200),
        ((200, b"access_token=a&expires_in=3599", JSON), Malformed, 200),
        ((200, [CANARY], JSON), Malformed, 200),
        (ok({}), Malformed, None),
        (oauth_error(200, "invalid_grant"), Malformed, None),
        (DROP, VendorDown, None),
    ],
)
def test_only_googles_word_on_the_token_itself_costs_a_patient_the_link(
    google, answer, error, status
):
    google.will_answer(answer)

    with pytest.raises(VendorError) as caught:
        refreshed(google.oauth())

    assert type(caught.value) is error
    assert caught.value.status == status
    assert tells_nothing(caught.value)
    # Never twice: whoever refreshes holds a lease that other processes wait for.
    assert len(google.asked) == 1


@pytest.mark.parametrize("answer", [INVALID_GRANT, oauth_error(400, "redirect_uri_mismatch")])
def test_a_refused_code_is_rejected_and_not_a_lost_link(google, answer):
    google.will_answer(answer)

    with pytest.raises(VendorRejected) as caught:
        exchanged(google.oauth())
    assert caught.value.status == 400
    assert tells_nothing(caught.value)


def test_revoking_sends_the_token_alone(google):
    google.will_answer(ok({}))

    revoked(google.oauth())

    [asked] = google.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/revoke", {})
    assert asked.form == {"token": REFRESH}
    assert asked.bearer is None


@pytest.mark.parametrize("answer", [ok({}), (200, b"", {}), oauth_error(400, "invalid_token")])
def test_a_token_that_is_gone_is_as_good_as_revoked(google, answer):
    google.will_answer(answer)

    assert revoked(google.oauth()) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (oauth_error(400, "invalid_request"), VendorRejected),
        ((400, b"invalid_token", JSON), VendorRejected),
        ((400, b'{"error": "invalid_token"}', {"Content-Type": "text/html"}), VendorRejected),
        (oauth_error(403, "invalid_token"), VendorRejected),
        (oauth_error(401, "invalid_token"), VendorRejected),
        ((429, b"", {}), RateLimited),
        (oauth_error(503, "invalid_token"), VendorDown),
        ((204, b"", JSON), Malformed),
        ((302, b"", {"Location": "/revoke"}), VendorRejected),
        ((200, b"<html>", {"Content-Type": "text/html"}), Malformed),
        ((200, b"{", JSON), Malformed),
        ((200, b"[]", JSON), Malformed),
        ((200, b'{"status": "fine"}', JSON), Malformed),
        (DROP, VendorDown),
    ],
)
def test_every_other_answer_to_a_revocation_is_none(google, answer, error):
    google.will_answer(answer)

    with pytest.raises(VendorError) as caught:
        revoked(google.oauth())
    assert type(caught.value) is error
    assert tells_nothing(caught.value)


def test_without_a_token_nobody_is_told_and_nothing_reads_as_revoked(google):
    with pytest.raises(VendorRejected):
        google.oauth().revoke(None)
    assert google.asked == []


def test_the_check_proves_our_credentials_with_a_token_of_nobody(google):
    google.will_answer(INVALID_GRANT)

    google.oauth().check()

    [asked] = google.asked
    assert asked.form["grant_type"] == "refresh_token"
    assert asked.form["client_secret"] == OUR_PROOF
    assert asked.form["refresh_token"] == "of-nobody"


@pytest.mark.parametrize(
    ("answer", "error"),
    [(INVALID_CLIENT, VendorRejected), ((500, b"", {}), VendorDown), (DROP, VendorDown)],
)
def test_the_check_fails_where_google_does_not_know_us_or_cannot_be_reached(google, answer, error):
    google.will_answer(answer)

    with pytest.raises(error):
        google.oauth().check()


ANSWERS = {
    exchanged: [ok(TOKENS), ok(IDENTITY)],
    refreshed: [ok(REFRESHED)],
    revoked: [ok({})],
    checked: [INVALID_GRANT],
}


@pytest.mark.parametrize("call", EVERY)
def test_each_request_was_counted_for_no_account_right_before_it_was_made(google, call):
    ledger = Ledger(google)
    google.will_answer(*ANSWERS[call])

    call(google.oauth(budget=ledger))

    assert ledger.spent == [(None, made) for made in range(len(ANSWERS[call]))]


@pytest.mark.parametrize("call", EVERY)
def test_nothing_is_asked_when_the_budget_is_spent(google, call):
    ledger = Ledger(google)
    ledger.refuses = BudgetSpent(free_in_seconds=30)

    with pytest.raises(BudgetSpent):
        call(google.oauth(budget=ledger))
    assert google.asked == []


@pytest.mark.parametrize("call", EVERY)
def test_a_pause_that_google_asks_for_is_everybodys(google, call):
    ledger = Ledger(google)
    google.will_answer((429, b"", {"Retry-After": "42"}))

    with pytest.raises(RateLimited):
        call(google.oauth(budget=ledger))
    assert ledger.pauses == [42.0]


class Bounds(Ledger):
    """A budget that notes how urgent each call is, and how long it may wait for its turn."""

    def spend(self, *, account=None):
        self.spent.append((hurry().urgency, hurry().most_seconds))


@pytest.mark.parametrize(("call", "most"), [(exchanged, 30), (refreshed, 10), (revoked, 10)])
def test_whoever_waits_or_holds_a_lease_goes_first(google, call, most):
    bounds = Bounds(google)
    google.will_answer(*ANSWERS[call])

    with using(Urgency.BACKFILL):
        call(google.oauth(budget=bounds))

    assert {urgency for urgency, _ in bounds.spent} == {Urgency.TODAY}
    assert all(0 < seconds < most for _, seconds in bounds.spent)
    assert len(bounds.spent) == len(ANSWERS[call])


@pytest.mark.parametrize("call", EVERY)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_secrets_and_tokens_follow_no_redirect(google, call, status):
    google.will_answer((status, b"", {"Location": f"{google.url}/elsewhere"}), ok(TOKENS))

    with pytest.raises(VendorRejected):
        call(google.oauth())
    assert len(google.asked) == 1


@pytest.mark.parametrize("call", EVERY)
def test_a_server_that_never_answers_is_given_up(google, call):
    google.will_answer(HANG)

    with pytest.raises(VendorDown) as caught:
        call(google.oauth(timeout_seconds=0.2))
    assert tells_nothing(caught.value)


def test_secrets_stay_out_of_a_grants_text(google):
    google.will_answer(ok(TOKENS), ok(IDENTITY), ok(REFRESHED))
    oauth = google.oauth()

    for grant in (exchanged(oauth), refreshed(oauth)):
        assert CANARY not in repr(grant)
        assert "48120033917720012" not in repr(grant)


def test_libraries_print_no_token_whatever_the_level_is(google, caplog):
    google.will_answer(ok(TOKENS), ok(IDENTITY), ok(REFRESHED), ok({}))
    oauth = google.oauth()
    caplog.set_level("DEBUG")
    quiet_libraries()

    exchanged(oauth)
    refreshed(oauth)
    revoked(oauth)

    assert CANARY not in caplog.text
