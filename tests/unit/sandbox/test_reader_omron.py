"""What the reader asks for of OMRON's takings, worked out by hand from the fact sheet."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.reader.omron.expected import models_of
from sandbox.reader.readings import BY_DEVICE, BY_PATIENT
from tests.unit.sandbox.omron_reader_parts import (
    CUFF,
    SCALE,
    cuffed,
    named,
    readings,
    said,
    saturated,
    timed,
    warm,
    weighed,
)

PAIR = {"8480-6": (127, "mm[Hg]"), "8462-4": (79, "mm[Hg]")}
PULSE = {"8867-4": (63, "/min")}
TAKEN = datetime(2026, 11, 20, 6, 42, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def values(rows):
    return said(readings(rows))


# --- What a row says


def test_a_cuffs_values_stand_in_one_panel():
    [one] = readings(cuffed())
    assert (one.record, one.code) == ("bloodpressure-903311207", "85354-9")
    assert said([one]) == {"85354-9": PAIR | PULSE}
    assert (one.instant, one.offset, one.day) == (TAKEN, HOUR, date(2026, 11, 20))
    assert (one.end, one.says_day, one.is_open) == (None, False, False)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("possibleAfib", "possible-atrial-fibrillation"),
        ("irregularHB", "irregular-heartbeat"),
        ("irregularHeartBeat", "irregular-heartbeat"),
        ("irregularHeartbeat", "irregular-heartbeat"),
        ("movementDetect", "movement-during-measurement"),
        ("movement", "movement-during-measurement"),
    ],
)
@pytest.mark.parametrize(
    ("given", "flag"), [(True, True), (False, False), (1, True), (0, False), ("false", False)]
)
def test_a_flag_stands_in_the_panel_also_where_it_was_not_raised(name, code, given, flag):
    assert values(cuffed(**{name: given})) == {"85354-9": PAIR | PULSE | {code: flag}}


def test_a_flag_that_nobody_understands_says_nothing():
    assert values(cuffed(possibleAfib="maybe")) == {"85354-9": PAIR | PULSE}


def test_a_row_of_zeros_gives_its_flags_alone():
    zeros = cuffed(systolic=0, diastolic=0, pulse=0, possibleAfib=True)
    assert values(zeros) == {"possible-atrial-fibrillation": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"systolic": None}, {"diastolic": None}, {"systolic": 301}, {"systolic": 39},
        {"diastolic": 201}, {"diastolic": 19}, {"systolic": "many"},
        {"bloodPressureUnits": "bar"}, {"bloodPressureUnits": "kPa"},
    ],
    ids=str,
)  # fmt: skip
def test_a_pair_falls_together_and_its_pulse_and_flags_stay(wrong):
    found = values(cuffed(irregularHB=True, **wrong))
    assert found == {"8867-4": (63, "/min"), "irregular-heartbeat": True}


@pytest.mark.parametrize("pulse", [0, None, 19, 251, "fast"])
def test_a_pulse_of_no_living_body_is_none(pulse):
    assert values(cuffed(pulse=pulse)) == {"85354-9": PAIR}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weight": 1.9}, "29463-7"),
        ({"weight": 401}, "29463-7"),
        ({"weight": 64, "weightUnits": "st"}, "29463-7"),
        ({"bmiValue": 121}, "39156-5"),
        ({"bmiValue": 4.9}, "39156-5"),
        ({"bodyFatPercentage": 100.1}, "41982-0"),
        ({"skeletalMusclePercentage": 101}, "73965-6"),
        ({"visceralFatLevel": 61}, "visceral-fat-level"),
        ({"restingMetabolism": 199}, "basal-metabolic-rate"),
        ({"bodyAge": 121}, "metabolic-age"),
    ],
    ids=str,
)
def test_what_is_no_body_is_not_asked_for(changes, code):
    assert set(values(weighed())) - set(values(weighed(**changes))) == {code}


@pytest.mark.parametrize(
    ("shown", "units", "is_asked"),
    [(25, "C", True), (24.9, "C", False), (45, "C", True), (45.1, "C", False), (76, "F", False)],
)
def test_a_temperature_is_one_of_a_body(shown, units, is_asked):
    assert bool(values(warm(shown, units))) is is_asked


def test_a_saturation_below_half_is_none():
    assert set(values(saturated(oxygenSaturation=49))) == {"8867-4"}


def test_bounds_belong_to_what_is_possible():
    highest = {"8480-6": (300, "mm[Hg]"), "8462-4": (200, "mm[Hg]"), "8867-4": (250, "/min")}
    assert values(cuffed(systolic=300, diastolic=200, pulse=250)) == {"85354-9": highest}


def test_pressures_without_a_unit_are_millimetres_and_kilopascals_become_them():
    assert values(cuffed(bloodPressureUnits=None)) == {"85354-9": PAIR | PULSE}
    found = values(cuffed(systolic=17.1, diastolic=10.3, bloodPressureUnits="kPa", pulse=None))
    # 128.26 and 77.26: a tenth of a kilopascal is most of a millimetre.
    assert found == {"85354-9": {"8480-6": (128, "mm[Hg]"), "8462-4": (77, "mm[Hg]")}}
    # 127.51 and 75.01, never to tens however coarse they were measured.
    found = values(cuffed(systolic=17, diastolic=10, bloodPressureUnits="kPa", pulse=None))
    assert found == {"85354-9": {"8480-6": (128, "mm[Hg]"), "8462-4": (75, "mm[Hg]")}}


def test_a_scale_says_all_that_it_measures():
    assert values(weighed()) == {
        "29463-7": (71.4, "kg"),
        "39156-5": (22.3, "kg/m2"),
        "41982-0": (21.5, "%"),
        "73965-6": (33.1, "%"),
        "visceral-fat-level": (6, "{score}"),
        "basal-metabolic-rate": (1512, "kcal/d"),
        "metabolic-age": (44, "a"),
    }


ALONE = dict.fromkeys(
    ("bodyFatPercentage", "skeletalMusclePercentage", "visceralFatLevel", "restingMetabolism",
     "bodyAge")
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (weighed(**ALONE, bmiValue=None, bmi=22.3), {"29463-7": (71.4, "kg"),
                                                     "39156-5": (22.3, "kg/m2")}),
        (weighed(**ALONE, bmiValue=0), {"29463-7": (71.4, "kg")}),
        (weighed(**ALONE, bmiValue=None, weight=157.3, weightUnits="lb"),
         {"29463-7": (71.4, "kg")}),
        (weighed(**ALONE, bmiValue=None, weight=157.3, weightUnits="lbs"),
         {"29463-7": (71.4, "kg")}),
        (weighed(**ALONE, bmiValue=None, weight=11.2, weightUnits="st"), {"29463-7": (71, "kg")}),
        (weighed(**ALONE, bmiValue=None, weightUnits="stein"), {}),
        (weighed(**ALONE, bmiValue=None, weightUnits=None), {}),
        (weighed(**ALONE, bmiValue=None, weight=0), {}),
        (warm(), {"8310-5": (36.6, "Cel")}),
        (warm(98.6, "F"), {"8310-5": (37.0, "Cel")}),
        (warm(36.6, "°C"), {"8310-5": (36.6, "Cel")}),
        (warm(36.6, "K"), {}),
        (saturated(), {"2708-6 59408-5": (96, "%"), "8867-4": (64, "/min")}),
        (saturated(oxygenSaturation=None, spo2=95, pulse=0), {"2708-6 59408-5": (95, "%")}),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_each_row_is(row, expected):
    assert values(row) == expected


# --- When


@pytest.mark.parametrize(
    ("given", "instant", "offset", "day"),
    [
        (timed(offset="+0100"), TAKEN, HOUR, 20),
        (timed(utc=None), TAKEN, HOUR, 20),
        (timed(local=None), TAKEN, HOUR, 20),
        (timed(offset=None), TAKEN, HOUR, 20),
        (timed(utc=None, offset=None), TAKEN, HOUR, 20),
        (timed(local=None, offset=None), TAKEN, HOUR, 20),
        # The clock and its offset are believed.
        (timed(utc="2026-11-20T09:00:00"), TAKEN, HOUR, 20),
        (timed("2026-11-20T06:42:10", offset="Z"), TAKEN, timedelta(), 20),
        # A traveller's day is where they are.
        (timed("2026-11-19T22:42:10", offset="-08:00"), TAKEN, -8 * HOUR, 19),
        (timed("2026-11-20T12:12:10", offset="+05:30"), TAKEN, 5.5 * HOUR, 20),
    ],
    ids=range(10),
)  # fmt: skip
def test_of_local_time_utc_and_offset_two_are_enough(given, instant, offset, day):
    row = cuffed(dateTime=None, dateTimeLocal=None, dateTimeUtcOffset=None)
    row["bloodPressure"][0] |= given
    [one] = readings(row, first=date(2026, 11, 19))
    assert (one.instant, one.offset, one.day) == (instant, offset, date(2026, 11, day))


@pytest.mark.parametrize(
    ("local", "utc"),
    [("2026-10-25T02:30:00", "2026-10-25T00:30"), ("2026-03-29T02:30:00", "2026-03-29T01:30")],
)
def test_a_clock_without_offset_is_the_links_first_of_two_and_later_than_none(local, utc):
    row = cuffed(dateTime=None, dateTimeLocal=local, dateTimeUtcOffset=None)
    [one] = readings(row, first=date(2026, 3, 1))
    assert one.instant == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_row_that_nobody_can_date_is_none_but_is_listed():
    row = cuffed(dateTime="soon", dateTimeLocal="soon", dateTimeUtcOffset="late")
    assert readings(row) == []
    assert ("bloodpressure-903311207", "85354-9", 0) in named(row)


# --- By whom


def test_a_model_is_the_device():
    [one] = readings(cuffed())
    assert (one.device, one.asserted) == (f"model:{CUFF}", BY_DEVICE)


@pytest.mark.parametrize("how", [{"isManualEntry": True}, {"deviceType": None}])
def test_what_is_typed_in_or_names_no_model_is_the_persons_word(how):
    [one] = readings(cuffed(**how))
    assert (one.device, one.asserted) == (None, BY_PATIENT)


def test_the_models_are_those_that_devices_wrote():
    typed = {"temperature": warm(isManualEntry=True, deviceType="MC-280B-E")["temperature"]}
    rows = cuffed() | weighed() | typed
    assert models_of(rows) == {f"model:{CUFF}": CUFF, f"model:{SCALE}": SCALE}


# --- What is shared, and what is gone


@pytest.mark.parametrize(
    ("shared", "count"), [("blood_pressure", 1), ("body", 7), ("oxygen", 2), ("temperature", 1)]
)
def test_what_is_not_shared_is_not_asked_for(shared, count):
    rows = cuffed() | weighed() | saturated() | warm()
    assert len(readings(rows, shared=frozenset({shared}))) == count


def test_what_a_listed_row_does_not_say_any_more_is_not_gone():
    stood = {one.key for one in readings(cuffed() | weighed())}
    now = cuffed(systolic=400) | weighed(weightUnits="stein", bmiValue=None)
    assert stood - {one.key for one in readings(now)}
    assert stood <= named(now)
    assert not stood & named({})


def test_a_reading_may_have_been_changed_before_it_was_seen():
    [one] = readings(cuffed())
    assert one.statuses == {"final", "corrected", "amended"}
