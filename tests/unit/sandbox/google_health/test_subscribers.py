"""Subscribers: who may manage them, what they must be, and the challenge to their address."""

import re

import pytest

from tests.unit.sandbox.google_health.notifying_parts import (
    HEALTH,
    SECRET,
    URI,
    config,
    payload,
    refusal,
)


def names(cloud):
    return [one["name"] for one in cloud.call("GET").json.get("subscribers", [])]


def test_a_subscriber_is_made_by_an_operation_that_is_done_and_shows_no_secret(cloud):
    answer = cloud.call("POST", "?subscriberId=sub-1", json=payload())

    assert answer.status_code == 200
    assert answer.json["done"] is True
    assert "operations/" in answer.json["name"]
    made = dict(answer.json["response"])
    assert made.pop("@type").endswith(".Subscriber")
    assert made == {
        "name": f"projects/{cloud.notifying.subscribers.all()[0].name.split('/')[1]}/subscribers/sub-1",
        "endpointUri": URI,
        "subscriberConfigs": [config("steps", "weight")],
        "endpointAuthorization": {"secretSet": True},
        "state": "ACTIVE",
        "createTime": "2026-11-21T12:00:00.000Z",
        "updateTime": "2026-11-21T12:00:00.000Z",
    }
    assert cloud.call("GET").json == {"subscribers": [made], "totalSize": 1}
    assert SECRET.split()[1] not in answer.text + cloud.call("GET").text


def test_without_an_id_the_vendor_gives_one(cloud):
    made = cloud.call("POST", json=payload()).json["response"]
    assert re.fullmatch(r"projects/\d+/subscribers/[0-9a-f-]{36}", made["name"])


@pytest.mark.parametrize("number", ["abcd", "a" * 36, "sub-1", "a--b"])
def test_an_id_has_4_to_36_letters_digits_and_dashes(cloud, number):
    assert cloud.subscriber(number=number)["name"].endswith(f"/{number}")


@pytest.mark.parametrize("number", ["abc", "a" * 37, "1abc", "Abcd", "abc-", "ab_cd", "a.bcd", ""])
def test_another_id_is_refused_before_the_address_is_asked(cloud, number):
    answer = cloud.call("POST", f"?subscriberId={number}", json=payload())
    assert refusal(answer) == (400, "INVALID_ARGUMENT")
    assert cloud.endpoint.asked == []


def test_an_id_that_is_taken_is_refused_and_the_first_stays(cloud):
    cloud.subscriber()
    again = payload(config("sleep")) | {"endpointUri": URI + "/2"}
    answer = cloud.call("POST", "?subscriberId=sub-1", json=again)

    assert refusal(answer) == (409, "ALREADY_EXISTS")
    [kept] = cloud.call("GET").json["subscribers"]
    assert kept["endpointUri"] == URI


def test_an_address_is_asked_twice_with_the_secret_and_without(cloud):
    cloud.subscriber()
    assert cloud.endpoint.asked == [(URI, SECRET), (URI, None)]


@pytest.mark.parametrize("with_secret", [200, 201])
@pytest.mark.parametrize("without", [401, 403])
def test_an_address_that_knows_its_secret_is_taken(cloud, with_secret, without):
    cloud.endpoint.with_secret, cloud.endpoint.without = with_secret, without
    assert cloud.subscriber()["state"] == "ACTIVE"


@pytest.mark.parametrize(
    ("with_secret", "without"),
    [(204, 401), (0, 401), (302, 401), (500, 401), (401, 401), (201, 200), (201, 0), (201, 404)],
)
def test_an_address_that_does_not_prove_itself_is_no_subscriber(cloud, with_secret, without):
    cloud.endpoint.with_secret, cloud.endpoint.without = with_secret, without
    answer = cloud.call("POST", "?subscriberId=sub-1", json=payload())

    assert refusal(answer) == (400, "FAILED_PRECONDITION")
    assert names(cloud) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpointUri": "http://portal.example/w"},
        {"endpointUri": "portal.example"},
        {"endpointUri": None},
        {"endpointUri": "https://[::1"},
        {"endpointAuthorization": None},
        {"endpointAuthorization": {"secret": ""}},
        {"endpointAuthorization": {"secret": "without-a-scheme"}},
        {"subscriberConfigs": {}},
        {"subscriberConfigs": [config("blood-pressure")]},
        {"subscriberConfigs": [config("oxygen-saturation")]},
        {"subscriberConfigs": [config("body_fat")]},
        {"subscriberConfigs": [config()]},
        {"subscriberConfigs": [config("steps", policy="SOMETIMES")]},
        {"subscriberConfigs": [config("steps"), config("steps", policy="MANUAL")]},
    ],
    ids=str,
)
def test_a_subscriber_against_the_rules_is_refused(cloud, wrong):
    answer = cloud.call("POST", "?subscriberId=sub-1", json=payload() | wrong)
    assert refusal(answer) == (400, "INVALID_ARGUMENT")
    assert cloud.endpoint.asked == []


def test_what_is_no_json_object_is_refused(cloud):
    answer = cloud.call("POST", "?subscriberId=sub-1", data="[]")
    assert refusal(answer) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8400/w", "https://portal.example:8443/w"])
def test_this_machine_may_be_told_over_http_and_others_on_any_port(cloud, uri):
    assert cloud.subscriber(endpointUri=uri)["endpointUri"] == uri


# Changes


