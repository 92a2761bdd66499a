"""Takings: which readings are one Observation, and which of them one names."""

from decimal import Decimal

from ohx_pipelines.fhir.takings import takings_of
from ohx_pipelines.measurements import Metric
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
