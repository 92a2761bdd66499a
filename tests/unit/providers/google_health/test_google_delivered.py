"""What a signed body says: hints of days, one row that cannot be read costs only itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.google_health.delivered import is_verification, read_notifications

USER = "48120033917720012"
KINDS = frozenset({"steps", "weight", "sleep"})


def civil(year, month, day, **time):
    return {"date": {"year": year, "month": month, "day": day}, "time": time}


def interval(start, end):
    return {"civilDateTimeInterval": {"startDateTime": start, "endDateTime": end}}


QUARTER = {
    "physicalTimeInterval": {
        "startTime": "2026-11-20T23:30:00Z",
        "endTime": "2026-11-20T23:45:00Z",
    },
    "civilDateTimeInterval": {
        "startDateTime": civil(2026, 11, 21, minutes=30),
        "endDateTime": civil(2026, 11, 21, minutes=45),
    },
    "civilIso8601TimeInterval": {
        "startTime": "2026-11-21T00:30:00",
        "endTime": "2026-11-21T00:45:00",
    },
}


def told(*intervals, **changes):
    """A notification as the vendor's guide has it; a change of None leaves a member out."""
    data = {
        "version": "1",
        "clientProvidedSubscriptionName": "3d1e",
        "healthUserId": USER,
        "operation": "UPSERT",
        "dataType": "steps",
        "intervals": list(intervals),
    } | changes
    return {"data": {name: value for name, value in data.items() if value is not None}}


def read(said, kinds=KINDS):
    return read_notifications(json.dumps(said).encode(), kinds=kinds)


def days(said):
    return [(one.day, one.last_day) for one in read(said)]


def test_a_change_is_about_the_civil_day_on_which_the_vendor_counts_it():
    (one,) = read(told(QUARTER))

    assert (one.user, one.kind, one.ended) == (USER, "steps", False)
    assert (one.day, one.last_day) == (date(2026, 11, 21), date(2026, 11, 21))
    assert (one.start, one.end) == (None, None)


def test_one_object_or_a_list_of_them_says_the_same():
    assert read([told(QUARTER)]) == read(told(QUARTER))
    assert [one.kind for one in read([told(QUARTER), told(QUARTER, dataType="weight")])] == [
        "steps",
        "weight",
    ]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        # A night is about both its days; it is counted on the one it ends on.
        (civil(2026, 11, 19, hours=22), civil(2026, 11, 20, hours=6), 19, 20),
        # Midnight is the end of a day, not a part of the next.
        (civil(2026, 11, 20), civil(2026, 11, 21), 20, 20),
        (civil(2026, 11, 18), civil(2026, 11, 21), 18, 20),
        (civil(2026, 11, 20), civil(2026, 11, 21, nanos=1000), 20, 21),
        # A sample is an instant, also at midnight.
        (civil(2026, 11, 20), civil(2026, 11, 20), 20, 20),
        (civil(2026, 11, 20, hours=7), civil(2026, 11, 20, hours=7), 20, 20),
    ],
)
def test_an_interval_is_about_every_day_that_it_touches(start, end, first, last):
    assert days(told(interval(start, end))) == [(date(2026, 11, first), date(2026, 11, last))]


def test_a_civil_time_without_its_zeros_is_midnight():
    bare = {"date": {"year": 2026, "month": 11, "day": 20}}
    assert days(told(interval(bare, civil(2026, 11, 20)))) == [
        (date(2026, 11, 20), date(2026, 11, 20))
    ]


def test_days_are_read_from_text_where_the_members_are_not_there():
    said = {"civilIso8601TimeInterval": QUARTER["civilIso8601TimeInterval"]}
    assert days(told(said)) == [(date(2026, 11, 21), date(2026, 11, 21))]


def test_instants_count_where_no_civil_time_is_told():
    (one,) = read(told({"physicalTimeInterval": QUARTER["physicalTimeInterval"]}))

    assert one.start == datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 20, 23, 45, tzinfo=UTC)
    assert (one.day, one.last_day) == (None, None)


def test_every_interval_is_a_hint_of_its_own_and_the_same_days_are_one():
    other = interval(civil(2026, 11, 3, hours=1), civil(2026, 11, 3, hours=2))
    later = interval(civil(2026, 11, 21, hours=9), civil(2026, 11, 21, hours=10))

    assert days([told(QUARTER, other, later), told(later)]) == [
        (date(2026, 11, 21), date(2026, 11, 21)),
        (date(2026, 11, 3), date(2026, 11, 3)),
    ]


