"""A link's whole life on EHR connections that may not read, are spared types, or are erased at its end:
linked, copied, synced twice and unlinked against the sandbox, and looked at as anybody can.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.carried import SECRET, Carried
from tests.integration.erasing_scene import ERASED, Ehr, status
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.sandbox_process import running_sandbox
from tests.unit.cli.complete_settings import set_all

pytestmark = pytest.mark.slow

WHO = "operator test"
TODAY = datetime.now(UTC).date()
# Yesterday may not have ended where the person lives.
DAYS = [TODAY - timedelta(days=n) for n in range(8, 2, -1)]
ENDED_WELL = {"synced", "no_data"}


class AsConnected(Carried):
    """The same sync, written as the connection says."""

    def _publisher(self, connection):
        self.clients.append(ehr_client(connection))
        return Publisher(
            self.clients[-1], write_mode=connection.write_mode, leave_out=connection.leave_out
        )

    def life(self, person, *, mode="put-id", leave_out=()):
        """Link, copy, sync twice, and give the link and the results of both syncs."""
        link = self.link(person).id
        self.store.set_write_mode("default", mode)
        self.store.set_left_out("default", leave_out)
        assert self.records.copy(link).outcome == "synced"
        return link, *(list(self.sync.run(link, DAYS, run_id=f"run-{n}")) for n in range(2))

    def unlink(self, link):
        self.store.begin_unlink(link, who=WHO)
        return finish_unlink(self.store, self.provider, link, who=WHO, records=self.records)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(*SANDBOX_ARGUMENTS) as running:
        running.post("withings/settings", duplicate_guard=False, rate_limit=100_000)
        yield running


@pytest.fixture
def carried(store, sandbox):
    sandbox.post("ehr/settings/reset")
    opened = AsConnected(store, sandbox, timeout_seconds=10)
    yield opened
    opened.close()
    sandbox.post("ehr/settings/reset")


@pytest.fixture
def ehr(sandbox):
    return Ehr(sandbox.addresses["ehr"]["url"])


def of_patient(ehr, person):
    whose = f"Patient/{person['patient_id']}"
    return {kind: ehr.held(kind, patient=whose) for kind in ERASED}


def outcomes(*runs):
    return {one.outcome.value for run in runs for one in run}


def test_a_blind_connection_is_given_every_reading_once_and_the_end_of_the_consent(
    sandbox, carried, ehr
):
    person = sandbox.people[0]
    sandbox.post("ehr/settings", write_only=True)

    link, first, second = carried.life(person, mode="blind")
    ended = carried.unlink(link)

    assert outcomes(first, second) <= ENDED_WELL
    assert ended.done
    sandbox.post("ehr/settings", write_only=False)
    there = of_patient(ehr, person)
    assert sandbox.differences(DAYS[0], DAYS[-1], person["login"])["differences"] == 0
    readings = there["Observation"].values()
    assert len(readings) == sum(one.counts.observations for one in first) > 0
    # Put twice, and nothing was different.
    assert {one["meta"]["versionId"] for one in readings} == {"1"}
    assert [status(one) for one in there["Consent"].values()] == ["inactive"]
    assert there["DeviceAssociation"] == {}


def test_an_ehr_is_given_none_of_the_types_that_are_left_out(sandbox, carried, ehr):
    person = sandbox.people[1]
    spared = ("DeviceDefinition", "DeviceAssociation", "Provenance", "Consent")
    before = ehr.held("DeviceDefinition")

    link, first, second = carried.life(person, leave_out=spared)
    ended = carried.unlink(link)

    assert outcomes(first, second) <= ENDED_WELL
    assert ended.done
    there = of_patient(ehr, person)
    assert {kind: len(found) for kind, found in there.items() if found}.keys() == {"Observation"}
    assert ehr.held("DeviceDefinition") == before
    assert sandbox.differences(DAYS[0], DAYS[-1], person["login"])["differences"] == 0


@pytest.mark.parametrize(("mode", "number"), [("put-id", 2), ("conditional-update", 3)])
def test_after_its_end_all_that_a_life_left_behind_can_be_erased(
    sandbox, store, carried, ehr, monkeypatch, tmp_path, database_url, mode, number
):
    person = sandbox.people[number]
    link, *_ = carried.life(person, mode=mode)
    assert carried.unlink(link).done
    there = of_patient(ehr, person)
    assert {kind for kind, found in there.items() if found} == set(ERASED)
    devices = ehr.held("Device")
    for name in [name for name in os.environ if name.startswith("OHX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    set_all(monkeypatch, database_url, OHX_IDENTIFIER_SECRET=SECRET.decode())

    erased = CliRunner().invoke(main, ["ehr", "erase", "--link", link, "--yes"])

    assert erased.exit_code == 0, erased.output
    assert of_patient(ehr, person) == {kind: {} for kind in ERASED}
    assert ehr.held("Device") == devices
    # Nothing that runs by itself writes it again.
    assert carried.records.close(link).outcome == "synced"
    assert [one.outcome.value for one in carried.sync.run(link, DAYS, run_id="r")] == (
        ["not_consented"] * len(DAYS)
    )
    assert of_patient(ehr, person) == {kind: {} for kind in ERASED}
