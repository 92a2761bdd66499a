"""OMRON's one data call over real HTTP: parameters, both paging styles, and what each refusal means."""

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, measurements_of
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.omron import client
from tests.unit.providers.omron.omron_answers import CUFF, STOCKHOLM, WEEK, at
from tests.unit.providers.omron.tiny_omron import (
    CANARY,
    DROP,
    HANG,
    JSON,
    Ledger,
    Token,
    measured,
    ok,
    tells_nothing,
    tiny_omron,
)

PRESSURE, BODY = frozenset({"blood_pressure"}), frozenset({"body"})
PAUSE_429 = (429, {"error": CANARY}, JSON)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())
    with tiny_omron() as one:
        yield one


def fetched(site, *, shared=PRESSURE, token=None, window=WEEK, budget=None, wanted=None, **changes):
    asked = Asked(shared=shared, wanted=frozenset(Metric) if wanted is None else wanted)
    provider = site.provider(budget=budget, **changes)
    return provider.fetch(window, token or Token(), asked=asked)


def row(number, local="2026-11-20T07:42:10"):
    return CUFF | {"id": number} | at(local)


def ids(result):
    return [one["id"] for page in result.pages for one in page.body["bloodPressure"]]


def test_a_window_is_asked_for_from_the_day_before_it(site):
    site.will_answer(measured("bloodPressure", CUFF))

    result = fetched(site, page_size=70)

    (asked,) = site.asked
    assert (asked.method, asked.path) == ("POST", "/api/measurement")
    assert asked.bearer == "Bearer first-" + CANARY
    assert asked.form == {
        "type": "bloodpressure",
        "since": "2026-11-15",
        "limit": "70",
        "sortOrder": "asc",
    }
    assert (result.calls, result.account) == (1, "link-1")
    assert [page.listing for page in result.pages] == ["bloodpressure"]


def test_only_what_is_shared_and_in_the_contract_is_asked_for(site):
    site.will_answer(measured("weight"), measured("bloodPressure"))

    fetched(site, shared=PRESSURE | BODY | {"oxygen", "temperature"})

    assert [form["type"] for form in site.forms] == ["weight", "bloodpressure"]


def test_a_pulse_that_is_shared_with_the_cuff_does_not_ask_the_oximeter(site):
    site.will_answer(measured("bloodPressure"))

    fetched(site, types="bloodpressure oxygen")

    assert [form["type"] for form in site.forms] == ["bloodpressure"]


def test_nothing_is_asked_of_which_the_ehr_is_given_nothing(site):
    result = fetched(site, wanted=frozenset({Metric.BODY_WEIGHT}))

    assert (site.asked, list(result.pages)) == ([], [])


def test_digits_stay_as_omron_wrote_them(site):
    body = b'{"status":0,"result":{"bloodPressure":[{"id":1,"pulse":62.10}]}}'
    site.will_answer((200, body, JSON))

    (page,) = fetched(site).pages

    assert str(page.body["bloodPressure"][0]["pulse"]) == "62.10"


@pytest.mark.parametrize(
    "more",
    [
        {"nextPaginationKey": "k2"},
        {"nextPaginationKey": None, "paginationKey": {"bloodpressurePaginationKey": "k2"}},
        {"paginationKey": {"bloodPressurePaginationKey": "k2"}},
        {"nextPaginationKey": "k2", "truncated": None},
    ],
    ids=["key", "nested_key", "nested_otherwise", "truncated_missing"],
)
def test_a_key_leads_to_the_next_page(site, more):
    site.will_answer(
        measured("bloodPressure", row(1), **({"truncated": True} | more)),
        measured("bloodPressure", row(2)),
    )

    result = fetched(site)

    assert ids(result) == [1, 2]
    assert site.forms[1] == site.forms[0] | {"bloodpressurePaginationKey": "k2"}
    assert result.calls == 2


def test_a_key_beside_the_result_leads_to_the_next_page(site):
    first = {"status": 0, "nextPaginationKey": "k2"}
    first["result"] = {"truncated": True, "bloodPressure": [row(1)]}
    site.will_answer(ok(first), measured("bloodPressure", row(2)))

    assert ids(fetched(site)) == [1, 2]


