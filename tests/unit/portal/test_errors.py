"""Errors: a page for people, a problem document for programs, and nothing of the request in either."""

from __future__ import annotations

import logging

import pytest

from oauth_portal import file_messages, messages
from oauth_portal.errors import answer
from oauth_portal.messages import PageStop, StatePage

PAGES = [
    page
    for module in (messages, file_messages)
    for page in vars(module).values()
    if isinstance(page, StatePage)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_every_state_page_has_heading_what_happened_and_a_way_back(app, vendor, page):
    with app.test_request_context("/"):
        response = answer(PageStop(page, provider=vendor.facts))

    text = response.get_data(as_text=True)
    assert response.status_code == page.status
    if page is messages.NOT_ACCEPTABLE:
        return
    assert "{" not in text
    assert text.count("<h1>") == 1
    assert 'class="lead"' in text
    assert 'href="/"' in text


def test_every_code_is_used_once():
    assert len({page.code for page in PAGES}) == len(PAGES)


def test_a_clinic_without_a_name_still_starts_sentences_well(app):
    with app.test_request_context("/"):
        text = answer(PageStop(messages.VENDOR_DOWN)).get_data(as_text=True)
    assert "<h1>The maker of your device does not answer right now</h1>" in text


def test_a_page_that_does_not_exist(visit):
    answer = visit.get("/nowhere-CANARY?q=CANARY")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "application/json", "application/problem+json"),
        ("/api/nowhere", "*/*", "application/problem+json"),
        ("/api/nowhere", "image/png", "application/problem+json"),
        ("/api/nowhere", "text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/nowhere", "*/*", "text/html; charset=utf-8"),
        ("/nowhere", "image/png", "text/html; charset=utf-8"),
    ],
)
def test_an_error_comes_in_the_form_its_reader_prefers(visit, path, accept, kind):
    answer = visit.http.get(path, headers={"Accept": accept})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == kind
    assert "Accept" in answer.vary


def test_without_an_accept_header_the_api_answers_programs(visit):
    assert visit.http.get("/api/nowhere").json["code"] == "not_found"
    assert visit.http.get("/nowhere").text.startswith("<!doctype html>")


def test_a_problem_document_has_its_members(visit):
    problem = visit.http.get("/api/nowhere").json

    assert problem == {
        "type": "about:blank",
        "title": "Page not found",
        "status": 404,
        "code": "not_found",
        "detail": problem["detail"],
    }


def test_too_large_a_body_is_refused(patient):
    answer = patient.http.post(
        "/sign-out", data={"csrf_token": "x" * 20_000}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 413
    assert "That was too much" in answer.text


def test_an_unexpected_error_says_its_id_and_nothing_else(app, visit, caplog):
    def fail():
        message = "secret-CANARY"
        raise RuntimeError(message)

    app.add_url_rule("/fail", view_func=fail)
    caplog.set_level(logging.DEBUG)
    answer = visit.get("/fail?q=CANARY")
    error_id = answer.text.split("<strong>")[1].split("<")[0]

    assert answer.status_code == 500
    assert "CANARY" not in answer.text
    assert "CANARY" not in caplog.text
    assert f"event=unexpected_error error={error_id} at=RuntimeError@test_errors.py" in caplog.text


def test_an_unexpected_error_of_the_api_is_a_problem_with_the_id(app, visit):
    app.add_url_rule("/api/fail", view_func=lambda: 1 / 0, endpoint="fail")
    problem = visit.http.get("/api/fail").json

    assert (problem["status"], problem["code"]) == (500, "unexpected")
    assert len(problem["error_id"]) == 8


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE"])
def test_other_methods_are_not_allowed(visit, method):
    assert visit.http.open("/", method=method).status_code == 405
