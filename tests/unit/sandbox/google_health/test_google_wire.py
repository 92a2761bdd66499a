"""Every point on the wire, held against the vendor's own description of its fields."""

import json
import re
from pathlib import Path

import pytest

from sandbox.google_health.points import Point, Source
from sandbox.google_health.wire import as_json
from tests.unit.sandbox.google_health.store_parts import (
    ASTRID,
    EVERY_TYPE,
    INTERVALS,
    JOAO,
    PEOPLE,
    SESSIONS,
    TODAY,
    at,
    known,
    new_store,
    told,
)

SCHEMAS = json.loads((Path(__file__).parent / "data_point_schemas.json").read_text())["schemas"]
# The vendor's lists grow: these words are on none, on purpose.
ON_NO_LIST = {"UNDERWATER_HOCKEY", "DOZING", "NECK", "PREMATURE_BEATS"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
DURATION = re.compile(r"-?\d+s")
WHOLE = re.compile(r"-?[1-9]\d*")
LISTED = [type_ for type_ in EVERY_TYPE if type_ != "total-calories"]
RECONCILED = [
    type_ for type_ in LISTED if type_ not in {"electrocardiogram", "irregular-rhythm-notification"}
]
ROLLED = (*INTERVALS, "heart-rate")
SPAN = (TODAY.replace(month=9, day=20), TODAY)
# A day of these has hundreds of points, each like the other.
FEW_DAYS = (TODAY.replace(day=12), TODAY)


def fits(value, field, path):
    """A value against one field's description; gives every word of an enum met."""
    if "ref" in field:
        return fits_schema(value, field["ref"], path)
    if field["type"] == "array":
        assert isinstance(value, list), path
        return {word for one in value for word in fits(one, field["items"], path)}
    if "enum" in field:
        assert value in field["enum"] or value in ON_NO_LIST, (path, value)
        assert not value.endswith("UNSPECIFIED"), path
        return {value}
    assert well_formed(value, field), (path, value)
    return set()


def well_formed(value, field):
    match field["type"], field.get("format"):
        case "string", "int64":
            return isinstance(value, str) and WHOLE.fullmatch(value)
        case "string", "google-datetime":
            return isinstance(value, str) and INSTANT.fullmatch(value)
        case "string", "google-duration":
            return isinstance(value, str) and DURATION.fullmatch(value)
        case "string", None:
            return isinstance(value, str) and value
        case "boolean", None:
            return isinstance(value, bool)
        case "number", "double":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "integer", "int32":
            return isinstance(value, int) and not isinstance(value, bool)
    return False


def fits_schema(value, name, path):
    assert isinstance(value, dict), path
    fields = SCHEMAS[name]
    assert value.keys() <= fields.keys(), (path, value.keys() - fields.keys())
    missing = {one for one, field in fields.items() if field.get("required")} - value.keys()
    assert not missing, (path, missing)
    for one, part in value.items():
        is_number = isinstance(part, (int, float)) and not isinstance(part, bool)
        assert not (is_number and part == 0), f"{path}.{one}: proto3 leaves zeros out"
    return {
        word for one, part in value.items() for word in fits(part, fields[one], f"{path}.{one}")
    }


def span_of(type_):
    is_many = type_ in INTERVALS or "heart-rate" in type_ or type_ == "oxygen-saturation"
    return FEW_DAYS if is_many else SPAN


def old_strips_apart(shown):
    """An ECG of old has no offsets, which the description requires."""
    interval = shown.get("electrocardiogram", {}).get("interval", {})
    return "startUtcOffset" not in interval and "startTime" in interval


@pytest.mark.parametrize("type_", LISTED)
def test_every_listed_point_has_the_fields_and_types_of_the_vendors_description(type_):
    shown = [
        as_json(point, reconciled=False)
        for person in PEOPLE
        for point in known().raw(person, type_, *span_of(type_))
    ]
    assert shown
    for one in shown:
        if not old_strips_apart(one):
            fits_schema(one, "DataPoint", type_)


@pytest.mark.parametrize("type_", RECONCILED)
def test_every_reconciled_point_has_the_fields_and_types_of_the_vendors_description(type_):
    for person in PEOPLE:
        for point in known().merged(person, type_, *span_of(type_)):
            shown = as_json(point, reconciled=True)
            fits_schema(shown, "ReconciledDataPoint", type_)
            assert "dataSource" not in shown


@pytest.mark.parametrize("type_", ROLLED)
def test_every_roll_up_has_the_fields_and_types_of_the_vendors_description(type_):
    first, *rest = type_.split("-")
    member = first + "".join(word.capitalize() for word in rest)
    found = [
        value for person in PEOPLE for value in known().totals(person, type_, *FEW_DAYS).values()
    ]
    assert found
    for value in found:
        fits_schema({member: value}, "DailyRollupDataPoint", type_)


def test_words_that_are_on_no_list_come_up():
    met = set()
    for person in PEOPLE:
        for type_ in ("exercise", "sleep", "core-body-temperature", "electrocardiogram"):
            for point in told(person, type_):
                met |= {word for word in ON_NO_LIST if word in json.dumps(point.value)}
    assert met == ON_NO_LIST


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.username)
def test_what_an_account_says_of_itself_fits_the_vendors_description(person):
    store = known()
    fits_schema(store.identity(person), "Identity", "identity")
    fits_schema(store.settings(person), "Settings", "settings")
    for device in store.paired(person):
        fits_schema(device, "PairedDevice", "pairedDevices")


