"""The boxes in Debian's Chromium, under the strict policy: by mouse on their words, and by keyboard."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from werkzeug.serving import make_server

from ohx_pipelines.links.records import LinkState
from tests.end_to_end.chromium import browser, element, press, wait_for
from tests.unit.portal.conftest import QuietHandler

pytestmark = pytest.mark.slow

SUMMARY = "details summary"
# What a finger can hit, in CSS pixels.
SMALLEST_TARGET = 44


@pytest.fixture
def served(app):
    """The portal's address."""
    server = make_server("127.0.0.1", 0, app, request_handler=QuietHandler, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def link(patient):
    return patient.link()


@pytest.fixture
def page(served, patient, link):
    """A window in which the patient is signed in, on the question about the account."""
    cookie = patient.http.get_cookie("ohx-portal")
    with browser() as opened:
        opened.get(f"{served}/healthz")
        opened.add_cookie({"name": cookie.key, "value": cookie.value})
        opened.get(f"{served}/links/{link}/confirm")
        yield opened


def say_yes(page):
    press(page, "form[action*=confirm] button")
    wait_for(page, "Withings is connected.")


def complaints(page):
    said = [entry["message"] for entry in page.get_log("browser")]
    return [one for one in said if "favicon" not in one]


def test_boxes_are_chosen_with_the_yes_and_later_on_the_card(page, store, link):
    # By its words, as fingers do.
    press(page, "label:has(input[value=body]) span")
    say_yes(page)
    assert store.consent(link) == {"pressure"}

    press(page, SUMMARY)
    press(page, "label:has(input[value=body]) span")
    press(page, "form[action*=share] button")
    wait_for(page, "Withings readings that are shared: weight; blood pressure.")
    assert store.consent(link) == {"body", "pressure"}
    assert complaints(page) == []


def test_a_box_of_what_was_not_allowed_cannot_be_ticked_and_says_why(page, store, vendor, link):
    first, other = vendor.facts.data_types
    refused = replace(other, scopes=frozenset({"never.asked"}))
    vendor.facts = replace(vendor.facts, data_types=(first, refused))
    say_yes(page)
    metrics = {"width": 320, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    press(page, SUMMARY)

    wait_for(page, "not allowed at Withings: connect Withings again to allow it")
    press(page, "label:has(input[value=pressure]) .sentence")
    box = page.find_element(By.CSS_SELECTOR, "input[value=pressure]")
    assert not box.is_enabled()
    assert not box.is_selected()
    assert page.execute_script("return document.documentElement.scrollWidth") <= 320
    press(page, "form[action*=share] button")
    wait_for(page, "Nothing was changed: this is what is shared already.")
    assert store.consent(link) == {"body"}
    assert complaints(page) == []


def test_no_to_the_account_is_the_other_button_of_the_same_row(page, vendor):
    press(page, "button[form=not-mine]")

    wait_for(page, "The account was not connected")
    assert vendor.revoked == [("vendor-user-1", "refresh-CANARY")]


def test_the_keyboard_is_enough(page, store, link):
    say_yes(page)
    element(page, SUMMARY).send_keys(Keys.ENTER)
    keys = ActionChains(page)
    # To the first box, empty it, over the second one to the button.
    keys.send_keys(Keys.TAB, Keys.SPACE, Keys.TAB, Keys.TAB, Keys.ENTER).perform()

    wait_for(page, "Withings readings that are shared: blood pressure.")
    assert store.consent(link) == {"pressure"}


def test_every_box_has_its_words_as_its_name_within_a_named_group(page, store, link):
    say_yes(page)
    press(page, SUMMARY)

    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = {
        (node["role"]["value"], node["name"]["value"].lower())
        for node in nodes
        if "name" in node and "role" in node
    }
    for expected in (
        ("DisclosureTriangle", "change what is shared from withings"),
        ("group", "readings to share from withings"),
        ("checkbox", "weight"),
        ("checkbox", "blood pressure"),
        ("button", "save for withings"),
    ):
        assert expected in named
    assert store.link(link).state is LinkState.ACTIVE


@pytest.mark.parametrize("width", [320, 390, 1100])
def test_on_every_width_a_finger_hits_the_boxes_and_nothing_stands_out_of_the_page(page, width):
    say_yes(page)
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    press(page, SUMMARY)

    targets = page.find_elements(By.CSS_SELECTOR, f"{SUMMARY}, .boxes label, .choose button")
    assert len(targets) == 4
    assert all(one.size["height"] >= SMALLEST_TARGET for one in targets)
    assert all(one.location["x"] + one.size["width"] <= width for one in targets)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
