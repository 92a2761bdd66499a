"""Filters are taken strictly: the type's own times, a range and nothing else, in their own forms."""

from datetime import date

import pytest

from tests.unit.sandbox.google_health.google_parts import Google, point, refusal

INVALID = "INVALID_DATA_POINT_FILTER"


@pytest.fixture
def google():
    return Google()


def refused(google, type_, text):
    answer = google.points(google.access(), type_, filter=text)
    error = answer.json["error"]
    metadata = error["details"][0]["metadata"]
    return refusal(answer)[2], metadata.get("detailedReasons")


# Which time each type is filtered by

INTERVALS = ("steps", "distance", "active-minutes", "sedentary-period")
SAMPLES = ("weight", "heart-rate", "vo2-max", "core-body-temperature")
DAYS = ("daily-resting-heart-rate", "daily-vo2-max", "daily-sleep-temperature-derivations")
SESSIONS = ("exercise", "irregular-rhythm-notification")
PHYSICAL, CIVIL, DATE = "2026-11-14T00:00:00Z", "2026-11-14T00:00:00", "2026-11-14"
RIGHT = [
    *((one, "interval.start_time", PHYSICAL) for one in INTERVALS),
    *((one, "interval.civil_start_time", CIVIL) for one in INTERVALS),
    *((one, "sample_time.physical_time", PHYSICAL) for one in SAMPLES),
    *((one, "sample_time.civil_time", CIVIL) for one in SAMPLES),
    *((one, "date", DATE) for one in DAYS),
    *((one, "interval.civil_start_time", CIVIL) for one in SESSIONS),
    ("sleep", "interval.end_time", PHYSICAL),
    ("sleep", "interval.civil_end_time", CIVIL),
    ("electrocardiogram", "interval.start_time", PHYSICAL),
]
MEMBERS = {member for _, member, _ in RIGHT} | {"interval.civil_time", "end_time", "create_time"}


@pytest.mark.parametrize(("type_", "member", "literal"), RIGHT)
def test_a_type_is_filtered_by_its_own_times(google, type_, member, literal):
    text = f'{type_.replace("-", "_")}.{member} >= "{literal}"'
    assert google.points(google.access(), type_, filter=text).status_code == 200


@pytest.mark.parametrize("type_", sorted({type_ for type_, _, _ in RIGHT}))
def test_a_type_is_filtered_by_no_other_time(google, type_):
    right = {member for one, member, _ in RIGHT if one == type_}
    for member in sorted(MEMBERS - right):
        for literal in (PHYSICAL, CIVIL, DATE):
            text = f'{type_.replace("-", "_")}.{member} >= "{literal}"'
            assert refused(google, type_, text) == (INVALID, f"{INVALID}_DATA_TYPE_MEMBER")


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("steps.interval.civil_start_time", "COLLECTION_MISMATCH"),
        ("heart-rate.sample_time.civil_time", "DATA_TYPE_RESTRICTION"),
        ("heartRate.sample_time.civil_time", "DATA_TYPE_RESTRICTION"),
        ("sample_time.civil_time", "DATA_TYPE_RESTRICTION"),
        ("heart_rate.sampleTime.civilTime", "DATA_TYPE_MEMBER"),
        ("heart_rate", "DATA_TYPE_MEMBER"),
    ],
)
def test_a_time_is_named_with_its_type_in_snake_case(google, name, detail):
    assert refused(google, "heart-rate", f'{name} >= "2026-11-14"') == (
        INVALID,
        f"{INVALID}_{detail}",
    )


@pytest.mark.parametrize("comparator", ["<=", ">", "=", "!=", ":", "=="])
def test_only_at_least_and_below_compare(google, comparator):
    text = f'weight.sample_time.civil_time {comparator} "2026-11-14"'
    assert refused(google, "weight", text) == (INVALID, f"{INVALID}_RESTRICTION_COMPARATOR")


def test_electrocardiograms_are_asked_for_from_a_time_on_alone(google):
    time = "electrocardiogram.interval.start_time"
    below = f'{time} >= "2026-11-14T00:00:00Z" AND {time} < "2026-11-15T00:00:00Z"'
    for text in (below, f'{time} < "2026-11-15T00:00:00Z"'):
        reason = refused(google, "electrocardiogram", text)
        assert reason == (INVALID, f"{INVALID}_RESTRICTION_COMPARATOR")


