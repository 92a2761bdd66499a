"""Real processes on one budget: the vendor never counts too many, whoever is killed, and today's work goes first.

A vendor's minute is a second here; our window is longer than it, as it is in earnest.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import pytest

from tests.sandbox_process import REPOSITORY

pytestmark = pytest.mark.slow

CALLS = 20
VENDORS_SECONDS = 1.0
OURS = {"name": "withings", "calls": CALLS, "seconds": 1.5, "calls_per_account": CALLS}


class Workers:
    """Running workers, and what they have told so far."""

    def __init__(self, process):
        self.process, self.lines = process, []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def calls(self, name=""):
        return sorted(
            line["left"] for line in self.lines if "left" in line and line["name"].startswith(name)
        )

    def waits(self, name):
        return [
            line["left"] - line["asked"]
            for line in self.lines
            if "left" in line and line["name"].startswith(name)
        ]

    def until(self, number):
        deadline = time.monotonic() + 240
        while len(self.lines) < number:
            assert time.monotonic() < deadline, "the workers stand still"
            time.sleep(0.02)

    def end(self):
        self.process.wait(240)
        self.reader.join(10)
        return self


@pytest.fixture
def started(database_url):
    """Start a process per worker; all ask for turns at once."""
    running = []

    def start(*workers, longest_wait_seconds=60):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.budget_worker"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        order = {
            "database_url": database_url,
            "budget": OURS,
            "longest_wait_seconds": longest_wait_seconds,
            "workers": workers,
        }
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return Workers(process)

    yield start
    for process in running:
        process.kill()
        process.wait(60)
        process.stdin.close()
        process.stdout.close()


def worker(name, calls, urgency="BACKFILL", **more):
    return {"name": name, "calls": calls, "urgency": urgency, **more}


def most_within(calls, seconds):
    """The largest number of calls in any so many seconds."""
    return max(sum(early <= one < early + seconds for one in calls) for early in calls)


def test_the_vendor_never_counts_too_many_and_hardly_a_call_is_given_away(started):
    workers = started(*(worker(f"link-{n}", 12) for n in range(8))).end()

    calls = workers.calls()
    assert len(calls) == 96
    assert most_within(calls, VENDORS_SECONDS) <= CALLS
    # 96 calls at 20 in 1.5 seconds; what is told to wait comes back in time.
    assert calls[-1] - calls[0] < 96 / CALLS * OURS["seconds"] * 1.2


def test_workers_that_are_killed_while_they_wait_stop_nobody(started):
    workers = started(*(worker(f"link-{n}", 20) for n in range(6)))
    workers.until(30)
    killed = {line["name"]: line["pid"] for line in workers.lines}
    for name in sorted(killed)[:3]:
        os.kill(killed.pop(name), signal.SIGKILL)
    workers.end()

    for name in killed:
        assert len(workers.calls(name)) == 20
    assert most_within(workers.calls(), VENDORS_SECONDS) <= CALLS
    # A turn is kept two seconds for who does not come; three may have waited.
    took = max(workers.calls()) - min(workers.calls())
    assert took < len(workers.calls()) / CALLS * OURS["seconds"] + 2 + 1.5


def test_a_pause_stops_every_process_and_all_go_on_after_it(started, store):
    workers = started(*(worker(f"link-{n}", 15) for n in range(4)))
    workers.until(30)
    store.pause_calls("withings", seconds=2)
    told = time.time()
    workers.end()

    # What was let through just before the pause was told may be noted just after it.
    assert [one for one in workers.calls() if told + 0.4 < one < told + 1.8] == []
    assert len(workers.calls()) == 60


def test_todays_work_waits_a_moment_behind_a_backfill_that_takes_all_there_is(started):
    backfill = [worker(f"backfill-{n}", 14) for n in range(8)]
    workers = started(*backfill, worker("today", 10, "TODAY", pause=0.5)).end()

    assert len(workers.calls("today")) == 10
    assert statistics.median(workers.waits("today")) < 0.3
    assert max(workers.waits("today")) < 2
    assert statistics.median(workers.waits("backfill")) > 0.35


def test_a_backfill_behind_endless_urgent_work_gets_its_turn_before_it_has_to_give_up(started):
    urgent = [worker(f"today-{n}", 25, "TODAY") for n in range(4)]
    backfill = worker("backfill", 2, pause=0.5)
    workers = started(backfill, *urgent, longest_wait_seconds=4).end()

    # The first of them may have been there before anybody else.
    waits = workers.waits("backfill")
    assert len(waits) == 2
    # It gives way for three fifths of the longest wait; a hundred urgent calls take longer.
    assert 1.5 < max(waits) < 4
