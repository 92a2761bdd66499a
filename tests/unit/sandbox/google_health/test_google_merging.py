"""Of what two sources tell, the vendor's one stream and its sums count once."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tests.unit.sandbox.google_health.store_parts import (
    AROHA,
    ASTRID,
    DAILY,
    EVERY_TYPE,
    JOAO,
    MARCUS,
    MONTH,
    PEOPLE,
    PRIYA,
    STAY_AT_HOME,
    WANJIRU,
    days,
    known,
    overlap,
    seconds,
    told,
)

SUMS = [
    ("steps", "count", "countSum"),
    ("distance", "millimeters", "millimetersSum"),
    ("floors", "count", "countSum"),
    ("altitude", "gainMillimeters", "gainMillimetersSum"),
]


def merged(person, type_, span=MONTH):
    return known().merged(person, type_, *span)


def totals(person, type_, span=MONTH):
    return known().totals(person, type_, *span)


def summed(points, name):
    found = defaultdict(int)
    for one in points:
        found[one.day] += int(one.value[name])
    return found


@pytest.mark.parametrize(("type_", "name", "total"), SUMS)
@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.username)
def test_a_days_total_is_the_sum_of_the_merged_stream(person, type_, name, total):
    by_day = summed(merged(person, type_), name)
    found = totals(person, type_)
    assert by_day.keys() <= found.keys()
    for day, value in found.items():
        assert value == ({total: str(by_day[day])} if by_day[day] else {})


@pytest.mark.parametrize("person", [MARCUS, JOAO], ids=lambda one: one.username)
def test_watch_and_phone_at_once_tell_more_than_the_days_total(person):
    for type_, name, total in SUMS[:2]:
        raw, found = summed(told(person, type_), name), totals(person, type_)
        assert len(found) == 30
        for day, value in found.items():
            assert raw[day] > int(value[total]) * 1.2, day


def test_steps_of_a_phone_count_where_no_watch_told_any():
    for person in (MARCUS, JOAO):
        raw = told(person, "steps")
        watch = [one for one in raw if one.source.form != "PHONE"]
        by_day = defaultdict(list)
        for one in watch:
            by_day[one.day].append(one)
        alone = {
            one.id
            for one in raw
            if one.source.form == "PHONE" and not any(overlap(one, w) for w in by_day[one.day])
        }
        kept = {one.id for one in merged(person, "steps")}
        assert kept == {one.id for one in watch} | alone
        assert bool(alone) == (person is MARCUS)


def test_phone_and_watch_count_the_same_walk_differently():
    raw = told(MARCUS, "steps")
    spans = [one for one in raw if one.source.form == "PHONE"]
    both = [
        (one, [w for w in raw if w.source.form != "PHONE" and overlap(one, w)]) for one in spans
    ]
    both = [(one, watch) for one, watch in both if watch]
    assert len(both) > 300
    assert all(one.start not in {w.start for w in watch} for one, watch in both)
    equal = [
        one for one, watch in both
        if int(one.value["count"]) == sum(int(w.value["count"]) for w in watch)
    ]  # fmt: skip
    assert len(equal) < len(both) / 20


@pytest.mark.parametrize("type_", EVERY_TYPE)
def test_the_merged_stream_has_no_source_and_no_overlap(type_):
    for person in PEOPLE:
        points = merged(person, type_)
        assert all(one.source is None for one in points)
        if type_ in DAILY:
            assert len({one.day for one in points}) == len(points)
        elif all(one.start == one.end for one in points):
            assert len({one.start for one in points}) == len(points)
        else:
            ordered = sorted(points, key=lambda one: one.start)
            assert not any(overlap(*pair) for pair in pairwise(ordered))


def test_a_night_that_an_app_tells_as_well_is_the_watchs():
    raw = [one for one in told(ASTRID, "sleep") if not one.value["metadata"].get("nap")]
    nights = Counter(one.day for one in raw)
    twice = [day for day, count in nights.items() if count == 2]
    assert len(twice) > 5
    by_id = {one.id: one for one in raw}
    for one in merged(ASTRID, "sleep"):
        if one.day in twice and one.id in by_id:
            assert by_id[one.id].source.device == "Pixel Watch 4"


def test_an_apps_night_counts_where_the_watch_lay_on_the_table():
    apps = {one.id for one in told(ASTRID, "sleep", MONTH[0].replace(year=2025), MONTH[1])
            if one.source.package}  # fmt: skip
    kept = {one.id for one in merged(ASTRID, "sleep", (MONTH[0].replace(year=2025), MONTH[1]))}
    assert 0 < len(apps & kept) < len(apps)
    assert {one.id for one in told(PRIYA, "sleep")} == {one.id for one in merged(PRIYA, "sleep")}


def test_an_exercise_that_an_app_tells_as_well_is_the_watchs():
    raw = told(MARCUS, "exercise")
    platforms = Counter(one.source.platform for one in raw)
    assert platforms["FITBIT"] == platforms["HEALTH_CONNECT"] > 5
    own = {one.id for one in raw if one.source.platform == "FITBIT"}
    assert {one.id for one in merged(MARCUS, "exercise")} == own
    apps = {one.id for one in told(PRIYA, "exercise") if one.source.package}
    assert apps
    assert apps <= {one.id for one in merged(PRIYA, "exercise")}


def test_of_two_pulses_of_one_instant_the_watchs_counts_and_others_of_the_strap_stay():
    raw, kept = told(JOAO, "heart-rate"), merged(JOAO, "heart-rate")
    watch = {one.start: one.value for one in raw if one.source.platform == "FITBIT"}
    strap = {one.start: one.value for one in raw if one.source.form == "CHEST_STRAP"}
    shared = watch.keys() & strap.keys()
    assert len(shared) > 50
    assert all(watch[start] != strap[start] for start in shared)
    assert {one.start: one.value for one in kept} == strap | watch


def test_of_two_values_of_one_day_the_watchs_counts():
    raw = told(JOAO, "daily-resting-heart-rate")
    own = {one.day: one.value for one in raw if one.source.platform == "FITBIT"}
    assert len(raw) > len(own) == 30
    assert {one.day: one.value for one in merged(JOAO, "daily-resting-heart-rate")} == own


def test_the_same_weighing_is_told_by_scale_and_app_with_instant_and_value():
    raw = told(PRIYA, "weight")
    scale = {(one.start, one.value["weightGrams"]) for one in raw if one.source.form == "SCALE"}
    app = {(one.start, one.value["weightGrams"]) for one in raw if one.source.package}
    assert len(app) > 8
    assert app < scale
    assert len({one.id for one in raw}) == len(raw)
    typed = [one for one in raw if one.source.method == "MANUAL"]
    assert typed
    assert all(one.source.device is None for one in typed)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.username)
def test_a_day_with_any_data_has_a_total_of_each_counted_type_be_it_zero(person):
    burned = totals(person, "total-calories")
    for type_ in ("steps", "distance", "floors", "altitude"):
        assert totals(person, type_).keys() == burned.keys()
    assert all(value["kcalSum"] > 1_000 for value in burned.values())


def test_true_zeros_are_days_that_say_nothing_and_days_without_data_are_not_there():
    rested = [day for day, value in totals(ASTRID, "steps").items() if value == {}]
    assert rested
    assert all(known().raw(ASTRID, "heart-rate", day, day) for day in rested)
    assert all(value == {} for value in totals(AROHA, "floors").values())  # no altimeter
    without = set(days(*MONTH)) - totals(PRIYA, "steps").keys()
    assert len(without) > 5
    for day in without:
        assert not any(
            known().raw(PRIYA, type_, day, day) for type_ in ("steps", "distance", "total-calories")
        )


def test_energy_is_that_of_the_merged_stream_to_the_hundredth():
    for person in PEOPLE:
        for type_ in ("total-calories", "active-energy-burned"):
            for day, value in totals(person, type_).items():
                points = known().merged(person, type_, day, day)
                total = sum(one.value["kcal"] for one in points)
                assert value["kcalSum"] == pytest.approx(total, abs=0.006)
    assert totals(WANJIRU, "active-energy-burned")


def test_a_day_burns_at_rest_what_it_burns_in_all_less_what_moves():
    for person in STAY_AT_HOME:
        moved = totals(person, "active-energy-burned")
        basal = {
            round((value["kcalSum"] - moved.get(day, {"kcalSum": 0})["kcalSum"])
                  / len(told(person, "total-calories", day, day)), 1)
            for day, value in totals(person, "total-calories").items()
        }  # fmt: skip
        assert len(basal) == 1


def test_pulses_of_a_day_have_their_mean_and_bounds():
    for person in (ASTRID, JOAO):
        for day, value in totals(person, "heart-rate").items():
            rates = [int(one.value["beatsPerMinute"]) for one in merged(person, "heart-rate",
                                                                       (day, day))]  # fmt: skip
            assert value["beatsPerMinuteAvg"] == pytest.approx(sum(rates) / len(rates), abs=1e-5)
            assert value["beatsPerMinuteMax"] == max(rates)
            assert value["beatsPerMinuteMin"] == min(rates)


def test_minutes_are_summed_by_level_and_zone_and_spans_by_their_length():
    for day in days(*MONTH):
        levels, zones, points, sat = Counter(), Counter(), Counter(), 0
        for one in merged(WANJIRU, "active-minutes", (day, day)):
            for level in one.value["activeMinutesByActivityLevel"]:
                levels[level["activityLevel"]] += int(level["activeMinutes"])
        for one in merged(WANJIRU, "active-zone-minutes", (day, day)):
            points[one.value["heartRateZone"]] += int(one.value["activeZoneMinutes"])
        for one in merged(WANJIRU, "time-in-heart-rate-zone", (day, day)):
            zones[one.value["heartRateZoneType"]] += (one.end - one.start) // 1_000
        for one in merged(WANJIRU, "sedentary-period", (day, day)):
            sat += (one.end - one.start) // 1_000
        span = (day, day)
        rolled = totals(WANJIRU, "active-minutes", span)[day]["activeMinutesRollupByActivityLevel"]
        assert {r["activityLevel"]: int(r["activeMinutesSum"]) for r in rolled} == levels
        rolled = totals(WANJIRU, "time-in-heart-rate-zone", span)[day]["timeInHeartRateZones"]
        assert {r["heartRateZone"]: seconds(r["duration"]) for r in rolled} == zones
        assert seconds(totals(WANJIRU, "sedentary-period", span)[day]["durationSum"]) == sat
        sums = totals(WANJIRU, "active-zone-minutes", span).get(day, {})
        names = {"FAT_BURN": "sumInFatBurnHeartZone", "CARDIO": "sumInCardioHeartZone",
                 "PEAK": "sumInPeakHeartZone"}  # fmt: skip
        assert sums == {names[zone]: str(count) for zone, count in points.items()}
