"""Every field and word that is read of Google's answers is one of its API description's."""

import json
from itertools import chain

import pytest

from ohx_pipelines.providers.google_health import (
    daily,
    ecg,
    exercise,
    exercise_types,
    irregular_rhythm,
    listed_points,
    points,
    samples,
    series,
    sleep,
    sources,
    totals,
)
from ohx_pipelines.providers.google_health.listings import BY_NAME, LISTINGS, LOGS, Method
from tests.unit.providers.google_health.google_answers import CAPTURES

DISCOVERY = CAPTURES / "discovery_v4.json"
pytestmark = pytest.mark.skipif(
    not DISCOVERY.exists(), reason="the vendor's API description is not beside the repository"
)
# How a field is read, and how the description says that it stands on the wire.
WIRE = {
    points.int64: ("string", "int64"),
    points.int32: ("integer", "int32"),
    points.double: ("number", "double"),
    points.seconds: ("string", "google-duration"),
    points.instant: ("string", "google-datetime"),
    points.word: ("string", None),
    str: ("string", None),
    bool: ("boolean", None),
}
# What an answer's rows are, by the method.
ROWS = {
    Method.LIST: ("ListDataPointsResponse", points.POINTS, "DataPoint"),
    Method.RECONCILE: ("ReconcileDataPointsResponse", points.POINTS, "ReconciledDataPoint"),
    Method.DAILY: ("DailyRollUpDataPointsResponse", points.TOTALS, "DailyRollupDataPoint"),
}


@pytest.fixture(scope="module")
def schemas():
    return json.loads(DISCOVERY.read_text(encoding="utf-8"))["schemas"]


def member(schemas, listing):
    """Give the schema of a listing's member in its rows."""
    *_, row = ROWS[listing.method]
    return schemas[row]["properties"][listing.member]["$ref"]


def fields_read():
    """Give schema, field and how it is read, for every field outside the members' own tables."""
    sessions = ("Sleep", "Exercise", "Electrocardiogram", "IrregularRhythmNotification")
    yield from _times()
    for schema in sessions:
        yield schema, points.INTERVAL, "SessionTimeInterval"
    for name in chain((points.DATE,)):
        yield "CivilDateTime", name, "Date"
    for name in points.DATE_PARTS:
        yield "Date", name, points.int32
    yield from _of_sources()
    yield from _of_sleep()
    yield from _of_exercise()
    yield "Electrocardiogram", ecg.HEART_RATE, ecg.RATE.read
    yield "Electrocardiogram", ecg.FREQUENCY, points.int32
    yield "Electrocardiogram", ecg.FACTOR, points.int32
    yield "Electrocardiogram", ecg.SAMPLES, [points.int32]
    yield "Electrocardiogram", ecg.CLASSIFICATION, points.word
    yield "IrregularRhythmNotification", irregular_rhythm.WINDOWS, ["AlertWindow"]
    yield "AlertWindow", irregular_rhythm.POSITIVE, bool
    yield "BloodGlucose", samples.GLUCOSE_SOURCE, points.word
    yield "BloodGlucose", samples.SPECIMEN, points.word
    yield "CoreBodyTemperature", samples.LOCATION, points.word


def _times():
    yield "ObservationSampleTime", points.PHYSICAL_TIME, points.instant
    yield "ObservationSampleTime", points.UTC_OFFSET, points.seconds
    for schema in ("SessionTimeInterval", "SleepStage", "AlertWindow"):
        yield schema, points.START, points.instant
        yield schema, points.START_OFFSET, points.seconds
        yield schema, points.END, points.instant
        yield schema, points.END_OFFSET, points.seconds
    for schema in ("DailyRollupDataPoint", "AlertWindow"):
        yield schema, points.CIVIL_START, "CivilDateTime"
        yield schema, points.CIVIL_END, "CivilDateTime"
    for schema in ("Sleep", "SleepStage", "Exercise"):
        yield schema, listed_points.UPDATED, points.instant
    yield "Sleep", sleep.CREATED, points.instant
    yield "SleepStage", sleep.CREATED, points.instant
    yield "Exercise", exercise.CREATED, points.instant


def _of_sources():
    yield "DataPoint", points.NAMES[0], str
    yield "ReconciledDataPoint", points.NAMES[1], str
    yield "DataPoint", sources.DATA_SOURCE, "DataSource"
    yield "DataSource", sources.DEVICE, "Device"
    yield "DataSource", sources.PLATFORM, points.word
    yield "DataSource", sources.RECORDED, points.word
    yield "Device", sources.NAME, str
    yield "Device", sources.FORM, points.word
    for schema in ("Electrocardiogram", "IrregularRhythmNotification"):
        yield schema, sources.MEDICAL_DEVICE, "MedicalDeviceInfo"
    yield "MedicalDeviceInfo", sources.MODEL, str


def _of_sleep():
    yield "Sleep", sleep.SUMMARY, "SleepSummary"
    yield "Sleep", sleep.STAGES, ["SleepStage"]
    yield "Sleep", sleep.METADATA, "SleepMetadata"
    yield "Sleep", sleep.TYPE, points.word
    yield "SleepMetadata", sleep.PROCESSED, bool
    yield "SleepMetadata", sleep.STAGES_STATUS, points.word
    yield "SleepSummary", sleep.STAGES_SUMMARY, ["StageSummary"]
    for name, known in sleep.FIELDS.items():
        yield "SleepSummary", name, known.read
    yield "SleepStage", sleep.TYPE, points.word
    yield "StageSummary", sleep.TYPE, points.word
    for known in sleep.DURATIONS.values():
        yield "StageSummary", sleep.MINUTES, known.read
    yield "StageSummary", sleep.COUNT, sleep.AWAKENINGS.read


