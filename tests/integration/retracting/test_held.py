"""Too many deletions at once are held until somebody has looked; everything else goes out."""

import pytest

from tests.integration.retracting.expected import (
    GREEN,
    WHO,
    assert_nothing_went,
    assert_only_these_go,
    fill,
    outcomes,
    total,
)
from tests.integration.retracting.listing_faults import (
    Odd,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("published", "deleted", "is_held"),
    [
        (2, 2, False),
        (3, 3, True),
        (4, 1, False),
        (30, 21, True),
        (49, 5, False),
        (50, 6, True),
    ],
)
def test_too_many_at_once_are_held_until_somebody_looked(empty, published, deleted, is_held):
    grpids = fill(empty, published)
    # Here and there, as a hand picks them.
    gone = sorted(grpids, key=lambda one: one % 7)[:deleted]
    empty.delete(*gone)

    results = empty.run()

    assert ("retraction_held" in outcomes(results)) is is_held
    assert total(results, "retraction_held") == (deleted if is_held else 0)
    assert empty.retracted() == (set() if is_held else {str(one) for one in gone})
    held = empty.store.held_retractions(empty.link)
    assert sum(one.count for one in held) == (deleted if is_held else 0)
    empty.store.confirm_retractions(empty.link, {o.day: o.count for o in held}, who=WHO)
    assert_only_these_go(empty, *gone)


def test_while_retractions_are_held_the_rest_goes_out_and_a_word_frees_them(empty, empty_days):
    grpids = fill(empty, 9)
    empty.delete(*grpids[:8])
    empty.edit(grpids[8], value=71_234)
    new = empty.weigh(empty_days[0], hour=21)
    # The last one as well, in another sync: then nothing is left of what stood.
    assert outcomes(empty.run()) <= GREEN | {"retraction_held"}
    assert [one["status"] for one in empty.of(new)] == ["final"]
    assert [one["status"] for one in empty.of(grpids[8])] == ["corrected"]


def test_a_confirmation_holds_for_as_many_as_were_looked_at_and_is_used_up(empty, empty_days):
    grpids = fill(empty, 9)
    new = empty.weigh(empty_days[1], hour=21)
    empty.delete(*grpids)
    # All that stood is gone, although the vendor lists something new.
    results = empty.run()
    assert outcomes(results) == {"retraction_held"}
    assert empty.retracted() == set()
    assert [one["status"] for one in empty.of(new)] == ["final"]
    # The reader must have seen it, to know that it stood.
    empty.judge()
    held = {one.day: one.count for one in empty.store.held_retractions(empty.link)}
    assert held == dict.fromkeys(empty_days, 3)

    fewer = {empty_days[0]: 3, empty_days[1]: 2}
    empty.store.confirm_retractions(empty.link, fewer, who=WHO)
    empty.delete(new)
    results = empty.run()

    assert [results[day].outcome.value for day in empty_days] == [
        "synced",
        "retraction_held",
        "retraction_held",
    ]
    assert empty.retracted() == {str(one) for one in grpids[:3]}
    assert empty.store.confirmed_retractions(empty.link) == {empty_days[1]: 2}

    empty.store.confirm_retractions(empty.link, {empty_days[1]: 4, empty_days[2]: 3}, who=WHO)
    assert_only_these_go(empty, *grpids, new)
    assert empty.store.confirmed_retractions(empty.link) == {}


def test_a_confirmation_does_not_believe_a_single_listing(empty, empty_days):
    fill(empty, 9)
    empty.store.confirm_retractions(empty.link, dict.fromkeys(empty_days, 3), who=WHO)
    empty.fault(Odd("empty_listing", once=True).order)

    empty.run()

    assert_nothing_went(empty)
    assert_only_these_go(empty)
