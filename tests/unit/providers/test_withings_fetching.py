"""Which of Withings' listings are read for a window, and what is left alone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import (
    AuthLost,
    NotConsented,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.local_day import Window
from ohx_pipelines.measurements import Metric
from ohx_pipelines.providers.base import Asked
from ohx_pipelines.providers.withings.data_types import DATA_TYPES
from ohx_pipelines.providers.withings.fetching import fetch_window
from tests.unit.made_up import FixedToken

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FIRST = date(2026, 11, 17)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
WINDOW = Window(first_day=DAYS[0], last_day=DAYS[-1], zone=STOCKHOLM)
EVERY = frozenset(one.name for one in DATA_TYPES)
METRICS = frozenset(metric for one in DATA_TYPES for metric in one.metrics)
# An hour after the last day, everything was uploaded; and it was read another hour later.
UPLOADED = datetime(2026, 11, 20, 0, tzinfo=UTC)
READ = {day: UPLOADED + timedelta(hours=1) for day in DAYS}


def at(day, hour):
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=STOCKHOLM).timestamp())


def modified(**rows):
    return {"modified": int(UPLOADED.timestamp())} | rows


class Cloud:
    """The calls of an account with a night, a day of minutes and an ECG each day.

    `faults` are raised by (path, action); `asked` are the calls in order.
    """

    def __init__(self):
        self.faults = {}
        self.asked = []
        self.groups = []
        self.activities = [modified(date=str(day), steps=4_000) for day in DAYS]
        self.nights = [
            modified(
                id=700 + n, date=str(day), timezone="Europe/Stockholm", model=32, model_id=63,
                hash_deviceid="aura", completed=True, data={"total_sleep_time": 20_000},
                startdate=at(day - timedelta(days=1), 22), enddate=at(day, 6),
            )
            for n, day in enumerate(DAYS)
        ]  # fmt: skip
        self.ecgs = [
            modified(
                deviceid="watch", model=93, ecg={"signalid": 900 + n, "afib": 0},
                heart_rate=61, timestamp=at(day, 9),
            )
            for n, day in enumerate(DAYS)
        ]  # fmt: skip

    def pages(self, call, token):
        name = (call.path, call.fields["action"])
        self.asked.append(call)
        if name in self.faults:
            raise self.faults[name]
        answers = {
            ("/measure", "getmeas"): {"measuregrps": self.groups, "timezone": "Europe/Stockholm"},
            ("/v2/measure", "getactivity"): {"activities": self.activities},
            ("/v2/measure", "getworkouts"): {"series": []},
            ("/v2/sleep", "getsummary"): {"series": self.nights},
            ("/v2/heart", "list"): {"series": self.ecgs},
            ("/v2/heart", "get"): {"signal": [1, 2], "sampling_frequency": 300},
            ("/v2/measure", "getintradayactivity"): {"series": []},
            ("/v2/sleep", "get"): {"series": []},
        }
        yield answers[name]

    def counted(self, *name):
        return sum((call.path, call.fields["action"]) == name for call in self.asked)


@pytest.fixture
def cloud():
    return Cloud()


def fetched(cloud, shared=EVERY, *, wanted=METRICS, read_at=None, window=WINDOW):
    asked = Asked(shared=frozenset(shared), wanted=wanted, read_at=read_at or {})
    return fetch_window(cloud, window, FixedToken(), asked=asked, data_types=DATA_TYPES)


def test_a_window_costs_a_call_per_listing_and_one_per_ecg_day_and_night(cloud):
    found = fetched(cloud)

    assert found.calls == len(cloud.asked) == 5 + 3 + 3 + 3
    assert found.failures == []
    assert not found.unchanged


@pytest.mark.parametrize(
    ("shared", "actions"),
    [
        ({"body", "oxygen"}, ["getmeas"]),
        ({"activity"}, ["getactivity"]),
        ({"workouts"}, ["getworkouts"]),
        ({"sleep"}, ["getsummary"]),
        ({"intraday"}, ["getintradayactivity"] * 3),
        # Without the summaries nobody knows when the nights were.
        ({"sleep_stages"}, ["getsummary", "get", "get", "get"]),
        ({"ecg"}, ["getmeas", "list", "get", "get", "get"]),
        (set(), []),
        ({"no longer offered"}, []),
    ],
)
def test_only_what_the_shared_data_types_need_is_called(cloud, shared, actions):
    fetched(cloud, shared)

    assert [call.fields["action"] for call in cloud.asked] == actions


def test_what_the_ehr_is_given_nothing_of_is_not_called(cloud):
    fetched(
        cloud, wanted=METRICS - {Metric.ECG_WAVEFORM, Metric.STEPS_SERIES, Metric.HEART_RATE_SERIES}
    )

    assert cloud.counted("/v2/heart", "get") == 0
    assert cloud.counted("/v2/measure", "getintradayactivity") == 0


def test_what_was_not_modified_since_it_was_read_is_not_read_again(cloud):
    found = fetched(cloud, read_at=READ)

    assert len(cloud.asked) == 5
    assert set(found.unchanged) == {
        *(f"intraday-{day}" for day in DAYS),
        *(f"ecg-{900 + n}" for n in range(3)),
        *(f"stages-{700 + n}" for n in range(3)),
        # A night names its stages as members: it is left alone with them.
        *(f"sleep-{700 + n}" for n in range(3)),
    }


def test_a_night_that_has_no_stages_of_its_own_is_always_told_anew(cloud):
    found = fetched(cloud, wanted=METRICS - {Metric.SLEEP_STAGE}, read_at=READ)

    assert not [record for record in found.unchanged if record.startswith("sleep-")]


def test_what_was_modified_since_is_read_again_and_that_alone(cloud):
    later = int((UPLOADED + timedelta(hours=2)).timestamp())
    cloud.activities[0]["modified"] = later
    cloud.nights[1]["modified"] = later
    cloud.ecgs[2]["modified"] = later

    found = fetched(cloud, read_at=READ)

    assert len(cloud.asked) == 5 + 3
    assert {f"intraday-{DAYS[0]}", "stages-701", "ecg-902"}.isdisjoint(found.unchanged)


@pytest.mark.parametrize("doubtful", [None, True, "yesterday"])
def test_what_does_not_say_when_it_was_modified_is_read_again(cloud, doubtful):
    for row in (*cloud.activities, *cloud.nights, *cloud.ecgs):
        row["modified"] = doubtful

    assert fetched(cloud, read_at=READ).calls == 14


def test_what_was_modified_while_it_was_read_is_read_again(cloud):
    """The two clocks need not agree: a few minutes before counts as after."""
    just_before = {day: UPLOADED + timedelta(minutes=5) for day in DAYS}

    assert fetched(cloud, read_at=just_before).calls == 14


def test_a_day_that_was_read_before_it_ended_is_read_once_more(cloud):
    """What was published then stands as preliminary."""
    evening = datetime(2026, 11, 19, 22, 59, tzinfo=UTC)
    for row in (*cloud.activities, *cloud.nights, *cloud.ecgs):
        row["modified"] = int(evening.timestamp()) - 86_400

    found = fetched(cloud, read_at=dict.fromkeys(DAYS, evening))

    assert f"intraday-{DAYS[1]}" in found.unchanged
    assert f"intraday-{DAYS[2]}" not in found.unchanged


def test_a_day_without_a_row_of_activity_is_read_again(cloud):
    cloud.activities.clear()

    fetched(cloud, read_at=READ)

    assert cloud.counted("/v2/measure", "getintradayactivity") == 3


def test_a_listing_that_fails_costs_the_others_nothing(cloud):
    cloud.faults["/v2/sleep", "getsummary"] = VendorDown(status=522)

    found = fetched(cloud)

    (failure,) = found.failures
    assert (failure.listing, failure.days, failure.error.status) == ("sleep", {*DAYS}, 522)
    assert {page.listing for page in found.pages} == {
        "measures", "activity", "workouts", "ecg", "ecg_signal", "intraday",
    }  # fmt: skip


def test_a_scope_that_was_not_granted_costs_its_own_listings_alone(cloud):
    for name in (("/v2/measure", "getactivity"), ("/v2/measure", "getworkouts")):
        cloud.faults[name] = ScopeMissing()

    assert {one.listing for one in fetched(cloud).failures} == {"activity", "workouts"}


def test_minutes_that_cannot_be_had_cost_their_day_and_are_not_taken_for_deleted(cloud):
    cloud.faults["/v2/measure", "getintradayactivity"] = VendorDown(status=522)

    found = fetched(cloud)

    assert [one.days for one in found.failures] == [{day} for day in DAYS]
    assert {f"intraday-{day}": day for day in DAYS}.items() <= found.unread.items()


def test_a_vendor_that_goes_down_on_the_way_is_not_asked_for_each_day(cloud):
    cloud.faults["/v2/measure", "getintradayactivity"] = VendorDown(status=522)

    found = fetched(cloud)

    assert cloud.counted("/v2/measure", "getintradayactivity") == 2
    # What is another listing's may be there.
    assert cloud.counted("/v2/sleep", "get") == 3
    assert {one.listing for one in found.failures} == {"intraday"}


def test_after_three_listings_that_were_down_no_other_is_asked_for(cloud):
    for name in ("getactivity", "getworkouts"):
        cloud.faults["/v2/measure", name] = VendorDown(status=522)
    cloud.faults["/v2/sleep", "getsummary"] = VendorDown(status=522)

    found = fetched(cloud)

    assert cloud.counted("/v2/heart", "list") == 0
    assert {"activity", "workouts", "sleep", "ecg"} <= {one.listing for one in found.failures}
    assert {type(one.error) for one in found.failures} == {VendorDown}
    assert found.gave_up is found.failures[-1].error


def test_a_plan_without_signals_is_asked_once_and_costs_the_days_with_ecgs(cloud):
    cloud.faults["/v2/heart", "get"] = VendorRejected(status=2555)

    found = fetched(cloud)

    assert cloud.counted("/v2/heart", "get") == 1
    assert {day for one in found.failures for day in one.days} == {*DAYS}
    assert {"ecg-900", "ecg-901", "ecg-902"} <= found.unread.keys()


@pytest.mark.parametrize("error", [AuthLost(status=401), RateLimited(status=601), NotConsented()])
def test_what_speaks_against_every_further_call_ends_the_reading(cloud, error):
    cloud.faults["/v2/measure", "getworkouts"] = error

    with pytest.raises(type(error)):
        fetched(cloud)

    assert len(cloud.asked) == 3


def test_a_vendor_that_is_down_twice_before_anything_was_had_is_down(cloud):
    for name in (("/measure", "getmeas"), ("/v2/measure", "getactivity")):
        cloud.faults[name] = VendorDown(status=522)

    with pytest.raises(VendorDown):
        fetched(cloud)

    assert len(cloud.asked) == 2


def test_an_account_of_which_nothing_could_be_had_fails_as_its_first_listing(cloud):
    cloud.faults["/measure", "getmeas"] = VendorRejected(status=2555)

    with pytest.raises(VendorRejected):
        fetched(cloud, {"body"})


def test_a_day_of_25_hours_is_read_in_calls_that_the_vendor_does_not_cut(cloud):
    autumn = date(2026, 10, 25)
    window = Window(first_day=autumn, last_day=autumn, zone=STOCKHOLM)

    fetched(cloud, {"intraday"}, window=window)

    spans = [
        (int(call.fields["startdate"]), int(call.fields["enddate"]) + 1) for call in cloud.asked
    ]
    assert spans[0][0] == at(autumn, 0)
    assert spans[-1][1] == at(autumn + timedelta(days=1), 0)
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert all(end - start <= 24 * 3_600 for start, end in spans)
    assert sum(end - start for start, end in spans) == 25 * 3_600


def test_a_night_beside_one_that_changed_is_read_as_well(cloud):
    """It may count from now on where it did not before, and was never read then."""
    other = cloud.nights[1] | {"id": 790, "hash_deviceid": "watch", "model": 16}
    cloud.nights.append(other | {"modified": int((UPLOADED + timedelta(hours=2)).timestamp())})

    found = fetched(cloud, read_at=READ)

    assert "stages-701" not in found.unchanged
    assert {"stages-700", "stages-702"} <= found.unchanged.keys()


def test_an_ecg_beside_a_measure_that_came_later_is_read_again(cloud):
    later = int((UPLOADED + timedelta(hours=2)).timestamp())
    cloud.groups = [{"grpid": 5, "date": at(DAYS[1], 9) + 30, "modified": later, "measures": []}]

    found = fetched(cloud, read_at=READ)

    assert "ecg-901" not in found.unchanged
    assert {"ecg-900", "ecg-902"} <= found.unchanged.keys()
