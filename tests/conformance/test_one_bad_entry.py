"""One entry of a hundred that the server refuses: 99 are stored, and the one is shown.

Our own checks are switched off here: they would not let it come so far.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.governance.devices import build_device
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.measurements import Metric, to_frame
from tests.conformance.our_writer import FIRST, MAPPING, MODES, context_of
from tests.unit.made_up import SCALE, weighing

pytestmark = pytest.mark.slow

BAD = 37
FAT = "73708-0"
VALUE = "7123.45"
SERVERS = ["hapi", "storing_hapi"]


def hundred(patient):
    """Give a Device and a hundred weighings of the patient."""
    context = context_of(patient)
    rows = [weighing(FIRST, record=f"{n:03}", hour=n % 24) for n in range(100)]
    rows[BAD] = replace(rows[BAD], value=type(rows[BAD].value)(VALUE))
    built = build_observations(to_frame(rows), mapping=MAPPING, context=context)
    device = build_device(
        device=SCALE.device,
        model="m",
        kind="Scale",
        manufacturer="Acme",
        context=context,
        define=False,
    )
    return device, [one.resource for one in built.desired]


def published(url, mode, device, observations, **options):
    client = connect(FhirConnection(url=url))
    try:
        publisher = Publisher(client, write_mode=mode, **options)
        publisher.ensure_devices([device])
        return publisher.publish(observations, {})
    finally:
        client.close()


def in_pounds(one):
    """A unit that the profile of a body weight does not allow."""
    return one | {"valueQuantity": one["valueQuantity"] | {"code": "lb"}}


def unknown_element(one):
    """What the parser itself refuses, in some servers for the Bundle as a whole."""
    return one | {"inventedElement": "x"}


def nobody(one):
    """A reference to what is not there, which is checked as the entry is stored."""
    return one | {"performer": [{"reference": "Practitioner/not-there"}]}


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("damage", [in_pounds, unknown_element, nobody])
def test_the_other_99_are_stored_and_the_one_is_shown(request, kind, mode, damage):
    server = request.getfixturevalue(kind)
    patient = server.new_patient(f"bad-{mode}-{damage.__name__.replace('_', '-')}")
    device, observations = hundred(patient)
    observations[BAD] = damage(observations[BAD])

    written = published(server.url, mode, device, observations, check=lambda _: [])

    assert (written.created, sum(written.rejected.values())) == (99, 1)
    assert len(written.rejections) == 1
    assert VALUE not in repr(written)
    stored = server.observations(patient)
    assert len(stored) == 99
    assert all(str(one["valueQuantity"]["value"]) != VALUE for one in stored)


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("mode", MODES)
def test_what_is_derived_from_the_one_is_stored_without_the_link(request, kind, mode):
    server = request.getfixturevalue(kind)
    patient = server.new_patient(f"bad-derived-{mode}")
    device, observations = hundred(patient)
    derived = weighing(FIRST, record=f"{BAD:03}", hour=BAD % 24)
    derived = replace(derived, metric=Metric.FAT_MASS, value=Decimal("15.4"))
    rows = [weighing(FIRST, record=f"{BAD:03}", hour=BAD % 24), derived]
    built = build_observations(to_frame(rows), mapping=MAPPING, context=context_of(patient))
    weight, fat = (one.resource for one in built.desired)
    assert fat["derivedFrom"] == [{"reference": f"Observation/{weight['id']}"}]
    observations[BAD] = in_pounds(observations[BAD])

    written = published(server.url, mode, device, [*observations, fat], check=lambda _: [])

    assert (written.created, len(written.rejections)) == (100, 1)
    [stored] = [
        one for one in server.observations(patient) if one["code"]["coding"][0]["code"] == FAT
    ]
    assert "derivedFrom" not in stored


def test_it_is_told_where_the_server_found_the_fault(hapi):
    patient = hapi.new_patient("bad-where")
    device, observations = hundred(patient)
    observations[BAD] = in_pounds(observations[BAD])

    [told] = published(hapi.url, "put-id", device, observations, check=lambda _: []).rejections

    assert told.sent
    assert "valueQuantity" in (told.expression or "")
    assert VALUE not in told.word


@pytest.mark.parametrize("mode", MODES)
def test_what_our_own_checks_find_is_never_sent(hapi, mode):
    patient = hapi.new_patient(f"bad-unsent-{mode}")
    device, observations = hundred(patient)
    observations[BAD] = in_pounds(observations[BAD])

    written = published(hapi.url, mode, device, observations)

    assert [one.sent for one in written.rejections] == [False]
    assert (written.created, len(hapi.observations(patient))) == (99, 99)
