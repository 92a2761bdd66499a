"""`ohx up`, known only by settings, with its real daemon: nights, failures, re-execution.

One deployment of 24 sandbox people serves all tests of this file; each test takes its own people or
its own days, so their order does not matter.
"""

from datetime import UTC, datetime, time

import pytest
import requests

from tests.deployment import running_deployment
from tests.end_to_end import dagster_queries as ask
from tests.end_to_end.chromium import browser, element, press, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NIGHT_LINKS = 20
STAGES = ("fetched", "normalized", "published")


@pytest.fixture(scope="module")
def deployment():
    with running_deployment(sandbox_arguments=["--people", "24"]) as running:
        running.sandbox.post("withings/settings", rate_limit=10_000, page_size=1000)
        yield running


@pytest.fixture(scope="module")
def linked(deployment):
    """Link ids by the Withings account of each person, all of them active and partitions."""
    people = deployment.sandbox.people[: NIGHT_LINKS + 3]
    for person in people:
        deployment.link(person)
    logins = [person["login"] for person in people]
    links = dict(zip(logins, deployment.link_ids(), strict=True))
    deployment.wait(
        lambda: set(links.values()) <= set(deployment.api.link_keys("withings")),
        what="a partition for each link",
    )
    return links


def listed(deployment):
    answer = deployment.ohx("links", "list", "--provider", "withings")
    assert answer.returncode == 0, answer.stderr
    return {row.split()[0]: row.split()[2] for row in answer.stdout.splitlines()[1:]}


def states(deployment, stage):
    return ask.partition_states(deployment.ask(ask.STATUSES, path=["withings", stage]))


