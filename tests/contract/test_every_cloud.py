"""What every vendor's cloud keeps to, whoever it is: link, refresh, fetch, normalize, revoke, notifications.

A fault is a failure of what it struck, never an empty answer, and costs nothing else.
"""

import pytest

from ohx_pipelines.errors import AuthLost, RateLimited, VendorError
from ohx_pipelines.measurements import check_frame, measurements_of
from ohx_pipelines.providers.base import Asked, Delivery
from ohx_pipelines.providers.registry import provider_facts
from tests.contract.clouds import CLOUDS

HOOK = "https://portal.example/webhooks/cloud/word"
NAMES = [facts.name for facts in provider_facts()]
# What can happen to any call of a cloud.
FAULTS = {
    "HTTP 500": {"kind": "http", "status": 500},
    "HTTP 404": {"kind": "http", "status": 404},
    "no answer": {"kind": "drop"},
    "an answer that broke off": {"kind": "truncated"},
    "no JSON": {"kind": "malformed"},
    "a page of HTML": {"kind": "garbage"},
    "JSON under another name": {"kind": "wrong_type"},
    "another shape": {"kind": "not_an_envelope"},
    "a body that is a list": {"kind": "list_body"},
    "trouble of the vendor's own": {"kind": "status", "status": 522},
    "a wrong request": {"kind": "status", "status": 503},
    "not in the plan": {"kind": "status", "status": 2555},
}
# What cannot happen to a yes without a body.
ABOUT_A_BODY = {"an answer that broke off", "JSON under another name", "another shape"}


@pytest.fixture(scope="module", params=NAMES)
def cloud(request):
    with pytest.MonkeyPatch.context() as patch, CLOUDS[request.param](patch) as running:
        yield running


@pytest.fixture(autouse=True)
def calm(cloud):
    yield
    cloud.calm()


@pytest.fixture
def account(cloud):
    """An account of the test's own: another may end what the person allowed."""
    return cloud.link()


def everything(cloud):
    shared = cloud.provider.facts.shareable
    return Asked(shared=shared, wanted=cloud.provider.facts.metrics_of(shared))


def fetched(cloud, account, **changes):
    return cloud.provider.fetch(cloud.window, account, asked=everything(cloud), **changes)


def names(listed):
    return {metric for one in listed for metric in one.metrics}


def test_every_provider_of_the_registry_has_a_stand_in():
    assert CLOUDS.keys() == {*NAMES}


def test_the_facts_hang_together(cloud):
    facts = cloud.provider.facts
    scopes = {scope for one in facts.data_types for scope in one.scopes}
    kinds = [one.name for one in facts.notifications]

    # What is asked for besides is needed whatever is shared.
    assert scopes <= {*facts.scopes} <= scopes | facts.least_scopes
    assert facts.limits
    assert facts.most_days >= 1
    assert len({one.name for one in facts.data_types}) == len(facts.data_types)
    assert all(one.metrics and one.title for one in facts.data_types)
    assert len(set(kinds)) == len(kinds)


def test_a_yes_gives_tokens_and_a_no_gives_none(cloud, account):
    assert account.grant.scopes == {*cloud.provider.facts.scopes}
    assert account.grant.user == cloud.person["user_id"]
    assert "error" in cloud.denied()


def test_tokens_stay_out_of_what_is_shown_of_them(account):
    shown = repr(account.grant)

    assert account.grant.access_token not in shown
    assert account.grant.refresh_token not in shown


def test_a_refresh_gives_another_pair_that_works(cloud):
    account = cloud.link()
    before = account.current()

    assert account.renew(before) != before
    assert fetched(cloud, account).pages


def test_a_refused_refresh_token_is_lost(cloud):
    with pytest.raises(AuthLost):
        cloud.provider.refresh("nobody-has-this")


def test_a_window_becomes_rows_of_its_days_and_says_what_it_lists_whole(cloud, account):
    found = fetched(cloud, account)
    normalized = cloud.provider.normalize(found)
    rows = measurements_of(normalized.frame)

    check_frame(normalized.frame)
    assert found.failures == () or list(found.failures) == []
    assert {row.day for row in rows} <= {*cloud.window.days}
    assert {row.metric for row in rows} <= everything(cloud).wanted
    assert {row.metric for row in rows} <= names(normalized.listed)
    assert {row.device for row in rows if row.device} <= normalized.devices.keys()
    assert len(rows) > cloud.rows_of_three_days


