"""What `ohx demo --once --json` prints: the contract's keys, and when it counts as a success."""

import json
from datetime import date

import pytest

from ohx_pipelines.cli.demo_report import DemoResult, ehr_totals, ledger_counts
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpEhr


def result(**changes):
    given = {
        "links": 4,
        "materialized": 28,
        "failed": 0,
        "first": Counts(
            rows=900,
            observations=20,
            created=11,
            updated=2,
            unchanged=3,
            retracted=4,
            held_back=5,
            rejected=6,
        ),
        "second": Counts(rows=900, observations=20, created=7, updated=8, unchanged=9),
        "differences": 0,
        "ehr": {"Observation": 11, "Device": 5},
        "seconds": 61.234,
    }
    return DemoResult(**given | changes)


def test_the_object_has_exactly_the_keys_of_the_contract():
    assert json.loads(json.dumps(result().as_json())) == {
        "links": 4,
        "partitions": {"materialized": 28, "failed": 0},
        "observations": {
            "created": 11,
            "updated": 2,
            "unchanged": 3,
            "retracted": 4,
            "held_back": 5,
            "rejected": 6,
        },
        "second": {"created": 7, "updated": 8, "unchanged": 9},
        "differences": 0,
        "ehr": {"Observation": 11, "Device": 5},
        "seconds": 61.2,
    }


QUIET = Counts(unchanged=11)


@pytest.mark.parametrize(
    ("changes", "ok"),
    [
        ({}, True),
        ({"failed": 1}, False),
        ({"differences": 1}, False),
        ({"materialized": 0}, False),
        ({"second": Counts(created=1, unchanged=11)}, False),
        ({"second": Counts(updated=1, unchanged=10)}, False),
    ],
    ids=str,
)
def test_it_is_a_success_only_when_nothing_failed_or_differs_and_nothing_is_written_twice(
    changes, ok
):
    assert result(**{"second": QUIET} | changes).ok is ok


def test_the_counts_are_the_sum_of_every_day_of_the_given_links(store):
    ada, bob, cy = (link_account(store, account).id for account in ("ada", "bob", "cy"))
    for number, link in enumerate((ada, bob, cy), start=1):
        for day in ("2026-11-01", "2026-11-02"):
            one = DayResult(
                day=date.fromisoformat(day),
                outcome=Outcome.SYNCED,
                counts=Counts(created=number, held_back=1),
            )
            store.record_days(link, [one], run_id="r")

    assert ledger_counts(store, [ada, cy]) == Counts(created=8, held_back=4)


def test_the_ehrs_totals_count_observations_and_devices():
    ehr = MadeUpEhr(held={("Observation", "1"): {}, ("Observation", "2"): {}, ("Device", "1"): {}})

    assert ehr_totals(ehr) == {"Observation": 2, "Device": 1}
