"""Two vendors' links of one patient in one EHR: the reader judges each as if it were alone."""

import pytest

from sandbox.reader.compare import Follow, compare
from sandbox.reader.google.accounts import models_of
from sandbox.reader.governance import Account
from sandbox.reader.memory import Memory
from sandbox.reader.readings import GOOGLE_HEALTH, WITHINGS, Asked
from sandbox.reader.vendors import may_be_of, vendor_of
from tests.unit.sandbox.ehr_parts import device, running_ehr
from tests.unit.sandbox.following_parts import found, labelled
from tests.unit.sandbox.google_kind_parts import SID, SOURCE, TAKEN, health_device, named, ours
from tests.unit.sandbox.google_parts import TYPED_IN, raw, weight
from tests.unit.sandbox.governance_parts import (
    UNTIL,
    association,
    consent,
    definition,
    provenance,
    reference,
    software,
)
from tests.unit.sandbox.reader_parts import ANNA, DAY, MORNING, SCALE, at, difference, group

HERS = {GOOGLE_HEALTH: "Device/aria", WITHINGS: "Device/body"}


def health_weight(number="google", value=71.35, **more):
    return ours(
        at(number, "29463-7", value, "kg", effectiveDateTime=TAKEN)
        | {"device": reference(HERS[GOOGLE_HEALTH])} | more
    )  # fmt: skip


def other_weight(number="withings", value=72.3, **more):
    made = at(number, "29463-7", value, "kg") | {"device": reference(HERS[WITHINGS])} | more
    return ours(made, WITHINGS)


def health_definition():
    return ours(definition("m-aria"))


def refers(model):
    return {"definition": {"reference": reference(f"DeviceDefinition/{model}")}}


# --- Whose a resource is


@pytest.mark.parametrize(
    ("resource", "vendor"),
    [
        ({"meta": {"source": f"{SOURCE}google_health"}}, GOOGLE_HEALTH),
        ({"meta": {"source": f"{SOURCE}google_health#Xy12"}}, GOOGLE_HEALTH),
        ({"meta": {"source": f"{SOURCE}withings#Xy12"}}, WITHINGS),
        ({"meta": {"source": "#Xy12"}, "identifier": [{"system": f"{SID}withings-record"}]},
         WITHINGS),
        ({"identifier": [{"system": f"{SID}google_health-record"}]}, GOOGLE_HEALTH),
        ({"identifier": [{"system": "urn:x"}, {"system": f"{SID}google_health-device"}]},
         GOOGLE_HEALTH),
        ({"identifier": [{"system": f"{SID}withings-model", "value": "Body+"}]}, WITHINGS),
        ({"entity": [{"what": {"identifier": {"system": f"{SID}vendor", "value": "withings"}}}]},
         WITHINGS),
        ({"provision": [{"actor": [{"reference": {"identifier": {
            "system": f"{SID}vendor", "value": "google_health"}}}]}]}, GOOGLE_HEALTH),
        ({}, None),
        ({"meta": {"source": "https://lab.example/withings"}}, None),
        ({"meta": {"source": f"{SOURCE}ohx-pipelines"}}, None),
        ({"identifier": [{"system": "https://lab.example/record", "value": "withings"}]}, None),
        ({"identifier": [{"system": f"{SID}google_health-record"},
                         {"system": f"{SID}withings-record"}]}, None),
    ],
)  # fmt: skip
def test_a_resource_says_for_whose_link_it_was_written(resource, vendor):
    assert vendor_of(resource) == vendor
    for one in (GOOGLE_HEALTH, WITHINGS):
        assert may_be_of(resource, one) == (vendor in {one, None})


# --- Readings


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        yield running


@pytest.fixture
def ehr(server):
    for kind in ("Observation", "Device"):
        for number in server.found(kind):
            server.call("DELETE", f"{kind}/{number}").raise_for_status()
    aria = health_device("aria")
    for one in (aria, ours(device("body", SCALE), WITHINGS), health_weight(), other_weight()):
        server.put(one).raise_for_status()
    return server


ROWS = {
    GOOGLE_HEALTH: raw(weight()),
    WITHINGS: {"measures": [group(1, MORNING, (1, 7230, -2))]},
}


def judged(ehr, vendor, follow=None, *, rows=None, shared=False):
    return compare(
        ehr_url=ehr.url,
        people=[ANNA],
        rows={ANNA.login: ROWS[vendor] if rows is None else rows},
        first=DAY,
        last=DAY,
        asked=Asked(),
        vendor=vendor,
        follow=follow,
        shared=shared,
    ).as_json()


@pytest.mark.parametrize("vendor", ROWS)
def test_each_vendors_readings_are_right_by_themselves(ehr, vendor):
    for shared in (True, False):
        report = judged(ehr, vendor, shared=shared)
        assert difference(report) == {}
        assert (report["compared"], report["devices"]) == (1, 1)


