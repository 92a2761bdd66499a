"""EHR access of a run: each connection's Publisher writes in the connection's mode, one at a time."""

import threading

import dagster as dg
import pytest

from ohx_pipelines.errors import WriterBusy
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.writer_lock import WriterLocks
from ohx_pipelines.resources.ehr import EhrAccess, EhrResource
from tests.unit.cli.complete_settings import set_all
from tests.unit.fhir.serving import serving_ehr

SCALE = {
    "resourceType": "Device",
    "id": "0c3169d0-2532-0144-a7d2-80e111d24a1e",
    "identifier": [{"system": "urn:d", "value": "1"}],
}


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def access(database_url):
    locks = WriterLocks(database_url, longest_wait_seconds=0.05)
    opened = EhrAccess(mapping=load_mapping(), secret=b"s" * 32, locks=locks)
    yield opened
    opened.close()


def connection(ehr, mode):
    return EhrConnection(id="e1", name="main", url=ehr.url, auth="none", write_mode=mode)


@pytest.mark.parametrize("mode", ["put-id", "conditional-update", "conditional-create"])
def test_a_connection_is_written_in_its_mode(ehr, access, mode):
    access.publisher(connection(ehr, mode)).ensure_devices([SCALE])

    [there] = ehr._store.all_live("Device")
    assert (there.key[1] == SCALE["id"]) is (mode == "put-id")


def test_in_a_conditional_mode_nobody_writes_while_another_process_does(ehr, access, database_url):
    taken, done = threading.Event(), threading.Event()

    def hold():
        with WriterLocks(database_url).for_ehr("e1")("Device"):
            taken.set()
            done.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    assert taken.wait(60)
    try:
        with pytest.raises(WriterBusy):
            access.publisher(connection(ehr, "conditional-create")).ensure_devices([SCALE])
        assert ehr.snapshot()["Device"] == 0
        access.publisher(connection(ehr, "put-id")).ensure_devices([SCALE])
    finally:
        done.set()
        other.join()


def test_a_connection_is_not_given_what_it_leaves_out(ehr, access):
    spare = EhrConnection(
        id="e1", name="main", url=ehr.url, auth="none", leave_out=("Consent", "Provenance")
    )

    publisher = access.publisher(spare)

    assert [publisher.gives(kind) for kind in ("Consent", "Provenance", "Device")] == [
        False,
        False,
        True,
    ]


def test_a_device_that_one_link_of_a_run_has_seen_is_not_looked_for_again_for_the_next(ehr, access):
    access.publisher(connection(ehr, "put-id")).ensure_devices([SCALE])
    asked = len(ehr.asked)

    access.publisher(connection(ehr, "put-id")).ensure_devices([SCALE])

    assert len(ehr.asked) == asked


def test_what_stands_in_one_ehr_is_looked_for_in_another(ehr, access):
    access.publisher(connection(ehr, "put-id")).ensure_devices([SCALE])
    with serving_ehr() as second:
        other = EhrConnection(id="e2", name="other", url=second.url, auth="none")

        access.publisher(other).ensure_devices([SCALE])

        assert second.snapshot()["Device"] == 1


# Dagster looks at a field that pydantic has renamed.
@pytest.mark.filterwarnings("ignore:The `__fields__`")
def test_a_tick_waits_for_other_writers_no_longer_than_it_lives(monkeypatch, database_url):
    """A run waits for two minutes; a tick of a sensor is given up after one."""
    set_all(monkeypatch, database_url)
    waits = []

    @dg.asset
    def run(ehr: dg.ResourceParam[EhrAccess]):
        waits.append(ehr.locks._longest_wait_seconds)

    @dg.sensor(target=run)
    def tick(context, ehr: dg.ResourceParam[EhrAccess]):
        waits.append(ehr.locks._longest_wait_seconds)
        return dg.SkipReason("It was a try.")

    assert dg.materialize([run], resources={"ehr": EhrResource()}).success
    with dg.build_sensor_context(resources={"ehr": EhrResource()}) as context:
        tick(context)
    assert waits[0] >= 60 > waits[1]
