"""How many requests publishing costs an EHR, and how fast it is: `python -m benchmarks.publishing`.

Belongs here: whole syncs against an EHR over HTTP. Not here: whose readings they are
(`scale_owner.py`), Dagster, or the checks alone (`checks.py`). Without `--ehr-url` the sandbox's EHR
is asked, in this process, and requests are counted; with it, Observations per second are measured
beside a client that puts one by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.scale_owner import Person
from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from sandbox.ehr.app import create_ehr

WINDOW = 100
CHANGED = 10
# A client that keeps no more than we do: look for the reading, then write it.
NAIVE_PER_READING = 2
MOST_SINGLE = 200


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ehr-url", help="measure speed at this FHIR R5 server instead")
    parser.add_argument("--count", type=int, default=1000, help="readings for the speed")
    given = parser.parse_args()
    figures = speed(given.ehr_url, given.count) if given.ehr_url else requests_counted()
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


def requests_counted() -> dict[str, Any]:
    """Give the requests of a window of 100 readings by mode, beside the naive figure."""
    naive = {"unchanged": NAIVE_PER_READING * WINDOW, "changed": NAIVE_PER_READING * WINDOW}
    modes = {mode.value: _requests(mode) for mode in WriteMode}
    return {"readings": WINDOW, "changed_readings": CHANGED, "naive": naive} | modes


def speed(url: str, count: int) -> dict[str, Any]:
    """Give Observations per second by mode, and of plain `PUT`s one after the other."""
    figures: dict[str, Any] = {"count": count}
    for mode in WriteMode:
        person = Person(connect(FhirConnection(url=url)), mode)
        person.publish(0, 1)  # the Device
        start = time.perf_counter()
        person.publish(1, count)
        figures[mode.value] = round(count / (time.perf_counter() - start))
        start = time.perf_counter()
        person.publish(1, count)
        figures[f"{mode.value}, unchanged"] = round(count / (time.perf_counter() - start))
        person.client.close()
    figures["one PUT per reading"] = _plain(url, min(count, MOST_SINGLE))
    return figures


def _requests(mode: WriteMode) -> dict[str, int]:
    """Count the requests of one sync each; the first one also writes devices, once per process.

    `deleted` is a window of which the vendor no longer lists one reading.
    """
    with _counting_ehr() as (url, asked):
        client = connect(FhirConnection(url=url))
        person = Person(client, mode)
        days = {
            "first_contact": person.weighings(0, WINDOW),
            "new": person.weighings(1, WINDOW),
            "unchanged": person.weighings(1, WINDOW),
            "changed": person.weighings(1, WINDOW, changed=CHANGED),
            "deleted": person.weighings(1, WINDOW, changed=CHANGED)[:-1],
        }
        figures: dict[str, int] = {}
        for name, rows in days.items():
            asked.clear()
            person.sync(0 if name == "first_contact" else 1, rows)
            figures[name] = sum(asked.values())
        client.close()
    return figures


@contextmanager
def _counting_ehr() -> Iterator[tuple[str, Counter[str]]]:
    ehr = create_ehr([])
    asked: Counter[str] = Counter()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        asked[environ["REQUEST_METHOD"]] += 1
        return ehr.app(environ, start_response)

    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.port}/fhir", asked
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def _plain(url: str, count: int) -> int:
    client = connect(FhirConnection(url=url))
    person = Person(client, WriteMode.PUT_ID)
    person.publish(0, 1)
    desired = person.readings(1, count)
    start = time.perf_counter()
    for one in desired:
        client.write("put", f"Observation/{one['id']}", one)
    seconds = time.perf_counter() - start
    client.close()
    return round(count / seconds)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
