"""Dagster's run launcher for one machine, which also tells whether a run's worker still lives.

Belongs here: that check. Not here: starting workers (Dagster's own launcher) or what follows from a
dead one (`run_monitoring` and `run_retries` in dagster.yaml).
Dagster leaves it to the code server to report a dead worker. A code server that was killed reports
none, and one that finds the database gone at that moment never reports any again: such runs would
stay "started" for ever.
"""

from __future__ import annotations

import json
from contextlib import suppress

import psutil
from dagster import DagsterEventType, DagsterRun
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from ohx_pipelines.setting_types import LOOPBACK

# Dagster's code server starts each worker by Python's `multiprocessing`, with this word.
_SPAWNED = "--multiprocessing-fork"
_CODE_SERVER_TAG = ".dagster/grpc_info"


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, with a health check of its workers."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Tell the monitoring daemon to ask for each started run."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Say whether the run's worker lives; in doubt, it does.

        In doubt: the run did not say its process yet, its code server is on another machine, or the
        process of that number is some run's worker.
        """
        if not _is_here(run):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        started = self._instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT)
        for entry in reversed(started):
            pid = _pid(entry.get_dagster_event().engine_event_data.metadata)
            if pid is not None:
                alive = _lives(pid)
                return CheckRunHealthResult(
                    WorkerStatus.RUNNING if alive else WorkerStatus.FAILED,
                    None if alive else f"worker process {pid} is gone",
                )
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def _is_here(run: DagsterRun) -> bool:
    with suppress(ValueError):
        return json.loads(run.tags.get(_CODE_SERVER_TAG, "")).get("host") in LOOPBACK
    return False


def _pid(metadata: object) -> int | None:
    found = metadata.get("pid") if isinstance(metadata, dict) else None
    with suppress(AttributeError, TypeError, ValueError):
        return int(found.value)  # type: ignore[union-attr]
    return None


def _lives(pid: int) -> bool:
    """Tell whether a run worker has that number.

    No time of start is asked for: it moves when the clock is set, and the time in the event stays.
    """
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _SPAWNED in process.cmdline()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
