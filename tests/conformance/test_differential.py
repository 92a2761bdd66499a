"""Our checks and HL7's validator judge the same spoiled resources; where they differ is counted.

A vital-sign error that we miss would cost the whole Bundle at a strict server; a valid reading that
we refuse would never be seen by a clinician. Neither may happen once.
"""

import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.fhir.wire import dump
from tests.conformance.mutants import Mutant, mutants
from tests.conformance.strict_ehr import CONTENT, TIMEOUT_SECONDS
from tests.unit.fhir.every_reading import every_context, every_device, every_frame, every_mapping
from tests.unit.fhir.valid_governance import examples

pytestmark = pytest.mark.slow

COUNT = 3000
SEED = 20261125
THREADS = 4
VITAL_SIGNS = re.compile(
    r"StructureDefinition/(vitalsigns|body(weight|height|temp)|bmi|bp|heartrate|oxygensat|resprate)"
)
# The snapshot of `bp` allows no valueQuantity, fhir.md 11.3 refuses it, the validator lets it pass.
STRICTER = {("cardinality", "Observation.valueQuantity")}


@dataclass(frozen=True)
class Judged:
    mutant: Mutant
    theirs: list
    ours: list

    @property
    def names_a_vital_sign(self):
        return any(VITAL_SIGNS.search(error) for error in self.theirs)

    @property
    def is_missed(self):
        return bool(self.theirs) and not self.ours

    @property
    def is_refused_by_us_alone(self):
        broken = {(one.rule, one.expression) for one in self.ours}
        return not self.theirs and bool(broken - STRICTER)

    def __str__(self):
        return f"{self.mutant}: {(self.theirs or self.ours)[0]}"


@pytest.fixture(scope="module")
def valid():
    """By hand from the specification, and by our builders from readings of every metric."""
    context = every_context()
    built = build_observations(every_frame(), mapping=every_mapping(), context=context)
    ours = {f"built {n}": one.resource for n, one in enumerate(built.desired)}
    return {**examples(), **ours, "built device": every_device(context)}


@pytest.fixture(scope="module")
def judged(referee, valid):
    spoiled = list(mutants(valid, count=COUNT, seed=SEED))
    with ThreadPoolExecutor(THREADS) as threads:
        answers = threads.map(lambda one: answer(referee, one.resource), spoiled)
        return [
            Judged(mutant, theirs, problems(mutant.resource))
            for mutant, theirs in zip(spoiled, answers, strict=True)
        ]


def answer(referee, resource):
    """Give the validator's errors; a resource on which it breaks down is none that it accepts."""
    said = requests.post(referee, data=dump(resource), headers=CONTENT, timeout=TIMEOUT_SECONDS)
    if said.status_code not in {200, 422}:
        return ["the validator broke down"]
    issues = [one for one in said.json()["issue"] if one["severity"] in {"error", "fatal"}]
    return [f"{one.get('expression')}: {one['diagnostics']}" for one in issues]


def test_both_accept_every_valid_resource(referee, valid):
    for name, resource in valid.items():
        assert problems(resource) == [], name
        assert answer(referee, resource) == [], name


def test_no_error_of_a_vital_sign_profile_is_missed(judged):
    named = [one for one in judged if one.names_a_vital_sign]

    assert len(named) > COUNT / 20
    assert [str(one) for one in named if one.is_missed] == []


def test_nothing_valid_is_refused(judged):
    assert sum(not one.theirs for one in judged) > COUNT / 20
    assert [str(one) for one in judged if one.is_refused_by_us_alone] == []


def test_other_misses_are_few_and_told(judged, capsys):
    errors = [one for one in judged if one.theirs]
    missed = [one for one in errors if one.is_missed]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(judged)} mutants, {len(errors)} refused by the validator,"
            f" {sum(one.names_a_vital_sign for one in errors)} for a vital-sign profile;"
            f" missed by us: {dict(Counter(one.mutant.kind for one in missed))}\n"
            + "".join(f"  {one}\n" for one in missed)
        )

    assert len(missed) <= len(errors) / 100
