"""Every reading of every listing lies in exactly one local day, however days are asked for."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric, measurements_of
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.withings.data_types import DATA_TYPES
from ohx_pipelines.providers.withings.fetching import fetch_window
from ohx_pipelines.providers.withings.normalize import normalize
from tests.unit.made_up import FixedToken
from tests.unit.providers.vendor_account import VendorAccount

ASKED = Asked(
    shared=frozenset(one.name for one in DATA_TYPES),
    wanted=frozenset(metric for one in DATA_TYPES for metric in one.metrics),
)
# A zone, and a day in whose nights clocks change there.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 9, 6)),  # without a midnight
    ("America/Santiago", date(2026, 4, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),  # without a midnight
    ("America/Havana", date(2026, 11, 1)),  # with two
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Antarctica/Troll", date(2026, 10, 25)),  # by two hours
    ("Pacific/Kiritimati", date(2026, 6, 1)),
    ("Pacific/Pago_Pago", date(2026, 6, 1)),
    ("UTC", date(2026, 12, 31)),
]
ZONES = sorted({name for name, _ in CHANGES})
LENGTH = 4
# Each example reads the account several times over.
FEW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WATCH = {"deviceid": "5d1c", "hash_deviceid": "5d1c", "model": "ScanWatch 2", "model_id": 94}
PHONE = {"deviceid": None, "hash_deviceid": None, "model": "iOS", "model_id": 1051}


@st.composite
def accounts(draw):
    """Draw a link's zone, some days of it and an account with rows in them and around them."""
    name, change = draw(st.sampled_from(CHANGES))
    zone, first = ZoneInfo(name), change - timedelta(days=2)
    days = [first + timedelta(days=n) for n in range(LENGTH)]
    instants = st.one_of(near_midnights(days, zone), anywhere(days, zone))
    rows = {
        "measures": [measure(n, at) for n, at in enumerate(draw(some(instants)))],
        "activities": [activity(day, draw(zones())) for day in draw(some(st.sampled_from(days)))],
        "workouts": [
            workout(n, at, draw(st.sampled_from(days)), draw(zones()))
            for n, at in enumerate(draw(some(instants)))
        ],
        "minutes": {at: draw(entries()) for at in draw(some(instants, most=12))},
    }
    add_nights(rows, draw, days, instants)
    add_ecgs(rows, draw(some(instants)))
    return zone, days, VendorAccount(**rows)


def some(what, most=4):
    return st.lists(what, max_size=most, unique=True)


def zones():
    return st.sampled_from([*ZONES, "Nowhere/Land", None])


def near_midnights(days, zone):
    starts = [_epoch(day + timedelta(days=n), zone) for day in days for n in (0, 1)]
    return st.builds(int.__add__, st.sampled_from(starts), st.integers(-2, 2))


def anywhere(days, zone):
    return st.integers(_epoch(days[0] - timedelta(days=1), zone), _epoch(days[-1], zone) + 172_800)


def _epoch(day, zone):
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def measure(number, at):
    kinds = [(1, 71_350, -3), (10, 128, 0), (9, 81, 0), (11, 64, 0), (54, 97, 0), (71, 366, -1)]
    return {
        "grpid": 7_000 + number, "attrib": 0, "date": at, "modified": at + 60, "category": 1,
        **WATCH, "measures": [{"type": t, "value": v, "unit": u} for t, v, u in kinds],
    }  # fmt: skip


def activity(day, zone):
    return {
        "date": str(day), "timezone": zone, "modified": 1, "brand": 1, "is_tracker": True,
        **WATCH, "steps": 4_000, "hr_average": 70,
    }  # fmt: skip


def workout(number, at, day, zone):
    return {
        "id": 100 + number, "category": 2, "timezone": zone, "model": 94, "attrib": 0,
        "startdate": at, "enddate": at + 1_800, "date": str(day), "modified": at + 1_900,
        "deviceid": "5d1c", "data": {"calories": 200, "steps": 3_000},
    }  # fmt: skip


def entries():
    devices = st.sampled_from([WATCH, PHONE])
    values = st.sampled_from([{"heart_rate": 60}, {"steps": 20, "duration": 60}, {"duration": 9}])
    return st.builds(dict.__or__, devices, values)


