"""Days, nights, workouts, strips and series in an EHR: the reader finds every planted error.

Belongs here: errors planted in the EHR. Not here: what the vendor's rows ask for
(`test_reader_activity.py` and its like).
"""

import pytest

from sandbox.reader.compare import compare
from sandbox.reader.readings import Asked
from tests.unit.sandbox.ehr_parts import quantity, running_ehr
from tests.unit.sandbox.kind_parts import (
    DAY_TAG,
    LOCAL,
    MINUTES,
    NIGHT,
    RUN,
    SEGMENTS,
    WHOLE_DAY,
    coded,
    devices,
    part,
    right_kinds,
    series,
)
from tests.unit.sandbox.reader_parts import ANNA, DAY, difference
from tests.unit.sandbox.row_parts import activity, night, strip, utc, workout

NOTHING = dict.fromkeys(activity().keys() - {"date", "timezone", "steps", "soft"})
ROWS = {
    "measures": [],
    "activities": [activity() | NOTHING | {"hash_deviceid": "c" * 40}],
    "workouts": [workout(data={"calories": 401, "pause_duration": 300})],
    "nights": [
        night(data={"total_sleep_time": 24480, "deepsleepduration": 5820, "sleep_score": 82})
    ],
    "stages": {601: SEGMENTS},
    "ecgs": [strip()],
    "minutes": {"2026-11-20": MINUTES},
}


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        for one in devices():
            running.put(one).raise_for_status()
        yield running


@pytest.fixture
def ehr(server):
    for number in server.found("Observation"):
        server.call("DELETE", f"Observation/{number}").raise_for_status()
    for one in right_kinds().values():
        server.put(one).raise_for_status()
    return server


def judged(ehr, asked=Asked(stages=True), **more):  # noqa: B008 (never changed)
    window = {"first": DAY, "last": DAY} | more
    rows = {ANNA.login: ROWS}
    return compare(ehr_url=ehr.url, people=[ANNA], rows=rows, asked=asked, **window).as_json()


def test_right_content_has_no_difference(ehr):
    found = judged(ehr)
    assert (found["differences"], found["compared"]) == (0, 11)


def test_stages_that_nobody_turned_on_are_too_much(ehr):
    assert difference(judged(ehr, Asked())) == {"extra": 2}


def test_what_is_not_shared_is_too_much(ehr):
    shared = Asked(shared=frozenset({"activity", "sleep"}))
    assert difference(judged(ehr, shared)) == {"extra": 7}


def test_a_day_that_has_not_ended_must_be_preliminary(ehr):
    assert difference(judged(ehr, now=utc("2026-11-20T20:00"))) == {"wrong status": 4}


def test_a_night_is_looked_for_on_its_own_day_wherever_it_began(ehr):
    before = utc("2026-11-19T00:00").date()
    assert difference(judged(ehr, first=before)) == {}
    assert difference(judged(ehr, first=before, last=before)) == {}


def timed(start, end):
    return {"effectivePeriod": {"start": start, "end": end}}


def run_parts(*more):
    return {"component": [part("55411-3", 40, "min"), *more]}


