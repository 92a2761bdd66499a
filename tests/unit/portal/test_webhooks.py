"""Notifications of vendors: hints to the inbox for who has a link, and not a word to anybody else."""

from __future__ import annotations

import hashlib
import hmac
import io
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from oauth_portal.app import create_app
from ohx_pipelines.providers.base import Notification, NotificationKind, Received
from tests.unit.portal.attack_scene import HEADERS, MARKER
from tests.unit.portal.conftest import FakeVendor, facts, grant

USER = "vendor-user-1"
BERLIN = ZoneInfo("Europe/Berlin")
KINDS = (
    NotificationKind(name="scale", title="weight", data_types=frozenset({"body"})),
    NotificationKind(name="cuff", title="pressure", data_types=frozenset({"pressure"})),
    NotificationKind(name="account", title="the account", data_types=frozenset()),
)


def address(provider="withings", secret="i" * 40):
    message = f"webhook {provider}".encode()
    return f"/webhooks/{provider}/{hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


@dataclass
class TellingVendor(FakeVendor):
    """A vendor whose delivery is forms of plain fields, a line each; `kind=unreadable` is none.

    It answers 204, and 401 to whoever does not say `Bearer right`.
    """

    delivered: list = field(default_factory=list)

    def receive(self, delivery):
        self.delivered.append(delivery)
        if delivery.headers.get("authorization") != "Bearer right":
            return Received(status=401)
        forms = [dict(parse_qsl(line)) for line in delivery.body.decode().splitlines()]
        known = {kind.name for kind in KINDS}
        read = [self.read(form) for form in forms if form.get("kind") in known]
        return Received(status=204, notifications=read)

    def read(self, form):
        return Notification(
            user=form.get("user", ""),
            kind=form["kind"],
            start=datetime.fromtimestamp(int(form["start"]), UTC) if "start" in form else None,
            end=datetime.fromtimestamp(int(form["end"]), UTC) if "end" in form else None,
            day=date.fromisoformat(form["day"]) if "day" in form else None,
            last_day=date.fromisoformat(form["last_day"]) if "last_day" in form else None,
            ended=form.get("ended") == "yes",
        )


@pytest.fixture
def vendor():
    told = type(facts())(**{**vars(facts()), "notifications": KINDS})
    return TellingVendor(facts=told, grant=grant(USER))


@pytest.fixture
def settings(settings):
    portal = settings.portal.model_copy(update={"notifications": True})
    return settings.model_copy(update={"portal": portal})


@pytest.fixture
def link(patient, store):
    found = store.confirm_link(patient.link(), zone=BERLIN)
    store.share(found.id, ["body"], who="test")
    return found


@pytest.fixture
def http(app):
    return app.test_client()


@pytest.fixture
def post(http):
    def give(*, to=None, headers=None, **form):
        said = {"Authorization": "Bearer right"} | (headers or {})
        return http.post(to or address(), data=form, headers=said)

    return give


@pytest.fixture
def waiting(store):
    def give():
        return [
            (one.kind, one.first_day, one.last_day, one.ended)
            for one in store.waiting_hints("withings", most=100)
        ]

    return give


def seconds(text):
    return str(int(datetime.fromisoformat(text).timestamp()))


def today():
    return datetime.now(BERLIN).date()


def shown(answer):
    return answer.status_code, answer.data, sorted(answer.headers)


def test_a_vendor_that_looks_whether_the_address_is_there_is_told_so(http):
    answer = http.head(address())
    assert (answer.status_code, answer.data) == (200, b"")


def test_a_hint_is_kept_with_the_local_days_of_its_link(link, post, waiting):
    day = today() - timedelta(days=3)
    # 23:30 UTC is the next day in Berlin, summer and winter.
    end = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
    answer = post(
        user=USER, kind="scale", start=int(end.timestamp()) - 7_200, end=int(end.timestamp())
    )

    assert answer.status_code == 204
    assert waiting() == [("scale", day, day + timedelta(days=1), False)]


