"""The cards of apps whose files can be uploaded, and what can be done there with a file's link."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from oauth_portal.app import create_app
from ohx_pipelines.links.records import LinkState
from tests.unit.portal.conftest import Visit
from tests.unit.portal.test_uploading import publish, send


def card(visit, app="beurer"):
    page = " ".join(visit.get("/").text.split())
    return re.search(rf'<section class="card" aria-labelledby="{app}-title">.*?</section>', page)[0]


@pytest.fixture
def link(patient, store):
    """The patient's link after a first file."""
    publish(patient)
    return re.search(r"/links/(\w+)/disconnect", card(patient))[1]


def test_an_app_without_a_file_offers_the_upload_and_nothing_to_end(patient):
    shown = card(patient)

    assert "No file yet" in shown
    assert 'href="/upload/beurer"' in shown
    assert "Upload a file from Beurer" in shown
    assert "disconnect" not in shown


def test_every_app_of_the_settings_has_a_card_and_no_other(services, identity, files):
    visit = Visit(create_app(replace(services, files={"beurer": files["beurer"]})), identity)
    visit.sign_in()

    assert "beurer-title" in visit.get("/").text
    assert "omron_connect-title" not in visit.get("/").text


@pytest.mark.usefixtures("link")
def test_a_link_shows_what_is_shared_and_in_which_zone(patient):
    shown = card(patient)

    assert "Shared by file" in shown
    assert "weight; blood pressure" in shown
    assert "Europe/Berlin" in shown
    assert "No readings have been carried over yet" in shown
    assert "Upload another file from Beurer" in shown


def test_what_is_shared_from_files_can_be_changed(patient, store, link):
    answer = patient.post(f"/links/{link}/share", fields={"data_type": "body"})

    assert answer.location == "/"
    assert "Beurer readings that are shared: weight." in patient.get("/").text
    assert store.consent(link) == {"body"}


def test_ending_it_says_nothing_of_an_account_and_tells_nobody_outside(patient, store, link):
    asked = " ".join(patient.get(f"/links/{link}/disconnect").text.split())
    patient.post(f"/links/{link}/disconnect")

    assert "account" not in asked
    assert "the files that you exported do not change" in asked
    assert "Beurer is disconnected. None of its files is carried over any more." in (
        patient.get("/").text
    )
    assert store.link_state(link) is LinkState.UNLINKED
    assert "Disconnected" in card(patient)


def test_a_file_after_the_end_begins_anew_and_asks_for_the_zone_again(patient, store, link):
    patient.post(f"/links/{link}/disconnect")
    assert 'name="zone"' in patient.get("/upload/beurer").text
    publish(patient, zone="Asia/Tokyo")

    assert store.link(link).state is LinkState.ACTIVE
    assert store.link(link).zone.key == "Asia/Tokyo"


def test_a_files_link_of_somebody_else_is_not_there(other_patient, link):
    for path in ("disconnect", "share"):
        assert other_patient.post(f"/links/{link}/{path}").status_code == 404


def test_another_patient_begins_with_a_link_of_their_own(patient, other_patient, importing, link):
    publish(other_patient)

    assert importing.published[0][0] == link
    assert importing.published[1][0] != link


def test_a_link_can_be_ended_where_its_files_are_no_longer_taken(services, identity, store, link):
    visit = Visit(create_app(replace(services, files={})), identity)
    visit.sign_in()
    shown = visit.get("/").text
    visit.post(f"/links/{link}/disconnect")

    assert "Riverside Clinic no longer reads from Beurer." in shown
    assert send(visit, "check").status_code == 404
    assert store.link_state(link) is LinkState.UNLINKED
