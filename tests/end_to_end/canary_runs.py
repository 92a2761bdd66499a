"""Runs of a deployment's Dagster over neighbouring links, as its own UI launches them.

Belongs here: launching, waiting. Not here: which links (`canary_scene.py`), the queries' text
(`dagster_queries.py`).
"""

from tests.end_to_end import dagster_queries as ask
from tests.end_to_end.canary_orders import GOOGLE_HEALTH, WITHINGS

_TAG = "dagster/asset_partition_range_"


def launch(deployment, job, *, vendor, links, days):
    """Start a job over these links, which must stand next to each other, and days; gives the run."""
    stored = deployment.api.link_keys(vendor)
    places = [stored.index(link) for link in links]
    first, last = stored[min(places)], stored[max(places)]
    assert max(places) - min(places) + 1 == len(links)
    keys = {"start": f"{days[0]}|{first}", "end": f"{days[-1]}|{last}"}
    if job == f"{vendor}_devices":
        keys = {"start": first, "end": last}
    run = {
        "selector": ask.SELECTOR | {"jobName": job},
        "mode": "default",
        "runConfigData": {},
        "executionMetadata": {
            "tags": [{"key": _TAG + end, "value": key} for end, key in keys.items()]
        },
    }
    answer = deployment.ask(ask.LAUNCH, runs=[run])["launchMultipleRuns"]
    [launched] = answer["launchMultipleRunsResult"]
    return launched["run"]["runId"]


def ended(deployment, run):
    """How a run ended; None while it goes on."""
    status = deployment.ask(ask.RUN, run=run)["runOrError"]["status"]
    return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None


def stop_copying(deployment):
    """Leave the Devices of who links now to the sync, which is to write them."""
    for vendor in (WITHINGS, GOOGLE_HEALTH):
        selector = ask.SELECTOR | {"sensorName": f"{vendor}_link_records"}
        sensor = deployment.ask(ask.SENSOR, selector=selector)["sensorOrError"]
        deployment.ask(ask.STOP_SENSOR, id=sensor["sensorState"]["id"])


def wait_for_partitions(deployment, vendor, links):
    """Wait until each of these links is a partition."""
    known = deployment.api.link_keys
    deployment.wait(lambda: links <= set(known(vendor)), what="a partition for each")
