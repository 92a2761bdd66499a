"""`ohx doctor` on a real deployment: all is well, then what was made wrong is found and mended."""

import json
from datetime import timedelta

import pytest
import requests

from tests.deployment import running_deployment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COPY = """
INSERT INTO sync_ledger (link_id, day, outcome, counts, reasons, attempts, seconds,
                         first_at, last_at, run_id)
SELECT link_id, CAST(:day AS date), 'synced', counts, reasons, attempts, seconds,
       first_at, last_at, run_id
FROM sync_ledger WHERE link_id = :link LIMIT 1 RETURNING day
"""
DELETE = "DELETE FROM sync_ledger WHERE link_id = :link AND day = :day RETURNING day"
FLIP = """
UPDATE sync_ledger SET outcome = 'vendor_down', failed_stage = 'fetched'
WHERE link_id = :link AND day = :day RETURNING day
"""
RUNS = "SELECT link_id, day, run_id FROM sync_ledger"


@pytest.fixture(scope="module")
def deployment():
    with running_deployment(sandbox_arguments=["--people", "2"]) as running:
        yield running


@pytest.fixture(scope="module")
def links(deployment, week):
    """Two links whose week was carried over."""
    for person in deployment.sandbox.people[:2]:
        deployment.link(person)
    found = deployment.link_ids()
    known = lambda: set(found) <= set(deployment.api.link_keys("withings"))  # noqa: E731
    deployment.wait(known, what="a partition for each link")
    keys = [f"{day}|{link}" for day in week for link in found]
    deployment.api.launch_backfill("withings", keys, title="a week")
    green = lambda: deployment.api.partition_stats("withings", "published").materialized  # noqa: E731
    deployment.wait(lambda: green() == len(keys), what="a green week")
    return found


def doctor(deployment, **changes):
    """Give exit status and checks by name."""
    environment = deployment.environment | changes
    ended = deployment.ohx("doctor", "--json", environment=environment)
    assert ended.stdout, ended.stderr
    return ended.returncode, {one["name"]: one for one in json.loads(ended.stdout)["checks"]}


def failures(checks):
    return {name for name, one in checks.items() if one["level"] != "ok"}


def test_disagreements_are_found_exactly_and_a_repair_mends_them(deployment, links, week):
    status, checks = doctor(deployment)
    assert (status, failures(checks)) == (0, set()), checks
    assert checks["agreement withings"]["details"]["compared"] == 14

    link = links[0]
    never, lost, flipped = week[0] - timedelta(days=1), week[0], week[1]
    assert len(deployment._sql(COPY, link=link, day=never)) == 1
    assert len(deployment._sql(DELETE, link=link, day=lost)) == 1
    assert len(deployment._sql(FLIP, link=link, day=flipped)) == 1
    wrong = {f"{day}|{link}" for day in (never, lost, flipped)}
    before = {(link, day): run for link, day, run in deployment._sql(RUNS)}

    status, checks = doctor(deployment)
    details = checks["agreement withings"]["details"]
    assert (status, failures(checks)) == (1, {"agreement withings"}), checks
    assert set(details["examples"]) == wrong
    assert (details["ledger_alone"], details["dagster_alone"]) == (1, 2)

    repaired = deployment.ohx("doctor", "--repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert repaired.stdout.startswith("3 link-days were synced again (backfill ")
    assert repaired.stdout.endswith("): 3 agree now.\n")

    status, checks = doctor(deployment)
    assert (status, failures(checks)) == (0, set()), checks
    assert checks["agreement withings"]["details"]["compared"] == 15
    after = {(link, day): run for link, day, run in deployment._sql(RUNS)}
    changed = {
        f"{day}|{link}" for (link, day), run in after.items() if before.get((link, day)) != run
    }
    assert changed == wrong
    again = deployment.ohx("doctor", "--repair")
    assert again.stdout == "Nothing to repair for withings: all 15 link-days agree.\n"
    assert again.returncode == 0


def test_what_no_other_party_accepts_has_its_line_and_no_secret_is_told(deployment, links):
    wrong = "CANARY-not-the-secret-of-the-application"

    status, checks = doctor(
        deployment,
        OHX_WITHINGS__CLIENT_SECRET=wrong,
        OHX_OIDC__ISSUER=deployment.portal,
        OHX_IDENTIFIER_SECRET=wrong,
    )

    assert status == 1
    assert failures(checks) == {"vendor withings", "identity provider", "identifier secret"}
    assert "OHX_WITHINGS__CLIENT_SECRET" in checks["vendor withings"]["advice"]
    assert "OHX_OIDC__ISSUER" in checks["identity provider"]["advice"]
    assert "CANARY" not in json.dumps(checks)


def test_an_ehr_that_does_not_take_our_password_has_its_line(deployment, links):
    deployment.sandbox.post("faults", target="ehr", kind="status", status=401)
    try:
        status, checks = doctor(deployment)
    finally:
        deployment.sandbox.post("faults/clear")

    assert status == 1
    assert failures(checks) == {"ehr default"}
    assert "credentials (HTTP 401)" in checks["ehr default"]["found"]


def test_a_sensor_that_is_turned_off_is_named(deployment, links):
    selector = 'repositoryName: "__repository__", repositoryLocationName: "ohx_pipelines"'
    found = deployment.ask(
        f'{{ sensorOrError(sensorSelector: {{{selector}, sensorName: "withings_link_partitions"}})'
        " { ... on Sensor { sensorState { id } } } }"
    )["sensorOrError"]["sensorState"]["id"]
    stop = "mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }"
    start = f'mutation {{ startSensor(sensorSelector: {{{selector}, sensorName: "withings_link_partitions"}}) {{ __typename }} }}'
    deployment.ask(stop, id=found)
    try:
        status, checks = doctor(deployment)
    finally:
        deployment.ask(start)

    assert status == 1
    assert failures(checks) == {"schedules and sensors"}
    assert checks["schedules and sensors"]["found"] == "off: withings_link_partitions"


def test_a_health_check_writes_to_neither_store(deployment, links):
    ehr = deployment.environment["OHX_EHR__URL"]
    held = requests.get(f"{ehr}/Observation?_summary=count", timeout=30).text
    rows = deployment._sql(RUNS)

    doctor(deployment)

    assert deployment._sql(RUNS) == rows
    assert requests.get(f"{ehr}/Observation?_summary=count", timeout=30).text == held
