"""Observations per second into HAPI FHIR: `python -m benchmarks.hapi_throughput`; needs Java.

Belongs here: our Publisher beside a plain client that puts one reading after the other, in one run
on one server. Not here: the server (`sandbox/hapi/`), or what publishing costs in requests
(`publishing.py`). Turns alternate, so that whatever else the machine does slows both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from benchmarks.scale_owner import Person
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.wire import dump
from ohx_pipelines.fhir.writing.write_modes import WriteMode

READINGS = 300
ROUNDS = 5
WARM_UP = 100
CONTENT = {"Content-Type": "application/fhir+json"}


def main() -> None:
    """Print one JSON object: medians per second, and the median of the rounds' ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ehr-url", help="measure at this FHIR R5 server instead")
    parser.add_argument("--validation", choices=("request", "store", "none"), default="request")
    given = parser.parse_args()
    if given.ehr_url:
        figures = measured(given.ehr_url)
    else:
        with _hapi(given.validation) as url:
            figures = measured(url)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def measured(url: str) -> dict[str, Any]:
    """Give Observations per second of both clients, and how many times faster ours is."""
    _ours(url, WARM_UP)
    _plain(url, WARM_UP)
    rounds = [(_ours(url, READINGS), _plain(url, READINGS)) for _ in range(ROUNDS)]
    ours, plain = zip(*rounds, strict=True)
    return {
        "readings": READINGS,
        "rounds": ROUNDS,
        "publisher_per_second": round(statistics.median(ours)),
        "one_put_per_reading_per_second": round(statistics.median(plain)),
        "ratio": round(statistics.median(us / them for us, them in rounds), 2),
    }


def _ours(url: str, count: int) -> float:
    """Publish as a sync does, reads and checks included."""
    with _person(url) as person:
        start = time.perf_counter()
        person.publish(1, count)
        return count / (time.perf_counter() - start)


def _plain(url: str, count: int) -> float:
    """Put the same readings one by one, over one connection, with nothing read or checked."""
    with _person(url) as person, requests.Session() as session:
        readings = person.readings(1, count)
        start = time.perf_counter()
        for one in readings:
            address = f"{url}/Observation/{one['id']}"
            session.put(address, data=dump(one), headers=CONTENT, timeout=60).raise_for_status()
        return count / (time.perf_counter() - start)


@contextmanager
def _person(url: str) -> Iterator[Person]:
    """Give a new Patient whose Device is there already."""
    client = connect(FhirConnection(url=url))
    try:
        person = Person(client, WriteMode.PUT_ID)
        person.publish(0, 1)
        yield person
    finally:
        client.close()


@contextmanager
def _hapi(validation: str) -> Iterator[str]:
    argv = [sys.executable, "-m", "sandbox.hapi", "--exit-with-parent", "--validation", validation]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            said = process.stdout.readline() if process.stdout else ""
            if not said:
                sys.exit("HAPI could not be started.")
            yield json.loads(said)["ehr"]["url"]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
