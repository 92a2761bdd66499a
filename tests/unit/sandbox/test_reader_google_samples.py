"""What the reader asks for of takings of an instant, worked out by hand from the fact sheet."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.reader.readings import BY_DEVICE, BY_PATIENT
from tests.unit.sandbox.google_parts import (
    APP,
    BAND,
    SCALE,
    TYPED_IN,
    merged,
    merged_point,
    ms,
    point,
    raw,
    readings,
    said,
    weight,
)
from tests.unit.sandbox.reader_parts import BERT, DAY

MORNING = "2026-11-20T07:11:22.500"
SETTLED = {"final", "corrected", "amended"}


def test_grams_are_kilograms_and_a_point_says_its_instant_to_the_millisecond():
    [one] = readings(raw(weight(71_355.5)))
    assert (one.record, one.code) == ("weight-77", "29463-7")
    assert (str(one.amounts[""].value), one.amounts[""].unit) == ("71.3555", "kg")
    assert one.instant == datetime(2026, 11, 20, 6, 11, 22, 500_000, tzinfo=UTC)
    assert (one.end, one.says_day, one.is_open) == (None, False, False)


@pytest.mark.parametrize(
    ("of_type", "value", "code", "expected"),
    [
        ("body-fat", {"percentage": 21.4}, "41982-0", (21.4, "%")),
        ("height", {"heightMillimeters": "1785"}, "8302-2", (178.5, "cm")),
        ("height", {"heightMillimeters": 1785}, "8302-2", (178.5, "cm")),
        ("blood-glucose", {"bloodGlucoseMilligramsPerDeciliter": 97.5}, "41653-7",
         (97.5, "mg/dL")),
        ("core-body-temperature", {"temperatureCelsius": 36.6}, "8310-5", (36.6, "Cel")),
    ],
)  # fmt: skip
def test_what_each_type_is(of_type, value, code, expected):
    [(key, found)] = said(raw(point(of_type, MORNING, value))).items()
    assert (key[1], found) == (code, expected)


@pytest.mark.parametrize(
    ("of_type", "value"),
    [
        ("weight", {}),
        ("weight", {"weightGrams": 0}),
        ("weight", {"weightGrams": "71350"}),
        ("height", {"heightMillimeters": "1785.5"}),
        ("height", {"heightMillimeters": "tall"}),
        ("core-body-temperature", {"measurementLocation": "MOUTH"}),
    ],
)
def test_what_is_no_number_of_a_body_is_no_reading(of_type, value):
    assert said(raw(point(of_type, MORNING, value))) == {}


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("MOUTH", "8310-5 8331-1"),
        ("TEMPORAL_ARTERY", "75539-7 8310-5"),
        ("FINGER", "61008-9"),
        ("TOE", "61008-9"),
        ("WRIST", "61008-9"),
        ("EAR", "8310-5"),
        ("MEASUREMENT_LOCATION_UNSPECIFIED", "8310-5"),
        ("OF_NEXT_YEAR", "8310-5"),
    ],
)
def test_a_temperature_is_of_where_it_was_taken(place, code):
    value = {"temperatureCelsius": 36.6, "measurementLocation": place}
    [(_, found)] = said(raw(point("core-body-temperature", MORNING, value)))
    assert found == code


@pytest.mark.parametrize(
    ("source", "specimen", "count"),
    [
        (None, None, 1),
        ("SELF_MONITORING_BLOOD_GLUCOSE", "CAPILLARY_BLOOD", 1),
        ("MEASUREMENT_SOURCE_UNSPECIFIED", "SPECIMEN_UNSPECIFIED", 1),
        (None, "WHOLE_BLOOD", 1),
        ("CONTINUOUS_GLUCOSE_MONITORING", None, 0),
        ("CONTINUOUS_GLUCOSE_MONITORING", "CAPILLARY_BLOOD", 0),
        ("LAB_TEST", None, 0),
        (None, "INTERSTITIAL_FLUID", 0),
        ("SELF_MONITORING_BLOOD_GLUCOSE", "PLASMA", 0),
        ("OF_NEXT_YEAR", None, 0),
    ],
)
def test_only_a_glucometers_glucose_of_blood_counts(source, specimen, count):
    named = {"measurementSource": source, "specimen": specimen}
    value = {"bloodGlucoseMilligramsPerDeciliter": 97} | {k: v for k, v in named.items() if v}
    assert len(said(raw(point("blood-glucose", MORNING, value)))) == count


def test_fitness_is_taken_from_the_merged_stream_and_has_no_device():
    rows = merged(
        merged_point("vo2-max", MORNING, {"vo2Max": 44.2}),
        merged_point("run-vo2-max", MORNING, {"runVo2Max": 45.1}),
    )
    start = ms(MORNING)
    assert said(rows | raw(point("vo2-max", MORNING, {"vo2Max": 40.0}))) == {
        (f"vo2_max-{start}", "94122-9"): (44.2, "mL/min/kg"),
        (f"run_vo2_max-{start}", "94122-9"): (45.1, "mL/min/kg"),
    }
    assert {(one.device, one.end) for one in readings(rows)} == {(None, None)}


# --- Whose, when, of which day


def test_a_reading_has_the_offset_and_the_day_that_the_vendor_says():
    tokyo = weight(start="2026-11-20T16:30", offset=9 * 3_600)
    [one] = readings(raw(tokyo), first=DAY + timedelta(days=1), last=DAY + timedelta(days=1))
    assert (one.offset, one.day) == (timedelta(hours=9), DAY + timedelta(days=1))
    assert readings(raw(tokyo)) == []


def test_where_the_vendor_says_no_offset_the_links_zone_counts():
    night_in_india = point("weight", "2026-11-20T20:00", {"weightGrams": 1}, has_offset=False)
    tomorrow = DAY + timedelta(days=1)
    [one] = readings(raw(night_in_india), first=tomorrow, last=tomorrow, person=BERT)
    assert one.offset == timedelta(hours=5, minutes=30)


def test_a_device_is_known_by_its_model():
    [one] = readings(raw(weight()))
    assert (one.device, one.asserted) == ("model:Aria Air", BY_DEVICE)


@pytest.mark.parametrize("source", [TYPED_IN, TYPED_IN | {"device": "Charge 6"}])
def test_what_was_typed_in_has_no_device_and_is_the_patients_word(source):
    [one] = readings(raw(weight(source=source)))
    assert (one.device, one.asserted) == (None, BY_PATIENT)


def test_a_source_without_a_device_is_still_no_person():
    [one] = readings(raw(weight(source=APP)))
    assert (one.device, one.asserted) == (None, BY_DEVICE)


def test_only_what_the_vendor_changed_may_be_corrected():
    [same] = readings(raw(weight()))
    [changed] = readings(raw(weight(updated=2e9)))
    assert (same.statuses, changed.statuses) == ({"final"}, SETTLED)


@pytest.mark.parametrize(
    ("shared", "count"),
    [({"body"}, 1), ({"temperature"}, 1), ({"glucose", "body"}, 1), ({"skin_temperature"}, 0)],
)
def test_what_is_not_shared_is_not_due(shared, count):
    rows = raw(weight(), point("core-body-temperature", MORNING, {"temperatureCelsius": 36.6}))
    assert len(readings(rows, shared=frozenset(shared))) == count


# --- The same taking on two roads


@pytest.mark.parametrize(
    ("points", "kept"),
    [
        pytest.param([("1", APP), ("2", SCALE)], {"2"}, id="the vendor's own before an app"),
        pytest.param([("1", TYPED_IN), ("2", SCALE)], {"2"}, id="a device before none"),
        pytest.param([("1", APP | {"device": "H10"}), ("2", TYPED_IN)], {"2"},
                     id="none before another's device"),
        pytest.param([("1", APP | {"platform": "HEALTH_KIT"}), ("2", TYPED_IN)], {"2"},
                     id="of either phone"),
        pytest.param([("2", SCALE), ("1", BAND)], {"1"}, id="of two alike the smaller id"),
        pytest.param([("2", BAND | {"platform": "FIT"}), ("3", SCALE)], {"2"},
                     id="all of Google are alike"),
        pytest.param([("3", SCALE), ("1", APP), ("2", BAND)], {"2"}, id="of three one"),
    ],
)  # fmt: skip
def test_of_twins_the_most_trusted_counts(points, kept):
    rows = raw(*(weight(id=number, source=source) for number, source in points))
    assert {record for record, _ in said(rows)} == {f"weight-{number}" for number in kept}


@pytest.mark.parametrize(
    ("of_type", "field", "own", "of_app", "are_one"),
    [
        ("weight", "weightGrams", 64_100, 64_099.99999999999, True),
        ("weight", "weightGrams", 64_100, 64_100.5, False),
        ("body-fat", "percentage", 22.4, 22.399999, True),
        ("body-fat", "percentage", 22.4, 22.41, False),
        ("height", "heightMillimeters", "1765", "1765", True),
        ("height", "heightMillimeters", "1765", "1766", False),
    ],
)
def test_a_value_that_was_converted_on_the_way_is_a_twins(of_type, field, own, of_app, are_one):
    rows = raw(
        point(of_type, MORNING, {field: of_app}, source=APP, id="1"),
        point(of_type, MORNING, {field: own}, id="2"),
    )
    records = {record for record, _ in said(rows)}
    name = of_type.replace("-", "_")
    assert records == ({f"{name}-2"} if are_one else {f"{name}-1", f"{name}-2"})


def test_of_two_samples_without_ids_at_one_instant_the_most_trusted_counts_in_any_order():
    points = [
        point("core-body-temperature", MORNING, {"temperatureCelsius": value}, source=source)
        for value, source in ((36.6, APP), (36.64, TYPED_IN))
    ]
    for listed_so in (points, points[::-1]):
        [one] = readings(raw(*listed_so))
        assert str(one.amounts[""].value) == "36.64"


def test_another_value_or_another_instant_is_no_twin():
    rows = raw(
        weight(id="1"),
        weight(71_351, id="2", source=APP),
        weight(id="3", start="2026-11-20T07:11:22.501", source=APP),
    )
    assert len(said(rows)) == 3


def test_twins_without_an_id_are_found_too():
    glucose = {"bloodGlucoseMilligramsPerDeciliter": 97}
    rows = raw(
        point("blood-glucose", MORNING, glucose, source=APP, id="1"),
        point("blood-glucose", MORNING, glucose, id="2"),
    )
    [one] = readings(rows)
    assert (one.record, one.device) == (f"blood_glucose-{ms(MORNING)}", "model:Charge 6")


def test_a_sensors_glucose_does_not_hide_the_glucometers():
    sensor = {"measurementSource": "CONTINUOUS_GLUCOSE_MONITORING"}
    value = {"bloodGlucoseMilligramsPerDeciliter": 97}
    rows = raw(
        point("blood-glucose", MORNING, value | sensor, id="1"),
        point("blood-glucose", MORNING, value, source=APP, id="2"),
    )
    [one] = readings(rows)
    assert one.device is None


def test_a_point_that_is_listed_twice_counts_once_as_it_is_listed_first():
    # When a weight was changed the vendor does not tell.
    rows = raw(weight(), weight(71_400, updated=2e9))
    assert [*said(rows).values()] == [(71.35, "kg")]