WAVE = right_kinds()["wave"]["valueSampledData"]
PULSE = right_kinds()["pulse"]["valueSampledData"]
PLANTED = {
    "a total": ("steps", {"valueQuantity": quantity(8413, "{steps}/d")}, {"wrong value": 1}),
    "its unit": ("steps", {"valueQuantity": quantity(8412, "{steps}")}, {"wrong unit": 1}),
    "seconds": ("soft", {"valueQuantity": quantity(5225, "s")},
                {"wrong value": 1, "wrong unit": 1}),
    "too exact": ("soft", {"valueQuantity": quantity(87.08, "min")}, {"wrong value": 1}),
    "another end": ("steps", timed(WHOLE_DAY[0], "2026-11-20T23:59:59+01:00"), {"wrong end": 1}),
    "no end": ("steps", timed(WHOLE_DAY[0], None), {"wrong offset": 1, "wrong end": 1}),
    "offset of the end": ("night", timed(NIGHT[0], "2026-11-20T05:25:00Z"), {"wrong offset": 1}),
    "another start": ("night", timed("2026-11-19T22:51:00+01:00", NIGHT[1]),
                      {"missing": 1, "extra": 1}),
    "an instant": ("steps", {"effectivePeriod": None, "effectiveDateTime": WHOLE_DAY[0]},
                   {"missing": 1, "extra": 1}),
    "another day": ("night", {"meta": {"tag": [DAY_TAG | {"code": "2026-11-19"}]}},
                    {"missing": 1}),
    "no day": ("steps", {"meta": None}, {"wrong day": 1}),
    "no day of a night": ("night", {"meta": None}, {"missing": 1}),
    "two days": ("steps", {"meta": {"tag": [DAY_TAG, DAY_TAG | {"code": "2026-11-19"}]}},
                 {"wrong day": 1}),
    "day of an instant": ("rhythm", {"meta": {"tag": [DAY_TAG]}}, {"wrong day": 1}),
    "another kind": ("run", {"valueCodeableConcept": coded((LOCAL, "walking"))},
                     {"wrong value": 1}),
    "another's word": ("run", {"valueCodeableConcept": coded("running")}, {"wrong value": 1}),
    "two words": ("run", {"valueCodeableConcept": coded((LOCAL, "running"), (LOCAL, "walking"))},
                  {"wrong value": 1}),
    "no energy": ("run", run_parts(), {"wrong value": 1, "wrong unit": 1}),
    "another energy": ("run", run_parts(part("41981-2", 402, "kcal")), {"wrong value": 1}),
    "a stage": ("deep", {"valueCodeableConcept": coded((LOCAL, "rem-sleep"))},
                {"wrong value": 1}),
    "lead alone": ("wave", {"code": coded("11524-6")}, {"missing": 1, "extra": 1}),
    "microvolts": ("wave", {"valueSampledData": WAVE | {"factor": 1}}, {"wrong value": 1}),
    "a sample": ("wave", {"valueSampledData": WAVE | {"data": "0 12 -8"}}, {"wrong value": 1}),
    "a sample less": ("wave", {"valueSampledData": WAVE | {"data": "0 12"}}, {"wrong value": 1}),
    "an origin": ("wave", {"valueSampledData": WAVE | {"origin": WAVE["origin"] | {"value": 1}}},
                  {"wrong value": 1}),
    "frequency": ("wave", {"valueSampledData": WAVE | {"interval": 2}}, {"wrong value": 1}),
    "a time": ("pulse", {"valueSampledData": PULSE | {"offsets": "25200 25230 25261"}},
               {"wrong value": 1}),
    "a time unit": ("pulse", {"valueSampledData": PULSE | {"intervalUnit": "ms"}},
                    {"wrong value": 1}),
    "a limit": ("pulse", {"valueSampledData": PULSE | {"data": "67 U 69"}}, {"wrong value": 1}),
    "no number": ("pulse", {"valueSampledData": PULSE | {"offsets": "25200 - 25260"}},
                  {"wrong value": 1}),
    "series' device": ("pulse", {"device": {"reference": "Device/mat"}}, {"wrong device": 1}),
    "mean of a series": ("pulse", {"valueSampledData": None, "valueQuantity": quantity(68, "/min")},
                         {"wrong value": 1}),
    "status": ("night", {"status": "corrected"}, {"wrong status": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("number", "change", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_error_is_found(ehr, number, change, expected):
    changed = {k: v for k, v in (right_kinds()[number] | change).items() if v is not None}
    if "meta" in change:
        # Servers keep the tags that a resource had.
        ehr.call("DELETE", f"Observation/{number}").raise_for_status()
        changed |= {"id": f"{number}-anew"}
    ehr.put(_cleared(changed)).raise_for_status()
    assert difference(judged(ehr)) == expected


def _cleared(resource):
    period = resource.get("effectivePeriod")
    if period is None:
        return resource
    return resource | {"effectivePeriod": {k: v for k, v in period.items() if v is not None}}


@pytest.mark.parametrize("number", right_kinds())
def test_every_missing_reading_is_found(ehr, number):
    ehr.call("DELETE", f"Observation/{number}").raise_for_status()
    assert difference(judged(ehr)) == {"missing": 1}


@pytest.mark.parametrize("number", right_kinds())
def test_every_doubled_reading_is_found(ehr, number):
    ehr.put(right_kinds()[number] | {"id": "once-more"}).raise_for_status()
    assert difference(judged(ehr)) == {"doubled": 1}


@pytest.mark.parametrize(
    "element",
    [
        WAVE | {"interval": 3.3333333333333, "data": "0 12 -7"},
        WAVE | {"factor": 0.0005, "data": "0.0 24.00 -14"},
        series("mV", "0 0.012 E -0.007", offsets="0 0.003333333 0.005 0.006666667"),
    ],
)
def test_a_series_is_right_in_whatever_way_it_is_written(ehr, element):
    ehr.put(right_kinds()["wave"] | {"valueSampledData": element}).raise_for_status()
    assert difference(judged(ehr)) == {}


def test_codes_that_an_ehr_adds_of_its_own_make_no_difference(ehr):
    code = coded("73985-4", ("urn:of-the-ehr", "12"), "55757-9")
    ehr.put(right_kinds()["run"] | {"code": code}).raise_for_status()
    assert difference(judged(ehr)) == {}


def test_a_workout_that_nobody_took_is_too_much(ehr):
    other = timed("2026-11-20T12:00:00+01:00", RUN[1])
    ehr.put(right_kinds()["run"] | other | {"id": "never"}).raise_for_status()
    assert difference(judged(ehr)) == {"extra": 1}