def add_nights(rows, draw, days, instants):
    """Add at most one night a day, with stages through it."""
    rows["nights"], rows["stages"] = [], []
    for number, day in enumerate(draw(some(st.sampled_from(days)))):
        start = draw(instants)
        end = start + draw(st.integers(1_800, 90_000))
        rows["nights"].append(
            {
                "id": 300 + number, "timezone": draw(zones()), "model": 32, "model_id": 63,
                "hash_deviceid": f"aura{number}", "startdate": start, "enddate": end,
                "date": str(day), "modified": end, "completed": True,
                "data": {"total_sleep_time": 1_500, "hr_average": 55},
            }
        )  # fmt: skip
        rows["stages"] += [
            {
                "hash_deviceid": f"aura{number}", "model_id": 63, "state": n % 4,
                "startdate": start + n * (end - start) // 3,
                "enddate": start + (n + 1) * (end - start) // 3,
                "hr": {str(start + n * (end - start) // 3): 50 + n},
            }
            for n in range(3)
        ]  # fmt: skip


def add_ecgs(rows, instants):
    rows["ecgs"] = [
        {
            "deviceid": "5d1c", "model": 93, "ecg": {"signalid": 900 + n, "afib": 0},
            "heart_rate": 61, "modified": at + 60, "timestamp": at,
        }
        for n, at in enumerate(instants)
    ]  # fmt: skip
    rows["signals"] = {
        str(900 + n): {"signal": [1, 2, 3] * 100, "sampling_frequency": 300, "model": 93}
        for n in range(len(instants))
    }


def read(account, zone, days):
    window = Window(first_day=days[0], last_day=days[-1], zone=zone)
    fetched = fetch_window(account, window, FixedToken(), asked=ASKED, data_types=DATA_TYPES)
    return normalize(fetched, DATA_TYPES)


def days_of_records(account, zone):
    """Give the day of each record, and of each minute, by an independent reading of the rows."""
    rows = account.rows
    found = {str(one["grpid"]): _local(one["date"], zone) for one in rows["measures"]}
    found |= {f"ecg-{n['ecg']['signalid']}": _local(n["timestamp"], zone) for n in rows["ecgs"]}
    for prefix, kind in (("workout", "workouts"), ("sleep", "nights"), ("stages", "nights")):
        found |= {f"{prefix}-{one['id']}": date.fromisoformat(one["date"]) for one in rows[kind]}
    for one in rows["activities"]:
        found[f"activity-{one['date']}"] = date.fromisoformat(one["date"])
    for at in rows["minutes"]:
        day = _local(at, zone)
        found[f"intraday-{day}"] = day
    return found


def _local(epoch, zone):
    return datetime.fromtimestamp(epoch, zone).date()


@FEW
@given(accounts())
def test_each_reading_is_in_the_one_day_that_its_row_says(drawn):
    zone, days, account = drawn
    expected = days_of_records(account, zone)

    by_day = {day: measurements_of(read(account, zone, [day]).frame) for day in days}

    for day, found in by_day.items():
        assert {one.day for one in found} <= {day}
        assert {expected[one.record.partition(".")[0]] for one in found} <= {day}
    seen = {one.record.partition(".")[0] for found in by_day.values() for one in found}
    gaps = {f"intraday-{day}" for day in days}
    assert {record for record, day in expected.items() if day in days} - gaps <= seen


@FEW
@given(accounts())
def test_each_minute_stands_once_at_its_instant(drawn):
    zone, days, account = drawn
    rows = account.rows["minutes"]
    rates = {at for at, one in rows.items() if "heart_rate" in one and _local(at, zone) in days}

    found = [
        at
        for one in measurements_of(read(account, zone, days).frame)
        if one.metric is Metric.HEART_RATE_SERIES and one.record.startswith("intraday-")
        for at in _instants(one)
    ]

    assert sorted(found) == sorted(rates)


def _instants(one):
    return [int(one.start.timestamp() + float(offset) / 1_000) for offset in one.value.offsets_ms]


@FEW
@given(accounts(), st.sets(st.integers(1, LENGTH - 1)))
def test_a_window_in_parts_says_what_the_whole_window_says(drawn, cuts):
    zone, days, account = drawn
    bounds = [0, *sorted(cuts), LENGTH]

    whole = read(account, zone, days)
    parts = [read(account, zone, days[start:end]) for start, end in pairwise(bounds)]

    assert Counter(measurements_of(whole.frame)) == Counter(
        one for part in parts for one in measurements_of(part.frame)
    )
    assert Counter(whole.unpublished) == Counter(o for part in parts for o in part.unpublished)
    assert {day: dict(counts) for day, counts in whole.ignored.items() if counts} == {
        day: dict(counts) for part in parts for day, counts in part.ignored.items() if counts
    }
    assert not any(one.failures for one in (whole, *parts))


@FEW
@given(accounts())
def test_offsets_are_those_of_the_rows_zone_at_that_instant(drawn):
    zone, days, account = drawn
    own = {f"workout-{one['id']}": one["timezone"] for one in account.rows["workouts"]}
    own |= {f"sleep-{one['id']}": one["timezone"] for one in account.rows["nights"]}
    own |= {f"activity-{one['date']}": one["timezone"] for one in account.rows["activities"]}

    for one in measurements_of(read(account, zone, days).frame):
        record = one.record.partition(".")[0].replace("stages-", "sleep-")
        named = own.get(record)
        at = one.start.astimezone(ZoneInfo(named) if named in ZONES else zone)
        assert one.offset_minutes == at.utcoffset() / timedelta(minutes=1)
