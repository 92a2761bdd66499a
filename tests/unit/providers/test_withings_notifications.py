"""Withings' notifications over a stub transport: subscriptions, and forms that anybody may send."""

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import AuthLost, Malformed, VendorDown, VendorRejected
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers import tries
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.withings import WithingsProvider
from tests.unit.providers.test_withings_client import Tokens, WithingsWire, ok, refused

URL = "https://portal.example/webhooks/withings/t0ken"
BAD_CALLBACK, NO_SUBSCRIPTION, TIMED_OUT = 293, 286, 522


@pytest.fixture
def provider_on(monkeypatch):
    monkeypatch.setattr(tries, "_backoff", wait_none())

    def build(*answers):
        settings = WithingsSettings(
            client_id="id", client_secret="secret", api_url="https://api.example"
        )
        provider = WithingsProvider(settings)
        wire = WithingsWire(*answers)
        provider._oauth._adapter = wire
        return provider, wire

    return build


@pytest.fixture
def tokens():
    return Tokens()


def profile(appli, url=URL):
    return {"appli": appli, "callbackurl": url, "expires": 2147483647, "comment": ""}


def listed(*profiles):
    return ok({"profiles": list(profiles)})


def test_the_kinds_that_go_to_our_address_are_listed(provider_on, tokens):
    elsewhere = profile(16, "https://elsewhere.example/hook")
    provider, wire = provider_on(listed(profile(1), profile("44"), elsewhere))

    assert provider.subscriptions(tokens, url=URL) == {"1", "44"}
    assert wire.calls == [{"action": "list"}]
    assert wire.requests[0].url == "https://api.example/notify"
    assert wire.tokens == ["Bearer first"]


def test_a_listing_that_cannot_be_read_is_not_an_empty_one(provider_on, tokens):
    provider, _ = provider_on(ok({}))
    with pytest.raises(Malformed):
        provider.subscriptions(tokens, url=URL)


def test_a_subscription_names_address_and_kind(provider_on, tokens):
    provider, wire = provider_on(ok({}), ok({}))
    provider.subscribe(tokens, url=URL, kind="4")
    provider.unsubscribe(tokens, url=URL, kind="4")

    named = {"callbackurl": URL, "appli": "4"}
    assert wire.calls == [{"action": "subscribe"} | named, {"action": "revoke"} | named]


def test_an_address_that_withings_could_not_reach_is_refused(provider_on, tokens):
    provider, _ = provider_on(refused(BAD_CALLBACK), listed())
    with pytest.raises(VendorRejected) as caught:
        provider.subscribe(tokens, url=URL, kind="1")
    assert caught.value.status == BAD_CALLBACK
    assert "t0ken" not in str(caught.value)


def test_what_another_process_subscribed_meanwhile_is_subscribed(provider_on, tokens):
    provider, wire = provider_on(refused(BAD_CALLBACK), listed(profile(1)))
    provider.subscribe(tokens, url=URL, kind="1")
    assert len(wire.calls) == 2


def test_ending_what_has_ended_does_no_harm(provider_on, tokens):
    provider, wire = provider_on(refused(NO_SUBSCRIPTION), listed(profile(4)))
    provider.unsubscribe(tokens, url=URL, kind="1")
    assert [call["action"] for call in wire.calls] == ["revoke", "list"]


def test_what_is_still_subscribed_after_a_refusal_has_not_ended(provider_on, tokens):
    provider, _ = provider_on(refused(NO_SUBSCRIPTION), listed(profile(1)))
    with pytest.raises(VendorRejected):
        provider.unsubscribe(tokens, url=URL, kind="1")


def test_a_vendor_in_trouble_is_asked_again_and_then_believed(provider_on, tokens):
    provider, wire = provider_on(*[refused(TIMED_OUT)] * 3)
    with pytest.raises(VendorDown):
        provider.subscribe(tokens, url=URL, kind="1")
    assert len(wire.calls) == 3


def test_a_lost_permission_is_told_as_one(provider_on, tokens):
    provider, _ = provider_on(refused(401), refused(401))
    with pytest.raises(AuthLost):
        provider.subscriptions(tokens, url=URL)
    assert tokens.renewed == ["first"]


# The forms


FORM = "application/x-www-form-urlencoded"


def delivery(form):
    return Delivery(headers={"content-type": FORM}, body=urlencode(form).encode())


@pytest.fixture
def parse(provider_on):
    provider, _ = provider_on()

    def give(**changes):
        form = {"userid": "71234567", "appli": "1"} | changes
        received = provider.receive(delivery({k: v for k, v in form.items() if v is not None}))
        # Whatever is said, Withings is told that it arrived.
        assert received.status == 200
        return next(iter(received.notifications), None)

    return give