C = "weight.sample_time.civil_time"
P = "weight.sample_time.physical_time"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (f'{C} >= "2026-11-14" OR {C} < "2026-11-15"', "EXPRESSION_STRUCTURE"),
        (f'{C} >= "2026-11-14" and {C} < "2026-11-15"', "EXPRESSION_STRUCTURE"),
        (f'{C} >= "2026-11-14" {C} < "2026-11-15"', "EXPRESSION_STRUCTURE"),
        (f'{C} >= "2026-11-14" AND', "EXPRESSION_STRUCTURE"),
        (f'AND {C} >= "2026-11-14"', "EXPRESSION_STRUCTURE"),
        (f'({C} >= "2026-11-14")', "EXPRESSION_STRUCTURE"),
        (f'{C} >= "2026-11-14" AND {C} >= "2026-11-15"', "EXPRESSION_STRUCTURE"),
        (f"{C} >= 2026-11-14", "EXPRESSION_STRUCTURE"),
        (f"{C} >= '2026-11-14'", "EXPRESSION_STRUCTURE"),
        ("yesterday", "EXPRESSION_STRUCTURE"),
        (f'{C} >= "2026-11-14" AND {P} < "2026-11-15T00:00:00Z"', "MIXED_TIME_RESTRICTIONS"),
        (f'{C} >= "2026-11-14T00:00:00Z"', "CIVIL_DATE_TIME_FORMAT"),
        (f'{C} >= "2026-11-14T00:00:00+01:00"', "CIVIL_DATE_TIME_FORMAT"),
        (f'{C} >= "2026-11-14T07:30"', "CIVIL_DATE_TIME_FORMAT"),
        (f'{C} >= "14.11.2026"', "CIVIL_DATE_TIME_FORMAT"),
        (f'{C} >= "2026-02-30"', "CIVIL_DATE_TIME_FORMAT"),
        (f'{P} >= "2026-11-14"', "TIMESTAMP_FORMAT"),
        (f'{P} >= "2026-11-14T00:00:00"', "TIMESTAMP_FORMAT"),
    ],
)
def test_anything_but_a_range_of_one_time_is_refused(google, text, detail):
    assert refused(google, "weight", text) == (INVALID, f"{INVALID}_{detail}")


@pytest.mark.parametrize("literal", ["2026-11-14T00:00:00", "2026-11-14T00:00:00Z", "2026-11"])
def test_a_day_is_filtered_by_a_date(google, literal):
    text = f'daily_vo2_max.date >= "{literal}"'
    assert refused(google, "daily-vo2-max", text) == (INVALID, f"{INVALID}_DATE_FORMAT")


@pytest.mark.parametrize("end", ["2026-11-14", "2026-11-13", "2026-11-14T00:00:00"])
@pytest.mark.parametrize("method", ["list", "reconcile"])
def test_an_empty_range_is_an_invalid_one(google, end, method):
    text = f'{C} >= "2026-11-14" AND {C} < "{end}"'
    answer = google.points(google.access(), "weight", method, filter=text)
    assert refusal(answer) == (400, "INVALID_ARGUMENT", "INVALID_TIME_RANGE")


def test_instants_of_different_offsets_are_compared_as_instants(google):
    text = f'{P} >= "2026-11-14T00:00:00+01:00" AND {P} < "2026-11-13T23:30:00Z"'
    assert google.points(google.access(), "weight", filter=text).status_code == 200
    empty = f'{P} >= "2026-11-14T00:00:00+01:00" AND {P} < "2026-11-13T23:00:00Z"'
    assert refusal(google.points(google.access(), "weight", filter=empty))[2] == (
        "INVALID_TIME_RANGE"
    )


# What a filter holds


def starts(answer, *path):
    """The instants of the points of an answer, from where they stand in each."""
    rows = answer.json.get("dataPoints", [])
    for step in path:
        rows = [row[step] for row in rows]
    return rows


def weights(google, text):
    answer = google.points(google.access(), "weight", filter=text)
    return [time[11:16] for time in starts(answer, "weight", "sampleTime", "physicalTime")]


def test_a_range_holds_its_start_and_not_its_end(google):
    google.store.points = [
        point("weight", f"2026-11-18T{time}:00Z") for time in ("05:59", "06:00", "06:30", "07:00")
    ]
    text = f'{C} >= "2026-11-18T06:00:00" AND {C} < "2026-11-18T07:00:00"'
    assert weights(google, text) == ["06:30", "06:00"]
    text = f'{P} >= "2026-11-18T06:00:00Z" AND {P} < "2026-11-18T07:00:00Z"'
    assert weights(google, text) == ["06:30", "06:00"]
    assert weights(google, f'{C} < "2026-11-18T06:00:00"') == ["05:59"]
    assert weights(google, f'{C} >= "2026-11-18T07:00:00"') == ["07:00"]
    assert weights(google, "") == ["07:00", "06:30", "06:00", "05:59"]