@pytest.mark.parametrize("vendor", ROWS)
def test_a_server_that_strips_sources_is_understood_by_identifiers(ehr, vendor):
    ehr.call("DELETE", "Observation/google").raise_for_status()
    ehr.call("DELETE", "Observation/withings").raise_for_status()
    ehr.put(named(health_weight("g"), "weight-77.body_weight.0")).raise_for_status()
    ehr.put(named(other_weight("w"), "1.body_weight.0", WITHINGS)).raise_for_status()
    assert difference(judged(ehr, vendor)) == {}


def test_a_reading_that_was_written_for_the_other_vendors_link_is_found_on_both_sides(ehr):
    ehr.call("DELETE", "Observation/google").raise_for_status()
    ehr.put(health_weight("other") | {"meta": {"source": f"{SOURCE}withings"}}).raise_for_status()
    assert difference(judged(ehr, GOOGLE_HEALTH)) == {"missing": 1}
    assert difference(judged(ehr, WITHINGS)) == {"extra": 1}


def test_the_same_reading_of_the_other_vendor_stands_for_none_of_this_one(ehr):
    ehr.call("DELETE", "Observation/google").raise_for_status()
    same = health_weight("same", device=reference(HERS[WITHINGS]))
    ehr.put(same | {"meta": {"source": f"{SOURCE}withings"}}).raise_for_status()
    assert difference(judged(ehr, GOOGLE_HEALTH)) == {"missing": 1}


@pytest.mark.parametrize("vendor", ROWS)
def test_what_names_no_vendor_is_too_much_for_each(ehr, vendor):
    whose = at("whose", "29463-7", 90, "kg") | {"device": reference(HERS[vendor])}
    ehr.put(whose).raise_for_status()
    assert difference(judged(ehr, vendor)) == {"extra": 1}


@pytest.mark.parametrize("shared", [True, False])
def test_a_device_of_the_other_vendor_is_the_wrong_one(ehr, shared):
    ehr.put(ours(device("body", SCALE) | {"modelNumber": "Aria Air"}, WITHINGS)).raise_for_status()
    ehr.put(health_weight(device=reference(HERS[WITHINGS]))).raise_for_status()
    found = judged(ehr, GOOGLE_HEALTH, shared=shared)
    assert difference(found) == {"wrong device": 1}


@pytest.mark.parametrize(("vendor", "other"), [ROWS, [*ROWS][::-1]])
def test_devices_of_the_other_vendor_are_not_counted(ehr, vendor, other):
    again = health_device("aria-2") if other == GOOGLE_HEALTH else device("body-2", SCALE)
    ehr.put(ours(again, other)).raise_for_status()
    assert difference(judged(ehr, vendor)) == {}
    assert difference(judged(ehr, other)) == {"doubled": 1}


# --- What stands around them


MODELS = {
    GOOGLE_HEALTH: models_of([{"deviceVersion": "Aria Air"}, {"deviceVersion": "Aria Air"}, {}]),
    WITHINGS: {SCALE: "Body+"},
}


class Followed:
    """One patient with a link at each vendor, all right, and a memory for each."""

    def __init__(self, ehr):
        self.ehr = ehr
        self.memories = {vendor: Memory() for vendor in ROWS}
        self.put(
            health_definition(),
            ours(definition("m-body"), WITHINGS),
            health_device("aria", **refers("m-aria")),
            ours(device("body", SCALE) | refers("m-body"), WITHINGS),
            software(),
            self.of(GOOGLE_HEALTH, association("a-google", of=HERS[GOOGLE_HEALTH])),
            self.of(WITHINGS, association("a-withings", of=HERS[WITHINGS])),
            self.of(GOOGLE_HEALTH, consent("c-google")),
            self.of(WITHINGS, consent("c-withings")),
            self.labelled(health_weight()),
            self.labelled(other_weight()),
            self.of(GOOGLE_HEALTH, provenance("p-google", "Observation/google")),
            self.of(WITHINGS, provenance("p-withings", "Observation/withings")),
        )

    @staticmethod
    def of(vendor, resource):
        return ours(resource, vendor)

    @staticmethod
    def labelled(resource):
        labels = labelled(resource)["meta"]
        return resource | {"meta": resource["meta"] | labels}

    def put(self, *resources):
        for one in resources:
            self.ehr.put(one).raise_for_status()

    def judged(self, vendor, rows=None, *, is_linked=True, left_out=()):
        account = Account(person=ANNA, models=MODELS[vendor], is_linked=is_linked)
        follow = Follow(
            memory=self.memories[vendor], accounts=[account], left_out=frozenset(left_out)
        )
        return found(judged(self.ehr, vendor, follow, rows=rows))


