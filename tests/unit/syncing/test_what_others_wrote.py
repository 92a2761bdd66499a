"""What a person, an EHR or another system wrote into a reading stays, and why a reading changed is told."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import EhrDown
from ohx_pipelines.fhir.validate import problems
from ohx_pipelines.measurements import Metric
from tests.unit.fhir.tables import changed, changed_panel
from tests.unit.made_up import cuff, steps, weighing
from tests.unit.one_link import (
    CONTEXT,
    MAPPING,
    WEEK,
    observations,
    statuses,
    writes,
)

AUCKLAND = ZoneInfo("Pacific/Auckland")


def test_a_change_is_told_also_when_that_could_not_be_done_at_once(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = vendor.rows[1:]
    ehr.write_errors = {"Provenance": EhrDown()}
    assert not run()[WEEK[0]].outcome.ok
    ehr.write_errors = {}

    run()

    assert statuses(ehr) == {"final": 6, "entered-in-error": 1}
    told = [one for (kind, _), one in ehr.held.items() if kind == "Provenance"]
    assert [one["activity"]["coding"][0]["code"] for one in told] == ["receive", "deprecate"]


def test_a_total_that_comes_back_while_its_day_goes_on_is_not_settled(run, vendor, ehr):
    today = replace(CONTEXT, now=datetime.combine(WEEK[0], time(10), UTC))
    vendor.rows = [steps(WEEK[0], "812"), weighing(WEEK[0])]
    run(context=today)
    vendor.rows = [weighing(WEEK[0])]
    run(context=today)
    assert statuses(ehr) == {"final": 1, "entered-in-error": 1}
    vendor.rows = [steps(WEEK[0], "900"), weighing(WEEK[0])]

    run(context=today)

    assert statuses(ehr) == {"final": 1, "preliminary": 1}


@pytest.mark.parametrize("status", ["cancelled", "unknown"])
def test_a_status_that_only_a_person_gives_is_not_overruled(run, vendor, ehr, status):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    marked = observations(ehr)[0]
    marked["status"] = status

    run()

    assert ehr.held["Observation", marked["id"]]["status"] == status


def test_the_numbers_of_a_reading_that_another_hand_corrected_are_not_final_again(run, vendor, ehr):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows[0] = replace(vendor.rows[0], value=Decimal("71.10"))
    run()
    # Back to the first value, another zone, another table, a total rewrite: never `final` again.
    vendor.rows[0] = replace(vendor.rows[0], value=Decimal("72.30"))
    run()
    run(table=changed(MAPPING, Metric.BODY_WEIGHT, category="exam", profile=None))
    run(zone=AUCKLAND)

    assert statuses(ehr) == {"final": 6, "corrected": 1}


def test_what_a_person_brought_back_is_not_retracted_a_second_time(run, vendor, ehr):
    """The clinic saw the patient on its own scale: the reading is true, whoever lists it."""
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    vendor.rows = vendor.rows[1:]
    run()
    [gone] = [one for one in observations(ehr) if one["status"] == "entered-in-error"]
    gone["status"] = "final"

    run()

    assert statuses(ehr) == {"final": 7}


THEIRS = {
    "note": [{"text": "after dialysis"}],
    "interpretation": [{"text": "high"}],
    "bodySite": {"text": "left arm"},
    "encounter": {"reference": "Encounter/e"},
    "basedOn": [{"reference": "ServiceRequest/s"}],
    "extension": [{"url": "urn:x", "valueString": "theirs"}],
    "issued": "2026-11-20T00:00:00Z",
    "_effectiveDateTime": {"extension": [{"url": "urn:zone", "valueCode": "Europe/Berlin"}]},
}


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("becomes", ["corrected", "entered-in-error"])
def test_an_element_of_somebody_else_stays(run, vendor, ehr, name, becomes):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    one = observations(ehr)[0]
    one[name] = deepcopy(THEIRS[name])
    if becomes == "corrected":
        vendor.rows[0] = replace(vendor.rows[0], value=Decimal("71.10"))
    else:
        vendor.rows = vendor.rows[1:]

    run()

    after = ehr.held["Observation", one["id"]]
    assert after["status"] == becomes
    assert THEIRS[name] in (after[name], after[name][:1] if name == "note" else None)
    assert not problems(after)


ADDED = {
    "an accession number": ("identifier", {"system": "urn:ehr", "value": "A-1"}),
    "a second category": ("category", {"coding": [{"system": "urn:ehr", "code": "home"}]}),
    "a profile": ("profile", "http://example.org/StructureDefinition/home-weight"),
    "a tag": ("tag", {"system": "urn:ehr", "code": "seen"}),
    "a label": ("security", {"system": "urn:ehr", "code": "R"}),
}


@pytest.mark.parametrize(("name", "added"), ADDED.values(), ids=ADDED.keys())
@pytest.mark.parametrize("is_changed", [True, False])
def test_what_an_ehr_adds_to_a_list_of_ours_stays(run, vendor, ehr, name, added, is_changed):
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    one = observations(ehr)[0]
    place = one if name in one else one["meta"]
    place[name] = [*place.get(name, []), added]
    if is_changed:
        vendor.rows[0] = replace(vendor.rows[0], value=Decimal("71.10"))
    ehr.log.clear()

    run()

    after = ehr.held["Observation", one["id"]]
    assert added in (after if name in after else after["meta"])[name]
    assert writes(ehr).count("Observation") == is_changed


def test_a_code_that_an_ehr_adds_beside_ours_is_no_correction(run, vendor, ehr):
    """Terminology services add the local or the SNOMED CT code of what they know."""
    vendor.rows = [weighing(day) for day in WEEK]
    run()
    one = observations(ehr)[0]
    one["code"]["coding"].append({"system": "http://snomed.info/sct", "code": "27113001"})
    ehr.log.clear()

    run()

    assert statuses(ehr) == {"final": 7}
    assert writes(ehr) == []


@pytest.mark.parametrize("is_deleted", [True, False])
def test_a_panel_that_the_table_turns_off_stays_although_its_parts_stand_alone(
    run, vendor, ehr, is_deleted
):
    vendor.rows = [*cuff(WEEK[0]), *cuff(WEEK[1]), weighing(WEEK[2])]
    run()
    if is_deleted:
        vendor.rows = vendor.rows[3:]

    run(table=changed_panel(MAPPING, "blood_pressure", enabled=False))

    panels = [one for one in observations(ehr) if "component" in one]
    assert [one["status"] for one in panels] == ["final", "final"]


def test_a_link_to_another_reading_that_comes_or_goes_is_no_correction(run, vendor, ehr):
    """A site turns the weight off, and on again: nobody measured the fat mass anew."""
    rows = [(weight, replace(weight, metric=Metric.FAT_MASS)) for weight in map(weighing, WEEK[:3])]
    vendor.rows = [one for pair in rows for one in pair]
    run()
    assert sum("derivedFrom" in one for one in observations(ehr)) == 3
    run(table=changed(MAPPING, Metric.BODY_WEIGHT, enabled=False))
    run()

    assert statuses(ehr) == {"final": 6}
