"""A vendor that people know by another name: pages and the API answer to it, notifications do not."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from ohx_pipelines.providers.base import Received


@pytest.fixture
def vendor(vendor):
    """Withings, also called `scales`, and (wrongly) what another vendor is called."""
    vendor.facts = replace(vendor.facts, aliases=("scales", "pulse"))
    vendor.receive = lambda delivery: Received(status=204)
    return vendor


@pytest.fixture
def settings(settings):
    portal = settings.portal.model_copy(update={"notifications": True})
    return settings.model_copy(update={"portal": portal})


def webhook(name):
    word = hmac.new(b"i" * 40, f"webhook {name}".encode(), hashlib.sha256).hexdigest()
    return f"/webhooks/{name}/{word}"


def test_the_page_before_the_vendor_is_there_under_both_names(patient):
    assert patient.get("/connect/scales").text == patient.get("/connect/withings").text


def test_an_authorization_that_starts_by_the_alias_comes_back_to_the_vendors_own_address(
    patient, vendor
):
    state = patient.start("scales")
    answer = patient.come_back(state=state, code="c")

    assert answer.status_code == 303
    [(_, back, _)] = vendor.exchanged
    assert back.endswith("/api/base/provider-links/withings/oauth2_callback/")


def test_the_way_back_by_the_alias_links_under_the_vendors_own_name(patient, store):
    answer = patient.come_back("scales", state=patient.start(), code="c")

    link = answer.location.split("/")[2]
    assert store.link(link).provider == "withings"


def test_an_api_client_may_use_the_alias(patient):
    path = "/api/base/provider-links/scales/initiate_oauth2/"
    answer = patient.post(path, accept="application/vnd.ohx.v1+json")

    assert answer.json["authorization_url"].startswith("https://withings.example/consent")


def test_a_vendors_own_name_goes_before_anothers_alias(patient):
    assert "Connect Pulse" in patient.get("/connect/pulse").text


@pytest.mark.parametrize("name", ["Scales", "scale", "tiny"])
def test_another_name_is_no_page(patient, name):
    assert patient.get(f"/connect/{name}").status_code == 404


def test_notifications_have_one_address(patient):
    assert patient.http.post(webhook("withings")).status_code == 204
    assert patient.http.post(webhook("scales")).status_code == 404
    assert patient.http.head(webhook("scales")).status_code == 404
