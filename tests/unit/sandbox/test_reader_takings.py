"""Which readings the reader asks for: what the vendor lists, on which day, and how often.

Belongs here: the vendor's side of the comparison. Not here: errors in the EHR (`test_reader.py`).
"""

from datetime import date

import pytest

from tests.unit.sandbox.ehr_parts import entry, quantity, running_ehr
from tests.unit.sandbox.reader_parts import (
    ANNA,
    BERT,
    EVENING,
    MORNING,
    ROWS,
    anna_also,
    at,
    difference,
    fill,
    group,
    judged,
    right_content,
)


@pytest.fixture(scope="module")
def server():
    with running_ehr() as running:
        yield running


@pytest.fixture
def ehr(server):
    return fill(server)


def test_the_window_has_both_of_its_days(ehr):
    next_day = at("next", "29463-7", 74, "kg", effectiveDateTime="2026-11-21T00:00:00+01:00")
    ehr.put(next_day).raise_for_status()
    assert difference(judged(ehr, last=date(2026, 11, 21))) == {}
    before = at("before", "29463-7", 73, "kg", effectiveDateTime="2026-11-19T07:31:02+01:00")
    assert difference(judged(ehr, first=date(2026, 11, 19))) == {"missing": 1}
    ehr.put(before).raise_for_status()
    assert difference(judged(ehr, first=date(2026, 11, 19))) == {}


def test_a_reading_that_the_vendor_changed_may_be_marked_as_corrected(ehr):
    ehr.put(right_content()["bert"] | {"status": "corrected"}).raise_for_status()
    changed = [group(20, MORNING, (1, 80, 0), modified=MORNING + 9000)]
    assert difference(judged(ehr, ROWS | {BERT.login: changed})) == {}
    assert difference(judged(ehr)) == {"wrong status": 1}


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([ROWS[ANNA.login][0]], id="listed twice"),
        pytest.param([group(3, EVENING, (10, 128, 0), (9, 81, 0), (11, 64, 0), attrib=1,
                            modified=EVENING + 9000)], id="listed as doubtful too"),
        pytest.param([group(30, EVENING + 60, (11, 610, -1), attrib=8)], id="same taking again"),
        pytest.param([group(31, EVENING, (10, 150, 0))], id="one side alone"),
    ],
)  # fmt: skip
def test_a_taking_counts_once_however_it_is_listed(ehr, groups):
    assert difference(judged(ehr, anna_also(*groups))) == {}


def test_a_doubtful_taking_that_is_settled_later_must_be_there(ehr):
    settled = group(5, EVENING, (1, 55, 0), attrib=0)
    assert difference(judged(ehr, anna_also(settled))) == {"missing": 1}
    by_another = group(40, EVENING, (1, 55, 0), attrib=8)
    assert difference(judged(ehr, anna_also(by_another))) == {"missing": 1}


@pytest.mark.parametrize("attrib", [0, 2, 4, 5, 7, 8, 15])
def test_every_confirmed_attribution_must_be_there(ehr, attrib):
    new = group(41, EVENING + 300, (1, 60, 0), attrib=attrib)
    assert difference(judged(ehr, anna_also(new))) == {"missing": 1}


def test_the_clock_change_has_the_offset_of_its_own_instant(ehr):
    # The same wall clock twice: 02:30 summer time and an hour later 02:30 winter time.
    rows = {
        ANNA.login: [group(50, 1_792_888_200, (1, 72, 0)), group(51, 1_792_891_800, (1, 73, 0))]
    }
    for number, value, offset in (("s", 72, "+02:00"), ("w", 73, "+01:00")):
        moment = f"2026-10-25T02:30:00{offset}"
        ehr.put(at(number, "29463-7", value, "kg", effectiveDateTime=moment)).raise_for_status()
    day = date(2026, 10, 25)
    assert difference(judged(ehr, rows, [ANNA], day, day)) == {}
    wrong = at("w", "29463-7", 73, "kg", effectiveDateTime="2026-10-25T03:30:00+02:00")
    ehr.put(wrong).raise_for_status()
    assert difference(judged(ehr, rows, [ANNA], day, day)) == {"wrong offset": 1}


def test_many_readings_are_read_page_by_page(ehr):
    groups = [group(100 + n, EVENING + 300 + n, (1, 7000 + n, -2)) for n in range(600)]
    made = [
        at(f"many-{n}", "29463-7", 0, "kg")
        | {
            "effectiveDateTime": f"2026-11-20T21:{5 + n // 60:02}:{n % 60:02}+01:00",
            "valueQuantity": quantity((7000 + n) / 100, "kg"),
        }
        for n in range(600)
    ]
    ehr.bundle("batch", *(entry(one) for one in made)).raise_for_status()
    found = judged(ehr, anna_also(*groups))
    assert (found["differences"], found["compared"]) == (0, 612)