def point(type_, start, value, **more):
    watch = Source(platform="FITBIT", method="PASSIVELY_MEASURED", device="Charge 6", form="WATCH")
    begins = at(start)
    usual = {
        "id": "7821", "end": begins, "offset": 3_600, "end_offset": 3_600, "source": watch,
        "day": TODAY, "created": 1_795_000_000.0, "updated": 1_795_000_060.5,
    }  # fmt: skip
    return Point(**(usual | {"type": type_, "start": begins, "value": value} | more))


def test_a_minute_of_steps_is_written_as_the_vendor_writes_it():
    steps = point("steps", "2026-11-20T07:01:00Z", {"count": "61"}, end=at("2026-11-20T07:02:00Z"))
    day = {"year": 2026, "month": 11, "day": 20}
    assert as_json(steps, reconciled=False) == {
        "dataSource": {
            "recordingMethod": "PASSIVELY_MEASURED",
            "device": {"displayName": "Charge 6", "formFactor": "WATCH"},
            "platform": "FITBIT",
        },
        "steps": {
            "interval": {
                "startTime": "2026-11-20T07:01:00Z",
                "startUtcOffset": "3600s",
                "endTime": "2026-11-20T07:02:00Z",
                "endUtcOffset": "3600s",
                "civilStartTime": {"date": day, "time": {"hours": 8, "minutes": 1}},
                "civilEndTime": {"date": day, "time": {"hours": 8, "minutes": 2}},
            },
            "count": "61",
        },
    }


def test_a_typed_weight_has_a_name_milliseconds_and_no_device():
    typed = Source(platform="FITBIT", method="MANUAL")
    weight = point("weight", "2026-11-20T06:11:22.500Z", {"weightGrams": 71350}, source=typed)
    assert as_json(weight, reconciled=False, user="48120033917720012") == {
        "name": "users/48120033917720012/dataTypes/weight/dataPoints/7821",
        "dataSource": {"recordingMethod": "MANUAL", "platform": "FITBIT"},
        "weight": {
            "sampleTime": {
                "physicalTime": "2026-11-20T06:11:22.500Z",
                "utcOffset": "3600s",
                "civilTime": {
                    "date": {"year": 2026, "month": 11, "day": 20},
                    "time": {"hours": 7, "minutes": 11, "seconds": 22, "nanos": 500_000_000},
                },
            },
            "weightGrams": 71350,
        },
    }


