"""Every reading of every Google listing lies in exactly one civil day, however days are asked for."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, measurements_of
from tests.unit.providers.google_health.google_answers import (
    CHARGE,
    FROM_PHONE,
    TYPED_IN,
    civil,
    named,
    normalized,
    roll_up,
    sample,
)

# A zone, and a day in whose nights clocks change there.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 9, 6)),  # without a midnight
    ("Africa/Cairo", date(2026, 4, 24)),  # without a midnight
    ("America/Havana", date(2026, 11, 1)),  # with two
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Antarctica/Troll", date(2026, 10, 25)),  # by two hours
    ("Pacific/Kiritimati", date(2026, 6, 1)),
    ("Pacific/Pago_Pago", date(2026, 6, 1)),
    ("UTC", date(2026, 12, 31)),
]
LENGTH = 4
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OFFSETS = [-43_200, -12_600, 0, 3_600, 20_700, 50_400]
TOTALS = frozenset({"steps", "heart_rate_per_day"})
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def wire(at):
    return at.isoformat().replace("+00:00", "Z")


def offset_of(at, zone, given):
    """Give the offset that counts: the one of the row, else the zone's."""
    return timedelta(seconds=given) if given is not None else at.astimezone(zone).utcoffset()


@st.composite
def accounts(draw):
    """Draw a link's zone, days of it, and rows in and around them: (listing, civil day, row)."""
    name, change = draw(st.sampled_from(CHANGES))
    zone = ZoneInfo(name)
    days = [change + timedelta(days=n - 2) for n in range(LENGTH)]
    instants = draw(st.lists(near(days, zone), max_size=14, unique=True))
    rows = []
    for number, at in enumerate(instants):
        kind = draw(st.sampled_from([beat, weighing, twins, night, workout, strip]))
        # An ECG's zero is no offset: elsewhere it is one.
        told = draw(st.none() | st.sampled_from(OFFSETS))
        rows += kind(number, at, zone, told)
    for day in draw(st.lists(st.sampled_from(days), unique=True)):
        rows.append(("steps", day, roll_up("steps", {"countSum": "5"}, day)))
        rows.append(("daily_vo2_max", day, {"dailyVo2Max": {"date": civil(day), "vo2Max": 41}}))
        rows.append(
            ("heart_rate_per_day", day, roll_up("heartRate", {"beatsPerMinuteAvg": 70}, day))
        )
    return zone, days, draw(st.permutations(rows))


def near(days, zone):
    midnights = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
    seconds = st.integers(-2, 2) | st.integers(-50_000, 140_000)
    return st.builds(
        lambda start, apart: start.astimezone(UTC) + apart * SECOND,
        st.sampled_from(midnights),
        seconds,
    )


def _told(offset):
    return None if offset is None else f"{offset}s"


def _day(at, zone, offset):
    return (at + offset_of(at, zone, offset)).date()


def beat(number, at, zone, offset):
    row = sample("heartRate", wire(at), _told(offset), beatsPerMinute=str(50 + number))
    return [("heart_rate", _day(at, zone, offset), row)]


def weighing(number, at, zone, offset, source=CHARGE):
    row = sample("weight", wire(at), _told(offset), source=source, weightGrams=70_000)
    point = {"name": named("weight", f"{number}-{source['platform'][:6]}")} | row
    return [("weight", _day(at, zone, offset), point)]


def twins(number, at, zone, offset):
    sources = (FROM_PHONE, TYPED_IN)
    return [row for source in sources for row in weighing(number, at, zone, offset, source)]


def _span(start, end, offset):
    told = {"startTime": wire(start), "endTime": wire(end)}
    return told | (
        {} if offset is None else {"startUtcOffset": _told(offset), "endUtcOffset": _told(offset)}
    )


def night(number, at, zone, offset):
    middle, end = at + 3 * HOUR, at + 7 * HOUR
    stages = [
        _span(at, middle, offset) | {"type": "LIGHT"},
        _span(middle, end, offset) | {"type": "DEEP"},
    ]
    value = {
        "interval": _span(at, end, offset),
        "stages": stages,
        "summary": {"minutesAsleep": "400"},
    }
    row = {"dataPointName": named("sleep", number), "sleep": value}
    return [("sleep", _day(end, zone, offset), row)]


def workout(number, at, zone, offset):
    value = {"interval": _span(at, at + HOUR, offset), "exerciseType": "RUNNING"}
    row = {"dataPointName": named("exercise", number), "exercise": value}
    return [("exercise", _day(at, zone, offset), row)]


