"""What the reader asks for of every type of measure, and of ECGs, worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.reader.readings import Amount
from tests.unit.sandbox.reader_parts import group
from tests.unit.sandbox.row_parts import WATCH, epoch, readings, said, strip, utc

AT = epoch("2026-11-20T09:00")
WAVE = ("ecg-701", "11524-6 131329")
WORD = ("ecg-701", "atrial-fibrillation-classification")
PULSE = "147842 8867-4"


def taken(*measures, at=AT, **more):
    return {"measures": [group(1, at, *measures, **more)]}


SIMPLE = {
    12: ("8310-5", "Cel"), 71: ("8310-5", "Cel"), 54: ("2708-6 59408-5", "%"),
    168: ("extracellular-water", "kg"), 169: ("intracellular-water", "kg"),
    170: ("visceral-fat-level", "{score}"), 226: ("basal-metabolic-rate", "kcal/d"),
    227: ("metabolic-age", "a"), 135: ("8633-0", "ms"), 136: ("8625-6", "ms"),
    137: ("8634-8", "ms"), 138: ("8636-3", "ms"),
    158: ("left-foot-nerve-health-score", "{score}"),
    159: ("right-foot-nerve-health-score", "{score}"), 167: ("nerve-health-score", "{score}"),
    196: ("electrodermal-activity", "uS"), 197: ("left-foot-electrodermal-activity", "uS"),
    198: ("right-foot-electrodermal-activity", "uS"),
    229: ("electrochemical-skin-conductance", "uS"),
}  # fmt: skip
PAID = {
    91: ("77196-4", "m/s"), 155: ("vascular-age", "a"), 123: ("94122-9", "mL/min/kg"),
    73: ("61008-9", "Cel"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "unit"), [(k, *of) for k, of in SIMPLE.items()])
def test_a_type_stands_under_its_code_and_unit(kind, code, unit):
    assert said(taken((kind, 366, -1))) == {(1, code): (36.6, unit)}


@pytest.mark.parametrize(("kind", "code", "unit"), [(k, *of) for k, of in PAID.items()])
def test_what_only_a_paid_plan_has_is_asked_for_only_then(kind, code, unit):
    assert said(taken((kind, 366, -1))) == {}
    assert said(taken((kind, 366, -1)), paid=True) == {(1, code): (36.6, unit)}


def test_one_temperature_under_two_types_stands_once():
    assert said(taken((12, 365, -1), (71, 366, -1))) == {(1, "8310-5"): (36.6, "Cel")}


@pytest.mark.parametrize(
    ("position", "segment"),
    [(2, "right-arm"), (3, "left-arm"), (10, "left-leg"), (11, "right-leg"), (12, "trunk")],
)
def test_masses_of_segments_have_codes_of_their_own(position, segment):
    measures = [{"type": kind, "value": 31, "unit": -1, "position": position}
                for kind in (173, 174, 175)]  # fmt: skip
    assert said({"measures": [group(1, AT, measures=measures)]}) == {
        (1, f"{segment}-{mass}"): (3.1, "kg")
        for mass in ("fat-free-mass", "fat-mass", "muscle-mass")
    }


@pytest.mark.parametrize("position", [{"position": 7}, {"position": 0}, {}])
def test_other_positions_say_nothing(position):
    measures = [{"type": 174, "value": 31, "unit": -1, **position}]
    assert said({"measures": [group(1, AT, measures=measures)]}) == {}


@pytest.mark.parametrize(
    ("value", "word"),
    [(0, "no-atrial-fibrillation"), (1, "atrial-fibrillation"), (2, "inconclusive"),
     (3, "unreadable"), (4, "other-rhythm"), (5, "unreadable"), (6, "low-heart-rate"),
     (7, "high-heart-rate"), (8, "inconclusive"), (9, "normal-sinus-rhythm"),
     (10, "no-atrial-fibrillation-high-heart-rate"), (11, "atrial-fibrillation"),
     (12, "atrial-fibrillation-high-heart-rate"), (13, "other-rhythm")],
)  # fmt: skip
def test_a_rhythm_is_a_word(value, word):
    assert said(taken((130, value, 0))) == {(1, "atrial-fibrillation-classification"): word}


def test_a_rhythm_that_nobody_knows_says_nothing():
    assert said(taken((130, 14, 0))) == said(taken((139, 3, 0))) == said(taken((130, 15, -1))) == {}
    assert said(taken((139, 10, -1))) == {(1, "pulse-rhythm-classification"): "atrial-fibrillation"}


@pytest.mark.parametrize(
    ("shared", "codes"),
    [
        ("body", {"29463-7"}),
        ("blood_pressure", {"85354-9", "8867-4"}),
        ("temperature", {"8310-5"}),
        ("oxygen", {"2708-6 59408-5"}),
        ("ecg", {"atrial-fibrillation-classification"}),
        ("nerve_health", {"nerve-health-score"}),
        ("vascular_age", set()),
    ],
)
def test_each_type_is_shared_with_its_data_type(shared, codes):
    rows = taken(
        (1, 70, 0), (10, 120, 0), (9, 80, 0), (11, 60, 0), (11, 61, 0), (12, 366, -1), (54, 97, 0),
        (130, 0, 0), (167, 80, 0), (155, 44, 0),
    )  # fmt: skip
    assert {code for _, code in said(rows, shared=frozenset({shared}))} == codes


# --- ECGs


def test_an_ecg_is_its_waveform_in_millivolts_with_the_heart_rate():
    assert said({"ecgs": [strip()]}) == {
        WAVE: {"": ([(0, 0), (3.333, 0.012), (6.667, -0.007)], "mV"), PULSE: (66, "/min")},
        WORD: "no-atrial-fibrillation",
    }


@pytest.mark.parametrize(
    ("count", "frequency", "ms"), [(9000, 300, 30_000), (10_000, 500, 20_000), (1, 300, 4)]
)
def test_an_ecg_lasts_as_long_as_its_samples(count, frequency, ms):
    [wave, word] = readings({"ecgs": [strip(samples=[0] * count, frequency=frequency)]})
    assert wave.end - wave.instant == timedelta(milliseconds=ms)
    assert (wave.says_day, wave.device, wave.instant) == (True, WATCH, utc("2026-11-20T08:00"))
    assert (word.says_day, word.device, word.instant) == (False, WATCH, utc("2026-11-20T08:00"))


@pytest.mark.parametrize(
    ("afib", "word"), [(1, "atrial-fibrillation"), (2, "inconclusive"), (3, None)]
)
def test_an_ecg_s_word(afib, word):
    found = said({"ecgs": [strip(ecg={"signalid": 701, "afib": afib})]})
    assert found.get(WORD) == word


def test_a_pressure_that_the_list_of_ecgs_repeats_is_none():
    row = strip(bloodpressure={"diastole": 80, "systole": 120}, heart_rate=0)
    assert said({"ecgs": [row]}).keys() == {WAVE, WORD}
    del row["ecg"]
    assert said({"ecgs": [row]}) == {}


def test_what_was_measured_with_an_ecg_is_a_part_of_it():
    measures = [(135, 90, 0), (136, 160, 0), (137, 400, 0), (138, 410, 0), (130, 9, 0)]
    for seconds in (-60, 0, 60):
        rows = {"ecgs": [strip()], **taken(*measures, at=AT + seconds)}
        found = said(rows)
        assert found.keys() == {WAVE, WORD}
        parts = {"8633-0": (90, "ms"), "8625-6": (160, "ms"), "8634-8": (400, "ms"),
                 "8636-3": (410, "ms"), PULSE: (66, "/min")}  # fmt: skip
        assert {code: one for code, one in found[WAVE].items() if code} == parts
        assert found[WORD] == "normal-sinus-rhythm"


def test_of_several_of_a_type_the_nearest_is_the_ecg_s():
    groups = [group(1, AT - 30, (135, 90, 0), (135, 91, 0)), group(2, AT + 20, (135, 92, 0))]
    found = readings({"ecgs": [strip()], "measures": groups})
    [wave] = [one for one in found if (one.record, one.code) == WAVE]
    assert wave.amounts["8633-0"] == Amount(Decimal(92), "ms")
    alone = [one.amounts[""].value for one in found if one.code == "8633-0"]
    assert alone == [90, 91]


def test_what_was_measured_at_another_time_stands_alone():
    rows = {"ecgs": [strip()], **taken((135, 90, 0), (130, 9, 0), at=AT + 61)}
    found = said(rows)
    assert found[1, "8633-0"] == (90, "ms")
    assert found[1, "atrial-fibrillation-classification"] == "normal-sinus-rhythm"
    assert found[WORD] == "no-atrial-fibrillation"


def test_what_was_measured_on_another_day_stands_alone():
    midnight = epoch("2026-11-21T00:00")
    rows = {"ecgs": [strip(timestamp=midnight - 10)], **taken((135, 90, 0), at=midnight)}
    assert (1, "8633-0") in said(rows, last=utc("2026-11-21T12:00").date())


def test_where_ecgs_are_not_shared_nothing_of_them_is_asked_for():
    rows = {"ecgs": [strip()], **taken((135, 90, 0), (1, 70, 0))}
    assert said(rows, shared=frozenset({"body"})).keys() == {(1, "29463-7")}
