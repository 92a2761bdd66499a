"""Withings' check: the application's credentials are proved without touching any user."""

from urllib.parse import parse_qs

import pytest

from ohx_pipelines.errors import VendorRejected
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.withings import WithingsProvider
from tests.wire import Wire

JSON = {"Content-Type": "application/json"}


def provider_on(*answers):
    settings = WithingsSettings(
        client_id="our-app", client_secret="top-secret", api_url="https://api.example"
    )
    provider, wire = WithingsProvider(settings), Wire(*answers)
    provider._oauth._adapter = wire
    return provider, wire


def test_the_check_is_one_signed_call_that_names_no_user_and_not_the_secret():
    provider, wire = provider_on((200, {"status": 0, "body": {"nonce": "4c1f0a"}}, JSON))

    provider.check()

    [asked] = wire.requests
    form = parse_qs(asked.body)
    assert asked.url == "https://api.example/v2/signature"
    assert set(form) == {"action", "client_id", "timestamp", "signature"}
    assert form["action"] == ["getnonce"]
    assert "top-secret" not in asked.body


def test_a_secret_that_the_vendor_does_not_take_is_a_refusal():
    provider, _ = provider_on((200, {"status": 503, "body": {}, "error": "CANARY"}, JSON))

    with pytest.raises(VendorRejected) as caught:
        provider.check()

    assert "CANARY" not in str(caught.value)
