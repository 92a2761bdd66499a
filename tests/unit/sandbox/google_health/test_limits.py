"""A person's calls are limited by the minute, and nobody else's by them."""

import pytest

from tests.unit.sandbox.google_health.google_parts import Google, refusal

LIMITED = (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")


@pytest.fixture
def google():
    return Google()


def call(google, token, times):
    return [google.get(token, "identity").status_code for _ in range(times)]


def test_the_301st_call_of_a_minute_is_refused_for_that_person_alone(google):
    one, other = google.access(), google.access(1)
    assert set(call(google, one, 300)) == {200}
    answer = google.get(one, "identity")
    assert refusal(answer) == LIMITED
    assert "Retry-After" not in answer.headers
    assert call(google, other, 1) == [200]


def test_two_tokens_of_one_person_share_the_limit(google):
    google.settings.rate_limit = 3
    assert call(google, google.access(), 2) == [200, 200]
    assert call(google, google.access(), 2) == [200, 429]


def test_the_window_slides_and_refused_calls_do_not_count(google):
    google.settings.rate_limit = 2
    token = google.access()
    assert call(google, token, 1) == [200]
    google.clock.advance(40)
    assert call(google, token, 3) == [200, 429, 429]
    google.clock.advance(19)
    assert call(google, token, 1) == [429]
    google.clock.advance(1)
    assert call(google, token, 2) == [200, 429]


def test_a_wait_is_told_only_when_the_settings_say_so(google):
    google.settings.rate_limit, google.settings.retry_after = 1, True
    token = google.access()
    call(google, token, 1)
    google.clock.advance(20)
    assert google.get(token, "identity").headers["Retry-After"] == "40"


def test_tokens_are_refreshed_and_revoked_beyond_the_limit(google):
    google.settings.rate_limit = 0
    given = google.link()
    assert refusal(google.get(given["access_token"], "identity")) == LIMITED
    assert google.refresh(given["refresh_token"]).status_code == 200
    assert google.revoke(given["access_token"]).status_code == 200


def test_a_limited_call_uses_no_ordered_fault_up(google):
    google.settings.rate_limit = 0
    token = google.access()
    google.order("http", status=500, count=1)
    assert refusal(google.get(token, "identity")) == LIMITED
    google.settings.rate_limit = 1
    assert google.get(token, "identity").status_code == 500
