"""Pages have the vendor's sizes, and their tokens are good for the same question alone."""

import pytest

from tests.unit.sandbox.google_health.google_parts import Google, milliseconds, point, refusal

FIRST = "2026-11-10T00:00:00+00:00"
C = "weight.sample_time.civil_time"


@pytest.fixture
def google():
    return Google()


def many(google, type_, count):
    """So many points a minute apart, all of the 10th of November and after."""
    begins = milliseconds(FIRST)
    one = point(type_, FIRST)
    minute = 60_000
    google.store.points = [
        type(one)(**{**fields(one), "id": str(n), "start": begins + n * minute,
                     "end": begins + n * minute, "day": day_of(n)})
        for n in range(count)
    ]  # fmt: skip


def fields(one):
    return {name: getattr(one, name) for name in one.__slots__}


def day_of(minutes):
    return point("weight", FIRST).day.replace(day=10 + minutes // 1_440)


def sizes(google, type_, method="list", **query):
    return [len(page) for page in google.every_page(google.access(), type_, method, **query)]


@pytest.mark.parametrize("method", ["list", "reconcile"])
def test_a_page_has_1440_points_unasked(google, method):
    many(google, "heart-rate", 3_000)
    assert sizes(google, "heart-rate", method) == [1_440, 1_440, 120]


def test_a_page_has_as_many_points_as_asked_for(google):
    many(google, "heart-rate", 120)
    assert sizes(google, "heart-rate", pageSize=50) == [50, 50, 20]
    assert sizes(google, "heart-rate", pageSize=120) == [120]
    assert sizes(google, "heart-rate", pageSize=0) == [120]


def test_more_than_10000_points_are_cut_without_a_word(google):
    many(google, "heart-rate", 10_001)
    assert sizes(google, "heart-rate", pageSize=50_000) == [10_000, 1]


@pytest.mark.parametrize("type_", ["sleep", "exercise"])
@pytest.mark.parametrize("query", [{}, {"pageSize": 1_000}])
@pytest.mark.parametrize("method", ["list", "reconcile"])
def test_nights_and_workouts_come_25_to_a_page_at_most(google, type_, query, method):
    many(google, type_, 60)
    assert sizes(google, type_, method, **query) == [25, 25, 10]


def test_the_settings_can_make_every_page_smaller_and_none_larger(google):
    many(google, "weight", 30)
    google.settings.page_size = 7
    assert sizes(google, "weight") == [7, 7, 7, 7, 2]
    assert sizes(google, "weight", pageSize=20) == [7, 7, 7, 7, 2]
    assert sizes(google, "weight", pageSize=5) == [5] * 6
    google.settings.page_size = 100
    many(google, "sleep", 26)
    assert sizes(google, "sleep") == [25, 1]


@pytest.mark.parametrize("size", ["-1", "many", "1.5", "9" * 30])
def test_a_page_size_that_is_no_number_is_refused(google, size):
    answer = google.points(google.access(), "weight", pageSize=size)
    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_pages_hold_every_point_once_and_newest_first(google):
    many(google, "weight", 4_000)
    pages = google.every_page(google.access(), "weight", pageSize=300)
    times = [row["weight"]["sampleTime"]["physicalTime"] for page in pages for row in page]
    assert len(set(times)) == 4_000
    assert times == sorted(times, reverse=True)


def test_the_last_page_has_no_token_even_when_it_is_full(google):
    many(google, "weight", 20)
    assert sizes(google, "weight", pageSize=10) == [10, 10]


def token_of(google, access):
    many(google, "weight", 30)
    query = {"pageSize": 10, "filter": f'{C} >= "2026-11-10"'}
    return query, google.points(access, "weight", **query).json["nextPageToken"]


@pytest.mark.parametrize(
    "changes",
    [
        {"pageSize": 11},
        {"pageSize": None},
        {"filter": f'{C} >= "2026-11-09"'},
        {"filter": None},
    ],
)
def test_a_token_with_other_parameters_is_refused(google, changes):
    access = google.access()
    query, token = token_of(google, access)
    changed = {k: v for k, v in (query | changes).items() if v is not None}
    answer = google.points(access, "weight", pageToken=token, **changed)
    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_a_token_is_one_types_one_methods_and_one_persons(google):
    access = google.access()
    _, token = token_of(google, access)
    plain = google.points(access, "weight", pageSize=10).json["nextPageToken"]
    more = {"pageSize": 10, "pageToken": plain}
    assert google.points(access, "weight", **more).status_code == 200
    assert google.points(access, "height", **more).status_code == 400
    assert google.points(access, "weight", "reconcile", **more).status_code == 400
    assert google.points(google.access(1), "weight", **more).status_code == 400
    assert token != plain


@pytest.mark.parametrize(
    "change", [str.upper, lambda token: token[:-4], lambda _: "CiQ", "10".join]
)
def test_a_token_that_nobody_gave_is_refused(google, change):
    access = google.access()
    query, token = token_of(google, access)
    wrong = change(token)
    assert wrong != token
    answer = google.points(access, "weight", pageToken=wrong, **query)
    assert refusal(answer)[:2] == (400, "INVALID_ARGUMENT")


def test_a_token_outlives_a_refresh(google):
    given = google.link()
    query, token = token_of(google, given["access_token"])
    access = google.refresh(given["refresh_token"]).json["access_token"]
    assert google.points(access, "weight", pageToken=token, **query).status_code == 200
