"""Disconnecting on the link page: two presses, plain words, own links only, and it really ends."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oauth_portal.app import create_app
from oauth_portal.cards import build_cards
from ohx_pipelines.errors import NotFound, VendorDown, VendorRejected
from ohx_pipelines.links.records import LinkState, LinkStatus
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from tests.unit.portal.conftest import Visit

DONE = "Withings is disconnected. Our access is destroyed."
WAITS = "Withings is being disconnected."


@pytest.fixture
def connected(patient):
    """The id of the patient's confirmed link."""
    link = patient.link()
    patient.post(f"/links/{link}/confirm")
    patient.get("/")
    return link


def log(store, link):
    return [(one.who, one.what, one.detail) for one in store.audit(link_id=link)]


@pytest.mark.parametrize("state", [LinkState.UNCONFIRMED, LinkState.ACTIVE, LinkState.NEEDS_RELINK])
def test_the_card_of_a_link_that_lives_has_a_button_to_disconnect_it(
    patient, store, connected, state
):
    store.set_state(connected, state)

    page = patient.get("/").text

    assert f'href="/links/{connected}/disconnect"' in page
    assert "Disconnect Withings" in page


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_an_ended_link_has_no_such_button(patient, store, connected, state):
    store.set_state(connected, state)

    assert "/disconnect" not in patient.get("/").text


def test_the_question_says_what_ends_and_what_stays_and_changes_nothing(
    patient, store, vendor, connected
):
    page = " ".join(patient.get(f"/links/{connected}/disconnect").text.split())

    for text in (
        "Disconnect Withings?",
        "We tell Withings that we may no longer read your account.",
        "We destroy our access to it.",
        "Readings that are already in your record at Riverside Clinic stay there.",
        "Keep it connected",
        f'action="/links/{connected}/disconnect"',
    ):
        assert text in page
    assert store.link_state(connected) is LinkState.ACTIVE
    assert vendor.revoked == []


def test_a_yes_tells_the_vendor_destroys_the_access_and_says_so(patient, store, vendor, connected):
    answer = patient.post(f"/links/{connected}/disconnect")

    assert (answer.status_code, answer.location) == (303, "/")
    page = patient.get("/").text
    assert re.search(f'class="notice message" role="status">{DONE}', page)
    assert ">Disconnected</p>" in page
    assert vendor.revoked == [("vendor-user-1", "refresh-CANARY")]
    assert store.is_erased(connected)
    who = f"patient {store.link(connected).patient.id}"
    assert log(store, connected)[-3:] == [
        (who, "unlink_asked", None),
        (who, "revoked_at_vendor", None),
        (who, "keys_destroyed", None),
    ]


@pytest.mark.parametrize("error", [VendorDown(), VendorRejected()])
def test_a_vendor_that_does_not_take_note_is_waited_for_in_plain_sight(
    patient, store, vendor, connected, error
):
    vendor.revoke_error = error

    answer = patient.post(f"/links/{connected}/disconnect")

    assert (answer.status_code, answer.location) == (303, "/")
    page = patient.get("/").text
    assert re.search(f'class="notice attention" role="status">{WAITS}', page)
    assert DONE not in page
    assert ">Being disconnected</p>" in page
    assert "Asked to disconnect" in page
    assert store.link_state(connected) is LinkState.UNLINKING


def test_pressing_again_tells_the_vendor_again(patient, store, vendor, connected):
    vendor.revoke_error = VendorDown()
    patient.post(f"/links/{connected}/disconnect")
    vendor.revoke_error = None

    patient.post(f"/links/{connected}/disconnect")

    assert DONE in patient.get("/").text
    assert store.is_erased(connected)


def test_pressing_twice_ends_the_same(patient, store, vendor, connected):
    for _ in range(2):
        assert patient.post(f"/links/{connected}/disconnect").location == "/"

    assert DONE in patient.get("/").text
    assert len(vendor.revoked) == 1


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_a_link_that_ends_or_has_ended_is_not_asked_about(patient, store, connected, state):
    store.set_state(connected, state)

    assert patient.get(f"/links/{connected}/disconnect").location == "/"


def test_the_card_says_since_when_in_the_links_own_zone(vendor):
    asked_at = datetime(2026, 11, 23, 23, 6, tzinfo=UTC)
    status = LinkStatus(
        id="one",
        provider="withings",
        state=LinkState.UNLINKING,
        zone="Europe/Berlin",
        created_at=asked_at,
        last_success_at=None,
        last_success_day=None,
        last_outcome=None,
        unlink_asked_at=asked_at,
    )

    [card] = build_cards([vendor], [status])

    assert f"{card.ending_since:%d.%m. %H:%M}" == "24.11. 00:06"