@pytest.mark.parametrize("truncated", [False, None, True], ids=repr)
def test_a_key_is_followed_whatever_is_said_of_more(site, truncated):
    site.will_answer(
        measured("bloodPressure", row(1), truncated=truncated, nextPaginationKey="k2"),
        measured("bloodPressure", row(2)),
    )

    result = fetched(site)

    assert ids(result) == [1, 2]
    assert len(site.provider().normalize(result).listed) == 1


@pytest.mark.parametrize("truncated", [False, None, True], ids=repr)
def test_an_empty_page_with_a_key_is_the_last_and_nothing_is_concluded(site, truncated):
    site.will_answer(
        measured("bloodPressure", row(1), nextPaginationKey="k2"),
        measured("bloodPressure", truncated=truncated, nextPaginationKey="k3"),
    )

    result = fetched(site)
    read = site.provider().normalize(result)

    assert ids(result) == [1]
    assert len(site.asked) == 2
    assert (read.frame.empty, tuple(read.listed)) == (False, ())


def test_an_empty_page_without_a_key_is_the_end_of_a_whole_listing(site):
    site.will_answer(
        measured("bloodPressure", row(1), nextPaginationKey="k2"), measured("bloodPressure")
    )

    assert len(site.provider().normalize(fetched(site)).listed) == 1


@pytest.mark.parametrize("last", [row(2), row(1)], ids=["own_key_again", "same_row"])
def test_a_key_that_leads_round_ends_a_listing_that_says_it_ends(site, last):
    key = "k2" if last["id"] == 2 else "k3"
    site.will_answer(
        measured("bloodPressure", row(1), nextPaginationKey="k2"),
        measured("bloodPressure", last, nextPaginationKey=key),
    )

    result = fetched(site)
    read = site.provider().normalize(result)

    assert {*ids(result)} == {1, last["id"]}
    assert (read.frame.empty, tuple(read.listed)) == (False, ())


def test_without_a_key_reading_goes_on_from_the_day_before_the_last_readings_local_date(site):
    late = row(2, "2026-11-18T23:50:00") | {"dateTime": "2026-11-18T22:50:00"}
    early = CUFF | {"id": 3, "dateTimeUtcOffset": "+01:00"}
    early |= {"dateTime": "2026-11-18T23:20:00", "dateTimeLocal": "2026-11-19T00:20:00"}
    site.will_answer(
        measured("bloodPressure", row(1, "2026-11-17T08:00:00"), late, early, truncated=True),
        measured("bloodPressure", early, row(4)),
    )

    result = fetched(site)

    assert [form["since"] for form in site.forms] == ["2026-11-15", "2026-11-18"]
    assert "bloodpressurePaginationKey" not in site.forms[1]
    assert ids(result) == [1, 2, 3, 3, 4]
    frame = site.provider().normalize(result).frame
    pulses = [one for one in measurements_of(frame) if one.metric is Metric.HEART_RATE]
    assert sorted(one.record for one in pulses) == [
        "bloodpressure-1", "bloodpressure-2", "bloodpressure-3", "bloodpressure-4",
    ]  # fmt: skip


def moved(number, local, offset, utc):
    return CUFF | {"id": number} | at(local, offset, utc)


# By instant, and not by the local clock: who flew west on the 19th.
WESTWARD = [
    moved(1, "2026-11-18T08:00:00", "+09:00", "2026-11-17T23:00:00"),
    moved(2, "2026-11-20T01:00:00", "+09:00", "2026-11-19T16:00:00"),
    moved(3, "2026-11-19T15:00:00", "-08:00", "2026-11-19T23:00:00"),
    moved(4, "2026-11-21T15:00:00", "-08:00", "2026-11-21T23:00:00"),
]


