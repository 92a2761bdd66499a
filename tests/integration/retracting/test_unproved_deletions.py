"""A reading stays in the chart as long as its deletion is not proved: each doubt on the whole road.

The vendor answers over HTTP, the EHR is a FHIR server; what stands in it is read over plain HTTP.
"""

import copy
import json
from datetime import UTC, date, datetime, time
from itertools import count

import pytest
import requests
from tenacity import wait_none

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers import tries
from tests.integration.getmeas_server import CUT, HALF, PAGE_SIZE, getmeas_server
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.integration.road import AMSTERDAM, Road
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.slow

DAYS = [date(2026, 11, day) for day in (16, 17, 18)]
BODY, ALL = frozenset({"body"}), frozenset({"body", "blood_pressure", "pulse_wave_velocity"})
SCALE = "5d1c" * 10
PATIENTS = count(1)


def group(grpid, day, *measures, attrib=0, hour=7):
    taken = int(datetime.combine(day, time(hour), UTC).timestamp())
    return {
        "grpid": grpid,
        "attrib": attrib,
        "date": taken,
        "created": taken,
        "modified": taken,
        "category": 1,
        "hash_deviceid": SCALE,
        "measures": [
            {"type": kind, "value": value, "unit": unit} for kind, value, unit in measures
        ],
        "modelid": 18,
        "model": "Body Comp",
    }


def weighing(grpid, day, value=71350, **more):
    return group(grpid, day, (1, value, -3), **more)


def cuff(grpid, day, **more):
    return group(grpid, day, (10, 128, 0), (9, 81, 0), (11, 64, 0), **more)


# Two weighings and a cuff's reading on each of three days, and a pulse wave velocity on the last.
LISTED = [
    *(weighing(10 + n, day) for n, day in enumerate(DAYS)),
    *(weighing(20 + n, day, 71100, hour=18) for n, day in enumerate(DAYS)),
    *(cuff(30 + n, day, hour=8) for n, day in enumerate(DAYS)),
    group(40, DAYS[2], (91, 72, -1), hour=9),
]


def without(*grpids, listed=LISTED):
    return [one for one in listed if one["grpid"] not in grpids]


def changed(grpid, **fields):
    """The listing, one of its rows different."""
    return [one | fields if one["grpid"] == grpid else one for one in LISTED]


@pytest.fixture(scope="module")
def ehr_url():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people=60") as sandbox:
        yield sandbox.addresses["ehr"]["url"]


@pytest.fixture(scope="module")
def vendor():
    with getmeas_server(AMSTERDAM.key) as server:
        yield server


@pytest.fixture
def empty_road(vendor, ehr_url, monkeypatch):
    """A road to the chart of a patient of whom nothing is there; tries follow at once."""
    monkeypatch.setattr(tries, "_backoff", wait_none())
    road = Road(vendor, ehr_url, f"patient-{next(PATIENTS):04d}")
    yield road
    road.client.close()


@pytest.fixture
def road(empty_road):
    """A road on which all of LISTED was published."""
    empty_road.vendor.groups = LISTED
    assert {result.outcome for result in empty_road.run(DAYS)} == {Outcome.SYNCED}
    assert statuses(empty_road) == dict.fromkeys(records(LISTED), "final")
    empty_road.vendor.calls.clear()
    return empty_road


def records(groups):
    return {str(one["grpid"]) for one in groups}


def statuses(road):
    """What the chart holds: the status of each reading by the vendor's record."""
    return {
        one["identifier"][0]["value"].split(".")[0]: one["status"] for one in road.chart.resources()
    }


def outcomes(results):
    return {result.outcome for result in results}


def assert_nothing_went(road):
    assert statuses(road) == dict.fromkeys(records(LISTED), "final")
    assert {one["meta"]["versionId"] for one in road.chart.resources()} == {"1"}


def test_what_two_whole_listings_do_not_hold_any_more_is_retracted_and_nothing_else(road):
    road.vendor.groups = without(11)

    results = road.run(DAYS)

    expected = dict.fromkeys(records(LISTED), "final") | {"11": "entered-in-error"}
    assert statuses(road) == expected
    assert [result.counts.retracted for result in results] == [0, 1, 0]
    assert len(road.vendor.calls) == 2
    # A run after it finds nothing to do, and asks once.
    assert sum(result.counts.retracted for result in road.run(DAYS)) == 0
    assert len(road.vendor.calls) == 3


def test_a_row_that_only_one_of_two_listings_lacks_stays(road):
    road.vendor.earlier = [without(11)]

    assert outcomes(road.run(DAYS)) == {Outcome.SYNCED}

    assert len(road.vendor.calls) == 2
    assert_nothing_went(road)


@pytest.mark.parametrize("fault", [CUT, HALF])
def test_a_listing_cut_in_the_middle_of_a_page_retracts_nothing(road, fault):
    road.vendor.groups = without(11)
    road.vendor.fault = lambda _: fault

    expected = Outcome.VENDOR_DOWN if fault == CUT else Outcome.MALFORMED
    assert outcomes(road.run(DAYS)) == {expected}

    assert_nothing_went(road)


@pytest.mark.parametrize("fault", [CUT, HALF, {"status": 601, "body": {}}, {"status": 522}])
def test_a_second_listing_that_fails_proves_nothing(road, fault):
    road.vendor.groups = without(11)
    road.vendor.fault = lambda _: fault if len(road.vendor.calls) > 1 else None

    results = road.run(DAYS)

    assert [result.outcome is Outcome.SYNCED for result in results] == [True, False, True]
    assert_nothing_went(road)