def test_an_earlier_end_is_not_told_of_a_link_that_lives_again(patient, connected):
    patient.post(f"/links/{connected}/disconnect")
    assert patient.link() == connected
    patient.post(f"/links/{connected}/confirm")

    page = patient.get("/").text

    assert ">Connected</p>" in page
    assert "Asked to disconnect" not in page


def test_other_patients_links_do_not_exist(patient, other_patient, store, vendor, connected):
    assert other_patient.get(f"/links/{connected}/disconnect").status_code == 404
    assert other_patient.post(f"/links/{connected}/disconnect").status_code == 404
    assert store.link_state(connected) is LinkState.ACTIVE
    assert vendor.revoked == []


@pytest.fixture(params=[{"key": b"x" * 32, "key_id": "1"}, {"key": b"k" * 32, "key_id": "2"}])
def under_another_key(request, services, database_url, identity, connected):
    """Patients' browsers on a portal that was started with another token key than before."""
    vault = Vault(request.param["key"], key_id=request.param["key_id"])
    store = open_store(database_url, vault, identifier_secret="identifier-secret" * 3)
    app = create_app(replace(services, store=store))

    def signed_in(**claims):
        visit = Visit(app, identity)
        assert visit.sign_in(**claims).status_code == 303
        return visit

    yield signed_in
    store.close()


def test_a_patient_can_disconnect_although_the_token_key_is_another(
    under_another_key, store, vendor, connected
):
    patient = under_another_key()
    assert "Disconnect Withings?" in patient.get(f"/links/{connected}/disconnect").text

    answer = patient.post(f"/links/{connected}/disconnect")

    assert (answer.status_code, answer.location) == (303, "/")
    page = patient.get("/").text
    assert re.search(f'class="notice attention" role="status">{WAITS}', page)
    assert ">Being disconnected</p>" in page
    assert store.link_state(connected) is LinkState.UNLINKING
    assert log(store, connected)[-1][1:] == ("revoke_failed", "vault")
    assert vendor.revoked == []


def test_other_patients_links_do_not_exist_under_another_key_either(
    under_another_key, store, connected
):
    other = under_another_key(patient="Patient/p2", subject="subject-2")

    assert other.get(f"/links/{connected}/disconnect").status_code == 404
    assert other.post(f"/links/{connected}/disconnect").status_code == 404
    assert store.link_state(connected) is LinkState.ACTIVE


def test_a_made_up_link_does_not_exist(patient):
    assert patient.get("/links/aaaaaaaaaaaa/disconnect").status_code == 404


def test_without_sign_in_there_is_only_the_start(new_visit, store, connected):
    stranger = new_visit()

    assert stranger.get(f"/links/{connected}/disconnect").location == "/"
    assert stranger.post(f"/links/{connected}/disconnect").location == "/"
    assert store.link_state(connected) is LinkState.ACTIVE


def test_no_secret_reaches_the_log(patient, vendor, connected, caplog):
    caplog.set_level("DEBUG")
    vendor.revoke_error = VendorDown("CANARY")
    patient.post(f"/links/{connected}/disconnect")
    vendor.revoke_error = None
    patient.post(f"/links/{connected}/disconnect")

    said = [one.getMessage() for one in caplog.records if one.name == "oauth_portal"]

    assert f"event=unlink_waits code=vendor_down provider=withings link={connected}" in said
    assert f"event=unlinked provider=withings link={connected}" in said
    assert "CANARY" not in caplog.text
    assert "vendor-user-1" not in caplog.text


def test_a_no_to_the_account_tells_the_vendor_too(patient, store, vendor):
    link = patient.link()

    assert patient.post(f"/links/{link}/discard").location == "/connect/withings/not-mine"

    assert vendor.revoked == [("vendor-user-1", "refresh-CANARY")]
    with pytest.raises(NotFound):
        store.link(link)


def test_a_no_counts_although_the_vendor_is_down(patient, store, vendor):
    vendor.revoke_error = VendorDown()
    link = patient.link()

    assert patient.post(f"/links/{link}/discard").location == "/connect/withings/not-mine"

    with pytest.raises(NotFound):
        store.link(link)


def test_another_account_can_be_connected_before_the_vendor_has_taken_note(
    patient, store, vendor, connected
):
    vendor.revoke_error = VendorDown()
    patient.post(f"/links/{connected}/disconnect")
    vendor.as_user("vendor-user-2")

    assert patient.link() != connected
