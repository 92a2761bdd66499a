"""Readings of Google Health in an EHR: the reader finds every planted error.

Belongs here: errors planted in the EHR. Not here: what the vendor's points ask for
(`test_reader_google_samples.py` and its like), or two vendors in one EHR (`test_reader_vendors.py`).
"""

import pytest

from sandbox.reader.compare import compare
from sandbox.reader.readings import GOOGLE_HEALTH, Asked
from tests.unit.sandbox.ehr_parts import quantity, running_ehr
from tests.unit.sandbox.google_kind_parts import (
    NIGHT,
    ROWS,
    WALK,
    devices,
    health_device,
    ours,
    right_kinds,
)
from tests.unit.sandbox.google_parts import APP, raw, weight
from tests.unit.sandbox.kind_parts import DAY_TAG, LOCAL, WHOLE_DAY, coded, part
from tests.unit.sandbox.reader_parts import ANNA, BERT, DAY, difference
from tests.unit.sandbox.row_parts import utc


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        yield running


@pytest.fixture
def ehr(server):
    for kind in ("Observation", "Device"):
        for number in server.found(kind):
            server.call("DELETE", f"{kind}/{number}").raise_for_status()
    for one in (*devices(), *right_kinds().values()):
        server.put(one).raise_for_status()
    return server


def judged(ehr, asked=Asked(stages=True), *, rows=ROWS, people=(ANNA,), **more):  # noqa: B008 (never changed)
    window = {"first": DAY, "last": DAY} | more
    report = compare(
        ehr_url=ehr.url,
        people=people,
        rows={ANNA.login: rows, BERT.login: raw(weight())},
        asked=asked,
        vendor=GOOGLE_HEALTH,
        **window,
    )
    return report.as_json()


def test_right_content_has_no_difference(ehr):
    found = judged(ehr)
    assert (found["differences"], found["compared"], found["devices"]) == (0, 12, 2)


@pytest.mark.parametrize("number", right_kinds())
def test_every_missing_reading_is_found(ehr, number):
    ehr.call("DELETE", f"Observation/{number}").raise_for_status()
    assert difference(judged(ehr)) == {"missing": 1}


@pytest.mark.parametrize("number", right_kinds())
def test_every_doubled_reading_is_found(ehr, number):
    ehr.put(right_kinds()[number] | {"id": "once-more"}).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


def timed(start, end):
    return {"effectivePeriod": {"start": start, "end": end}}


