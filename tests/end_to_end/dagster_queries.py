"""Questions to Dagster's web server, as its own UI asks them.

Belongs here: queries. Not here: what a test expects of the answers.
"""

from datetime import date, timedelta

SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "ohx_pipelines"}

DRY_RUN = """
mutation Tick($selector: ScheduleSelector!, $at: Float) {
  scheduleDryRun(selectorData: $selector, timestamp: $at) {
    __typename
    ... on DryRunInstigationTick { evaluationResult { skipReason runRequests { jobName tags { key value } } } }
  }
}
"""
LAUNCH = """
mutation Launch($runs: [ExecutionParams!]!) {
  launchMultipleRuns(executionParamsList: $runs) {
    ... on LaunchMultipleRunsResult {
      launchMultipleRunsResult { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
        ... on RunConfigValidationInvalid { errors { message } } }
    }
  }
}
"""
REEXECUTE = """
mutation Again($backfill: String!) {
  reexecutePartitionBackfill(reexecutionParams: {parentRunId: $backfill, strategy: FROM_FAILURE}) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
RUN = "query Run($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"
BACKFILL = """
query Backfill($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill {
      status
      numPartitions
      assetBackfillData { assetBackfillStatuses { ... on AssetPartitionsStatusCounts {
        assetKey { path } numPartitionsTargeted numPartitionsMaterialized numPartitionsFailed } } }
    }
  }
}
"""
STATUSES = """
query Statuses($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) {
    ... on AssetNode { assetPartitionStatuses {
      ... on MultiPartitionStatuses { ranges { primaryDimStartKey primaryDimEndKey
        secondaryDim { ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } } }
  }
}
"""
SENSOR = """
query Sensor($selector: SensorSelector!) {
  sensorOrError(sensorSelector: $selector) { ... on Sensor { sensorState { id } } }
}
"""
STOP_SENSOR = "mutation Stop($id: String!) { stopSensor(id: $id) { __typename } }"
LINK_STATUSES = """
query LinkStatuses($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) {
    ... on AssetNode { assetPartitionStatuses {
      ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } }
  }
}
"""
OBSERVATIONS = """
query Observations($path: [String!]!, $partitions: [String!]) {
  assetOrError(assetKey: {path: $path}) {
    ... on Asset { assetObservations(partitions: $partitions) {
      partition metadataEntries { label ... on TextMetadataEntry { text } ... on IntMetadataEntry { intValue } } } }
  }
}
"""


def partition_states(answer):
    """Give `{(day, link): "green" | "red"}` from the answer to STATUSES."""
    states = {}
    for found in answer["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]:
        first = date.fromisoformat(found["primaryDimStartKey"])
        last = date.fromisoformat(found["primaryDimEndKey"])
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            states |= {(day, k): "green" for k in found["secondaryDim"]["materializedPartitions"]}
            states |= {(day, k): "red" for k in found["secondaryDim"]["failedPartitions"]}
    return states
