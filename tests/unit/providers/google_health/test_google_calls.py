"""The calls of each listing: method, address, filter, page size and scope, by the vendor's reference."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.local_day import Window
from ohx_pipelines.providers.google_health import calls
from ohx_pipelines.providers.google_health.calls import calls_of
from ohx_pipelines.providers.google_health.listings import BY_NAME
from tests.unit.providers.google_health.tiny_google import SCOPES

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Clocks went back on the 25th.
WINDOW = Window(first_day=date(2026, 10, 24), last_day=date(2026, 10, 26), zone=STOCKHOLM)
ROLL_UPS = {
    "steps": ("steps", "A"),
    "distance": ("distance", "A"),
    "floors": ("floors", "A"),
    "altitude": ("altitude", "A"),
    "active_energy_burned": ("active-energy-burned", "A"),
    "total_calories": ("total-calories", "A"),
    "active_minutes": ("active-minutes", "A"),
    "active_zone_minutes": ("active-zone-minutes", "A"),
    "sedentary_period": ("sedentary-period", "A"),
    "time_in_heart_rate_zone": ("time-in-heart-rate-zone", "A"),
    "heart_rate_per_day": ("heart-rate", "H"),
}
COSTLY = {"total_calories", "active_minutes", "heart_rate_per_day"}
FILTERED = {
    "heart_rate": ("heart-rate", "reconcile", "heart_rate.sample_time.civil_time", "H"),
    "heart_rate_variability": (
        "heart-rate-variability",
        "reconcile",
        "heart_rate_variability.sample_time.civil_time",
        "H",
    ),
    "oxygen_saturation": (
        "oxygen-saturation",
        "reconcile",
        "oxygen_saturation.sample_time.civil_time",
        "H",
    ),
    "vo2_max": ("vo2-max", "reconcile", "vo2_max.sample_time.civil_time", "A"),
    "run_vo2_max": ("run-vo2-max", "reconcile", "run_vo2_max.sample_time.civil_time", "A"),
    "daily_resting_heart_rate": (
        "daily-resting-heart-rate",
        "reconcile",
        "daily_resting_heart_rate.date",
        "H",
    ),
    "daily_heart_rate_variability": (
        "daily-heart-rate-variability",
        "reconcile",
        "daily_heart_rate_variability.date",
        "H",
    ),
    "daily_oxygen_saturation": (
        "daily-oxygen-saturation",
        "reconcile",
        "daily_oxygen_saturation.date",
        "H",
    ),
    "daily_respiratory_rate": (
        "daily-respiratory-rate",
        "reconcile",
        "daily_respiratory_rate.date",
        "H",
    ),
    "daily_sleep_temperature_derivations": (
        "daily-sleep-temperature-derivations",
        "reconcile",
        "daily_sleep_temperature_derivations.date",
        "H",
    ),
    "daily_vo2_max": ("daily-vo2-max", "reconcile", "daily_vo2_max.date", "A"),
    "weight": ("weight", "list", "weight.sample_time.civil_time", "H"),
    "body_fat": ("body-fat", "list", "body_fat.sample_time.civil_time", "H"),
    "height": ("height", "list", "height.sample_time.civil_time", "H"),
    "blood_glucose": ("blood-glucose", "list", "blood_glucose.sample_time.civil_time", "H"),
    "core_body_temperature": (
        "core-body-temperature",
        "list",
        "core_body_temperature.sample_time.civil_time",
        "H",
    ),
    # A night is asked for by its end, all other sessions by their start.
    "sleep": ("sleep", "reconcile", "sleep.interval.civil_end_time", "S"),
    "exercise": ("exercise", "reconcile", "exercise.interval.civil_start_time", "A"),
    "irregular_rhythm_notification": (
        "irregular-rhythm-notification",
        "list",
        "irregular_rhythm_notification.interval.civil_start_time",
        "irn",
    ),
    "hydration_log": (
        "hydration-log",
        "list",
        "hydration_log.interval.civil_start_time",
        "nutrition",
    ),
    "nutrition_log": (
        "nutrition-log",
        "list",
        "nutrition_log.interval.civil_start_time",
        "nutrition",
    ),
}


def window_of(days, *, zone=STOCKHOLM):
    first = date(2026, 1, 1)
    return Window(first_day=first, last_day=first + timedelta(days=days - 1), zone=zone)


def civil(given):
    return date(given["date"]["year"], given["date"]["month"], given["date"]["day"])


def test_every_listing_has_its_call_here():
    assert set(BY_NAME) == {*ROLL_UPS, *FILTERED, "electrocardiogram"}


@pytest.mark.parametrize("name", FILTERED)
def test_points_are_asked_for_once_by_civil_days_in_the_largest_pages(name):
    path, method, named, scope = FILTERED[name]

    [call] = calls_of(BY_NAME[name], WINDOW)

    points = f"/v4/users/me/dataTypes/{path}/dataPoints"
    assert call.method == "GET"
    assert call.path == (points if method == "list" else f"{points}:reconcile")
    assert call.params == {
        "filter": f'{named} >= "2026-10-24" AND {named} < "2026-10-27"',
        "pageSize": "25" if name in {"sleep", "exercise"} else "10000",
    }
    assert call.body is None
    assert (call.scope, call.listing, call.rows) == (SCOPES[scope], name, "dataPoints")


@pytest.mark.parametrize("name", ROLL_UPS)
def test_totals_are_asked_for_by_civil_days_with_an_end_that_is_not_in_them(name):
    path, scope = ROLL_UPS[name]

    [call] = calls_of(BY_NAME[name], WINDOW)

    assert call.method == "POST"
    assert call.path == f"/v4/users/me/dataTypes/{path}/dataPoints:dailyRollUp"
    # No pageSize: for total-calories it is answered with 400.
    assert call.params == {}
    assert call.body == {
        "range": {
            "start": {"date": {"year": 2026, "month": 10, "day": 24}},
            "end": {"date": {"year": 2026, "month": 10, "day": 27}},
        },
        "windowSizeDays": 1,
    }
    assert (call.scope, call.listing, call.rows) == (SCOPES[scope], name, "rollupDataPoints")


@pytest.mark.parametrize("name", ROLL_UPS)
@pytest.mark.parametrize("days", [1, 13, 14, 15, 30, 89, 90, 91])
def test_no_total_is_asked_for_over_more_days_than_its_type_allows_and_no_day_twice(name, days):
    cap = 14 if name in COSTLY else 90
    window = window_of(days)

    ranges = [call.body["range"] for call in calls_of(BY_NAME[name], window)]

    spans = [(civil(one["start"]), civil(one["end"])) for one in ranges]
    assert all(1 <= (end - start).days <= cap for start, end in spans)
    asked = [start + timedelta(days=n) for start, end in spans for n in range((end - start).days)]
    assert asked == window.days
    assert len(spans) == -(-days // cap)


@pytest.mark.parametrize(
    ("zone", "since"),
    [
        # 2026-10-24 begins at UTC+14, whatever the link's own zone is.
        ("Europe/Stockholm", "2026-10-23T10:00:00Z"),
        ("America/Los_Angeles", "2026-10-23T10:00:00Z"),
        ("Pacific/Kiritimati", "2026-10-23T10:00:00Z"),
    ],
)
def test_ecgs_are_asked_for_from_where_the_first_day_begins_first_on_earth_and_without_an_end(
    zone, since
):
    window = Window(first_day=WINDOW.first_day, last_day=WINDOW.last_day, zone=ZoneInfo(zone))

    [call] = calls_of(BY_NAME["electrocardiogram"], window)

    assert call.path == "/v4/users/me/dataTypes/electrocardiogram/dataPoints"
    assert call.params == {
        "filter": f'electrocardiogram.interval.start_time >= "{since}"',
        # Each has thousands of samples.
        "pageSize": "50",
    }
    assert call.scope == SCOPES["ecg"]


def test_a_window_of_one_day_asks_for_that_day():
    day = Window(first_day=date(2026, 12, 31), last_day=date(2026, 12, 31), zone=STOCKHOLM)

    [weight] = calls_of(BY_NAME["weight"], day)
    [steps] = calls_of(BY_NAME["steps"], day)

    assert weight.params["filter"] == (
        'weight.sample_time.civil_time >= "2026-12-31" '
        'AND weight.sample_time.civil_time < "2027-01-01"'
    )
    assert civil(steps.body["range"]["end"]) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("call", "path", "params", "scope"),
    [
        (calls.identity(), "/v4/users/me/identity", {}, None),
        (calls.settings(), "/v4/users/me/settings", {}, SCOPES["settings"]),
        (
            calls.paired_devices(),
            "/v4/users/me/pairedDevices",
            {"pageSize": "100"},
            SCOPES["settings"],
        ),
    ],
)
def test_what_is_asked_of_an_account_itself(call, path, params, scope):
    assert (call.method, call.path, call.params, call.scope) == ("GET", path, params, scope)


def test_a_further_page_differs_by_its_token_alone():
    [listed] = calls_of(BY_NAME["weight"], WINDOW)
    [rolled] = calls_of(BY_NAME["steps"], WINDOW)

    assert listed.at("t1").params == {**listed.params, "pageToken": "t1"}
    assert rolled.at("t1").body == {**rolled.body, "pageToken": "t1"}
    assert (listed.at("t1").path, rolled.at("t1").path) == (listed.path, rolled.path)


def test_pages_get_smaller_down_to_a_hundred_and_small_ones_never():
    [call] = calls_of(BY_NAME["heart_rate"], WINDOW)
    sizes = []
    while call is not None:
        sizes.append(call.params["pageSize"])
        call = call.with_smaller_pages

    assert sizes == ["10000", "2500", "625", "156", "100"]
    [night] = calls_of(BY_NAME["sleep"], WINDOW)
    [total] = calls_of(BY_NAME["steps"], WINDOW)
    assert [one.with_smaller_pages for one in (night, total, calls.settings())] == [None] * 3
