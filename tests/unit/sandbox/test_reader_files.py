"""What the reader asks for of exported files, worked out by hand from what their rows mean."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.reader.files.expected import models_told
from sandbox.reader.memory import Memory
from sandbox.reader.readings import BEURER, BY_DEVICE, BY_PATIENT, OMRON_CONNECT
from tests.unit.sandbox.omron_reader_parts import CUFF, listed, named, of_files, said, told
from tests.unit.sandbox.reader_parts import DAY

PRESSURE = {"sys": "127", "dia": "79", "pulse": "63", "map": "95"}
PAIR = {"8480-6": (127, "mm[Hg]"), "8462-4": (79, "mm[Hg]"), "8867-4": (63, "/min")}
HOUR = timedelta(hours=1)


def test_a_weight_row_says_all_that_the_scale_measured():
    values = {
        "weight": "71.4", "bmi": "22.3", "body_fat": "17.9", "water": "56.2", "muscles": "42.1",
        "bones": "2.9", "metabolic_age": "44", "pulse": "62", "visceral_fat": "5", "bmr": "1512",
    }  # fmt: skip
    found = of_files(told("weight", values))
    assert said(found) == {
        "29463-7": (71.4, "kg"),
        "39156-5": (22.3, "kg/m2"),
        "41982-0": (17.9, "%"),
        "101684-9": (56.2, "%"),
        "73965-6": (42.1, "%"),
        "101685-6": (2.9, "kg"),
        "metabolic-age": (44, "a"),
        "8867-4": (62, "/min"),
        "visceral-fat-level": (5, "{score}"),
        "basal-metabolic-rate": (1512, "kcal/d"),
    }
    assert {(one.record, one.instant, one.offset, one.day) for one in found} == {
        ("weight-2026-11-20T07:52", datetime(2026, 11, 20, 6, 52, tzinfo=UTC), HOUR, DAY)
    }
    assert {(one.device, one.asserted, one.end) for one in found} == {(None, BY_PATIENT, None)}


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("weight", {"weight_lb": "157.3"}, {"29463-7": (71.4, "kg")}),
        ("weight", {"weight_st": "11.2"}, {"29463-7": (71, "kg")}),
        ("glucose", {"glucose_mg_dl": "97"}, {"41653-7": (97, "mg/dL")}),
        ("glucose", {"glucose_mmol_l": "5.4"}, {"15074-8": (5.4, "mmol/L")}),
        ("temperature", {"temperature": "36.6"}, {"8310-5": (36.6, "Cel")}),
        ("oxygen", {"spo2": "97", "pulse": "66"}, {"2708-6 59408-5": (97, "%"),
                                                   "8867-4": (66, "/min")}),
        ("pressure", PRESSURE, {"85354-9": PAIR | {"8478-0": (95, "mm[Hg]")}}),
        ("pressure", {"sys": "127", "map": "95", "pulse": "63"}, {"8867-4": (63, "/min")}),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_each_row_is(kind, values, expected):
    assert said(of_files(told(kind, values))) == expected


def test_an_oximeters_session_stands_from_its_start_to_its_end():
    values = {"spo2_mean": "95", "spo2_min": "90", "spo2_max": "98", "pulse": "61"}
    row = told("oxygen", values, moment="2026-11-20T23:30", end="2026-11-21T00:35")
    found = of_files(row)
    assert said(found) == {
        "2708-6 59408-5": (95, "%"),
        "minimum-oxygen-saturation": (90, "%"),
        "maximum-oxygen-saturation": (98, "%"),
        "103205-1": (61, "/min"),
    }
    assert {(one.instant, one.end, one.day, one.says_day) for one in found} == {
        (
            datetime(2026, 11, 20, 22, 30, tzinfo=UTC),
            datetime(2026, 11, 20, 23, 35, tzinfo=UTC),
            DAY,
            True,
        )
    }


@pytest.mark.parametrize(
    ("moment", "utc"),
    [("2026-10-25T02:30", "2026-10-25T00:30"), ("2026-03-29T02:30", "2026-03-29T01:30")],
)
def test_of_two_equal_times_the_first_is_meant_and_a_skipped_one_is_later(moment, utc):
    row = told("temperature", {"temperature": "36.6"}, moment=moment)
    [one] = of_files(row, first=date(2026, 3, 1))
    assert one.instant == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert one.record == f"temperature-{moment}"


def test_a_row_with_a_zone_of_its_own_is_of_the_day_there():
    row = told("weight", {"weight": "71.4"}, moment="2026-11-20T00:10", zone="Asia/Singapore")
    [one] = of_files(row, vendor=OMRON_CONNECT)
    assert (one.instant, one.offset) == (datetime(2026, 11, 19, 16, 10, tzinfo=UTC), 8 * HOUR)
    assert one.day == DAY


def test_flags_are_raised_or_say_nothing():
    row = told("pressure", {"sys": "127", "dia": "79"}, flags=["afib", "irregular", "movement"])
    raised = dict.fromkeys(
        ("possible-atrial-fibrillation", "irregular-heartbeat", "movement-during-measurement"),
        True,
    )
    [one] = of_files(row, vendor=OMRON_CONNECT)
    assert said([one])["85354-9"].items() >= raised.items()
    assert len(one.amounts) == 2 + len(raised)


def test_a_device_is_named_by_its_model_and_a_device_may_have_none():
    named_one = told("pressure", PRESSURE, device=CUFF, manual=False)
    by_app = told("pressure", PRESSURE, moment="2026-11-20T08:00", manual=False)
    found = of_files(named_one, by_app)
    assert {(one.device, one.asserted) for one in found} == {
        (f"model:{CUFF}", BY_DEVICE),
        (None, BY_DEVICE),
    }
    assert models_told([named_one, by_app]) == {f"model:{CUFF}": CUFF}


def test_readings_of_one_minute_are_told_apart():
    rows = (told("pressure", PRESSURE, occurrence=n) for n in range(2))
    assert {one.key[2] for one in of_files(*rows)} == {0, 1}


def test_a_reading_stands_as_it_was_told_last_and_what_was_not_told_again_stays():
    before = told("weight", {"weight": "71.4", "water": "56.2"})
    after = told("weight", {"weight": "72.0"}, manual=False)
    found = of_files(before, after)
    assert said(found) == {"29463-7": (72.0, "kg"), "101684-9": (56.2, "%")}
    assert [one.asserted for one in found] == [BY_DEVICE, BY_PATIENT]


@pytest.mark.parametrize(("shared", "count"), [("body", 2), ("blood_pressure", 1), ("glucose", 0)])
def test_what_is_not_shared_is_not_asked_for(shared, count):
    rows = [told("weight", {"weight": "71.4", "pulse": "60"}), told("pressure", PRESSURE)]
    assert len(of_files(*rows, shared=frozenset({shared}))) == count


def test_whatever_was_told_is_listed_for_ever():
    row = told("weight", {"weight": "71.4"})
    assert {one.key for one in of_files(row)} == named({"told": [row]}, vendor="beurer")


@pytest.mark.parametrize(
    ("later", "status"),
    [
        ([], "final"),
        ([told("weight", {"weight": "71.4"})], "final"),
        ([told("weight", {"weight": "72.0"})], "corrected"),
        ([told("weight", {"weight": "71.4"}, manual=False)], "corrected"),
        ([told("weight", {"weight": "71.4"}, device="HBF-702T", manual=False)], "corrected"),
    ],
    ids=range(5),
)
def test_what_a_later_file_says_otherwise_is_a_correction(later, status):
    memory, first = Memory(), told("weight", {"weight": "71.4"})
    [found] = _followed(memory, first)
    assert found.status == "final"
    [found] = _followed(memory, first, *later)
    assert (found.status, len(found.versions)) == (status, 1 if status == "final" else 2)


def _followed(memory, *rows):
    return memory.follow(listed({"told": rows}, vendor=BEURER), DAY, DAY)
