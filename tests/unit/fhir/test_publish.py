"""Publishing to a FHIR R5 endpoint over real HTTP: what is written, what a refusal costs.

The endpoint is the sandbox's EHR, which validates each resource and knows nothing of this product.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from tenacity import wait_none

from ohx_pipelines.errors import EhrDown, EhrRejected
from ohx_pipelines.fhir import client as client_module
from ohx_pipelines.fhir.answers.refusal_reasons import REASONS
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.governance.devices import build_device
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing import again
from ohx_pipelines.fhir.writing.written import Rejection
from tests.unit.fhir.readings import TAKEN, cuff, measurement
from tests.unit.fhir.serving import serving_ehr
from tests.wire import Wire

CANARY = "CANARY-72.3"
FHIR = {"Content-Type": "application/fhir+json"}
WEIGHT = measurement("body_weight", "70", "kg", device=None)


@pytest.fixture
def ehr():
    with serving_ehr() as server:
        yield server


@pytest.fixture
def client(ehr, monkeypatch):
    monkeypatch.setattr(client_module, "_backoff", wait_none())
    monkeypatch.setattr(again, "PAUSE_SECONDS", (0.0, 0.01))
    opened = connect(FhirConnection(url=ehr.url, timeout_seconds=10))
    yield opened
    opened.close()


@pytest.fixture
def publisher(client):
    return Publisher(client)


@pytest.fixture
def device(context):
    return build_device(
        device="5d1c",
        model="Body+",
        kind="Scale",
        manufacturer="Withings",
        context=context,
        define=False,
    )


@pytest.fixture
def many(build, publisher, device):
    """Weighings of one day, their device written."""
    publisher.ensure_devices([device])

    def built(count, **changes):
        return build(
            *(
                measurement(
                    "body_weight",
                    f"7{n % 10}.{n:02d}",
                    "kg",
                    record=str(n),
                    group=str(n),
                    start=TAKEN + timedelta(seconds=n),
                    **changes,
                )
                for n in range(count)
            )
        )

    return built


def existing(publisher, patient="p1", days=1):
    return publisher.read_existing(
        patient=patient,
        vendor="withings",
        start=TAKEN - timedelta(hours=1),
        end=TAKEN + timedelta(days=days),
    )


def test_more_than_a_bundle_holds_is_written_once_and_left_alone_the_second_time(publisher, many):
    desired = many(250)

    first = publisher.publish(desired, existing(publisher))
    second = publisher.publish(desired, existing(publisher))

    assert (first.created, first.updated, first.unchanged) == (250, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 250)
    assert len(existing(publisher)) == 250


def test_a_blood_pressure_and_a_typed_in_weight_are_taken_by_a_validating_server(
    publisher, build, many
):
    many(0)
    desired = build(*cuff(), measurement("body_height", "1.78", "m", record="7", group="7"))

    written = publisher.publish(desired, {})

    assert (written.created, dict(written.rejected)) == (2, {})


def test_a_changed_value_is_written_over_the_old_one(publisher, build, many, client):
    many(0)
    [old] = build(measurement("body_weight", "70.10", "kg"))
    [new] = build(measurement("body_weight", "70.20", "kg"))
    publisher.publish([old], {})

    written = publisher.publish([new], existing(publisher))
    again = publisher.publish([new], existing(publisher))

    assert (written.updated, written.created) == (1, 0)
    held = client.read("Observation", new["id"])
    assert (str(held["valueQuantity"]["value"]), held["status"]) == ("70.20", "corrected")
    assert again.unchanged == 1


def test_only_this_vendors_readings_of_this_patient_and_window_are_read(publisher, many, build):
    ours = many(2)
    theirs = build(measurement("body_weight", "80", "kg"), patient="p2")
    other_vendor = build(measurement("body_weight", "81", "kg", device=None), vendor="other")
    later = build(
        measurement("body_weight", "82", "kg", record="l", start=TAKEN + timedelta(days=3))
    )
    publisher.publish([*ours, *theirs, *other_vendor, *later], {})

    assert set(existing(publisher)) == {one["id"] for one in ours}


@pytest.fixture
def poisoned(ehr, many):
    """A hundred weighings of which this site, and nobody else, refuses one."""
    ehr.settings.change({"limits": {"29463-7": 90}})
    desired = many(100)
    desired[41]["valueQuantity"]["value"] = Decimal("99.9")
    return desired


def test_one_entry_that_is_refused_costs_nothing_else(publisher, poisoned):
    written = publisher.publish(poisoned, {})

    assert (written.created, written.status) == (99, 422)
    [rejection] = written.rejections
    assert rejection.expression == "Observation.valueQuantity.value"
    assert rejection.reason in REASONS


def test_a_server_that_refuses_the_whole_bundle_and_names_the_entry_gets_the_others_at_once(
    ehr, publisher, poisoned
):
    ehr.settings.change({"bad_entry": "bundle"})
    ehr.asked.clear()

    written = publisher.publish(poisoned, {})

    assert (written.created, sum(written.rejected.values()), written.status) == (99, 1, 422)
    assert written.rejections[0].expression == "Observation.valueQuantity.value"
    assert [method for method, _ in ehr.asked] == ["POST", "POST"]


def test_what_breaks_the_specification_is_reported_and_never_sent(ehr, publisher, many):
    desired = many(3)
    desired[1]["valueQuantity"]["code"] = "[stone_av]"
    sent_before = len(ehr.asked)

    written = publisher.publish(desired[1:2], {})

    assert len(ehr.asked) == sent_before
    assert written.rejections == [
        Rejection(
            issue="binding",
            reason="terminology",
            expression="Observation.valueQuantity.code",
            profile="http://hl7.org/fhir/StructureDefinition/bodyweight",
            sent=False,
        )
    ]
    assert written.reasons == {"check_binding/terminology/Observation.valueQuantity.code": 1}


def test_what_is_derived_from_a_reading_that_our_checks_refuse_goes_without_the_link(
    ehr, publisher, build, many
):
    many(0)
    weight, bmi = build(
        measurement("body_weight", "70", "kg"), measurement("body_mass_index", "22", "kg/m2")
    )
    assert bmi["derivedFrom"] == [{"reference": f"Observation/{weight['id']}"}]
    weight["valueQuantity"]["code"] = "[stone_av]"

    written = publisher.publish([weight, bmi], {})

    assert [one.reason for one in written.rejections] == ["terminology"]
    [stored] = [one.resource for one in ehr._store.all_live("Observation")]
    assert (written.created, stored["id"], "derivedFrom" in stored) == (1, bmi["id"], False)


def test_a_reference_that_leads_nowhere_is_tried_no_more_than_once(ehr, publisher, build):
    desired = build(measurement("body_weight", "70", "kg"))

    written = publisher.publish(desired, {})

    assert [one.reason for one in written.rejections] == ["reference"]
    assert [method for method, _ in ehr.asked].count("POST") == 1


def test_bundles_stay_below_a_megabyte(ehr, publisher, many):
    desired = many(4)
    for one in desired:
        one["note"] = [{"text": "x" * 400_000}]
    ehr.asked.clear()

    written = publisher.publish(desired, {})

    assert written.created == 4
    assert [method for method, _ in ehr.asked] == ["POST", "POST"]


def test_a_conflict_is_read_again_before_it_is_written_again(ehr, publisher, many):
    ehr.faults.add("entry_status", status=409, count=3)
    desired = many(10)

    written = publisher.publish(desired, {})

    assert written.created == 10
    assert len(existing(publisher)) == 10


def test_an_answer_that_was_lost_after_the_write_doubles_nothing(ehr, publisher, many):
    desired = many(5)
    ehr.faults.add("drop_after_commit", count=1)

    publisher.publish(desired, {})

    assert len(existing(publisher)) == 5


def test_an_ehr_that_is_down_for_a_moment_is_tried_again(ehr, publisher, many):
    desired = many(3)
    ehr.faults.add("status", status=503, count=2)

    assert publisher.publish(desired, {}).created == 3


def test_an_ehr_that_stays_down_is_a_failure_with_its_status_and_attempts(ehr, publisher, many):
    desired = many(3)
    ehr.faults.add("status", status=503)

    with pytest.raises(EhrDown) as caught:
        publisher.publish(desired, {})

    assert (caught.value.status, caught.value.attempts) == (503, 3)


def test_an_entry_that_is_answered_503_is_an_ehr_that_is_down_and_no_bad_reading(
    ehr, publisher, many
):
    desired = many(3)
    ehr.faults.add("entry_status", status=503)

    with pytest.raises(EhrDown):
        publisher.publish(desired, {})


def test_rights_that_are_missing_are_not_tried_again(ehr, publisher, many):
    desired = many(3)
    ehr.faults.add("status", status=403, count=1)

    with pytest.raises(EhrRejected) as caught:
        publisher.publish(desired, {})

    assert (caught.value.status, caught.value.attempts) == (403, 1)


def test_an_unknown_patient_is_refused_and_not_created(publisher, build, client):
    desired = build(measurement("body_weight", "70", "kg", device=None), patient="nobody")

    written = publisher.publish(desired, {})

    assert (written.created, sum(written.rejected.values())) == (0, 1)
    assert client.read("Patient", "nobody") is None


def test_a_device_is_written_once_for_the_household(ehr, publisher, device):
    publisher.ensure_devices([device])
    publisher.ensure_devices([device])

    assert ehr.snapshot()["Device"] == 1


def test_a_reading_that_moved_out_of_the_window_is_found_by_its_id(publisher, many):
    desired = many(60)
    publisher.publish(desired, {})

    found = publisher.read_by_ids("Observation", [one["id"] for one in desired])

    assert len(found) == 60


@pytest.fixture
def refusals_of(build):
    """What is noted of a reading that the EHR refuses with issues of these codes."""

    def publish(*codes):
        issues = [{"severity": "error", "code": code, "diagnostics": CANARY} for code in codes]
        outcome = {"resourceType": "OperationOutcome", "issue": issues}
        entry = {"response": {"status": "422", "outcome": outcome}}
        bundle = {"resourceType": "Bundle", "type": "batch-response", "entry": [entry]}
        client = connect(FhirConnection(url="https://ehr.example/fhir"))
        client._session.mount("https://", Wire((200, bundle, FHIR)))
        try:
            return dict(Publisher(client).publish(build(WEIGHT), {}).rejected)
        finally:
            client.close()

    return publish


@pytest.mark.parametrize("code", ["code-invalid", "multiple-matches", "limited-filter", "value"])
def test_a_refusal_is_counted_under_its_issue_type(refusals_of, code):
    assert refusals_of(code) == {code: 1}


@pytest.mark.parametrize(
    "code", ["Hypertension", "diabetes-mellitus", "Invalid", "code invalid", "", None, ["value"]]
)
def test_a_word_that_is_no_issue_type_goes_no_further(refusals_of, code):
    assert refusals_of(code) == {"http_422": 1}
    assert refusals_of(code, "invariant") == {"invariant": 1}


def test_no_text_of_the_server_is_in_an_error(ehr, publisher, many):
    desired = many(1)
    ehr.faults.add("status", status=422)

    written = publisher.publish(desired, {})

    assert set(written.rejected) == {"processing"}
    assert "sandbox" not in repr(written)
