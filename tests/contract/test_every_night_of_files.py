"""What every app's files keep to in nights in which clocks change: a wall clock is all they know."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ohx_pipelines.providers.files.base import DateOrder
from sandbox.files.routine import rows_on
from sandbox.people import make_people
from tests.contract.exported import (
    SAMPLE_IDS,
    SAMPLES,
    any_row,
    at,
    expected,
    parsed,
    rows_of,
    said,
    sample,
)

LORD_HOWE, CAIRO, APIA = "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"
# As written, the zone, and by the zone's clock changes: the instant, the local day, a word.
NIGHTS = {
    "the first of a repeated hour": (
        *("2026-10-25T02:30", "Europe/Berlin"),
        *("2026-10-25T00:30", "2026-10-25", "repeated_hour"),
    ),
    "the last minute before it": (
        *("2026-10-25T01:59", "Europe/Berlin"),
        *("2026-10-24T23:59", "2026-10-25", None),
    ),
    "the first minute after it": (
        *("2026-10-25T03:00", "Europe/Berlin"),
        *("2026-10-25T02:00", "2026-10-25", None),
    ),
    "an hour that never was": (
        *("2026-03-29T02:30", "Europe/Berlin"),
        *("2026-03-29T01:30", "2026-03-29", "skipped_hour"),
    ),
    "the first minute after the gap": (
        *("2026-03-29T03:00", "Europe/Berlin"),
        *("2026-03-29T01:00", "2026-03-29", None),
    ),
    "a repeated half hour": (
        *("2026-04-05T01:45", LORD_HOWE),
        *("2026-04-04T14:45", "2026-04-05", "repeated_hour"),
    ),
    "a midnight that never was": (
        *("2026-04-24T00:30", CAIRO),
        *("2026-04-23T22:30", "2026-04-24", "skipped_hour"),
    ),
    "a day that never was": (
        *("2011-12-30T12:00", APIA),
        *("2011-12-30T22:00", "2011-12-31", "skipped_hour"),
    ),
}
PEOPLE = make_people(4)
each_sample = pytest.mark.parametrize(("app", "variant"), SAMPLES, ids=SAMPLE_IDS)


def order_of(one):
    """What a person would state of a file that leaves it open; none of the apps' is month-first."""
    return DateOrder.DAY_FIRST if "/" in one.text and "Timezone" not in one.text else None


@each_sample
@pytest.mark.parametrize("night", NIGHTS)
def test_clocks_that_change_give_one_instant_by_a_rule_that_is_noted(app, variant, night):
    moment, zone, instant, day, word = NIGHTS[night]
    one = sample(app, variant, any_row(datetime.fromisoformat(moment), zone))
    file = parsed(one, zone=ZoneInfo(zone), date_order=order_of(one))

    starts = {(row.start, row.day) for row in rows_of(file)}
    assert starts == {
        (datetime.fromisoformat(instant).replace(tzinfo=UTC), date.fromisoformat(day))
    }
    assert all(row.record.endswith(moment) for row in rows_of(file))
    assert {note.word for note in file.taken_as} == ({word} if word else set())
    assert file.is_whole


@settings(max_examples=40, deadline=None)
@given(
    moment=st.datetimes(at("2001-01-01"), at("2026-11-20")),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tehran", LORD_HOWE, CAIRO]),
    which=st.sampled_from(SAMPLES),
)
def test_a_minute_on_a_wall_is_shown_there_again_unless_it_never_was(moment, zone, which):
    moment = moment.replace(second=0, microsecond=0)
    one = sample(*which, any_row(moment, zone))
    file = parsed(one, zone=ZoneInfo(zone), date_order=order_of(one))

    for row in rows_of(file):
        shown = row.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        was_skipped = {note.word for note in file.taken_as} == {"skipped_hour"}
        assert (shown != moment) == was_skipped
        assert row.day == shown.date()
        assert timedelta(minutes=row.offset_minutes) == shown - row.start.replace(tzinfo=None)


@each_sample
@pytest.mark.parametrize("change", ["2025-11-02", "2026-03-08", "2026-03-29", "2026-10-25"])
def test_weeks_around_a_change_say_what_everybody_measured(app, variant, change):
    days = [at(change).date() + timedelta(days=n) for n in range(-20, 20)]
    for person in PEOPLE:
        rows = [row for day in days for row in rows_on(person, app, day)]
        one = sample(app, variant, rows)
        file = parsed(one, zone=ZoneInfo(person.zone))

        assert said(file) == expected(one.rows)
        assert file.is_whole
