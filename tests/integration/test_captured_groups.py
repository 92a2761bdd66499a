"""Real captured measure groups on the whole road: the vendor's HTTP, normalizer, a FHIR server.

What must stand in the EHR is read by `reference_reading.py`, which knows nothing of the product.
"""

import json
import os
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from ohx_pipelines.outcomes import Counts, Outcome
from tests.integration.getmeas_server import getmeas_server
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.integration.reference_reading import (
    is_confirmed,
    local_day,
    observations,
    unmapped,
)
from tests.integration.road import AMSTERDAM, Road
from tests.sandbox_process import REPOSITORY, running_sandbox

pytestmark = pytest.mark.slow

BESIDE = REPOSITORY.parent / "shared" / "captures"
CAPTURES = Path(os.environ.get("OHX_TEST_CAPTURES", BESIDE)) / "withings"
MOST_DAYS = 90
PATIENTS = count(1)


def captured(name):
    path = CAPTURES / name
    if not path.exists():
        pytest.skip("captured payloads are not beside this checkout (OHX_TEST_CAPTURES)")
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def ehr_url():
    with running_sandbox(*SANDBOX_ARGUMENTS, "--people=30") as sandbox:
        yield sandbox.addresses["ehr"]["url"]


@pytest.fixture(scope="module")
def vendor():
    with getmeas_server(AMSTERDAM.key) as server:
        yield server


@pytest.fixture(scope="module")
def open_road(vendor, ehr_url):
    roads = []

    def opened():
        roads.append(Road(vendor, ehr_url, f"patient-{next(PATIENTS):04d}"))
        return roads[-1]

    yield opened
    for one in roads:
        one.client.close()


@pytest.fixture
def road(open_road):
    """A road to the chart of a patient of whom nothing is there."""
    return open_road()


@pytest.fixture(scope="module")
def groups():
    return captured("measure_groups.json")


@pytest.fixture(scope="module")
def replayed(open_road, groups):
    """The captured years, synced day by day in windows, then once more."""
    road = open_road()
    road.vendor.groups = groups
    days = sorted({local_day(group, AMSTERDAM) for group in groups})
    span = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    first = road.run(span)
    calls = list(road.vendor.calls)
    charted = road.chart.observations()
    # Cut otherwise: only days that have groups, and so many short windows.
    second = road.run(days)
    return road, first, calls, charted, second


def total(results):
    return sum((result.counts for result in results), Counts())


def test_every_confirmed_group_is_charted_exactly_once_with_the_very_value_code_and_time(
    replayed, groups
):
    _, _, _, charted, _ = replayed

    assert charted == observations(groups, AMSTERDAM)
    assert set(charted.values()) == {1}
    assert sum(charted.values()) == 599 + 413 + 11 + 4 * 4 + 7 + 1 + 1 + 1


def test_of_the_1031_captured_groups_1030_are_charted_and_one_is_held_back(replayed, groups):
    _, _, _, charted, _ = replayed

    missing = [g for g in groups if str(g["grpid"]) not in {one.group for one in charted}]
    assert (len(groups), len({one.group for one in charted})) == (1031, 1030)
    assert [(g["attrib"], len(g["measures"])) for g in missing] == [(17, 3)]


def test_the_offset_of_each_reading_is_the_one_of_its_own_day(replayed):
    _, _, _, charted, _ = replayed

    assert Counter(one.at[-6:] for one in charted).keys() == {"+01:00", "+02:00"}


def test_each_day_says_what_the_vendor_listed_and_what_became_of_it(replayed, groups):
    _, first, _, _, _ = replayed

    for result in first:
        listed = [group for group in groups if local_day(group, AMSTERDAM) == result.day]
        held = [group for group in listed if not is_confirmed(group)]
        charted = sum(observations(listed, AMSTERDAM).values())
        assert result.outcome is (Outcome.SYNCED if listed else Outcome.NO_DATA), result.day
        assert result.counts == Counts(
            rows=sum(len(group["measures"]) for group in listed),
            observations=charted,
            created=charted,
            held_back=len(held),
        )
        reasons = sum(map(unmapped, listed), Counter())
        reasons += Counter(f"attribution_{g['attrib']}" for g in held for _ in g["measures"])
        assert result.reasons == reasons


def test_every_captured_type_has_a_code(replayed):
    _, first, _, _, _ = replayed

    told = sum((Counter(result.reasons) for result in first), Counter())
    assert told == {"attribution_17": 3}


