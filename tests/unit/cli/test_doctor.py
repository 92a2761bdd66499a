"""`ohx doctor` as a command: its lines, its JSON, its exit status, and what it never says."""

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from ohx_pipelines.cli import agreement
from ohx_pipelines.cli.checks.finding import guarded
from ohx_pipelines.cli.main import main
from ohx_pipelines.errors import VaultError
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import DayResult, Outcome
from tests.unit.cli.doctor_parts import BUNDLE, answer, daemon, grid, health, statement, well
from tests.unit.linked import link_account

DAY = date(2026, 11, 20)
RECONNECT = "the patient must connect the account again first"
NAMES = [
    "settings",
    "database",
    "migrations",
    "keys",
    "identifier secret",
    "links",
    "copies",
    "retractions",
    "ehr default",
    "vendor withings",
    "identity provider",
    "clock",
    "dagster web server",
    "dagster daemons",
    "schedules and sensors",
    "partitions withings",
    "partitions beurer",
    "partitions omron_connect",
    "agreement withings",
]


@pytest.fixture
def deployment(site, store, database_url, no_settings, monkeypatch):
    """Everything is well: the site is vendor, EHR, identity provider and Dagster at once."""
    monkeypatch.setattr(agreement, "SECOND_LOOK_SECONDS", 0.0)
    environment = {
        "DATABASE_URL": database_url,
        "IDENTIFIER_SECRET": "identifier-secret" * 3,
        "TOKEN_KEY": base64.b64encode(b"k" * 32).decode(),
        "EHR__URL": f"{site.url}/fhir",
        "OIDC__ISSUER": site.url,
        "OIDC__CLIENT_ID": "portal",
        "OIDC__CLIENT_SECRET": "CANARY-oidc",
        "WITHINGS__CLIENT_ID": "app",
        "WITHINGS__CLIENT_SECRET": "CANARY-vendor",
        "WITHINGS__API_URL": site.url,
        "PORTAL__SECRET_KEY": "CANARY-portal" * 3,
        "DAGSTER__PORT": site.url.rsplit(":", 1)[1],
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"OHX_{name}", value)
    store.check_identifier_secret()
    answer(site, "/fhir/metadata", statement())
    answer(site, "/fhir/Observation", BUNDLE)
    answer(site, "/fhir/Device", BUNDLE)
    site.answer_json("/v2/signature", {"status": 0, "body": {"nonce": "4c1f"}})
    document = {
        "issuer": site.url,
        "authorization_endpoint": f"{site.url}/authorize",
        "token_endpoint": f"{site.url}/token",
        "jwks_uri": f"{site.url}/jwks",
    }
    site.answer_json("/.well-known/openid-configuration", document)
    site.answer_json("/jwks", {"keys": [{"kty": "RSA"}]})
    link = link_account(store, "ada", provider="withings")
    store.save_ehr(
        name="default",
        url=f"{site.url}/fhir",
        auth="bearer",
        username=None,
        credential="CANARY-ehr",
        timeout_seconds=5,
    )
    site.answer_json("/graphql", {"data": well([link.id])})
    return link


def doctor(*arguments):
    return CliRunner().invoke(main, ["doctor", *arguments])


def names(output):
    return [line[9:33].strip() for line in output.splitlines()]


def test_a_deployment_that_is_well_has_one_ok_line_per_check_and_status_0(deployment):
    ended = doctor()

    assert ended.exit_code == 0, ended.output
    assert names(ended.output) == NAMES
    assert {line[:9].strip() for line in ended.output.splitlines()} == {"ok"}


def test_json_is_one_object_with_every_check_and_says_whether_all_is_well(deployment):
    ended = doctor("--json")

    said = json.loads(ended.output)
    assert ended.exit_code == 0
    assert said["ok"] is True
    assert [one["name"] for one in said["checks"]] == NAMES
    assert {one["level"] for one in said["checks"]} == {"ok"}


def test_what_fails_stops_no_other_check_and_makes_status_1(site, deployment):
    site.answer_json("/v2/signature", {"status": 503, "body": {}, "error": "CANARY"})
    site.answer("/jwks", "CANARY", status=500)
    site.answer("/graphql", "CANARY", status=502)
    site.answer("/fhir/metadata", "CANARY", status=401)

    ended = doctor()

    assert ended.exit_code == 1
    levels = {line[9:33].strip(): line[:9].strip() for line in ended.output.splitlines()}
    assert {name for name, level in levels.items() if level == "failed"} == {
        "ehr default",
        "vendor withings",
        "identity provider",
        "dagster web server",
        "dagster daemons",
        "schedules and sensors",
        "partitions",
        "agreement",
    }
    assert levels["keys"] == levels["clock"] == "ok"
    assert all(" → " in line for line in ended.output.splitlines() if line.startswith("failed"))
    assert "CANARY" not in ended.output


