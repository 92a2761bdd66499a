"""Over HTTP comes what the store holds: each listing, whole, read as it is meant to be read."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from sandbox.google_health.abilities import ABILITIES, SCOPES
from sandbox.google_health.kinds import DAILY, INTERVAL, KIND_OF, ROLLED, SAMPLE, member_of
from sandbox.google_health.store import Store
from tests.unit.sandbox.google_health.google_parts import Google

FIRST, END = date(2026, 11, 9), date(2026, 11, 19)
LAST = END - timedelta(days=1)
STREAMS = [(t, m) for t in KIND_OF for m in ("list", "reconcile") if m in ABILITIES[t].methods]


@pytest.fixture(scope="module")
def google():
    made = Google(store=Store)
    made.settings.rate_limit = 10_000
    return made


@pytest.fixture(scope="module")
def accesses(google):
    scopes = " ".join(SCOPES)
    return [google.access(number, scope=scopes) for number in range(len(google.people))]


def filter_of(type_):
    """The filter that asks for whole civil days, where the type has one."""
    name = type_.replace("-", "_")
    if type_ == "electrocardiogram":
        return f'{name}.interval.start_time >= "{FIRST}T00:00:00Z"'
    members = {DAILY: "date", SAMPLE: "sample_time.civil_time"}
    member = members.get(KIND_OF[type_], "interval.civil_start_time")
    member = "interval.civil_end_time" if type_ == "sleep" else member
    return f'{name}.{member} >= "{FIRST}" AND {name}.{member} < "{END}"'


def expected(google, person, type_, method):
    find = google.store.raw if method == "list" else google.store.merged
    if type_ != "electrocardiogram":
        return find(person, type_, FIRST, LAST)
    far = find(person, type_, FIRST - timedelta(days=1), LAST + timedelta(days=9))
    begins = datetime.combine(FIRST, time(), UTC).timestamp() * 1_000
    return [point for point in far if point.start >= begins]


@pytest.mark.parametrize(("type_", "method"), STREAMS)
def test_a_listing_over_http_holds_the_points_of_the_days_asked_for(
    google, accesses, type_, method
):
    for person, access in zip(google.people, accesses, strict=True):
        pages = google.every_page(access, type_, method, filter=filter_of(type_), pageSize=500)
        rows = [row[member_of(type_)] for page in pages for row in page]
        points = expected(google, person, type_, method)
        assert len(rows) == len(points)
        assert [start_of(row, type_) for row in rows] == [told_start(one) for one in points]


def start_of(row, type_):
    """The instant of a point on the wire, in milliseconds; of a daily type its date."""
    kind = KIND_OF[type_]
    if kind == DAILY:
        return date(**row["date"])
    text = row["sampleTime"]["physicalTime"] if kind == SAMPLE else row["interval"]["startTime"]
    return round(datetime.fromisoformat(text).timestamp() * 1_000)


def told_start(point):
    return point.day if KIND_OF[point.type] == DAILY else point.start


@pytest.mark.parametrize("type_", ROLLED)
def test_days_over_http_are_the_stores_totals(google, accesses, type_):
    for person, access in zip(google.people, accesses, strict=True):
        answer = google.days(access, type_, str(FIRST), str(END)).json
        rows = {
            date(**row["civilStartTime"]["date"]): row[member_of(type_)]
            for row in answer.get("rollupDataPoints", [])
        }
        assert rows == google.store.totals(person, type_, FIRST, LAST)


def test_somebody_has_data_of_nearly_every_type(google, accesses):
    silent = {
        type_
        for type_, method in STREAMS
        if not any(expected(google, one, type_, method) for one in google.people)
    }
    assert len(silent) < len(KIND_OF) / 4


def test_the_kinds_of_types_are_those_of_the_calls():
    assert {type_: ABILITIES[type_].kind for type_ in KIND_OF} == KIND_OF
    assert KIND_OF["steps"] == INTERVAL


def test_all_pages_of_an_unfiltered_listing_are_one_stream_newest_first(google, accesses):
    for type_ in ("weight", "exercise"):
        pages = google.every_page(accesses[0], type_)
        starts = [start_of(row[member_of(type_)], type_) for page in pages for row in page]
        assert len(starts) > 100
        assert starts == sorted(starts, reverse=True)
