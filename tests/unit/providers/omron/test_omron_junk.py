"""Whatever stands in OMRON's rows, only a page that is no list of rows ends the reading of a listing."""

import copy
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ohx_pipelines.errors import Malformed
from ohx_pipelines.providers.base import Page
from tests.unit.providers.omron.omron_answers import LISTS, ROWS, WEEK, normalized, page, read

FEW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Also what reads like a number, a flag or a time.
LIKE = st.sampled_from(
    ["0", "-0.0", "1e9", "NaN", "Infinity", "٣", "true", "2026-11-20T07:42:10", "+01:00", "Z", "kg",
     Decimal("1E+999999"), Decimal("1E-999999"), Decimal("sNaN"), Decimal("-0"), 10**40, -(2**70)]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20) | LIKE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=6,
)


@st.composite
def spoiled(draw):
    """Draw a listing and a readable row of it, some fields of which are something else or gone."""
    listing = draw(st.sampled_from(sorted(ROWS)))
    row = copy.deepcopy(ROWS[listing])
    for name in draw(st.lists(st.sampled_from(sorted(row)), min_size=1, max_size=4)):
        if draw(st.booleans()):
            row[name] = draw(JSON)
        else:
            row.pop(name, None)
    return listing, row


@pytest.mark.parametrize("listing", sorted(ROWS))
def test_each_of_the_rows_that_are_spoiled_below_can_be_read(listing):
    result = read(listing, ROWS[listing])

    assert not result.frame.empty
    assert (result.unpublished, len(result.listed)) == ([], 1)


@FEW
@given(spoiled())
def test_a_row_of_which_a_part_is_something_else_costs_no_other(drawn):
    listing, row = drawn
    good = ROWS[listing] | {"id": 4_711, "steps": 10**6}

    result = read(listing, row, good)

    if listing != "activity":
        assert f"{listing}-4711" in set(result.frame["record"])
    assert set(result.frame["day"]) <= set(WEEK.days)
    assert set(result.frame["device"]) - {None} <= set(result.devices)


@FEW
@given(st.sampled_from(sorted(LISTS)), st.lists(JSON, max_size=4))
def test_rows_that_are_anything_cost_only_themselves(listing, rows):
    result = read(listing, *rows)

    assert result.frame.empty
    assert (rows == []) == (len(result.listed) == 1)


@FEW
@given(st.sampled_from(sorted(LISTS)), st.dictionaries(st.text(max_size=12), JSON))
def test_a_page_that_is_anything_is_malformed_or_without_rows(listing, body):
    try:
        result = normalized(Page(listing=listing, body=body))
    except Malformed:
        return
    assert result.frame.empty


@FEW
@given(st.lists(spoiled(), max_size=6))
def test_a_whole_answer_with_spoiled_rows_becomes_a_frame(drawn):
    result = normalized(*(page(listing, row, row) for listing, row in drawn))

    assert set(result.frame["day"]) <= set(WEEK.days)
