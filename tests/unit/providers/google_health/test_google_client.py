"""Google Health's client over real HTTP: paging, smaller pages, tokens, scopes, the budget."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import (
    AuthLost,
    BudgetSpent,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.local_day import Window
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.google_health import calls
from ohx_pipelines.providers.google_health.calls import calls_of
from ohx_pipelines.providers.google_health.listings import BY_NAME
from tests.unit.providers.google_health.tiny_google import (
    CANARY,
    DROP,
    HANG,
    JSON,
    SCOPES,
    Ledger,
    Token,
    ok,
    refused,
    tells_nothing,
    tiny_google,
)

WINDOW = Window(
    first_day=date(2026, 11, 14), last_day=date(2026, 11, 20), zone=ZoneInfo("Europe/Stockholm")
)
[HEART_RATE] = calls_of(BY_NAME["heart_rate"], WINDOW)
[SLEEP] = calls_of(BY_NAME["sleep"], WINDOW)
[STEPS] = calls_of(BY_NAME["steps"], WINDOW)
DEVICES = calls.paired_devices()
LATE = refused(504, word="DEADLINE_EXCEEDED")


@pytest.fixture
def google(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with tiny_google() as site:
        yield site


@pytest.fixture
def token():
    return Token()


def pages_of(google, call, token=None, **options):
    return list(google.client(**options).pages(call, token or Token()))


def points(*values, more=None):
    rows = [{"heartRate": {"beatsPerMinute": value}} for value in values]
    return ok({"dataPoints": rows} | ({"nextPageToken": more} if more is not None else {}))


def test_a_listing_is_asked_for_with_its_filter_its_page_size_and_the_token(google, token):
    google.will_answer(points("61"))

    pages_of(google, HEART_RATE, token)

    [asked] = google.asked
    assert (asked.method, asked.path) == (
        "GET",
        "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile",
    )
    assert asked.query == {
        "filter": 'heart_rate.sample_time.civil_time >= "2026-11-14" '
        'AND heart_rate.sample_time.civil_time < "2026-11-21"',
        "pageSize": "10000",
    }
    assert asked.bearer == "Bearer first-" + CANARY
    assert asked.body == b""


def test_a_roll_up_is_posted_as_json(google, token):
    google.will_answer(ok({"rollupDataPoints": [{"steps": {"countSum": "9312"}}]}))

    [page] = pages_of(google, STEPS, token)

    [asked] = google.asked
    assert (asked.method, asked.query) == ("POST", {})
    assert asked.path == "/v4/users/me/dataTypes/steps/dataPoints:dailyRollUp"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.json["range"]["end"] == {"date": {"year": 2026, "month": 11, "day": 21}}
    assert page["rollupDataPoints"][0]["steps"]["countSum"] == "9312"


def test_every_page_is_read_with_the_token_of_the_one_before(google, token):
    google.will_answer(points("1", more="t1"), points("2", more="t2"), points("3"))

    pages = pages_of(google, HEART_RATE, token)

    values = [row["heartRate"]["beatsPerMinute"] for page in pages for row in page["dataPoints"]]
    assert values == ["1", "2", "3"]
    assert [one.query.get("pageToken") for one in google.asked] == [None, "t1", "t2"]
    assert {one.query["pageSize"] for one in google.asked} == {"10000"}
    assert len({one.query["filter"] for one in google.asked}) == 1


def test_a_roll_ups_further_page_is_asked_for_in_its_body(google, token):
    google.will_answer(
        ok({"rollupDataPoints": [], "nextPageToken": "t1"}), ok({"rollupDataPoints": []})
    )

    pages_of(google, STEPS, token)

    first, second = (one.json for one in google.asked)
    assert second == first | {"pageToken": "t1"}


def test_an_empty_token_ends_a_listing(google, token):
    google.will_answer(points("1", more=""))

    assert len(pages_of(google, HEART_RATE, token)) == 1


def test_an_empty_object_is_a_listing_without_rows(google, token):
    google.will_answer(ok({}))

    assert pages_of(google, HEART_RATE, token) == [{}]


def test_a_page_without_rows_can_have_one_after_it(google, token):
    google.will_answer(ok({"nextPageToken": "t1"}), points("2"))

    assert len(pages_of(google, HEART_RATE, token)) == 2


@pytest.mark.parametrize("answers", [["t1", "t1"], ["t1", "t2", "t1"]])
def test_a_page_token_that_comes_again_is_malformed_and_not_endless(google, token, answers):
    google.will_answer(*[points("1", more=one) for one in answers])

    with pytest.raises(Malformed):
        pages_of(google, HEART_RATE, token)
    assert len(google.asked) == len(answers)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (HEART_RATE, {"status": "fine"}),
        (HEART_RATE, {"reconciledDataPoints": []}),
        (HEART_RATE, {"rollupDataPoints": []}),
        (HEART_RATE, {"error": {"status": CANARY}}),
        (HEART_RATE, {"dataPoints": {}}),
        (HEART_RATE, {"dataPoints": None}),
        (HEART_RATE, {"dataPoints": CANARY}),
        (HEART_RATE, {"dataPoints": [], "nextPageToken": 7}),
        (HEART_RATE, {"dataPoints": [], "nextPageToken": None}),
        (HEART_RATE, []),
        (STEPS, {"dataPoints": []}),
        (DEVICES, {"dataPoints": []}),
        (DEVICES, {"status": "fine"}),
    ],
)
def test_what_is_no_page_of_the_listing_never_looks_like_an_empty_one(google, token, call, body):
    google.will_answer(ok(body))

    with pytest.raises(Malformed) as caught:
        pages_of(google, call, token)
    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([points("1", more="t1"), *[refused(503)] * 3], VendorDown),
        ([points("1", more="t1"), refused(400)], VendorRejected),
        ([points("1", more="t1"), ok([])], Malformed),
        ([points("1", more="t1"), *[DROP] * 3], VendorDown),
    ],
)
def test_an_interrupted_listing_gives_no_page_at_all(google, token, answers, error):
    google.will_answer(*answers)
    given = []

    with pytest.raises(error):
        given.extend(google.client().pages(HEART_RATE, token))
    assert given == []


def test_a_listing_that_takes_google_too_long_is_begun_again_with_smaller_pages(google, token):
    google.will_answer(points("1", more="t1"), LATE, LATE, points("1", more="u1"), points("2"))

    pages = pages_of(google, HEART_RATE, token)

    rows = [row["heartRate"]["beatsPerMinute"] for page in pages for row in page["dataPoints"]]
    assert rows == ["1", "2"]
    asked = [(one.query["pageSize"], one.query.get("pageToken")) for one in google.asked]
    assert asked == [
        ("10000", None),
        ("10000", "t1"),
        ("2500", None),
        ("625", None),
        ("625", "u1"),
    ]


def test_pages_of_a_hundred_are_the_smallest_and_then_google_is_down(google, token):
    google.will_answer(*[LATE] * 10)

    with pytest.raises(VendorDown) as caught:
        pages_of(google, HEART_RATE, token)

    sizes = [one.query["pageSize"] for one in google.asked]
    assert sizes == ["10000", "2500", "625", "156", *["100"] * 3]
    assert caught.value.status == 504


def test_pages_that_are_small_already_are_tried_again_as_they_are(google, token):
    google.will_answer(LATE, LATE, ok({}))

    assert pages_of(google, SLEEP, token) == [{}]
    assert [one.query["pageSize"] for one in google.asked] == ["25"] * 3


def test_other_trouble_is_tried_again_with_the_pages_that_were_asked_for(google, token):
    google.will_answer(refused(503), DROP, points("1"))

    assert len(pages_of(google, HEART_RATE, token)) == 1
    assert [one.query["pageSize"] for one in google.asked] == ["10000"] * 3


def test_a_short_pause_is_kept_and_the_call_repeated(google, token):
    google.will_answer(refused(429, **{"Retry-After": "0"}), points("1"))

    assert len(pages_of(google, HEART_RATE, token)) == 1


def test_no_worker_sleeps_through_a_long_pause(google, token):
    google.will_answer(refused(429, **{"Retry-After": "16"}))

    with pytest.raises(RateLimited):
        pages_of(google, HEART_RATE, token)
    assert len(google.asked) == 1


def test_a_limit_without_a_pause_is_waited_out_and_pauses_nobody_else(google, token):
    """Google documents no Retry-After: it is one user's limit, or of the moment."""
    budget = Ledger(google)
    google.will_answer(refused(429), refused(429), points("1"))

    assert len(pages_of(google, HEART_RATE, token, budget=budget)) == 1
    assert budget.pauses == []

    google.will_answer(refused(429, **{"Retry-After": "1"}), points("1"))
    pages_of(google, HEART_RATE, token, budget=budget)
    assert budget.pauses == [1.0]


