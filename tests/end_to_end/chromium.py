"""Debian's Chromium, headless, for journeys that only a real browser can prove.

Belongs here: starting it. Not here: what a test does in it.
"""

import shutil
from contextlib import contextmanager

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 60

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=900,900",
)


@contextmanager
def browser():
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield running
    finally:
        running.quit()


def element(page, selector):
    """The first element that fits, once the page that has it is there."""
    return WebDriverWait(page, SECONDS).until(
        lambda shown: next(iter(shown.find_elements(By.CSS_SELECTOR, selector)), None),
        message=f"nothing fits {selector}",
    )


def press(page, selector):
    element(page, selector).click()


def wait_for(page, words):
    """Wait until the page says so; one that is just leaving cannot be read, in several words."""
    waiting = WebDriverWait(page, SECONDS, ignored_exceptions=[WebDriverException])
    waiting.until(
        lambda shown: words in shown.find_element(By.TAG_NAME, "body").text,
        message=f"the page does not say {words!r}",
    )
