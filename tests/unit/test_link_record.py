"""A link's copy in its EHR: written while it lives, closed when it ends, whatever fails between."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from ohx_pipelines.errors import AuthLost, EhrDown, VendorDown
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.link_record import Copied, LinkRecords
from ohx_pipelines.links import link_records
from ohx_pipelines.links.records import LinkState, RecordState
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import DataType, DeviceInfo
from ohx_pipelines.unlinking import finish_unlink
from tests.unit.linked import ZONE, link_account
from tests.unit.made_up import SCALE, MadeUpEhr, MadeUpVendor, grant

WHO = "operator test"
WATCH = DeviceInfo(device="77aa", model="ScanWatch", kind="Activity Tracker", firmware="2.41")
NAMES = (DataType(name="weight", title="body weight", metrics=frozenset()),)


@dataclass
class SharingVendor(MadeUpVendor):
    """A vendor whose data types have names of their own."""

    @property
    def facts(self):
        return replace(super().facts, data_types=NAMES)


@pytest.fixture
def vendor():
    return SharingVendor(owned=[SCALE, WATCH])


@pytest.fixture
def ehr():
    return MadeUpEhr()


@pytest.fixture
def records(store, vendor, ehr):
    return LinkRecords(
        store=store,
        providers={"acme": vendor},
        publisher=lambda connection: Publisher(
            ehr, write_mode=connection.write_mode, leave_out=connection.leave_out
        ),
        secret=b"s" * 40,
    )


@pytest.fixture
def link(store):
    return link_account(store, "ada")


@pytest.fixture
def copied(records, link):
    """A link whose copy was written."""
    assert records.copy(link.id).outcome is Outcome.SYNCED
    return link


def of_type(ehr, resource_type):
    return [one for (kind, _), one in sorted(ehr.held.items()) if kind == resource_type]


def written(ehr):
    return [kind for deed, kind in ehr.log if deed == "write"]


def record(store, link):
    return store.statuses(link_id=link.id)[0]


def asked_at(store, link):
    return record(store, link).unlink_asked_at.replace(microsecond=0)


def moment(text):
    return datetime.fromisoformat(text)


def unlinked(store, link):
    store.begin_unlink(link.id, who=WHO)
    finish_unlink(store, MadeUpVendor(), link.id, who=WHO)


def linked_again(store, link):
    store.save_link(
        patient_id=link.patient.id, provider="acme", grant=grant("ada"), data_types=["weight"]
    )
    return store.confirm_link(link.id, zone=ZONE)


def test_a_new_link_gives_the_ehr_its_consent_and_its_devices_in_an_order_that_resolves(
    records, store, ehr, link
):
    found = records.copy(link.id)

    assert found == Copied(outcome=Outcome.SYNCED, created=8)
    assert list(dict.fromkeys(written(ehr))) == [
        "Consent",
        "DeviceDefinition",
        "Device",
        "DeviceAssociation",
    ]
    assert ehr.totals() == {
        "Consent": 1,
        "DeviceDefinition": 2,
        # The scale, the watch, and this software.
        "Device": 3,
        "DeviceAssociation": 2,
    }
    assert [problems(one) for one in ehr.held.values()] == [[]] * 8
    assert record(store, link).record is RecordState.WRITTEN


def test_devices_are_asked_for_as_far_as_the_patient_shares(records, store, vendor, link):
    records.copy(link.id)

    assert vendor.devices_shared == [frozenset(store.record_to_copy(link.id).data_types)]
    assert vendor.devices_shared != [frozenset()]


def test_the_consent_says_whose_data_types_are_shared_since_the_patients_yes(copied, ehr):
    [consent] = of_type(ehr, "Consent")

    assert consent["status"] == "active"
    assert consent["subject"] == {"reference": "Patient/patient-ada"}
    assert moment(consent["period"]["start"]) == copied.confirmed_at.replace(microsecond=0)
    assert "end" not in consent["period"]
    [code] = consent["provision"][0]["code"]
    assert code["text"] == "body weight"
    assert consent["provision"][0]["actor"][0]["reference"]["display"] == "Acme"
    tags = [(one["system"], one["code"]) for one in consent["meta"]["tag"]]
    assert ("https://open-health-exchange.org/fhir/sid/link", copied.id) in tags


def test_a_copy_of_what_is_there_writes_nothing(records, store, ehr, copied):
    ehr.log.clear()

    found = records.copy(copied.id)

    assert found == Copied(outcome=Outcome.SYNCED, unchanged=8)
    assert written(ehr) == []
    assert [one.what for one in store.audit(link_id=copied.id)].count("record_copied") == 1


def test_a_device_that_comes_later_is_added(records, vendor, ehr, copied):
    vendor.owned = [SCALE, WATCH, DeviceInfo(device="99", model="Body+", kind="Scale")]

    found = records.copy(copied.id)

    # Of a known model: a Device and whose it is.
    assert (found.created, found.updated, found.unchanged) == (2, 0, 8)


def test_a_household_scale_is_one_device_with_two_associations(records, store, vendor, ehr, link):
    vendor.owned = [SCALE]
    other = link_account(store, "bob")

    assert records.copy(link.id).outcome.ok
    assert records.copy(other.id).outcome.ok

    assert ehr.totals()["Device"] == 2
    associations = of_type(ehr, "DeviceAssociation")
    assert len({one["device"]["reference"] for one in associations}) == 1
    assert {one["subject"]["reference"] for one in associations} == {
        "Patient/patient-ada",
        "Patient/patient-bob",
    }


def test_the_ehr_that_is_down_is_tried_again_and_shown_until_it_is_told(records, store, ehr, link):
    ehr.read_error = EhrDown(status=503)

    found = records.copy(link.id)

    assert found == Copied(outcome=Outcome.EHR_DOWN, status=503, error="ehr_down")
    shown = record(store, link)
    assert (shown.record, shown.record_error) == (RecordState.DUE, "ehr_down")
    assert store.audit(link_id=link.id)[-1].what == "record_failed"
    ehr.read_error = None
    assert records.copy(link.id).outcome.ok
    shown = record(store, link)
    assert (shown.record, shown.record_error) == (RecordState.WRITTEN, None)


def test_a_vendor_that_is_down_keeps_no_consent_back(records, store, vendor, ehr, link):
    vendor.devices_error = VendorDown(status=503)

    assert records.copy(link.id) == Copied(
        outcome=Outcome.VENDOR_DOWN, status=503, error="vendor_down"
    )

    assert ehr.totals() == {"Consent": 1}
    assert record(store, link).record is RecordState.DUE


def test_a_refused_consent_is_a_failed_copy_with_the_ehrs_reason_and_costs_no_device(
    records, store, ehr, link
):
    ehr.refused = {"Consent": 422}

    found = records.copy(link.id)

    assert (found.outcome, found.rejected, found.status) == (Outcome.EHR_REJECTED, 1, 422)
    assert ehr.totals()["DeviceAssociation"] == 2
    shown = record(store, link)
    assert (shown.record, shown.record_error) == (RecordState.DUE, "ehr_value/structure")
    assert "CANARY" not in str(store.audit(link_id=link.id))


def test_what_keeps_no_promise_of_ours_is_an_error_of_ours_without_its_text(
    records, store, vendor, link
):
    vendor.devices_error = ZeroDivisionError("CANARY")

    found = records.copy(link.id)

    assert (found.outcome, found.error) == (Outcome.INTERNAL, "ZeroDivisionError")
    assert "CANARY" not in str(store.audit(link_id=link.id))


def test_the_end_closes_consent_and_associations_at_the_moment_it_was_asked_for(
    records, store, ehr, copied
):
    store.begin_unlink(copied.id, who=WHO)

    found = records.close(copied.id, who=WHO)

    assert found == Copied(outcome=Outcome.SYNCED, updated=3)
    [consent] = of_type(ehr, "Consent")
    assert consent["status"] == "inactive"
    assert moment(consent["period"]["end"]) == asked_at(store, copied)
    for one in of_type(ehr, "DeviceAssociation"):
        assert moment(one["period"]["end"]) == asked_at(store, copied)
        assert one["statusReason"][0]["coding"][0]["code"] == "disconnected"
    assert [problems(one) for one in ehr.held.values()] == [[]] * 8
    assert store.audit(link_id=copied.id)[-1].what == "record_copied"
    assert store.audit(link_id=copied.id)[-1].who == WHO


def test_an_end_that_the_ehr_knows_is_not_told_again(records, store, ehr, copied):
    store.begin_unlink(copied.id, who=WHO)
    records.close(copied.id)
    ehr.log.clear()

    assert records.close(copied.id) == Copied(outcome=Outcome.SYNCED)
    assert ehr.log == []


def test_an_end_needs_no_key_and_no_vendor(records, store, ehr, copied):
    ehr.read_error = EhrDown()
    store.begin_unlink(copied.id, who=WHO)
    assert finish_unlink(store, MadeUpVendor(), copied.id, records=records).done
    assert store.is_erased(copied.id)
    ehr.read_error = None

    assert replace(records, providers={}).close(copied.id).outcome.ok

    [consent] = of_type(ehr, "Consent")
    assert (consent["status"], moment(consent["period"]["end"])) == (
        "inactive",
        asked_at(store, copied),
    )


def test_a_copy_that_was_never_written_becomes_a_withdrawn_consent(records, store, ehr, link):
    ehr.read_error = EhrDown()
    records.copy(link.id)
    unlinked(store, link)
    ehr.read_error = None

    assert records.close(link.id).outcome.ok

    assert ehr.totals() == {"Consent": 1}
    [consent] = of_type(ehr, "Consent")
    assert consent["status"] == "inactive"
    assert moment(consent["period"]["start"]) == link.confirmed_at.replace(microsecond=0)


def test_who_never_agreed_has_nothing_to_withdraw(records, store, ehr):
    link = link_account(store, "ada", confirmed=False)
    unlinked(store, link)

    assert records.close(link.id) == Copied(outcome=Outcome.SYNCED)
    assert ehr.held == {}


def test_a_living_link_whose_copy_is_due_is_not_closed(records, store, ehr, link):
    assert records.close(link.id) == Copied(outcome=Outcome.SYNCED)
    assert ehr.log == []
    assert record(store, link).record is RecordState.DUE


def test_a_living_link_is_not_closed(records, ehr, copied):
    ehr.log.clear()

    assert records.close(copied.id) == Copied(outcome=Outcome.SYNCED)
    assert ehr.log == []


def test_a_link_that_is_linked_again_opens_the_same_resources(records, store, ehr, copied):
    before = set(ehr.held)
    unlinked(store, copied)
    records.close(copied.id)
    again = linked_again(store, copied)

    assert records.copy(copied.id).outcome.ok

    assert set(ehr.held) == before
    [consent] = of_type(ehr, "Consent")
    assert consent["status"] == "active"
    for one in (consent, *of_type(ehr, "DeviceAssociation")):
        assert "end" not in one["period"]
        assert moment(one["period"]["start"]) == again.confirmed_at.replace(microsecond=0)
        assert "statusReason" not in one


def test_an_end_is_told_while_the_same_account_waits_to_be_confirmed_again(
    records, store, ehr, copied
):
    unlinked(store, copied)
    store.save_link(
        patient_id=copied.patient.id, provider="acme", grant=grant("ada"), data_types=["weight"]
    )

    assert records.close(copied.id).outcome.ok

    assert [one["status"] for one in of_type(ehr, "Consent")] == ["inactive"]


def test_a_renewal_closes_nothing_and_changes_nothing(records, store, ehr, copied):
    before = {name: dict(one) for name, one in ehr.held.items()}
    store.save_link(
        patient_id=copied.patient.id, provider="acme", grant=grant("ada"), data_types=["weight"]
    )
    ehr.log.clear()

    assert records.copy(copied.id).outcome.ok
    assert records.close(copied.id) == Copied(outcome=Outcome.SYNCED)

    assert ehr.held == before
    assert written(ehr) == []


def test_a_link_that_ends_while_its_vendor_is_asked_gets_no_device_and_its_end_is_told(
    records, store, vendor, ehr, link
):
    vendor.while_listing = lambda: store.begin_unlink(link.id, who=WHO)

    assert records.copy(link.id).outcome is Outcome.NOT_CONSENTED

    assert ehr.totals() == {"Consent": 1}
    assert record(store, link).record is RecordState.DUE
    assert "record_failed" not in [one.what for one in store.audit(link_id=link.id)]
    assert records.close(link.id).outcome.ok
    assert [one["status"] for one in of_type(ehr, "Consent")] == ["inactive"]


def test_a_change_while_the_vendor_is_asked_stays_due(records, store, vendor, link):
    def renewed():
        store.save_link(
            patient_id=link.patient.id, provider="acme", grant=grant("ada"), data_types=[]
        )

    vendor.while_listing = renewed
    records.copy(link.id)

    assert record(store, link).record is RecordState.DUE


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (LinkState.UNCONFIRMED, Outcome.NOT_CONSENTED),
        (LinkState.UNLINKING, Outcome.NOT_CONSENTED),
        (LinkState.UNLINKED, Outcome.NOT_CONSENTED),
    ],
)
def test_of_a_link_that_is_not_consented_nothing_is_copied_and_nothing_noted(
    records, store, ehr, link, state, outcome
):
    store.set_state(link.id, state)

    assert records.copy(link.id).outcome is outcome

    assert ehr.log == []
    assert record(store, link).record_error is None


def test_what_is_shared_less_while_the_permission_is_lost_is_told_without_the_vendor(
    records, store, vendor, ehr, copied
):
    store.set_state(copied.id, LinkState.NEEDS_RELINK)
    store.share(copied.id, ["height"], who=WHO)
    vendor.devices_error = AssertionError("the vendor was asked")
    devices = of_type(ehr, "DeviceAssociation")

    assert records.copy(copied.id).outcome is Outcome.AUTH_LOST

    [consent] = of_type(ehr, "Consent")
    assert consent["status"] == "active"
    [code] = consent["provision"][0]["code"]
    assert code["coding"][0]["code"] == "acme.height"
    assert of_type(ehr, "DeviceAssociation") == devices
    assert record(store, copied).record is RecordState.WRITTEN


def test_an_ehr_that_is_down_while_the_permission_is_lost_is_told_later(
    records, store, ehr, copied
):
    store.set_state(copied.id, LinkState.NEEDS_RELINK)
    store.share(copied.id, ["height"], who=WHO)
    ehr.read_error = EhrDown(status=503)

    assert records.copy(copied.id).outcome is Outcome.EHR_DOWN

    assert record(store, copied).record is RecordState.DUE
    assert record(store, copied).record_error == "ehr_down"


def test_the_withdrawn_consent_says_what_was_shared_and_not_what_is_offered_anew(
    records, store, ehr, copied
):
    unlinked(store, copied)
    store.save_link(
        patient_id=copied.patient.id,
        provider="acme",
        grant=grant("ada"),
        data_types=["weight", "height"],
    )

    assert records.close(copied.id).outcome.ok

    [consent] = of_type(ehr, "Consent")
    assert consent["status"] == "inactive"
    codes = [one["coding"][0]["code"] for one in consent["provision"][0]["code"]]
    assert codes == ["acme.weight"]


def test_a_refused_permission_is_the_patients_to_mend(records, store, vendor, link):
    vendor.devices_error = AuthLost(status=401)

    assert records.copy(link.id).outcome is Outcome.AUTH_LOST


def test_another_process_that_writes_the_same_copy_is_not_overtaken(
    records, store, ehr, link, monkeypatch
):
    monkeypatch.setattr(link_records, "LONGEST_WAIT_SECONDS", 0.1)

    with store.copying(link.id):
        found = records.copy(link.id)

    assert (found.outcome, found.error) == (Outcome.EHR_REJECTED, "writer_busy")
    assert ehr.log == []
    assert records.copy(link.id).outcome.ok


def test_devices_are_not_written_while_another_process_writes_the_same_copy(
    records, store, vendor, ehr, link, monkeypatch
):
    monkeypatch.setattr(link_records, "LONGEST_WAIT_SECONDS", 0.1)
    with ExitStack() as other:
        vendor.while_listing = lambda: other.enter_context(store.copying(link.id))
        found = records.copy(link.id)

    assert found.error == "writer_busy"
    assert ehr.totals() == {"Consent": 1}


def test_an_end_waits_for_a_copy_on_its_way(records, store, ehr, copied, monkeypatch):
    monkeypatch.setattr(link_records, "LONGEST_WAIT_SECONDS", 0.1)
    store.begin_unlink(copied.id, who=WHO)
    ehr.log.clear()

    with store.copying(copied.id):
        found = records.close(copied.id)

    assert found.error == "writer_busy"
    assert ehr.log == []
    assert record(store, copied).record is RecordState.DUE
    assert records.close(copied.id).outcome.ok


@pytest.mark.parametrize("left_out", ["Consent", "DeviceDefinition", "DeviceAssociation"])
def test_an_ehr_is_not_given_the_types_that_it_is_to_be_without(
    records, store, ehr, link, left_out
):
    store.set_left_out("default", [left_out])

    assert records.copy(link.id).outcome.ok
    store.begin_unlink(link.id, who=WHO)
    assert records.close(link.id).outcome.ok

    left = {"Consent", "DeviceDefinition", "DeviceAssociation"} - {left_out}
    assert set(ehr.totals()) == left | {"Device"}
    assert ("read", left_out) not in ehr.log
    if left_out == "DeviceDefinition":
        assert not any("definition" in one for one in of_type(ehr, "Device"))


def test_where_nothing_may_be_read_no_association_is_written_that_nobody_could_end(
    records, store, ehr, link
):
    store.set_write_mode("default", "blind")

    assert records.copy(link.id).outcome.ok
    store.begin_unlink(link.id, who=WHO)
    assert records.close(link.id).outcome.ok

    assert set(ehr.totals()) == {"Consent", "DeviceDefinition", "Device"}
    assert [one["status"] for one in of_type(ehr, "Consent")] == ["inactive"]
    assert "read" not in {deed for deed, _ in ehr.log}


def test_what_the_ehrs_staff_marked_as_an_error_stays_so(records, store, ehr, copied):
    wrong = of_type(ehr, "DeviceAssociation")[0]
    wrong["status"] = {"coding": [wrong["status"]["coding"][0] | {"code": "entered-in-error"}]}
    store.begin_unlink(copied.id, who=WHO)

    assert records.close(copied.id).outcome.ok

    assert "end" not in wrong["period"]


def test_an_association_that_staff_have_ended_keeps_its_end_and_their_reason(
    records, store, ehr, copied
):
    broken = of_type(ehr, "DeviceAssociation")[0]
    broken["period"] |= {"end": "2026-11-25T23:00:00Z"}
    broken["statusReason"] = [{"text": "fell down"}]
    before = {**broken}
    store.begin_unlink(copied.id, who=WHO)

    assert records.close(copied.id).updated == 2

    assert ehr.held["DeviceAssociation", broken["id"]] == before


def test_test_data_is_labelled(records, ehr, link):
    replace(records, test_data=True).copy(link.id)

    labels = [
        {label["code"] for label in one["meta"].get("security", [])} for one in ehr.held.values()
    ]
    assert labels == [{"HTEST"}] * 8


def test_a_link_that_does_not_exist_is_said_and_nothing_raised(records):
    assert records.copy("aaaaaaaaaaaa").error == "not_found"
    assert records.close("aaaaaaaaaaaa").error == "not_found"
