"""Asking Google to tell: the one subscriber of the deployment, and the data types of each account."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from ohx_pipelines.errors import (
    Malformed,
    NotConsented,
    RateLimited,
    ServiceDisabled,
    VendorDown,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.providers.base import Unlimited
from ohx_pipelines.providers.google_health import GoogleHealthProvider, administration
from ohx_pipelines.providers.google_health.notifications import NOTIFICATIONS
from sandbox.google_health import service_accounts
from sandbox.google_health.tellable import SCOPES
from tests.unit.providers.google_health.notifying_scene import CANARY, OWN, WORD, notifying_scene

# Of the table of the fact sheet: those with webhook support that are read.
KINDS = {
    *("steps", "distance", "floors", "altitude", "total-calories", "active-zone-minutes"),
    *("sedentary-period", "time-in-heart-rate-zone", "run-vo2-max", "exercise", "heart-rate"),
    *("heart-rate-variability", "daily-resting-heart-rate", "daily-heart-rate-variability"),
    *("daily-oxygen-saturation", "daily-respiratory-rate", "daily-sleep-temperature-derivations"),
    *("weight", "body-fat", "height", "blood-glucose", "sleep"),
}


@pytest.fixture
def scene(tmp_path):
    with notifying_scene(tmp_path) as running:
        yield running


@pytest.fixture
def link(scene):
    return scene.link()


@pytest.fixture
def subscribe(scene, link):
    def give(*kinds, url=None, token=None):
        for kind in kinds:
            scene.ours.subscribe(token or link, url=url or scene.hook, kind=kind)

    return give


def sent(scene, link, url=None):
    return scene.ours.subscriptions(link, url=url or scene.hook)


# The kinds


def test_there_is_a_kind_for_each_data_type_that_google_tells_of_and_that_is_read():
    assert {one.name for one in NOTIFICATIONS} == KINDS
    assert SCOPES.keys() >= KINDS


def test_a_kind_needs_the_scope_of_its_data_type_and_concerns_what_is_shared_of_it():
    kinds = {one.name: one for one in NOTIFICATIONS}

    assert {name: kinds[name].scopes for name in KINDS} == {name: {SCOPES[name]} for name in KINDS}
    assert kinds["heart-rate"].data_types == {"heart_rate", "intraday"}
    assert kinds["sleep"].data_types == {"sleep", "sleep_stages"}
    assert kinds["weight"].data_types == kinds["height"].data_types == {"body"}
    assert kinds["run-vo2-max"].data_types == {"fitness"}
    assert kinds["exercise"].data_types == {"workouts"}
    assert all(one.data_types and one.title for one in NOTIFICATIONS)


# The subscriber


def test_the_first_subscription_registers_the_address_for_all_kinds_with_subscriptions_by_hand(
    scene, subscribe
):
    subscribe("steps")

    made = scene.subscriber()
    assert made.uri == scene.hook
    assert made.secret == f"Bearer {WORD}"
    assert [(set(one.types), one.policy) for one in made.configs] == [(KINDS, "MANUAL")]
    # Google asked twice, over HTTP, before it agreed.
    assert [received.status for _, received in scene.received] == [201, 401]


def test_a_subscriber_that_is_as_it_should_be_is_left_alone(scene, link, subscribe):
    subscribe("steps")
    scene.counted()
    scene.ours = scene.notifications()
    subscribe("weight", "sleep")

    calls = scene.counted()
    assert calls["POST subscribers"] == calls[f"PATCH {OWN}"] == 0
    assert len(scene.received) == 2


def test_another_secret_is_given_to_google_once(scene, link, subscribe):
    """Which one Google holds it does not tell; with the old one every delivery would be refused."""
    subscribe("steps")
    word = "another-" * 5
    scene.ours = scene.notifications(webhook_secret=SecretStr(word))
    scene.counted()

    assert sent(scene, link) == {"steps"}
    assert scene.subscriber().secret == f"Bearer {word}"
    assert sent(scene, link) == {"steps"}
    assert scene.counted()[f"PATCH {OWN}"] == 1


def test_a_secret_that_the_address_does_not_prove_is_told_as_refused(scene, link, subscribe):
    subscribe("steps")
    scene.ours = scene.notifications(webhook_secret=SecretStr("another-" * 5))
    scene.answers_as = 204

    with pytest.raises(VendorRejected):
        sent(scene, link)


def test_a_user_who_ended_is_forgotten_with_every_subscription(scene, link, subscribe):
    other = scene.link(1)
    subscribe("steps", "weight")
    subscribe("steps", token=other)

    scene.ours.forget(scene.user())
    scene.ours.forget(scene.user())

    assert scene.subscribed() == []
    assert scene.subscribed(1) == [{"steps"}]


def test_revoking_takes_the_subscriptions_with_it_and_fails_when_they_stay(scene, link, subscribe):
    subscribe("steps")
    scene.broken["POST /revoke"] = (200, {})
    provider = GoogleHealthProvider(scene.settings())
    scene.broken["DELETE"] = (503, {})
    with pytest.raises(VendorDown):
        provider.revoke(user=scene.user(), refresh_token="r")
    assert scene.subscribed() == [{"steps"}]
    del scene.broken["DELETE"]

    provider.revoke(user=scene.user(), refresh_token="r")

    assert scene.subscribed() == []


def test_another_address_is_registered_in_its_place(scene, link, subscribe):
    subscribe("steps")
    moved = f"{scene.url}/hook/two"
    assert sent(scene, link, moved) == frozenset()
    subscribe("steps", url=moved)

    assert scene.subscriber().uri == moved
    assert [word for word, _ in scene.received] == ["one", "one", "two", "two"]
    assert sent(scene, link, moved) == {"steps"}
    assert sent(scene, link) == frozenset()


def test_other_data_types_are_registered_without_asking_the_address_again(scene, link, subscribe):
    subscribe("steps")
    before = scene.subscriber()
    fewer = [{"dataTypes": ["steps", "weight"], "subscriptionCreatePolicy": "MANUAL"}]
    scene.google.subscribers.patch(OWN, {"subscriberConfigs": fewer}, "subscriberConfigs")
    scene.ours = scene.notifications()
    subscribe("sleep")

    made = scene.subscriber()
    assert [(set(one.types), one.policy) for one in made.configs] == [(KINDS, "MANUAL")]
    assert (made.uri, made.secret) == (before.uri, before.secret)
    assert len(scene.received) == 2


def test_one_that_google_has_switched_off_is_proved_again(scene, link, subscribe):
    subscribe("steps")
    scene.google.subscribers.set_state(OWN, "INACTIVE")

    assert sent(scene, link) == frozenset()
    # The stand-in keeps it off: nothing reads as done that is not.
    with pytest.raises(VendorDown):
        subscribe("steps")
    assert len(scene.received) == 4


def test_automatic_data_types_of_a_subscriber_are_no_subscriptions_of_anybody(
    scene, link, subscribe
):
    subscribe("steps")
    automatic = [
        {"dataTypes": ["steps"], "subscriptionCreatePolicy": "AUTOMATIC"},
        {"dataTypes": ["weight"], "subscriptionCreatePolicy": "MANUAL"},
    ]
    scene.google.subscribers.patch(OWN, {"subscriberConfigs": automatic}, "subscriberConfigs")

    assert sent(scene, link) == frozenset()


def test_the_subscribers_of_other_deployments_are_not_ours_on_whatever_page_ours_is(
    scene, link, subscribe, monkeypatch
):
    monkeypatch.setattr(administration, "PAGE_SIZE", 7)
    for number in range(60):
        scene.google.subscribers.create(
            f"other-{number}",
            {
                "endpointUri": scene.hook,
                "endpointAuthorization": {"secret": f"Bearer {WORD}"},
                "subscriberConfigs": [
                    {"dataTypes": sorted(KINDS), "subscriptionCreatePolicy": "MANUAL"}
                ],
            },
        )
    subscribe("steps")

    assert len(scene.ours._subscribers.all()) == 61
    # Registered last, so on the last of nine pages.
    assert scene.ours._subscribers.own().url == scene.hook
    assert sent(scene, link) == {"steps"}


@pytest.mark.parametrize("answer", [204, 401, 404])
def test_an_address_that_does_not_answer_as_it_should_is_refused(scene, subscribe, answer):
    scene.answers_as = answer
    with pytest.raises(VendorRejected):
        subscribe("steps")
    assert scene.subscriber() is None


def test_another_process_that_was_faster_is_no_failure(scene, subscribe):
    other = scene.notifications()
    create = other._subscribers._create

    def race(url, types):
        subscribe("steps")
        create(url, types)

    other._subscribers._create = race
    other.subscribe(scene.link(1), url=scene.hook, kind="weight")

    assert scene.subscribed(0) == [{"steps"}]
    assert scene.subscribed(1) == [{"weight"}]


def test_it_can_be_taken_away_with_all_its_subscriptions_and_again(scene, link, subscribe):
    subscribe("steps")
    scene.ours._subscribers.delete()
    scene.ours._subscribers.delete()

    assert scene.subscriber() is None
    assert sent(scene, link) == frozenset()


def test_one_that_somebody_took_away_is_registered_again(scene, link, subscribe):
    subscribe("steps")
    scene.google.subscriptions.drop(scene.subscriber())
    scene.google.subscribers.delete(OWN)

    assert sent(scene, link) == frozenset()
    subscribe("steps")
    assert sent(scene, link) == {"steps"}


# The subscriptions


def test_each_account_is_subscribed_to_its_own_kinds(scene, link, subscribe):
    other = scene.link(1)
    subscribe("steps", "weight")
    subscribe("sleep", token=other)

    assert (sent(scene, link), sent(scene, other)) == ({"steps", "weight"}, {"sleep"})
    assert scene.subscribed(0) == [{"steps", "weight"}]
    assert scene.subscribed(1) == [{"sleep"}]


def test_repeating_does_no_harm(scene, link, subscribe):
    subscribe("steps", "weight", "steps")
    for _ in range(2):
        scene.ours.unsubscribe(link, url=scene.hook, kind="weight")
        scene.ours.unsubscribe(link, url=scene.hook, kind="sleep")

    assert sent(scene, link) == {"steps"}
    assert scene.subscribed() == [{"steps"}]


def test_the_last_kind_takes_the_subscription_with_it(scene, link, subscribe):
    """Without data types a subscription would be one to all of them."""
    subscribe("steps")
    scene.ours.unsubscribe(link, url=scene.hook, kind="steps")

    assert scene.subscribed() == []
    assert sent(scene, link) == frozenset()


def test_before_anything_is_registered_nothing_is_sent_and_nothing_is_to_be_ended(scene, link):
    assert sent(scene, link) == frozenset()
    scene.ours.unsubscribe(link, url=scene.hook, kind="steps")
    assert scene.subscriber() is None


def test_subscriptions_that_somebody_made_otherwise_are_understood(scene, link, subscribe):
    subscribe("steps")
    own = scene.subscriber()
    body = {"user": f"users/{scene.user()}", "dataTypes": ["weight", "sleep"]}
    scene.google.subscriptions.create(own, "by-hand-1", body)

    assert sent(scene, link) == {"steps", "weight", "sleep"}
    scene.ours.unsubscribe(link, url=scene.hook, kind="weight")
    assert sent(scene, link) == {"steps", "sleep"}
    subscribe("height")
    assert sent(scene, link) == {"steps", "sleep", "height"}


def test_the_name_of_a_subscription_names_nobody(scene, subscribe):
    subscribe("steps")
    (made,) = scene.google.subscriptions.of(scene.subscriber())

    assert scene.user() not in made.id


def test_another_process_that_subscribed_the_account_meanwhile_is_no_failure(
    scene, link, subscribe
):
    subscribe("height", token=scene.link(1))
    other = scene.notifications()
    of, looked = type(other._subscriptions)._of, []

    def late(subscriptions, user):
        """Look, and let the other process be faster, the first time."""
        found = of(subscriptions, user)
        if not looked:
            looked.append(user)
            subscribe("steps")
        return found

    patched = type("Late", (type(other._subscriptions),), {"_of": late})
    other._subscriptions = patched(
        administration=other._subscriptions.administration, own=other._subscriptions.own
    )
    other.subscribe(link, url=scene.hook, kind="weight")

    assert scene.subscribed() == [{"steps", "weight"}]


def test_a_kind_more_costs_two_calls(scene, link, subscribe):
    sent(scene, link)
    subscribe("steps")
    scene.counted()
    subscribe("weight")

    assert sum(scene.counted().values()) == 2


# Whose they are, and what a failure means


def test_the_account_is_the_one_whose_tokens_they_are(scene):
    scene.ours.subscribe(scene.link(1), url=scene.hook, kind="steps")
    assert scene.subscribed(1) == [{"steps"}]


@pytest.mark.parametrize("given", [None, "", 7, "x y", 'u" OR user = "users/v', "a/b", "u" * 64])
def test_an_id_that_can_be_none_is_not_asked_about(scene, link, given):
    scene.broken["identity"] = (200, {"healthUserId": given})
    with pytest.raises(Malformed):
        sent(scene, link)
    assert [path for _, path in scene.asked] == ["/v4/users/me/identity"]


BROKEN = {
    "HTTP 500": ((500, {"error": {"message": CANARY}}), VendorDown),
    "HTTP 404": ((404, {"error": {"message": CANARY}}), VendorRejected),
    "a limit": ((429, {"error": {"message": CANARY}}), RateLimited),
    "no JSON": ((200, f"<html>{CANARY}"), Malformed),
    "a list": ((200, "[]"), Malformed),
    "another shape": ((200, {"status": "fine"}), Malformed),
    "another list": ((200, {"subscribers": {"a": 1}}), Malformed),
    "a service that is off": (
        (403, {"error": {"details": [{"reason": "SERVICE_DISABLED"}]}}),
        ServiceDisabled,
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_failure_of_the_projects_calls_is_raised_and_never_read_as_done(
    scene, link, subscribe, broken
):
    subscribe("steps")
    answer, kind = BROKEN[broken]
    scene.broken["/subscribers"] = answer
    for call in (
        lambda: sent(scene, link),
        lambda: scene.notifications().subscribe(link, url=scene.hook, kind="weight"),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert CANARY not in str(caught.value)
    if broken != "HTTP 404":
        # Without a subscriber there is nothing to be ended.
        with pytest.raises(VendorError):
            scene.ours.unsubscribe(link, url=scene.hook, kind="steps")
    assert scene.subscribed() == [{"steps"}]


def test_nobody_there_is_no_answer(scene, link):
    gone = scene.notifications(api_url="http://127.0.0.1:9", timeout_seconds=1)
    gone._users[link.account] = scene.user()
    with pytest.raises(VendorDown):
        gone.subscribe(link, url=scene.hook, kind="steps")


def test_an_operation_that_ended_in_an_error_is_a_refusal(scene, subscribe):
    scene.broken["POST /v4/projects"] = (200, {"done": True, "error": {"message": CANARY}})
    with pytest.raises(VendorRejected) as caught:
        subscribe("steps")
    assert CANARY not in str(caught.value)


def test_an_operation_that_has_not_ended_is_not_done(scene, subscribe):
    scene.broken["POST /v4/projects"] = (200, {"name": "operations/1"})
    with pytest.raises(VendorDown):
        subscribe("steps")


def test_paging_that_leads_round_is_malformed(scene, link):
    scene.broken["/subscribers"] = (200, {"subscribers": [], "nextPageToken": "again"})
    with pytest.raises(Malformed):
        sent(scene, link)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_service_account_is_no_lost_link(scene, link, status):
    """A patient who linked again could not mend it."""
    scopes = {"error": {"details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}
    scene.broken["/subscribers"] = (status, scopes)
    with pytest.raises(VendorRejected) as caught:
        sent(scene, link)
    assert caught.value.status == status
    assert caught.value.detail == "service_account_refused"
    assert not isinstance(caught.value, NotConsented)


def test_a_token_that_google_no_longer_takes_is_replaced_once(scene, link):
    sent(scene, link)
    scene.clock.advance(service_accounts.TOKEN_SECONDS + 1)
    scene.counted()
    sent(scene, link)

    calls = scene.counted()
    assert (calls["POST token"], calls["GET subscribers"]) == (1, 2)


def test_credentials_that_the_machine_keeps_do_not_take_the_tokens_place(
    scene, link, tmp_path, monkeypatch
):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    assert sent(scene, link) == frozenset()


def test_every_call_of_the_project_spends_the_budget(scene, link):
    spent = []

    class Counted(Unlimited):
        def spend(self, *, account=None):
            spent.append(account)

    ours = scene.notifications(budget=Counted())
    ours.subscriptions(link, url=scene.hook)
    ours.subscribe(link, url=scene.hook, kind="steps")

    of_project = [path for _, path in scene.asked if path.startswith("/v4/projects")]
    # Nobody's in particular, and each of them before it was made.
    assert spent == [None] * len(of_project)
    assert len(spent) == 6
