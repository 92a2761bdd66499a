"""A vendor tells by itself: asked for, sent over HTTP, and in the inbox of the right link.

The portal's own application and the product's client, with the sandbox's vendor as a process.
"""

import base64
import time

import pytest
import requests

from oauth_portal.app import create_app
from oauth_portal.services import Services
from ohx_pipelines.links.tokens import LinkTokens
from ohx_pipelines.notifying import notifying_from
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.settings import Settings
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS, link_person, withings_settings
from tests.sandbox_process import running_sandbox
from tests.unit.fhir.serving import served

pytestmark = pytest.mark.slow

FOR_BODY_AND_PRESSURE = {"1", "4", "46"}


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000)
        yield running


@pytest.fixture
def provider(sandbox):
    return WithingsProvider(withings_settings(sandbox.addresses))


@pytest.fixture
def portal(store, sandbox, provider, free_address):
    """The portal as vendors reach it; gives what asks for notifications."""
    settings = Settings(
        _env_file=None,
        identifier_secret="i" * 40,
        token_key=base64.b64encode(b"k" * 32).decode(),
        ehr={"url": sandbox.addresses["ehr"]["url"]},
        oidc={"issuer": "https://login.example", "client_id": "p", "client_secret": "s"},
        withings=withings_settings(sandbox.addresses).model_dump(),
        portal={"secret_key": "s" * 40, "url": free_address.url, "notifications": True},
    )
    own = Services(
        settings=settings,
        store=store,
        providers={"withings": provider},
        ehr_client=lambda connection: None,
    )
    free_address.app = create_app(own)
    return notifying_from(settings)


class Address:
    """An address that is there before the application is."""

    def __init__(self, url):
        self.url, self.app = url, None

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


@pytest.fixture
def free_address():
    address = Address("")
    with served(address) as url:
        address.url = url.removesuffix("/fhir")
        yield address


@pytest.fixture(scope="module")
def people(sandbox):
    return list(sandbox.people)


@pytest.fixture
def person(people):
    """Somebody whom no other test has taken."""
    return people.pop()


@pytest.fixture
def link(store, sandbox, person):
    return link_person(store, sandbox, person)


@pytest.fixture
def tokens(store, provider, link):
    return LinkTokens(store, provider, link.id)


def subscribed(sandbox, person):
    shown = requests.get(f"{sandbox.control}/notifications", timeout=10).json()
    return {str(one["appli"]) for one in shown["subscriptions"] if one["login"] == person["login"]}


def delivered(sandbox):
    """Give all deliveries, once none of them waits for its first try any more."""
    deadline = time.monotonic() + 120
    while True:
        shown = requests.get(f"{sandbox.control}/notifications", timeout=10).json()["deliveries"]
        # Tried is not yet answered.
        if all(one["status"] is not None for one in shown):
            return shown
        assert time.monotonic() < deadline, "nothing is sent"
        time.sleep(0.05)


def waiting(store):
    return [
        (one.link_id, one.kind, one.first_day, one.last_day, one.ended)
        for one in store.waiting_hints("withings", most=100)
    ]


def test_what_a_link_shares_is_subscribed_told_and_waits_for_that_link(
    sandbox, store, provider, portal, person, link, tokens
):
    portal.ensure(provider, tokens, shared=link.data_types)
    assert subscribed(sandbox, person) == FOR_BODY_AND_PRESSURE

    noon = int(time.time()) - 86_400
    told = [
        sandbox.post("notify", login=person["login"], appli=appli, startdate=noon, enddate=noon + 1)
        for appli in (1, 1, 1, 4, 44)
    ]
    assert [one.json()["told"] for one in told] == [1, 1, 1, 1, 0]
    assert {one["status"] for one in delivered(sandbox)} == {200}
    rows = waiting(store)
    assert [(one[0], one[1]) for one in rows] == [(link.id, "1"), (link.id, "4")]
    assert all(one[2] == one[3] for one in rows)


def test_no_longer_shared_is_no_longer_told_and_an_unlinked_account_tells_nothing(
    sandbox, provider, portal, person, link, tokens
):
    portal.ensure(provider, tokens, shared=link.data_types)
    portal.ensure(provider, tokens, shared=["sleep"])
    assert subscribed(sandbox, person) == {"44", "46"}

    provider.revoke(user=link.vendor_user, refresh_token=None)
    assert subscribed(sandbox, person) == set()


def test_a_changed_reading_waits_in_the_inbox_by_itself(
    sandbox, store, provider, portal, person, link, tokens
):
    portal.ensure(provider, tokens, shared=link.data_types)
    at = int(time.time()) - 3_600
    sandbox.post("readings/change", login=person["login"], action="add", type=1, value=70, date=at)
    delivered(sandbox)

    [(link_id, kind, *_)] = waiting(store)
    assert (link_id, kind) == (link.id, "1")


def test_who_removes_the_application_at_the_vendors_is_told_of(
    sandbox, store, provider, portal, person, link, tokens
):
    portal.ensure(provider, tokens, shared=link.data_types)
    sandbox.post("faults", target="withings", kind="revoke", login=person["login"])
    delivered(sandbox)

    [(link_id, kind, first, last, ended)] = waiting(store)
    assert (link_id, kind, ended) == (link.id, "46", True)
    assert first == last


def test_the_right_address_is_there_and_a_wrong_one_is_not_subscribed(provider, portal, tokens):
    wrong = portal.url("withings")[:-1]
    with pytest.raises(Exception, match="refuses") as caught:
        provider.subscribe(tokens, url=wrong, kind="1")
    assert caught.value.code == "vendor_rejected"
    provider.subscribe(tokens, url=portal.url("withings"), kind="1")
    assert provider.subscriptions(tokens, url=portal.url("withings")) == {"1"}
