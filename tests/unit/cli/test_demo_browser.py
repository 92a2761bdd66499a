"""The demo's person at a browser, on a tiny site over real HTTP."""

import pytest

from ohx_pipelines.cli.demo_browser import Browser, JourneyFailed

PAGE = """
<html><body>
<form method="post" action="/other"><input name="wrong" value="1"></form>
<form method="post" action="go?step=2">
  <input type="hidden" name="csrf" value="t&amp;k">
  <input name="user"><input type="submit" value="Go">
</form>
</body></html>
"""


@pytest.fixture
def browser():
    opened = Browser()
    yield opened
    opened.close()


def test_a_form_is_sent_with_its_hidden_fields_and_what_the_person_typed(site, browser):
    site.answer("/room/page", PAGE)
    site.answer("/room/go", "fine")
    browser.open(f"{site.url}/room/page")

    browser.submit("go", {"user": "ada"})

    sent = site.requests[-1]
    assert (sent.method, sent.path, sent.query) == ("POST", "/room/go", {"step": "2"})
    assert sent.form == [("csrf", "t&k"), ("user", "ada")]
    assert sent.headers["Referer"] == f"{site.url}/room/page"
    assert browser.address == f"{site.url}/room/go?step=2"


def test_of_boxes_those_that_are_ticked_are_sent_each_by_its_own_value(site, browser):
    page = """<form action="/go" method="post">
      <input type="checkbox" name="box" value="a" checked>
      <input type="checkbox" name="box" value="b">
      <input type="checkbox" name="box" value="c" checked>
    </form>"""
    site.answer("/page", page)
    site.answer("/go", "fine")
    browser.open(f"{site.url}/page")

    browser.submit("go")

    assert site.requests[-1].form == [("box", "a"), ("box", "c")]


def test_what_the_person_types_takes_the_place_of_what_the_page_had(site, browser):
    site.answer("/page", '<form action="/go" method="post"><input name="user" value="bob"></form>')
    site.answer("/go", "fine")
    browser.open(f"{site.url}/page")

    browser.submit("go", {"user": "ada"})

    assert site.requests[-1].form == [("user", "ada")]


def test_the_first_form_is_taken_when_none_is_named(site, browser):
    site.answer("/page", PAGE)
    site.answer("/other", "fine")
    browser.open(f"{site.url}/page")

    browser.submit("")

    assert (site.requests[-1].path, site.requests[-1].form) == ("/other", [("wrong", "1")])


def test_a_form_without_an_action_goes_to_its_own_page(site, browser):
    site.answer("/page", '<form method="post"><input name="a" value="1"></form>')
    browser.open(f"{site.url}/page")

    browser.submit("")

    assert (site.requests[-1].method, site.requests[-1].path) == ("POST", "/page")


def test_a_redirect_is_followed_and_cookies_are_kept(site, browser):
    site.answer("/page", PAGE)
    site.answer("/go", status=303, Location="/end", Set_Cookie="session=s1; Path=/")
    site.answer("/end", "fine")
    browser.open(f"{site.url}/page")

    browser.submit("go")

    assert (site.requests[-1].method, site.requests[-1].path) == ("GET", "/end")
    assert site.requests[-1].cookies == {"session": "s1"}
    assert browser.address == f"{site.url}/end"


def test_a_page_without_the_form_is_named_without_its_query_or_text(site, browser):
    site.answer("/page", "<p>CANARY-text</p>")
    browser.open(f"{site.url}/page?code=CANARY-code")

    with pytest.raises(JourneyFailed, match=r"/page has no form for /confirm") as caught:
        browser.submit("/confirm")

    assert "CANARY" not in str(caught.value)


def test_a_page_that_is_an_error_is_named_with_its_status_and_without_its_text(site, browser):
    site.answer("/page", "CANARY-text", status=502)

    with pytest.raises(JourneyFailed, match="502") as caught:
        browser.open(f"{site.url}/page?state=CANARY-state")

    assert caught.value.status == 502
    assert "CANARY" not in str(caught.value)


def test_nothing_can_be_submitted_before_a_page_is_open(browser):
    with pytest.raises(JourneyFailed):
        browser.submit("")