def test_years_are_read_in_windows_that_the_vendor_allows_and_page_by_page(replayed):
    _, first, calls, _, _ = replayed

    windows = {(int(call["startdate"]), int(call["enddate"])) for call in calls}
    assert len(windows) == -(-len(first) // MOST_DAYS)
    # One hour more than that many days: in autumn a day has 25 hours.
    assert max(end - start for start, end in windows) < MOST_DAYS * 86400 + 3600
    assert len(calls) > len(windows)


def test_a_second_sync_writes_nothing_however_the_days_are_cut(replayed):
    road, first, _, charted, second = replayed

    again = total(second)
    assert (again.created, again.updated, again.rejected) == (0, 0, 0)
    assert again.unchanged == again.observations == total(first).created
    assert road.chart.observations() == charted
    assert {one["meta"]["versionId"] for one in road.chart.resources()} == {"1"}


def test_only_types_that_have_a_code_are_asked_for(road, groups):
    day = local_day(groups[0], AMSTERDAM)
    listed = [group for group in groups if local_day(group, AMSTERDAM) == day]
    new = {"value": 7, "type": 999, "unit": 0}
    road.vendor.groups = [one | {"measures": [*one["measures"], new]} for one in listed]
    road.vendor.keeps_to_types = True

    [result] = road.run([day])

    held = [f"attribution_{one['attrib']}" for one in listed if not is_confirmed(one)]
    assert (result.outcome, result.reasons) == (Outcome.SYNCED, Counter(held))
    assert road.chart.observations() == observations(listed, AMSTERDAM)


def test_a_captured_answer_that_lists_a_taking_twice_under_one_id_charts_it_once(road):
    answer = captured("measurement.json")
    road.vendor.body = answer["body"]
    first, copy = answer["body"]["measuregrps"]
    assert first["grpid"] == copy["grpid"]

    [result] = road.run([local_day(first, AMSTERDAM)])

    assert len(road.vendor.calls) == 1
    assert (result.outcome, result.counts.created) == (Outcome.SYNCED, 1)
    assert road.chart.observations() == observations([first], AMSTERDAM)


DAY = date(2026, 10, 25)
# 00:30:15Z: the clocks of Amsterdam show 02:30 twice that night, and this is the first time.
TAKEN = 1792888215


def made_group(*measures, attrib=0):
    return {
        "grpid": 6120004411,
        "attrib": attrib,
        "date": TAKEN,
        "created": TAKEN,
        "modified": TAKEN,
        "category": 1,
        "deviceid": "5d1c" * 10,
        "hash_deviceid": "5d1c" * 10,
        "measures": [
            {"type": kind, "value": value, "unit": unit} for kind, value, unit in measures
        ],
        "modelid": 10,
        "model": "Body Scan",
    }


@pytest.mark.parametrize(
    ("attrib", "asserted"),
    [
        (0, "DEVAST"),
        (2, "PATAST"),
        (4, "PATAST"),
        (5, "DEVAST"),
        (7, "DEVAST"),
        (8, "DEVAST"),
        (15, "DEVAST"),
    ],
)
def test_a_confirmed_attribution_is_charted_with_who_asserts_it(road, attrib, asserted):
    road.vendor.groups = [made_group((10, 12800, -2), (9, 81, 0), (11, 64, 0), attrib=attrib)]

    [result] = road.run([DAY])

    [seen] = road.chart.observations()
    assert (seen.asserted, seen.device) == (asserted, "5d1c" * 10 if asserted == "DEVAST" else None)
    assert (seen.at, result.reasons) == ("2026-10-25T02:30:15+02:00", {})
    assert seen.values == (
        ("8462-4", 81, "mm[Hg]"),
        ("8480-6", 128, "mm[Hg]"),
        ("8867-4", 64, "/min"),
    )


@pytest.mark.parametrize(
    ("attrib", "reason"),
    [(1, "ambiguous_user"), (17, "attribution_17"), (99, "attribution_99")],
)
def test_an_attribution_that_does_not_surely_name_the_user_is_held_back(road, attrib, reason):
    road.vendor.groups = [made_group((10, 128, 0), (9, 81, 0), (11, 64, 0), attrib=attrib)]

    [result] = road.run([DAY])

    assert road.chart.resources() == []
    assert (result.outcome, result.counts) == (Outcome.SYNCED, Counts(rows=3, held_back=1))
    assert result.reasons == {reason: 3}


def test_types_that_repeat_in_one_group_are_charted_side_by_side(road):
    road.vendor.groups = [made_group((5, 5512, -2), (8, 1450, -2), (5, 5498, -2), (8, 1464, -2))]

    road.run([DAY])
    [again] = road.run([DAY])

    assert Counter(one.values for one in road.chart.observations()) == {
        (("91557-9", Decimal("55.12"), "kg"),): 1,
        (("91557-9", Decimal("54.98"), "kg"),): 1,
        (("73708-0", Decimal("14.50"), "kg"),): 1,
        (("73708-0", Decimal("14.64"), "kg"),): 1,
    }
    assert again.counts.unchanged == 4


def test_a_pressure_without_its_other_half_says_that_the_other_is_absent(road):
    road.vendor.groups = [made_group((10, 128, 0), (11, 64, 0))]

    road.run([DAY])

    [seen] = road.chart.observations()
    assert seen.values == (
        ("8462-4", None, "unknown"),
        ("8480-6", 128, "mm[Hg]"),
        ("8867-4", 64, "/min"),
    )


def test_a_day_of_unmapped_types_alone_is_synced_and_says_so(road):
    road.vendor.groups = [made_group((998, 365, -1), (998, 366, -1), (999, 97, 0))]

    [result] = road.run([DAY])

    assert (result.outcome, result.counts) == (Outcome.SYNCED, Counts(rows=3))
    assert result.reasons == {"unmapped_type_998": 2, "unmapped_type_999": 1}
