"""A link that ends in a running deployment: in a real browser, by command, beside a real backfill."""

from types import SimpleNamespace

import pytest

from tests.deployment import running_deployment
from tests.end_to_end import dagster_queries as ask
from tests.end_to_end.chromium import browser, element, press, wait_for
from tests.integration.ehr_copies import SeenEhr

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# One more than there are tests: somebody always stays.
PEOPLE = 5


@pytest.fixture(scope="module")
def deployment():
    with running_deployment(sandbox_arguments=["--people", str(PEOPLE)]) as running:
        yield running


@pytest.fixture(scope="module")
def people(deployment):
    """Sandbox people by their link, all of them active and partitions."""
    for person in deployment.sandbox.people:
        deployment.link(person)
    links = dict(zip(deployment.link_ids(), deployment.sandbox.people, strict=True))
    deployment.wait(lambda: partitions(deployment) == set(links), what="a partition for each link")
    return links


@pytest.fixture
def linked(people):
    """Give the next link that no other test has taken."""
    return people.popitem()


def partitions(deployment):
    return set(deployment.api.link_keys("withings"))


def in_the_ehr(deployment, link, person):
    """Give the statuses of the link's Consents, and how its DeviceAssociations stand."""
    ehr = SeenEhr(deployment.sandbox.addresses["ehr"]["url"])
    seen = SimpleNamespace(id=link, patient=SimpleNamespace(fhir_id=person["patient_id"]))
    consents = [one["status"] for one in ehr.of_link("Consent", seen)]
    return consents, {"end" in one["period"] for one in ehr.of_link("DeviceAssociation", seen)}


def dead_calls(deployment):
    return deployment.sandbox.calls()["withings"].get("revoke", 0)


def test_a_patient_disconnects_in_a_real_browser_under_the_strict_policy(deployment, linked):
    link, person = linked
    before = dead_calls(deployment)
    with browser() as page:
        page.get(deployment.portal)
        press(page, "form[action='/sign-in'] button")
        element(page, "input[name=username]").send_keys(person["username"])
        press(page, "form button")
        wait_for(page, "Connected")

        press(page, f"a[href='/links/{link}/disconnect']")
        wait_for(page, "Disconnect Withings?")
        press(page, "form[action*=disconnect] button")

        wait_for(page, "Withings is disconnected. Our access is destroyed.")
        said = [entry["message"] for entry in page.get_log("browser")]
        ours = ("Content Security Policy", deployment.portal)
        assert [one for one in said if any(word in one for word in ours)] == []
    assert dead_calls(deployment) == before + 1
    deployment.wait(lambda: link not in partitions(deployment), what="the partition to go")


def test_a_backfill_that_runs_is_not_broken_and_the_partition_goes_after_it(
    deployment, linked, people, week
):
    link, _ = linked
    stays = next(iter(people))
    launched = deployment.ohx(
        *("backfill", "--provider", "withings", "--link", link, "--link", stays),
        *("--from", str(week[0]), "--to", str(week[1])),
    )
    backfill = launched.stdout.split("Backfill ", 1)[1].split(":", 1)[0]

    ended = deployment.ohx("links", "unlink", link, "--yes")

    assert ended.returncode == 0, ended.stderr
    assert "no token and no data key is left" in ended.stdout

    def over():
        is_kept = link in partitions(deployment)
        found = deployment.ask(ask.BACKFILL, id=backfill)["partitionBackfillOrError"]
        # Dagster fails the whole backfill when a partition that it targets is removed.
        assert is_kept or found["status"] != "REQUESTED"
        return found if found["status"] != "REQUESTED" else None

    found = deployment.wait(over, seconds=240, what="the backfill")
    assert found["status"] == "COMPLETED_FAILED"
    states = ask.partition_states(deployment.ask(ask.STATUSES, path=["withings", "published"]))
    assert {states[day, stays] for day in week[:2]} == {"green"}
    deployment.wait(lambda: link not in partitions(deployment), what="the partition to go")
    assert stays in partitions(deployment)


def test_a_vendor_that_is_down_is_told_by_the_daemon_when_it_answers(deployment, linked):
    link, _ = linked
    deployment.sandbox.post("faults", target="withings", kind="http", call="revoke", status=503)

    failed = deployment.ohx("links", "unlink", link, "--yes")

    assert failed.returncode == 1
    assert "tried again by itself" in failed.stderr
    deployment.sandbox.post("faults/clear")
    deployment.wait(
        lambda: "keys_destroyed" in deployment.ohx("links", "log", link).stdout,
        what="the daemon's try",
    )
    log = deployment.ohx("links", "log", link).stdout.splitlines()
    assert [line.split()[2] for line in log if "keys_destroyed" in line] == ["system"]


def test_an_ehr_that_is_down_is_told_by_the_daemon_when_it_answers(deployment, linked):
    link, person = linked
    deployment.wait(
        lambda: in_the_ehr(deployment, link, person) == (["active"], {False}),
        what="the copy of the new link",
    )
    deployment.sandbox.post("faults", target="ehr", kind="status", status=503)

    failed = deployment.ohx("links", "unlink", link, "--yes")

    assert failed.returncode == 1
    assert "no token and no data key is left" in failed.stdout
    assert "the EHR has not taken note of the end yet (ehr_down)" in failed.stderr
    deployment.sandbox.post("faults/clear")
    deployment.wait(
        lambda: in_the_ehr(deployment, link, person) == (["inactive"], {True}),
        seconds=240,
        what="the daemon's try",
    )
    log = deployment.ohx("links", "log", link).stdout.splitlines()
    assert [line.split()[2] for line in log if "record_copied" in line] == ["system", "system"]