@pytest.mark.parametrize(
    "mask", ["?updateMask=subscriberConfigs", "?updateMask=subscriber_configs", ""]
)
def test_configurations_are_replaced_whole_and_the_address_is_not_asked_again(cloud, mask):
    cloud.subscriber(config("steps"), config("sleep", policy="MANUAL"))
    cloud.clock.advance(60)
    body = {"subscriberConfigs": [config("weight")]}
    answer = cloud.call("PATCH", f"/sub-1{mask}", json=body)

    changed = answer.json["response"]
    assert answer.json["done"] is True
    assert changed["subscriberConfigs"] == [config("weight")]
    assert changed["endpointUri"] == URI
    assert (changed["createTime"], changed["updateTime"]) == (
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T12:01:00.000Z",
    )
    assert len(cloud.endpoint.asked) == 2


def test_another_address_or_secret_is_put_to_the_challenge(cloud):
    cloud.subscriber()
    moved = URI + "/2"
    cloud.call("PATCH", "/sub-1?updateMask=endpointUri", json={"endpointUri": moved})
    secret = {"endpointAuthorization": {"secret": "Bearer " + "another"}}
    cloud.call("PATCH", "/sub-1?updateMask=endpointAuthorization", json=secret)

    assert cloud.endpoint.asked[2:] == [
        (moved, SECRET),
        (moved, None),
        (moved, "Bearer " + "another"),
        (moved, None),
    ]


def test_a_change_that_fails_the_challenge_is_not_made(cloud):
    cloud.subscriber()
    cloud.endpoint.without = 200
    answer = cloud.call("PATCH", "/sub-1?updateMask=endpointUri", json={"endpointUri": URI + "/2"})

    assert refusal(answer) == (400, "FAILED_PRECONDITION")
    assert cloud.call("GET").json["subscribers"][0]["endpointUri"] == URI


def test_only_what_the_mask_names_is_changed(cloud):
    cloud.subscriber()
    body = {"endpointUri": URI + "/2", "subscriberConfigs": [config("sleep")]}
    changed = cloud.call("PATCH", "/sub-1?updateMask=subscriberConfigs", json=body)

    assert changed.json["response"]["endpointUri"] == URI
    wrong = cloud.call("PATCH", "/sub-1?updateMask=state", json={"state": "INACTIVE"})
    assert refusal(wrong) == (400, "INVALID_ARGUMENT")


def test_a_subscriber_is_deleted_once(cloud):
    cloud.subscriber()
    answer = cloud.call("DELETE", "/sub-1")

    assert answer.json["done"] is True
    assert names(cloud) == []
    assert refusal(cloud.call("DELETE", "/sub-1")) == (404, "NOT_FOUND")
    assert refusal(cloud.call("PATCH", "/sub-1", json={})) == (404, "NOT_FOUND")


def test_subscriptions_go_with_their_subscriber_only_by_force(cloud):
    cloud.subscriber(config("sleep", policy="MANUAL"))
    cloud.subscribe("first", cloud.user())

    assert refusal(cloud.call("DELETE", "/sub-1")) == (400, "FAILED_PRECONDITION")
    assert len(names(cloud)) == 1
    assert cloud.call("DELETE", "/sub-1?force=true").status_code == 200
    cloud.subscriber(config("sleep", policy="MANUAL"))
    assert cloud.call("GET", "/sub-1/subscriptions").json == {}


def test_lists_come_in_pages_whose_token_fits_its_own_question(cloud):
    for number in ("sub-a", "sub-b", "sub-c"):
        cloud.subscriber(number=number)
    first = cloud.call("GET", "?pageSize=2").json
    token = first["nextPageToken"]
    second = cloud.call("GET", f"?pageSize=2&pageToken={token}").json

    found = [one["name"].split("/")[-1] for one in first["subscribers"] + second["subscribers"]]
    assert found == ["sub-a", "sub-b", "sub-c"]
    assert "nextPageToken" not in second
    for wrong in (f"?pageSize=1&pageToken={token}", "?pageToken=made-up"):
        assert refusal(cloud.call("GET", wrong)) == (400, "INVALID_ARGUMENT")


# Who may


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ""), ("GET", ""), ("PATCH", "/sub-1"), ("DELETE", "/sub-1"),
        ("POST", "/sub-1/subscriptions"), ("GET", "/sub-1/subscriptions"),
        ("PATCH", "/sub-1/subscriptions/one1"), ("DELETE", "/sub-1/subscriptions/one1"),
    ],
)  # fmt: skip
def test_every_call_wants_the_projects_own_token(cloud, method, path):
    url = f"/v4/projects/{cloud.file['project_id']}/subscribers{path}"
    assert refusal(cloud.client.open(url, method=method)) == (401, "UNAUTHENTICATED")
    assert refusal(cloud.call(method, path, token="made-up")) == (401, "UNAUTHENTICATED")
    users, narrow = cloud.consent(0, HEALTH), cloud.own_token(HEALTH)
    for token in (users, narrow):
        answer = cloud.call(method, path, token=token)
        assert refusal(answer) == (403, "PERMISSION_DENIED")
        reason = answer.json["error"]["details"][0]["reason"]
        assert reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_a_project_is_named_by_id_or_number_and_no_other_can_be_managed(cloud):
    cloud.subscriber()
    number = names(cloud)[0].split("/")[1]
    assert number.isdigit()
    assert cloud.call("GET", project=number).json["totalSize"] == 1
    assert refusal(cloud.call("GET", project="another")) == (403, "PERMISSION_DENIED")


def test_a_token_ends_after_an_hour(cloud):
    cloud.subscriber()
    cloud.clock.advance(3_600)
    assert refusal(cloud.call("GET")) == (401, "UNAUTHENTICATED")


def test_a_refused_assertion_is_answered_as_oauth_does(cloud):
    answer = cloud.client.post("/service-account/token", data={"grant_type": "password"})
    assert answer.status_code == 400
    assert answer.json["error"] == "unsupported_grant_type"
