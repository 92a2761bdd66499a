"""A vendor whose settings were taken away: its links are seen and can be ended, and nothing else."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlalchemy import text

from oauth_portal.app import create_app
from ohx_pipelines.errors import EhrDown
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.unlinking import finish_without_vendor
from tests.unit.made_up import MadeUpEhr
from tests.unit.portal.conftest import Visit, facts

TITLE = "Fitbit / Google Health"


@pytest.fixture
def vendor(vendor):
    vendor.facts = facts("google_health", TITLE)
    return vendor


@pytest.fixture
def services(services, vendor, pkce_vendor):
    return replace(services, providers={"google_health": vendor, "pulse": pkce_vendor})


@pytest.fixture
def link(patient):
    link = patient.link("google_health")
    patient.post(f"/links/{link}/confirm")
    return link


@pytest.fixture
def ehr_of_records():
    return MadeUpEhr()


@pytest.fixture
def later(services, store, link, identity, ehr_of_records):
    """The patient's browser on the portal after Google's settings were taken away."""
    records = LinkRecords(
        store=store,
        providers={},
        publisher=lambda _: Publisher(ehr_of_records),
        secret=b"s" * 40,
    )
    remaining = {"pulse": services.providers["pulse"]}
    app = create_app(
        replace(services, providers=remaining, link_records=lambda: nullcontext(records))
    )
    visit = Visit(app, identity)
    visit.sign_in()
    return visit


def card(visit, link):
    """The words and addresses of the link's card, or None where there is no card."""
    page = " ".join(visit.get("/").text.split())
    found = re.search(rf'<section class="card" aria-labelledby="{link}-title">.*?</section>', page)
    return found and found[0]


@pytest.mark.parametrize("state", [LinkState.UNCONFIRMED, LinkState.ACTIVE, LinkState.NEEDS_RELINK])
def test_a_living_link_has_a_card_with_a_button_to_end_it_and_no_other(later, store, link, state):
    store.set_state(link, state)

    shown = card(later, link)

    assert TITLE in shown
    assert "Riverside Clinic no longer reads from Fitbit / Google Health." in shown
    assert re.findall(r'href="([^"]*)"', shown) == [f"/links/{link}/disconnect"]
    assert "<form" not in shown
    assert "once a day" not in shown


def test_vendors_that_are_set_up_keep_their_cards(later, link):
    page = later.get("/").text

    assert "Connect Pulse" in page
    assert "Connect Fitbit" not in page


def test_a_link_of_a_vendor_that_is_set_up_has_no_second_card(patient, link):
    page = patient.get("/").text

    assert 'aria-labelledby="google_health-title"' in page
    assert card(patient, link) is None


def test_the_question_promises_nothing_that_cannot_be_done(later, store, link):
    page = " ".join(later.get(f"/links/{link}/disconnect").text.split())

    assert f"Disconnect {TITLE}?" in page
    assert f"We cannot tell {TITLE} from here any more" in page
    assert "We tell" not in page
    assert "connect Fitbit / Google Health again whenever you like" not in page
    assert store.link_state(link) is LinkState.ACTIVE


def test_a_yes_ends_the_reading_and_says_who_has_to_finish_it(
    later, store, vendor, link, ehr_of_records
):
    answer = later.post(f"/links/{link}/disconnect")

    assert (answer.status_code, answer.location) == (303, "/")
    assert store.link_state(link) is LinkState.UNLINKING
    assert vendor.revoked == []
    page = " ".join(later.get("/").text.split())
    assert 'class="notice attention"' in page
    assert "Riverside Clinic has to finish this." in page
    assert "keep trying" not in page
    assert "is disconnected" not in page
    kinds = [(kind, one["status"]) for (kind, _), one in ehr_of_records.held.items()]
    assert kinds == [("Consent", "inactive")]


def test_a_link_that_ends_says_that_the_vendor_has_not_confirmed_it(later, store, link):
    store.begin_unlink(link, who="patient x")

    shown = card(later, link)

    assert "has not confirmed the end" in shown
    assert "keep trying" not in shown
    assert "href" not in shown
    assert later.get(f"/links/{link}/disconnect").location == "/"


def test_a_link_whose_end_is_done_has_no_card(later, store, link):
    later.post(f"/links/{link}/disconnect")
    finish_without_vendor(store, link, who="operator o")

    assert card(later, link) is None


def test_a_record_that_has_not_noted_the_end_is_said_without_a_promise(
    later, store, link, ehr_of_records
):
    ehr_of_records.read_error = EhrDown()
    later.post(f"/links/{link}/disconnect")
    page = " ".join(later.get("/").text.split())
    assert "Your record at Riverside Clinic has not noted this yet" in page
    assert "keep trying" not in page
    finish_without_vendor(store, link, who="operator o")

    shown = card(later, link)

    assert "Your record has not noted yet that you disconnected" in shown
    assert "keep trying" not in shown


def test_set_up_again_the_vendor_is_told(later, store, vendor, patient, link):
    later.post(f"/links/{link}/disconnect")

    patient.post(f"/links/{link}/disconnect")

    assert vendor.revoked == [("vendor-user-1", "refresh-CANARY")]
    assert store.is_erased(link)


def test_other_patients_links_do_not_exist(later, other_patient, store, link):
    assert other_patient.post(f"/links/{link}/disconnect").status_code == 404
    assert store.link_state(link) is LinkState.ACTIVE


def test_a_vendor_that_this_version_does_not_know_goes_by_its_name(later, store, link):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE provider_links SET provider = 'acme'"))

    shown = card(later, link)

    assert ">acme</h2>" in shown
    assert f'href="/links/{link}/disconnect"' in shown
