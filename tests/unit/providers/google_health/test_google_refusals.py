"""Google's refusals, by the table of the error model: which error each is, and how often it is tried."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import (
    AccountWithoutData,
    AuthLost,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorError,
    VendorRejected,
    word_for,
)
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.google_health import calls
from tests.unit.providers.google_health.tiny_google import (
    CANARY,
    DROP,
    JSON,
    Token,
    ok,
    refused,
    tells_nothing,
    tiny_google,
)


@pytest.fixture
def google(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with tiny_google() as site:
        yield site


def asked_of(google, *answers):
    """Give the error of a call that is answered so, each time."""
    google.will_answer(*answers)
    with pytest.raises(VendorError) as caught:
        google.client().request(calls.settings(), Token())
    return caught.value


TABLE = [
    (refused(400, reason="ACCOUNT_NOT_LINKED"), AccountWithoutData, "account_not_linked", 1),
    (refused(400, reason="INVALID_TIME_RANGE"), VendorRejected, "vendor_rejected", 1),
    (refused(400, word="INVALID_ARGUMENT"), VendorRejected, "vendor_rejected", 1),
    (refused(403, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ScopeMissing, "scope_missing", 1),
    (refused(403, reason="RATE_LIMIT_EXCEEDED"), RateLimited, "rate_limited", 3),
    (refused(403, reason="RESOURCE_QUOTA_EXCEEDED"), RateLimited, "rate_limited", 3),
    (refused(403, word="RESOURCE_EXHAUSTED"), RateLimited, "rate_limited", 3),
    (refused(403, reason="SERVICE_DISABLED"), VendorRejected, "service_disabled", 1),
    (refused(403, word="PERMISSION_DENIED"), VendorRejected, "vendor_rejected", 1),
    (refused(403, reason="SOMETHING_NEW"), VendorRejected, "vendor_rejected", 1),
    (refused(404, word="NOT_FOUND"), VendorRejected, "vendor_rejected", 1),
    (refused(409), VendorRejected, "vendor_rejected", 1),
    (refused(410), VendorRejected, "vendor_rejected", 1),
    (refused(429, word="RESOURCE_EXHAUSTED"), RateLimited, "rate_limited", 3),
    (refused(429, reason="RATE_LIMIT_EXCEEDED"), RateLimited, "rate_limited", 3),
    (refused(500), VendorDown, "vendor_down", 3),
    (refused(502), VendorDown, "vendor_down", 3),
    (refused(503), VendorDown, "vendor_down", 3),
    # No listing: there are no pages that could be smaller.
    (refused(504, word="DEADLINE_EXCEEDED"), VendorDown, "vendor_down", 3),
    # A word counts under its own status alone.
    (refused(500, reason="ACCOUNT_NOT_LINKED"), VendorDown, "vendor_down", 3),
    (refused(400, reason="RATE_LIMIT_EXCEEDED"), VendorRejected, "vendor_rejected", 1),
    (refused(429, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), RateLimited, "rate_limited", 3),
]


@pytest.mark.parametrize(("answer", "error", "word", "tries"), TABLE)
def test_each_refusal_has_its_error_its_word_and_its_tries(google, answer, error, word, tries):
    caught = asked_of(google, *[answer] * tries)

    assert isinstance(caught, error)
    assert word_for(caught) == word
    assert caught.status == answer[0]
    assert caught.attempts == tries
    assert len(google.asked) == tries
    assert tells_nothing(caught)


def test_a_rejected_request_is_no_account_without_data():
    assert issubclass(AccountWithoutData, VendorRejected)
    assert not issubclass(VendorRejected, AccountWithoutData)


def test_a_refused_token_is_lost_after_another_one_was_refused_too(google):
    caught = asked_of(google, *[refused(401, word="UNAUTHENTICATED")] * 2)

    assert isinstance(caught, AuthLost)
    assert caught.status == 401
    assert tells_nothing(caught)


STRANGE = [
    b"",
    b"<html>" + CANARY.encode(),
    b"[" * 100_000,
    b'"text"',
    b"[1]",
    b"{}",
    b'{"error": null}',
    b'{"error": 7}',
    b'{"error": {"details": "no list", "status": 3}}',
    b'{"error": {"details": [null, 3, {"reason": ["RATE_LIMIT_EXCEEDED"]}, {}]}}',
    b'{"error": {"details": {"reason": "RATE_LIMIT_EXCEEDED"}}}',
]


@pytest.mark.parametrize("content", STRANGE)
@pytest.mark.parametrize(
    ("status", "error"),
    [(400, VendorRejected), (403, VendorRejected), (429, RateLimited), (418, VendorRejected)],
)
@pytest.mark.usefixtures("collector_waits")
def test_a_refusal_in_any_shape_is_told_by_its_status(google, content, status, error):
    caught = asked_of(google, *[(status, content, JSON)] * 3)

    assert type(caught) is error
    assert tells_nothing(caught)


@pytest.mark.parametrize(
    "error",
    [
        {"details": [{"reason": "OTHER"}, {"reason": "ACCOUNT_NOT_LINKED"}]},
        {"errors": [{"reason": "ACCOUNT_NOT_LINKED"}], "status": "FAILED_PRECONDITION"},
        {"status": "ACCOUNT_NOT_LINKED"},
        "ACCOUNT_NOT_LINKED",
    ],
)
def test_a_reason_is_found_wherever_google_puts_it(google, error):
    assert isinstance(asked_of(google, (400, {"error": error}, JSON)), AccountWithoutData)


def test_the_reason_in_the_details_counts_more_than_the_broad_status(google):
    answer = refused(403, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT", word="RESOURCE_EXHAUSTED")

    assert isinstance(asked_of(google, answer), ScopeMissing)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3600", 3600.0),
        (" 60 ", 60.0),
        ("0060", 60.0),
        ("9999999999", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e3", None),
        ("", None),
        ("Wed, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_the_pause_that_google_asks_for_is_read_in_seconds(google, header, seconds):
    caught = asked_of(google, *[refused(429, **{"Retry-After": header})] * 3)

    assert caught.wait_seconds == seconds


def test_without_a_pause_told_there_is_none(google):
    assert asked_of(google, *[refused(429)] * 3).wait_seconds is None


def test_the_pause_that_google_asks_for_is_read_as_a_date(google):
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    caught = asked_of(google, refused(429, **{"Retry-After": until}))

    assert 590 < caught.wait_seconds <= 600


def test_a_pause_that_has_passed_is_none_at_all_and_the_call_is_tried_again(google):
    past = format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)
    google.will_answer(refused(429, **{"Retry-After": past}), ok({"timeZone": "UTC"}))

    assert google.client().request(calls.settings(), Token()) == {"timeZone": "UTC"}


@pytest.mark.parametrize(
    ("answer", "error", "status", "tries"),
    [
        (DROP, VendorDown, None, 3),
        ((200, b"<html>", {"Content-Type": "text/html"}), Malformed, 200, 1),
        ((200, b"{}", {"Content-Type": "text/html"}), Malformed, 200, 1),
        ((200, b"{}", {}), Malformed, 200, 1),
        ((200, CANARY.encode(), JSON), Malformed, 200, 1),
        ((200, b'{"dataPoints": [', JSON), Malformed, 200, 1),
        ((200, [CANARY], JSON), Malformed, 200, 1),
        ((200, b'{"a": NaN}', JSON), Malformed, 200, 1),
        ((200, b'{"a": 1e99999999999999999999}', JSON), Malformed, 200, 1),
        ((200, b"[" * 100_000, JSON), Malformed, 200, 1),
        ((204, b"", JSON), Malformed, 204, 1),
        ((206, b"{}", JSON), Malformed, 206, 1),
    ],
)
@pytest.mark.usefixtures("collector_waits")
def test_what_is_no_answer_is_never_read_as_one(google, answer, error, status, tries):
    caught = asked_of(google, *[answer] * tries)

    assert type(caught) is error
    assert caught.status == status
    assert len(google.asked) == tries
    assert tells_nothing(caught)
