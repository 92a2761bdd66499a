"""Roll-ups keep the vendor's windows and caps, and give what the days hold, newest first."""

from datetime import date, timedelta

import pytest

from tests.unit.sandbox.google_health.google_parts import Google, civil_day, point, refusal

SHORT = ("calories-in-heart-rate-zone", "heart-rate", "active-minutes", "total-calories")
LONG = ("steps", "distance", "floors", "altitude", "active-energy-burned", "sedentary-period",
        "active-zone-minutes", "time-in-heart-rate-zone", "weight")  # fmt: skip


@pytest.fixture
def google():
    return Google()


@pytest.fixture
def token(google):
    return google.access()


def wrong(answer):
    status, name, reason = refusal(answer)
    assert (status, name) == (400, "INVALID_ARGUMENT")
    return reason


def days_of(answer):
    rows = answer.json.get("rollupDataPoints", [])
    return [row["civilStartTime"]["date"]["day"] for row in rows]


def with_steps(google, *days, **counts):
    google.store.by_day["steps"] = {
        date(2026, 11, day): {"countSum": str(1_000 + day)} for day in days
    }


# dailyRollUp


def test_a_day_has_the_vendors_shape(google, token):
    google.store.by_day["steps"] = {date(2026, 11, 20): {"countSum": "9312"}}
    assert google.days(token, "steps", "2026-11-20", "2026-11-21").json == {
        "rollupDataPoints": [
            {
                "civilStartTime": {"date": {"year": 2026, "month": 11, "day": 20}, "time": {}},
                "civilEndTime": {"date": {"year": 2026, "month": 11, "day": 21}, "time": {}},
                "steps": {"countSum": "9312"},
            }
        ]
    }


def test_the_member_is_spelled_as_in_json(google, token):
    google.store.by_day["active-energy-burned"] = {date(2026, 11, 20): {"kcalSum": 612.5}}
    answer = google.days(token, "active-energy-burned", "2026-11-20", "2026-11-21")
    assert answer.json["rollupDataPoints"][0]["activeEnergyBurned"] == {"kcalSum": 612.5}


def test_the_end_is_exclusive_days_without_data_are_left_out_and_the_newest_is_first(google, token):
    with_steps(google, 14, 15, 17, 18)
    assert days_of(google.days(token, "steps", "2026-11-15", "2026-11-18")) == [17, 15]


def test_the_last_day_of_a_month_ends_with_the_next_month(google, token):
    google.store.by_day["steps"] = {date(2026, 10, 31): {"countSum": "1"}}
    (row,) = google.days(token, "steps", "2026-10-31", "2026-11-01").json["rollupDataPoints"]
    assert row["civilEndTime"]["date"] == {"year": 2026, "month": 11, "day": 1}


@pytest.mark.parametrize(
    ("type_", "most"), [*((one, 14) for one in SHORT), *((one, 90) for one in LONG)]
)
def test_a_range_is_14_or_90_days_at_most(google, token, type_, most):
    end = date(2026, 11, 20)
    right, longer = (str(end - timedelta(days=days)) for days in (most, most + 1))
    assert google.days(token, type_, right, str(end)).status_code == 200
    answer = google.days(token, type_, longer, str(end))
    assert wrong(answer) == "INVALID_ROLLUP_QUERY_DURATION"
    metadata = answer.json["error"]["details"][0]["metadata"]
    assert metadata["maxDurationDays"] == str(most)


@pytest.mark.parametrize("end", ["2026-11-20", "2026-11-19"])
def test_an_empty_range_is_an_invalid_one(google, token, end):
    assert wrong(google.days(token, "steps", "2026-11-20", end)) == "INVALID_TIME_RANGE"


@pytest.mark.parametrize("size", [1, 14, 90, 0])
def test_total_calories_never_take_a_page_size(google, token, size):
    answer = google.days(token, "total-calories", "2026-11-14", "2026-11-16", pageSize=size)
    assert wrong(answer) == "INVALID_ROLLUP_QUERY_DURATION"


def test_other_types_take_a_page_size(google, token):
    with_steps(google, 14, 15, 16)
    asked = ("steps", "2026-11-14", "2026-11-17")
    first = google.days(token, *asked, pageSize=2)
    assert days_of(first) == [16, 15]
    more = {"pageSize": 2, "pageToken": first.json["nextPageToken"]}
    last = google.days(token, *asked, **more)
    assert days_of(last) == [14]
    assert "nextPageToken" not in last.json


def test_a_token_of_another_range_is_refused(google, token):
    with_steps(google, 14, 15, 16)
    first = google.days(token, "steps", "2026-11-14", "2026-11-17", pageSize=2)
    more = {"pageSize": 2, "pageToken": first.json["nextPageToken"]}
    wrong(google.days(token, "steps", "2026-11-13", "2026-11-17", **more))


def test_the_settings_can_make_the_pages_of_days_smaller(google, token):
    with_steps(google, 14, 15, 16)
    google.settings.page_size = 1
    answer = google.days(token, "steps", "2026-11-14", "2026-11-17")
    assert days_of(answer) == [16]
    assert answer.json["nextPageToken"]