SERIES = right_kinds()["beats"]["valueSampledData"]
WAVE = right_kinds()["wave"]["valueSampledData"]
OTHER_DAY = {"meta": {"tag": [DAY_TAG | {"code": "2026-11-19"}]}}
PLANTED = {
    "grams": ("weight", {"valueQuantity": quantity(71350, "g")},
              {"wrong value": 1, "wrong unit": 1}),
    "a value": ("weight", {"valueQuantity": quantity(71.4, "kg")}, {"wrong value": 1}),
    "a second later": ("weight", {"effectiveDateTime": "2026-11-20T07:11:23.500+01:00"},
                       {"missing": 1, "extra": 1}),
    "no milliseconds": ("weight", {"effectiveDateTime": "2026-11-20T07:11:22+01:00"},
                        {"missing": 1, "extra": 1}),
    "an offset": ("weight", {"effectiveDateTime": "2026-11-20T06:11:22.500Z"},
                  {"wrong offset": 1}),
    "the watch's": ("weight", {"device": {"reference": "Device/watch"}}, {"wrong device": 1}),
    "nobody's": ("weight", {"device": None}, {"wrong device": 1}),
    "a device of what was typed in": ("typed", {"device": {"reference": "Device/scale"}},
                                      {"wrong device": 1}),
    "a device of a merged stream": ("steps", {"device": {"reference": "Device/watch"}},
                                    {"wrong device": 1}),
    "millimetres": ("walk", {"component": [part("55411-3", 15.6, "min"),
                                           part("103208-5", 1284300, "m")]}, {"wrong value": 1}),
    "seconds": ("walk", {"component": [part("55411-3", 934, "s"), part("103208-5", 1284.3, "m")]},
                {"wrong value": 1, "wrong unit": 1}),
    "another kind": ("walk", {"valueCodeableConcept": coded((LOCAL, "running"))},
                     {"wrong value": 1}),
    "another end": ("walk", timed(WALK[0], "2026-11-20T17:15:34+01:00"), {"wrong end": 1}),
    "no time to fall asleep": ("night", {"component": [part("103210-1", 64, "min"),
                                                       part("103213-5", 466, "min")]},
                               {"wrong value": 1, "wrong unit": 1}),
    "the day it began": ("night", OTHER_DAY, {"missing": 1}),
    "no day": ("steps", {"meta": {}}, {"wrong day": 1}),
    "UTC's day": ("steps", timed("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
                  {"missing": 1, "extra": 1}),
    "a rate of steps": ("steps", {"valueQuantity": quantity(9312, "{steps}")},
                        {"wrong unit": 1}),
    "an instant of a date": ("resting", {"effectiveDateTime": "2026-11-20T00:00:00Z"},
                             {"wrong offset": 1}),
    "a period of a date": ("resting", {"effectiveDateTime": None} | timed(*WHOLE_DAY),
                           {"missing": 1, "extra": 1}),
    "any heart rate": ("resting", {"code": coded("8867-4")}, {"missing": 1, "extra": 1}),
    "a sample": ("beats", {"valueSampledData": SERIES | {"data": "64 72"}}, {"wrong value": 1}),
    "a sample's time": ("beats", {"valueSampledData": SERIES | {"offsets": "25200000 25205000"}},
                        {"wrong value": 1}),
    "a factor": ("wave", {"valueSampledData": WAVE | {"factor": 0.001}}, {"wrong value": 1}),
    "a word": ("rhythm", {"valueCodeableConcept": coded((LOCAL, "inconclusive"))},
               {"wrong value": 1}),
    "a stage": ("stage", {"valueCodeableConcept": coded((LOCAL, "asleep"))}, {"wrong value": 1}),
    "another's": ("steps", {"subject": {"reference": "Patient/bert"}}, {"missing": 1}),
    "status": ("weight", {"status": "corrected"}, {"wrong status": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("number", "change", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_error_is_found(ehr, number, change, expected):
    changed = {k: v for k, v in (right_kinds()[number] | change).items() if v is not None}
    if "meta" in change:
        # Servers keep the tags that a resource had.
        ehr.call("DELETE", f"Observation/{number}").raise_for_status()
        changed = ours(changed) | {"id": f"{number}-anew"}
    ehr.put(changed).raise_for_status()
    assert difference(judged(ehr)) == expected


def test_a_mean_of_a_day_is_told_from_its_series(ehr):
    kinds = right_kinds()
    mean, many = kinds["variability"], kinds["variabilities"]
    ehr.call("DELETE", "Observation/variabilities").raise_for_status()
    assert difference(judged(ehr)) == {"missing": 1}
    ehr.put(many | {"id": "anew"}).raise_for_status()
    ehr.put(mean | {"valueQuantity": quantity(41, "ms")}).raise_for_status()
    assert difference(judged(ehr)) == {"wrong value": 1}


def test_what_a_twin_says_is_too_much(ehr):
    app = {"source": APP, "id": "99"}
    rows = ROWS | {
        "points": ROWS["points"] | {"weight": [*ROWS["points"]["weight"], weight(**app)]}
    }
    assert difference(judged(ehr, rows=rows)) == {}
    twin = right_kinds()["weight"] | {"id": "twin"}
    del twin["device"]
    ehr.put(twin).raise_for_status()
    assert difference(judged(ehr, rows=rows)) == {"doubled": 1}


def test_an_app_instead_of_the_scale_itself_is_found(ehr):
    rows = ROWS | {
        "points": ROWS["points"]
        | {"weight": [*ROWS["points"]["weight"], weight(source=APP, id="1")]}
    }
    twin = right_kinds()["weight"]
    del twin["device"]
    ehr.put(twin).raise_for_status()
    assert difference(judged(ehr, rows=rows)) == {"wrong device": 1}


def test_a_day_that_has_not_ended_must_be_preliminary(ehr):
    found = judged(ehr, now=utc("2026-11-20T20:00"))
    assert difference(found) == {"wrong status": 5}


def test_a_night_is_looked_for_on_its_own_day_wherever_it_began(ehr):
    before = utc("2026-11-19T00:00").date()
    assert difference(judged(ehr, first=before)) == {}
    assert difference(judged(ehr, first=before, last=before)) == {}
    assert NIGHT[0].startswith(str(before))


def test_what_is_not_shared_is_too_much(ehr):
    shared = Asked(shared=frozenset({"activity", "sleep"}))
    assert difference(judged(ehr, shared)) == {"extra": 10}


def test_what_costs_more_elsewhere_is_due_here_without_it(ehr):
    # Fitness and skin temperature are paid for at Withings.
    vo2_max = {"daily-vo2-max": [ROWS["merged"]["daily-resting-heart-rate"][0]
                                 | {"type": "daily-vo2-max", "value": {"vo2Max": 44}}]}  # fmt: skip
    rows = ROWS | {"merged": ROWS["merged"] | vo2_max}
    assert difference(judged(ehr, rows=rows)) == {"missing": 1}


def test_a_traveller_is_looked_for_on_the_day_of_their_own_clock(ehr):
    start = "2026-11-20T06:30"
    rows = ROWS | {
        "points": ROWS["points"]
        | {"weight": [*ROWS["points"]["weight"], weight(start=start, id="9", offset=-25_200)]}
    }
    abroad = {"effectiveDateTime": "2026-11-19T22:30:00-07:00"}
    ehr.put(right_kinds()["weight"] | abroad | {"id": "abroad"}).raise_for_status()
    before = utc("2026-11-19T00:00").date()
    assert difference(judged(ehr, rows=rows)) == {}
    assert difference(judged(ehr, rows=rows, first=before, last=before)) == {}
    ehr.call("DELETE", "Observation/abroad").raise_for_status()
    assert difference(judged(ehr, rows=rows, first=before, last=before)) == {"missing": 1}


def test_a_morning_abroad_is_of_the_day_that_it_shows(ehr):
    weights = [*ROWS["points"]["weight"], weight(start="2026-11-20T14:30", id="9", offset=-25_200)]
    rows = ROWS | {"points": ROWS["points"] | {"weight": weights}}
    abroad = {"effectiveDateTime": "2026-11-20T06:30:00-07:00"}
    ehr.put(right_kinds()["weight"] | abroad | {"id": "abroad"}).raise_for_status()
    assert difference(judged(ehr, rows=rows)) == {}


# --- Devices


def test_a_device_of_another_model_is_found(ehr):
    ehr.put(health_device(model="Aria 2")).raise_for_status()
    assert difference(judged(ehr)) == {"wrong device": 1}


def test_a_device_without_a_model_is_found(ehr):
    nameless = health_device()
    del nameless["modelNumber"]
    ehr.put(nameless).raise_for_status()
    assert difference(judged(ehr)) == {"wrong device": 1}


def test_a_second_device_of_a_model_is_found_where_readings_name_it(ehr):
    ehr.put(health_device("scale-again", owner="nobody")).raise_for_status()
    assert difference(judged(ehr)) == {}
    rhythm = right_kinds()["rhythm"]
    ehr.put(health_device("watch-again", "Pixel Watch 4", owner="nobody")).raise_for_status()
    ehr.put(rhythm | {"device": {"reference": "Device/watch-again"}}).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


def test_a_device_that_is_there_twice_is_found(ehr):
    ehr.put(health_device("scale-again")).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


BERTS = {"subject": {"reference": "Patient/bert"}, "id": "berts"}


def test_a_device_of_two_people_is_found(ehr):
    ehr.put(right_kinds()["weight"] | BERTS).raise_for_status()
    assert difference(judged(ehr, people=(ANNA, BERT))) == {"wrong device": 1}
    ehr.put(health_device("scale-of-bert", owner="bert")).raise_for_status()
    own = {"device": {"reference": "Device/scale-of-bert"}}
    ehr.put(right_kinds()["weight"] | BERTS | own).raise_for_status()
    assert difference(judged(ehr, people=(ANNA, BERT))) == {}
