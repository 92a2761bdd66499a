"""The service account: its key file, and which assertion is worth a token."""

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sandbox.clock import Clock
from sandbox.google_health.errors import OAuthRefused
from sandbox.google_health.service_accounts import ServiceAccount, ServiceAccountTokens

NOW = 1_795_262_400
TOKEN_URI = "http://127.0.0.1:9/service-account/token"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ACCOUNT = ServiceAccount()
FILE = ACCOUNT.key_file(TOKEN_URI)


@pytest.fixture
def clock():
    return Clock(real=lambda: NOW)


@pytest.fixture
def tokens(clock):
    return ServiceAccountTokens(ACCOUNT, clock, now=lambda: NOW)


def assertion(key=None, *, kid=FILE["private_key_id"], alg="RS256", **changes):
    claims = {
        "iss": FILE["client_email"],
        "aud": TOKEN_URI,
        "scope": SCOPE,
        "iat": NOW,
        "exp": NOW + 3_600,
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    key = key or RSAKey.import_key(FILE["private_key"])
    header = {"alg": alg, "typ": "JWT"} | ({} if kid is None else {"kid": kid})
    return jwt.encode(header, claims, key, algorithms=[alg])


def ask(tokens, made, grant_type=GRANT_TYPE):
    return tokens.grant({"grant_type": grant_type, "assertion": made}, TOKEN_URI)


def refusal(tokens, made, **changes):
    with pytest.raises(OAuthRefused) as refused:
        ask(tokens, made, **changes)
    assert refused.value.status == 400
    return refused.value.body()["error"]


def test_the_key_file_has_what_googles_libraries_read():
    assert FILE["type"] == "service_account"
    assert FILE["token_uri"] == TOKEN_URI
    assert FILE["client_email"] == f"notifier@{FILE['project_id']}.iam.gserviceaccount.com"
    assert RSAKey.import_key(FILE["private_key"]).is_private
    assert ACCOUNT.key_file(TOKEN_URI) == FILE
    assert ServiceAccount().key_id != FILE["private_key_id"]


def test_an_assertion_is_worth_a_token_of_an_hour_for_the_scopes_it_names(tokens, clock):
    given = ask(tokens, assertion(scope=f"{SCOPE} openid"))

    assert given["token_type"] == "Bearer"
    assert 3_590 <= given["expires_in"] <= 3_600
    assert tokens.scopes_of(given["access_token"]) == {SCOPE, "openid"}
    assert tokens.scopes_of("made-up") is None
    clock.advance(given["expires_in"] - 1)
    assert tokens.scopes_of(given["access_token"]) is not None
    clock.advance(1)
    assert tokens.scopes_of(given["access_token"]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "nobody@elsewhere.example"},
        {"aud": "https://oauth2.googleapis.com/token"},
        {"iat": NOW - 10, "exp": NOW + 3_591},
        {"iat": NOW - 7_200, "exp": NOW - 3_601},
        {"iat": NOW + 120, "exp": NOW + 600},
        {"iat": NOW, "exp": NOW},
        {"iat": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"kid": "another"},
        {"kid": None},
        {"key": RSAKey.generate_key(2_048)},
        {"alg": "RS512"},
        {"alg": "ES256", "key": ECKey.generate_key("P-256")},
    ],
    # A key shows where it is in memory, which is elsewhere in each worker.
    ids=lambda changes: "-".join(f"{k}={v}" for k, v in changes.items() if k != "key") or "key",
)
def test_an_assertion_that_proves_nothing_is_an_invalid_grant(tokens, changes):
    assert refusal(tokens, assertion(**changes)) == "invalid_grant"


def test_what_is_no_assertion_is_refused_and_so_is_another_grant(tokens):
    assert refusal(tokens, "no.j.wt") == "invalid_grant"
    assert refusal(tokens, "") == "invalid_grant"
    assert refusal(tokens, assertion(), grant_type="client_credentials") == "unsupported_grant_type"


@pytest.mark.parametrize("scope", [None, "", " "])
def test_without_a_scope_there_is_no_token(tokens, scope):
    assert refusal(tokens, assertion(scope=scope)) == "invalid_scope"
