"""Withings' revocation over a stub transport: what is signed, what is sent, what counts as done."""

import hashlib
import hmac
import time
from urllib.parse import parse_qs

import pytest
import requests

from ohx_pipelines.errors import AuthLost, Malformed, RateLimited, VendorDown, VendorRejected
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.withings import WithingsProvider
from tests.wire import Wire

CANARY = "CANARY-71234567"
JSON = {"Content-Type": "application/json"}
NONCE = (200, {"status": 0, "body": {"nonce": "4c1f0a"}}, JSON)
DONE = (200, {"status": 0, "body": {}}, JSON)


def refused(status, **body):
    return (200, {"status": status, "body": body, "error": CANARY}, JSON)


def signed(*values):
    return hmac.new(b"top-secret", ",".join(values).encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def provider_on():
    def build(*answers):
        settings = WithingsSettings(
            client_id="our-app",
            client_secret="top-secret",
            api_url="https://api.example",
            timeout_seconds=7,
        )
        wire = Wire(*answers)
        provider = WithingsProvider(settings)
        provider._oauth._adapter = wire
        return provider, wire

    return build


def forms(wire):
    return [{k: v for k, [v] in parse_qs(one.body).items()} for one in wire.requests]


def test_revoking_signs_a_nonce_and_names_the_user(provider_on):
    provider, wire = provider_on(NONCE, DONE)

    provider.revoke(user="71234567", refresh_token="r1")

    asked, revoked = forms(wire)
    assert [one.url for one in wire.requests] == [
        "https://api.example/v2/signature",
        "https://api.example/v2/oauth2",
    ]
    assert abs(int(asked["timestamp"]) - time.time()) < 60
    assert asked == {
        "action": "getnonce",
        "client_id": "our-app",
        "timestamp": asked["timestamp"],
        "signature": signed("getnonce", "our-app", asked["timestamp"]),
    }
    assert revoked == {
        "action": "revoke",
        "client_id": "our-app",
        "nonce": "4c1f0a",
        "signature": signed("revoke", "our-app", "4c1f0a"),
        "userid": "71234567",
    }


def test_neither_the_secret_nor_a_token_goes_over_the_wire(provider_on):
    provider, wire = provider_on(NONCE, DONE)

    provider.revoke(user="71234567", refresh_token="r1-CANARY")

    for request in wire.requests:
        assert "Authorization" not in request.headers
        assert "top-secret" not in request.body
        assert "CANARY" not in request.body
    assert wire.timeouts == [7, 7]


def test_each_revocation_takes_a_nonce_of_its_own(provider_on):
    other = (200, {"status": 0, "body": {"nonce": "77aa"}}, JSON)
    provider, wire = provider_on(NONCE, DONE, other, DONE)

    for _ in range(2):
        provider.revoke(user="71234567", refresh_token=None)

    assert [form["nonce"] for form in forms(wire) if "nonce" in form] == ["4c1f0a", "77aa"]


FAILURES = [
    (refused(503), VendorRejected, 503),
    (refused(214), VendorRejected, 214),
    (refused(401), AuthLost, 401),
    (refused(601, wait_seconds=8), RateLimited, 601),
    (refused(522), VendorDown, 522),
    ((503, b"<html>", {}), VendorDown, 503),
    ((429, b"", {"Retry-After": "60"}), RateLimited, 429),
    ((307, b"", {"location": "https://elsewhere.example"}), VendorRejected, 307),
    ((200, b"<html>", {"Content-Type": "text/html"}), Malformed, 200),
    ((200, [], JSON), Malformed, None),
    ((200, {"body": {}}, JSON), Malformed, 200),
    (requests.ConnectTimeout(CANARY), VendorDown, None),
    (requests.exceptions.ChunkedEncodingError(CANARY), VendorDown, None),
]


@pytest.mark.parametrize("before", [[], [NONCE]], ids=["getnonce", "revoke"])
@pytest.mark.parametrize(("answer", "error", "status"), FAILURES)
def test_only_the_vendors_yes_counts_and_no_text_from_outside_is_repeated(
    provider_on, before, answer, error, status
):
    provider, wire = provider_on(*before, answer)

    with pytest.raises(error) as caught:
        provider.revoke(user="71234567", refresh_token="r1")

    assert type(caught.value) is error
    assert status in {None, caught.value.status}
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert wire.answers == []


@pytest.mark.parametrize("body", [{}, {"nonce": ""}, {"nonce": 17}])
def test_without_a_nonce_nothing_is_revoked_and_it_is_malformed(provider_on, body):
    provider, wire = provider_on((200, {"status": 0, "body": body}, JSON))

    with pytest.raises(Malformed):
        provider.revoke(user="71234567", refresh_token="r1")
    assert len(wire.requests) == 1
