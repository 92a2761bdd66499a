"""Subscriptions of single users: made for MANUAL types, found by a filter, changed, deleted."""

import re

import pytest

from tests.unit.sandbox.google_health.notifying_parts import config, refusal

MANUAL = config("sleep", "weight", policy="MANUAL")


@pytest.fixture(autouse=True)
def subscriber(cloud):
    return cloud.subscriber(MANUAL, config("steps"))


def ids(answer):
    return [one["name"].rpartition("/")[2] for one in answer.json.get("subscriptions", [])]


def listed(cloud, text):
    return cloud.call("GET", "/sub-1/subscriptions", query_string={"filter": text})


@pytest.mark.parametrize("spelling", ["sleep", "users/{user}/dataTypes/sleep"])
def test_a_subscription_names_its_user_and_their_data_types(cloud, subscriber, spelling):
    user = cloud.user()
    answer = cloud.subscribe("mine-1", user, spelling.format(user=user))

    assert answer.status_code == 200
    assert answer.json == {
        "name": f"{subscriber['name']}/subscriptions/mine-1",
        "user": f"users/{user}",
        "dataTypes": [f"users/{user}/dataTypes/sleep"],
    }


def test_without_data_types_it_is_about_all_that_are_manual(cloud):
    user = cloud.user()
    assert cloud.subscribe("mine-1", user).json["dataTypes"] == [
        f"users/{user}/dataTypes/sleep",
        f"users/{user}/dataTypes/weight",
    ]


def test_without_an_id_the_vendor_gives_one_and_an_id_is_taken_once(cloud):
    body = {"user": f"users/{cloud.user()}"}
    made = cloud.call("POST", "/sub-1/subscriptions", json=body)
    assert re.search(r"/subscriptions/[0-9a-f-]{36}$", made.json["name"])

    cloud.subscribe("mine-1", cloud.user(), "sleep")
    assert refusal(cloud.subscribe("mine-1", cloud.user(1))) == (409, "ALREADY_EXISTS")
    assert refusal(cloud.subscribe("no", cloud.user())) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["steps"], (400, "INVALID_ARGUMENT")),
        (["height"], (400, "INVALID_ARGUMENT")),
        (["users/1/dataTypes/sleep"], (400, "INVALID_ARGUMENT")),
        ([7], (400, "INVALID_ARGUMENT")),
    ],
)
def test_a_type_that_is_not_manual_there_cannot_be_subscribed(cloud, types, expected):
    assert refusal(cloud.subscribe("mine-1", cloud.user(), *types)) == expected


def test_a_user_must_be_one(cloud):
    assert refusal(cloud.subscribe("mine-1", "12345678901234567")) == (404, "NOT_FOUND")
    for wrong in (None, "me", "users/", "people/1"):
        answer = cloud.call("POST", "/sub-1/subscriptions", json={"user": wrong})
        assert refusal(answer) == (400, "INVALID_ARGUMENT")


def test_of_a_subscriber_that_is_none_nothing_is_subscribed(cloud):
    answer = cloud.subscribe("mine-1", cloud.user(), subscriber="sub-2")
    assert refusal(answer) == (404, "NOT_FOUND")


def test_a_filter_finds_by_user_and_by_type(cloud):
    first, second = f"users/{cloud.user()}", f"users/{cloud.user(1)}"
    cloud.subscribe("first-sleep", cloud.user(), "sleep")
    cloud.subscribe("first-weight", cloud.user(), "weight")
    cloud.subscribe("second-all", cloud.user(1))

    found = {
        "": ["first-sleep", "first-weight", "second-all"],
        f'user = "{first}"': ["first-sleep", "first-weight"],
        f'user="{second}"': ["second-all"],
        'data_type = "sleep"': ["first-sleep", "second-all"],
        f'user = "{first}" AND data_type = "sleep"': ["first-sleep"],
        f'user = "{first}" OR user = "{second}" AND data_type = "height"': [
            "first-sleep",
            "first-weight",
        ],
        f'user = "{first}" AND (data_type = "sleep" OR data_type = "weight")': [
            "first-sleep",
            "first-weight",
        ],
        'user = "users/1"': [],
    }
    assert {text: ids(listed(cloud, text)) for text in found} == found
    assert listed(cloud, 'user = "users/1"').json == {}


@pytest.mark.parametrize(
    "text",
    [
        'name = "x"', "user = users/1", 'user > "x"', 'user = "x" AND', '(user = "x"', 'user = "x")',
        'user = "x" user = "y"', "user", "#",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(cloud, text):
    assert refusal(listed(cloud, text)) == (400, "INVALID_ARGUMENT")


def test_types_of_a_subscription_can_be_changed_its_user_cannot(cloud):
    user = cloud.user()
    cloud.subscribe("mine-1", user, "sleep")
    path = "/sub-1/subscriptions/mine-1"
    changed = cloud.call("PATCH", f"{path}?updateMask=dataTypes", json={"dataTypes": ["weight"]})

    assert changed.json["dataTypes"] == [f"users/{user}/dataTypes/weight"]
    assert ids(listed(cloud, 'data_type = "sleep"')) == []
    other = {"user": f"users/{cloud.user(1)}"}
    assert refusal(cloud.call("PATCH", path, json=other)) == (400, "INVALID_ARGUMENT")
    wrong = cloud.call("PATCH", path, json={"dataTypes": ["steps"]})
    assert refusal(wrong) == (400, "INVALID_ARGUMENT")


def test_a_subscription_is_deleted_once(cloud):
    cloud.subscribe("mine-1", cloud.user(), "sleep")
    path = "/sub-1/subscriptions/mine-1"
    gone = cloud.call("DELETE", path)

    assert (gone.status_code, gone.json) == (200, {})
    assert refusal(cloud.call("DELETE", path)) == (404, "NOT_FOUND")
    assert refusal(cloud.call("PATCH", path, json={})) == (404, "NOT_FOUND")
