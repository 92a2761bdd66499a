"""The project's service account: a signed assertion for a token, which is kept while it lasts."""

from __future__ import annotations

import json
import time

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.errors import AuthLost, Malformed, RateLimited, VendorDown, VendorRejected
from ohx_pipelines.providers.google_health import service_account
from ohx_pipelines.providers.google_health.service_account import ServiceAccount
from tests.unit.providers.google_health.tiny_google import CANARY, DROP, ok, refused, tiny_google
from tests.unit.sandbox.google_health.notifying_parts import KEY

EMAIL = "notifier@project.iam.gserviceaccount.com"


@pytest.fixture
def google():
    with tiny_google() as site:
        yield site


@pytest.fixture
def file(tmp_path, google):
    """Writes the key file."""
    path = tmp_path / "account.json"

    def write(**changes):
        usual = {
            "type": "service_account",
            "client_email": EMAIL,
            "private_key_id": "key-1",
            "private_key": KEY,
            "token_uri": f"{google.url}/token",
        }
        path.write_text(json.dumps({k: v for k, v in (usual | changes).items() if v is not None}))
        return path

    write()
    return write


@pytest.fixture
def account(file):
    session = requests.Session()
    session.mount("http://", DeadlineAdapter(seconds=5))
    yield ServiceAccount(file(), session=session, timeout_seconds=5)
    session.close()


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000.0

    monkeypatch.setattr(service_account.time, "monotonic", lambda: Clock.now)
    return Clock


def token(word, seconds=3_599):
    return ok({"access_token": word, "expires_in": seconds, "token_type": "Bearer"})


def test_the_assertion_says_who_asks_for_what_and_is_signed_by_the_key(google, account):
    google.will_answer(token("ya29.c.1"))
    before = int(time.time())
    assert account.token() == "ya29.c.1"

    (asked,) = google.asked
    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    read = jwt.decode(asked.form["assertion"], RSAKey.import_key(KEY), algorithms=["RS256"])
    assert read.header == {"typ": "JWT", "alg": "RS256", "kid": "key-1"}
    claims = read.claims
    assert (claims["iss"], claims["aud"]) == (EMAIL, f"{google.url}/token")
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] - claims["iat"] == 3_600
    assert "Authorization" not in asked.headers


def test_a_token_is_kept_until_a_minute_before_its_end(google, account, clock):
    google.will_answer(token("one", 3_599), token("two"))
    assert account.token() == "one"
    clock.now += 3_538
    assert account.token() == "one"
    clock.now += 1
    assert account.token() == "two"


def test_a_refused_token_is_replaced_and_another_is_not(google, account):
    google.will_answer(token("one"), token("two"))
    assert account.token() == "one"
    assert account.token(refused="one") == "two"
    # Another thread comes late with the same refusal.
    assert account.token(refused="one") == "two"
    assert len(google.asked) == 2


@pytest.mark.parametrize("reason", ["invalid_grant", "invalid_scope", "unauthorized_client"])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_account_is_the_operators_and_no_patients(google, account, status, reason):
    google.will_answer(
        (
            status,
            {"error": reason, "error_description": CANARY},
            {"Content-Type": "application/json"},
        )
    )
    with pytest.raises(VendorRejected) as caught:
        account.token()
    assert not isinstance(caught.value, AuthLost)
    assert (caught.value.status, caught.value.detail) == (status, "service_account_refused")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(500), VendorDown),
        (refused(503), VendorDown),
        (refused(429), RateLimited),
        (DROP, VendorDown),
        (ok([]), Malformed),
        (ok({}), Malformed),
        (ok({"access_token": "", "expires_in": 9}), Malformed),
        (ok({"access_token": 7, "expires_in": 9}), Malformed),
        (ok({"access_token": "t"}), Malformed),
        (ok({"access_token": "t", "expires_in": "soon"}), Malformed),
        (ok({"access_token": "t", "expires_in": True}), Malformed),
    ],
)
def test_trouble_is_raised_and_nothing_of_it_is_kept(google, account, answer, kind):
    google.will_answer(answer, token("later"))
    with pytest.raises(kind):
        account.token()
    assert account.token() == "later"


def test_after_a_failed_renewal_the_old_token_is_not_given(google, account):
    google.will_answer(token("one"), refused(500), token("two"))
    account.token()
    with pytest.raises(VendorDown):
        account.token(refused="one")
    assert account.token() == "two"


WRONG = {
    "no key": {"private_key": None},
    "a key that is none": {"private_key": f"-----BEGIN {CANARY}"},
    "an empty key": {"private_key": ""},
    "no e-mail": {"client_email": None},
    "a number for an e-mail": {"client_email": 7},
    "no key id": {"private_key_id": None},
    "no address": {"token_uri": None},
    "an address in plain text": {"token_uri": "http://oauth2.example/token"},
    "an address that is none": {"token_uri": f"ftp://{CANARY}"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_is_of_no_use_names_its_setting_and_repeats_nothing(
    google, account, file, wrong
):
    file(**WRONG[wrong])
    with pytest.raises(VendorRejected, match="OHX_GOOGLE_HEALTH__SERVICE_ACCOUNT_FILE") as caught:
        account.token()
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert google.asked == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
@pytest.mark.usefixtures("collector_waits")
def test_a_file_that_is_no_json_object_says_so(account, file, content):
    file().write_bytes(content)
    with pytest.raises(VendorRejected, match="SERVICE_ACCOUNT_FILE"):
        account.token()


def test_a_file_that_is_not_there_says_so_and_one_that_comes_is_read(google, account, file):
    file().unlink()
    with pytest.raises(VendorRejected, match="SERVICE_ACCOUNT_FILE"):
        account.token()
    file()
    google.will_answer(token("one"))
    assert account.token() == "one"
