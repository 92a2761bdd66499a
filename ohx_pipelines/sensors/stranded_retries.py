"""Runs whose automatic retry never came: it is asked for once more, then the run is given up.

Belongs here: finding them, asking, releasing. Not here: retrying (Dagster's own daemon).
A database that is away while Dagster's daemon decides costs it the retry: it goes on to the next event,
and the backfill waits for that retry for ever. Released, its days are red and can be re-executed.
https://docs.dagster.io/guides/automate/sensors
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

WILL_RETRY = "dagster/will_retry"
ASKED_AGAIN = "ohx/retry_asked_again"
# The daemon looks every few seconds; what is this old was overlooked.
OVERLOOKED_AFTER_SECONDS = 180.0
LOOK_BACK = timedelta(days=7)


def build_stranded_sensor() -> dg.SensorDefinition:
    """Give the sensor that looks after runs whose retry was overlooked."""
    return dg.SensorDefinition(
        name="stranded_retries",
        description="Asks again for automatic retries that never came, then gives those runs up.",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        evaluation_fn=lambda context: dg.SkipReason(
            look_after(context.instance, now=time.time()) or "No run is stranded."
        ),
    )


def look_after(instance: dg.DagsterInstance, *, now: float) -> str:
    """Ask again for overlooked retries, release the runs for which that did not help; tells how many."""
    stranded = _stranded(instance, now)
    hopeless = [run for run in stranded if _asked_at(run)]
    for run in hopeless:
        instance.add_run_tags(run.run_id, {WILL_RETRY: "false"})
        instance.report_engine_event(
            "The automatic retry of this run never came. Re-execute its days from failure.", run
        )
    overlooked = [run for run in stranded if not _asked_at(run)]
    for run in overlooked:
        instance.add_run_tags(run.run_id, {ASKED_AGAIN: f"{run.run_id} {now:.0f}"})
        # The daemon acts on this event, and never starts a second retry of one run.
        instance.report_run_failed(
            run, "The automatic retry of this run was overlooked: it is asked for once more."
        )
    counts = {"retries asked for again": len(overlooked), "runs given up": len(hopeless)}
    return ", ".join(f"{what}: {count}" for what, count in counts.items() if count)


def _stranded(instance: dg.DagsterInstance, now: float) -> list[dg.DagsterRun]:
    waiting = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        tags={WILL_RETRY: "true"},
        updated_after=datetime.fromtimestamp(now, UTC) - LOOK_BACK,
    )
    return [
        record.dagster_run
        for record in instance.get_run_records(waiting)
        if record.dagster_run.is_complete_and_waiting_to_retry
        and _waits_since(record) < now - OVERLOOKED_AFTER_SECONDS
    ]


def _waits_since(record: dg.RunRecord) -> float:
    return _asked_at(record.dagster_run) or record.update_timestamp.timestamp()


def _asked_at(run: dg.DagsterRun) -> float | None:
    """Give when this run's retry was asked for again; a retry inherits the tags of its run."""
    asked_for, _, at = run.tags.get(ASKED_AGAIN, "").partition(" ")
    return float(at) if asked_for == run.run_id else None
