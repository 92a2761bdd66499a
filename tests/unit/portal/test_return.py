"""The way back from a vendor: one page for every way it can end, and nothing linked but by a yes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    Malformed,
    NotConsented,
    NotFound,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.links.records import LinkState


def links(visit, store):
    with visit.http.session_transaction() as session:
        return store.links_of(session["patient"])


def test_a_return_ends_on_an_address_without_code_and_state(patient, vendor, store):
    answer = patient.come_back(state=patient.start(), code="the-code")

    [link] = links(patient, store)
    assert answer.status_code == 303
    assert answer.location == f"/links/{link.id}/confirm"
    assert vendor.exchanged == [
        (
            "the-code",
            "http://127.0.0.1:8400/api/base/provider-links/withings/oauth2_callback/",
            None,
        )
    ]


def test_nothing_is_active_before_the_patient_said_so(patient, store):
    patient.link()

    [link] = links(patient, store)
    assert link.state is LinkState.UNCONFIRMED
    assert store.active_link_ids("withings") == []


def test_a_state_works_only_once(patient, vendor):
    state = patient.start()
    patient.come_back(state=state, code="c")

    again = patient.come_back(state=state, code="c")

    assert again.status_code == 400
    assert "This step was already done" in again.text
    assert len(vendor.exchanged) == 1


def test_a_state_of_another_session_is_refused(patient, other_patient, vendor):
    answer = other_patient.come_back(state=patient.start(), code="c")

    assert answer.status_code == 403
    assert "started by somebody else" in answer.text
    assert vendor.exchanged == []


def test_a_state_of_another_vendor_is_refused(patient, vendor, pkce_vendor):
    answer = patient.come_back("pulse", state=patient.start("withings"), code="c")

    assert answer.status_code in {400, 403}
    assert vendor.exchanged == pkce_vendor.exchanged == []


def test_a_state_older_than_ten_minutes_is_refused(patient, store, vendor):
    with patient.http.session_transaction() as session:
        session_hash = hashlib.sha256(session["id"].encode()).hexdigest()
        state = store.start_authorization(
            patient_id=session["patient"],
            provider="withings",
            session_hash=session_hash,
            code_verifier=None,
            minutes=-1,
        )

    answer = patient.come_back(state=state, code="c")

    assert answer.status_code == 400
    assert "That took too long" in answer.text
    assert vendor.exchanged == []


def test_a_made_up_state_is_refused(patient):
    answer = patient.come_back(state="made-up-CANARY", code="c")

    assert answer.status_code == 400
    assert "We did not start this" in answer.text
    assert "CANARY" not in answer.text


def test_a_return_without_sign_in_says_so(patient, new_visit, vendor):
    answer = new_visit().come_back(state=patient.start(), code="c")

    assert answer.status_code == 403
    assert "You were signed out meanwhile" in answer.text
    assert vendor.exchanged == []


@pytest.mark.parametrize("query", [{}, {"state": "s"}, {"code": "c"}, {"state": "", "code": "c"}])
def test_a_return_that_lacks_something_is_refused(patient, query):
    answer = patient.come_back(**query)

    assert answer.status_code == 400
    assert "Something is missing" in answer.text


def test_a_parameter_given_twice_is_refused(patient):
    state = patient.start()
    assert patient.come_back(state=state, code=["a", "b"]).status_code == 400


def test_cancelling_is_no_fault_and_offers_another_try(patient, store):
    state = patient.start()

    answer = patient.come_back(state=state, error="access_denied", error_description="CANARY")

    assert answer.status_code == 200
    assert "You cancelled; nothing was connected" in answer.text
    assert 'href="/connect/withings"' in answer.text
    assert "CANARY" not in answer.text
    assert links(patient, store) == []
    assert "already done" in patient.come_back(state=state, code="c").text


def test_nobody_can_be_told_they_cancelled_by_a_made_up_link(patient):
    answer = patient.come_back(state="made-up", error="access_denied")

    assert answer.status_code == 400
    assert "You cancelled" not in answer.text


def test_another_error_of_the_vendor_says_so(patient):
    answer = patient.come_back(state=patient.start(), error="server_error-CANARY")

    assert answer.status_code == 502
    assert "Withings could not do this" in answer.text
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (VendorDown(), 503, "Withings does not answer right now"),
        (RateLimited(), 503, "Withings does not answer right now"),
        (Malformed(), 503, "Withings does not answer right now"),
        (VendorRejected(), 502, "Withings did not accept the connection"),
        (AuthLost(), 502, "Withings did not accept the connection"),
        (AccountWithoutData(), 409, "This account has no Withings data yet"),
        (NotConsented(), 403, "A permission is missing"),
        (ScopeMissing(), 403, "A permission is missing"),
    ],
)
def test_a_code_that_gives_no_tokens_says_why(patient, store, vendor, error, status, heading):
    vendor.exchange_error = error
    answer = patient.come_back(state=patient.start(), code="c")

    assert answer.status_code == status
    assert heading in answer.text
    assert 'href="/connect/withings"' in answer.text
    assert links(patient, store) == []


def test_an_account_without_data_is_told_what_to_do_first(patient, vendor):
    vendor.exchange_error = AccountWithoutData(status=400)

    page = patient.come_back(state=patient.start(), code="c").text

    assert "Open the Withings app with this account once, then connect again." in page
    assert "Nothing was connected." in page


def test_a_missing_permission_links_nothing(patient, store, vendor):
    vendor.grant = replace(vendor.grant, scopes=frozenset({"user.info"}))
    answer = patient.come_back(state=patient.start(), code="c")

    assert answer.status_code == 403
    assert "A permission is missing" in answer.text
    assert links(patient, store) == []


def test_an_account_that_another_patient_linked_is_refused(patient, other_patient):
    patient.link()

    answer = other_patient.come_back(state=other_patient.start(), code="c")

    assert answer.status_code == 409
    assert "Another patient has connected this account" in answer.text


def test_a_second_account_beside_an_active_one_is_refused(patient, vendor):
    patient.post(f"/links/{patient.link()}/confirm")
    vendor.as_user("vendor-user-2")

    answer = patient.come_back(state=patient.start(), code="c")

    assert answer.status_code == 409
    assert "You have connected another account" in answer.text


def test_linking_an_active_account_again_keeps_its_id_and_asks_nothing(patient, store):
    first = patient.link()
    patient.post(f"/links/{first}/confirm")

    again = patient.link()
    answer = patient.get(f"/links/{again}/confirm")

    assert again == first
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Withings is connected." in patient.get("/").text
    assert store.link(first).state is LinkState.ACTIVE


def test_linking_an_account_that_was_lost_makes_it_active_again(patient, store):
    first = patient.link()
    patient.post(f"/links/{first}/confirm")
    store.set_state(first, LinkState.NEEDS_RELINK)

    assert patient.link() == first
    assert store.link(first).state is LinkState.ACTIVE


def test_a_refused_account_leaves_no_tokens(patient, store):
    link = patient.link()
    patient.post(f"/links/{link}/discard")
    with pytest.raises(NotFound):
        store.tokens(link)