def test_a_change_without_a_time_is_told_without_one():
    for said in (told(), told(intervals=None)):
        (one,) = read(said)
        assert (one.day, one.last_day, one.start, one.end, one.ended) == (None,) * 4 + (False,)


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        (told(operation="DELETE"), True),
        (told(operation="DELETE", intervals=None), True),
        (told(operation="DELETE", recordId="7711203"), False),
        (told(QUARTER, operation="DELETE"), False),
        (told(QUARTER, operation="DELETE", recordId="7711203"), False),
        (told(), False),
        (told(QUARTER), False),
    ],
)
def test_only_a_deletion_of_everything_may_be_the_end_of_the_permission(said, ended):
    assert [one.ended for one in read(said)] == [ended]


def test_a_deletion_of_readings_is_about_its_days_like_any_change():
    assert days(told(QUARTER, operation="DELETE", recordId="7")) == days(told(QUARTER))


UNREADABLE = {
    "an unknown type": told(QUARTER, dataType="stress"),
    "a type that is not read": told(QUARTER, dataType="activity-level"),
    "no type": told(QUARTER, dataType=None),
    "a number for a type": told(QUARTER, dataType=7),
    "a list for a type": told(QUARTER, dataType=["steps"]),
    "no user": told(QUARTER, healthUserId=None),
    "an empty user": told(QUARTER, healthUserId=""),
    "a number for a user": told(QUARTER, healthUserId=48120033917720012),
    "a user with signs": told(QUARTER, healthUserId="a/b"),
    "a user that is too long": told(QUARTER, healthUserId="7" * 64),
    "digits of another script": told(QUARTER, healthUserId="٤٨"),
    "an unknown operation": told(QUARTER, operation="MERGE"),
    "no operation": told(QUARTER, operation=None),
    "a list for an operation": told(QUARTER, operation=["UPSERT"]),
    "intervals that are none": told(intervals="today"),
    "a day that is none": told(interval(civil(2026, 2, 30), civil(2026, 2, 30))),
    "an end before its start": told(interval(civil(2026, 11, 21), civil(2026, 11, 20))),
    "instants in words": told({"physicalTimeInterval": {"startTime": "now", "endTime": "later"}}),
    "instants without a zone": told(
        {"physicalTimeInterval": {"startTime": "2026-11-20T01:00", "endTime": "2026-11-20T02:00"}}
    ),
    "instants the wrong way round": told(
        {
            "physicalTimeInterval": {
                "startTime": "2026-11-20T02:00:00Z",
                "endTime": "2026-11-20T01:00:00Z",
            }
        }
    ),
    "an interval that is a text": told("today"),
    "an empty interval": told({}),
    "a year that is too large": told(interval(civil(10**30, 1, 1), civil(10**30, 1, 1))),
    "the last instant that there is": told(
        {
            "physicalTimeInterval": {
                "startTime": "9999-12-31T00:00:00Z",
                "endTime": "9999-12-31T23:59:59.999999999Z",
            }
        }
    ),
    "the first instant that there is": told(
        {
            "physicalTimeInterval": {
                "startTime": "0001-01-01T00:00:00Z",
                "endTime": "0001-01-01T00:00:01Z",
            }
        }
    ),
    "a text for a time of day": told(
        interval({"date": civil(2026, 11, 21)["date"], "time": "8"}, civil(2026, 11, 21))
    ),
    "a list for a date": told(interval({"date": [2026, 11, 21]}, civil(2026, 11, 21))),
    "another object": {"type": "something"},
    "data that are none": {"data": [told(QUARTER)["data"]]},
    "a text": "data",
    "a number": 7,
    "nothing": None,
}


@pytest.mark.parametrize("why", UNREADABLE)
def test_what_cannot_be_read_or_is_not_asked_for_says_nothing_and_costs_only_itself(why):
    assert read(UNREADABLE[why]) == ()
    good = told(QUARTER, dataType="weight")
    assert [one.kind for one in read([UNREADABLE[why], good])] == ["weight"]


def test_a_list_in_a_list_says_nothing():
    assert read([[told(QUARTER)]]) == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 60_000])
@pytest.mark.usefixtures("collector_waits")
def test_a_body_that_is_no_notification_says_nothing(body):
    assert read_notifications(body, kinds=KINDS) == ()
    assert not is_verification(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["date", "time", "year", "hours", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*QUARTER, "x"]), JSON, max_size=3), JSON)
def test_any_json_is_read_or_skipped(some, other):
    assert set(read(told(QUARTER))) <= set(read([told(some), told(other), told(QUARTER)]))


def test_whose_it_is_is_not_shown():
    assert USER not in repr(read(told(QUARTER)))


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (b'{"type":"verification"}', True),
        (b'{ "type" : "verification" }', True),
        (b'{"type":"verification","more":1}', True),
        (b'{"type":"other"}', False),
        (b'[{"type":"verification"}]', False),
        (b'"verification"', False),
        (b'{"data":{"type":"verification"}}', False),
    ],
)
def test_a_verification_is_told_from_everything_else(body, is_one):
    assert is_verification(body) is is_one