def _of_exercise():
    yield "Exercise", exercise.TYPE, points.word
    yield "Exercise", exercise.NAME, str
    yield "Exercise", exercise.ACTIVE, exercise.DURATION.read
    yield "Exercise", exercise.SUMMARY, "MetricsSummary"
    for name, known in exercise.FIELDS.items():
        yield "MetricsSummary", name, known.read


@pytest.mark.parametrize(("schema", "name", "wire"), list(fields_read()))
def test_a_field_that_is_read_is_described_and_stands_on_the_wire_as_it_is_read(
    schemas, schema, name, wire
):
    check(schemas[schema]["properties"][name], wire)


def check(described, wire):
    if isinstance(wire, list):
        assert described["type"] == "array"
        check(described["items"], wire[0])
    elif isinstance(wire, str):
        assert described["$ref"] == wire
    else:
        assert (described["type"], described.get("format")) == WIRE[wire]
        assert ("enum" in described) == (wire is points.word)


@pytest.mark.parametrize("listing", [*LISTINGS, *LOGS], ids=lambda one: one.name)
def test_the_rows_of_a_listing_and_its_member_are_described(schemas, listing):
    answer, rows, row = ROWS[listing.method]
    properties = schemas[answer]["properties"]

    assert properties[rows] == {**properties[rows], "type": "array", "items": {"$ref": row}}
    assert properties[points.NEXT_PAGE]["type"] == "string"
    assert member(schemas, listing) in schemas


TABLES = {**totals.FIELDS, **daily.FIELDS, **series.FIELDS}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_fields_of_totals_and_daily_values_and_series_are_described(schemas, name):
    properties = schemas[member(schemas, BY_NAME[name])]["properties"]

    for field, known in TABLES[name].items():
        check(properties[field], known.read)
    if name in daily.FIELDS:
        check(properties[points.DATE], "Date")
    if name in series.FIELDS:
        check(properties[points.SAMPLE_TIME], "ObservationSampleTime")


@pytest.mark.parametrize("name", sorted(samples.FIELDS))
def test_the_field_of_a_sample_is_described(schemas, name):
    properties = schemas[member(schemas, BY_NAME[name])]["properties"]
    field, known = samples.FIELDS[name]

    check(properties[field], known.read)
    check(properties[points.SAMPLE_TIME], "ObservationSampleTime")
    for silent in samples.SILENT.get(name, ()):
        assert silent in properties


@pytest.mark.parametrize("name", sorted(totals.PARTS))
def test_the_parts_of_a_total_are_described_with_all_their_words(schemas, name):
    parts = totals.PARTS[name]
    described = schemas[member(schemas, BY_NAME[name])]["properties"][parts.list]
    part = schemas[described["items"]["$ref"]]["properties"]

    assert described["type"] == "array"
    assert set(parts.fields) == words(part[parts.named_by])
    for known in parts.fields.values():
        check(part[parts.value], known.read)


@pytest.mark.parametrize("name", sorted(totals.SUMS))
def test_the_summands_of_a_total_are_all_that_are_described(schemas, name):
    properties = schemas[member(schemas, BY_NAME[name])]["properties"]

    assert set(totals.SUMS[name]) == set(properties)
    for field in totals.SUMS[name]:
        check(properties[field], totals.ZONE_MINUTES.read)


def words(described):
    """Give an enum's words, but for that of a value that was never set."""
    return {one for one in described["enum"] if not one.endswith(points.UNSPECIFIED)}


@pytest.mark.parametrize(
    ("schema", "name", "known"),
    [
        ("DataSource", sources.PLATFORM, sources.PLATFORMS),
        ("DataSource", sources.RECORDED, sources.RECORDING_METHODS),
        ("SleepStage", sleep.TYPE, sleep.WORDS),
        ("StageSummary", sleep.TYPE, sleep.WORDS),
        ("Exercise", exercise.TYPE, exercise_types.TYPES),
        ("Electrocardiogram", ecg.CLASSIFICATION, {*ecg.WORDS, ecg.NOT_ANALYZED}),
        ("CoreBodyTemperature", samples.LOCATION, samples.LOCATIONS),
    ],
)
def test_every_word_of_the_vendors_is_known_and_no_other(schemas, schema, name, known):
    assert set(known) == words(schemas[schema]["properties"][name])
    # Each enum has one word for a value that was never set.
    assert len(schemas[schema]["properties"][name]["enum"]) == len(set(known)) + 1


@pytest.mark.parametrize(
    ("schema", "name", "chosen"),
    [
        ("DataSource", sources.PLATFORM, sources.FOREIGN_PLATFORMS),
        ("DataSource", sources.RECORDED, {sources.MANUAL}),
        ("BloodGlucose", samples.GLUCOSE_SOURCE, samples.GLUCOMETER[samples.GLUCOSE_SOURCE]),
        ("BloodGlucose", samples.SPECIMEN, samples.GLUCOMETER[samples.SPECIMEN]),
        ("CoreBodyTemperature", samples.LOCATION, samples.BY_LOCATION),
        ("StageSummary", sleep.TYPE, {*sleep.DURATIONS, sleep.AWAKE}),
    ],
)
def test_words_that_decide_something_are_the_vendors(schemas, schema, name, chosen):
    assert set(chosen) < words(schemas[schema]["properties"][name])
