"""Notifications: who is told of what, how it is said, signed and sent, and when it is sent again."""

import base64
import json
from datetime import date

import pytest

from sandbox.google_health.notices import Event, Span, of_point, span_of_days
from sandbox.google_health.points import FITBIT, PASSIVE, Point, Source
from tests.unit.sandbox.google_health.notifying_parts import (
    ACTIVITY,
    HEALTH,
    NOON,
    SECRET,
    SLEEP,
    URI,
    config,
)
from tests.unit.sandbox.google_health.tink import is_signed

HOUR, WEEK = 3_600, 7 * 86_400


def tell(cloud, *types, person=0, **more):
    """Tell of something; gives how many notifications that makes."""
    return cloud.notifying.deliveries.tell(
        [Event(person=cloud.people[person], type=one, **more) for one in types]
    )


def told_types(cloud):
    return [(one["operation"], one["dataType"]) for one in cloud.endpoint.said]


def states(cloud):
    return [one.as_json()["state"] for one in cloud.notifying.deliveries.all()]


def keyset(cloud):
    return cloud.client.get("/webhooks/webhooks_public_keyset.json").json


def test_a_notification_says_whose_what_and_when_in_three_spellings(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    # Stockholm, 2026-11-20 08:00 to 08:15.
    start = NOON * 1_000 - 29 * HOUR * 1_000
    span = Span(start=start, end=start + 900_000, offset=3_600, end_offset=3_600)
    assert tell(cloud, "steps", span=span) == 1
    assert cloud.deliver() == 1

    [(uri, body, headers)] = cloud.endpoint.got
    assert (uri, headers["Authorization"]) == (URI, SECRET)
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "data": {
            "version": "1",
            "clientProvidedSubscriptionName": "sub-1",
            "healthUserId": cloud.user(),
            "operation": "UPSERT",
            "dataType": "steps",
            "intervals": [
                {
                    "physicalTimeInterval": {
                        "startTime": "2026-11-20T07:00:00Z",
                        "endTime": "2026-11-20T07:15:00Z",
                    },
                    "civilDateTimeInterval": {
                        "startDateTime": {
                            "date": {"year": 2026, "month": 11, "day": 20},
                            "time": {"hours": 8},
                        },
                        "endDateTime": {
                            "date": {"year": 2026, "month": 11, "day": 20},
                            "time": {"hours": 8, "minutes": 15},
                        },
                    },
                    "civilIso8601TimeInterval": {
                        "startTime": "2026-11-20T08:00:00",
                        "endTime": "2026-11-20T08:15:00",
                    },
                }
            ],
        }
    }


def test_the_very_bytes_that_are_sent_are_signed(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY, HEALTH)
    tell(cloud, "steps", "weight")
    tell(cloud, "steps")
    cloud.deliver()

    for _, body, headers in cloud.endpoint.got:
        assert is_signed(headers["GOOGLE-HEALTH-API-SIGNATURE"], body, keyset(cloud))
        assert not is_signed(headers["GOOGLE-HEALTH-API-SIGNATURE"], body[:-1], keyset(cloud))


def test_several_notifications_come_in_one_body_as_a_list(cloud):
    cloud.subscriber(config("steps", "weight", "sleep"))
    cloud.consent(0, ACTIVITY, HEALTH, SLEEP)
    assert tell(cloud, "steps", "weight", "sleep") == 3
    assert cloud.deliver() == 1

    [(_, body, _)] = cloud.endpoint.got
    assert [one["data"]["dataType"] for one in json.loads(body)] == ["steps", "weight", "sleep"]


