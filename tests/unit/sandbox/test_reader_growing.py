"""Totals that grow until their day ends, nights that are corrected: version by version.

Belongs here: what a past asks for of all that has a period. Not here: readings of an instant
(`test_reader_memory.py`), and a right or a wrong EHR of it (`test_reader_open_days.py`).
"""

import pytest

from sandbox.reader.memory import Memory
from sandbox.reader.readings import Asked, Listing
from tests.unit.sandbox.reader_parts import ANNA, DAY
from tests.unit.sandbox.row_parts import (
    EVENING,
    NEXT_DAY,
    NOON,
    WATCH,
    epoch,
    minute,
    night,
    segment,
    strip,
    walked,
    workout,
)


def statuses(*listings, asked=Asked()):  # noqa: B008 (never changed)
    """Follow listings, each at its moment; gives the statuses of the versions that must stand."""
    memory = Memory()
    for rows, now in listings:
        listing = Listing(person=ANNA, rows=rows, asked=asked, now=now)
        standing = memory.follow(listing, DAY, DAY)
    return [[version.status for version in one.versions] for one in standing]


PRELIMINARY, FINAL, CORRECTED, RETRACTED = "preliminary", "final", "corrected", "entered-in-error"
TOTALS = {
    "seen when it had ended": ([(walked(1), NEXT_DAY)], [FINAL]),
    "seen at noon": ([(walked(1), NOON)], [PRELIMINARY]),
    "the same at noon and later": ([(walked(1), NOON), (walked(1), EVENING)], [PRELIMINARY]),
    "more of it": ([(walked(1), NOON), (walked(2), EVENING)], [PRELIMINARY, PRELIMINARY]),
    "ended as it was": ([(walked(1), NOON), (walked(1), NEXT_DAY)], [PRELIMINARY, FINAL]),
    "ended with more": ([(walked(1), NOON), (walked(2), NEXT_DAY)], [PRELIMINARY, FINAL]),
    "changed after it ended": (
        [(walked(1), NOON), (walked(2), NEXT_DAY), (walked(3), NEXT_DAY)],
        [PRELIMINARY, FINAL, CORRECTED],
    ),
    "gone before it ended": ([(walked(1), NOON), ({}, EVENING)], [PRELIMINARY, RETRACTED]),
    "back before it ended": (
        [(walked(1), NOON), ({}, NOON), (walked(1), EVENING)],
        [PRELIMINARY, RETRACTED, PRELIMINARY],
    ),
    "back after it ended": (
        [(walked(1), NOON), ({}, NOON), (walked(1), NEXT_DAY)],
        [PRELIMINARY, RETRACTED, CORRECTED],
    ),
    "counted in another zone": (
        [(walked(1), NEXT_DAY), (walked(1, timezone="Europe/Athens"), NEXT_DAY)],
        [FINAL, CORRECTED],
    ),
    "another source": (
        [(walked(1, hash_deviceid=None), NEXT_DAY), (walked(1), NEXT_DAY)],
        [FINAL, CORRECTED],
    ),
    "null now": ([(walked(1), NEXT_DAY), (walked(None), NEXT_DAY)], [FINAL, RETRACTED]),
}


@pytest.mark.parametrize(("listings", "expected"), TOTALS.values(), ids=TOTALS)
def test_a_total_goes_from_version_to_version(listings, expected):
    assert statuses(*listings) == [expected]


def test_a_series_grows_as_a_total_does():
    first, more = epoch("2026-11-20T07:00"), epoch("2026-11-20T08:00")
    early = {"minutes": {"2026-11-20": {first: minute(steps=1)}}}
    late = {"minutes": {"2026-11-20": {first: minute(steps=1), more: minute(steps=2)}}}
    assert statuses((early, NOON), (late, EVENING), (late, NEXT_DAY)) == [
        [PRELIMINARY, PRELIMINARY, FINAL]
    ]
    assert statuses((early, NEXT_DAY), (late, NEXT_DAY)) == [[FINAL, CORRECTED]]


def slept(**data):
    return {"nights": [night(data={"total_sleep_time": 24480} | data)]}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (slept(), [FINAL]),
        (slept(total_sleep_time=24600), [FINAL, CORRECTED]),
        (slept(deepsleepduration=600), [FINAL, "amended"]),
        ({"nights": [slept()["nights"][0] | {"enddate": epoch("2026-11-20T06:30")}]},
         [FINAL, CORRECTED]),
        ({"nights": [slept(deepsleepduration=600)["nights"][0]
                     | {"enddate": epoch("2026-11-20T06:30")}]}, [FINAL, CORRECTED]),
        ({"nights": [slept()["nights"][0] | {"completed": False}]}, [FINAL]),
        ({"nights": []}, [FINAL, RETRACTED]),
        ({"nights": [*slept()["nights"], night(700, data={"total_sleep_time": 25000})]}, None),
    ],
)  # fmt: skip
def test_a_night_goes_from_version_to_version(after, expected):
    found = statuses((slept(), NEXT_DAY), (after, NEXT_DAY))
    # A better listing of the night takes the place of the one before.
    assert found == ([[FINAL, RETRACTED], [FINAL]] if expected is None else [expected])


def test_a_workout_and_an_ecg_that_are_gone_are_retracted():
    rows = {"workouts": [workout(data={})], "ecgs": [strip()]}
    assert statuses((rows, NEXT_DAY), ({}, NEXT_DAY)) == 3 * [[FINAL, RETRACTED]]


def test_what_was_found_in_an_ecg_later_amends_it():
    measures = [{"type": 135, "value": 90, "unit": 0}]
    group = {"grpid": 1, "attrib": 0, "category": 1, "date": strip()["timestamp"],
             "hash_deviceid": WATCH, "measures": measures}  # fmt: skip
    after = {"ecgs": [strip()], "measures": [group]}
    assert statuses(({"ecgs": [strip()]}, NEXT_DAY), (after, NEXT_DAY)) == [
        [FINAL, "amended"],
        [FINAL],
    ]


def test_a_stage_that_is_another_now_is_corrected():
    def staged(state):
        one = segment("2026-11-19T23:30", "2026-11-20T00:30", state)
        return {"nights": [night(data={})], "stages": {601: [one]}}

    found = statuses((staged(1), NEXT_DAY), (staged(3), NEXT_DAY), asked=Asked(stages=True))
    assert found == [[FINAL, CORRECTED]]


def test_what_is_not_shared_any_more_stays_as_it_was():
    memory = Memory()
    for shared in (None, frozenset({"sleep"})):
        listing = Listing(person=ANNA, rows=walked(1), asked=Asked(shared=shared))
        [standing] = memory.follow(listing, DAY, DAY)
    assert [one.status for one in standing.versions] == [FINAL]
