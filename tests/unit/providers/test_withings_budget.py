"""Withings' calls are counted one by one, token calls and signed ones too, and none is made uncounted."""

import pytest

from ohx_pipelines.errors import BudgetSpent, RateLimited
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.providers.withings import oauth as withings_oauth
from ohx_pipelines.providers.withings.limits import limits
from ohx_pipelines.urgency import Urgency, hurry, using
from tests.wire import Wire

JSON = {"Content-Type": "application/json"}
SETTINGS = WithingsSettings(
    client_id="our-app", client_secret="top-secret", api_url="https://api.example"
)
TOKENS = {
    "userid": 17,
    "access_token": "a",
    "refresh_token": "r",
    "expires_in": 10_800,
    "scope": "user.info,user.metrics",
    "token_type": "Bearer",
}
LEASE_SECONDS = 90


def ok(body):
    return (200, {"status": 0, "body": body}, JSON)


def refused(status, **body):
    return (200, {"status": status, "body": body, "error": "CANARY"}, JSON)


class Ledger:
    """A budget that notes who spends, beside how many calls had been made by then."""

    def __init__(self):
        self.wire, self.spent, self.pauses, self.bounds, self.empty = None, [], [], [], False

    def spend(self, *, account=None):
        self.bounds.append((hurry().urgency, hurry().most_seconds))
        if self.empty:
            raise BudgetSpent(free_in_seconds=30)
        self.spent.append((account, len(self.wire.requests)))

    def pause(self, seconds):
        self.pauses.append(seconds)


class Token:
    account = "link-1"
    scopes = frozenset({"user.info", "user.metrics"})

    def current(self):
        return "first"

    def renew(self, refused):
        return "second"


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def provider_on(ledger, monkeypatch):
    monkeypatch.setattr(withings_oauth, "_guard_wait", lambda _state: 0.0)

    def give(*answers):
        provider = WithingsProvider(SETTINGS, budget=ledger)
        provider._oauth._adapter = ledger.wire = Wire(*answers)
        return provider

    return give


def exchanged(provider):
    return provider.exchange_code(code="c", redirect_uri="https://p/r", code_verifier=None)


@pytest.mark.parametrize(
    ("call", "answers"),
    [
        (exchanged, [ok(TOKENS)]),
        (lambda one: one.refresh("r0"), [ok(TOKENS)]),
        (lambda one: one.check(), [ok({"nonce": "n"})]),
        (lambda one: one.revoke(user="17", refresh_token=None), [ok({"nonce": "n"}), ok({})]),
        (lambda one: one.devices(Token()), [ok({"devices": []})]),
        (lambda one: one.devices(Token()), [refused(401), ok({"devices": []})]),
    ],
    ids=["exchange", "refresh", "check", "revoke", "devices", "with a renewed token"],
)
def test_each_request_was_counted_right_before_it_was_made(provider_on, ledger, call, answers):
    call(provider_on(*answers))

    assert [made for _, made in ledger.spent] == list(range(len(answers)))
    assert len(ledger.wire.requests) == len(answers)


def test_a_call_of_data_is_counted_for_its_account_and_a_call_of_the_application_for_none(
    provider_on, ledger
):
    provider = provider_on(ok({"devices": []}), ok({"nonce": "n"}))

    provider.devices(Token())
    provider.check()

    assert [account for account, _ in ledger.spent] == ["link-1", None]


def test_a_try_after_a_fault_is_a_call_like_any_other(provider_on, ledger):
    provider_on(refused(2556), ok({"devices": []})).devices(Token())

    assert len(ledger.spent) == 2


def test_nothing_is_asked_when_the_budget_is_spent_and_it_is_not_tried_again(provider_on, ledger):
    provider, ledger.empty = provider_on(), True

    for call in (exchanged, lambda one: one.refresh("r0"), lambda one: one.devices(Token())):
        with pytest.raises(BudgetSpent):
            call(provider)

    assert ledger.wire.requests == []
    assert len(ledger.bounds) == 3


@pytest.mark.parametrize("call", [exchanged, lambda one: one.devices(Token())])
def test_a_pause_that_withings_asks_for_is_everybodys(provider_on, ledger, call):
    with pytest.raises(RateLimited):
        call(provider_on(refused(601, wait_seconds=42)))

    assert ledger.pauses == [42.0]


def test_the_guard_against_a_repeated_token_call_pauses_nobody_else(provider_on, ledger):
    provider_on(refused(601, wait_seconds=8), ok(TOKENS)).refresh("r0")

    assert ledger.pauses == []
    assert len(ledger.spent) == 2


def test_a_refresh_waits_for_its_turns_within_the_lease_that_it_holds(provider_on, ledger):
    # The longest: the guard, a second try that is refused, and the question about the secret.
    provider = provider_on(refused(601, wait_seconds=10), refused(503), ok({"nonce": "n"}))

    with using(Urgency.BACKFILL), pytest.raises(Exception, match="refresh token"):
        provider.refresh("r0")

    assert {urgency for urgency, _ in ledger.bounds} == {Urgency.TODAY}
    turns = sum(most for _, most in ledger.bounds)
    answers = 3 * SETTINGS.timeout_seconds
    assert turns + answers + 10 < LEASE_SECONDS


def test_a_code_is_exchanged_while_it_lives(provider_on, ledger):
    exchanged(provider_on(ok(TOKENS)))

    [(urgency, most_seconds)] = ledger.bounds
    assert urgency is Urgency.TODAY
    assert most_seconds < 30


def test_the_limits_are_the_plans_and_one_account_never_has_all_of_it():
    own, whole = (
        {one.per: one for one in limits(SETTINGS)}[per] for per in ("account", "application")
    )

    assert (whole.calls, whole.seconds) == (120, 60)
    assert own.calls < whole.calls
