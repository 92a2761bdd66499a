"""What does stand in the EHR, read over HTTP as any FHIR client would.

Belongs here: searching with pages. Not here: taking Observations apart (`found.py`), what should be
there (`expected.py`) and comparing (`compare.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import requests

from sandbox.people import Person
from sandbox.reader.found import Found, Resource
from sandbox.reader.google.points import MODEL, civil_day
from sandbox.reader.readings import WITHINGS, local_day
from sandbox.reader.vendors import may_be_of

PAGE = 500
IDS_PER_SEARCH = 50
TIMEOUT_SECONDS = 60
# Asks a sandbox EHR to spare the reader its planned faults; any other server ignores it.
_HEADERS = {
    "Accept": "application/fhir+json",
    "X-Sandbox-Reader": "1",
    # Servers may answer from a search of a minute ago.
    "Cache-Control": "no-cache",
}
# A night belongs to the day that it ends on, and a server's idea of a day is not the person's.
MARGIN = timedelta(days=2)


class EhrReader:
    """Reads what one FHIR server holds of one vendor, and what says nothing of whose it is.

    Raises requests' errors when it does not answer.
    """

    def __init__(self, url: str, vendor: str = WITHINGS) -> None:
        self._url = url.rstrip("/")
        self._vendor = vendor
        self._session = requests.Session()
        self._session.headers.update(_HEADERS)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def observations(self, person: Person, first: date, last: date) -> list[Found]:
        """Give the person's Observations of those local days, whatever their code.

        Withings' days are those of the zone, any other vendor's those of each reading's own offset.
        """
        zone = ZoneInfo(person.zone)
        query = [
            ("patient", f"Patient/{person.patient_id}"),
            ("date", f"ge{first - MARGIN}"),
            ("date", f"le{last + MARGIN}"),
            ("_count", str(PAGE)),
        ]
        resources = self._of_vendor(self._search("Observation", query))
        found = [Found.of(one) for one in resources]
        by_own = self._vendor != WITHINGS
        return [one for one in found if _is_within(one, None if by_own else zone, first, last)]

    def devices(self, only: Iterable[str] | None = None) -> dict[str, Resource]:
        """Give every Device by its reference, or only these; programs are none of the vendor's."""
        found = self.every("Device") if only is None else self.existing(only).values()
        physical = (one for one in found if not is_software(one))
        return {f"Device/{one['id']}": one for one in self._of_vendor(physical)}

    def every(self, resource_type: str, **query: str) -> list[Resource]:
        """Give every resource of a type that a search finds, but for those of another vendor."""
        found = self._search(resource_type, [*query.items(), ("_count", str(PAGE))])
        return list(self._of_vendor(found))

    def existing(self, references: Iterable[str]) -> dict[str, Resource]:
        """Give those of these references, `Type/id` each, that lead somewhere."""
        by_type: dict[str, list[str]] = {}
        for reference in sorted(set(references)):
            resource_type, _, number = reference.partition("/")
            if not number:
                continue  # what is contained leads nowhere else
            by_type.setdefault(resource_type, []).append(number)
        return {
            f"{resource_type}/{one['id']}": one
            for resource_type, numbers in by_type.items()
            for query in _by_ids(numbers)
            for one in self._search(resource_type, query)
        }

    def history(self, reference: str, versions: int) -> list[Found | None]:
        """Give so many versions of an Observation, the oldest first; None for one that deleted it."""
        address = f"{self._url}/{reference}/_history"
        found: dict[int, Found | None] = {}
        for entry in self._pages(address, [("_count", str(PAGE))]):
            one = Found.of(entry["resource"]) if "resource" in entry else None
            if one is not None and one.version is not None:
                found[one.version] = one
        # HAPI counts a history once a minute, and lists no more than it counted.
        missing = [number for number in range(1, versions + 1) if number not in found]
        found |= {number: self._version(f"{address}/{number}") for number in missing}
        return [found[number] for number in sorted(found)]

    def _of_vendor(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        return (one for one in resources if self.may_have_written(one))

    def may_have_written(self, resource: Resource) -> bool:
        """Tell whether a resource is not another vendor's."""
        return may_be_of(resource, self._vendor)

    def _version(self, address: str) -> Found | None:
        response = self._session.get(address, timeout=TIMEOUT_SECONDS)
        if response.status_code == HTTPStatus.GONE:
            return None
        response.raise_for_status()
        return Found.of(json.loads(response.content, parse_float=Decimal))

    def _search(self, resource_type: str, query: list[tuple[str, str]]) -> Iterator[Resource]:
        for entry in self._pages(f"{self._url}/{resource_type}", query):
            if entry["resource"]["resourceType"] == resource_type:
                yield entry["resource"]

    def _pages(self, url: str, query: list[tuple[str, str]]) -> Iterator[Resource]:
        answer = self._get(url, query)
        while True:
            yield from answer.get("entry", [])
            links = [one["url"] for one in answer.get("link", []) if one["relation"] == "next"]
            if not links:
                return
            answer = self._get(links[0], [])

    def _get(self, url: str, query: list[tuple[str, str]]) -> Any:
        response = self._session.get(url, params=query, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        # A float would hide a wrong last digit.
        return json.loads(response.content, parse_float=Decimal)


def is_software(device: Resource) -> bool:
    """Tell a program from what somebody stands on or wears."""
    codings = (coding for one in device.get("category", []) for coding in one.get("coding", []))
    return any(coding.get("code") == "software" for coding in codings)


def identifier_values(resource: Resource) -> list[str]:
    """Give the values of a resource's identifiers, whatever their system."""
    return [one["value"] for one in resource.get("identifier", []) if "value" in one]


def device_names(resource: Resource) -> list[str]:
    """Give all that a Device is known by: its identifiers' values, and its model."""
    model = resource.get("modelNumber")
    return [*identifier_values(resource), *([f"{MODEL}{model}"] if model else [])]


def _by_ids(ids: list[str]) -> Iterator[list[tuple[str, str]]]:
    for start in range(0, len(ids), IDS_PER_SEARCH):
        yield [("_id", ",".join(ids[start : start + IDS_PER_SEARCH]))]


def _is_within(found: Found, zone: ZoneInfo | None, first: date, last: date) -> bool:
    # What has neither day nor instant counts wherever it was found.
    if found.day is not None:
        return first <= found.day <= last
    if found.instant is None:
        return True
    own = civil_day(found.instant, found.offset)
    return first <= (local_day(found.instant, zone) if zone else own) <= last