def test_a_hint_about_a_day_is_about_just_that(link, post, waiting):
    day = today() - timedelta(days=3)
    post(user=USER, kind="scale", day=day.isoformat())
    assert waiting() == [("scale", day, day, False)]


def test_a_hint_about_days_is_about_all_of_them(link, post, waiting):
    day = today() - timedelta(days=5)
    last = day + timedelta(days=3)
    post(user=USER, kind="scale", day=day.isoformat(), last_day=last.isoformat())
    assert waiting() == [("scale", day, last, False)]


def test_a_hint_without_a_time_is_about_today(link, post, waiting):
    post(user=USER, kind="account", ended="yes")
    assert waiting() == [("account", today(), today(), True)]


def test_all_of_time_is_cut_to_the_days_that_can_be_read(link, post, waiting, settings):
    post(user=USER, kind="scale", start=0, end=9_999_999_999)
    oldest = today() - timedelta(days=settings.partition_days - 1)
    assert waiting() == [("scale", oldest, today() + timedelta(days=1), False)]


@pytest.mark.parametrize("day", ["1970-01-01", "2100-01-01"])
def test_days_that_cannot_be_read_are_nothing(link, post, waiting, day):
    assert post(user=USER, kind="scale", day=day).status_code == 204
    assert waiting() == []


def test_a_burst_is_one_hint(link, post, waiting):
    for _ in range(20):
        post(user=USER, kind="scale")
    assert waiting() == [("scale", today(), today(), False)]


def test_what_is_not_shared_is_not_waited_for(link, post, waiting):
    assert post(user=USER, kind="cuff").status_code == 204
    assert waiting() == []


def test_the_answer_is_the_same_whoever_is_named_and_whatever_is_said(link, post, waiting):
    known = post(user=USER, kind="scale")
    for form in (
        {"user": "somebody else", "kind": "scale"},
        {"user": USER, "kind": "cuff"},
        {"user": USER, "kind": "unreadable"},
        {"user": "", "kind": "scale"},
        {"user": USER, "kind": "scale", "day": "1970-01-01"},
        {},
    ):
        assert shown(post(**form)) == shown(known)
    assert len(waiting()) == 1


def test_every_notification_of_a_delivery_is_kept_with_its_own_days(link, http, waiting):
    day = today() - timedelta(days=9)
    lines = [
        f"user={USER}&kind=scale&day={day}",
        f"user={USER}&kind=unreadable",
        f"user=somebody&kind=scale&day={day}",
        f"user={USER}&kind=scale&day={day + timedelta(days=4)}",
        f"user={USER}&kind=account",
    ]
    answer = http.post(address(), data="\n".join(lines), headers={"Authorization": "Bearer right"})

    assert answer.status_code == 204
    assert sorted(waiting()) == [
        ("account", today(), today(), False),
        ("scale", day, day, False),
        ("scale", day + timedelta(days=4), day + timedelta(days=4), False),
    ]


def test_the_vendor_sees_headers_by_their_lower_case_names_and_the_very_bytes(http, vendor):
    body = b'{"a":  1}\r\n\xff'
    http.post(address(), data=body, headers={"X-Signature": "s=", "Authorization": "Basic x"})

    (told,) = vendor.delivered
    assert told.body == body
    assert (told.headers["x-signature"], told.headers["authorization"]) == ("s=", "Basic x")
    assert "Basic" not in repr(told)
    assert "signature" not in repr(told).lower()


def test_the_status_is_the_vendors_and_what_it_refuses_is_not_kept(link, post, waiting):
    answer = post(user=USER, kind="scale", headers={"Authorization": "Bearer wrong"})

    assert (answer.status_code, answer.data) == (401, b"")
    assert waiting() == []


def test_a_vendor_that_looks_is_not_asked_for_an_authorization(http, vendor):
    assert http.head(address()).status_code == 200
    assert vendor.delivered == []