def backfill(deployment, links, first, last):
    only = [word for link in links for word in ("--link", link)]
    answer = deployment.ohx(
        "backfill", "--provider", "withings", "--from", str(first), "--to", str(last), *only
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split("Backfill ", 1)[1].split(":", 1)[0]


def run_ended(deployment, run):
    status = deployment.ask(ask.RUN, run=run)["runOrError"]["status"]
    return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None


def finished(deployment, backfill_id):
    def state():
        found = deployment.ask(ask.BACKFILL, id=backfill_id)["partitionBackfillOrError"]
        ended = found["status"] not in {"REQUESTED", "CANCELING", "FAILING"}
        return found if ended and deployment.api.runs_finished(backfill_id) else None

    return deployment.wait(state, seconds=240, what="the backfill")


@pytest.fixture
def night_links(deployment, linked):
    """The twenty links of a night; whatever else is linked is away for as long."""
    night = list(linked.values())[:NIGHT_LINKS]
    others = {link: state for link, state in listed(deployment).items() if link not in night}
    for link in others:
        deployment.set_state(link, "unconfirmed")
    yield night
    for link, state in others.items():
        deployment.set_state(link, state)


def test_a_night_over_20_links_and_3_days_costs_20_fetches(deployment, linked, night_links):
    at = datetime.combine(datetime.now(UTC).date(), time(12, 5), UTC)
    selector = ask.SELECTOR | {"scheduleName": "withings_nightly"}
    tick = deployment.ask(ask.DRY_RUN, selector=selector, at=at.timestamp())["scheduleDryRun"]
    requests = tick["evaluationResult"]["runRequests"]
    deployment.sandbox.post("calls/reset")

    launched = deployment.ask(
        ask.LAUNCH,
        runs=[
            {
                "selector": ask.SELECTOR | {"jobName": "withings_nightly"},
                "mode": "default",
                "runConfigData": {},
                "executionMetadata": {
                    "tags": [{"key": t["key"], "value": t["value"]} for t in one["tags"]]
                },
            }
            for one in requests
        ],
    )["launchMultipleRuns"]["launchMultipleRunsResult"]
    assert {one["__typename"] for one in launched} == {"LaunchRunSuccess"}, launched
    runs = [one["run"]["runId"] for one in launched]
    for run in runs:
        ended = deployment.wait(lambda run=run: run_ended(deployment, run), what="the night's run")
        assert ended == "SUCCESS"

    assert deployment.sandbox.calls()["withings"].get("getmeas") == NIGHT_LINKS
    days = deployment.look_back_days(at)
    published = states(deployment, "published")
    assert {published.get((day, link)) for day in days for link in night_links} == {"green"}
    logins = list(linked)[:NIGHT_LINKS]
    assert deployment.sandbox.differences(days[0], days[-1], *logins)["differences"] == 0


def test_publish_failures_re_executed_from_the_ui_turn_green(deployment, linked, week):
    login = list(linked)[NIGHT_LINKS]
    link, sandbox = linked[login], deployment.sandbox
    sandbox.post("faults", target="ehr", kind="status", status=503, login=login)
    first = backfill(deployment, [link], week[0], week[-1])
    finished(deployment, first)

    red = {day for day in week if states(deployment, "published").get((day, link)) == "red"}
    assert red
    for stage in ("fetched", "normalized"):
        assert {states(deployment, stage).get((day, link)) for day in week} == {"green"}
    [said] = observed(deployment, "published", f"{max(red)}|{link}")
    assert said["outcome"] == "ehr_down"
    assert (said["stage"], said["http_status"]) == ("published", 503)
    assert said["attempts"] > 1
    assert "Re-execute" in said["what_to_do"]

    sandbox.post("faults/clear")
    again = deployment.ask(ask.REEXECUTE, backfill=first)["reexecutePartitionBackfill"]
    second = finished(deployment, again["backfillId"])

    counts = second["assetBackfillData"]["assetBackfillStatuses"]
    targeted = {one["assetKey"]["path"][-1]: one["numPartitionsTargeted"] for one in counts}
    assert {name: n for name, n in targeted.items() if n} == {"published": len(red)}
    assert {states(deployment, "published").get((day, link)) for day in week} == {"green"}
    assert sandbox.differences(week[0], week[-1], login)["differences"] == 0


def test_a_patient_whose_permission_is_gone_costs_only_that_patient(deployment, linked, week):
    gone, fine = list(linked)[NIGHT_LINKS + 1], list(linked)[NIGHT_LINKS + 2]
    deployment.sandbox.post("faults", target="withings", kind="revoke", login=gone)

    finished(deployment, backfill(deployment, [linked[gone], linked[fine]], week[0], week[-1]))

    for stage in STAGES:
        found = states(deployment, stage)
        assert {found.get((day, linked[gone])) for day in week} == {"red"}
        assert {found.get((day, linked[fine])) for day in week} == {"green"}
    [said] = observed(deployment, "fetched", f"{week[-1]}|{linked[gone]}")
    assert said["outcome"] == "auth_lost"
    assert "connect the account again" in said["what_to_do"]
    assert listed(deployment)[linked[gone]] == "needs_relink"


def green_copies(deployment):
    node = deployment.ask(ask.LINK_STATUSES, path=["withings", "devices"])["assetNodeOrError"]
    return set(node["assetPartitionStatuses"]["materializedPartitions"])


def tagged(deployment, kind, link):
    """What the EHR holds of a type that was written for the link."""
    bundle = requests.get(f"{deployment.environment['OHX_EHR__URL']}/{kind}?_count=500", timeout=30)
    found = [entry["resource"] for entry in bundle.json().get("entry", [])]
    return [one for one in found if link in {tag["code"] for tag in one["meta"].get("tag", [])}]


def data_types(consent):
    [provision] = consent["provision"]
    return {one["coding"][0]["code"] for one in provision["code"]}


def test_the_ehr_is_told_after_linking_and_after_a_change_of_sharing(deployment, linked):
    link = linked[list(linked)[NIGHT_LINKS + 2]]
    deployment.wait(lambda: link in green_copies(deployment), what="the copy after linking")
    [consent] = tagged(deployment, "Consent", link)
    assert len(tagged(deployment, "DeviceAssociation", link)) > 0
    assert consent["status"] == "active"
    [(shared,)] = deployment._sql("SELECT data_types FROM provider_links WHERE id = :id", id=link)

    answer = deployment.ohx("links", "share", link, "--types", "blood_pressure")
    try:
        assert answer.returncode == 0, answer.stderr

        def changed():
            [now] = tagged(deployment, "Consent", link)
            return now if now["meta"]["versionId"] != consent["meta"]["versionId"] else None

        now = deployment.wait(changed, what="the copy after the change of sharing")
    finally:
        assert deployment.ohx("links", "share", link, "--types", ",".join(shared)).returncode == 0

    assert (now["id"], now["status"]) == (consent["id"], "active")
    assert data_types(consent) == {f"withings.{name}" for name in shared}
    assert data_types(now) == {"withings.blood_pressure"}


def test_a_reading_that_was_published_is_in_the_ehr_and_nowhere_else(deployment, linked, week):
    login = list(linked)[NIGHT_LINKS - 1]
    noon = datetime.combine(week[3], time(12), UTC)
    # 87.654321 kg: a number that no clock, id or count shows by chance.
    reading = {"type": 1, "value": 87654321, "unit": -6, "date": int(noon.timestamp())}
    deployment.sandbox.post("readings/change", login=login, action="add", **reading)

    finished(deployment, backfill(deployment, [linked[login]], week[3], week[3]))

    ehr = deployment.environment["OHX_EHR__URL"]
    held = requests.get(f"{ehr}/Observation?code=29463-7&_count=500", timeout=30).text
    assert "87.654321" in held
    places = deployment.everything_kept()
    assert {"database", "dagster", "files", "output"} <= set(places)
    for place, text in places.items():
        assert linked[login] in text or place == "files", place
        assert "87.654321" not in text, place
        assert "87654321" not in text, place


def test_a_patient_links_an_account_in_a_real_browser_under_the_strict_policy(deployment, linked):
    """Chromium applies form-action to redirects, which no HTTP client does."""
    person = next(one for one in deployment.sandbox.people if one["login"] not in linked)
    with browser() as page:
        page.get(deployment.portal)
        press(page, "form[action='/sign-in'] button")
        element(page, "input[name=username]").send_keys(person["username"])
        press(page, "form button")
        wait_for(page, "Not connected")

        page.get(f"{deployment.portal}/connect/withings")
        press(page, "form[action*=initiate_oauth2] button")
        press(page, f"input[value='{person['login']}']")
        press(page, "button[value=allow]")
        wait_for(page, "Is this your Withings account?")
        assert "code=" not in page.current_url
        assert "state=" not in page.current_url
        press(page, "form[action*=confirm] button")

        wait_for(page, "Withings is connected.")
        wait_for(page, "No readings have been carried over yet")
        said = [entry["message"] for entry in page.get_log("browser")]
        ours = ("Content Security Policy", deployment.portal)
        assert [one for one in said if any(word in one for word in ours)] == []


def test_a_wrong_identifier_secret_is_refused_before_anything_starts(deployment):
    environment = deployment.environment | {
        "OHX_IDENTIFIER_SECRET": "another-secret-than-the-database-was-first-used-with",
        "OHX_DATABASE_URL": deployment.database_url,
    }

    answer = deployment.ohx("up", environment=environment)

    assert answer.returncode == 1
    assert "OHX_IDENTIFIER_SECRET" in answer.stderr


def observed(deployment, stage, partition):
    answer = deployment.ask(ask.OBSERVATIONS, path=["withings", stage], partitions=[partition])
    return [
        {e["label"]: e.get("text", e.get("intValue")) for e in one["metadataEntries"]}
        for one in answer["assetOrError"]["assetObservations"]
    ]
