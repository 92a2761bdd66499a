"""The vendor's notifications: subscriptions, the question with HEAD, the ladder, the user's leaving."""

import pytest

from tests.unit.sandbox.test_withings_cloud import nonce, revoke
from tests.unit.sandbox.world_parts import NOON

URL = "https://portal.example/webhooks/withings/t0ken"
EVERY_SCOPE = "user.info,user.metrics,user.activity"


class Callback:
    """What stands at the address: answers with `status` and keeps what it was sent."""

    def __init__(self, sandbox):
        self.status, self.is_there, self.asked, self.got = 200, True, [], []
        sandbox.world.cloud.subscriptions._answers = self.answer_head
        sandbox.world.cloud.deliveries._post = self.answer_post

    def answer_head(self, url):
        self.asked.append(url)
        return self.is_there

    def answer_post(self, url, fields):
        self.got.append((url, dict(fields)))
        return self.status


@pytest.fixture
def callback(sandbox):
    return Callback(sandbox)


@pytest.fixture
def token(sandbox):
    return sandbox.tokens(scope=EVERY_SCOPE)["access_token"]


def notify(sandbox, token, action, **fields):
    return sandbox.call("/notify", action, token=token, **fields)


def subscribe(sandbox, token, appli=1, url=URL):
    answer = notify(sandbox, token, "subscribe", callbackurl=url, appli=appli)
    assert answer == {"status": 0, "body": {}}


def profiles(sandbox, token, **fields):
    answer = notify(sandbox, token, "list", **fields)
    assert answer["status"] == 0
    return [(one["appli"], one["callbackurl"]) for one in answer["body"]["profiles"]]


def deliver(sandbox, *, later=0):
    sandbox.clock.advance(later)
    return sandbox.world.cloud.deliveries.deliver_due()


def test_a_subscription_is_kept_once_and_listed_to_its_own_user_alone(sandbox, callback, token):
    other = sandbox.tokens(1, scope=EVERY_SCOPE)["access_token"]
    for _ in range(2):
        subscribe(sandbox, token)
    subscribe(sandbox, token, 4)

    assert sorted(profiles(sandbox, token)) == [(1, URL), (4, URL)]
    assert profiles(sandbox, token, appli=4) == [(4, URL)]
    assert profiles(sandbox, other) == []
    assert callback.asked == [URL] * 3
    assert notify(sandbox, token, "list")["body"]["profiles"][0]["expires"] == 2147483647


def test_one_subscription_can_be_asked_for_changed_and_revoked(sandbox, callback, token):
    subscribe(sandbox, token)
    named = {"callbackurl": URL, "appli": 1}
    shown = notify(sandbox, token, "get", **named)["body"]
    assert shown == {"appli": 1, "callbackurl": URL, "comment": ""}

    moved = URL + "2"
    changed = notify(
        sandbox, token, "update", **named, new_callbackurl=moved, new_appli=4, comment="c"
    )
    assert changed["status"] == 0
    assert profiles(sandbox, token) == [(4, moved)]
    assert notify(sandbox, token, "get", **named)["status"] != 0

    revoked = {"callbackurl": moved, "appli": 4}
    assert notify(sandbox, token, "revoke", **revoked) == {"status": 0, "body": {}}
    assert notify(sandbox, token, "revoke", **revoked)["status"] != 0
    assert profiles(sandbox, token) == []


def test_an_address_that_does_not_answer_is_not_subscribed(sandbox, callback, token):
    callback.is_there = False
    answer = notify(sandbox, token, "subscribe", callbackurl=URL, appli=1)

    assert answer["status"] == 293
    assert callback.asked == [URL]
    assert profiles(sandbox, token) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/w",
        "https://192.0.2.7/w",
        "https://[2001:db8::1]/w",
        "https://portal/w",
        "https://portal.example:8443/w",
        "https://portal.example:x/w",
        "ftp://portal.example/w",
        "https://portal.example/" + "w" * 233,
    ],
)
def test_an_address_against_the_rules_is_not_even_asked(sandbox, callback, token, url):
    answer = notify(sandbox, token, "subscribe", callbackurl=url, appli=1)

    assert answer["status"] == 293
    assert callback.asked == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8400/w", "https://portal.example:443/w"])
def test_this_machine_and_the_vendors_port_are_fine(sandbox, callback, token, url):
    subscribe(sandbox, token, url=url)
    assert profiles(sandbox, token) == [(1, url)]


@pytest.mark.parametrize(
    ("appli", "status"), [(16, 2553), (50, 2553), (46, 0), (99, 503), ("", 503)]
)
def test_an_event_wants_its_scope_and_must_be_known(sandbox, callback, appli, status):
    token = sandbox.tokens()["access_token"]
    answer = notify(sandbox, token, "subscribe", callbackurl=URL, appli=appli)
    assert answer["status"] == status


def test_without_a_good_token_nothing_is_subscribed(sandbox, callback):
    for action in ("subscribe", "get", "list", "revoke", "update"):
        answer = notify(sandbox, "made-up", action, callbackurl=URL, appli=1)
        assert answer["status"] == 401