def test_as_much_is_asked_of_the_store_for_somebody_unknown(link, post, store, monkeypatch):
    asked = []
    for name in ("zone_of_account", "receive_hint"):
        own = getattr(store, name)
        monkeypatch.setattr(
            store, name, lambda *a, own=own, name=name, **k: asked.append(name) or own(*a, **k)
        )
    post(user=USER, kind="scale")
    known = list(asked)
    asked.clear()
    post(user="somebody else", kind="scale")

    assert asked == known == ["zone_of_account", "receive_hint"]


WRONG = {
    "another token": "/webhooks/withings/" + "0" * 64,
    "no token": "/webhooks/withings/",
    "the token of another vendor": address("pulse").replace("pulse", "withings"),
    "an unknown vendor": address("acme"),
    "the token of another secret": address(secret="j" * 40),
    "a part of the token": address()[:-1],
    "more than the token": address() + "0",
    "in capitals": "/webhooks/withings/" + address().rsplit("/", 1)[1].upper(),
    "not ASCII": "/webhooks/withings/%C3%BC",
    "a NUL": address() + "%00",
    "a path": address() + "/x",
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_a_wrong_address_does_not_exist(link, http, waiting, wrong, method):
    answer = http.open(WRONG[wrong], method=method, data={"user": USER, "kind": "scale"})

    assert answer.status_code == 404
    assert waiting() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_nothing_but_a_post_is_a_notification(link, http, waiting, method):
    answer = http.open(address(), method=method, query_string={"user": USER, "kind": "scale"})

    assert answer.status_code == 405
    assert waiting() == []


def test_what_stands_in_the_address_is_not_read(link, http, waiting):
    said = {"Authorization": "Bearer right"}
    assert http.post(f"{address()}?user={USER}&kind=scale", headers=said).status_code == 204
    assert waiting() == []


def test_a_delivery_of_sixty_thousand_bytes_is_read(link, post, waiting):
    assert post(user=USER, kind="scale", x="x" * 60_000).status_code == 204
    assert len(waiting()) == 1


@pytest.mark.parametrize("size", [64 * 1024 + 1, 80_000, 300_000])
def test_more_than_a_notification_can_hold_is_refused_unread(link, post, waiting, size):
    answer = post(user=USER, kind="scale", x="x" * size)

    assert answer.status_code == 413
    assert waiting() == []


def test_a_body_whose_length_is_not_said_is_not_read_to_its_end(link, http, waiting):
    body = f"user={USER}&kind=scale&x=".encode() + b"x" * 100_000
    answer = http.post(
        address(),
        input_stream=io.BytesIO(body),
        headers={"Authorization": "Bearer right"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == 413
    assert waiting() == []


def test_an_empty_delivery_is_answered_like_any_other(link, http, waiting):
    answer = http.post(address(), headers={"Authorization": "Bearer right"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert waiting() == []


def test_nothing_that_was_sent_comes_back_or_is_logged(link, post, caplog, waiting):
    caplog.set_level(logging.DEBUG)
    for form in ({"user": MARKER, "kind": "scale"}, {"user": USER, "kind": MARKER}, {MARKER: "x"}):
        answer = post(headers=HEADERS, **form)
        assert MARKER not in answer.text + str(answer.headers)
    for secret in (MARKER, USER, address(), address().rsplit("/", 1)[1]):
        assert secret not in caplog.text
    assert waiting() == []


def test_no_cookie_is_given_and_none_is_looked_at(link, patient, http):
    answer = http.post(address(), data={"user": USER, "kind": "scale"})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_browser_on_another_site_cannot_make_one(link, post, waiting):
    answer = post(user=USER, kind="scale", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert waiting() == []


def test_every_other_form_still_needs_its_token(patient):
    assert patient.http.post("/sign-out").status_code == 400


def test_without_the_setting_there_is_no_such_address(services, settings):
    portal = settings.portal.model_copy(update={"notifications": False})
    off = settings.model_copy(update={"portal": portal})
    http = create_app(type(services)(**{**vars(services), "settings": off})).test_client()

    assert http.post(address(), data={"user": USER, "kind": "scale"}).status_code == 404
    assert http.head(address()).status_code == 404
