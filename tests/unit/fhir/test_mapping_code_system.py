"""The local CodeSystem: a valid R5 resource that has every local code of the mapping, and no other."""

import re

import pytest

from ohx_pipelines.fhir.table.code_system import LOCAL, code_system
from sandbox.ehr.schema import structure_issues


@pytest.fixture(scope="module")
def concepts():
    return {concept["code"]: concept for concept in code_system()["concept"]}


@pytest.fixture(scope="module")
def used(mapping):
    rows = [*mapping.metrics.values(), *mapping.panels.values()]
    words = [coding for row in mapping.metrics.values() for coding in row.values.values()]
    return [c for c in [*(c for row in rows for c in row.coding), *words] if c.system == LOCAL]


def test_it_is_valid_against_the_official_schema_and_a_second_model():
    assert structure_issues(code_system(), "CodeSystem") == []


def test_it_is_found_under_the_uri_that_codings_name():
    resource = code_system()

    assert resource["url"] == "https://open-health-exchange.org/fhir/CodeSystem/home-readings"
    assert (resource["status"], resource["content"]) == ("active", "complete")


def test_every_local_code_of_the_mapping_is_in_it_with_the_same_display(concepts, used):
    assert used
    missing = [c.code for c in used if c.code not in concepts]
    assert missing == []
    assert [c.code for c in used if concepts[c.code]["display"] != c.display] == []


def test_it_holds_no_code_that_the_mapping_does_not_use(concepts, used):
    assert set(concepts) == {coding.code for coding in used}


def test_every_concept_is_there_once_and_explained(concepts):
    resource = code_system()

    assert len(resource["concept"]) == len(concepts) == resource["count"]
    assert [c for c, it in concepts.items() if len(it["definition"]) <= len(it["display"])] == []
    displays = [concept["display"] for concept in concepts.values()]
    assert len(set(displays)) == len(displays)


def test_codes_are_words_with_hyphens(concepts):
    assert [code for code in concepts if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []
