"""Choosing what is shared: with the yes to an account, and at any time on the link page."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from ohx_pipelines.errors import VendorDown
from ohx_pipelines.links.records import ENDED, LinkState

UNCHOSEN = "at least one box must be ticked. To share nothing from Withings, disconnect it."


@pytest.fixture
def waiting(patient):
    """The id of the patient's link that waits for the yes."""
    link = patient.link()
    patient.get("/")
    return link


@pytest.fixture
def connected(patient, waiting):
    """The id of the patient's confirmed link, of which everything is shared."""
    patient.post(f"/links/{waiting}/confirm")
    patient.get("/")
    return waiting


def share(visit, link, *data_types):
    return visit.post(
        f"/links/{link}/share", fields={"boxes": "shown", "data_type": list(data_types)}
    )


def confirm(visit, link, *data_types):
    return visit.post(
        f"/links/{link}/confirm", fields={"boxes": "shown", "data_type": list(data_types)}
    )


def offers_only_weight(vendor):
    vendor.facts = replace(vendor.facts, data_types=vendor.facts.data_types[:1])


def boxes(page):
    """Give the boxes of a page: their name, whether they are ticked, and the words beside them."""
    labels = re.findall(r"<label>(.*?)</label>", page, re.DOTALL)
    return [
        (
            re.search(r'type="checkbox" name="data_type" value="(\w+)"', label)[1],
            bool(re.search(r"<input[^>]* checked>", label)),
            re.search(r"<span[^>]*>(.*?)</span>", label)[1],
        )
        for label in labels
    ]


def told(page, label):
    """Give what the card says under a label."""
    return html.unescape(re.search(rf"<dt>{label}</dt>\s*<dd[^>]*>(.*?)</dd>", page)[1])


def test_the_card_says_what_is_shared_and_has_a_box_for_each_data_type(patient, store, connected):
    store.share(connected, ["pressure"], who="operator o")

    page = patient.get("/").text

    assert told(page, "What is shared") == "blood pressure"
    assert boxes(page) == [("body", False, "weight"), ("pressure", True, "blood pressure")]
    assert f'action="/links/{connected}/share"' in page
    assert "<legend>Readings to share from Withings</legend>" in page


def test_what_is_ticked_is_shared_from_now_on_and_nothing_else(patient, store, connected):
    answer = share(patient, connected, "pressure")

    assert (answer.status_code, answer.location) == (303, "/")
    assert store.consent(connected) == {"pressure"}
    page = patient.get("/").text
    assert (
        '<p class="notice message" role="status">'
        "Saved. Withings readings that are shared: blood pressure.</p>"
    ) in page
    assert told(page, "What is shared") == "blood pressure"


def test_the_log_tells_who_changed_what(patient, store, connected, caplog):
    caplog.set_level("INFO")

    share(patient, connected, "pressure")

    last = store.audit(link_id=connected)[-1]
    who = f"patient {store.link(connected).patient.id}"
    assert (last.who, last.what, last.detail) == (who, "no_longer_shared", "body")
    said = [one.getMessage() for one in caplog.records if one.name == "oauth_portal"]
    assert f"event=sharing_changed provider=withings link={connected}" in said


def test_no_box_at_all_changes_nothing_and_leads_to_disconnecting(patient, store, connected):
    share(patient, connected)

    assert store.consent(connected) == {"body", "pressure"}
    page = patient.get("/").text
    assert re.search(
        rf'class="notice attention" role="status">Nothing was changed: {UNCHOSEN}', page
    )
    assert f'href="/links/{connected}/disconnect"' in page


def test_the_same_boxes_again_change_nothing_and_say_so(patient, store, connected):
    before = store.record_to_copy(connected).version

    share(patient, connected, "body", "pressure")

    assert store.record_to_copy(connected).version == before
    assert "Nothing was changed" in patient.get("/").text


def test_a_box_that_the_vendor_does_not_have_is_refused(patient, store, connected):
    answer = share(patient, connected, "body", "CANARY")

    assert answer.status_code == 400
    assert "CANARY" not in answer.text
    assert store.consent(connected) == {"body", "pressure"}


def test_a_form_without_its_token_changes_nothing(patient, store, connected):
    answer = patient.http.post(f"/links/{connected}/share", data={"data_type": "body"})

    assert answer.status_code == 400
    assert store.consent(connected) == {"body", "pressure"}


