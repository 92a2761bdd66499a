"""Withings' measure groups into the vocabulary; expectations come from the vendor's reference."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ohx_pipelines.errors import Malformed
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, RecordingMethod
from tests.unit.providers.measure_groups import (
    BODY,
    CUFF,
    EVERYTHING,
    MORNING,
    SCALE,
    STOCKHOLM,
    WEEK,
    group,
    measure,
    normalize,
    normalize_pages,
    values,
)

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures" / "withings"


def left_out(result):
    return Counter((one.metric, one.reason, one.held_back) for one in result.unpublished)


def test_mixed_exponents_give_the_exact_decimal():
    result = normalize(
        group(measure(1, 71350, -3)),
        group(measure(10, 14300, -2), measure(9, 81), grpid=2, taken=MORNING + 60),
        group(measure(4, 18, -1), grpid=3, taken=MORNING + 120),
        group(measure(11, 6, 1), grpid=4, taken=MORNING + 180),
    )

    assert values(result)[0] == (Metric.BODY_WEIGHT, "71.350", "kg")
    assert [row.value for row in result.frame.itertuples()] == [
        Decimal("71.350"),
        Decimal(143),
        Decimal(81),
        Decimal("1.8"),
        Decimal(60),
    ]


@pytest.mark.parametrize(
    ("kind", "metric", "unit"),
    [
        (1, "body_weight", "kg"),
        (4, "body_height", "m"),
        (5, "fat_free_mass", "kg"),
        (6, "fat_ratio", "%"),
        (8, "fat_mass", "kg"),
        (9, "diastolic_blood_pressure", "mm[Hg]"),
        (10, "systolic_blood_pressure", "mm[Hg]"),
        (11, "heart_rate", "/min"),
        (76, "muscle_mass", "kg"),
        (77, "water_mass", "kg"),
        (88, "bone_mass", "kg"),
        (91, "pulse_wave_velocity", "m/s"),
    ],
)
def test_each_type_means_what_the_vendor_documents(kind, metric, unit):
    assert values(normalize(group(measure(kind, 5)))) == [(metric, "5", unit)]


@pytest.mark.parametrize(
    ("attrib", "method"),
    [
        (0, "device"),
        (5, "device"),
        (7, "device"),
        (8, "device"),
        (15, "device"),
        (2, "manual"),
        (4, "manual"),
    ],
)
def test_attribution_tells_the_device_from_the_hand(attrib, method):
    result = normalize(group(measure(1, 70), attrib=attrib))

    row = result.frame.iloc[0]
    assert row["method"] == RecordingMethod(method)
    assert row["device"] == (SCALE if method == "device" else None)


@pytest.mark.parametrize(
    ("attrib", "reason"),
    [
        (1, "ambiguous_user"),
        (17, "attribution_17"),
        (99, "attribution_99"),
        (None, "attribution_missing"),
        ("0", "attribution_missing"),
    ],
)
def test_ambiguous_undocumented_and_unknown_attributions_are_held_back_and_counted(attrib, reason):
    result = normalize(group(measure(1, 70), attrib=attrib))

    assert result.frame.empty
    assert left_out(result) == {(Metric.BODY_WEIGHT, reason, True): 1}


def test_an_ambiguous_group_that_comes_back_confirmed_is_published_once():
    result = normalize(group(measure(1, 70), attrib=1), group(measure(1, 70), attrib=0))

    assert len(result.frame) == 1
    assert not result.unpublished


def test_a_confirmed_copy_under_another_id_releases_the_ambiguous_one():
    result = normalize(
        group(measure(1, 70), attrib=1, grpid=1), group(measure(1, 70), attrib=8, grpid=2)
    )

    assert list(result.frame["record"]) == ["2"]
    assert not result.unpublished


def test_a_confirmed_taking_listed_twice_is_published_once_under_its_older_id():
    result = normalize(group(measure(1, 70), grpid=12), group(measure(1, 70), attrib=8, grpid=9))

    assert list(result.frame["record"]) == ["9"]


def test_a_type_that_repeats_inside_a_group_keeps_both_values_apart():
    result = normalize(group(measure(8, 145, -1), measure(8, 151, -1)))

    assert list(result.frame["occurrence"]) == [0, 1]
    assert [str(value) for value in result.frame["value"]] == ["14.5", "15.1"]


def test_a_bad_measure_costs_only_itself():
    result = normalize(group(measure(1, "70"), measure(6, 214, -1), measure(8, 2, 99)))

    assert values(result) == [(Metric.FAT_RATIO, "21.4", "%")]
    assert left_out(result) == {
        (Metric.BODY_WEIGHT, "unreadable_value", False): 1,
        (Metric.FAT_MASS, "unreadable_value", False): 1,
    }


def test_half_a_blood_pressure_is_none():
    result = normalize(group(measure(10, 128), measure(9, None), measure(11, 64), measure(1, 70)))

    assert values(result) == [(Metric.BODY_WEIGHT, "70", "kg")]
    assert sum(left_out(result).values()) == 3


def test_a_group_without_a_readable_date_is_shown_as_rejected_and_never_dated_now():
    result = normalize(group(measure(1, 70), taken="yesterday"))

    assert result.frame.empty
    assert [(one.reason, one.day) for one in result.unpublished] == [("no_time", WEEK.first_day)]


def test_unreadable_groups_and_measures_do_not_cost_their_neighbours():
    result = normalize_pages(
        [
            {
                "measuregrps": [
                    "nonsense",
                    {},
                    group(None, measure(1, 70)),
                    group(measure(1, 71), grpid=5, measures=None),
                ]
            }
        ],
        WEEK,
        asked=EVERYTHING,
    )

    assert values(result) == [(Metric.BODY_WEIGHT, "70", "kg")]
    assert Counter(one.reason for one in result.unpublished) == {"unreadable_measure": 2}


def test_unknown_types_are_counted_by_day_and_type():
    result = normalize(
        group(measure(1, 70), measure(999, 1), measure(998, 7), measure(998, 8)),
        group(measure(998, 7), grpid=2, taken=MORNING - 86400),
    )

    assert result.ignored == {
        date(2026, 11, 20): {"unmapped_type_999": 1, "unmapped_type_998": 2},
        date(2026, 11, 19): {"unmapped_type_998": 1},
    }


def test_the_rows_of_a_copy_are_counted_on_its_day():
    cuff = [measure(10, 128), measure(9, 81), measure(11, 64)]
    result = normalize(group(*cuff, grpid=9), group(*cuff, attrib=8, grpid=12))

    assert len(result.frame) == 3
    assert result.ignored == {date(2026, 11, 20): {"copy": 3}}


def test_readings_on_either_side_of_midnight_belong_to_the_users_own_days():
    before = int(datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC).timestamp())
    result = normalize(
        group(measure(1, 70), taken=before), group(measure(1, 71), grpid=2, taken=before + 1)
    )

    assert list(result.frame["day"]) == [date(2026, 11, 19), date(2026, 11, 20)]
    assert list(result.frame["offset_minutes"]) == [60, 60]


def test_rows_outside_the_window_are_not_taken():
    day = Window(first_day=date(2026, 11, 19), last_day=date(2026, 11, 19), zone=STOCKHOLM)

    assert normalize(group(measure(1, 70)), window=day).frame.empty


def test_devices_are_described_by_what_the_group_says():
    result = normalize(
        group(measure(10, 128), measure(9, 81), device=CUFF, modelid=45, model="BPM Connect"),
        group(measure(1, 70), grpid=2, modelid=4711, model=None),
    )

    assert {d.device: (d.model, d.kind) for d in result.devices.values()} == {
        CUFF: ("BPM Connect", "Blood Pressure Monitor"),
        SCALE: ("Unknown model", "Unknown"),
    }


def test_an_answer_without_a_list_of_groups_is_malformed_and_not_an_empty_day():
    with pytest.raises(Malformed):
        normalize_pages([{"timezone": "Europe/Stockholm"}], WEEK, asked=EVERYTHING)


def test_what_was_not_asked_for_is_never_published_whoever_sends_it():
    weighing = group(measure(1, 70), measure(6, 214, -1))
    cuff = group(measure(10, 128), measure(9, 81), measure(11, 64), grpid=2)

    result = normalize(weighing, cuff, asked=BODY)

    assert values(result) == [(Metric.BODY_WEIGHT, "70", "kg"), (Metric.FAT_RATIO, "21.4", "%")]
    assert not result.unpublished
    assert result.ignored == {date(2026, 11, 20): {"not_asked_for": 3}}


def test_what_is_left_out_is_still_named_by_its_record():
    result = normalize(
        group(measure(1, 70), grpid=7, attrib=1),
        group(measure(1, "x"), grpid=8, taken=MORNING + 60),
        group(None, grpid=9, taken=MORNING + 120),
    )

    assert {(one.record, one.reason) for one in result.unpublished} == {
        ("7", "ambiguous_user"),
        ("8", "unreadable_value"),
        ("9", "unreadable_measure"),
    }


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [group(measure(1, 70))],
        [group(measure(1, "70"))],
        [group(measure(1, 70), attrib=1)],
        [group(measure(1, 70), grpid="a-name")],
        [group(measure(1, 70)), group(measure(1, 70), grpid=2, attrib=8)],
    ],
)
def test_a_listing_whose_rows_are_all_told_apart_lists_all_that_was_asked_for(groups):
    assert normalize(*groups, asked=BODY).listed == BODY


@pytest.mark.parametrize(
    "unclear",
    [
        "nonsense",
        {},
        group(measure(1, 70), grpid=None),
        group(measure(1, 70), grpid=0),
        group(measure(1, 70), grpid=True),
        group(measure(1, 70), grpid=["6120004411"]),
        group(measure(1, 70), taken=None),
        group(measure(1, 70), taken="2026-11-20"),
        group(measure(1, 70), taken=10**18),
        group(measure(1, 70), measures=None),
        group(measure(1, 70), measures={"type": 1}),
        group(),
        group(measure(1, 70), None),
        group(measure(1, 70), measure("1", 70)),
        group(measure(1, 70), measure(None, 70)),
        # A taking of another day: a vendor that mistook the window may have left out ours.
        group(measure(1, 70), taken=MORNING - 30 * 86400),
    ],
)
def test_one_row_that_cannot_be_told_from_others_makes_the_listing_prove_nothing(unclear):
    clear = group(measure(1, 70), grpid=5, taken=MORNING + 60)

    pages = [{"measuregrps": [clear]}, {"measuregrps": [unclear, clear]}]

    assert normalize_pages(pages, WEEK, asked=BODY).listed == frozenset()


def test_an_unclear_copy_of_a_clear_row_makes_the_listing_prove_nothing_too():
    whole = group(measure(1, 70))
    cut = group(measure(1, 70), None, attrib=1)

    assert normalize(whole, cut, asked=BODY).listed == frozenset()


@pytest.mark.parametrize("kind", [999, 10])
def test_rows_of_types_that_are_unknown_or_not_asked_for_do_not_matter(kind):
    unclear = group(measure(kind, 1), grpid=None, taken=None)

    assert normalize(group(measure(1, 70)), unclear, asked=BODY).listed == BODY


def test_real_captured_groups_are_read_whole():
    path = CAPTURES / "measure_groups.json"
    if not path.exists():
        pytest.skip("captured payloads are not beside this checkout")
    groups = json.loads(path.read_text())
    years = Window(first_day=date(2010, 1, 1), last_day=date(2026, 1, 1), zone=STOCKHOLM)

    result = normalize_pages([{"measuregrps": groups}], years, asked=EVERYTHING)

    mapped = {1, 4, 5, 6, 8, 9, 10, 11, 76, 77, 88, 91, 155}
    confirmed = [g for g in groups if g["attrib"] in {0, 2, 8}]
    expected = sum(m["type"] in mapped for g in confirmed for m in g["measures"])
    assert len(result.frame) == expected
    assert all(one.reason == "attribution_17" for one in result.unpublished)