def test_a_warning_alone_is_status_0(site, deployment):
    site.answer_json("/v2/signature", {"status": 601, "body": {"wait_seconds": 8}})

    ended = doctor("--json")

    said = json.loads(ended.output)
    assert (ended.exit_code, said["ok"]) == (0, True)
    assert {one["level"] for one in said["checks"]} == {"ok", "warning"}


def test_no_secret_no_person_and_no_answer_of_others_is_printed(deployment):
    said = doctor().output + doctor("--json").output + doctor("--repair").output

    assert deployment.id not in said  # an active link that is well is nobody's news
    assert not any(word in said for word in ("CANARY", "patient-ada", "identifier-secret"))
    assert base64.b64encode(b"k" * 32).decode() not in said


def test_missing_settings_are_the_one_line_that_can_be_said(no_settings):
    ended = doctor()

    assert ended.exit_code == 1
    [line] = ended.output.splitlines()
    assert line.startswith("failed   settings")
    assert "OHX_TOKEN_KEY: missing" in line
    assert ".env.example explains each one" in line


def test_without_a_database_the_others_are_still_looked_at(deployment, monkeypatch, tmp_path):
    monkeypatch.delenv("OHX_DATABASE_URL")
    monkeypatch.setenv("OHX_STATE_DIR", str(tmp_path))

    ended = doctor("--json")

    levels = {one["name"]: one["level"] for one in json.loads(ended.output)["checks"]}
    assert ended.exit_code == 1
    assert levels["database"] == "failed"
    assert levels["keys"] == levels["agreement"] == "warning"
    assert levels["vendor withings"] == levels["dagster web server"] == "ok"


def test_a_database_that_is_gone_fails_each_of_its_checks_and_no_other(
    deployment, monkeypatch, closed_port
):
    monkeypatch.setenv("OHX_DATABASE_URL", f"postgresql://CANARY:pw@127.0.0.1:{closed_port}/x")

    ended = doctor("--json")

    levels = {one["name"]: one["level"] for one in json.loads(ended.output)["checks"]}
    assert {levels[n] for n in ("database", "migrations", "keys", "links", "ehr")} == {"failed"}
    assert levels["vendor withings"] == levels["identity provider"] == levels["clock"] == "ok"
    assert "CANARY" not in ended.output


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (VaultError("the key does not fit"), "the key does not fit"),
        (KeyError("CANARY"), "could not be checked (KeyError)"),
    ],
)
def test_whatever_a_check_raises_is_a_failure_without_a_text_of_others(error, said):
    def check():
        raise error

    [finding] = guarded("x", check)

    assert (finding.level, finding.found) == ("failed", said)


def test_nothing_to_repair_is_said_and_status_0(site, deployment):
    ended = doctor("--repair")

    assert ended.exit_code == 0
    assert ended.output == "Nothing to repair for withings: all 0 link-days agree.\n"
    assert not any("launchPartitionBackfill" in str(one.body) for one in site.requests)


def test_a_repair_says_that_the_sensor_is_off_when_a_link_is_no_partition(
    site, deployment, database_url
):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        long_ago = text("UPDATE provider_links SET linked_at = :at, confirmed_at = :at")
        connection.execute(long_ago, {"at": datetime.now(UTC) - timedelta(hours=1)})
    engine.dispose()
    site.answer_json("/graphql", {"data": well([])})

    ended = CliRunner().invoke(main, ["doctor", "--repair"])

    assert deployment.id in ended.stderr
    assert "withings_link_partitions is off" in ended.stderr


@pytest.fixture
def disagreeing(site, store, deployment):
    """The ledger says done, Dagster shows nothing."""
    store.record_days(deployment.id, [DayResult(day=DAY, outcome=Outcome.SYNCED)], run_id="run")
    data = well([deployment.id]) | {"launchPartitionBackfill": {"backfillId": "abcd"}}
    site.answer_json("/graphql", {"data": data})
    return data


def launched(site):
    bodies = [one.body for one in site.requests if one.path == "/graphql"]
    return [body["variables"] for body in bodies if "launchPartitionBackfill" in body["query"]]


def test_the_command_without_repair_launches_nothing(site, disagreeing):
    assert doctor().exit_code == 1
    assert launched(site) == []


def test_a_repair_asks_for_exactly_the_link_days_that_disagree(
    site, store, deployment, disagreeing
):
    agreed = DayResult(day=DAY - timedelta(days=1), outcome=Outcome.EHR_DOWN)
    store.record_days(deployment.id, [agreed], run_id="run")

    ended = doctor("--repair", "--no-wait")

    [variables] = launched(site)
    assert variables["params"]["partitionNames"] == [f"2026-11-20|{deployment.id}"]
    assert ended.exit_code == 0
    assert "Launched backfill abcd: 1 link-days are asked for" in ended.output


