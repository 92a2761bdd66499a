"""OMRON's blood pressure rows: the pair, the pulse, the flags, and what is none of them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.omron.omron_answers import (
    CUFF,
    DAY,
    ignored,
    left_out,
    measurements,
    read,
    values,
)

SYS, DIA = Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE
PULSE, AFIB = Metric.HEART_RATE, Metric.POSSIBLE_ATRIAL_FIBRILLATION
IRREGULAR, MOVED = Metric.IRREGULAR_HEARTBEAT, Metric.MOVEMENT_DURING_MEASUREMENT


def taken(**changes):
    return read("bloodpressure", CUFF | changes)


def test_a_row_is_a_pair_and_a_pulse_of_one_taking():
    result = taken()

    assert values(result) == {
        SYS: (Decimal(127), "mm[Hg]"),
        DIA: (Decimal(79), "mm[Hg]"),
        PULSE: (Decimal(63), "/min"),
    }
    for one in measurements(result):
        assert (one.record, one.group, one.occurrence) == (
            "bloodpressure-903311207", "bloodpressure-903311207", 0,
        )  # fmt: skip
        assert (one.start, one.end) == (datetime(2026, 11, 20, 6, 42, 10, tzinfo=UTC), None)
        assert (one.offset_minutes, one.day) == (60, DAY)
        assert one.method is RecordingMethod.DEVICE
    assert (left_out(result), ignored(result)) == ([], {})


def test_an_afib_row_without_pressures_publishes_its_flag_alone():
    result = taken(systolic=0, diastolic=0, pulse=0, possibleAfib=True)

    assert values(result) == {AFIB: (True, None)}
    assert left_out(result) == []


def test_a_flag_that_says_no_is_published_too():
    assert values(taken(possibleAfib=False))[AFIB] == (False, None)


@pytest.mark.parametrize("name", ["irregularHB", "irregularHeartBeat", "irregularHeartbeat"])
@pytest.mark.parametrize(
    ("given", "meant"),
    [(True, True), (1, True), ("true", True), (0, False), ("false", False), ("False", False)],
    ids=repr,
)
def test_an_irregular_heartbeat_is_read_by_each_of_its_names(name, given, meant):
    assert values(taken(**{name: given}))[IRREGULAR] == (meant, None)


@pytest.mark.parametrize("name", ["movementDetect", "movement"])
def test_movement_is_read_by_both_of_its_names(name):
    assert values(taken(**{name: 1}))[MOVED] == (True, None)


@pytest.mark.parametrize("given", [2, "perhaps", [], {}, 0.5], ids=repr)
def test_a_flag_that_is_none_costs_itself_alone(given):
    result = taken(possibleAfib=given)

    assert set(values(result)) == {SYS, DIA, PULSE}
    assert left_out(result) == [(AFIB, "bloodpressure-903311207", "flag_unreadable")]


@pytest.mark.parametrize(
    ("said", "unit"),
    [("mmHg", "mm[Hg]"), ("MMHG", "mm[Hg]"), (None, "mm[Hg]"), ("kPa", "kPa"), ("kpa", "kPa")],
)
def test_pressures_keep_the_unit_that_the_row_names(said, unit):
    pair = {"systolic": Decimal("16.9"), "diastolic": Decimal("10.5")} if unit == "kPa" else {}

    read_values = values(taken(bloodPressureUnits=said, **pair))

    assert (read_values[SYS][1], read_values[DIA][1]) == (unit, unit)


@pytest.mark.parametrize("said", ["Pa", "mmHg?", 7, {}], ids=repr)
def test_a_pressure_of_an_unknown_unit_is_none(said):
    result = taken(bloodPressureUnits=said)

    assert set(values(result)) == {PULSE}
    assert [(metric, reason) for metric, _, reason in left_out(result)] == [
        (SYS, "unit_unknown"), (DIA, "unit_unknown"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pair", "reasons"),
    [
        ({"systolic": 39}, ("implausible", "pair_incomplete")),
        ({"systolic": 301}, ("implausible", "pair_incomplete")),
        ({"diastolic": 19}, ("pair_incomplete", "implausible")),
        ({"diastolic": 201}, ("pair_incomplete", "implausible")),
        ({"systolic": 0}, ("implausible", "pair_incomplete")),
        ({"systolic": -127}, ("implausible", "pair_incomplete")),
        ({"diastolic": None}, ("pair_incomplete", "pair_incomplete")),
        ({"diastolic": "low"}, ("pair_incomplete", "number_unreadable")),
        ({"systolic": True}, ("number_unreadable", "pair_incomplete")),
        ({"systolic": "1e400"}, ("number_unreadable", "pair_incomplete")),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, tuple) else repr(one),
)
def test_a_pair_falls_together_and_the_pulse_stays(pair, reasons):
    result = taken(**pair)

    assert set(values(result)) == {PULSE}
    assert tuple(reason for _, _, reason in left_out(result)) == reasons


@pytest.mark.parametrize("pair", [(40, 20), (300, 200)])
def test_the_bounds_themselves_are_pressures(pair):
    read_values = values(taken(systolic=pair[0], diastolic=pair[1]))

    assert (read_values[SYS][0], read_values[DIA][0]) == pair


def test_bounds_of_kilopascals_are_those_of_millimetres():
    too_much = taken(systolic=41, diastolic=10, bloodPressureUnits="kPa")

    assert SYS not in values(too_much)


@pytest.mark.parametrize("pulse", [0, None, ""], ids=repr)
def test_no_pulse_is_none(pulse):
    result = taken(pulse=pulse)

    assert set(values(result)) == {SYS, DIA}
    assert left_out(result) == []


@pytest.mark.parametrize("pulse", [19, 251, -63])
def test_a_pulse_that_nobody_has_is_left_out(pulse):
    result = taken(pulse=pulse)

    assert set(values(result)) == {SYS, DIA}
    assert left_out(result) == [(PULSE, "bloodpressure-903311207", "implausible")]


def test_numbers_may_stand_as_text():
    assert values(taken(systolic="127", diastolic=" 79 ", pulse="62.50"))[PULSE] == (
        Decimal("62.50"),
        "/min",
    )


def test_names_may_be_spelled_otherwise():
    row = {name.upper(): value for name, value in CUFF.items()}

    assert set(values(read("bloodpressure", row))) == {SYS, DIA, PULSE}


def test_fields_that_nobody_knows_are_ignored_silently():
    result = taken(symptoms="dizzy", notes="after coffee", userNumberInDevice=1)

    assert (left_out(result), ignored(result)) == ([], {})


def test_a_row_that_says_nothing_is_counted():
    row = {name: CUFF[name] for name in ("id", "dateTimeLocal", "dateTimeUtcOffset")}

    result = read("bloodpressure", row)

    assert result.frame.empty
    assert ignored(result) == {"no_value": 1}
    assert "bloodpressure-903311207" in result.kept


@pytest.mark.parametrize(
    "row",
    [{"isManualEntry": True}, {"isManualEntry": "true"}, {"deviceType": None}, {"deviceType": ""}],
    ids=repr,
)
def test_what_no_device_took_is_the_patients_word(row):
    result = taken(**row)

    assert {(one.method, one.device) for one in measurements(result)} == {
        (RecordingMethod.MANUAL, None)
    }
    assert result.devices == {}


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("HEM-7361T", "Blood Pressure Monitor"),
        ("BP7450", "Blood Pressure Monitor"),
        ("HBF-702T", "Scale"),
        ("BCM-500", "Scale"),
        ("VIVA", "Scale"),
        ("HJA-405T", "Activity Tracker"),
        ("MC-280B-E", "Smart Connected Thermometer"),
        ("HPO-300T", "Pulse Oximeter"),
        ("Evolv", "Device"),
    ],
)
def test_a_device_is_known_by_its_model(model, kind):
    result = taken(deviceType=model)

    (device,) = result.devices.values()
    assert (device.model, device.kind, device.manufacturer) == (model, kind, None)
    assert {one.device for one in measurements(result)} == {device.device}


def test_two_rows_of_one_model_are_one_device():
    result = read("bloodpressure", CUFF, CUFF | {"id": 5})

    assert len(result.devices) == 1


@pytest.mark.parametrize(
    "pair",
    [(0, None), (None, 0), (None, None), ("0", ""), (Decimal("0.0"), None)],
    ids=repr,
)
def test_an_afib_row_may_say_nothing_of_one_pressure_or_of_both(pair):
    result = taken(systolic=pair[0], diastolic=pair[1], pulse=0, possibleAfib=True)

    assert values(result) == {AFIB: (True, None)}
    assert (left_out(result), ignored(result)) == ([], {})


@pytest.mark.parametrize("pair", [(0, None), (None, 0)], ids=repr)
def test_without_its_flag_half_a_pair_of_nothing_is_refused(pair):
    result = taken(systolic=pair[0], diastolic=pair[1])

    assert {metric for metric, _, _ in left_out(result)} == {SYS, DIA}
