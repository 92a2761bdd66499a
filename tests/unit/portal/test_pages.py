"""The pages a patient reads: states in plain words, what is shared, help in the same place."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oauth_portal.cards import build_cards, in_words
from ohx_pipelines.links.records import LinkState, LinkStatus


def status(state, *, link="one", created=1, last=None, zone="Europe/Berlin"):
    return LinkStatus(
        id=link,
        provider="withings",
        state=state,
        zone=zone,
        created_at=datetime(2026, 11, created, tzinfo=UTC),
        last_success_at=last,
        last_success_day=None,
        last_outcome=None,
    )


def test_the_start_says_what_this_is_and_has_one_button(visit):
    page = visit.get("/").text

    assert "Share your home readings with Riverside Clinic" in page
    assert page.count("<button") == 1
    assert 'action="/sign-in"' in page


def test_a_vendor_that_is_not_connected_offers_to_connect(patient):
    page = patient.get("/").text

    assert "Not connected" in page
    assert 'href="/connect/withings"' in page
    assert "Connect Withings" in page
    assert "Last successful sync" not in page


def test_a_link_that_waits_leads_to_the_question(patient):
    link = patient.link()
    page = patient.get("/").text

    assert "Waiting for your confirmation" in page
    assert f'href="/links/{link}/confirm"' in page


def test_a_connected_vendor_without_a_sync_says_so(patient):
    patient.post(f"/links/{patient.link()}/confirm")
    page = patient.get("/").text

    assert "No readings have been carried over yet" in page
    assert re.search(r'class="tag good">Connected<', page)


@pytest.mark.parametrize(
    ("state", "tag"),
    [
        (LinkState.NEEDS_RELINK, "Please connect again"),
        (LinkState.UNLINKING, "Being disconnected"),
        (LinkState.UNLINKED, "Disconnected"),
    ],
)
def test_every_state_has_its_words(patient, store, state, tag):
    link = patient.link()
    patient.post(f"/links/{link}/confirm")
    store.set_state(link, state)
    assert f">{tag}</p>" in patient.get("/").text


def test_the_last_sync_is_told_in_the_links_own_zone(vendor):
    last = datetime(2026, 11, 23, 23, 6, tzinfo=UTC)
    [card] = build_cards([vendor], [status(LinkState.ACTIVE, last=last)])
    assert in_words(card.last_sync) == "24 November 2026 at 00:06 (Europe/Berlin)"


def test_a_link_without_a_zone_is_told_in_utc(vendor):
    last = datetime(2026, 11, 23, 23, 6, tzinfo=UTC)
    [card] = build_cards([vendor], [status(LinkState.ACTIVE, last=last, zone=None)])
    assert card.last_sync.tzinfo == ZoneInfo("UTC")


def test_an_ended_link_never_hides_a_living_one(vendor):
    links = [
        status(LinkState.ACTIVE, link="living", created=1),
        status(LinkState.UNLINKED, link="ended", created=9),
    ]
    [card] = build_cards([vendor], links)
    assert card.link == "living"


def test_every_state_has_a_wording(vendor):
    for state in LinkState:
        [card] = build_cards([vendor], [status(state)])
        assert card.wording.tag


def test_the_disclosure_says_what_goes_where_before_the_vendor_asks(patient):
    page = patient.get("/connect/withings").text

    for text in (
        "weight",
        "blood pressure",
        "Riverside Clinic",
        "Riverside records",
        "No readings and no other health",
        "How to stop",
        "browser’s language",
        "Someone else in your family",
        'action="/api/base/provider-links/withings/initiate_oauth2/"',
    ):
        assert text in page


def test_the_disclosure_needs_a_sign_in(visit):
    assert visit.get("/connect/withings").location == "/"


def test_the_disclosure_of_an_unknown_vendor_does_not_exist(patient):
    assert patient.get("/connect/nobody").status_code == 404


def test_the_health_check_is_public_and_says_nothing_else(visit):
    assert visit.get("/healthz").json == {"status": "ok"}


PAGES = ["/", "/connect/withings", "/connect/withings/not-mine", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_same_frame(patient, path):
    page = patient.get(path).text

    assert '<html lang="en">' in page
    assert page.index('href="#main"') < page.index("<header") < page.index('<main id="main"')
    assert len(re.findall("<h1>", page)) == 1
    assert re.search(r"<title>\S.* – Home readings</title>", page)
    assert "Call 01632 960 001." in page[page.index("<footer") :]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_anything_of_another_site(patient, path):
    page = patient.get(path).text

    assert all(
        value.startswith(("/", "#")) for value in re.findall(r'(?:src|href)="([^"]*)"', page)
    )
    assert not re.search(r"<script|<style| style=| on\w+=", page)


def test_links_and_buttons_lead_somewhere_that_exists(patient):
    page = patient.get("/").text
    for path in set(re.findall(r'href="(/[^"]*)"', page)):
        with patient.get(path) as answer:
            assert answer.status_code == 200, path
