"""OMRON's notifications: a JSON object that anybody may have posted."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ohx_pipelines.providers.base import Delivery
from tests.unit.providers.omron.tiny_omron import USER, Token, tiny_omron


@pytest.fixture
def site():
    with tiny_omron() as one:
        yield one


@pytest.fixture
def provider(site):
    return site.provider()


def received(provider, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return provider.receive(Delivery(headers=headers, body=raw))


def test_an_upload_is_a_hint_about_the_week_before_it_too(provider):
    result = received(provider, {"id": USER, "timestamp": "2026-11-20T06:45:31"})

    (hint,) = result.notifications
    assert result.status == 200
    assert (hint.user, hint.kind, hint.ended) == (USER, "upload", False)
    assert hint.start == datetime(2026, 11, 13, 6, 45, 31, tzinfo=UTC)
    assert hint.end == datetime(2026, 11, 20, 6, 45, 31, tzinfo=UTC)
    assert USER not in repr(hint)


def test_a_newer_client_says_a_type(provider):
    body = {"id": USER, "timestamp": "2026-11-20T06:45:31Z", "type": "bloodpressure"}

    assert len(received(provider, body).notifications) == 1


def test_a_user_spelled_in_capitals_is_the_same(provider):
    (hint,) = received(provider, {"id": USER.upper()}).notifications

    assert hint.user == USER


@pytest.mark.parametrize(
    "told",
    [1795157131, 1795157131000, 1795157131250, "1795157131", "1795157131000", 1795157131.75],
    ids=repr,
)
def test_a_time_may_be_counted_in_seconds_or_milliseconds(provider, told):
    (hint,) = received(provider, {"id": USER, "timestamp": told}).notifications

    assert hint.end.replace(microsecond=0) == datetime(2026, 11, 20, 6, 45, 31, tzinfo=UTC)
    assert hint.end - hint.start == timedelta(days=7)


@pytest.mark.parametrize("told", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 400])
def test_a_number_that_is_no_time_is_about_today(provider, told):
    body = f'{{"id": "{USER}", "timestamp": {told}}}'.encode()

    (hint,) = received(provider, body).notifications

    assert (hint.start, hint.end) == (None, None)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "soon",
        7,
        True,
        -1795157131,
        10**16,
        "1" * 17,
        1.5,
        [],
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59",
    ],
    ids=repr,
)
def test_without_a_time_that_can_be_read_it_is_about_today(provider, told):
    (hint,) = received(provider, {"id": USER, "timestamp": told}).notifications

    assert (hint.start, hint.end, hint.day) == (None, None, None)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 9_000, b'{"id": 7}', b'{"id": ""}',
     b'{"id": "a b"}', b'{"id": null}', b'{"ID": "x"}', b'{"id": "' + b"x" * 200 + b'"}',
     b'{"id": "' + USER.encode() + b'", "pad": "' + b"x" * 20_000 + b'"}'],
    ids=["empty", "cut", "list", "null", "no_text", "deep", "number", "no_user", "blank", "null_user",
         "other_name", "long", "large"],
)  # fmt: skip
@pytest.mark.usefixtures("collector_waits")
def test_whatever_is_posted_is_answered_the_same_and_says_nothing(provider, body):
    result = received(provider, body)

    assert (result.status, tuple(result.notifications)) == (200, ())


def test_the_address_is_registered_by_hand_so_every_account_sends_the_one_kind(site, provider):
    url = "https://portal.example/webhooks/omron/t0ken"

    assert provider.subscriptions(Token(), url=url) == {"upload"}
    provider.subscribe(Token(), url=url, kind="upload")
    provider.unsubscribe(Token(), url=url, kind="upload")
    assert provider.subscriptions(Token(), url=url) == {"upload"}
    assert site.asked == []
