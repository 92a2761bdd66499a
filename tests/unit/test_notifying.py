"""Notifications asked for: what is shared and nothing else, under an address that nobody can guess."""

from __future__ import annotations

import hashlib
import hmac
from types import SimpleNamespace

import pytest

from ohx_pipelines.errors import VendorDown
from ohx_pipelines.notifying import Notifying, Subscribed, notifying_from, webhook_token
from ohx_pipelines.providers.base import NotificationKind, ProviderFacts
from ohx_pipelines.settings import PortalSettings

SECRET = b"s" * 40
KINDS = (
    NotificationKind(
        name="scale", title="weight", data_types=frozenset({"body"}), scopes=frozenset({"metrics"})
    ),
    NotificationKind(
        name="sleep",
        title="sleep",
        data_types=frozenset({"nights", "stages"}),
        scopes=frozenset({"activity"}),
    ),
    NotificationKind(name="account", title="the account", data_types=frozenset()),
)
URL = (
    "https://links.example/portal/webhooks/acme/"
    + hmac.new(SECRET, b"webhook acme", hashlib.sha256).hexdigest()
)


class SendingVendor:
    """A vendor that keeps subscriptions, each a kind at an address."""

    def __init__(self, *kept, kinds=KINDS, url=URL):
        self.kept = {(url, kind) for kind in kept}
        self.facts = ProviderFacts(
            name="acme",
            title="Acme",
            manufacturer="Acme",
            scopes=(),
            data_types=(),
            pkce=False,
            most_days=1,
            notifications=kinds,
        )
        self.asked, self.fails_at = [], None

    def _note(self, *what):
        self.asked.append(what)
        if what == self.fails_at:
            raise VendorDown

    def subscriptions(self, token, *, url):
        self._note("list")
        return frozenset(kind for at, kind in self.kept if at == url)

    def subscribe(self, token, *, url, kind):
        self._note("subscribe", kind)
        self.kept.add((url, kind))

    def unsubscribe(self, token, *, url, kind):
        self._note("unsubscribe", kind)
        self.kept.remove((url, kind))


@pytest.fixture
def notifying():
    return Notifying(portal_url="https://links.example/portal", secret=SECRET)


def token(*scopes):
    return SimpleNamespace(scopes=frozenset(scopes))


def kinds_at(vendor, url=URL):
    return {kind for at, kind in vendor.kept if at == url}


def test_what_is_shared_and_the_account_itself_are_asked_for(notifying):
    vendor = SendingVendor()
    changes = notifying.ensure(vendor, token("metrics", "activity"), shared=["body"])

    assert changes == Subscribed(added=frozenset({"scale", "account"}))
    assert kinds_at(vendor) == {"scale", "account"}


def test_what_is_no_longer_shared_is_ended_before_more_is_asked_for(notifying):
    vendor = SendingVendor("scale", "account")
    changes = notifying.ensure(vendor, token("metrics", "activity"), shared=["stages"])

    assert changes == Subscribed(added=frozenset({"sleep"}), ended=frozenset({"scale"}))
    assert kinds_at(vendor) == {"sleep", "account"}
    assert vendor.asked == [("list",), ("unsubscribe", "scale"), ("subscribe", "sleep")]


def test_what_is_as_it_should_be_costs_one_call(notifying):
    vendor = SendingVendor("scale", "account")
    assert notifying.ensure(vendor, token("metrics"), shared=["body", "nights"]) == Subscribed()
    assert vendor.asked == [("list",)]


def test_what_the_account_did_not_grant_is_not_asked_for(notifying):
    vendor = SendingVendor()
    notifying.ensure(vendor, token("activity"), shared=["body", "nights"])
    assert kinds_at(vendor) == {"sleep", "account"}


def test_an_account_that_shares_nothing_sends_nothing(notifying):
    vendor = SendingVendor("scale", "account")
    notifying.ensure(vendor, token("metrics"), shared=[])
    assert kinds_at(vendor) == set()


def test_subscriptions_to_another_address_are_left_alone(notifying):
    other = "https://elsewhere.example/hook"
    vendor = SendingVendor("sleep", url=other)
    notifying.ensure(vendor, token("metrics"), shared=["body"])
    assert kinds_at(vendor, other) == {"sleep"}


def test_a_vendor_that_sends_no_notifications_is_not_asked(notifying):
    vendor = SendingVendor(kinds=())
    assert notifying.ensure(vendor, token(), shared=["body"]) == Subscribed()
    assert vendor.asked == []


def test_what_failed_in_the_middle_is_finished_by_the_next_try(notifying):
    vendor = SendingVendor()
    vendor.fails_at = ("subscribe", "sleep")
    scopes = token("metrics", "activity")
    with pytest.raises(VendorDown):
        notifying.ensure(vendor, scopes, shared=["body", "nights"])
    vendor.fails_at = None
    changes = notifying.ensure(vendor, scopes, shared=["body", "nights"])

    assert changes.added < {"scale", "sleep", "account"}
    assert kinds_at(vendor) == {"scale", "sleep", "account"}


def test_each_vendor_has_an_address_of_its_own_and_each_deployment_another():
    tokens = {webhook_token(secret, name) for secret in (SECRET, b"t" * 40) for name in "ab"}
    assert len(tokens) == 4
    assert {len(one) for one in tokens} == {64}


def test_the_secret_of_the_addresses_is_not_shown(notifying):
    assert SECRET.decode() not in repr(notifying)


def settings(**portal):
    return SimpleNamespace(
        portal=PortalSettings(secret_key="p" * 40, **portal),
        identifier_secret=SimpleNamespace(get_secret_value=SECRET.decode),
    )


def test_only_who_wants_notifications_has_them_asked_for():
    url = "https://links.example/portal/"
    assert notifying_from(settings(url=url)) is None
    found = notifying_from(settings(url=url, notifications=True))
    assert found.url("acme") == URL
