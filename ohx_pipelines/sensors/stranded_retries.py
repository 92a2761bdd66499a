"""Runs whose automatic retry never came: they are given up, so that their backfill can end.

Belongs here: finding and releasing them. Not here: retrying (Dagster's own daemon).
A database that is away while Dagster's daemon decides costs it the retry: it goes on to the next event,
and the backfill waits for that retry for ever. Released, its days are red and can be re-executed.
https://docs.dagster.io/guides/automate/sensors
"""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

WILL_RETRY = "dagster/will_retry"
# The daemon looks every few seconds; what is this old was overlooked.
OVERLOOKED_AFTER_SECONDS = 180.0
LOOK_BACK = timedelta(days=7)


def build_stranded_sensor() -> dg.SensorDefinition:
    """Give the sensor that releases runs whose retry was overlooked."""

    @dg.sensor(
        name="stranded_retries",
        description="Gives up runs whose automatic retry never came, so that their backfill ends.",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def release_stranded(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        released = release(context.instance, now=time.time())
        return dg.SkipReason(
            f"{released} runs were given up." if released else "No run is stranded."
        )

    return release_stranded


def release(instance: dg.DagsterInstance, *, now: float) -> int:
    """Release runs that failed long ago and still wait for a retry; gives how many."""
    waiting = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        tags={WILL_RETRY: "true"},
        updated_after=datetime.fromtimestamp(now, UTC) - LOOK_BACK,
    )
    stranded = [
        record.dagster_run
        for record in instance.get_run_records(waiting)
        if record.dagster_run.is_complete_and_waiting_to_retry
        and record.update_timestamp.timestamp() < now - OVERLOOKED_AFTER_SECONDS
    ]
    for run in stranded:
        instance.add_run_tags(run.run_id, {WILL_RETRY: "false"})
        instance.report_engine_event(
            "The automatic retry of this run was overlooked. Re-execute its days from failure.", run
        )
    return len(stranded)
