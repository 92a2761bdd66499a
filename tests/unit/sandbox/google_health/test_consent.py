"""Google's consent page does what the vendor's documents say: accounts, boxes, the way back."""

import html
import re

import pytest

from tests.unit.sandbox.google_health.google_parts import (
    ACTIVITY,
    ALL,
    CALLBACK,
    CONSENT,
    SETTINGS,
    SLEEP,
    VERIFIER,
    Google,
    challenge_of,
    query_of,
)


@pytest.fixture
def google():
    return Google()


def page_of(google, **changes):
    answer = google.web.get(CONSENT, query_string=google.asked(**changes))
    assert answer.status_code == 200
    return answer.text


def send_page(google, text, **fields):
    """Send the page's own form as a browser would, with these fields."""
    action = html.unescape(re.search(r'action="([^"]+)"', text)[1])
    form = {"boxes": "shown", "person": google.people[0].login, "decision": "allow"} | fields
    assert 'name="boxes" value="shown"' in text
    return google.web.post(action, data=form)


def test_the_page_lists_the_accounts_and_says_that_it_is_a_stand_in(google):
    text = page_of(google)
    assert "Sandbox stand-in, not Google" in text
    for person in google.people:
        assert f'value="{person.login}"' in text


def test_each_scope_that_is_asked_for_has_a_box_that_is_ticked(google):
    text = page_of(google, scope=f"{SLEEP} {ACTIVITY}")
    boxes = re.findall(r'<input type="checkbox" name="scope" value="([^"]+)" checked>', text)
    assert boxes == [SLEEP, ACTIVITY]


def test_the_page_carries_the_request_without_cookies_and_escapes_it(google):
    answer = google.web.get(CONSENT, query_string=google.asked(state='"><script>'))
    assert "Set-Cookie" not in answer.headers
    assert "<script>" not in answer.text
    assert query_of(send_page(google, answer.text, scope=ALL.split()).location)["state"] == (
        '"><script>'
    )


def test_allowing_leads_back_with_a_code_and_the_state(google):
    answer = google.decide()
    assert answer.status_code == 302
    assert answer.location.startswith(CALLBACK + "?")
    assert query_of(answer.location)["state"] == "state-1"
    assert query_of(answer.location)["code"]


def test_refusing_leads_back_with_access_denied_and_no_code(google):
    answer = google.decide(decision="deny")
    assert query_of(answer.location) == {"error": "access_denied", "state": "state-1"}


def test_a_form_without_boxes_grants_all_that_was_asked(google):
    assert google.link(scope=f"{SLEEP} {SETTINGS}")["scope"] == f"{SLEEP} {SETTINGS}"


def test_unticked_scopes_are_not_granted_and_the_token_answer_says_so(google):
    answer = send_page(google, page_of(google), scope=[SLEEP, SETTINGS])
    given = google.exchange(query_of(answer.location)["code"]).json
    assert given["scope"] == f"{SLEEP} {SETTINGS}"


def test_a_form_that_sends_all_in_its_body_may_untick_too(google):
    form = google.asked() | {"scope": [SLEEP, SETTINGS], "person": google.people[0].login}
    answer = google.web.post(CONSENT, data=form | {"decision": "allow"})
    given = google.exchange(query_of(answer.location)["code"]).json
    assert given["scope"] == f"{SLEEP} {SETTINGS}"


def test_a_box_that_was_never_asked_for_grants_nothing(google):
    answer = send_page(google, page_of(google, scope=SLEEP), scope=[SLEEP, ACTIVITY])
    assert google.exchange(query_of(answer.location)["code"]).json["scope"] == SLEEP


def test_unticking_everything_is_a_refusal(google):
    answer = send_page(google, page_of(google))
    assert query_of(answer.location) == {"error": "access_denied", "state": "state-1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": CALLBACK + "x"},
        {"redirect_uri": None},
        {"response_type": "token"},
        {"scope": ALL.replace(" ", ",")},
        {"scope": "https://www.googleapis.com/auth/googlehealth.blood_pressure.readonly"},
        {"scope": ""},
        {"state": None},
        {"access_type": "always"},
        {"prompt": "never"},
        {"code_challenge": challenge_of(VERIFIER)},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge_method": "S256"},
    ],
)
def test_a_wrong_request_gets_a_page_and_never_sends_the_browser_anywhere(google, wrong):
    shown = google.web.get(CONSENT, query_string=google.asked(**wrong))
    assert shown.status_code == 400
    decided = google.decide(**wrong)
    assert decided.status_code == 400
    assert "Location" not in decided.headers


@pytest.mark.parametrize("fields", [{}, {"person": "nobody@home.example"}])
def test_nobody_is_linked_without_choosing_an_account(google, fields):
    answer = google.web.post(CONSENT, data=google.asked() | {"decision": "allow"} | fields)
    assert answer.status_code == 400
    assert "Choose an account" in answer.text


def test_the_consent_page_is_no_call_and_meets_no_fault(google):
    google.order("http", status=500)
    assert google.decide().status_code == 302
    assert google.cloud.calls.total() == {}
