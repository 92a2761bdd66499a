"""Every metric of the table, built by the product: the server stores it, the validator has nothing."""

import pytest

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.wire import dump
from tests.conformance.our_writer import MODES
from tests.conformance.strict_ehr import errors_of
from tests.unit.fhir.every_reading import (
    every_context,
    every_device,
    every_frame,
    every_mapping,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def resources():
    return built_for("every-reading")


def built_for(patient):
    """Give a Device and the Observations of every metric, as the patient's."""
    context = every_context(patient=patient, secret=patient.encode().ljust(32, b"-"))
    built = build_observations(every_frame(), mapping=every_mapping(), context=context)
    assert not built.left_out
    return [every_device(context), *(one.resource for one in built.desired)]


def test_the_validator_has_no_error_for_any_of_them(referee, resources):
    found = {_name(one): errors_of(referee, dump(one)) for one in resources}

    assert {name: errors for name, errors in found.items() if errors} == {}


def test_our_own_checks_have_none_either(resources):
    found = {_name(one): problems(one) for one in resources}

    assert {name: errors for name, errors in found.items() if errors} == {}


def test_the_validator_would_find_an_error(referee, resources):
    [weight] = [one for one in resources if _name(one).startswith("29463-7 DEVAST")][:1]
    pounds = weight | {"valueQuantity": weight["valueQuantity"] | {"code": "[lb_av]"}}
    broken = weight | {"valueQuantity": weight["valueQuantity"] | {"code": "lb"}}

    assert errors_of(referee, dump(pounds)) == []
    assert any("lb" in error for error in errors_of(referee, dump(broken)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["hapi", "storing_hapi"])
def test_the_server_stores_each_of_them_once_and_leaves_it_when_it_comes_again(request, kind, mode):
    server = request.getfixturevalue(kind)
    patient = server.new_patient(f"every-{mode}")
    device, *observations = built_for(patient)

    first = published(server.url, mode, device, observations)
    second = published(server.url, mode, device, observations)

    assert (first.rejections, second.rejections) == ([], [])
    assert (first.created, second.created, second.updated) == (len(observations), 0, 0)
    assert second.unchanged == len(observations)
    assert server.versions(patient) == {"1": len(observations)}


def published(url, mode, device, observations):
    client = connect(FhirConnection(url=url))
    try:
        publisher = Publisher(client, write_mode=mode)
        publisher.ensure_devices([device])
        there = publisher.read_by_ids("Observation", [one["id"] for one in observations])
        return publisher.publish(observations, there)
    finally:
        client.close()


def _name(resource):
    if resource["resourceType"] == "Device":
        return "Device"
    code = resource["code"]["coding"][0]["code"]
    return f"{code} {resource['meta']['security'][0]['code']} {resource['id']}"
