"""Held retractions in Dagster: red and counted, gone when an engineer has looked and said yes."""

import pytest

from tests.unit.made_up import weighing


@pytest.fixture
def emptied(dagster):
    """Three published days of one link, of which the vendor suddenly lists nothing."""
    dagster.link("ada")
    assert dagster.run().success
    dagster.vendor.rows = []
    return dagster


def statuses(dagster):
    return sorted(
        one["status"] for (kind, _), one in dagster.ehr.held.items() if kind == "Observation"
    )


def confirm(dagster, count, *days):
    counts = dict.fromkeys(days or dagster.days, count)
    dagster.store.confirm_retractions(dagster.links["ada"], counts, who="operator ann")


def test_a_vendor_that_suddenly_lists_nothing_turns_published_red_and_retracts_nothing(emptied):
    result = emptied.run()

    assert not result.success
    assert emptied.red("published") == emptied.every_pair()
    assert emptied.green("fetched") == emptied.green("normalized") == emptied.every_pair()
    assert statuses(emptied) == ["final"] * 3


def test_a_held_day_is_observed_with_its_count_and_what_to_do(emptied):
    observed = emptied.observations(emptied.run())

    said = [{name: value.value for name, value in one.metadata.items()} for one in observed]
    assert [one["outcome"] for one in said] == ["retraction_held"] * 3
    assert [one["would_be_retracted"] for one in said] == [1, 1, 1]
    assert all("ohx retractions" in one["what_to_do"] for one in said)


def test_held_days_are_listed_with_the_run_that_held_them(emptied):
    result = emptied.run()

    held = emptied.store.held_retractions()

    assert [(one.day, one.count, one.run_id) for one in held] == [
        (day, 1, result.run_id) for day in emptied.days
    ]
    assert all(one.last_success_at < one.seen_at for one in held)


def test_what_was_confirmed_is_retracted_once_and_the_word_is_used_up(emptied):
    emptied.run()
    confirm(emptied, 1)

    assert emptied.run().success
    assert statuses(emptied) == ["entered-in-error"] * 3
    assert emptied.green("published") == emptied.every_pair()
    assert emptied.store.held_retractions() == []
    assert emptied.store.confirmed_retractions(emptied.links["ada"]) == {}


def test_a_day_that_nobody_confirmed_stays_held(emptied):
    emptied.run()
    confirm(emptied, 1, emptied.days[1])

    emptied.run()

    assert emptied.red("published") == {
        ("ada", emptied.days[0]),
        ("ada", emptied.days[2]),
    }
    assert statuses(emptied) == ["entered-in-error", "final", "final"]


def test_a_word_about_fewer_than_would_go_retracts_nothing_and_is_kept(dagster):
    dagster.link("ada")
    dagster.vendor.rows += [weighing(day, record="2", hour=9) for day in dagster.days]
    assert dagster.run().success
    dagster.vendor.rows = []
    dagster.run()
    confirm(dagster, 1)

    dagster.run()

    assert dagster.red("published") == dagster.every_pair()
    assert statuses(dagster) == ["final"] * 6
    assert set(dagster.store.confirmed_retractions(dagster.links["ada"]).values()) == {1}


def test_when_the_vendor_lists_the_readings_again_nothing_is_held_and_nothing_was_lost(emptied):
    emptied.run()
    emptied.vendor.rows = [weighing(day) for day in emptied.days]

    assert emptied.run().success
    assert emptied.store.held_retractions() == []
    assert statuses(emptied) == ["final"] * 3
