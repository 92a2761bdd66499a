"""How many requests publishing costs an EHR, and how fast it is: `python -m benchmarks.publishing`.

Belongs here: the Publisher against an EHR over HTTP. Not here: vendors, Dagster, or the checks alone
(`checks.py`). Without `--ehr-url` the sandbox's EHR is asked, in this process, and requests are
counted; with it, Observations per second are measured beside a client that puts one by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from ohx_pipelines.fhir.client import FhirClient, connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.devices import build_device
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing.write_modes import WriteMode
from ohx_pipelines.measurements import Measurement, Metric, RecordingMethod, to_frame
from sandbox.ehr.app import create_ehr

TAKEN = datetime(2026, 11, 20, 6, tzinfo=UTC)
COUNTS = (100, 300)
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
    """Give requests per 100 readings by mode: at first contact, new, unchanged."""
    return {mode.value: {n: _requests(mode, n) for n in COUNTS} for mode in WriteMode}


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


class Person:
    """A Patient of the EHR with a scale, and the Publisher that writes for them."""

    def __init__(self, client: FhirClient, mode: WriteMode) -> None:
        """Put the Patient there."""
        self.client, self.mode = client, mode
        self.patient = f"bench-{uuid.uuid4().hex[:12]}"
        client.write(
            "put", f"Patient/{self.patient}", {"resourceType": "Patient", "id": self.patient}
        )
        self._mapping = load_mapping()
        self._context = PublishContext(
            vendor="withings",
            vendor_user=self.patient,
            patient=self.patient,
            secret=uuid.uuid4().bytes * 2,
            source="https://open-health-exchange.org/fhir/source/withings",
            now=TAKEN + timedelta(days=3),
        )

    def readings(self, first: int, count: int) -> list[dict[str, Any]]:
        """Build weighings, one a second."""
        rows = [self._weight(number) for number in range(first, first + count)]
        built = build_observations(to_frame(rows), mapping=self._mapping, context=self._context)
        return [one.resource for one in built.desired]

    def publish(self, first: int, count: int) -> None:
        """Publish weighings as a sync does; raises AssertionError when one is refused."""
        publisher = Publisher(self.client, write_mode=self.mode)
        desired = self.readings(first, count)
        existing = publisher.read_existing(
            patient=self.patient,
            vendor="withings",
            start=TAKEN,
            end=TAKEN + timedelta(days=1),
        )
        publisher.ensure_devices([self._scale()])
        unseen = [one["id"] for one in desired if one["id"] not in existing]
        existing |= publisher.read_moved(unseen)
        refused = publisher.publish_day(desired, existing).reasons
        if refused:
            raise AssertionError(refused)

    def _scale(self) -> dict[str, Any]:
        return build_device(
            device=self.patient,
            model="Body+",
            kind="Scale",
            manufacturer="Withings",
            context=self._context,
        )

    def _weight(self, number: int) -> Measurement:
        return Measurement(
            metric=Metric.BODY_WEIGHT,
            value=Decimal(f"7{number % 10}.{number % 100:02d}"),
            unit="kg",
            start=TAKEN + timedelta(seconds=number),
            offset_minutes=60,
            day=date(2026, 11, 20),
            device=self.patient,
            method=RecordingMethod.DEVICE,
            record=str(number),
            group=str(number),
        )


def _requests(mode: WriteMode, count: int) -> dict[str, float]:
    with _counting_ehr() as (url, asked):
        client = connect(FhirConnection(url=url))
        person = Person(client, mode)
        figures: dict[str, float] = {}
        for name, first in (("first_contact", 0), ("new", count), ("unchanged", count)):
            asked.clear()
            person.publish(first, count)
            figures[name] = round(sum(asked.values()) * 100 / count, 2)
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
