"""Disconnecting on the link page: two presses, plain words, own links only, and it really ends."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oauth_portal.app import create_app
from oauth_portal.cards import build_cards
from ohx_pipelines.errors import EhrDown, NotFound, VendorDown, VendorRejected
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.records import LinkState, LinkStatus, RecordState
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from tests.unit.made_up import MadeUpEhr
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


@pytest.fixture
def record_system():
    return MadeUpEhr()


@pytest.fixture
def on_record(services, store, vendor, record_system, identity):
    """A signed-in patient's browser on a portal that tells the EHR of ended links."""
    records = LinkRecords(
        store=store,
        providers={"withings": vendor},
        publisher=lambda _: Publisher(record_system),
        secret=b"s" * 40,
    )
    app = create_app(replace(services, link_records=lambda: nullcontext(records)))
    visit = Visit(app, identity)
    visit.sign_in()
    return visit


@pytest.fixture
def on_record_link(on_record):
    link = on_record.link()
    on_record.post(f"/links/{link}/confirm")
    on_record.get("/")
    return link


def consents(record_system):
    return [one["status"] for (kind, _), one in record_system.held.items() if kind == "Consent"]


def test_a_yes_withdraws_the_consent_in_the_record_too(on_record, on_record_link, record_system):
    on_record.post(f"/links/{on_record_link}/disconnect")

    assert consents(record_system) == ["inactive"]
    page = on_record.get("/").text
    assert re.search(f'class="notice message" role="status">{DONE}</p>', page)
    assert "has not noted" not in page


def test_a_record_that_has_not_noted_it_yet_is_told_plainly_and_the_access_is_gone(
    on_record, on_record_link, store, record_system
):
    record_system.read_error = EhrDown()

    on_record.post(f"/links/{on_record_link}/disconnect")

    assert store.is_erased(on_record_link)
    page = " ".join(on_record.get("/").text.split())
    assert (
        f"{DONE} Your record at Riverside Clinic has not noted this yet; "
        "we keep trying until it has." in page
    )
    assert 'class="notice attention"' in page


def test_the_card_says_so_until_the_record_has_noted_it(
    on_record, on_record_link, store, record_system
):
    record_system.read_error = EhrDown()
    on_record.post(f"/links/{on_record_link}/disconnect")
    on_record.get("/")
    pending = (
        "Your record has not noted yet that you disconnected Withings; we keep trying until it has."
    )

    page = " ".join(on_record.get("/").text.split())
    assert pending in page
    assert "Asked to disconnect" in page

    store.note_record_written(on_record_link, store.record_to_copy(on_record_link).version)
    page = " ".join(on_record.get("/").text.split())
    assert pending not in page
    assert "Asked to disconnect" not in page
    assert ">Disconnected</p>" in page


def test_vendor_and_record_that_are_both_down_are_both_told_of(
    on_record, on_record_link, vendor, record_system
):
    record_system.read_error, vendor.revoke_error = EhrDown(), VendorDown()

    on_record.post(f"/links/{on_record_link}/disconnect")

    page = " ".join(on_record.get("/").text.split())
    assert WAITS in page
    assert "Your record at Riverside Clinic has not noted this yet" in page


def test_a_vendor_that_is_down_keeps_no_record_from_being_told(
    on_record, on_record_link, vendor, store, record_system
):
    vendor.revoke_error = VendorDown()

    on_record.post(f"/links/{on_record_link}/disconnect")

    assert consents(record_system) == ["inactive"]
    assert store.link_state(on_record_link) is LinkState.UNLINKING
    assert store.statuses(link_id=on_record_link)[0].record is RecordState.WRITTEN


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