def test_other_patients_links_do_not_exist(patient, other_patient, store, connected):
    assert share(other_patient, connected, "body").status_code == 404
    assert store.consent(connected) == {"body", "pressure"}


def test_without_sign_in_there_is_only_the_start(new_visit, store, connected):
    assert share(new_visit(), connected, "body").location == "/"
    assert store.consent(connected) == {"body", "pressure"}


def test_it_is_never_changed_by_get(patient, connected):
    assert patient.get(f"/links/{connected}/share").status_code == 405


@pytest.mark.parametrize("state", sorted(ENDED))
def test_of_an_ended_link_nothing_is_chosen_and_the_card_says_what_can_be_shared(
    patient, store, connected, state
):
    store.share(connected, ["body"], who="operator o")
    store.set_state(connected, state)

    assert share(patient, connected, "pressure").location == "/"

    page = patient.get("/").text
    assert boxes(page) == []
    assert store.link(connected).data_types == ("body",)
    if state is LinkState.UNLINKED:
        assert told(page, "What can be shared") == "weight; blood pressure"


def test_a_link_that_waits_for_a_new_permission_keeps_its_choice_and_can_change_it(
    patient, store, connected
):
    store.set_state(connected, LinkState.NEEDS_RELINK)
    share(patient, connected, "body")

    assert told(patient.get("/").text, "What will be shared again") == "weight"
    assert patient.link() == connected
    assert store.consent(connected) == {"body"}


def test_a_vendor_with_a_single_data_type_has_no_boxes(patient, vendor, connected):
    offers_only_weight(vendor)

    page = patient.get("/").text

    assert boxes(page) == []
    assert told(page, "What is shared") == "weight"


def test_a_link_that_shares_what_is_no_longer_offered_says_so_and_can_choose_again(
    patient, store, vendor, connected
):
    store.share(connected, ["pressure"], who="operator o")
    offers_only_weight(vendor)

    page = patient.get("/").text

    assert told(page, "What is shared") == "nothing"
    assert boxes(page) == [("body", False, "weight")]


def test_the_question_has_every_box_ticked_before_anything_is_carried_over(patient, waiting):
    page = patient.get(f"/links/{waiting}/confirm").text

    assert boxes(page) == [("body", True, "weight"), ("pressure", True, "blood pressure")]
    assert "You can change this at any time" in page


def test_the_yes_shares_what_is_ticked_from_the_first_moment(patient, store, waiting):
    confirm(patient, waiting, "pressure")

    assert store.link(waiting).state is LinkState.ACTIVE
    assert store.consent(waiting) == {"pressure"}


def test_a_yes_without_a_box_connects_nothing_and_asks_again(patient, store, waiting):
    answer = confirm(patient, waiting)

    assert (answer.status_code, answer.location) == (303, f"/links/{waiting}/confirm")
    assert store.link(waiting).state is LinkState.UNCONFIRMED
    assert "Please tick what you want to share." in patient.get(answer.location).text


def test_a_yes_with_a_box_that_the_vendor_does_not_have_connects_nothing(patient, store, waiting):
    assert confirm(patient, waiting, "CANARY").status_code == 400
    assert store.link(waiting).state is LinkState.UNCONFIRMED


def test_boxes_that_were_ticked_before_the_vendor_failed_are_ticked_still(
    patient, vendor, store, waiting
):
    vendor.account_error = VendorDown()
    assert confirm(patient, waiting, "pressure").status_code == 503
    vendor.account_error = None

    page = patient.get(f"/links/{waiting}/confirm").text

    assert boxes(page) == [("body", False, "weight"), ("pressure", True, "blood pressure")]


def test_the_disclosure_says_that_one_can_choose(patient):
    page = " ".join(patient.get("/connect/withings").text.split())

    assert "You choose which of these readings are shared" in page


def test_the_disclosure_of_a_single_data_type_promises_no_choice(patient, vendor):
    offers_only_weight(vendor)

    assert "You choose" not in patient.get("/connect/withings").text


def test_a_type_that_the_vendor_was_never_asked_for_leads_to_the_vendor(patient, vendor, connected):
    """As for links that are older than the type: without a new permission its days stay red."""
    first, *others = vendor.facts.data_types
    new = replace(first, name="sleep", title="sleep", scopes=frozenset({"sleep.read"}))
    vendor.facts = replace(vendor.facts, data_types=(first, new, *others))

    answer = share(patient, connected, first.name, "sleep")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/connect/withings"
    page = patient.get("/connect/withings").text
    assert "Connect Withings once more" in page
