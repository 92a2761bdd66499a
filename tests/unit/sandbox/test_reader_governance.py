"""Devices, whose they are, and consents, wrong in one way each: the reader finds it."""

import pytest

from tests.unit.sandbox.ehr_parts import device, running_ehr
from tests.unit.sandbox.following_parts import Followed, found
from tests.unit.sandbox.governance_parts import (
    UNTIL,
    association,
    consent,
    definition,
    owned,
    reference,
)
from tests.unit.sandbox.reader_parts import BERT, CUFF, SCALE


@pytest.fixture
def followed():
    with running_ehr() as ehr:
        yield Followed(ehr)


OWN_SCALE = owned("scale-2", SCALE, "m-scale")
PLANTED = {
    "consent withdrawn": (
        [consent("c-anna", until=UNTIL)],
        {"governance: consent not active": 1, "governance: consent closed": 1},
    ),
    "consent denied": ([consent("c-anna", decision="deny")], {"governance: consent to nothing": 1}),
    "consent doubled": ([consent("c-2")], {"governance: consent doubled": 1}),
    "consent without period": (
        [consent("c-anna", period=None)],
        {"governance: consent without start": 1},
    ),
    "association closed": (
        [association("anna-scale", until=UNTIL)],
        {"governance: association closed": 1},
    ),
    "association doubled": ([association("again")], {"governance: association doubled": 1}),
    "association without start": (
        [association("anna-scale", period=None)],
        {"governance: association without start": 1},
    ),
    "association with a stranger's device": (
        [device("other", "c" * 40) | owned("other", "c" * 40, "m-cuff"),
         association("other", of="Device/other")],
        {"governance: association with another device": 1},
    ),
    "device of no model": (
        [device("cuff", CUFF)],
        {"governance: no definition": 1},
    ),
    "model defined twice": (
        [definition("m-2"), owned("scale-2", "d" * 40, "m-2"), OWN_SCALE | {"definition": {
            "reference": reference("DeviceDefinition/m-2")}},
         association("bert-scale", patient="bert", of="Device/scale-2")],
        {"doubled": 1, "governance: two of a device": 1,
         "governance: two definitions of a model": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("resources", "expected"), PLANTED.values(), ids=PLANTED)
def test_what_is_wrong_around_a_linked_person_is_found(followed, resources, expected):
    followed.put(*resources)
    assert found(followed.judged()) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Consent/c-anna", "governance: consent missing"),
        ("DeviceAssociation/anna-cuff", "governance: association missing"),
    ],
)
def test_what_is_missing_around_a_linked_person_is_found(followed, name, expected):
    followed.delete(name)
    assert found(followed.judged()) == {expected: 1}


def test_what_ended_is_closed_and_right(followed):
    followed.put(
        association("bert-scale", patient="bert", until=UNTIL),
        consent("c-bert", patient="bert", until=UNTIL),
    )
    assert found(followed.judged(ended=[BERT.login])) == {}


def test_what_ended_and_is_still_open_is_found(followed):
    assert found(followed.judged(ended=[BERT.login])) == {
        "governance: consent not inactive": 1,
        "governance: consent open": 1,
        "governance: association open": 1,
    }


def test_an_ehr_that_is_not_given_a_type_is_not_asked_for_it(followed):
    followed.delete("Consent/c-anna", "DeviceAssociation/anna-cuff")
    assert found(followed.judged(left_out=["Consent", "DeviceAssociation"])) == {}
    followed.put(association("anna-cuff", of="Device/cuff"), device("cuff", CUFF))
    assert found(followed.judged(left_out=["Consent", "DeviceDefinition"])) == {}
