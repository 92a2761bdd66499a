"""What a day's result says in Dagster's event log: counts and words, per finished stage."""

from datetime import date

import dagster as dg
import pytest

from ohx_pipelines.assets.events import day_events
from ohx_pipelines.outcomes import Counts, DayResult, Outcome, Stage

DAY = date(2026, 11, 16)
KEYS = [dg.AssetKey(["acme", stage]) for stage in ("fetched", "normalized", "published")]
COUNTS = Counts(rows=12, observations=9, created=4, updated=3, unchanged=1, held_back=2, rejected=1)


def result(outcome=Outcome.SYNCED, **changes):
    return DayResult(**{"day": DAY, "outcome": outcome, "counts": COUNTS, "seconds": 1.5} | changes)


def events(given, selected=KEYS):
    return list(day_events("acme", "l1nk", given, selected=selected))


def metadata(event):
    return {name: value.value for name, value in event.metadata.items()}


def by_stage(found):
    return {event.asset_key.path[-1]: event for event in found}


def test_a_green_day_is_one_materialization_per_stage_of_its_partition():
    found = events(result())

    assert {type(event) for event in found} == {dg.AssetMaterialization}
    assert [event.asset_key for event in found] == KEYS
    assert {str(event.partition) for event in found} == {"2026-11-16|l1nk"}


def test_published_says_what_was_written_what_was_left_out_and_how_long_it_took():
    given = result(reasons={"ambiguous": 2, "no_value": 1})

    said = metadata(by_stage(events(given))["published"])

    assert said == {
        "observations": 9,
        "created": 4,
        "updated": 3,
        "unchanged": 1,
        "retracted": 0,
        "rejected": 1,
        "left_out/ambiguous": 2,
        "left_out/no_value": 1,
        "outcome": "synced",
        "seconds": 1.5,
    }


def test_fetched_vouches_for_the_number_of_rows_alone():
    said = metadata(by_stage(events(result(reasons={"ambiguous": 2})))["fetched"])

    assert said == {"rows": 12, "outcome": "synced", "seconds": 1.5}


def test_normalized_says_what_became_of_the_rows():
    said = metadata(by_stage(events(result(reasons={"ambiguous": 2})))["normalized"])

    assert (said["rows"], said["observations"]) == (12, 9)
    assert (said["held_back"], said["rejected"], said["left_out/ambiguous"]) == (2, 1, 2)


def test_counts_are_numbers_so_that_dagster_draws_them():
    said = by_stage(events(result(reasons={"ambiguous": 2})))["published"].metadata

    assert isinstance(said["created"], dg.IntMetadataValue)
    assert isinstance(said["left_out/ambiguous"], dg.IntMetadataValue)
    assert isinstance(said["seconds"], dg.FloatMetadataValue)


@pytest.mark.parametrize(
    ("failed", "finished"),
    [
        (Stage.FETCHED, []),
        (Stage.NORMALIZED, ["fetched"]),
        (Stage.PUBLISHED, ["fetched", "normalized"]),
    ],
)
def test_a_failed_day_materializes_what_finished_and_observes_the_failure_once(failed, finished):
    given = result(Outcome.EHR_DOWN, failed_stage=failed, status=503, error="ehr_down", attempts=3)

    *green, red = events(given)

    assert [event.asset_key.path[-1] for event in green] == finished
    assert {type(event) for event in green} <= {dg.AssetMaterialization}
    assert isinstance(red, dg.AssetObservation)
    assert (red.asset_key.path[-1], str(red.partition)) == (failed.value, "2026-11-16|l1nk")
    assert metadata(red) == {
        "outcome": "ehr_down",
        "stage": failed.value,
        "error": "ehr_down",
        "http_status": 503,
        "attempts": 3,
        "what_to_do": "Re-execute from failure when the EHR answers.",
    }


def test_refused_entries_are_told_by_their_reason():
    given = result(
        Outcome.EHR_REJECTED,
        failed_stage=Stage.PUBLISHED,
        status=422,
        reasons={"ehr_value": 3},
    )

    assert metadata(events(given)[-1])["left_out/ehr_value"] == 3


def test_a_failure_without_a_status_names_none():
    given = result(Outcome.INTERNAL, failed_stage=Stage.FETCHED, error="KeyError")

    said = metadata(events(given)[-1])

    assert said["error"] == "KeyError"
    assert "http_status" not in said


@pytest.mark.parametrize("only", KEYS, ids=lambda key: key.path[-1])
def test_only_selected_assets_are_told_of(only):
    failed = result(Outcome.AUTH_LOST, failed_stage=Stage.FETCHED, error="auth_lost")

    assert [event.asset_key for event in events(result(), [only])] == [only]
    [event] = events(failed, [only])
    assert (event.asset_key, type(event)) == (only, dg.AssetObservation)


def test_a_stage_that_was_not_asked_for_and_failed_tells_nothing_of_those_that_finished():
    given = result(Outcome.EHR_DOWN, failed_stage=Stage.PUBLISHED, error="ehr_down")

    [event] = events(given, [KEYS[0]])

    assert isinstance(event, dg.AssetMaterialization)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_advice_in_one_sentence(outcome):
    assert outcome.advice.endswith(".")
    assert outcome.ok == (outcome in {Outcome.SYNCED, Outcome.NO_DATA})