def test_more_than_a_body_holds_comes_in_several(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    assert tell(cloud, *["steps"] * 25) == 25
    assert cloud.deliver() == 3
    assert len(cloud.endpoint.said) == 25


# Who is told of what


def test_only_what_a_person_consented_to_is_told(cloud):
    cloud.subscriber(config("steps", "weight", "sleep"))
    cloud.consent(0, SLEEP)
    assert tell(cloud, "steps", "weight", "sleep") == 1
    assert tell(cloud, "sleep", person=1) == 0
    cloud.deliver()
    assert told_types(cloud) == [("UPSERT", "sleep")]


def test_only_what_a_subscriber_is_configured_for_is_told(cloud):
    cloud.subscriber(config("steps"))
    cloud.consent(0, ACTIVITY, HEALTH)
    assert tell(cloud, "steps", "floors", "weight", "oxygen-saturation") == 1


def test_every_subscriber_is_told_by_itself(cloud):
    cloud.subscriber(number="sub-1")
    cloud.subscriber(number="sub-2", endpointUri=URI + "/2")
    cloud.consent(0, ACTIVITY)
    assert tell(cloud, "steps") == 2
    cloud.deliver()
    assert [uri for uri, _, _ in cloud.endpoint.got] == [URI, URI + "/2"]


def test_manual_types_are_told_to_subscriptions_under_their_name(cloud):
    cloud.subscriber(config("sleep", "weight", policy="MANUAL"), config("steps"))
    for person in (0, 1):
        cloud.consent(person, SLEEP, HEALTH, ACTIVITY)
    cloud.subscribe("mine-1", cloud.user(), "sleep")
    assert tell(cloud, "sleep", "weight", "steps") == 2
    assert tell(cloud, "sleep", "weight", "steps", person=1) == 1
    cloud.deliver()

    names = [
        (one["dataType"], one["clientProvidedSubscriptionName"], one["healthUserId"])
        for one in cloud.endpoint.said
    ]
    assert names == [
        ("sleep", "mine-1", cloud.user()),
        ("steps", "sub-1", cloud.user()),
        ("steps", "sub-1", cloud.user(1)),
    ]


def test_a_subscription_that_is_deleted_is_told_nothing(cloud):
    cloud.subscriber(config("sleep", policy="MANUAL"))
    cloud.consent(0, SLEEP)
    cloud.subscribe("mine-1", cloud.user(), "sleep")
    cloud.call("DELETE", "/sub-1/subscriptions/mine-1")
    assert tell(cloud, "sleep") == 0


def test_a_subscriber_that_is_switched_off_is_told_nothing_until_it_is_on_again(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    cloud.notifying.subscribers.set_state("sub-1", "INACTIVE")
    assert cloud.call("GET").json["subscribers"][0]["state"] == "INACTIVE"
    assert tell(cloud, "steps") == 0
    cloud.notifying.subscribers.set_state("sub-1", "ACTIVE")
    assert tell(cloud, "steps") == 1


# The end of a consent


@pytest.mark.parametrize("way", ["account page", "revoke call"])
def test_the_end_of_a_consent_is_told_for_each_type_it_covered_and_then_nothing(cloud, way):
    cloud.subscriber(config("steps", "floors", "weight", "sleep"))
    access = cloud.consent(0, ACTIVITY, SLEEP)
    cloud.consent(1, HEALTH)
    if way == "account page":
        cloud.tokens.remove_consent(cloud.people[0])
    else:
        cloud.tokens.revoke(access)
    cloud.deliver()

    said = cloud.endpoint.said
    assert {one["dataType"] for one in said} == {"steps", "floors", "sleep"}
    assert {one["operation"] for one in said} == {"DELETE"}
    assert {one["healthUserId"] for one in said} == {cloud.user()}
    assert tell(cloud, "steps") == 0
    cloud.tokens.remove_consent(cloud.people[0])
    assert len(cloud.notifying.deliveries.all()) == 1


# Sent again


@pytest.mark.parametrize("status", [0, 200, 201, 302, 401, 500])
def test_only_204_ends_a_notification(cloud, status):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    tell(cloud, "steps")
    cloud.endpoint.status = status
    cloud.deliver()
    assert states(cloud) == ["waiting"]
    cloud.endpoint.status = 204
    assert cloud.deliver(later=1) == 1
    assert states(cloud) == ["delivered"]
    assert cloud.deliver(later=WEEK) == 0
    # The same bytes came twice.
    assert cloud.endpoint.got[0][1] == cloud.endpoint.got[1][1]


def test_pauses_grow_to_an_hour_and_end_after_seven_days(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    tell(cloud, "steps")
    cloud.endpoint.status = 503
    assert cloud.deliver() == 1
    for pause in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, HOUR, HOUR):
        assert cloud.deliver(later=pause - 0.5) == 0
        assert cloud.deliver(later=0.5) == 1
    while states(cloud) == ["waiting"]:
        cloud.deliver(later=HOUR)
    assert states(cloud) == ["given_up"]
    tried = cloud.notifying.deliveries.all()[0].tried_at
    assert WEEK - HOUR <= tried[-1] - NOON <= WEEK
    assert cloud.deliver(later=WEEK) == 0


def test_what_is_sent_again_goes_where_the_subscriber_is_then_and_by_the_key_of_then(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    tell(cloud, "steps")
    cloud.endpoint.status = 500
    cloud.deliver()
    number = cloud.notifying.keyset.rotate()
    cloud.call("PATCH", "/sub-1?updateMask=endpointUri", json={"endpointUri": URI + "/2"})
    cloud.deliver(later=1)

    uri, body, headers = cloud.endpoint.got[1]
    assert uri == URI + "/2"
    signature = headers["GOOGLE-HEALTH-API-SIGNATURE"]
    assert int.from_bytes(base64.b64decode(signature)[1:5], "big") == number
    assert is_signed(signature, body, keyset(cloud))


def test_for_a_subscriber_that_is_gone_nothing_is_sent_any_more(cloud):
    cloud.subscriber()
    cloud.consent(0, ACTIVITY)
    tell(cloud, "steps")
    cloud.call("DELETE", "/sub-1")
    cloud.deliver()
    assert (cloud.endpoint.got, states(cloud)) == ([], ["given_up"])


# Events of points


def point(kind, **changes):
    at = NOON * 1_000 + 500
    given = {
        "type": kind,
        "id": "7711",
        "start": at,
        "end": at,
        "offset": 3_600,
        "end_offset": 3_600,
        "day": date(2026, 11, 21),
        "value": {"weightGrams": 71_350},
        "source": Source(platform=FITBIT, method=PASSIVE),
        "created": NOON,
        "updated": NOON,
    }
    return Point(**given | changes)


def said_of(cloud, *arguments):
    return of_point(cloud.people[0], *arguments).as_json("name")["data"]


def test_a_sample_is_an_instant_and_says_nothing_of_its_value(cloud):
    said = said_of(cloud, point("weight"))

    [interval] = said["intervals"]
    assert interval["physicalTimeInterval"] == dict.fromkeys(
        ("startTime", "endTime"), "2026-11-21T12:00:00.500Z"
    )
    assert "recordId" not in said
    assert "71350" not in json.dumps(said)


def test_a_deleted_point_is_named(cloud):
    said = said_of(cloud, point("weight"), "DELETE")
    assert (said["operation"], said["recordId"]) == ("DELETE", "7711")


def test_a_daily_value_is_told_with_its_whole_civil_day(cloud):
    [interval] = said_of(cloud, point("daily-resting-heart-rate"))["intervals"]
    assert interval["physicalTimeInterval"] == {
        "startTime": "2026-11-20T23:00:00Z",
        "endTime": "2026-11-21T23:00:00Z",
    }
    assert interval["civilIso8601TimeInterval"] == {
        "startTime": "2026-11-21T00:00:00",
        "endTime": "2026-11-22T00:00:00",
    }


def test_days_across_a_clock_change_have_another_offset_at_their_end(cloud):
    # In Stockholm summer time ended on 2026-10-25.
    span = span_of_days(cloud.people[0], date(2026, 10, 25), date(2026, 10, 25))
    assert (span.offset, span.end_offset) == (7_200, 3_600)
    assert span.end - span.start == 25 * HOUR * 1_000