def test_calls_of_notify_are_counted_under_names_of_their_own(sandbox, callback, token):
    subscribe(sandbox, token)
    profiles(sandbox, token)
    counted = sandbox.control.get("/calls").json["withings"]
    assert counted == {"requesttoken": 1, "notify_subscribe": 1, "notify_list": 1}

    sandbox.order("/faults", target="withings", kind="status", status=522, call="notify_list")
    assert notify(sandbox, token, "list")["status"] == 522


def test_a_revocation_by_the_application_ends_the_subscriptions_of_that_user_alone(
    sandbox, callback, token
):
    other = sandbox.tokens(1, scope=EVERY_SCOPE)["access_token"]
    subscribe(sandbox, token)
    subscribe(sandbox, other)
    revoke(sandbox, nonce(sandbox), sandbox.people[0].user_id)

    assert [
        one["login"] for one in sandbox.control.get("/notifications").json["subscriptions"]
    ] == [sandbox.people[1].login]


def test_an_order_is_sent_as_a_form_to_whom_subscribed_to_just_that(sandbox, callback, token):
    subscribe(sandbox, token)
    login, user = sandbox.people[0].login, str(sandbox.people[0].user_id)
    told = sandbox.order("/notify", login=login, appli=1, startdate=NOON, enddate=NOON + 1)
    other = sandbox.order("/notify", login=login, appli=4, startdate=NOON, enddate=NOON + 1)

    assert (told, other) == ({"told": 1}, {"told": 0})
    assert deliver(sandbox) == 1
    assert callback.got == [
        (URL, {"userid": user, "appli": "1", "startdate": str(NOON), "enddate": str(NOON + 1)})
    ]
    [delivery] = sandbox.control.get("/notifications").json["deliveries"]
    assert (delivery["state"], delivery["status"]) == ("delivered", 200)
    assert deliver(sandbox, later=86_400) == 0


def test_what_is_not_taken_is_sent_again_on_the_ladder_and_then_no_more(sandbox, callback, token):
    subscribe(sandbox, token, 44)
    sandbox.order("/notify", login=sandbox.people[0].login, appli=44, date="2026-11-21")
    callback.status = 500
    assert deliver(sandbox) == 1
    for pause in (10, 60, 3600, 4 * 3600):
        assert deliver(sandbox, later=pause - 1) == 0
        assert deliver(sandbox, later=1) == 1
    assert deliver(sandbox, later=86_400) == 0

    [delivery] = sandbox.control.get("/notifications").json["deliveries"]
    assert delivery["state"] == "given_up"
    assert delivery["fields"]["date"] == "2026-11-21"
    assert len(callback.got) == 5


@pytest.mark.parametrize("status", [0, 302, 404])
def test_only_a_2xx_is_an_answer(sandbox, callback, token, status):
    subscribe(sandbox, token)
    sandbox.order("/notify", login=sandbox.people[0].login, appli=1, startdate=1, enddate=2)
    callback.status = status
    deliver(sandbox)
    callback.status = 204
    assert deliver(sandbox, later=10) == 1
    assert deliver(sandbox, later=86_400) == 0


def test_a_user_who_removes_the_application_is_told_of_once_and_then_silent(
    sandbox, callback, token
):
    login, user = sandbox.people[0].login, str(sandbox.people[0].user_id)
    subscribe(sandbox, token, 46)
    subscribe(sandbox, token, 1)
    sandbox.order("/faults", target="withings", kind="revoke", login=login)
    deliver(sandbox)

    assert callback.got == [(URL, {"userid": user, "appli": "46", "action": "unlink"})]
    assert sandbox.order("/notify", login=login, appli=1, startdate=1, enddate=2) == {"told": 0}
    assert sandbox.measures(token)["status"] == 401


def test_a_changed_reading_is_told_by_itself(sandbox, callback, token):
    for appli in (1, 4):
        subscribe(sandbox, token, appli)
    login = sandbox.people[0].login
    sandbox.order("/readings/change", login=login, action="add", type=1, value=70, date=NOON - 60)
    deliver(sandbox)

    [(_, fields)] = callback.got
    assert fields["appli"] == "1"
    assert int(fields["startdate"]) <= NOON - 60 <= int(fields["enddate"])


def test_changes_by_seed_are_told_with_the_days_they_may_concern(sandbox, callback, token):
    subscribe(sandbox, token, 4)
    days = {"first": "2026-11-14", "last": "2026-11-20"}
    sandbox.order("/readings/seeded", logins=[sandbox.people[0].login], seed=1, edits=1, **days)
    deliver(sandbox)

    [(_, fields)] = callback.got
    assert int(fields["enddate"]) - int(fields["startdate"]) == 7 * 86_400


@pytest.mark.parametrize(
    "wrong", [{"appli": 3}, {"appli": 1, "login": "nobody"}, {"appli": 46, "action": "dance"}]
)
def test_an_order_that_makes_no_sense_is_refused(sandbox, wrong):
    order = {"login": sandbox.people[0].login} | wrong
    assert sandbox.control.post("/notify", json=order).status_code == 400
