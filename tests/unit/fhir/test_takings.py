"""Takings: which readings are one Observation, and which of them one names."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ohx_pipelines.fhir.building.takings import takings_of
from ohx_pipelines.measurements import Coded, Metric
from tests.unit.fhir.readings import TAKEN, cuff, measurement, over, reading
from tests.unit.fhir.tables import changed, changed_panel

NIGHT = over("2026-11-19T23:04:00+01:00", "2026-11-20T07:10:00+01:00") | {"day": TAKEN.date()}


def codes(resource):
    return [one["code"]["coding"][0]["code"] for one in resource.get("component", [])]


def test_a_second_pulse_of_a_taking_stands_alone_and_is_not_dropped(build):
    first, second = build(*cuff(), measurement("heart_rate", "65", "/min", record="6121"))

    assert sorted([codes(first), codes(second)]) == [[], ["8480-6", "8462-4", "8867-4"]]


def test_a_second_systolic_of_a_taking_is_a_panel_of_its_own_and_is_not_dropped(build):
    again = measurement("systolic_blood_pressure", "131", "mm[Hg]", record="6121")

    resources = build(*cuff(), again)

    systolic = [one["component"][0]["valueQuantity"]["value"] for one in resources]
    assert systolic == [128, 131]
    assert len({one["id"] for one in resources}) == 2


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1), (2, 0, 1, 3), (3, 1, 2, 0)])
def test_the_pressures_of_two_records_are_never_one_panel_whatever_their_order(build, order):
    first = cuff("120", "80", None, record="1", group="g")
    second = cuff("140", "95", None, record="2", group="g")

    resources = build(*([*first, *second][n] for n in order))

    pressures = {
        tuple(part["valueQuantity"]["value"] for part in one["component"]) for one in resources
    }
    assert pressures == {(120, 80), (140, 95)}


def test_half_a_panel_does_not_take_from_another_record(build):
    half = cuff("120", None, None, record="1", group="g")
    whole = cuff("140", "95", "64", record="2", group="g")

    first, second = build(*half, *whole)

    assert "dataAbsentReason" in first["component"][1]
    assert codes(second) == ["8480-6", "8462-4", "8867-4"]


def test_a_panel_of_several_records_is_the_same_resource_whatever_their_order(build):
    systolic, diastolic = cuff(pulse=None)
    parts = [systolic, replace(diastolic, record="6121")]

    [one] = build(*parts)
    [other] = build(*reversed(parts))

    assert one == other


def test_values_of_two_groups_or_two_occurrences_are_two_takings(build):
    resources = build(*cuff(), *cuff(occurrence=1), *cuff(record="2", group="2"))

    assert [codes(one) for one in resources] == [["8480-6", "8462-4", "8867-4"]] * 3
    assert len({one["id"] for one in resources}) == 3


def test_a_reading_names_the_one_of_its_own_occurrence_else_the_first(build):
    weights = [measurement("body_weight", "70", "kg", occurrence=n) for n in (1, 2)]
    fats = [measurement("fat_mass", "14", "kg", occurrence=n) for n in (2, 3)]

    first, second, of_second, of_none = build(*weights, *fats)

    assert of_second["derivedFrom"] == [{"reference": f"Observation/{second['id']}"}]
    assert of_none["derivedFrom"] == [{"reference": f"Observation/{first['id']}"}]


def test_a_reading_names_the_one_of_its_own_record(build):
    weights = [measurement("body_weight", "70", "kg", record=n, group="g") for n in "ab"]
    fats = [measurement("fat_mass", "14", "kg", record=n, group="g") for n in "abc"]

    first, second, *named = build(*weights, *fats)

    derived = [one["derivedFrom"][0]["reference"].rpartition("/")[2] for one in named]
    assert derived == [first["id"], second["id"], first["id"]]


def test_a_night_has_every_stage_as_its_member_if_each_has_a_record_of_its_own(build, mapping):
    table = changed(mapping, Metric.SLEEP_STAGE, enabled=True)
    stages = [reading("sleep_stage", Coded("deep"), record=f"stage {n}", **NIGHT) for n in range(3)]

    *members, night = build(
        *stages, reading("sleep_duration", Decimal(84), "min", **NIGHT), table=table
    )

    listed = [one["reference"].rpartition("/")[2] for one in night["hasMember"]]
    assert listed == [one["id"] for one in members]


def test_what_a_chain_of_readings_derives_from_comes_first(mapping):
    table = changed(mapping, Metric.FAT_MASS, derived_from=Metric.BODY_MASS_INDEX)
    chain = ["fat_mass", "body_mass_index", "body_weight"]

    takings = takings_of([measurement(one, "20", "kg") for one in chain], table)

    assert [one.anchor.metric.value for one in takings] == list(reversed(chain))


def test_readings_that_derive_from_each_other_are_built_all_the_same(mapping):
    table = changed(mapping, Metric.BODY_WEIGHT, derived_from=Metric.BODY_MASS_INDEX)
    circle = [measurement(one, "20", "kg") for one in ("body_mass_index", "body_weight")]

    assert len(takings_of(circle, table)) == 2


def test_a_disabled_component_is_not_said_to_be_absent(build_all, mapping):
    table = changed(mapping, Metric.DIASTOLIC_BLOOD_PRESSURE, enabled=False)

    [panel] = [one.resource for one in build_all(*cuff(), table=table).desired]

    assert codes(panel) == ["8480-6", "8867-4"]


def test_a_panel_whose_value_is_disabled_has_none_and_does_not_say_that_it_is_absent(
    build_all, mapping
):
    table = changed(
        changed_panel(mapping, "sleep", components=(Metric.DEEP_SLEEP_DURATION,), joins=()),
        Metric.SLEEP_DURATION,
        enabled=False,
    )
    night = [
        reading(metric, Decimal(84), "min", **NIGHT)
        for metric in ("sleep_duration", "deep_sleep_duration")
    ]

    [resource] = [one.resource for one in build_all(*night, table=table).desired]

    assert codes(resource) == ["93831-6"]
    assert not {"valueQuantity", "dataAbsentReason"} & set(resource)