@pytest.fixture
def partly_repairable(site, store, deployment, disagreeing):
    """A second link differs as well, and lost its permission: nothing can be fetched for it."""
    lost = link_account(store, "bo", provider="withings")
    store.record_days(lost.id, [DayResult(day=DAY, outcome=Outcome.SYNCED)], run_id="run")
    store.set_state(lost.id, LinkState.NEEDS_RELINK)
    site.answer_json("/graphql", {"data": disagreeing | well([deployment.id, lost.id])})
    return lost


def test_a_launch_that_leaves_days_that_cannot_be_repaired_names_them_and_is_status_1(
    site, deployment, partly_repairable
):
    ended = doctor("--repair", "--no-wait")

    [variables] = launched(site)
    assert variables["params"]["partitionNames"] == [f"2026-11-20|{deployment.id}"]
    assert ended.exit_code == 1
    assert "Launched backfill abcd: 1 link-days are asked for" in ended.output
    assert f"1 disagree and cannot be synced, {RECONNECT}: 2026-11-20|{partly_repairable.id}" in (
        ended.output
    )


def test_a_repair_that_changed_nothing_says_so_and_is_status_1(site, deployment, disagreeing):
    ended_backfill = {
        "partitionBackfillOrError": {"status": "COMPLETED_FAILED"},
        "runsOrError": {"results": [{"status": "FAILURE"}]},
    }
    site.answer_json("/graphql", {"data": disagreeing | ended_backfill})

    ended = CliRunner().invoke(main, ["doctor", "--repair"])

    assert ended.exit_code == 1
    assert ended.stdout == (
        "of 1 asked for, 0 link-days were synced again (backfill abcd): 0 agree now, "
        f"1 still do not: 2026-11-20|{deployment.id}.\n"
    )


def test_a_repair_that_does_not_end_in_time_says_so(site, disagreeing):
    running = {
        "partitionBackfillOrError": {"status": "REQUESTED"},
        "runsOrError": {"results": []},
    }
    site.answer_json("/graphql", {"data": disagreeing | running})

    ended = doctor("--repair", "--wait-seconds", "0")

    assert ended.exit_code == 1
    assert "The backfill has not ended" in ended.output


def test_a_repair_is_not_launched_when_no_daemon_would_carry_it_out(site, disagreeing):
    stopped = health(daemon("BACKFILL", seconds_ago=600))
    site.answer_json("/graphql", {"data": disagreeing | stopped})

    ended = doctor("--repair")

    assert ended.exit_code == 1
    assert "Nothing was launched" in ended.output
    assert launched(site) == []


def test_a_link_that_lost_its_permission_is_not_synced_again(site, store, deployment, disagreeing):
    store.set_state(deployment.id, LinkState.NEEDS_RELINK)

    ended = doctor("--repair")

    assert ended.exit_code == 1
    assert "Nothing can be repaired for withings" in ended.output
    assert f"2026-11-20|{deployment.id}" in ended.output
    assert launched(site) == []


def test_the_json_of_a_repair_is_one_object(site, deployment, disagreeing):
    ended = CliRunner().invoke(main, ["doctor", "--repair", "--no-wait", "--json"])

    [told] = json.loads(ended.stdout)["repairs"]
    assert (told["asked"], told["backfill"]) == (1, "abcd")


def test_a_launch_whose_result_nobody_saw_is_neither_ok_nor_failed(deployment, disagreeing):
    ended = CliRunner().invoke(main, ["doctor", "--repair", "--no-wait", "--json"])

    told = json.loads(ended.stdout)
    assert told["ok"] is None
    assert [one["ok"] for one in told["repairs"]] == [None]
    assert ended.exit_code == 0


def test_a_launch_that_leaves_days_that_cannot_be_repaired_is_not_ok(partly_repairable):
    ended = CliRunner().invoke(main, ["doctor", "--repair", "--no-wait", "--json"])

    told = json.loads(ended.stdout)
    assert told["ok"] is False
    assert told["repairs"][0]["not_repairable"] == [f"2026-11-20|{partly_repairable.id}"]
    assert ended.exit_code == 1


def test_where_nothing_differs_there_is_nothing_to_wait_for_and_all_is_ok(deployment):
    ended = CliRunner().invoke(main, ["doctor", "--repair", "--no-wait", "--json"])

    assert json.loads(ended.stdout)["ok"] is True
    assert ended.exit_code == 0


def test_no_wait_goes_with_repair_only(deployment):
    ended = doctor("--no-wait")

    assert ended.exit_code == 2
    assert "--repair" in ended.output


def test_a_sync_that_is_under_way_is_told_by_the_repair(site, deployment):
    syncing = [("2026-11-20", deployment.id)]
    data = well() | grid(["2026-11-20"], [deployment.id], syncing=syncing)
    site.answer_json("/graphql", {"data": data})

    assert "(1 more are being synced now)" in doctor("--repair").output
