"""What the reader expects of a reading after what it saw of it before, sync by sync."""

from datetime import date

import pytest

from sandbox.reader.memory import Memory
from sandbox.reader.readings import Listing
from tests.unit.sandbox.reader_parts import ANNA, BERT, DAY, EVENING, MORNING, group, measures

CUFF = group(3, EVENING, (10, 128, 0), (9, 81, 0))
WITH_PULSE = CUFF | {"measures": measures((10, 128, 0), (9, 81, 0), (11, 64, 0))}
HIGHER = CUFF | {"measures": measures((10, 130, 0), (9, 81, 0))}
HIGHER_WITH_PULSE = CUFF | {"measures": measures((10, 130, 0), (9, 81, 0), (11, 64, 0))}
OTHER_PULSE = CUFF | {"measures": measures((10, 128, 0), (9, 81, 0), (11, 65, 0))}
DOUBTED = CUFF | {"attrib": 1}
GONE = None


def of(person, *groups):
    return Listing(person=person, rows={"measures": groups})


def statuses(*listings):
    """Follow listings of one group; gives the status of each version that must then stand."""
    memory = Memory()
    for listed in listings:
        standing = memory.follow(of(ANNA, *([] if listed is None else [listed])), DAY, DAY)
    return [[version.status for version in one.versions] for one in standing]


PASTS = {
    "first seen": ([CUFF], ["final"]),
    "unchanged": ([CUFF, CUFF, CUFF], ["final"]),
    "written in another way": (
        [CUFF, CUFF | {"measures": measures((10, 12800, -2), (9, 810, -1))}],
        ["final"],
    ),
    "another value": ([CUFF, HIGHER], ["final", "corrected"]),
    "back to what it was": ([CUFF, HIGHER, CUFF], ["final", "corrected", "corrected"]),
    "a pulse came": ([CUFF, WITH_PULSE], ["final", "amended"]),
    "a pulse came and a value changed": ([CUFF, HIGHER_WITH_PULSE], ["final", "corrected"]),
    "a pulse came after a correction": (
        [CUFF, HIGHER, HIGHER_WITH_PULSE],
        ["final", "corrected", "corrected"],
    ),
    "a correction came after a pulse": (
        [CUFF, WITH_PULSE, OTHER_PULSE],
        ["final", "amended", "corrected"],
    ),
    "a pulse went": ([WITH_PULSE, CUFF], ["final", "corrected"]),
    "deleted": ([CUFF, GONE], ["final", "entered-in-error"]),
    "deleted and gone": ([CUFF, GONE, GONE], ["final", "entered-in-error"]),
    "deleted after a correction": (
        [CUFF, HIGHER, GONE],
        ["final", "corrected", "entered-in-error"],
    ),
    "listed again": ([CUFF, GONE, CUFF], ["final", "entered-in-error", "corrected"]),
    "listed again with another value": (
        [CUFF, GONE, HIGHER],
        ["final", "entered-in-error", "corrected"],
    ),
    "listed again with a pulse": (
        [CUFF, GONE, WITH_PULSE],
        ["final", "entered-in-error", "corrected"],
    ),
    "deleted and doubted": ([CUFF, GONE, DOUBTED], ["final", "entered-in-error"]),
    "doubted later": ([CUFF, DOUBTED], ["final"]),
    "doubted, then deleted": ([CUFF, DOUBTED, GONE], ["final", "entered-in-error"]),
    "attributed later": ([DOUBTED, CUFF | {"attrib": 8}], ["final"]),
    "typed in, says the vendor": ([CUFF, CUFF | {"attrib": 2}], ["final", "corrected"]),
}


@pytest.mark.parametrize(("listings", "expected"), PASTS.values(), ids=PASTS)
def test_a_reading_goes_from_version_to_version(listings, expected):
    assert statuses(*listings) == [expected]


def test_what_was_never_surely_this_persons_is_not_due():
    assert statuses(DOUBTED, DOUBTED) == []
    assert statuses(DOUBTED, GONE) == []


def test_a_retracted_reading_keeps_the_values_that_it_had():
    memory = Memory()
    for listing in ([CUFF], [HIGHER], []):
        [standing] = memory.follow(of(ANNA, *listing), DAY, DAY)
    assert standing.is_retracted
    assert (
        standing.versions[2].amounts == standing.versions[1].amounts != standing.versions[0].amounts
    )


def test_a_repeated_type_of_a_group_is_followed_by_its_place_in_it():
    memory = Memory()
    before = group(1, MORNING, (5, 56800, -3), (5, 56900, -3))
    memory.follow(of(ANNA, before), DAY, DAY)
    after = before | {"measures": measures((5, 56800, -3), (5, 57000, -3))}
    followed = memory.follow(of(ANNA, after), DAY, DAY)
    assert [one.status for one in followed] == ["final", "corrected"]


def test_days_that_were_not_looked_at_are_not_gone():
    memory = Memory()
    memory.follow(of(ANNA, CUFF), DAY, DAY)
    next_day = date(2026, 11, 21)
    assert memory.follow(of(ANNA), next_day, next_day) == []
    [standing] = memory.follow(of(ANNA, CUFF), DAY, next_day)
    assert standing.status == "final"


def test_each_person_has_a_past_of_their_own():
    memory, one = Memory(), group(1, MORNING, (1, 80, 0))
    memory.follow(of(ANNA, one), DAY, DAY)
    assert memory.follow(of(BERT), DAY, DAY) == []
    assert len(memory.follow(of(BERT, one), DAY, DAY)) == 1
