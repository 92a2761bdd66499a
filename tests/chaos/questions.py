"""Questions to a deployment whose parts are being killed: asked again until they are answered.

Belongs here: patience, and states of runs and backfills. Not here: what they should be.
"""

import re
import time

import requests
from sqlalchemy.exc import SQLAlchemyError

from ohx_pipelines.errors import OhxError
from tests.end_to_end import dagster_queries as queries

ENDED_RUNS = {"SUCCESS", "FAILURE", "CANCELED"}
ENDED_BACKFILLS = {"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"}
STAGES = ("fetched", "normalized", "published")

UNANSWERED = (
    AssertionError,
    KeyError,
    TypeError,
    ValueError,
    OhxError,
    SQLAlchemyError,
    requests.RequestException,
)

RUNS = """
query Runs { runsOrError { __typename ... on Runs { results { runId status tags { key value } } } } }
"""
BACKFILLS = """
query Backfills { partitionBackfillsOrError { __typename
  ... on PartitionBackfills { results { id status error { message } } } } }
"""
LAUNCH_BACKFILL = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId }
  }
}
"""
EVENTS = """
query Events($run: ID!) {
  runOrError(runId: $run) {
    ... on Run { eventConnection { events { ... on MessageEvent { message } } } }
  }
}
"""


class Stuck(AssertionError):
    """Something did not come true in time."""


def eventually(condition, seconds, what, every=0.3):
    """Wait until the condition gives something true, and give it; raises Stuck."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            message = f"{what} did not come true within {seconds:.0f} seconds"
            raise Stuck(message)
        time.sleep(every)


def patiently(question, seconds=90):
    """Ask until there is an answer: server and database come and go."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return question()
        except UNANSWERED:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


class Dagster:
    """Runs, backfills and partitions of one deployment, asked patiently."""

    def __init__(self, deployment):
        self._deployment = deployment

    def runs(self):
        """Status by run id."""
        answer = patiently(lambda: self._deployment.ask(RUNS)["runsOrError"]["results"])
        return {one["runId"]: one["status"] for one in answer}

    def backfills(self):
        """Status by backfill id."""
        asked = lambda: self._deployment.ask(BACKFILLS)["partitionBackfillsOrError"]["results"]  # noqa: E731
        return {one["id"]: one["status"] for one in patiently(asked)}

    def runs_of(self, backfill):
        """Status by run id, of one backfill's runs."""
        answer = patiently(lambda: self._deployment.ask(RUNS)["runsOrError"]["results"])
        tag = {"key": "dagster/backfill", "value": backfill}
        return {one["runId"]: one["status"] for one in answer if tag in one["tags"]}

    def worker_of(self, run):
        """Process id of a run's worker, as the run itself says; None before it does."""
        answer = patiently(lambda: self._deployment.ask(EVENTS, run=run))
        said = [one.get("message", "") for one in answer["runOrError"]["eventConnection"]["events"]]
        found = (re.search(r"Started process for run \(pid: (\d+)\)", text) for text in said)
        return next((int(one[1]) for one in found if one), None)

    def states(self, stage):
        """`green` or `red` by day and link."""
        return patiently(lambda: self._states(stage))

    def has_ended(self, backfill):
        return self.backfills().get(backfill) in ENDED_BACKFILLS

    def launch(self, links, days, title, **tags):
        """Launch a backfill over links and days, its runs with these tags; gives its id."""
        params = {
            "assetSelection": [{"path": ["withings", stage]} for stage in STAGES],
            "partitionNames": [f"{day.isoformat()}|{link}" for link in links for day in days],
            "title": title,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        launched = patiently(lambda: self._deployment.ask(LAUNCH_BACKFILL, params=params))
        return launched["launchPartitionBackfill"]["backfillId"]

    def launch_range(self, week):
        """Launch one run over all links and days, as the nightly sync does; gives its id."""
        links = patiently(lambda: self._deployment.api.link_keys("withings"))
        ends = {"start": f"{week[0]}|{links[0]}", "end": f"{week[-1]}|{links[-1]}"}
        tags = [
            {"key": f"dagster/asset_partition_range_{end}", "value": key}
            for end, key in ends.items()
        ]
        run = {
            "selector": queries.SELECTOR | {"jobName": "withings_nightly"},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": tags},
        }
        return patiently(lambda: self._launched(run))

    def _launched(self, run):
        launched = self._deployment.ask(queries.LAUNCH, runs=[run])
        [one] = launched["launchMultipleRuns"]["launchMultipleRunsResult"]
        return one["run"]["runId"]

    def re_execute(self, backfill):
        """Launch what failed in an ended backfill once more; None when nothing can be."""
        asked = lambda: self._deployment.ask(queries.REEXECUTE, backfill=backfill)  # noqa: E731
        return patiently(asked)["reexecutePartitionBackfill"].get("backfillId")

    def not_green(self, links, week):
        """Link-days of the week that are not green in all three stages."""
        wanted = {(day, link) for day in week for link in links}
        green = wanted.copy()
        for stage in STAGES:
            green &= {key for key, state in self.states(stage).items() if state == "green"}
        return wanted - green

    def _states(self, stage):
        answer = self._deployment.ask(queries.STATUSES, path=["withings", stage])
        return queries.partition_states(answer)
