"""Withings' calls over a stub transport: status table, paging, tokens, time-outs."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests
from tenacity import wait_none

from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    NotConsented,
    RateLimited,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.local_day import Window
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.providers.withings.codes import Reaction, reaction
from tests.wire import Wire

DAY = Window(
    first_day=date(2026, 11, 20), last_day=date(2026, 11, 20), zone=ZoneInfo("Europe/Stockholm")
)
ALL = frozenset({"body", "blood_pressure", "pulse_wave_velocity"})
CANARY = "CANARY-987.654"
JSON = {"Content-Type": "application/json"}
EMPTY = {"measuregrps": [], "timezone": "Europe/Stockholm", "updatetime": 1}


class WithingsWire(Wire):
    """The wire, its requests read as Withings' forms."""

    @property
    def calls(self):
        return [{k: v[0] for k, v in parse_qs(r.body or "").items()} for r in self.requests]

    @property
    def tokens(self):
        return [request.headers.get("Authorization") for request in self.requests]


def ok(body):
    return (200, {"status": 0, "body": body}, JSON)


def refused(status, **body):
    return (200, {"status": status, "body": body, "error": CANARY}, JSON)


class Tokens:
    account = "link-1"

    def __init__(self):
        self.renewed = []
        self.scopes = {"user.info", "user.metrics"}

    def current(self):
        return "first"

    def renew(self, refused):
        self.renewed.append(refused)
        return "second"


def fetch(provider, tokens, shared=ALL):
    asked = Asked(shared=shared, wanted=provider.facts.metrics_of(shared))
    return provider.fetch(DAY, tokens, asked=asked)


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def provider_on(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())

    def build(*answers):
        settings = WithingsSettings(
            client_id="id",
            client_secret="secret",
            api_url="https://api.example",
            authorize_url="https://account.example/authorize",
        )
        wire = WithingsWire(*answers)
        provider = WithingsProvider(settings)
        provider._oauth._adapter = wire
        return provider, wire

    return build


def test_a_window_is_asked_for_with_real_measures_of_our_types_and_both_ends(provider_on, tokens):
    provider, wire = provider_on(ok(EMPTY))

    fetch(provider, tokens)

    # 2026-11-20 in Stockholm is 2026-11-19T23:00Z up to, and without, 2026-11-20T23:00Z.
    assert wire.calls == [
        {
            "action": "getmeas",
            "meastypes": "1,4,5,6,8,9,10,11,76,77,88,168,169,170,173,174,175,226,227",
            "category": "1",
            "startdate": str(int(datetime(2026, 11, 19, 23, tzinfo=UTC).timestamp())),
            "enddate": str(int(datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC).timestamp())),
        }
    ]
    assert wire.tokens == ["Bearer first"]


def test_what_needs_a_paid_plan_is_asked_for_and_shown_where_the_settings_say_so(tokens):
    settings = WithingsSettings(client_id="id", client_secret="s", paid_types=True)
    provider = WithingsProvider(settings)
    provider._oauth._adapter = wire = WithingsWire(ok(EMPTY))

    fetch(provider, tokens)

    assert "91" in wire.calls[0]["meastypes"].split(",")
    assert "pulse_wave_velocity" in provider.facts.shareable
    unpaid = WithingsProvider(WithingsSettings(client_id="id", client_secret="s"))
    assert provider.facts.shareable - unpaid.facts.shareable == {
        "pulse_wave_velocity", "vascular_age", "fitness", "skin_temperature", "automatic",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shared", "types"),
    [
        ({"body"}, "1,4,5,6,8,76,77,88,168,169,170,173,174,175,226,227"),
        ({"blood_pressure"}, "9,10,11"),
        ({"body", "no longer offered"}, "1,4,5,6,8,76,77,88,168,169,170,173,174,175,226,227"),
    ],
)
def test_only_what_the_patient_shares_is_asked_for(provider_on, tokens, shared, types):
    provider, wire = provider_on(ok(EMPTY))

    fetched = fetch(provider, tokens, frozenset(shared))

    assert [call["meastypes"] for call in wire.calls] == [types]
    assert provider.normalize(fetched).frame.empty


