"""Every resource that real captures and the sandbox's people become, judged by the validator.

They go the whole road: a vendor's HTTP, our normalizer and builders, a server that validates.
"""

from contextlib import closing

import pytest

from ohx_pipelines.fhir.wire import dump
from tests.conformance.sandbox_people import synced_people
from tests.conformance.strict_ehr import errors_of
from tests.integration.getmeas_server import getmeas_server
from tests.integration.reference_reading import local_day, observations
from tests.integration.road import AMSTERDAM, Road
from tests.integration.test_captured_groups import captured

pytestmark = pytest.mark.slow

CAPTURES = ("measure_groups.json", "measurement.json")


@pytest.fixture
def road(hapi, patient):
    with getmeas_server(AMSTERDAM.key) as vendor:
        road = Road(vendor, hapi.url, patient)
        with closing(road.client):
            yield road


@pytest.mark.parametrize("name", CAPTURES)
def test_every_captured_reading_is_stored_and_found_without_error(
    road, hapi, referee, patient, name
):
    found = captured(name)
    groups = found["body"]["measuregrps"] if isinstance(found, dict) else found
    road.vendor.groups = groups

    results = road.run(sorted({local_day(group, AMSTERDAM) for group in groups}))

    stored = hapi.observations(patient)
    once = {group["grpid"]: group for group in groups}.values()
    assert {one.outcome.value for one in results} == {"synced"}
    assert len(stored) == sum(observations(once, AMSTERDAM).values()) > 0
    assert hapi.versions(patient) == {"1": len(stored)}
    assert faults(referee, hapi, stored) == {}


def test_every_reading_of_the_sandboxs_people_is_stored_and_found_without_error(hapi, referee):
    for person in synced_people(hapi.url):
        stored = hapi.observations(person["patient_id"])
        assert stored
        assert faults(referee, hapi, stored) == {}


def faults(referee, hapi, stored):
    """Give the validator's errors, by resource, of Observations and the Devices they name."""
    names = {one["device"]["reference"] for one in stored if "device" in one}
    devices = [hapi.call("GET", name) for name in sorted(names)]
    judged = {f"{one['resourceType']}/{one['id']}": one for one in (*stored, *devices)}
    errors = {name: errors_of(referee, dump(one)) for name, one in judged.items()}
    return {name: found for name, found in errors.items() if found}
