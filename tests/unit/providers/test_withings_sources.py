"""Of several sources of one quantity one counts, whatever the order in which they are listed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.providers.withings.sources import (
    chosen_activity,
    chosen_nights,
    counting_steps,
    is_own_workout,
    night_rank,
    overlap,
    telling_stages,
    without_twins,
)

WATCH, PHONE = 94, 1051
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def activity(*, is_tracker=False, brand=18, modified=5):
    return {"is_tracker": is_tracker, "brand": brand, "modified": modified}


TRACKER = activity(is_tracker=True, brand=1)
OWN_PHONE = activity(brand=1)
HEALTH_APP = activity()


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (TRACKER, OWN_PHONE),
        (TRACKER, HEALTH_APP),
        (OWN_PHONE, HEALTH_APP),
        (activity(is_tracker=True, modified=1), activity(brand=1, modified=9)),
        (activity(brand=1, modified=1), activity(modified=9)),
        (activity(modified=9), activity(modified=1)),
        (HEALTH_APP, {}),
        (OWN_PHONE, {"is_tracker": "yes", "brand": 18}),
        (OWN_PHONE, {"is_tracker": None, "brand": "1", "modified": "9"}),
    ],
)
def test_a_watch_counts_before_the_vendors_app_and_that_before_others(better, worse):
    assert chosen_activity([better, worse]) is better
    assert chosen_activity([worse, better]) is better


def test_of_two_rows_that_say_the_same_of_themselves_the_first_counts():
    first, second = activity(), activity()

    assert chosen_activity([first, second]) is first


@pytest.mark.parametrize(
    ("model", "is_own"),
    [(94, True), (1050, True), (1051, False), (1055, False), (1063, False), (1064, True)],
)
def test_models_from_1051_to_1063_are_of_others(model, is_own):
    assert is_own_workout({"deviceid": "5d1c", "model": model}) is is_own


def test_a_workout_without_a_device_is_nobodys_watch():
    assert not is_own_workout({"deviceid": None, "model": 94})


def workout(start, length, *, model=WATCH):
    begin = NOON + timedelta(minutes=start)
    row = {"model": model, "deviceid": "5d1c" if model == WATCH else None}
    return row, (begin, begin + timedelta(minutes=length))


def part(rows):
    return without_twins(rows, row_of=lambda one: one[0], interval=lambda one: one[1])


workouts = st.lists(
    st.builds(
        workout,
        st.integers(0, 120),
        st.integers(1, 60),
        model=st.sampled_from([WATCH, PHONE]),
    ),
    max_size=6,
)


@given(workouts)
def test_every_workout_counts_or_is_a_twin_and_no_watch_is_ever_one(rows):
    kept, twins = part(rows)

    assert sorted(map(str, [*kept, *twins])) == sorted(map(str, rows))
    assert all(row["model"] == PHONE for row, _ in twins)
    assert [one for one in rows if one[0]["model"] == WATCH] == [
        one for one in kept if one[0]["model"] == WATCH
    ]


@given(workouts)
def test_no_phone_that_counts_overlaps_a_watch(rows):
    kept, twins = part(rows)
    minutes_of_watches = {
        minute for row, span in rows if row["model"] == WATCH for minute in _minutes(span)
    }

    for row, span in kept:
        assert row["model"] == WATCH or not minutes_of_watches.intersection(_minutes(span))
    for _, span in twins:
        assert minutes_of_watches.intersection(_minutes(span))


def _minutes(span):
    start, end = span
    return {start + timedelta(minutes=n) for n in range(int((end - start).total_seconds()) // 60)}


def night(number, *, model=32, total=400, start=0, length=480):
    begin = NOON + timedelta(minutes=start)
    return {
        "id": number,
        "model": model,
        "total": total if total is None else Decimal(total),
        "span": (begin, begin + timedelta(minutes=length)),
    }


def choose(nights):
    chosen = chosen_nights(
        nights,
        rank=lambda one: night_rank(one, total=one["total"], number=one["id"]),
        interval=lambda one: one["span"],
    )
    return {one["id"] for one in chosen}


@pytest.mark.parametrize("model", [16, 1055, None, "32", True, 33])
def test_a_mat_under_the_mattress_counts_before_everything_else(model):
    assert choose([night("1", model=model, total=999), night("2")]) == {"2"}


def test_the_first_by_rank_hides_all_that_it_overlaps_and_they_hide_nothing_themselves():
    mat = night("1", start=0, length=100)
    beside = night("2", model=16, start=90, length=100)
    after = night("3", model=16, start=150, length=100, total=1)

    for listed in permutations([mat, beside, after]):
        # The second is hidden by the first, so it cannot hide the third.
        assert choose(listed) == {"1", "3"}


@given(
    st.lists(
        st.builds(
            night,
            st.integers(1, 10**6).map(str),
            model=st.sampled_from([16, 32, 1055]),
            total=st.none() | st.integers(0, 5),
            start=st.integers(0, 900),
            length=st.integers(1, 600),
        ),
        max_size=6,
        unique_by=lambda one: one["id"],
    ),
    st.randoms(),
)
def test_nights_that_count_never_overlap_and_do_not_depend_on_their_order(nights, random):
    chosen = choose(nights)
    shuffled = [*nights]
    random.shuffle(shuffled)

    spans = [one["span"] for one in nights if one["id"] in chosen]
    assert choose(shuffled) == chosen
    assert sum(overlap(one, other) for one in spans for other in spans) == len(spans)
    hidden = [one["span"] for one in nights if one["id"] not in chosen]
    assert all(any(overlap(one, span) for span in spans) for one in hidden)


def test_two_that_only_touch_do_not_overlap():
    one, two, three = (NOON + timedelta(minutes=n) for n in range(3))

    assert not overlap((one, two), (two, three))
    assert not overlap((two, three), (one, two))
    assert overlap((one, three), (two, three))


@pytest.mark.parametrize(
    ("entries", "source"),
    [
        ([], None),
        ([("a", WATCH)], "a"),
        ([("1051", PHONE)] * 5 + [("a", WATCH)], "a"),
        ([("1051", PHONE)] * 5 + [("1055", 1055)], "1051"),
        ([("b", WATCH)] * 2 + [("a", 93)], "b"),
        ([("b", WATCH), ("a", 93)], "a"),
        ([("1051", PHONE), ("unknown", None)], "unknown"),
    ],
    ids=[
        "nobody",
        "a watch",
        "a watch before a phone",
        "the busier phone",
        "the busier watch",
        "of two that are as busy the smaller name",
        "what says nothing of itself before a phone",
    ],
)
def test_steps_of_one_source_count(entries, source):
    assert counting_steps(entries) == source
    assert counting_steps(reversed(entries)) == source


@pytest.mark.parametrize(
    ("segments", "of_night", "source"),
    [
        ([], "mat", None),
        (["mat", "watch", "watch"], "mat", "mat"),
        (["watch", "watch", "other"], "mat", "watch"),
        (["b", "a"], None, "a"),
    ],
)
def test_stages_are_told_by_the_device_of_the_night_else_by_who_says_most(
    segments, of_night, source
):
    assert telling_stages(segments, of_night=of_night) == source
    assert telling_stages(reversed(segments), of_night=of_night) == source