@pytest.mark.parametrize("shared", [set(), {"no longer offered"}, {"pulse_wave_velocity"}])
def test_a_patient_who_shares_nothing_of_it_costs_no_call_and_loses_no_reading(
    provider_on, tokens, shared
):
    provider, wire = provider_on()

    normalized = provider.normalize(fetch(provider, tokens, frozenset(shared)))

    assert wire.calls == []
    assert normalized.frame.empty
    assert normalized.listed == ()


def test_a_listing_that_was_read_to_its_end_says_of_which_metrics_it_is_one(provider_on, tokens):
    provider, _ = provider_on(ok(EMPTY | {"more": 1, "offset": 10}), ok(EMPTY))

    fetched = fetch(provider, tokens, frozenset({"blood_pressure"}))

    (listed,) = provider.normalize(fetched).listed
    assert listed.metrics == {
        "systolic_blood_pressure",
        "diastolic_blood_pressure",
        "heart_rate",
    }


def test_every_page_is_read(provider_on, tokens):
    provider, wire = provider_on(
        ok(EMPTY | {"more": 1, "offset": 10}), ok(EMPTY | {"more": 1, "offset": 20}), ok(EMPTY)
    )

    fetched = fetch(provider, tokens)

    assert len(fetched.pages) == 3
    assert [call.get("offset") for call in wire.calls] == [None, "10", "20"]


def test_paging_that_does_not_advance_is_malformed_and_not_endless(provider_on, tokens):
    provider, _ = provider_on(ok(EMPTY | {"more": 1, "offset": 0}))

    with pytest.raises(Malformed):
        fetch(provider, tokens)


def test_an_interrupted_listing_is_a_failure_and_never_a_short_day(provider_on, tokens):
    provider, _ = provider_on(ok(EMPTY | {"more": 1, "offset": 10}), *[refused(522)] * 3)

    with pytest.raises(VendorDown):
        fetch(provider, tokens)


def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(provider_on, tokens):
    provider, wire = provider_on(refused(401), ok(EMPTY))

    fetch(provider, tokens)

    assert tokens.renewed == ["first"]
    assert wire.tokens == ["Bearer first", "Bearer second"]


def test_a_token_that_is_refused_twice_is_lost(provider_on, tokens):
    provider, wire = provider_on(refused(401), refused(401))

    with pytest.raises(AuthLost):
        fetch(provider, tokens)
    assert len(wire.calls) == 2


@pytest.mark.parametrize(
    ("answer", "error", "status", "calls"),
    [
        (refused(2555), VendorRejected, 2555, 1),
        (refused(2554), VendorRejected, 2554, 1),
        (refused(503), VendorRejected, 503, 1),
        (refused(522), VendorDown, 522, 3),
        (refused(2556), VendorDown, 2556, 3),
        (refused(601), RateLimited, 601, 1),
        (refused(601, wait_seconds=600), RateLimited, 601, 1),
        (refused(601, wait_seconds=0), RateLimited, 601, 3),
        ((500, {}, {}), VendorDown, 500, 3),
        ((429, {}, {"Retry-After": "3600"}), RateLimited, 429, 1),
        ((302, {}, {"Location": "https://elsewhere.example"}), VendorRejected, 302, 1),
        ((403, {}, {}), VendorRejected, 403, 1),
        ((200, b"<html>", {"Content-Type": "text/html"}), Malformed, 200, 1),
        ((200, b"<html>", JSON), Malformed, 200, 1),
        ((200, {"status": 0, "body": EMPTY}, {"Content-Type": "text/html"}), Malformed, 200, 1),
        ((200, {"status": 0, "body": EMPTY}, {}), Malformed, 200, 1),
        ((200, b'{"status": 0, "body": {"measuregrps": [', JSON), Malformed, 200, 1),
        ((200, {"body": {}}, JSON), Malformed, 200, 1),
        ((200, {"status": 0}, JSON), Malformed, 200, 1),
        ((200, ["status"], JSON), Malformed, 200, 1),
        (requests.ConnectTimeout(CANARY), VendorDown, None, 3),
        (requests.exceptions.ChunkedEncodingError(CANARY), VendorDown, None, 3),
    ],
)
def test_each_answer_has_its_error_its_tries_and_no_text_from_outside(
    provider_on, tokens, answer, error, status, calls
):
    provider, wire = provider_on(*[answer] * 3)

    with pytest.raises(error) as caught:
        fetch(provider, tokens)

    assert caught.value.status == status
    assert len(wire.calls) == calls
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("call", "scope"), [("fetch", "user.metrics"), ("devices", "user.info")])
def test_a_call_that_the_granted_scopes_do_not_cover_is_not_made(provider_on, tokens, call, scope):
    tokens.scopes = {"user.info", "user.metrics"} - {scope}
    provider, wire = provider_on()

    with pytest.raises(NotConsented) as caught:
        fetch(provider, tokens) if call == "fetch" else provider.devices(tokens)

    assert (caught.value.code, caught.value.detail) == ("not_consented", "scope_missing")
    assert wire.calls == []


