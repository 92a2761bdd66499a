"""Listings that are odd without being refused: what stands in them, and what stays as it was."""

from datetime import date

import pytest

from tests.unit.sandbox.google_health.google_parts import Google, point

SPAN = {"startTime": "2026-11-18T01:00:00Z", "endTime": "2026-11-18T02:00:00Z"}


@pytest.fixture
def google():
    made = Google()
    made.store.points = [
        point("weight", f"2026-11-{day}T06:00Z", {"weightGrams": day * 1_000}, number=str(day))
        for day in range(11, 19)
    ]
    made.store.by_day["steps"] = {date(2026, 11, day): {"countSum": "9"} for day in (17, 18)}
    return made


@pytest.fixture
def token(google):
    return google.access()


def ids(google, token, method="list", **query):
    return [[name_of(row) for row in page]
            for page in google.every_page(token, "weight", method, **query)]  # fmt: skip


def name_of(row):
    return (row.get("name") or row.get("dataPointName")).rpartition("/")[2]


RIGHT = [["18", "17", "16"], ["15", "14", "13"], ["12", "11"]]


def test_duplicate_rows_stand_twice_under_their_own_name(google, token):
    google.order("duplicate_rows", count=1)
    twice = [name for name in RIGHT[0] for _ in range(2)]
    assert ids(google, token, pageSize=3) == [twice, *RIGHT[1:]]


def test_duplicate_days_stand_twice(google, token):
    google.order("duplicate_rows", count=1)
    answer = google.days(token, "steps", "2026-11-17", "2026-11-19")
    days = [row["civilStartTime"]["date"]["day"] for row in answer.json["rollupDataPoints"]]
    assert days == [18, 18, 17, 17]


@pytest.mark.parametrize(("method", "key"), [("list", "name"), ("reconcile", "dataPointName")])
def test_a_bad_record_comes_last_on_the_first_page_only(google, token, method, key):
    google.order("bad_record")
    first, *others = google.every_page(token, "weight", method, pageSize=3)
    assert [name_of(row) for row in first] == [*RIGHT[0], "bad-record"]
    assert [[name_of(row) for row in page] for page in others] == RIGHT[1:]
    bad = first[-1]
    assert key in bad
    assert bad["weight"]["sampleTime"] == {"physicalTime": "soon"}
    assert "weightGrams" not in bad["weight"]


def test_a_bad_record_comes_where_there_is_no_other(google, token):
    google.order("bad_record", count=1)
    (row,) = google.points(token, "height").json["dataPoints"]
    assert row["height"]["sampleTime"] == {"physicalTime": "soon"}


def test_a_bad_day_has_neither_date_nor_number(google, token):
    google.order("bad_record", count=1)
    *right, bad = google.days(token, "steps", "2026-11-17", "2026-11-19").json["rollupDataPoints"]
    assert len(right) == 2
    assert bad["civilStartTime"] == "soon"
    assert bad["steps"] == {"countSum": "many"}


def test_unknown_types_come_beside_what_is_there(google, token):
    stage = {**SPAN, "type": "LIGHT"}
    night = {
        "stages": [stage],
        "summary": {"minutesAsleep": "60", "stagesSummary": [{"type": "LIGHT", "minutes": "60"}]},
    }
    google.store.points = [
        point("sleep", "2026-11-18T01:00Z", night, end="2026-11-18T02:00Z", number="1")
    ]
    right = google.points(token, "sleep").json["dataPoints"][0]["sleep"]
    google.order("unknown_types", count=1)
    odd = google.points(token, "sleep").json["dataPoints"][0]["sleep"]
    assert odd["stages"] == [stage, stage | {"type": "UNHEARD_OF"}]
    told = odd["summary"]["stagesSummary"]
    assert [one["type"] for one in told] == ["LIGHT", "UNHEARD_OF"]
    assert odd.keys() - right.keys() == {"unheardOf"}
    assert odd["interval"] == right["interval"]
    assert odd["summary"]["minutesAsleep"] == "60"


def test_unknown_levels_come_in_roll_ups_too(google, token):
    level = {"activityLevel": "LIGHT", "activeMinutesSum": "30"}
    day = {"activeMinutesRollupByActivityLevel": [level]}
    google.store.by_day["active-minutes"] = {date(2026, 11, 18): day}
    google.order("unknown_types", count=1)
    answer = google.days(token, "active-minutes", "2026-11-18", "2026-11-19")
    told = answer.json["rollupDataPoints"][0]["activeMinutes"]
    assert told["activeMinutesRollupByActivityLevel"] == [
        level,
        level | {"activityLevel": "UNHEARD_OF"},
    ]


def test_an_empty_listing_is_an_empty_object_and_ends(google, token):
    google.order("empty_listing", count=1)
    assert google.points(token, "weight", pageSize=3).json == {}
    assert ids(google, token, pageSize=3) == RIGHT


@pytest.mark.parametrize(
    ("kind", "page", "seen"),
    [
        ("cut_page", "first", [["18"]]),
        ("cut_page", "further", [RIGHT[0], ["15"]]),
        ("skipped_row", "first", [["17", "16"], *RIGHT[1:]]),
        ("skipped_row", "further", [RIGHT[0], ["14", "13"], RIGHT[2]]),
    ],
)
def test_a_page_can_lose_rows_once(google, token, kind, page, seen):
    google.order(kind, page=page, count=1)
    assert ids(google, token, pageSize=3) == seen
    assert ids(google, token, pageSize=3) == RIGHT


def test_paging_can_lead_back_to_the_page_that_was_asked_for(google, token):
    google.order("paging_loop")
    more, seen = {}, []
    for _ in range(3):
        answer = google.points(token, "weight", pageSize=3, **more).json
        seen.append([name_of(row) for row in answer["dataPoints"]])
        more = {"pageToken": answer["nextPageToken"]}
    assert seen == [RIGHT[0]] * 3
    google.cloud.faults.clear()
    assert google.points(token, "weight", pageSize=3, **more).status_code == 200


def test_no_odd_listing_touches_a_refusal(google, token):
    google.order("bad_record")
    assert google.points(token, "floors").json.keys() == {"error"}
    answer = google.points(token, "weight", filter="yesterday")
    assert answer.json.keys() == {"error"}
