"""A link's copy at a strict server: opened, closed and opened again as the same resources."""

from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.ehr_copies import Copies, SeenEhr, asked_at
from tests.unit.made_up import SCALE, MadeUpVendor, grant

MODES = ("put-id", "conditional-update", "conditional-create")
WATCH = DeviceInfo(device="77aa", model="ScanWatch", kind="Activity Tracker", firmware="2.41")
WHO = "operator test"


@pytest.fixture
def vendor():
    return MadeUpVendor(owned=[SCALE, WATCH])


@pytest.fixture
def records(store, vendor):
    copies = Copies(store, {"acme": vendor})
    yield copies.records
    copies.close()


def linked(store, hapi, patient, *, account="ada"):
    ehr = store.save_ehr(
        name="clinic", url=hapi.url, auth="none", username=None, credential=None, timeout_seconds=30
    )
    person = store.patient_signed_in(
        ehr_connection_id=ehr.id, fhir_id=patient, issuer="https://login.example", subject=account
    )
    link = store.save_link(
        patient_id=person.id, provider="acme", grant=grant(account), data_types=["everything"]
    )
    return store.confirm_link(link.id, zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("mode", MODES)
def test_a_link_is_opened_closed_and_opened_again_and_nothing_is_refused(
    store, hapi, patient, vendor, records, mode
):
    ehr, link = SeenEhr(hapi.url), linked(store, hapi, patient)
    store.set_write_mode("clinic", mode)
    made = records.copy(link.id)
    assert (made.error, made.rejected) == (None, 0)
    assert ehr.is_open(link)
    again = records.copy(link.id)
    assert (again.created, again.updated) == (0, 0)

    store.begin_unlink(link.id, who=WHO)
    assert finish_unlink(store, vendor, link.id, records=records).ehr_code is None
    assert ehr.is_closed(link, at=asked_at(store, link))

    linked(store, hapi, patient)
    assert records.copy(link.id).error is None
    assert ehr.is_open(link)
    for one in (ehr.consent(link), *ehr.of_link("DeviceAssociation", link)):
        assert len(ehr.versions(one)) == 3


def test_a_household_scale_is_one_device_with_an_association_for_each(
    store, hapi, patient, vendor, records
):
    vendor.owned = [DeviceInfo(device=patient, model="Body+", kind="Scale")]
    other = hapi.new_patient(f"{patient}-2")
    links = [linked(store, hapi, patient), linked(store, hapi, other, account="bob")]

    assert [records.copy(link.id).error for link in links] == [None, None]

    ehr = SeenEhr(hapi.url)
    found = [one for link in links for one in ehr.of_link("DeviceAssociation", link)]
    assert len(found) == 2
    assert len({one["device"]["reference"] for one in found}) == 1
