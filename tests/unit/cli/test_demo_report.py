"""What `ohx demo --once --json` prints: the contract's keys, and when it counts as a success."""

import json
from datetime import date

import pytest

from ohx_pipelines.cli.demo_report import (
    DemoResult,
    Held,
    besides_readings,
    held,
    ledger_counts,
)
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpEhr


def result(**changes):
    given = {
        "links": 4,
        "files": 3,
        "materialized": 28,
        "failed": 0,
        "first": Counts(
            rows=900,
            observations=20,
            created=11,
            updated=2,
            unchanged=3,
            retracted=4,
            held_back=5,
            rejected=6,
        ),
        "second": Counts(rows=900, observations=20, created=7, updated=8, unchanged=9),
        "differences": 0,
        "uncopied": 0,
        "ehr": Held(observations=11, devices=5, versions={"2": 1, "1": 10}, besides={"Consent": 4}),
        "seconds": 61.234,
    }
    return DemoResult(**given | changes)


def test_the_object_has_exactly_the_keys_of_the_contract():
    assert json.loads(json.dumps(result().as_json())) == {
        "links": 4,
        "files": 3,
        "partitions": {"materialized": 28, "failed": 0},
        "observations": {
            "created": 11,
            "updated": 2,
            "unchanged": 3,
            "retracted": 4,
            "held_back": 5,
            "rejected": 6,
        },
        "second": {"created": 7, "updated": 8, "unchanged": 9},
        "differences": 0,
        "uncopied": 0,
        "ehr": {"Observation": 11, "Device": 5, "Consent": 4},
        "ehr_versions": {"1": 10, "2": 1},
        "seconds": 61.2,
    }


QUIET = Counts(unchanged=11)


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({}, True),
        ({"failed": 1}, False),
        ({"differences": 1}, False),
        ({"uncopied": 1}, False),
        ({"materialized": 0}, False),
        ({"second": Counts(created=1, unchanged=11)}, False),
        ({"second": Counts(updated=1, unchanged=10)}, False),
    ],
    ids=str,
)
def test_it_is_a_success_only_when_nothing_failed_or_differs_and_nothing_is_written_twice(
    changes, ok
):
    assert result(**{"second": QUIET} | changes).ok is ok


def test_the_counts_are_the_sum_of_every_day_of_the_given_links(store):
    ada, bob, cy = (link_account(store, account).id for account in ("ada", "bob", "cy"))
    for number, link in enumerate((ada, bob, cy), start=1):
        for day in ("2026-11-01", "2026-11-02"):
            one = DayResult(
                day=date.fromisoformat(day),
                outcome=Outcome.SYNCED,
                counts=Counts(created=number, held_back=1),
            )
            store.record_days(link, [one], run_id="r")

    assert ledger_counts(store, [ada, cy]) == Counts(created=8, held_back=4)


def observation(patient, version="1", device="scale"):
    return {
        "subject": {"reference": f"Patient/{patient}"},
        "meta": {"versionId": version},
        "device": {"reference": f"Device/{device}"},
    }


def device(model):
    return {"definition": {"reference": {"reference": f"DeviceDefinition/{model}"}}}


def of_patient(patient):
    return {"subject": {"reference": f"Patient/{patient}"}}


@pytest.fixture
def ehr():
    found = {
        ("Observation", "1"): observation("ada"),
        ("Observation", "2"): observation("ada", "2"),
        ("Observation", "3"): observation("ada") | {"device": {"reference": "Device/cuff"}},
        ("Observation", "4"): observation("bob", device="his"),
        ("Device", "scale"): device("body"),
        ("Device", "cuff"): device("bpm"),
        ("Device", "his"): device("bpm"),
        ("Device", "software"): {},
        ("DeviceDefinition", "body"): {},
        ("DeviceDefinition", "bpm"): {},
        ("Consent", "1"): of_patient("ada"),
        ("Consent", "2"): of_patient("bob"),
        ("DeviceAssociation", "1"): of_patient("ada"),
        ("DeviceAssociation", "2"): of_patient("ada"),
        ("DeviceAssociation", "3"): of_patient("bob"),
        ("Provenance", "1"): of_patient("ada"),
    }
    return MadeUpEhr(held={key: one | {"id": key[1]} for key, one in found.items()})


def test_of_its_own_ehr_everything_is_counted(ehr):
    found = held(ehr, None)

    assert found == Held(
        observations=4,
        devices=4,
        versions={"1": 3, "2": 1},
        besides={"Consent": 2, "DeviceDefinition": 2, "DeviceAssociation": 3, "Provenance": 1},
    )
    assert besides_readings(found) == (
        "4 Device, 2 Consent, 3 DeviceAssociation, 1 Provenance, 2 DeviceDefinition"
    )


def test_of_an_ehr_that_others_use_too_only_what_belongs_to_its_people_is_counted(ehr):
    found = held(ehr, [{"patient_id": "ada"}])

    assert found == Held(
        observations=3,
        devices=2,
        versions={"1": 2, "2": 1},
        besides={"Consent": 1, "DeviceDefinition": 2, "DeviceAssociation": 2, "Provenance": 1},
    )


def test_an_observation_without_a_version_is_seen(ehr):
    del ehr.held["Observation", "4"]["meta"]

    assert held(ehr, [{"patient_id": "bob"}]).versions == {"None": 1}