def test_samples_lose_what_their_instant_says_as_well_and_keep_all_else(google, token):
    moment = {"physicalTime": "2026-11-20T06:11:22Z", "utcOffset": "3600s"}
    civil = {"civilTime": {"date": {"year": 2026, "month": 11, "day": 20}}}
    row = {"heartRate": {"sampleTime": moment | civil, "beatsPerMinute": "61"}}
    google.will_answer(ok({"dataPoints": [row, "x", {}, {"heartRate": 7}, {"heartRate": {}}]}))

    [page] = pages_of(google, HEART_RATE, token)

    assert page["dataPoints"] == [
        {"heartRate": {"sampleTime": moment, "beatsPerMinute": "61"}},
        *("x", {}, {"heartRate": 7}, {"heartRate": {}}),
    ]


def test_numbers_keep_the_vendors_own_digits(google, token):
    google.will_answer((200, b'{"dataPoints": [{"weight": {"weightGrams": 71350.10}}]}', JSON))

    [page] = pages_of(google, HEART_RATE, token)

    grams = page["dataPoints"][0]["weight"]["weightGrams"]
    assert (type(grams), str(grams)) == (Decimal, "71350.10")


def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(google, token):
    google.will_answer(refused(401), points("1"))

    pages_of(google, HEART_RATE, token)

    assert token.renewed == ["first-" + CANARY]
    assert [one.bearer for one in google.asked] == [
        f"Bearer {n}-{CANARY}" for n in ("first", "second")
    ]