LATER_PAGES = [
    (CUT, Outcome.VENDOR_DOWN),
    (HALF, Outcome.MALFORMED),
    ({"status": 601, "body": {}}, Outcome.RATE_LIMITED),
    ({"status": 522}, Outcome.VENDOR_DOWN),
    ({"status": 503}, Outcome.VENDOR_REJECTED),
    # Paging that cannot be followed.
    ({"status": 0, "body": {"measuregrps": [], "more": 1}}, Outcome.MALFORMED),
    ({"status": 0, "body": {"measuregrps": [], "more": 1, "offset": 0}}, Outcome.MALFORMED),
]


@pytest.mark.parametrize(("fault", "outcome"), LATER_PAGES)
def test_a_listing_that_breaks_off_after_its_first_page_retracts_nothing(
    empty_road, fault, outcome
):
    many = [weighing(100 + n, DAYS[n % 3], hour=n % 20) for n in range(PAGE_SIZE + 10)]
    empty_road.vendor.groups = many
    empty_road.run(DAYS)
    empty_road.vendor.groups = many[1:]
    empty_road.vendor.fault = lambda form: fault if "offset" in form else None

    assert outcomes(empty_road.run(DAYS)) == {outcome}

    assert statuses(empty_road) == dict.fromkeys(records(many), "final")


def test_a_vendor_that_suddenly_lists_nothing_is_held_and_retracts_nothing(road):
    road.vendor.groups = []

    results = road.run(DAYS)

    assert outcomes(results) == {Outcome.RETRACTION_HELD}
    assert sum(result.counts.retraction_held for result in results) == len(LISTED)
    assert_nothing_went(road)


UNCLEAR = {
    "a row without an id": {"grpid": None},
    "a row without a readable time": {"date": None},
    "a row without a list of measures": {"measures": None},
    "a measure whose kind cannot be read": {
        "measures": [{"type": 1, "value": 70, "unit": 0}, {"type": "?", "value": 7, "unit": 0}]
    },
    "a row that is no row": None,
}


@pytest.mark.parametrize("unclear", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_a_listing_with_a_row_that_cannot_be_told_from_others_proves_nothing(road, unclear):
    row = "nonsense" if unclear is None else weighing(99, DAYS[0]) | unclear
    listed = {"measuregrps": [*without(11), row], "timezone": AMSTERDAM.key}
    road.vendor.fault = lambda _: {"status": 0, "body": listed}

    road.run(DAYS)

    left = {record: status for record, status in statuses(road).items() if record != "99"}
    assert left == dict.fromkeys(records(LISTED), "final")


@pytest.mark.parametrize("attrib", [1, 17, None])
def test_a_reading_that_the_vendor_is_no_longer_sure_of_is_still_listed(road, attrib):
    road.vendor.groups = changed(11, attrib=attrib)

    road.run(DAYS)

    assert_nothing_went(road)


def test_a_reading_whose_value_cannot_be_read_any_more_is_still_listed(road):
    road.vendor.groups = changed(11, measures=[{"type": 1, "value": "?", "unit": 0}])

    road.run(DAYS)

    assert_nothing_went(road)


def test_what_is_no_longer_shared_is_not_asked_for_and_stays(road):
    road.vendor.keeps_to_types = True

    results = road.run(DAYS, shared=BODY)

    assert [call["meastypes"] for call in road.vendor.calls] == [
        "1,4,5,6,8,76,77,88,168,169,170,173,174,175,226,227"
    ]
    assert outcomes(results) == {Outcome.SYNCED}
    assert_nothing_went(road)


def test_what_is_no_longer_shared_is_not_published_although_the_vendor_lists_it(road):
    road.vendor.groups = [*LISTED, cuff(50, DAYS[0], hour=20)]

    road.run(DAYS, shared=BODY)

    assert_nothing_went(road)


def test_when_nothing_is_shared_nothing_is_asked_and_nothing_goes(road):
    assert outcomes(road.run(DAYS, shared=frozenset())) == {Outcome.NOT_CONSENTED}

    assert road.vendor.calls == []
    assert_nothing_went(road)


def test_scopes_that_shrank_retract_nothing(road):
    results = road.run(DAYS, scopes=frozenset({"user.info"}))

    assert outcomes(results) == {Outcome.NOT_CONSENTED}
    assert road.vendor.calls == []
    assert_nothing_went(road)


def test_a_window_that_shrank_retracts_nothing_outside_of_it(road):
    road.vendor.groups = without(10, 20, 30, 12, 22, 32, 40)

    road.run(DAYS[1:2])

    assert_nothing_went(road)


def test_a_mapping_that_shrank_retracts_nothing(road, tmp_path):
    overlay = tmp_path / "site.yaml"
    overlay.write_text(
        "metrics:\n  body_weight:\n    enabled: false\n"
        "panels:\n  blood_pressure:\n    enabled: false\n"
    )

    road.run(DAYS, mapping=load_mapping(overlay))

    assert_nothing_went(road)


def test_what_another_system_wrote_stays(road, ehr_url):
    theirs = copy.deepcopy(next(one for one in road.chart.resources() if "valueQuantity" in one))
    [ours] = theirs.pop("identifier")
    del theirs["id"], theirs["meta"]
    for identifier in ({}, {"identifier": [ours | {"value": "777.body_weight.0"}]}):
        requests.post(
            f"{ehr_url}/Observation",
            data=json.dumps(theirs | identifier, default=float),
            headers={"Content-Type": "application/fhir+json"},
            timeout=10,
        ).raise_for_status()

    road.run(DAYS)

    assert [one["status"] for one in road.chart.resources()] == ["final"] * (len(LISTED) + 2)
