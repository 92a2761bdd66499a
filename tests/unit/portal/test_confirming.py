"""The question whose account it is: shown to its owner alone, and both answers kept."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    Malformed,
    NotFound,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.links.records import LinkState


def test_the_question_shows_devices_last_reading_and_zone(patient, vendor):
    page = patient.get(f"/links/{patient.link()}/confirm").text

    for text in (
        "Is this your Withings account?",
        "Body+",
        "20 November 2026",
        "BPM Connect",
        "21 November 2026",
        "Europe/Berlin",
        "Yes, this is mine",
        "No, this is not me",
    ):
        assert text in page
    assert vendor.tokens_seen == ["access-CANARY"]
    assert "CANARY" not in page


def test_yes_makes_the_link_active_in_the_zone_of_the_account(patient, store):
    link = patient.link()

    answer = patient.post(f"/links/{link}/confirm")

    assert (answer.status_code, answer.location) == (303, "/")
    assert store.link(link).state is LinkState.ACTIVE
    assert store.link(link).zone == ZoneInfo("Europe/Berlin")
    assert "Withings is connected." in patient.get("/").text


def test_saying_yes_twice_changes_nothing(patient, store):
    link = patient.link()
    patient.post(f"/links/{link}/confirm")
    assert patient.post(f"/links/{link}/confirm").status_code == 303
    assert store.link(link).state is LinkState.ACTIVE


def test_a_second_yes_that_overtook_the_first_is_no_error(patient, store, vendor):
    link = patient.link()
    # The first click is answered while the second waits for the vendor.
    vendor.meanwhile = lambda: store.confirm_link(link, zone=ZoneInfo("Europe/Berlin"))

    answer = patient.post(f"/links/{link}/confirm")

    assert (answer.status_code, answer.location) == (303, "/")
    assert "Withings is connected." in patient.get("/").text


def test_a_yes_to_a_link_that_was_discarded_meanwhile_confirms_nothing(patient, store, vendor):
    link = patient.link()
    vendor.meanwhile = lambda: store.discard_link(link)

    assert patient.post(f"/links/{link}/confirm").status_code == 404
    assert store.active_link_ids("withings") == []


def test_no_removes_link_and_tokens_and_says_what_to_do(patient, store):
    link = patient.link()

    answer = patient.post(f"/links/{link}/discard")

    assert answer.location == "/connect/withings/not-mine"
    assert "Sign out at Withings first" in patient.get(answer.location).text
    for read in (store.link, store.tokens):
        with pytest.raises(NotFound):
            read(link)


def test_a_confirmed_link_cannot_be_discarded(patient, store):
    link = patient.link()
    patient.post(f"/links/{link}/confirm")
    assert patient.post(f"/links/{link}/discard").location == "/"
    assert store.link(link).state is LinkState.ACTIVE


def test_a_link_that_waits_for_a_new_permission_is_not_asked_about(patient, store):
    link = patient.link()
    patient.post(f"/links/{link}/confirm")
    assert "is connected." in patient.get("/").text
    store.set_state(link, LinkState.NEEDS_RELINK)

    assert patient.get(f"/links/{link}/confirm").location == "/"
    assert "is connected." not in patient.get("/").text


def test_other_patients_links_do_not_exist(patient, other_patient, store):
    link = patient.link()

    assert other_patient.get(f"/links/{link}/confirm").status_code == 404
    assert other_patient.post(f"/links/{link}/confirm").status_code == 404
    assert other_patient.post(f"/links/{link}/discard").status_code == 404
    assert store.link(link).state is LinkState.UNCONFIRMED


def test_a_made_up_link_does_not_exist(patient):
    assert patient.get("/links/aaaaaaaaaaaa/confirm").status_code == 404


def test_without_sign_in_there_is_only_the_start(patient, visit, new_visit, store):
    link = patient.link()
    stranger = new_visit()

    assert stranger.get(f"/links/{link}/confirm").location == "/"
    assert stranger.post(f"/links/{link}/confirm").location == "/"
    assert stranger.post(f"/links/{link}/discard").location == "/"
    assert store.link(link).state is LinkState.UNCONFIRMED


@pytest.mark.parametrize("error", [VendorDown(), Malformed()])
def test_a_vendor_that_does_not_answer_keeps_the_link(patient, store, vendor, error):
    link = patient.link()
    vendor.account_error = error

    answer = patient.get(f"/links/{link}/confirm")

    assert answer.status_code == 503
    assert "Your permission is kept" in answer.text
    assert f'href="/links/{link}/confirm"' in answer.text
    assert patient.post(f"/links/{link}/confirm").status_code == 503
    assert store.link(link).state is LinkState.UNCONFIRMED


def test_a_permission_withdrawn_meanwhile_asks_to_connect_again(patient, vendor):
    link = patient.link()
    vendor.account_error = AuthLost()

    answer = patient.get(f"/links/{link}/confirm")

    assert answer.status_code == 502
    assert 'href="/connect/withings"' in answer.text


@pytest.mark.parametrize("ask", ["get", "post"])
def test_of_an_account_without_data_nothing_is_kept(patient, store, vendor, ask):
    link = patient.link()
    vendor.account_error = AccountWithoutData(status=400)

    answer = getattr(patient, ask)(f"/links/{link}/confirm")

    assert answer.status_code == 409
    assert "This account has no Withings data yet" in answer.text
    assert 'href="/connect/withings"' in answer.text
    for read in (store.link, store.tokens):
        with pytest.raises(NotFound):
            read(link)
    assert vendor.revoked == [("vendor-user-1", "refresh-CANARY")]


def test_an_account_without_data_that_was_discarded_meanwhile_says_the_same(patient, store, vendor):
    link = patient.link()

    def discarded():
        store.discard_link(link)
        raise AccountWithoutData

    vendor.meanwhile = discarded

    assert "has no Withings data yet" in patient.get(f"/links/{link}/confirm").text
    assert vendor.revoked == []


def test_another_refusal_of_the_vendor_keeps_the_link(patient, store, vendor):
    link = patient.link()
    vendor.account_error = VendorRejected()

    assert patient.get(f"/links/{link}/confirm").status_code == 502
    assert store.link(link).state is LinkState.UNCONFIRMED
    assert vendor.revoked == []