def test_a_reading_of_an_earlier_date_than_the_page_before_it_is_not_missed(site):
    site.will_answer(
        measured("bloodPressure", *WESTWARD[:2], truncated=True),
        # Of all since the 19th.
        measured("bloodPressure", *WESTWARD[1:]),
    )

    result = fetched(site, page_size=2)

    assert [form["since"] for form in site.forms] == ["2026-11-15", "2026-11-19"]
    assert {*ids(result)} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "rows",
    [
        WESTWARD[:3],
        [row(9, "2026-11-21T08:00:00"), row(8, "2026-11-20T08:00:00")],
        [row(9, "2026-11-20T20:00:00"), row(8, "2026-11-20T08:00:00")],
    ],
    ids=["westward", "newest_first", "newest_first_of_a_day"],
)
def test_without_a_key_rows_in_another_order_are_malformed_and_never_whole(site, rows):
    site.will_answer(
        measured("weight"),
        measured("bloodPressure", *rows, truncated=True),
        measured("bloodPressure"),
    )

    result = fetched(site, shared=PRESSURE | BODY)

    assert [type(one.error) for one in result.failures] == [Malformed]
    assert [one.prefix for one in site.provider().normalize(result).listed] == ["weight"]
    assert len(site.asked) == 2


@pytest.mark.parametrize("more", [{}, {"truncated": True, "nextPaginationKey": "k2"}], ids=repr)
def test_the_order_of_a_last_page_and_of_pages_by_key_does_not_matter(site, more):
    site.will_answer(
        measured("bloodPressure", *WESTWARD[:3], **more), measured("bloodPressure", WESTWARD[3])
    )

    result = fetched(site)

    assert ids(result)[:3] == [1, 2, 3]
    assert result.failures == []


def test_an_hour_that_comes_twice_is_in_order(site):
    night = [
        moved(1, "2026-10-25T02:50:00", "+02:00", "2026-10-25T00:50:00"),
        moved(2, "2026-10-25T02:10:00", "+01:00", "2026-10-25T01:10:00"),
    ]
    october = Window(first_day=date(2026, 10, 20), last_day=date(2026, 10, 26), zone=STOCKHOLM)
    site.will_answer(
        measured("bloodPressure", *night, truncated=True), measured("bloodPressure", *night)
    )

    assert {*ids(fetched(site, window=october))} == {1, 2}
    assert site.forms[1]["since"] == "2026-10-24"


def test_a_full_page_that_does_not_say_whether_there_is_more_is_gone_on_from(site):
    site.will_answer(
        measured("bloodPressure", row(1), row(2, "2026-11-21T08:00:00"), truncated=None),
        measured("bloodPressure", row(2, "2026-11-21T08:00:00"), truncated=None),
    )

    assert ids(fetched(site, page_size=2)) == [1, 2, 2]


@pytest.mark.parametrize(
    "second",
    [
        measured("bloodPressure", row(1), truncated=True, nextPaginationKey="k3"),
        measured("bloodPressure", row(1), truncated=True),
        measured("bloodPressure", truncated=True),
        measured("bloodPressure", row(2, "no time"), truncated=True),
    ],
    ids=["same_row_new_key", "same_row", "no_row", "no_time"],
)
def test_a_page_that_brings_nothing_new_and_says_there_is_more_is_malformed(site, second):
    site.will_answer(measured("bloodPressure", row(1), truncated=True), second)

    with pytest.raises(Malformed):
        fetched(site)

    assert len(site.asked) == 2


def test_a_key_that_leads_to_itself_is_not_followed(site):
    site.will_answer(
        measured("bloodPressure", row(1), truncated=True, nextPaginationKey="k2"),
        measured("bloodPressure", row(2), truncated=True, nextPaginationKey="k2"),
    )

    with pytest.raises(Malformed):
        fetched(site)

    assert len(site.asked) == 2


def test_a_server_that_always_has_another_key_is_left_in_the_end(site, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 3)
    answers = (
        measured("bloodPressure", row(n), truncated=True, nextPaginationKey=f"k{n}")
        for n in range(4)
    )
    site.will_answer(*answers)

    with pytest.raises(Malformed):
        fetched(site)

    assert len(site.asked) == 3


def test_a_day_with_more_readings_than_a_page_holds_is_malformed_not_cut(site):
    site.will_answer(
        measured("bloodPressure", row(1), row(2), truncated=True),
        measured("bloodPressure", row(1), row(2), truncated=True),
    )

    with pytest.raises(Malformed):
        fetched(site, page_size=2)


