"""An upload in Debian's Chromium, under the strict policy: with our script, and without any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.end_to_end.chromium import browser, element, press, wait_for
from tests.unit.portal.made_up_files import FILE, WITH_A_BAD_ROW
from tests.unit.portal.served import portal, signed_in

pytestmark = pytest.mark.slow

__all__ = ["portal", "signed_in"]
SMALLEST_TARGET = 44
SIZES = [(1100, False), (390, True), (320, True)]


@pytest.fixture
def page(portal, signed_in):
    """A window in which the patient is signed in, on the page of the upload."""
    cookie = signed_in.http.get_cookie("ohx-portal")
    with browser() as opened:
        opened.get(f"http://127.0.0.1:{portal}/healthz")
        opened.add_cookie({"name": cookie.key, "value": cookie.value})
        opened.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Calcutta"})
        opened.get(f"http://127.0.0.1:{portal}/upload/beurer")
        yield opened


@pytest.fixture
def on_disk(tmp_path):
    """Write a file as an app would; gives its path."""

    def write(content, name="export.csv"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def look_at(page, path):
    element(page, "input[type=file]").send_keys(path)
    press(page, "form[action*=check] button")


def complaints(page):
    said = [entry["message"] for entry in page.get_log("browser")]
    # A page with a status of its own is no fault of the script.
    return [one for one in said if "favicon" not in one and "status of 4" not in one]


def test_a_file_is_chosen_once_looked_at_and_carried_over(page, on_disk, importing):
    assert element(page, "select[name=zone]").get_property("value") == "Asia/Kolkata"
    look_at(page, on_disk(FILE))
    wait_for(page, "3 measurements, 1 November 2026 to 3 November 2026")
    assert page.switch_to.active_element.tag_name == "main"
    assert not element(page, "form[action*=publish] input[type=file]").is_displayed()

    press(page, "form[action*=publish] button")
    wait_for(page, "Your file is in your record")
    assert len(importing.published) == 1
    # Only the end is seen, not the steps to it.
    assert "days done" not in page.find_element(By.TAG_NAME, "body").text
    assert complaints(page) == []


def test_a_refused_file_can_be_exchanged_and_dates_be_explained_on_the_same_page(
    page, on_disk, importing
):
    look_at(page, on_disk(b"something else"))
    wait_for(page, "This is not a file that we know from this app.")
    look_at(page, on_disk(FILE.replace(b";82", b";either"), "other.csv"))
    wait_for(page, "How are dates written in the file?")
    press(page, "input[value=day-first]")
    press(page, "form[action*=check] button")
    wait_for(page, "We could not read all of it.")

    press(page, "input[name=partly]")
    press(page, "form[action*=publish] button")
    wait_for(page, "Part of your file is in your record")
    assert len(importing.published) == 1
    assert complaints(page) == []


def test_a_file_that_is_not_whole_cannot_be_carried_over_without_the_tick(page, on_disk, importing):
    look_at(page, on_disk(WITH_A_BAD_ROW))
    wait_for(page, "Line 5 (body weight): A number cannot be read.")
    press(page, "form[action*=publish] button")

    assert page.execute_script("return !!document.querySelector('input[name=partly]:invalid')")
    assert importing.published == []


def test_a_file_that_is_far_too_large_is_not_even_sent(page, on_disk, files):
    path = on_disk(b"x" * 5_000_000)
    look_at(page, path)

    said = element(page, "input[type=file]").get_property("validationMessage")
    assert said == "This file is larger than 4 megabytes."
    assert files["beurer"].parsed == []
    look_at(page, on_disk(FILE, "small.csv"))
    wait_for(page, "What is in your file")


def test_the_browsers_zone_is_proposed_where_a_vendor_does_not_say_it(
    page, portal, signed_in, vendor
):
    said = vendor.account
    vendor.account = lambda token: replace(said(token), zone=None)
    page.get(f"http://127.0.0.1:{portal}/links/{signed_in.link()}/confirm")

    assert element(page, "select[name=zone]").get_property("value") == "Asia/Kolkata"
    assert complaints(page) == []


def test_without_scripts_the_file_is_chosen_twice(page, on_disk, importing):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.refresh()
    path = on_disk(FILE)
    element(page, "select[name=zone]").send_keys("Europe/Berlin")
    look_at(page, path)
    wait_for(page, "Choose the same file once more")
    element(page, "form[action*=publish] input[type=file]").send_keys(path)
    press(page, "form[action*=publish] button")

    wait_for(page, "Your file is in your record")
    assert len(importing.published) == 1


def test_the_keyboard_is_enough_once_the_file_is_chosen(page, on_disk, importing):
    element(page, "input[type=file]").send_keys(on_disk(FILE))
    element(page, "select[name=zone]").send_keys(Keys.TAB)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    wait_for(page, "What is in your file")
    # Over two summaries and two boxes to the button.
    ActionChains(page).send_keys(*[Keys.TAB] * 5, Keys.ENTER).perform()

    wait_for(page, "Your file is in your record")
    assert len(importing.published) == 1


def test_every_field_has_a_name(page):
    nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    named = {
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if "name" in node and "role" in node
    }

    assert ("combobox", "Time zone") in named
    assert any(name.startswith("Your file") for _, name in named)


@pytest.mark.parametrize(("width", "is_phone"), SIZES)
def test_on_every_width_a_finger_hits_everything_and_nothing_stands_out_of_the_page(
    page, on_disk, width, is_phone
):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": is_phone}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for words, path in (
        ("How are dates written", on_disk(FILE.replace(b";82", b";either"), "a.csv")),
        ("What could not be read", on_disk(WITH_A_BAD_ROW, "b.csv")),
    ):
        look_at_again(page, path, words)
        targets = [
            one
            for one in page.find_elements(
                By.CSS_SELECTOR,
                "main button, main a, select, summary, .boxes label, main input[type=file]",
            )
            if one.is_displayed()
        ]
        assert len(targets) >= 4
        assert all(one.size["height"] >= SMALLEST_TARGET for one in targets)
        assert all(one.location["x"] + one.size["width"] <= width for one in targets)
        assert page.execute_script("return document.documentElement.scrollWidth") <= width


def look_at_again(page, path, words):
    page.get(page.current_url.split("/upload")[0] + "/upload/beurer")
    look_at(page, path)
    wait_for(page, words)