def test_a_refresh_right_after_one_that_broke_off_waits_out_the_vendors_guard(provider_on):
    provider, wire = provider_on(refused(601, wait_seconds=0.01), ok(TOKEN))

    assert provider.refresh("r0").refresh_token == "r1"
    assert len(wire.calls) == 2


@pytest.mark.parametrize("wait", [{}, {"wait_seconds": 60}])
def test_a_refresh_is_not_repeated_for_another_pause(provider_on, wait):
    provider, wire = provider_on(refused(601, **wait), ok(TOKEN))

    with pytest.raises(RateLimited):
        provider.refresh("r0")
    assert len(wire.calls) == 1


def test_every_call_has_a_time_out(provider_on, tokens):
    provider, wire = provider_on(ok(EMPTY), ok({"devices": []}), ok(TOKEN), ok(TOKEN))

    fetch(provider, tokens)
    provider.devices(tokens)
    provider.exchange_code(code="c", redirect_uri="https://portal.example/", code_verifier=None)
    provider.refresh("old")

    assert wire.timeouts == [20.0] * 4


TOKEN = {
    "userid": 71234567,
    "access_token": "a1",
    "refresh_token": "r1",
    "expires_in": 10800,
    "scope": "user.info,user.metrics",
    "csrf_token": "x",
    "token_type": "Bearer",
}


def test_the_consent_page_is_asked_for_with_scopes_separated_by_commas(provider_on):
    provider, _ = provider_on()

    url = provider.authorize_url(
        state="s" * 43, redirect_uri="https://portal.example/back/", code_challenge=None
    )

    query = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert url.startswith("https://account.example/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": "id",
        "redirect_uri": "https://portal.example/back/",
        "scope": "user.info,user.metrics,user.activity",
        "state": "s" * 43,
    }


def test_a_code_becomes_tokens_with_the_secret_in_the_body(provider_on):
    provider, wire = provider_on(ok(TOKEN))

    grant = provider.exchange_code(
        code="c0de", redirect_uri="https://portal.example/back/", code_verifier=None
    )

    assert wire.calls == [
        {
            "action": "requesttoken",
            "grant_type": "authorization_code",
            "client_id": "id",
            "client_secret": "secret",
            "code": "c0de",
            "redirect_uri": "https://portal.example/back/",
        }
    ]
    assert (grant.access_token, grant.refresh_token, grant.user) == ("a1", "r1", "71234567")
    assert grant.scopes == {"user.info", "user.metrics"}
    assert 10790 < (grant.expires_at - datetime.now(UTC)).total_seconds() <= 10800


def test_a_refresh_sends_the_old_token_and_gives_the_new_pair(provider_on):
    provider, wire = provider_on(ok(TOKEN | {"refresh_token": "r2"}))

    grant = provider.refresh("r1")

    sent = {k: wire.calls[0][k] for k in ("action", "grant_type", "refresh_token", "client_secret")}
    assert sent == {
        "action": "requesttoken",
        "grant_type": "refresh_token",
        "refresh_token": "r1",
        "client_secret": "secret",
    }
    assert grant.refresh_token == "r2"


def test_a_refused_refresh_token_means_linking_again(provider_on):
    provider, wire = provider_on(refused(503), ok({"nonce": "n"}))

    with pytest.raises(AuthLost):
        provider.refresh("r1")
    assert [call["action"] for call in wire.calls] == ["requesttoken", "getnonce"]


