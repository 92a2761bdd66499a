"""What Dagster says of itself over GraphQL: code, daemons, schedules, sensors, partition states.

Belongs here: queries and their answers as plain records. Not here: judging them (`checks/`,
`agreement.py`) or launching anything (`dagster_api.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ohx_pipelines.cli.dagster_api import RUN_ENDED, DagsterApi, DagsterFailed

CODE_LOCATION = "ohx_pipelines"
_BACKFILL_ENDED = {"COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED"}

_DAEMONS = """
query Daemons {
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatTime } } }
}
"""
_WORKSPACE = """
query Workspace {
  version
  workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError {
    __typename
    ... on RepositoryLocation { repositories {
      schedules { name scheduleState { status ticks(limit: 1) { status } } }
      sensors { name sensorState { status ticks(limit: 1) { status } } }
    } }
  } } } }
}
"""
_STATUSES = """
query Statuses($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) {
    ... on AssetNode {
      partitionKeysByDimension { name partitionKeys }
      assetPartitionStatuses { ... on MultiPartitionStatuses { ranges {
        primaryDimStartKey primaryDimEndKey
        secondaryDim { ... on DefaultPartitionStatuses {
          materializedPartitions failedPartitions materializingPartitions } } } } }
    }
  }
}
"""
_BACKFILL = """
query Backfill($id: String!) {
  partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } }
  runsOrError(filter: {tags: [{key: "dagster/backfill", value: $id}]}) {
    ... on Runs { results { status } }
  }
}
"""


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """One of Dagster's daemons; `heartbeat_at` is Unix seconds, None when it never ran."""

    kind: str
    required: bool
    healthy: bool
    heartbeat_at: float | None


@dataclass(frozen=True, kw_only=True)
class Ticker:
    """A schedule or sensor, whether it is on, and whether its last tick failed."""

    name: str
    running: bool
    last_failed: bool


@dataclass(frozen=True, kw_only=True)
class CodeLocation:
    """Dagster's version, whether our code is loaded, and what starts by itself in it."""

    version: str
    loaded: bool
    tickers: tuple[Ticker, ...]


@dataclass(frozen=True, kw_only=True)
class PartitionGrid:
    """The partitions of one asset: days and links, and which (day, link) are in which state."""

    days: tuple[date, ...]
    links: tuple[str, ...]
    green: frozenset[tuple[date, str]]
    syncing: frozenset[tuple[date, str]]


def daemons(api: DagsterApi) -> list[Daemon]:
    """Give the daemons that Dagster knows of."""
    found = api.ask(_DAEMONS, {})["instance"]["daemonHealth"]["allDaemonStatuses"]
    return [
        Daemon(
            kind=one["daemonType"],
            required=one["required"],
            healthy=bool(one["healthy"]),
            heartbeat_at=one["lastHeartbeatTime"],
        )
        for one in found
    ]


def code_location(api: DagsterApi) -> CodeLocation:
    """Give how our code location is."""
    answer = api.ask(_WORKSPACE, {})
    entries = answer["workspaceOrError"].get("locationEntries", [])
    ours = [one["locationOrLoadError"] for one in entries if one["name"] == CODE_LOCATION]
    loaded = [one for one in ours if one and one["__typename"] == "RepositoryLocation"]
    repositories = [repository for one in loaded for repository in one["repositories"]]
    return CodeLocation(
        version=str(answer["version"]),
        loaded=bool(loaded),
        tickers=tuple(ticker for one in repositories for ticker in _tickers(one)),
    )


def partition_grid(api: DagsterApi, provider: str) -> PartitionGrid:
    """Give the states of the provider's last stage; raises DagsterFailed when it is not loaded."""
    node = api.ask(_STATUSES, {"path": [provider, "published"]})["assetNodeOrError"]
    if "partitionKeysByDimension" not in node:
        message = f"Dagster knows no asset {provider}/published: is the code location loaded?"
        raise DagsterFailed(message)
    keys = {one["name"]: one["partitionKeys"] for one in node["partitionKeysByDimension"]}
    ranges = (node["assetPartitionStatuses"] or {}).get("ranges", [])
    return PartitionGrid(
        days=tuple(date.fromisoformat(key) for key in keys["day"]),
        links=tuple(keys["link"]),
        green=frozenset(_cells(ranges, "materializedPartitions")),
        syncing=frozenset(_cells(ranges, "materializingPartitions")),
    )


def backfill_ended(api: DagsterApi, backfill: str) -> bool:
    """Tell whether Dagster has done with the backfill and all its runs have ended."""
    answer = api.ask(_BACKFILL, {"id": backfill})
    return answer["partitionBackfillOrError"].get("status") in _BACKFILL_ENDED and all(
        one["status"] in RUN_ENDED for one in answer["runsOrError"]["results"]
    )


def backfill_progress(api: DagsterApi, backfill: str) -> str:
    """Say how many of the backfill's runs have ended."""
    runs = api.ask(_BACKFILL, {"id": backfill})["runsOrError"]["results"]
    ended = sum(one["status"] in RUN_ENDED for one in runs)
    return f"{ended} of {len(runs)} runs have ended"


def _tickers(repository: Mapping[str, Any]) -> Iterator[Ticker]:
    for kind, state in (("schedules", "scheduleState"), ("sensors", "sensorState")):
        for one in repository[kind]:
            ticks = one[state]["ticks"]
            yield Ticker(
                name=one["name"],
                running=one[state]["status"] == "RUNNING",
                last_failed=bool(ticks) and ticks[0]["status"] == "FAILURE",
            )


def _cells(ranges: list[dict[str, Any]], state: str) -> Iterator[tuple[date, str]]:
    """Give each (day, link) of the run-length encoded grid that is in the state."""
    for one in ranges:
        first = date.fromisoformat(one["primaryDimStartKey"])
        last = date.fromisoformat(one["primaryDimEndKey"])
        links = one["secondaryDim"].get(state, [])
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            yield from ((day, link) for link in links)