@pytest.fixture
def followed():
    with running_ehr() as ehr:
        yield Followed(ehr)


def test_two_links_of_a_patient_are_right_each_by_itself(followed):
    for vendor in (GOOGLE_HEALTH, WITHINGS, GOOGLE_HEALTH):
        assert followed.judged(vendor) == {}


def test_each_vendor_has_a_consent_of_its_own(followed):
    followed.ehr.call("DELETE", "Consent/c-google").raise_for_status()
    assert followed.judged(GOOGLE_HEALTH) == {"governance: consent missing": 1}
    assert followed.judged(WITHINGS) == {}


def test_a_link_that_ended_beside_one_that_goes_on(followed):
    ended = (
        association("a-google", of=HERS[GOOGLE_HEALTH], until=UNTIL),
        consent("c-google", until=UNTIL),
    )
    followed.put(*(ours(one) for one in ended))
    assert followed.judged(GOOGLE_HEALTH, is_linked=False) == {}
    assert followed.judged(WITHINGS) == {}
    assert "governance: consent not active" in followed.judged(GOOGLE_HEALTH)


def test_an_association_belongs_to_the_vendor_of_its_device_where_its_source_is_stripped(followed):
    followed.ehr.call("DELETE", "DeviceAssociation/a-withings").raise_for_status()
    followed.put(association("a-bare", of=HERS[WITHINGS]))
    assert followed.judged(GOOGLE_HEALTH) == {}
    assert followed.judged(WITHINGS) == {}


def test_a_device_that_is_not_paired_is_no_association(followed):
    followed.put(
        health_device("watch", "Charge 6", **refers("m-aria")),
        ours(association("a-watch", of="Device/watch")),
    )
    assert followed.judged(GOOGLE_HEALTH) == {"governance: association with another device": 1}


def test_a_paired_device_without_association_is_found(followed):
    followed.ehr.call("DELETE", "DeviceAssociation/a-google").raise_for_status()
    assert followed.judged(GOOGLE_HEALTH) == {"governance: association missing": 1}


def test_two_definitions_of_a_model_are_found(followed):
    followed.put(
        ours(definition("m-aria-2")),
        health_device("aria-2", owner="bert", **refers("m-aria-2")),
        ours(association("a-2", of="Device/aria-2")),
    )
    assert followed.judged(GOOGLE_HEALTH) == {
        "governance: association doubled": 1,
        "governance: two definitions of a model": 1,
    }


def test_a_model_of_two_people_is_two_devices_and_none_twice(followed):
    followed.put(
        health_device("aria-2", owner="bert", **refers("m-aria")),
        ours(association("a-2", of="Device/aria-2", patient="bert")),
    )
    assert followed.judged(GOOGLE_HEALTH) == {}


def test_notes_of_the_other_vendor_are_not_judged(followed):
    followed.put(ours(provenance("p-google", "Observation/withings")))
    assert followed.judged(WITHINGS) == {}
    assert followed.judged(GOOGLE_HEALTH) == {"provenance: number of notes": 1}


# --- Versions


def write(followed, status, value, before, activity=None):
    made = followed.labelled(health_weight(value=value)) | {"status": status}
    note = provenance(f"n-{before}", "Observation/google", before=before, activity=activity)
    followed.put(made, ours(note))


def test_a_weight_that_the_vendor_corrected_is_followed(followed):
    assert followed.judged(GOOGLE_HEALTH) == {}
    edited = raw(weight(71_500, updated=2e9))
    write(followed, "corrected", 71.5, before=1)
    assert followed.judged(GOOGLE_HEALTH, edited) == {}
    assert followed.judged(GOOGLE_HEALTH, edited) == {}


def test_a_correction_that_says_final_is_found(followed):
    assert followed.judged(GOOGLE_HEALTH) == {}
    write(followed, "final", 71.5, before=1)
    assert followed.judged(GOOGLE_HEALTH, raw(weight(71_500, updated=2e9))) == {
        "versions: history": 1,
        "wrong status": 1,
    }


def test_a_weight_that_is_gone_must_be_retracted(followed):
    assert followed.judged(GOOGLE_HEALTH) == {}
    write(followed, "entered-in-error", 71.35, before=1, activity="deprecate")
    assert followed.judged(GOOGLE_HEALTH, {}) == {}
    assert followed.judged(WITHINGS) == {}


def test_a_weight_that_is_gone_and_still_stands_is_found(followed):
    assert followed.judged(GOOGLE_HEALTH) == {}
    assert followed.judged(GOOGLE_HEALTH, {})["retracted: not retracted"] == 1


def test_what_was_typed_in_must_say_so(followed):
    assert followed.judged(GOOGLE_HEALTH, raw(weight(source=TYPED_IN))) == {
        "governance: label": 1,
        "wrong device": 1,
    }
