"""Ordered faults show on Google's wire as they are described, for whom and in which call they are meant."""

import json
import time

import pytest

from sandbox.google_health import trouble
from tests.unit.sandbox.google_health.google_parts import (
    ACTIVITY,
    ALL,
    SETTINGS,
    SLEEP,
    Google,
    point,
    refusal,
)


@pytest.fixture
def google():
    made = Google()
    made.store.points = [
        point("weight", f"2026-11-{day}T06:00Z", {"weightGrams": day * 1_000}, number=str(day))
        for day in range(11, 19)
    ]
    return made


@pytest.fixture
def token(google):
    return google.access()


def weights(google, token, **query):
    answer = google.points(token, "weight", **query)
    assert answer.status_code == 200
    return [row["weight"]["weightGrams"] // 1_000 for row in answer.json.get("dataPoints", [])]


# What each kind says


@pytest.mark.parametrize(
    ("reason", "seen"),
    [
        ("scope_insufficient", (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
        ("account_not_linked", (400, "FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED")),
        ("service_disabled", (403, "PERMISSION_DENIED", "SERVICE_DISABLED")),
        ("rate_limited", (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")),
        ("quota", (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")),
        ("deadline", (504, "DEADLINE_EXCEEDED", None)),
    ],
)
def test_a_refusal_has_the_vendors_words(google, token, reason, seen):
    google.order("refusal", text=reason, count=1)
    assert refusal(google.points(token, "weight")) == seen
    assert weights(google, token)


def test_there_is_a_test_for_every_reason():
    assert len(trouble.REASONS) == 6


def test_the_two_limits_are_told_apart_by_their_name(google, token):
    limits = []
    for reason in ("rate_limited", "quota"):
        google.order("refusal", text=reason, count=1, seconds=7)
        answer = google.points(token, "weight")
        limits.append(answer.json["error"]["details"][0]["metadata"]["quota_limit"])
        assert answer.headers["Retry-After"] == "7"
    assert limits == ["RequestsPerMinutePerUser", "RequestsPerDay"]


def test_a_refusal_without_a_wait_tells_none(google, token):
    google.order("refusal", text="rate_limited")
    assert "Retry-After" not in google.points(token, "weight").headers


def test_http_itself_can_answer(google, token):
    google.order("http", status=502, text="Bad Gateway", seconds=3, count=1)
    answer = google.points(token, "weight")
    assert (answer.status_code, answer.mimetype) == (502, "text/html")
    assert "Bad Gateway" in answer.text
    assert answer.headers["Retry-After"] == "3"


def test_a_good_token_can_be_unauthorized(google, token):
    google.order("unauthorized", count=1)
    assert refusal(google.points(token, "weight"))[:2] == (401, "UNAUTHENTICATED")
    assert weights(google, token)


@pytest.mark.parametrize(
    ("kind", "media_type", "body"),
    [
        ("not_an_envelope", "application/json", {"status": "fine"}),
        ("list_body", "application/json", []),
        ("garbage", "text/html", None),
        ("malformed", "application/json", None),
        ("truncated", "application/json", None),
        ("wrong_type", "text/html", "right"),
    ],
)
def test_a_body_can_be_another_than_it_should(google, token, kind, media_type, body):
    right = google.points(token, "weight").json
    google.order(kind, count=1)
    answer = google.points(token, "weight")
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    if body is None:
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.text)
    else:
        assert json.loads(answer.text) == (right if body == "right" else body)


def test_what_answers_instead_of_a_listing_is_not_made_odd(google, token):
    google.order("bad_record", count=1)
    google.order("not_an_envelope", count=1)
    assert google.points(token, "weight").json == {"status": "fine"}


def test_a_slow_call_is_right_after_all(google, token):
    google.order("slow", seconds=0.05)
    began = time.monotonic()
    assert weights(google, token)
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(("kind", "more"), [("drop", {}), ("hang", {"seconds": 0.01})])
def test_a_connection_can_end_without_an_answer(google, token, kind, more):
    google.cloud.app.testing = True
    google.order(kind, **more)
    with pytest.raises(ConnectionAbortedError):
        google.points(token, "weight")


def test_an_answer_can_drip(google, token):
    right = google.points(token, "weight").json
    google.order("drip", seconds=0)
    assert google.points(token, "weight").json == right


def test_a_refresh_that_the_client_never_heard_of_leaves_the_token_good(google):
    refresh = google.link()["refresh_token"]
    google.order("drop_after_commit", call="refresh", count=1)
    answer = google.refresh(refresh)
    assert len(answer.get_data()) < answer.content_length
    assert google.refresh(refresh).status_code == 200


# Faults of token calls


def test_an_exchange_can_find_its_code_expired_and_used_up(google):
    google.order("expired_code", count=1)
    code = google.code()
    for _ in range(2):
        answer = google.exchange(code)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert google.exchange(google.code()).status_code == 200


def test_a_refresh_can_be_refused_although_its_token_is_good(google):
    refresh = google.link()["refresh_token"]
    google.order("refuse_refresh", count=1)
    answer = google.refresh(refresh)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert google.refresh(refresh).status_code == 200


def test_a_reduced_scope_leaves_the_settings_alone_unasked(google):
    google.order("reduced_scope", count=1)
    given = google.link()
    assert given["scope"] == SETTINGS
    assert refusal(google.points(given["access_token"], "weight"))[0] == 403
    assert google.tokens.scopes_of(google.people[0]) == {SETTINGS}
    assert google.link()["scope"] == ALL


def test_a_reduced_scope_leaves_what_is_named_and_takes_from_older_tokens_too(google):
    before, other = google.link(), google.link(1)
    google.order("reduced_scope", text="sleep activity_and_fitness", count=1)
    refreshed = google.refresh(before["refresh_token"]).json
    assert set(refreshed["scope"].split()) == {SLEEP, ACTIVITY}
    for access in (before["access_token"], refreshed["access_token"]):
        assert google.points(access, "sleep").status_code == 200
        assert google.points(access, "weight").status_code == 403
    assert google.points(other["access_token"], "weight").status_code == 200


# For whom, and in which call


def test_a_fault_is_one_persons_and_one_calls(google, token):
    other = google.access(1)
    google.order("http", login=google.people[0].login, call="weight:list")
    assert google.points(token, "weight").status_code == 503
    assert google.points(token, "weight", "reconcile").status_code == 200
    assert google.points(token, "height").status_code == 200
    assert google.points(other, "weight").status_code == 200


def test_a_fault_is_meant_for_exchange_or_refresh_or_revoke(google):
    given = google.link()
    for call in ("exchange", "refresh", "revoke"):
        google.cloud.faults.clear()
        google.order("http", call=call)
        statuses = {
            "exchange": google.exchange(google.code()).status_code,
            "refresh": google.refresh(given["refresh_token"]).status_code,
            "revoke": google.revoke("made-up").status_code,
        }
        healthy = {"exchange": 200, "refresh": 200, "revoke": 400}
        assert statuses == healthy | {call: 503}


def test_a_kind_that_a_call_cannot_meet_is_kept_for_the_call_that_can(google):
    given, code = google.link(), google.code(1)
    google.order("refusal", text="deadline", count=1)
    for kind in ("unauthorized", "bad_record", "expired_code"):
        google.order(kind, count=1)
    assert google.refresh(given["refresh_token"]).status_code == 200
    assert google.get(given["access_token"], "identity").status_code == 504
    google.order("unauthorized", count=1)
    assert google.get(given["access_token"], "identity").status_code == 401
    assert google.get(given["access_token"], "identity").status_code == 200
    rows = google.points(given["access_token"], "weight").json["dataPoints"]
    assert [row["name"].endswith("/bad-record") for row in rows].count(True) == 1
    assert google.exchange(code).status_code == 400


@pytest.mark.parametrize(("page", "hit"), [("first", 0), ("further", 1)])
def test_a_fault_can_be_meant_for_one_part_of_a_listing(google, token, page, hit):
    more = {"pageToken": google.points(token, "weight", pageSize=3).json["nextPageToken"]}
    assert google.get(token, "identity").status_code == 200
    google.order("http", page=page, count=1)
    asked = ({}, more, {}, more)
    statuses = [google.points(token, "weight", pageSize=3, **one).status_code for one in asked]
    assert statuses == [503 if number == hit else 200 for number in range(4)]


def test_a_fault_of_a_roll_up_meets_its_pages_too(google, token):
    google.order("http", page="further")
    assert google.days(token, "steps", "2026-11-18", "2026-11-19").status_code == 200
    answer = google.days(token, "steps", "2026-11-18", "2026-11-19", pageToken="CiQ")
    assert answer.status_code == 503


def test_calls_of_the_project_meet_faults_under_their_own_names(google):
    @google.cloud.app.get("/v4/projects/<_project>/subscribers")
    def subscribers(_project):
        return {}

    address = "/v4/projects/123/subscribers"
    assert google.web.get(address).status_code == 200
    google.order("http", call="subscribers", count=1)
    assert google.web.get(address).status_code == 503
    assert google.cloud.calls.total() == {"subscribers": 2}


def test_every_name_of_a_call_is_one_that_is_counted_and_struck():
    assert {"steps:dailyRollUp", "sleep:reconcile", "weight:list", "steps:rollUp"} <= trouble.CALLS
    assert {"identity", "settings", "pairedDevices", "irnProfile", "exchange", "refresh",
            "revoke", "subscribers", "subscriptions", "unknown"} <= trouble.CALLS  # fmt: skip
    assert "floors:list" not in trouble.CALLS