def test_the_order_of_the_two_bounds_does_not_matter(google):
    google.store.points = [point("weight", "2026-11-18T06:00Z")]
    assert weights(google, f'{C} < "2026-11-19" AND {C} >= "2026-11-18"') == ["06:00"]


def test_a_civil_day_goes_by_the_offset_of_each_point(google):
    kolkata, honolulu = 19_800, -36_000
    google.store.points = [
        # The 18th began at 18:30 UTC of the 17th there, and ended at 18:30.
        point("weight", "2026-11-17T18:29:59Z", offset=kolkata),
        point("weight", "2026-11-17T18:30:00Z", offset=kolkata),
        point("weight", "2026-11-18T18:29:59Z", offset=kolkata),
        point("weight", "2026-11-18T18:30:00Z", offset=kolkata),
        # After a flight: still the 18th, although the 19th has begun in UTC.
        point("weight", "2026-11-19T09:59:00Z", offset=honolulu),
    ]
    text = f'{C} >= "2026-11-18" AND {C} < "2026-11-19"'
    assert weights(google, text) == ["09:59", "18:29", "18:30"]


def test_a_physical_range_finds_points_whose_civil_day_is_another(google):
    google.store.points = [
        point("weight", "2026-11-18T23:30:00Z", offset=46_800),
        point("weight", "2026-11-18T00:30:00Z", offset=-36_000),
    ]
    assert [str(p.day) for p in google.store.points] == ["2026-11-19", "2026-11-17"]
    text = f'{P} >= "2026-11-18T00:00:00Z" AND {P} < "2026-11-19T00:00:00Z"'
    assert weights(google, text) == ["23:30", "00:30"]


def test_nights_are_found_by_their_end(google):
    google.store.points = [
        point(
            "sleep", "2026-11-17T22:00Z", end="2026-11-18T05:00Z", offset=3_600, day="2026-11-18"
        ),
        point(
            "sleep", "2026-11-18T22:00Z", end="2026-11-19T05:00Z", offset=3_600, day="2026-11-19"
        ),
    ]
    for text in (
        'sleep.interval.civil_end_time >= "2026-11-18" AND sleep.interval.civil_end_time < "2026-11-19"',
        'sleep.interval.end_time >= "2026-11-18T05:00:00Z" AND sleep.interval.end_time < "2026-11-18T05:00:01Z"',
        'sleep.interval.civil_end_time >= "2026-11-18T06:00:00" AND sleep.interval.civil_end_time < "2026-11-18T06:00:01"',
    ):
        answer = google.points(google.access(), "sleep", "reconcile", filter=text)
        ends = starts(answer, "sleep", "interval", "endTime")
        assert ends == ["2026-11-18T05:00:00Z"]


def test_workouts_are_found_by_the_civil_time_of_their_start(google):
    google.store.points = [
        point("exercise", "2026-11-18T22:50Z", end="2026-11-18T23:40Z", offset=3_600),
        point("exercise", "2026-11-18T23:10Z", end="2026-11-18T23:40Z", offset=3_600),
    ]
    time = "exercise.interval.civil_start_time"
    answer = google.points(google.access(), "exercise", filter=f'{time} < "2026-11-19"')
    assert starts(answer, "exercise", "interval", "startTime") == ["2026-11-18T22:50:00Z"]


def test_days_are_found_by_their_date(google):
    google.store.points = [
        point("daily-resting-heart-rate", f"2026-11-{day}T00:00Z") for day in (17, 18, 19)
    ]
    time = "daily_resting_heart_rate.date"
    text = f'{time} >= "2026-11-18" AND {time} < "2026-11-19"'
    answer = google.points(google.access(), "daily-resting-heart-rate", filter=text)
    assert starts(answer, "dailyRestingHeartRate", "date", "day") == [18]


def test_no_more_days_are_read_than_can_hold_a_point(google):
    google.points(google.access(), "weight", filter=f'{C} >= "2026-11-16" AND {C} < "2026-11-18"')
    assert google.store.asked == [("weight", date(2026, 11, 16), date(2026, 11, 17))]
