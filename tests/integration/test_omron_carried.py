"""Everything that OMRON has, carried: the independent reader finds no difference, a rerun writes nothing."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import Delivery
from ohx_pipelines.providers.omron import OmronProvider
from tests.integration.linked_at_sandbox import CALLBACK, sandbox_with_everything, save_link
from tests.integration.omron_at_sandbox import OmronCarried, omron_grant, omron_settings

PEOPLE = 7
# What follows a person's past must see all of it.
FOLLOWED = PEOPLE - 1
# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 3)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
GREEN = {Outcome.SYNCED, Outcome.NO_DATA}
PAGINGS = ("key", "nested_key", "since")


@pytest.fixture(scope="module")
def everything():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        sandbox.post("omron/settings", rate_limit=1_000_000, refresh_redirect=True)
        yield sandbox


@pytest.fixture
def carried(store, everything):
    opened = OmronCarried(store, everything)
    yield opened
    opened.close()
    everything.post("omron/settings", paging="key", rotate=True, page_size=100, leave_out=[])
    everything.post("faults/clear")


def synced(carried, link, days=DAYS):
    return list(carried.sync.run(link, days, run_id="run-1"))


def truth(sandbox, person):
    query = {"login": person["login"], "from": FIRST, "to": LAST}
    return requests.get(f"{sandbox.control}/omron/rows", params=query, timeout=30).json()


def reasons(results):
    return sum((Counter(one.reasons) for one in results), Counter())


def judged(sandbox, person, first=FIRST, last=LAST, **asked):
    return sandbox.differences(first, last, person["login"], vendor="omron", **asked)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(FOLLOWED))
def test_all_that_a_person_has_stands_in_the_ehr_once_and_right(carried, everything, number):
    person, paging = everything.people[number], PAGINGS[number % len(PAGINGS)]
    # Small enough that every listing has several pages.
    everything.post("omron/settings", paging=paging, page_size=15, rotate=number % 2 == 0)
    link = carried.link_whole(person)

    results = synced(carried, link)

    assert {one.outcome for one in results} <= GREEN, [
        (one.day, one.outcome, one.error, one.reasons) for one in results
    ]
    report = judged(everything, person)
    assert report["differences"] == 0, report
    assert report["compared"] == sum(one.counts.observations for one in results) > 100

    again = synced(carried, link)

    assert sum(one.counts.created + one.counts.updated for one in again) == 0
    assert sum(one.counts.retracted for one in again) == 0


@pytest.mark.slow
def test_edits_deletions_and_late_uploads_are_followed(carried, everything):
    person = everything.people[FOLLOWED]
    link = carried.link_whole(person)
    synced(carried, link)
    assert judged(everything, person, follow=1)["differences"] == 0
    order = {"logins": [person["login"]], "first": str(FIRST), "last": str(LAST), "seed": 5}
    everything.post("omron/seeded", **order, edits=6, deletions=4, late=4)

    results = synced(carried, link)

    assert {one.outcome for one in results} <= GREEN
    for count in ("created", "updated", "retracted"):
        assert sum(getattr(one.counts, count) for one in results) > 0, count
    report = judged(everything, person, follow=1)
    assert report["differences"] == 0, report


@pytest.mark.slow
def test_a_field_that_an_answer_lacks_costs_itself_and_is_counted(carried, everything):
    person = everything.people[2]
    link = carried.link_whole(person)
    whole = synced(carried, link)
    assert sum(one.counts.observations for one in whole) > 100
    walked = len(truth(everything, person)["activity"])
    everything.post("omron/settings", leave_out=["dateTime", "caloriesUnits", "bmiValue"])

    results = synced(carried, link)

    assert {one.outcome for one in results} <= GREEN
    changed = ("created", "updated", "retracted")
    assert {name: sum(getattr(one.counts, name) for one in results) for name in changed} == (
        dict.fromkeys(changed, 0)
    )
    # What is not told may be told again; energy without its unit is a number that nobody can read.
    assert reasons(results) - reasons(whole) == Counter({"unit_unknown": walked})
    assert walked == len(DAYS)
    everything.post("omron/settings", leave_out=[])
    assert judged(everything, person)["differences"] == 0


def test_a_status_under_http_200_is_no_day_without_readings(carried, everything):
    link = carried.link_whole(everything.people[3])
    everything.post("faults", target="omron", kind="status", status=9)

    results = synced(carried, link, DAYS[:3])

    assert {one.outcome for one in results} == {Outcome.VENDOR_REJECTED}


def test_a_permission_that_was_taken_away_at_omron_is_lost(carried, everything):
    person = everything.people[4]
    link = carried.link_whole(person)
    everything.post("omron/consent/remove", login=person["login"])

    assert {one.outcome for one in synced(carried, link, DAYS[:3])} == {Outcome.AUTH_LOST}
    assert carried.store.link_state(link) is LinkState.NEEDS_RELINK


def test_a_month_is_one_call_per_type_and_a_page_per_hundred_readings(carried, everything):
    link = carried.link_whole(everything.people[0])
    everything.post("calls/reset")
    today = datetime.now(UTC).date()
    month = [today - timedelta(days=n) for n in range(33, 2, -1)]

    synced(carried, link, month)

    made = everything.calls()["omron"]
    assert {*made} == {
        f"measurement:{one}"
        for one in ("bloodpressure", "activity", "weight", "temperature", "oxygen")
    }
    # The vendor knows no end: all readings since then are listed, three of a cuff a day.
    days = (today - month[0]).days + 2
    assert made.pop("measurement:bloodpressure") <= days * 3 // 100 + 1, made
    assert {*made.values()} == {1}, made


def test_what_is_not_shared_is_not_asked_for(carried, everything):
    person = everything.people[5]
    grant = omron_grant(carried.provider, person["login"])
    link = save_link(
        carried.store, everything.addresses, person, grant, provider="omron", data_types=["body"]
    )
    everything.post("calls/reset")

    results = synced(carried, link.id, DAYS[:3])

    assert {one.outcome for one in results} <= GREEN
    assert {*everything.calls()["omron"]} == {"measurement:weight"}


def test_a_type_that_was_not_ticked_at_omron_is_told_and_costs_nothing_else(carried, everything):
    person = everything.people[5]
    scopes = ["bloodpressure", "openid", "offline_access"]
    grant = omron_grant(carried.provider, person["login"], scopes=scopes)
    link = save_link(
        carried.store,
        everything.addresses,
        person,
        grant,
        provider="omron",
        data_types=["blood_pressure", "body"],
    )

    results = synced(carried, link.id, DAYS[:3])

    assert sum(one.counts.observations for one in results) > 0
    # OMRON's answer names no scopes: that one is missing is learned when it is asked for.
    assert {one.outcome for one in results} == {Outcome.VENDOR_REJECTED}


def test_a_type_that_the_contract_holds_no_more_is_not_consented_and_others_are_carried(
    carried, everything
):
    link = carried.link_whole(everything.people[3])
    settings = omron_settings(everything.addresses, types="bloodpressure weight")
    narrowed = {"omron": OmronProvider(settings, return_address=CALLBACK)}

    results = list(replace(carried.sync, providers=narrowed).run(link, DAYS[:3], run_id="run-1"))

    assert {(one.outcome, one.error) for one in results} == {
        (Outcome.NOT_CONSENTED, "scope_missing")
    }
    assert sum(one.counts.observations for one in results) > 0
    assert sum(one.counts.retracted for one in results) == 0


def test_a_notification_is_answered_with_nothing_and_names_the_account(carried, everything):
    person = everything.people[0]
    linked = omron_grant(carried.provider, person["login"])
    # Nobody listens there: what was told is read from the sandbox's own note of it.
    everything.post("omron/settings", notify_url="http://127.0.0.1:9/unguessable")
    everything.post("omron/notify", login=person["login"], type="weight")
    everything.post("omron/settings", notify_url="")
    (told,) = requests.get(f"{everything.control}/omron/notifications", timeout=10).json()[
        "deliveries"
    ]

    received = carried.provider.receive(
        Delivery(headers={}, body=json.dumps(told["body"]).encode())
    )

    (hint,) = received.notifications
    assert (received.status, hint.user, hint.kind) == (200, linked.user, "upload")
    assert datetime.now(UTC) - hint.end < timedelta(minutes=5)
    assert hint.end - hint.start == timedelta(days=7)