def test_a_token_that_is_refused_twice_is_lost(google, token):
    google.will_answer(refused(401), refused(401))

    with pytest.raises(AuthLost) as caught:
        pages_of(google, HEART_RATE, token)
    assert len(token.renewed) == 1
    assert len(google.asked) == 2
    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    ("call", "scope"), [(HEART_RATE, "H"), (STEPS, "A"), (SLEEP, "S"), (DEVICES, "settings")]
)
def test_a_call_that_the_granted_scopes_do_not_cover_is_not_made(google, call, scope):
    others = [value for short, value in SCOPES.items() if short != scope]

    with pytest.raises(ScopeMissing):
        pages_of(google, call, Token(*others))
    assert google.asked == []


def test_scopes_are_looked_at_after_a_refresh_that_may_have_lost_some(google):
    class Refreshed(Token):
        def current(self):
            self.scopes = frozenset({SCOPES["A"]})
            return "fresh"

    with pytest.raises(ScopeMissing):
        pages_of(google, HEART_RATE, Refreshed())
    assert google.asked == []


def test_who_somebody_is_can_be_asked_with_any_scope(google):
    google.will_answer(ok({"healthUserId": "48120033917720012"}))

    answer = google.client().request(calls.identity(), Token(SCOPES["S"]))

    assert answer["healthUserId"] == "48120033917720012"


def test_each_try_of_each_page_is_counted_for_the_account_right_before_it_is_made(google, token):
    ledger = Ledger(google)
    google.will_answer(points("1", more="t1"), refused(503), refused(401), points("2"))

    pages_of(google, HEART_RATE, token, budget=ledger)

    assert ledger.spent == [("link-1", made) for made in range(4)]


def test_nothing_is_asked_when_the_budget_is_spent(google, token):
    ledger = Ledger(google)
    ledger.refuses = BudgetSpent(free_in_seconds=30)

    with pytest.raises(BudgetSpent):
        pages_of(google, HEART_RATE, token, budget=ledger)
    assert google.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        refused(429, **{"Retry-After": "42"}),
        refused(403, reason="RATE_LIMIT_EXCEEDED", **{"Retry-After": "42"}),
    ],
)
def test_a_pause_that_google_asks_for_is_everybodys(google, token, answer):
    ledger = Ledger(google)
    google.will_answer(answer)

    with pytest.raises(RateLimited):
        pages_of(google, HEART_RATE, token, budget=ledger)
    assert ledger.pauses == [42.0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_with_a_token(google, token, status):
    elsewhere = {"Location": f"{google.url}/elsewhere"}
    google.will_answer((status, b"", elsewhere), points("1"))

    with pytest.raises(VendorRejected):
        pages_of(google, HEART_RATE, token)
    assert len(google.asked) == 1


def test_a_server_that_never_answers_is_given_up(google, token):
    google.will_answer(*[HANG] * 10)

    with pytest.raises(VendorDown):
        list(google.client(timeout_seconds=0.2).pages(HEART_RATE, token))
    # What took too long is asked for in smaller pages, as after a 504.
    sizes = [one.query["pageSize"] for one in google.asked]
    assert sizes == ["10000", "2500", "625", "156", *["100"] * 3]
