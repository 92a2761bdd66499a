"""Time zones to choose from: those that people look for, and nothing that is none."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from oauth_portal.zones import read_zone, zone_groups


def test_zones_are_grouped_by_region_with_each_countrys_own():
    groups = zone_groups()

    assert {"Europe/Oslo", "Europe/Berlin"} <= set(groups["Europe"])
    assert "Asia/Kolkata" in groups["Asia"]
    assert {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe"} <= set(groups)
    assert groups["Other"] == ("UTC",)


def test_every_zone_that_is_offered_can_be_read():
    names = [name for names in zone_groups().values() for name in names]

    assert [read_zone(name) for name in names] == [ZoneInfo(name) for name in names]


def test_a_browsers_former_name_of_a_zone_is_understood():
    assert read_zone("Asia/Calcutta") == ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize("name", ["", "posixrules", "Etc/GMT+5", "../UTC", "/etc/localtime", "\0"])
def test_what_was_not_offered_is_no_choice(name):
    assert read_zone(name) is None


@pytest.fixture
def without_zone(vendor):
    """A vendor that does not say where its user lives."""
    said = vendor.account
    vendor.account = lambda token: replace(said(token), zone=None)
    return vendor


@pytest.mark.usefixtures("without_zone")
def test_where_the_vendor_says_no_zone_its_owner_is_asked_for_it(patient, store):
    link = patient.link()
    page = patient.get(f"/links/{link}/confirm").text
    answer = patient.post(f"/links/{link}/confirm", fields={"zone": "Asia/Tokyo"})

    assert '<select id="zone" name="zone" required' in page
    assert answer.location == "/"
    assert store.link(link).zone == ZoneInfo("Asia/Tokyo")


@pytest.mark.usefixtures("without_zone")
@pytest.mark.parametrize(
    "fields", [{}, {"zone": ""}, {"zone": "Mars/Olympus"}], ids=["none", "empty", "unknown"]
)
def test_without_a_zone_a_yes_links_nothing_yet(patient, store, fields):
    link = patient.link()
    answer = patient.post(f"/links/{link}/confirm", fields=fields)

    assert answer.location == f"/links/{link}/confirm"
    assert "Please choose your time zone." in patient.get(answer.location).text
    assert store.link(link).state == "unconfirmed"


@pytest.mark.usefixtures("without_zone")
def test_the_zone_of_another_link_is_proposed(patient, pkce_vendor):
    other = patient.link("pulse")
    patient.post(f"/links/{other}/confirm")
    page = patient.get(f"/links/{patient.link()}/confirm").text

    assert '<option value="Europe/Berlin" selected>' in page


def test_a_zone_that_the_vendor_says_is_not_overruled_by_a_form(patient, store):
    link = patient.link()
    assert 'name="zone"' not in patient.get(f"/links/{link}/confirm").text
    patient.post(f"/links/{link}/confirm", fields={"zone": "Asia/Tokyo"})

    assert store.link(link).zone == ZoneInfo("Europe/Berlin")


@pytest.mark.usefixtures("without_zone")
def test_the_page_that_asks_for_a_zone_may_run_our_script_to_propose_the_browsers(patient):
    answer = patient.get(f"/links/{patient.link()}/confirm")

    assert 'src="/static/upload.js"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'self'; connect-src 'self'")


def test_the_page_that_asks_for_no_zone_runs_no_script(patient):
    answer = patient.get(f"/links/{patient.link()}/confirm")

    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["Content-Security-Policy"]