def test_only_what_is_shared_is_read(cloud, account):
    for one in cloud.provider.facts.data_types:
        asked = Asked(shared=frozenset({one.name}), wanted=one.metrics)
        cloud.forget_calls()
        found = cloud.provider.fetch(cloud.window, account, asked=asked)
        rows = measurements_of(cloud.provider.normalize(found).frame)
        assert {row.metric for row in rows} <= one.metrics
        assert set() < cloud.called() <= cloud.calls_of[one.name], one.name


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_every_call_is_a_failure_and_never_an_empty_answer(cloud, account, fault):
    cloud.trouble(**FAULTS[fault])

    with pytest.raises(VendorError):
        fetched(cloud, account)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_one_listing_costs_that_listing_alone(cloud, account, fault):
    every = cloud.provider.normalize(fetched(cloud, account))
    for listing, call in cloud.listings.items():
        cloud.trouble(call=call, **FAULTS[fault])

        found = fetched(cloud, account)
        normalized = cloud.provider.normalize(found)

        struck = {one.listing for one in found.failures}
        assert struck == {listing}, (fault, listing)
        assert {day for one in found.failures for day in one.days} == {*cloud.window.days}
        assert len(normalized.frame) > 0
        # What is told as whole of a listing that failed would be deleted at the EHR.
        assert len(normalized.listed) == len(every.listed) - len(cloud.lost_with[listing])
        lost = {cloud.prefixes[one] for one in cloud.lost_with[listing]}
        assert lost.isdisjoint({one.prefix for one in normalized.listed})
        cloud.calm()


@pytest.mark.parametrize("fault", ["HTTP 500", "no JSON", "not in the plan", "no answer"])
def test_a_fault_of_a_call_about_one_thing_costs_its_day(cloud, account, fault):
    for listing, call in cloud.costly.items():
        cloud.trouble(call=call, **FAULTS[fault])

        found = fetched(cloud, account)
        normalized = cloud.provider.normalize(found)

        assert {one.listing for one in found.failures} == {listing}
        assert {*found.unread} <= normalized.kept
        assert found.unread
        cloud.calm()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_while_linking_gives_no_tokens(cloud, fault):
    code = cloud.code()
    cloud.trouble(call=cloud.exchange, **FAULTS[fault])

    with pytest.raises(VendorError) as caught:
        cloud.exchanged(code)

    assert code not in str(caught.value)


@pytest.mark.parametrize("fault", [one for one in FAULTS if one != "a wrong request"])
def test_a_fault_of_a_refresh_is_no_end_of_the_link(cloud, account, fault):
    """A vendor's word for a wrong request may be its word for a refused token: it is left out."""
    cloud.trouble(call=cloud.refresh, **FAULTS[fault])

    with pytest.raises(VendorError) as caught:
        cloud.provider.refresh(account.grant.refresh_token)

    assert not isinstance(caught.value, AuthLost)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_any_other_call_is_raised_and_never_read_as_done(cloud, account, fault):
    url, kind = HOOK, cloud.provider.facts.notifications[0].name
    cloud.trouble(**FAULTS[fault])

    calls = [
        lambda: cloud.provider.account(account),
        lambda: cloud.provider.devices(account),
    ]
    if cloud.revokes or fault not in ABOUT_A_BODY | {"HTTP 404"}:
        calls.append(lambda: cloud.provider.revoke(user="nobody", refresh_token="none"))
    if cloud.subscribes:
        calls += [
            lambda: cloud.provider.subscriptions(account, url=url),
            lambda: cloud.provider.subscribe(account, url=url, kind=kind),
            lambda: cloud.provider.unsubscribe(account, url=url, kind=kind),
        ]
    for call in calls:
        with pytest.raises(VendorError):
            call()


def test_a_pause_that_is_asked_for_ends_the_reading(cloud, account):
    cloud.trouble("status", status=601, seconds=900)

    with pytest.raises(RateLimited) as caught:
        fetched(cloud, account)

    assert caught.value.wait_seconds == 900


def test_a_refused_access_token_is_renewed_once(cloud):
    account = cloud.link()
    cloud.trouble("unauthorized", count=1)

    assert fetched(cloud, account).failures in ((), [])
    assert len(account.renewals) == 1


def test_what_was_revoked_is_lost(cloud):
    account = cloud.link()
    cloud.provider.revoke(user=account.grant.user, refresh_token=account.grant.refresh_token)

    with pytest.raises(AuthLost):
        cloud.provider.refresh(account.grant.refresh_token)
    # Repeating it does no harm.
    cloud.provider.revoke(user=account.grant.user, refresh_token=account.grant.refresh_token)


def test_every_kind_of_notification_is_read_and_what_is_none_is_not(cloud):
    for kind in cloud.provider.facts.notifications:
        received = cloud.provider.receive(cloud.told(kind.name))
        (told,) = received.notifications
        assert 200 <= received.status < 300
        assert (told.user, told.kind) == (cloud.person["user_id"], kind.name)
        assert told.user not in repr(received)
    unknown = cloud.provider.receive(cloud.nonsense)
    assert 200 <= unknown.status < 300
    assert not unknown.notifications
    assert not cloud.provider.receive(Delivery(headers={}, body=b"")).notifications
