"""Deliveries of Google's: believed with our secret and Google's signature, answered as it waits for."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ohx_pipelines.providers.base import Delivery
from sandbox.google_health.keyset import HEADER, Keyset
from sandbox.google_health.notices import DELETE, UPSERT, Event, span_of_days
from tests.unit.providers.google_health.notifying_scene import OWN, WORD, notifying_scene

VERIFICATION = b'{"type":"verification"}'
SIGNATURE = HEADER.lower()


@pytest.fixture
def scene(tmp_path):
    with notifying_scene(tmp_path) as running:
        yield running


@pytest.fixture
def event(scene):
    def give(data_type="steps", *, operation=UPSERT, first=20, last=20, **more):
        span = span_of_days(scene.people[0], date(2026, 11, first), date(2026, 11, last))
        return Event(
            person=scene.people[0], type=data_type, operation=operation, **({"span": span} | more)
        )

    return give


@pytest.fixture
def body(event):
    return json.dumps(event().as_json("name")).encode()


@pytest.fixture
def receive(scene):
    def give(body, *, word=f"Bearer {WORD}", signature=None, ours=None):
        signed = scene.google.keyset.sign(body) if signature is None else signature
        headers = {"authorization": word, SIGNATURE: signed}
        given = {name: value for name, value in headers.items() if value}
        return (ours or scene.ours).receive(Delivery(headers=given, body=body))

    return give


def test_a_signed_delivery_with_our_secret_is_believed(scene, receive, body):
    received = receive(body)

    assert received.status == 204
    (one,) = received.notifications
    assert (one.user, one.kind, one.day) == (scene.user(), "steps", date(2026, 11, 20))


WRONG = {
    "no secret": "",
    "another secret": f"Bearer {WORD[:-1]}x",
    "a part of it": f"Bearer {WORD[:-1]}",
    "more than it": f"Bearer {WORD}x",
    "the bare secret": WORD,
    "another scheme": f"Basic {WORD}",
    "in small letters": f"bearer {WORD}",
    "nothing but the scheme": "Bearer ",
    "signs that are no ASCII": "Bearer ü",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_without_our_secret_nothing_is_believed_and_no_key_is_asked_for(
    scene, receive, body, wrong
):
    for said in (body, VERIFICATION):
        received = receive(said, word=WRONG[wrong])
        assert (received.status, list(received.notifications)) == (401, [])
    assert scene.asked == []


def test_a_verification_with_the_secret_is_created_whether_signed_or_not(scene, receive):
    for signature in (None, "", "x"):
        received = receive(VERIFICATION, signature=signature)
        assert (received.status, list(received.notifications)) == (201, [])
    assert scene.asked == []


def test_the_secret_alone_is_not_enough(scene, receive, body):
    strange = Keyset()
    for signature in ("", "x", strange.sign(body), scene.google.keyset.sign(body + b" ")):
        received = receive(body, signature=signature or " ")
        assert (received.status, list(received.notifications)) == (401, [])


@pytest.mark.parametrize("status", [500, 404, 302])
def test_while_keys_cannot_be_had_google_is_asked_to_come_again(scene, receive, body, status):
    scene.broken["keyset"] = (status, {})
    received = receive(body)

    assert (received.status, list(received.notifications)) == (503, [])


def test_keys_that_cannot_be_read_are_no_keys(scene, receive, body):
    scene.broken["keyset"] = (200, {"key": []})
    assert receive(body).status == 503


def test_a_signed_body_that_says_nothing_to_us_is_taken(receive, event):
    for said in (
        b"",
        b"{}",
        b"[]",
        b"no json",
        json.dumps(event("activity-level").as_json("name")).encode(),
    ):
        received = receive(said)
        assert (received.status, list(received.notifications)) == (204, [])


def test_the_status_says_nothing_of_whoever_is_named(scene, receive, event):
    said = event().as_json("name")
    said["data"]["healthUserId"] = "99999999999999999"
    assert receive(json.dumps(said).encode()).status == 204


def test_a_deployment_that_wants_no_notifications_takes_none(scene, receive, body):
    without = scene.notifications(project=None, service_account_file=None, webhook_secret=None)

    for word in (f"Bearer {WORD}", "Bearer ", ""):
        for said in (body, VERIFICATION):
            assert receive(said, word=word, ours=without).status == 401


def test_what_google_sends_arrives_by_itself(scene, event):
    """Over HTTP: registered, told of several changes, each believed and answered once."""
    link = scene.link()
    for kind in ("steps", "sleep"):
        scene.ours.subscribe(link, url=scene.hook, kind=kind)
    scene.received.clear()
    told = scene.google.deliveries.tell([event(), event("sleep", first=19), event("weight")])
    scene.google.deliveries.deliver_due()

    assert told == 2
    assert [one.state for one in scene.google.deliveries.all()] == ["delivered"]
    ((_, received),) = scene.received
    assert [(one.kind, one.day, one.last_day) for one in received.notifications] == [
        ("steps", date(2026, 11, 20), date(2026, 11, 20)),
        ("sleep", date(2026, 11, 19), date(2026, 11, 20)),
    ]


def test_a_key_that_google_changed_to_is_met_by_a_new_process_and_the_old_one_counts_on(
    scene, receive, body
):
    old = scene.google.keyset.sign(body)
    assert receive(body).status == 204
    scene.google.keyset.rotate()
    fresh = scene.notifications()

    assert receive(body, ours=fresh).status == 204
    assert receive(body, signature=old, ours=fresh).status == 204


def test_what_could_not_be_checked_comes_again_and_is_taken_then(scene, event):
    link = scene.link()
    scene.ours.subscribe(link, url=scene.hook, kind="steps")
    scene.received.clear()
    scene.broken["keyset"] = (500, {})
    scene.google.deliveries.tell([event()])
    scene.google.deliveries.deliver_due()
    scene.broken.clear()
    scene.ours._keyset._failed_at = None
    scene.clock.advance(10)
    scene.google.deliveries.deliver_due()

    assert [received.status for _, received in scene.received] == [503, 204]
    assert scene.google.deliveries.all()[0].state == "delivered"


def test_the_end_of_a_consent_is_told_as_one_hint_for_each_type(scene):
    link = scene.link()
    for kind in ("steps", "weight"):
        scene.ours.subscribe(link, url=scene.hook, kind=kind)
    scene.received.clear()
    scene.tokens.remove_consent(scene.people[0])
    scene.google.deliveries.deliver_due()

    ended = [one for _, received in scene.received for one in received.notifications]
    assert {(one.kind, one.ended) for one in ended} == {("steps", True), ("weight", True)}


def test_a_deleted_reading_is_no_end(scene, receive, event):
    said = event("weight", operation=DELETE, record_id="7711203")
    (one,) = receive(json.dumps(said.as_json("name")).encode()).notifications

    assert (one.ended, one.day) == (False, date(2026, 11, 20))


def test_another_scheme_of_headers_is_understood(scene, body):
    headers = {
        "authorization": f"Bearer {WORD}",
        "x-healthapi-signature": scene.google.keyset.sign(body),
    }
    assert scene.ours.receive(Delivery(headers=headers, body=body)).status == 204


def test_the_subscriber_of_the_settings_is_the_one_that_is_made(scene):
    other = scene.notifications(subscriber="another-name")
    other.subscribe(scene.link(), url=scene.hook, kind="steps")

    assert scene.subscriber("another-name") is not None
    assert scene.subscriber(OWN) is None