@pytest.mark.parametrize(
    ("answer", "error"), [(refused(503), VendorRejected), ((500, {}, {}), VendorDown)]
)
def test_a_refusal_that_may_be_of_our_own_secret_costs_no_patient_a_consent(
    provider_on, answer, error
):
    provider, _ = provider_on(refused(503), answer)

    with pytest.raises(error):
        provider.refresh("r1")


def test_a_refused_code_is_rejected_and_not_a_lost_link(provider_on):
    provider, _ = provider_on(refused(503))

    with pytest.raises(VendorRejected):
        provider.exchange_code(code="c", redirect_uri="https://p.example/", code_verifier=None)


@pytest.mark.parametrize("missing", ["userid", "access_token", "refresh_token", "expires_in"])
def test_a_token_answer_that_lacks_a_field_is_malformed(provider_on, missing):
    provider, _ = provider_on(ok({k: v for k, v in TOKEN.items() if k != missing}))

    with pytest.raises(Malformed):
        provider.exchange_code(code="c", redirect_uri="https://p.example/", code_verifier=None)


def test_secrets_stay_out_of_a_grants_text(provider_on):
    provider, _ = provider_on(ok(TOKEN | {"access_token": "acc-CANARY", "userid": "user-CANARY"}))

    grant = provider.exchange_code(code="c", redirect_uri="https://p.example/", code_verifier=None)

    assert "CANARY" not in repr(grant)


def test_an_account_is_its_zone_its_devices_and_its_last_reading(provider_on, tokens):
    taken = int(datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp())
    provider, _ = provider_on(
        ok(EMPTY | {"timezone": "Asia/Kolkata", "measuregrps": [{"date": taken}, {"date": None}]}),
        ok(
            {
                "devices": [
                    {
                        "type": "Scale",
                        "model": "Body+",
                        "hash_deviceid": "d1",
                        "last_session_date": taken,
                    },
                    {"type": "HealthKit Apple"},
                ]
            }
        ),
    )

    account = provider.account(tokens)

    assert account.zone == ZoneInfo("Asia/Kolkata")
    assert account.last_reading == date(2026, 11, 21)
    assert [(d.model, d.kind) for d in account.devices] == [("Body+", "Scale")]


@pytest.mark.parametrize(
    ("given", "firmware"),
    [({"fw": "1.2.3"}, "1.2.3"), ({"fw": 2881}, "2881"), ({}, None), ({"fw": None}, None)]
    + [({"fw": odd}, None) for odd in (True, 0, "", [1], {"v": 1})],
)
def test_a_devices_firmware_is_what_the_vendor_says_and_often_nothing(
    provider_on, tokens, given, firmware
):
    row = {"type": "Scale", "model": "Body+", "hash_deviceid": "d1"}
    provider, _ = provider_on(ok({"devices": [row | given]}))

    assert [device.firmware for device in provider.devices(tokens)] == [firmware]


def test_an_account_without_a_usable_zone_is_malformed_and_not_utc(provider_on, tokens):
    provider, _ = provider_on(ok(EMPTY | {"timezone": "Mars/Olympus"}))

    with pytest.raises(Malformed):
        provider.account(tokens)


def test_the_status_table_follows_the_vendors_list():
    # One or more of each class of the vendor's reference, ends of ranges included.
    expected = {
        Reaction.DONE: [0],
        Reaction.RENEW_TOKEN: [100, 101, 102, 200, 401],
        Reaction.WAIT: [601],
        Reaction.TRY_AGAIN: [
            215,
            255,
            259,
            268,
            282,
            305,
            320,
            370,
            375,
            516,
            521,
            522,
            531,
            700,
            1051,
            1054,
            2559,
            3000,
            3016,
            3020,
            5006,
            9000,
            10000,
        ],
        Reaction.GIVE_UP: [
            201,
            213,
            214,
            216,
            277,
            283,
            400,
            501,
            503,
            511,
            523,
            532,
            2553,
            2554,
            2555,
            3017,
            3019,
            424242,
        ],
    }

    assert {
        r: [s for s in statuses if reaction(s) is not r] for r, statuses in expected.items()
    } == {r: [] for r in expected}
