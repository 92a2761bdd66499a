"""A link's record in the EHR over its life, in every write mode: nothing twice, nothing in vain."""

from contextlib import closing

import pytest

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.governance.associations import ended
from ohx_pipelines.fhir.governance.devices import build_software
from ohx_pipelines.fhir.publish import Publisher
from tests.unit.fhir.every_record import (
    BODY,
    PRESSURE,
    UNTIL,
    association,
    consent,
    definition,
    device,
    link_context,
)
from tests.unit.fhir.serving import serving_ehr

MODES = ["put-id", "conditional-update", "conditional-create"]
SCALE, WATCH = 0, 2
# Consent, software, and of each device its model, itself and whose it is.
WHOLE = 2 + 2 * 3


class Record:
    """The copy of a link's record in one EHR; each writing knows nothing of those before."""

    def __init__(self, client, mode):
        self.client, self.mode, self.context = client, mode, link_context()

    def publisher(self):
        return Publisher(self.client, write_mode=self.mode)

    def copied(self, *shared):
        c = self.context
        parts = [[consent(c, *shared)], [build_software(context=c)]]
        parts += [
            [build(c, n) for n in (SCALE, WATCH)] for build in (definition, device, association)
        ]
        return counted(self.publisher().ensure([one for part in parts for one in part]))

    def closed(self, *shared):
        publisher = self.publisher()
        withdrawn = consent(self.context, *shared, until=UNTIL)
        return counted(
            publisher.ensure([withdrawn, *(ended(one, UNTIL) for one in self.associations())])
        )

    def associations(self):
        context = self.context
        return self.publisher().of_link(
            "DeviceAssociation", patient=context.patient, link=context.link
        )

    def consents(self):
        context = self.context
        return self.publisher().of_link("Consent", patient=context.patient, link=context.link)


def counted(written):
    assert written.rejections == []
    return written.created, written.updated, written.unchanged


@pytest.fixture(params=MODES)
def record(request):
    with serving_ehr() as ehr, closing(connect(FhirConnection(url=ehr.url))) as client:
        yield Record(client, request.param)


def test_the_record_is_written_once_and_left_alone_when_it_comes_again(record):
    assert record.copied(BODY) == (WHOLE, 0, 0)
    assert record.copied(BODY) == (0, 0, WHOLE)


def test_sharing_more_changes_the_consent_alone(record):
    record.copied(BODY)

    assert record.copied(BODY, PRESSURE) == (0, 1, WHOLE - 1)


def test_an_unlinked_account_is_closed_without_the_vendor_and_closing_again_changes_nothing(record):
    record.copied(BODY)

    assert record.closed(BODY) == (0, 3, 0)
    assert record.closed(BODY) == (0, 0, 3)
    assert {one["period"]["end"] for one in record.associations()} == {"2026-11-20T18:05:00+00:00"}
    assert [one["status"] for one in record.consents()] == ["inactive"]


def test_a_relinked_account_opens_what_was_closed_and_adds_nothing(record):
    record.copied(BODY)
    record.closed(BODY)

    assert record.copied(BODY) == (0, 3, WHOLE - 3)
    assert [one["period"].get("end") for one in record.associations()] == [None, None]
    assert [one["status"] for one in record.consents()] == ["active"]
    assert not any("statusReason" in one for one in record.associations())