START, END = civil_day("2026-11-18"), civil_day("2026-11-20")
FLAT = START["date"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"range": {}},
        {"range": {"start": START}},
        {"range": "today"},
        {"range": {"start": FLAT, "end": END}},
        {"range": {"start": "2026-11-18", "end": "2026-11-20"}},
        {"range": {"startTime": "2026-11-18T00:00:00Z", "endTime": "2026-11-20T00:00:00Z"}},
        {"range": {"start": {"date": {"year": 2026, "month": 2, "day": 30}}, "end": END}},
        {"range": {"start": {"date": "2026-11-18"}, "end": END}},
        {"range": {"start": START | {"time": {"hours": 6}}, "end": END}},
        {"range": {"start": START, "end": END}, "windowDays": 1},
        {"range": {"start": START, "end": END}, "dataSourceFamily": "all-sources"},
        {"range": {"start": START, "end": END}, "pageSize": 91},
    ],
)
def test_a_body_that_the_vendor_does_not_know_is_refused(google, token, body):
    with_steps(google, 18, 19)
    wrong(google.roll_up(token, "steps", body))


@pytest.mark.parametrize("time", [{}, {"hours": 0}])
def test_midnight_may_be_said(google, token, time):
    with_steps(google, 18, 19)
    body = {"range": {"start": START | {"time": time}, "end": END | {"time": time}}}
    assert days_of(google.roll_up(token, "steps", body)) == [19, 18]


def test_what_the_sandbox_does_not_do_never_reads_as_an_answer(google, token):
    days = {"range": {"start": START, "end": END}}
    wearables = {"dataSourceFamily": "users/me/dataSourceFamilies/google-wearables"}
    for body in (days | {"windowSizeDays": 2}, days | wearables):
        assert refusal(google.roll_up(token, "steps", body))[:2] == (501, "UNIMPLEMENTED")
    assert google.roll_up(token, "steps", days | {"windowSizeDays": 1}).status_code == 200


def test_a_takings_day_is_the_mean_of_the_merged_points(google, token):
    google.store.points = [
        point("weight", "2026-11-18T06:00Z", {"weightGrams": 70_000}),
        point("weight", "2026-11-18T20:00Z", {"weightGrams": 71_000}),
        point("weight", "2026-11-18T21:00Z", {"weightGrams": 99_000}, source=None),
        point("weight", "2026-11-19T06:00Z", {"weightGrams": 72_000}),
    ]
    rows = google.days(token, "weight", "2026-11-18", "2026-11-20").json["rollupDataPoints"]
    assert [row["weight"] for row in rows] == [
        {"weightGramsAvg": 72_000.0},
        {"weightGramsAvg": 70_500.0},
    ]


# rollUp


def spans(google, token, type_, start, end, window="3600s", **more):
    body = {"range": {"startTime": start, "endTime": end}, "windowSize": window, **more}
    return google.roll_up(token, type_, body, "rollUp")


def test_a_span_sums_up_what_starts_in_it(google, token):
    google.store.points = [
        point("steps", f"2026-11-18T{time}Z", {"count": count}, offset=46_800)
        for time, count in (("05:59", "7"), ("06:00", "61"), ("06:59", "12"), ("09:10", "5"))
    ]
    answer = spans(google, token, "steps", "2026-11-18T06:00:00Z", "2026-11-18T09:30:00Z")
    assert answer.json["rollupDataPoints"] == [
        {
            "startTime": "2026-11-18T09:00:00Z",
            "endTime": "2026-11-18T09:30:00Z",
            "steps": {"countSum": "5"},
        },
        {
            "startTime": "2026-11-18T06:00:00Z",
            "endTime": "2026-11-18T07:00:00Z",
            "steps": {"countSum": "73"},
        },
    ]


def test_a_span_of_a_pulse_has_its_mean_and_bounds(google, token):
    google.store.points = [
        point("heart-rate", f"2026-11-18T06:0{n}Z", {"beatsPerMinute": str(60 + n)})
        for n in range(3)
    ]
    answer = spans(google, token, "heart-rate", "2026-11-18T06:00:00Z", "2026-11-18T07:00:00Z")
    (row,) = answer.json["rollupDataPoints"]
    assert row["heartRate"] == {
        "beatsPerMinuteAvg": 61.0, "beatsPerMinuteMax": 62.0, "beatsPerMinuteMin": 60.0,
    }  # fmt: skip


def test_spans_have_the_caps_of_days(google, token):
    start, end = "2026-11-01T00:00:00Z", "2026-11-15T00:00:01Z"
    assert wrong(spans(google, token, "heart-rate", start, end)) == "INVALID_ROLLUP_QUERY_DURATION"
    assert spans(google, token, "steps", start, end).status_code == 200
    assert wrong(spans(google, token, "steps", end, start)) == "INVALID_TIME_RANGE"


@pytest.mark.parametrize("window", ["0s", "3600", "1h", 3_600, None, "-5s"])
def test_a_window_is_a_second_at_least(google, token, window):
    wrong(spans(google, token, "steps", "2026-11-18T06:00:00Z", "2026-11-18T07:00:00Z", window))


def test_spans_are_asked_for_in_instants(google, token):
    wrong(spans(google, token, "steps", "2026-11-18T06:00:00", "2026-11-18T07:00:00"))
    wrong(spans(google, token, "steps", "2026-11-18", "2026-11-19"))


def test_spans_that_the_sandbox_cannot_sum_up_are_refused_as_that(google, token):
    answer = spans(google, token, "total-calories", "2026-11-18T06:00:00Z", "2026-11-18T07:00:00Z")
    assert refusal(answer)[:2] == (501, "UNIMPLEMENTED")
