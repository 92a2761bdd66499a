"""Answers of Dagster and of an EHR as `ohx doctor` asks for them, made up.

Belongs here: answers of the real shape. Not here: what is expected of them.
"""

import json
import time

BUNDLE = {"resourceType": "Bundle", "type": "searchset", "total": 0}
FHIR = "application/fhir+json"
DAEMONS = ("SENSOR", "SCHEDULER", "BACKFILL", "QUEUED_RUN_COORDINATOR")


def daemon(kind, *, required=True, healthy=True, seconds_ago=16):
    return {
        "daemonType": kind,
        "required": required,
        "healthy": healthy,
        "lastHeartbeatTime": seconds_ago,
    }


def health(*daemons):
    """The daemons, each heard of as many seconds before now as it says."""
    found = [one | {"lastHeartbeatTime": _ago(one["lastHeartbeatTime"])} for one in daemons]
    return {"instance": {"daemonHealth": {"allDaemonStatuses": found}}}


def _ago(seconds):
    return None if seconds is None else time.time() - seconds


def ticker(name, kind, *, status="RUNNING", tick=None):
    ticks = [{"status": tick}] if tick else []
    return {"name": name, f"{kind}State": {"status": status, "ticks": ticks}}


SENSORS = (
    "withings_link_partitions",
    "withings_link_records",
    "withings_unlinking",
    *(
        f"{app}_{word}"
        for app in ("beurer", "omron_connect")
        for word in ("imports", "link_partitions", "unlinking")
    ),
    "stranded_retries",
)
SCHEDULES = ("withings_nightly", "withings_devices")


def workspace(*, schedules=None, sensors=None, name="ohx_pipelines", loaded=True):
    """The workspace; without a choice everything of ours is on."""
    repository = {
        "schedules": schedules or [ticker(name, "schedule") for name in SCHEDULES],
        "sensors": sensors or [ticker(name, "sensor") for name in SENSORS],
    }
    location = (
        {"__typename": "RepositoryLocation", "repositories": [repository]}
        if loaded
        else {"__typename": "PythonError"}
    )
    entries = [{"name": name, "locationOrLoadError": location}]
    return {"version": "1.13.27", "workspaceOrError": {"locationEntries": entries}}


def grid(days, links, *, green=(), red=(), syncing=()):
    """The asset's partitions; each of green, red and syncing lists (day, link) texts."""
    ranges = [
        {
            "primaryDimStartKey": day,
            "primaryDimEndKey": day,
            "secondaryDim": {
                "materializedPartitions": [link for one, link in green if one == day],
                "failedPartitions": [link for one, link in red if one == day],
                "materializingPartitions": [link for one, link in syncing if one == day],
            },
        }
        for day in days
    ]
    node = {
        "partitionKeysByDimension": [
            {"name": "day", "partitionKeys": list(days)},
            {"name": "link", "partitionKeys": list(links)},
        ],
        "assetPartitionStatuses": {"ranges": ranges},
    }
    return {"assetNodeOrError": node}


def well(links=()):
    """Everything that is asked of a Dagster that is well."""
    return workspace() | health(*map(daemon, DAEMONS)) | grid(["2026-11-19", "2026-11-20"], links)


def statement(version="5.0.0", types=("Observation", "Device"), codes=("read", "update"), **more):
    resources = [
        {"type": one, "interaction": [{"code": code} for code in codes], **more} for one in types
    ]
    return {
        "resourceType": "CapabilityStatement",
        "fhirVersion": version,
        "rest": [{"mode": "server", "resource": resources}],
    }


def answer(site, path, value, status=200):
    site.answer(path, json.dumps(value), status=status, Content_Type=FHIR)