def test_a_range_is_two_instants(parse):
    read = parse(startdate="1795247101", enddate="1795247102")

    assert (read.user, read.kind) == ("71234567", "1")
    assert read.start == datetime(2026, 11, 21, 7, 45, 1, tzinfo=UTC)
    assert read.end == datetime(2026, 11, 21, 7, 45, 2, tzinfo=UTC)
    assert (read.day, read.ended) == (None, False)


@pytest.mark.parametrize("appli", ["44", "16"])
def test_sleep_and_activity_may_name_a_day(parse, appli):
    read = parse(appli=appli, date="2026-11-21")
    assert (read.kind, read.day, read.start, read.end) == (appli, date(2026, 11, 21), None, None)


def test_a_day_may_come_with_a_range(parse):
    read = parse(appli="44", date="2026-11-21", startdate="1795211400", enddate="1795238700")
    assert read.day == date(2026, 11, 21)
    assert read.start < read.end


@pytest.mark.parametrize(
    ("action", "ended"), [("delete", True), ("unlink", True), ("update", False), (None, False)]
)
def test_the_end_of_the_permission_is_read_from_the_accounts_own_kind(parse, action, ended):
    assert parse(appli="46", action=action).ended is ended
    assert parse(appli="1", action=action).ended is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"appli": "50"},
        {"appli": "55"},
        {"appli": "99"},
        {"appli": ""},
        {"appli": None},
        {"appli": " 1"},
        {"userid": None},
        {"userid": ""},
        {"userid": "abc"},
        {"userid": "-1"},
        {"userid": "٧١"},
        {"userid": "7" * 21},
        {"startdate": "yesterday"},
        {"startdate": "-1"},
        {"startdate": ""},
        {"enddate": "1e9"},
        {"startdate": "9" * 11},
        {"startdate": "1795247102", "enddate": "1795247101"},
        {"date": "2026-13-01"},
        {"date": "2026-02-30"},
        {"date": "20261121"},
        {"date": "2026-W47-6"},
        {"date": "1795247101"},
        {"date": "٢٠٢٦-11-21"},
    ],
)
def test_what_cannot_be_read_or_is_not_asked_for_says_nothing(parse, wrong):
    assert parse(**wrong) is None


WHOLE = b"userid=71234567&appli=1"


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (FORM, b""),
        (FORM, b'{"userid": "71234567", "appli": "1"}'),
        (FORM, b"\xff\xfe\x00"),
        (FORM, WHOLE + b"&x=y" * 60),
        ("application/json", WHOLE),
        ("text/plain", WHOLE),
        ("multipart/form-data; boundary=x", WHOLE),
        ("", WHOLE),
    ],
)
def test_a_body_that_is_no_form_says_nothing(provider_on, media, body):
    provider, _ = provider_on()
    received = provider.receive(Delivery(headers={"content-type": media}, body=body))
    assert (received.status, list(received.notifications)) == (200, [])


def test_a_delivery_without_a_media_type_says_nothing(provider_on):
    provider, _ = provider_on()
    assert not provider.receive(Delivery(headers={}, body=WHOLE)).notifications


@pytest.mark.parametrize("media", [f"{FORM}; charset=UTF-8", FORM.upper()])
def test_the_media_type_may_be_spelled_in_any_way_that_http_allows(provider_on, media):
    provider, _ = provider_on()
    assert provider.receive(Delivery(headers={"content-type": media}, body=WHOLE)).notifications


def test_of_a_field_that_comes_twice_the_first_counts(provider_on):
    provider, _ = provider_on()
    twice = Delivery(headers={"content-type": FORM}, body=WHOLE + b"&userid=5&appli=2")
    (read,) = provider.receive(twice).notifications
    assert (read.user, read.kind) == ("71234567", "1")


def test_whose_notification_it_is_is_not_shown(parse):
    assert "71234567" not in repr(parse())


def test_every_kind_has_its_scope_and_every_data_type_a_kind(provider_on):
    provider, _ = provider_on()
    kinds = {kind.name: kind for kind in provider.facts.notifications}
    # The fact sheet's table; in and out of bed (50 to 52) want a scope that is not asked for.
    assert {name: " ".join(kind.scopes) for name, kind in kinds.items()} == {
        **dict.fromkeys(("1", "2", "4", "54"), "user.metrics"),
        **dict.fromkeys(("16", "44"), "user.activity"),
        "46": "user.info",
    }
    told = frozenset().union(*(kind.data_types for kind in kinds.values()))
    assert told >= provider.facts.shareable
    assert kinds["46"].data_types == frozenset()