def strip(number, at, zone, offset):
    value = {"interval": _span(at, at, offset), "beatsPerMinuteAvg": "60"}
    row = {"name": named("electrocardiogram", number), "electrocardiogram": value}
    return [("electrocardiogram", _day(at, zone, offset or None), row)]


def read(rows, zone, days, *, filtered=True):
    """Read days of an account, as the vendor lists them by civil day, or all of it each time."""
    pages = {}
    for listing, day, row in rows:
        if not filtered or day in days or (listing == "electrocardiogram" and day > days[0]):
            pages.setdefault(listing, []).append(row)
    answers = [
        (listing, {"rollupDataPoints" if listing in TOTALS else "dataPoints": listed})
        for listing, listed in pages.items()
    ]
    window = Window(first_day=days[0], last_day=days[-1], zone=zone)
    return normalized(answers, window=window)


def readings(result):
    return measurements_of(result.frame)


@FEW
@given(accounts())
def test_each_row_is_read_on_the_civil_day_that_its_own_clock_showed_and_on_no_other(drawn):
    zone, days, rows = drawn
    expected = {}
    for listing, day, row in rows:
        expected[_record(listing, day, row)] = day

    by_day = {day: readings(read(rows, zone, [day], filtered=False)) for day in days}

    for day, found in by_day.items():
        assert {one.day for one in found} <= {day}
        assert {expected[one.record.partition(".")[0]] for one in found} <= {day}
    seen = {one.record.partition(".")[0] for found in by_day.values() for one in found}
    # Of two twins the one that was typed in counts, so the other's record is not there.
    assert {r for r, day in expected.items() if day in days and "HEALTH" not in r} <= seen


def _record(listing, day, row):
    name = row.get("name") or row.get("dataPointName")
    return f"{listing}-{name.rpartition('/')[2] if name else day}"


@FEW
@given(accounts())
def test_each_sample_stands_once_at_its_instant_in_the_series_of_its_civil_day(drawn):
    zone, days, rows = drawn
    expected = Counter(
        (day, row["heartRate"]["sampleTime"]["physicalTime"])
        for listing, day, row in rows
        if listing == "heart_rate" and day in days
    )

    found = Counter(
        (one.day, wire(one.start + timedelta(milliseconds=int(ms))))
        for one in readings(read(rows, zone, days))
        if one.metric is Metric.HEART_RATE_SERIES
        for ms in one.value.offsets_ms
    )

    assert found == expected


@FEW
@given(accounts(), st.sets(st.integers(1, LENGTH - 1)), st.booleans())
def test_a_window_in_parts_says_what_the_whole_window_says(drawn, cuts, filtered):
    zone, days, rows = drawn
    bounds = [0, *sorted(cuts), LENGTH]

    whole = read(rows, zone, days, filtered=filtered)
    parts = [read(rows, zone, days[a:b], filtered=filtered) for a, b in pairwise(bounds)]

    assert Counter(readings(whole)) == Counter(one for part in parts for one in readings(part))
    assert _without_outside([whole]) == _without_outside(parts)
    assert not any(one.unpublished or one.failures for one in (whole, *parts))


def _without_outside(results):
    counted = Counter()
    for result in results:
        for day, words in result.ignored.items():
            counted.update({(day, word): n for word, n in words.items() if word != "outside"})
    return counted


@FEW
@given(accounts())
def test_offsets_are_the_rows_own_and_else_the_zones_and_days_are_the_zones(drawn):
    zone, days, rows = drawn
    told = {}
    for listing, day, row in rows:
        (value,) = (v for k, v in row.items() if isinstance(v, dict) and k in MEMBERS)
        times = value.get("sampleTime") or value.get("interval") or {}
        offset = times.get("utcOffset") or times.get("startUtcOffset")
        told[_record(listing, day, row)] = None if listing == "heart_rate" else offset

    for one in readings(read(rows, zone, days)):
        given = told[one.record.partition(".")[0]]
        is_unknown = given is None or (one.record.startswith("electro") and given == "0s")
        at_zone = one.start.astimezone(zone).utcoffset()
        offset = at_zone if is_unknown else timedelta(seconds=int(given[:-1]))
        assert timedelta(minutes=one.offset_minutes) == offset


MEMBERS = {
    "heartRate", "weight", "sleep", "exercise", "electrocardiogram", "steps", "dailyVo2Max",
}  # fmt: skip
