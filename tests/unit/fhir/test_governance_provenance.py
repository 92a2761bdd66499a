"""Why a reading is what it is: which software, which vendor, which run, and what stood before."""

from dataclasses import replace
from datetime import datetime

import pytest

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.governance.devices import build_software
from ohx_pipelines.fhir.governance.provenance import Activity
from tests.unit.fhir.every_record import consent, link_context, provenance

SID = "https://open-health-exchange.org/fhir/sid/"
VERSIONS = {"Observation/o1": "1", "Observation/gone": "9"}


def named(resource, system):
    """Give (role, identifier) of the entities that are known by this system."""
    return [
        (one["role"], one["what"]["identifier"]["value"])
        for one in resource["entity"]
        if one["what"].get("identifier", {}).get("system") == SID + system
    ]


def former(resource):
    return [
        (e["role"], e["what"]["reference"]) for e in resource["entity"] if "reference" in e["what"]
    ]


def test_it_names_its_targets_and_the_patient():
    built = provenance(link_context())

    assert built["target"] == [{"reference": "Observation/o1"}, {"reference": "Observation/o2"}]
    assert built["patient"] == {"reference": "Patient/p1"}


def test_the_agent_is_this_software():
    context = link_context()
    [agent] = provenance(context)["agent"]

    assert agent["who"] == {"reference": f"Device/{build_software(context=context)['id']}"}
    assert agent["type"]["coding"][0]["code"] == "assembler"


def test_it_says_the_vendor_the_run_and_the_mapping_that_was_followed():
    built = provenance(link_context())

    assert named(built, "vendor") == [("source", "withings")]
    assert named(built, "run") == [("source", "a2b4c6")]
    assert named(built, "mapping-version") == [("instantiates", "3")]
    assert built["entity"][0]["what"]["display"] == "Withings"


def test_all_that_a_run_did_is_found_by_a_tag():
    tags = provenance(link_context())["meta"]["tag"]

    assert {"system": SID + "run", "code": "a2b4c6"} in tags


def test_without_a_run_none_is_named():
    built = provenance(link_context(run=""))

    assert named(built, "run") == []
    assert [one["system"] for one in built["meta"]["tag"]] == [SID + "link"]


@pytest.mark.parametrize(
    ("activity", "code"),
    [(Activity.CREATE, "receive"), (Activity.AMEND, "amend"), (Activity.RETRACT, "deprecate")],
)
def test_it_says_what_was_done(activity, code):
    [coding] = provenance(link_context(), activity)["activity"]["coding"]

    assert coding["system"] == "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
    assert coding["code"] == code


def test_a_new_reading_has_nothing_before_it():
    assert former(provenance(link_context(), revisions=VERSIONS)) == []


@pytest.mark.parametrize(
    ("activity", "role"), [(Activity.AMEND, "revision"), (Activity.RETRACT, "removal")]
)
def test_a_changed_reading_names_the_version_before_where_it_is_known(activity, role):
    built = provenance(link_context(), activity, revisions=VERSIONS)

    assert former(built) == [
        (role, "Observation/o1/_history/1"),
        (role, "Observation/o2"),
    ]
    # HAPI drops the version from a reference: it has to stand beside it too.
    [known] = [e["what"] for e in built["entity"] if e["what"].get("reference", "").endswith("/1")]
    assert known["display"] == "version 1"


def test_the_consent_is_named_by_its_identifier_as_its_copy_may_not_be_there_yet():
    context = link_context()
    [authorization] = provenance(context)["authorization"]

    assert authorization["reference"]["identifier"] == consent(context)["identifier"][0]
    assert "reference" not in authorization["reference"]


def test_without_a_link_there_is_no_consent_to_name():
    assert "authorization" not in provenance(link_context(link=""))


def test_it_is_recorded_to_the_millisecond_in_utc():
    assert provenance(link_context())["recorded"] == "2026-11-24T12:00:01.234+00:00"


def test_a_record_without_a_zone_is_refused():
    with pytest.raises(ConfigurationError):
        provenance(link_context(), recorded=datetime(2026, 11, 24))  # noqa: DTZ001


def test_the_same_batch_sent_again_is_the_same_provenance():
    context = link_context()
    turned = ["Observation/o1", "Observation/o2"]
    later = replace(context, now=context.now.replace(year=2027))

    assert provenance(later, targets=turned)["id"] == provenance(context)["id"]


@pytest.mark.parametrize(
    ("run", "other"),
    [
        ("another", {}),
        ("a2b4c6", {"activity": Activity.AMEND}),
        ("a2b4c6", {"targets": ["Observation/o1"]}),
    ],
)
def test_another_run_activity_or_batch_is_another(run, other):
    built = provenance(link_context(run=run), **other)

    assert built["id"] != provenance(link_context())["id"]