def test_the_same_call_is_not_made_twice_in_a_row(site):
    skewed = (row(n, f"2026-11-15T0{n}:00:00") for n in (1, 2))
    site.will_answer(measured("bloodPressure", *skewed, truncated=True))

    with pytest.raises(Malformed):
        fetched(site, page_size=2)

    assert len(site.asked) == 1


def test_a_listing_that_fails_on_a_later_page_gives_no_page_at_all(site):
    site.will_answer(
        measured("weight"),
        measured("bloodPressure", row(1), truncated=True, nextPaginationKey="k2"),
        (400, {}, JSON),
    )

    result = fetched(site, shared=PRESSURE | BODY)

    assert [page.listing for page in result.pages] == ["weight"]
    (failure,) = result.failures
    assert (failure.listing, failure.days) == ("bloodpressure", frozenset(WEEK.days))
    assert isinstance(failure.error, VendorRejected)


def test_a_refused_token_is_renewed_once(site):
    token = Token()
    site.will_answer((401, b"", {}), measured("bloodPressure", CUFF))

    assert ids(fetched(site, token=token)) == [CUFF["id"]]
    assert token.renewed == ["first-" + CANARY]
    assert [one.bearer for one in site.asked] == [
        f"Bearer {n}-{CANARY}" for n in ("first", "second")
    ]


def test_a_second_refusal_is_believed(site):
    token = Token()
    site.will_answer((401, b"", {}), (401, b"", {}))

    with pytest.raises(AuthLost):
        fetched(site, token=token)

    assert (len(site.asked), len(token.renewed)) == (2, 1)


def test_what_was_not_granted_is_not_asked_for(site):
    with pytest.raises(ScopeMissing):
        fetched(site, token=Token("weight", "openid"))

    assert site.asked == []


SCOPE_GONE = frozenset({"activity"})


def test_a_type_that_the_settings_hold_no_longer_is_not_consented_and_no_day_without_readings(site):
    provider = site.provider(types="bloodpressure")
    wanted = provider.facts.metrics_of(SCOPE_GONE)

    with pytest.raises(ScopeMissing) as caught:
        fetched(site, shared=SCOPE_GONE, wanted=wanted, types="bloodpressure")

    assert (caught.value.code, caught.value.detail) == ("not_consented", "scope_missing")
    assert site.asked == []


def test_a_type_that_the_settings_hold_no_longer_costs_itself_alone(site):
    shared = SCOPE_GONE | PRESSURE
    provider = site.provider(types="bloodpressure")
    site.will_answer(measured("bloodPressure", CUFF))

    result = fetched(
        site, shared=shared, wanted=provider.facts.metrics_of(shared), types="bloodpressure"
    )

    (failure,) = result.failures
    assert (failure.listing, failure.days) == ("activity", frozenset(WEEK.days))
    assert isinstance(failure.error, ScopeMissing)
    assert ids(result) == [CUFF["id"]]


def test_a_scope_is_compared_by_the_contracts_own_word(site):
    types = "bloodpressure:bp_read"
    site.will_answer(measured("bloodPressure", CUFF))

    assert ids(fetched(site, types=types, token=Token("bp_read"))) == [CUFF["id"]]
    assert site.forms[0]["type"] == "bloodpressure"
    with pytest.raises(ScopeMissing):
        fetched(site, types=types, token=Token("bloodpressure"))


def test_each_try_spends_the_budget_for_the_account(site):
    ledger = Ledger()
    site.will_answer((503, b"", {}), measured("bloodPressure"))

    fetched(site, budget=ledger)

    assert ledger.spent == ["link-1", "link-1"]


@pytest.mark.parametrize("trouble", [(500, b"", {}), (503, b"", {}), (408, b"", {}), DROP])
def test_a_vendor_in_trouble_is_tried_three_times(site, trouble):
    # A dropped connection may be repeated by the transport itself, too.
    site.will_answer(*[trouble] * 9)

    with pytest.raises(VendorDown) as caught:
        fetched(site)

    assert caught.value.attempts == 3
    assert tells_nothing(caught.value)


def test_a_vendor_that_hangs_is_given_up(site):
    site.will_answer(*[HANG] * 9)

    with pytest.raises(VendorDown):
        fetched(site, timeout_seconds=0.1)


def test_a_short_pause_is_kept_and_the_call_made_again(site):
    ledger = Ledger()
    site.will_answer((429, {}, JSON | {"Retry-After": "0"}), measured("bloodPressure", CUFF))

    assert ids(fetched(site, budget=ledger)) == [CUFF["id"]]
    assert ledger.pauses == [0]


def test_a_pause_without_a_length_gives_the_days_back(site):
    ledger = Ledger()
    site.will_answer(PAUSE_429)

    with pytest.raises(RateLimited) as caught:
        fetched(site, budget=ledger)

    assert caught.value.wait_seconds is None
    assert (len(site.asked), len(ledger.pauses)) == (1, 1)


def test_a_pause_until_a_date_is_counted_in_seconds(site):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    site.will_answer((429, {}, JSON | {"Retry-After": until}))

    with pytest.raises(RateLimited) as caught:
        fetched(site)

    assert 295 < caught.value.wait_seconds <= 300


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": 1, "reason": "token expired " + CANARY}, 1),
        ({"status": 1, "reason": "unauthorized", "errorCode": 4012}, 4012),
        ({"status": -3, "errorCode": "4012"}, 4012),
        ({"status": "7", "result": {"bloodPressure": []}}, 7),
        ({"status": 1, "errorCode": {"a": CANARY}}, 1),
    ],
    ids=["reason", "error_code", "code_in_words", "status_in_words", "code_of_junk"],
)
def test_a_status_that_says_no_is_a_refusal_by_number_whatever_its_words(site, body, status):
    token = Token()
    site.will_answer(ok(body))

    with pytest.raises(VendorRejected) as caught:
        fetched(site, token=token)

    assert (type(caught.value), caught.value.status) == (VendorRejected, status)
    assert token.renewed == []
    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>" + CANARY.encode(), {"Content-Type": "text/html"}),
        (200, b'{"status":0,"result":{"bloodPressure":[]}}', {"Content-Type": "text/html"}),
        (200, b"{", JSON),
        (200, b'{"status":0,"result":{"bloodPressure":[{"pulse":NaN}]}}', JSON),
        (200, b"[" * 100_000, JSON),
        ok([]),
        ok({}),
        ok({"status": 0}),
        ok({"status": 0, "result": []}),
        ok({"status": "fine", "result": {"bloodPressure": []}}),
        ok({"status": None, "result": {"bloodPressure": []}}),
        ok({"status": 0, "result": {}}),
        ok({"status": 0, "result": {"weight": []}}),
        ok({"status": 0, "result": {"measurementCount": 2, "bloodPressure": None}}),
        ok({"status": 0, "result": {"bloodPressure": {}}}),
        (204, b"", {}),
    ],
    ids=[
        "page", "json_page", "cut", "nan", "deep", "list", "empty", "no_result", "result_list",
        "status_word", "status_null", "no_list", "other_list", "null_with_rows", "no_rows", "204",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("collector_waits")
def test_an_answer_that_is_none_is_malformed_not_an_empty_day(site, answer):
    site.will_answer(answer)

    with pytest.raises(Malformed) as caught:
        fetched(site)

    assert tells_nothing(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        {"status": 0, "result": {"measurementCount": 0}},
        {"status": 0, "result": {"measurementCount": 0, "bloodPressure": None}},
        {"result": {"bloodPressure": []}},
        {"status": "0", "result": {"BloodPressure": []}},
    ],
    ids=["count_of_none", "null", "no_status", "spelled_otherwise"],
)
def test_an_empty_listing_may_lack_what_says_nothing(site, body):
    site.will_answer(ok(body))

    result = fetched(site)

    assert site.provider().normalize(result).frame.empty
    assert len(site.asked) == 1


def test_pages_are_never_in_a_repr(site):
    site.will_answer(measured("bloodPressure", CUFF | {"note": CANARY}))

    assert CANARY not in repr(fetched(site))


def test_a_window_of_one_day_is_asked_for_like_any_other(site):
    site.will_answer(measured("bloodPressure"))
    day = date(2027, 1, 1)

    fetched(site, window=Window(first_day=day, last_day=day, zone=STOCKHOLM))

    assert site.forms[0]["since"] == "2026-12-31"
