"""Dagster over its GraphQL API: launch a backfill, ask for runs and partition states.

Belongs here: queries and their answers. Not here: `import dagster`; the web server is the border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from ohx_pipelines.errors import OhxError

TIMEOUT_SECONDS = 60.0
STAGES = ("fetched", "normalized", "published")
RUN_ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

_LAUNCH = """
mutation Launch($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PartitionKeysNotFoundError { message }
    ... on UnauthorizedError { message }
    ... on PythonError { message }
  }
}
"""
_KEYS = """
query Keys($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) {
    ... on AssetNode { partitionKeysByDimension { name partitionKeys } }
  }
}
"""
_STATS = """
query Stats($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) {
    ... on AssetNode { partitionStats { numMaterialized numFailed numMaterializing } }
  }
}
"""
_RUNS = """
query Runs($backfill: String!) {
  runsOrError(filter: {tags: [{key: "dagster/backfill", value: $backfill}]}) {
    ... on Runs { results { status } }
  }
}
"""


class DagsterFailed(OhxError):
    """Dagster's web server did not do what was asked; the message says what to do."""

    code = "dagster_failed"


@dataclass(frozen=True, kw_only=True)
class PartitionStats:
    """Partition counts of one asset, as Dagster shows them."""

    materialized: int
    failed: int


class DagsterApi:
    """The web server at one address."""

    def __init__(self, address: str) -> None:
        """Talk to the web server at `address`, for example http://127.0.0.1:8401."""
        self.address = address
        self._session = requests.Session()

    def link_keys(self, provider: str) -> list[str]:
        """Give the links that are partitions of the provider's assets."""
        node = self.ask(_KEYS, {"path": [provider, "published"]})["assetNodeOrError"]
        dimensions = node.get("partitionKeysByDimension", [])
        return next((d["partitionKeys"] for d in dimensions if d["name"] == "link"), [])

    def launch_backfill(self, provider: str, keys: Sequence[str], *, title: str) -> str:
        """Launch a backfill of the three stages over the keys and give its id."""
        params = {
            "assetSelection": [{"path": [provider, stage]} for stage in STAGES],
            "partitionNames": list(keys),
            "title": title,
        }
        answer = self.ask(_LAUNCH, {"params": params})["launchPartitionBackfill"]
        if "backfillId" not in answer:
            message = f"Dagster refused the backfill ({answer['__typename']})."
            raise DagsterFailed(message)
        return str(answer["backfillId"])

    def runs_finished(self, backfill: str) -> bool:
        """Tell whether the backfill has runs and all of them have ended."""
        runs = self.ask(_RUNS, {"backfill": backfill})["runsOrError"]["results"]
        return bool(runs) and all(run["status"] in RUN_ENDED for run in runs)

    def partition_stats(self, provider: str, stage: str) -> PartitionStats:
        """Give how many partitions of a stage are green and red."""
        node = self.ask(_STATS, {"path": [provider, stage]})["assetNodeOrError"]
        stats = node["partitionStats"]
        return PartitionStats(materialized=stats["numMaterialized"], failed=stats["numFailed"])

    def backfill_page(self, backfill: str) -> str:
        """Give the address of the backfill in the UI."""
        return f"{self.address}/runs/b/{backfill}"

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask a query of GraphQL; raises DagsterFailed when there is no answer."""
        try:
            response = self._session.post(
                f"{self.address}/graphql",
                json={"query": query, "variables": variables},
                timeout=TIMEOUT_SECONDS,
            )
            data = response.json().get("data")
        except (requests.RequestException, ValueError):
            data = None
        if not isinstance(data, dict):
            message = f"Dagster does not answer at {self.address}: is `ohx up` running?"
            raise DagsterFailed(message)
        return data
