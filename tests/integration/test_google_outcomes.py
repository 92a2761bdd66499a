"""What can become of a Google Health account, and how each of it ends: consent, data, devices, zones."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests

from ohx_pipelines.errors import AccountWithoutData
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import Outcome
from tests.integration.carried import Carried
from tests.integration.google_at_sandbox import GoogleCarried, google_grant
from tests.integration.linked_at_sandbox import sandbox_with_everything, save_link

PEOPLE = 8
# Devices are a link's: a second link of a person corrects what names one. So these have one link.
LINKED_ONCE = range(PEOPLE - 2, PEOPLE)
# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 23), date(2026, 11, 3)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SCOPE = "https://www.googleapis.com/auth/googlehealth.{}.readonly"
# LOINC's and our own codes of the totals, by the way from the vendor's unit.
TOTALS = {
    "steps": ("41950-7", lambda value: Decimal(value.get("countSum", "0"))),
    "distance": ("103208-5", lambda value: Decimal(value.get("millimetersSum", "0")) / 1000),
    "active-energy-burned": ("active-energy", lambda value: Decimal(str(value.get("kcalSum", 0)))),
}


@pytest.fixture(scope="module")
def everything():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        sandbox.post("google_health/settings", rate_limit=1_000_000)
        yield sandbox


@pytest.fixture
def carried(store, everything):
    opened = GoogleCarried(store, everything, everything=True)
    yield opened
    opened.close()
    # What a link with Withings leaves for questions about it.
    everything.shared = ()
    everything.post("google_health/settings", not_linked=[])
    everything.post("faults/clear")


def synced(carried, link, days=DAYS):
    return list(carried.sync.run(link, days, run_id="run-1"))


def outcomes(results):
    return {one.outcome for one in results}


def observations(sandbox, person):
    url = f"{sandbox.addresses['ehr']['url']}/Observation"
    asked = {"patient": f"Patient/{person['patient_id']}", "_count": "500"}
    found = []
    while url:
        page = requests.get(url, asked, headers={"X-Sandbox-Reader": "1"}, timeout=30).json()
        found += [entry["resource"] for entry in page.get("entry", [])]
        following = (one["url"] for one in page.get("link", []) if one["relation"] == "next")
        url, asked = next(following, None), None
    return found


def test_what_was_not_granted_is_not_asked_for_and_the_days_are_green(carried, everything):
    person = everything.people[0]
    scopes = [SCOPE.format("sleep"), SCOPE.format("settings")]
    grant = google_grant(carried.provider, person["login"], scopes=scopes)
    assert grant.scopes == {*scopes}
    covered = [one for one in carried.provider.facts.data_types if one.scopes <= grant.scopes]
    link = save_link(
        carried.store,
        everything.addresses,
        person,
        grant,
        provider="google_health",
        data_types=[one.name for one in covered],
    )
    everything.post("calls/reset")

    results = synced(carried, link.id)

    assert outcomes(results) <= {Outcome.SYNCED, Outcome.NO_DATA}
    assert sum(one.counts.observations for one in results) > 0
    assert {*everything.calls()["google_health"]} == {"sleep:reconcile"}


def test_what_is_shared_without_its_scope_is_told_and_costs_nothing_else(carried, everything):
    person = everything.people[1]
    scopes = [SCOPE.format(one) for one in ("sleep", "settings")]
    grant = google_grant(carried.provider, person["login"], scopes=scopes)
    link = save_link(
        carried.store,
        everything.addresses,
        person,
        grant,
        provider="google_health",
        data_types=["sleep", "body"],
    )

    results = synced(carried, link.id)

    assert outcomes(results) == {Outcome.NOT_CONSENTED}
    assert {one.error for one in results} == {"scope_missing"}
    assert sum(one.counts.observations for one in results) > 0


def test_a_consent_that_was_removed_at_google_is_lost(carried, everything):
    person = everything.people[2]
    link = carried.link_whole(person)
    assert outcomes(synced(carried, link)) <= {Outcome.SYNCED, Outcome.NO_DATA}
    everything.post("google_health/consent/remove", login=person["login"])

    assert outcomes(synced(carried, link)) == {Outcome.AUTH_LOST}
    # The page then says: connect again.
    assert carried.store.link_state(link) is LinkState.NEEDS_RELINK


def test_an_account_without_data_is_not_linked(carried, everything):
    person = everything.people[3]
    everything.post("google_health/settings", not_linked=[person["login"]])

    with pytest.raises(AccountWithoutData):
        google_grant(carried.provider, person["login"])


def test_an_account_whose_profile_was_deleted_says_so_on_every_day(carried, everything):
    person = everything.people[3]
    link = carried.link_whole(person)
    everything.post("google_health/settings", not_linked=[person["login"]])

    results = synced(carried, link)

    assert outcomes(results) == {Outcome.VENDOR_REJECTED}
    assert {one.error for one in results} == {"account_not_linked"}


def test_what_was_deleted_at_google_is_retracted(carried, everything):
    person = everything.people[LINKED_ONCE[1]]
    link = carried.link_whole(person)
    synced(carried, link)
    span = {"from": str(FIRST), "to": str(LAST), "login": person["login"]}
    rows = requests.get(f"{everything.control}/google_health/rows", span, timeout=30).json()
    # What the vendor merged away is in no EHR.
    night = rows["merged"]["sleep"][0]
    everything.post(
        "google_health/change",
        login=person["login"],
        action="delete",
        type="sleep",
        id=night["id"],
    )

    results = synced(carried, link)

    assert outcomes(results) <= {Outcome.SYNCED, Outcome.NO_DATA}
    assert sum(one.counts.retracted for one in results) > 0
    report = everything.differences(FIRST, LAST, person["login"], vendor="google_health", stages=1)
    assert report["differences"] == 0, report


@pytest.mark.parametrize("number", range(LINKED_ONCE[0]))
def test_totals_are_the_vendors_own_however_many_devices_are_worn(carried, everything, number):
    person = everything.people[number]
    link = carried.link_whole(person)
    synced(carried, link)
    span = {"from": str(FIRST), "to": str(LAST), "login": person["login"]}
    rows = requests.get(f"{everything.control}/google_health/rows", span, timeout=30).json()
    stands = {}
    for one in observations(everything, person):
        codes = {coding["code"] for coding in one["code"]["coding"]}
        if "/source/google_health" in one["meta"]["source"] and "effectivePeriod" in one:
            for code in codes:
                day = one["effectivePeriod"]["start"][:10]
                stands[code, day] = Decimal(str(one.get("valueQuantity", {}).get("value", "NaN")))

    for kind, (code, value_of) in TOTALS.items():
        due = {day: value_of(value) for day, value in rows["totals"][kind].items()}
        assert len(due) > len(DAYS) // 2
        assert {day: stands.get((code, day)) for day in due} == due, kind


def test_adding_up_what_two_devices_count_at_once_would_be_more_than_the_vendors_total(
    carried, everything
):
    """What the totals above would not show otherwise."""
    path = f"{everything.addresses['google_health']['api_url']}/v4/users/me/dataTypes/steps"
    between = f'civil_start_time >= "{FIRST}" AND steps.interval.civil_start_time < "{LAST}"'
    apart = 0
    for person in everything.people:
        token = google_grant(carried.provider, person["login"]).access_token
        listed = requests.get(
            f"{path}/dataPoints",
            {"filter": f"steps.interval.{between}", "pageSize": "10000"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        ).json()
        assert "nextPageToken" not in listed
        added = sum(int(one["steps"].get("count", "0")) for one in listed["dataPoints"])
        span = {"from": str(FIRST), "to": str(LAST - timedelta(days=1)), "login": person["login"]}
        rows = requests.get(f"{everything.control}/google_health/rows", span, timeout=30).json()
        total = sum(int(one.get("countSum", "0")) for one in rows["totals"]["steps"].values())
        assert added >= total > 0
        apart += added > total
    assert apart >= 1


def test_two_vendors_of_one_patient_stand_beside_each_other(store, carried, everything):
    person = everything.people[LINKED_ONCE[0]]
    withings = Carried(store, everything, everything=True)
    try:
        both = {"withings": withings, "google_health": carried}
        for one in both.values():
            results = synced(one, one.link_whole(person))
            assert outcomes(results) <= {Outcome.SYNCED, Outcome.NO_DATA}
        for vendor in both:
            asked = {"vendor": vendor, "stages": 1, "paid": 1}
            report = everything.differences(FIRST, LAST, person["login"], **asked)
            assert report["differences"] == 0, f"{vendor} {report}"
            assert report["compared"] > 100
    finally:
        withings.close()