def test_midnight_is_an_empty_time_and_a_daily_value_has_its_date_alone():
    midnight = point("heart-rate", "2026-11-19T23:00:00Z", {"beatsPerMinute": "57"})
    civil = as_json(midnight, reconciled=True)["heartRate"]["sampleTime"]["civilTime"]
    assert civil == {"date": {"year": 2026, "month": 11, "day": 20}, "time": {}}
    daily = point("daily-resting-heart-rate", "2026-11-20T23:00:00Z", {"beatsPerMinute": "57"})
    assert as_json(daily, reconciled=True) == {
        "dailyRestingHeartRate": {
            "date": {"year": 2026, "month": 11, "day": 21},
            "beatsPerMinute": "57",
        }
    }


def test_a_reconciled_night_is_named_otherwise_and_says_when_it_was_stored():
    night = point("sleep", "2026-11-19T21:51:00Z", {"type": "STAGES"}, source=None)
    shown = as_json(night, reconciled=True)
    assert shown["dataPointName"] == "users/me/dataTypes/sleep/dataPoints/7821"
    assert "name" not in shown
    assert shown["sleep"]["createTime"] == "2026-11-18T11:06:40Z"
    assert shown["sleep"]["updateTime"] == "2026-11-18T11:07:40.500Z"


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_only_types_that_the_vendor_identifies_have_names(type_):
    shown = as_json(point(type_, "2026-11-20T06:11:22Z", {}), reconciled=False)
    assert ("name" in shown) == (type_ in {"weight", "body-fat", "height", *SESSIONS})


def test_an_ecg_names_its_device_in_itself_and_an_old_one_tells_no_offset():
    found = told(ASTRID, "electrocardiogram") + told(JOAO, "electrocardiogram")
    shown = [as_json(one, reconciled=False) for one in found]
    assert all(one["dataSource"] == {} for one in shown)
    models = {one["electrocardiogram"]["medicalDeviceInfo"]["deviceModel"] for one in shown}
    assert models == {"Pixel Watch 4", "Sense 2"}
    old = [one["electrocardiogram"]["interval"] for one in shown if old_strips_apart(one)]
    assert old
    assert all(one.keys() == {"startTime", "endTime"} for one in old)
    assert len(old) < len(shown) / 4


def test_a_point_with_fields_that_are_none_of_the_vendors_would_be_found():
    with pytest.raises(AssertionError):
        fits_schema(as_json(point("steps", "2026-11-20T07:01:00Z", {"counts": "61"}),
                            reconciled=False), "DataPoint", "steps")  # fmt: skip
    for wrong in (61, "61.5", "0", True):
        with pytest.raises(AssertionError):
            fits_schema(as_json(point("steps", "2026-11-20T07:01:00Z", {"count": wrong}),
                                reconciled=False), "DataPoint", "steps")  # fmt: skip


def test_settings_name_the_zone_where_a_traveller_is_and_the_offset_of_now():
    store, hands = new_store()
    assert store.settings(JOAO)["timeZone"] == "America/Sao_Paulo"
    assert store.settings(JOAO)["utcOffset"] == "-10800s"
    hands.now += 4 * 86_400
    assert store.settings(JOAO)["timeZone"] == "Europe/Lisbon"
    assert store.settings(JOAO)["utcOffset"] == "0s"
    assert store.settings(ASTRID)["utcOffset"] == "3600s"


def test_paired_devices_are_the_vendors_own_and_carry_the_names_that_points_carry():
    for person in PEOPLE:
        names = {one["deviceVersion"] for one in known().paired(person)}
        own = {
            point.source.device
            for type_ in ("steps", "weight")
            for point in told(person, type_)
            if point.source.form in {"WATCH", "FITNESS_BAND", "SCALE"}
        }
        assert names == own
    assert known().paired(ASTRID)[0]["lastSyncTime"] == "2026-11-21T12:00:00Z"


def test_accounts_have_numbers_of_their_own_that_never_change():
    numbers = [known().identity(person) for person in PEOPLE]
    assert len({one["healthUserId"] for one in numbers}) == len(PEOPLE)
    assert all(re.fullmatch(r"[1-9]\d{16}", one["healthUserId"]) for one in numbers)
    assert all(re.fullmatch(r"[A-Z0-9]{6}", one["legacyUserId"]) for one in numbers)
    assert new_store(now=1_700_000_000)[0].identity(ASTRID) == numbers[0]
