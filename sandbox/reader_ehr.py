"""What does stand in the EHR, read over HTTP as any FHIR client would.

Belongs here: searching with pages, and taking Observations and Devices apart. Not here: what
should be there (`reader_expected.py`) and comparing (`reader.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import requests

from sandbox.people import Person
from sandbox.reader_expected import CODES, Amount

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
PAGE = 500
IDS_PER_SEARCH = 50
TIMEOUT_SECONDS = 60
RETRACTED = "entered-in-error"
# Asks a sandbox EHR to spare the reader its planned faults; any other server ignores it.
_HEADERS = {
    "Accept": "application/fhir+json",
    "X-Sandbox-Reader": "1",
    # Servers may answer from a search of a minute ago.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """One Observation of the EHR, in the same terms as a `Reading`."""

    patient: str
    code: str | None  # None when no code, or several, are ours
    instant: datetime | None
    offset: timedelta | None
    amounts: Mapping[str, Amount]
    device: str | None  # the reference as it stands
    status: str | None


class EhrReader:
    """Reads one FHIR server; raises requests' errors when it does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(_HEADERS)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def observations(self, person: Person, first: date, last: date) -> list[Found]:
        """Give the person's Observations of those local days, whatever their code."""
        zone = ZoneInfo(person.zone)
        # A day more at both ends: the server's idea of a day is not the person's.
        margin = timedelta(days=1)
        query = [
            ("patient", f"Patient/{person.patient_id}"),
            ("date", f"ge{first - margin}"),
            ("date", f"le{last + margin}"),
            ("_count", str(PAGE)),
        ]
        resources = self._search("Observation", query)
        found = [_found(one) for one in resources]
        return [one for one in found if _is_within(one.instant, zone, first, last)]

    def devices(self, only: Iterable[str] | None = None) -> dict[str, list[str]]:
        """Give the identifier values of every Device by its reference, or only of these."""
        everything = [[("_count", str(PAGE))]]
        return {
            f"Device/{one['id']}": [
                each["value"] for each in one.get("identifier", []) if "value" in each
            ]
            for query in (everything if only is None else _by_ids(only))
            for one in self._search("Device", query)
        }

    def _search(self, resource_type: str, query: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        answer = self._get(f"{self._url}/{resource_type}", query)
        while True:
            for entry in answer.get("entry", []):
                if entry["resource"]["resourceType"] == resource_type:
                    yield entry["resource"]
            links = [one["url"] for one in answer.get("link", []) if one["relation"] == "next"]
            if not links:
                return
            answer = self._get(links[0], [])

    def _get(self, url: str, query: list[tuple[str, str]]) -> Any:
        response = self._session.get(url, params=query, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        # A float would hide a wrong last digit.
        return json.loads(response.content, parse_float=Decimal)


def _by_ids(references: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    ids = sorted(reference.rpartition("/")[2] for reference in references)
    for start in range(0, len(ids), IDS_PER_SEARCH):
        yield [("_id", ",".join(ids[start : start + IDS_PER_SEARCH]))]


def _is_within(instant: datetime | None, zone: ZoneInfo, first: date, last: date) -> bool:
    # What has no instant cannot be put on a day: it counts wherever it was found.
    return instant is None or first <= instant.astimezone(zone).date() <= last


def _found(resource: dict[str, Any]) -> Found:
    effective = _effective(resource)
    amounts = {_code(one) or "?": _amount(one) for one in resource.get("component", [])}
    if not amounts or any(name.startswith("value") for name in resource):
        amounts[""] = _amount(resource)
    return Found(
        patient=resource.get("subject", {}).get("reference", "").rpartition("/")[2],
        code=_code(resource),
        instant=effective,
        offset=effective.utcoffset() if effective else None,
        amounts=amounts,
        device=_relative(resource.get("device", {}).get("reference")),
        status=resource.get("status"),
    )


def _effective(resource: dict[str, Any]) -> datetime | None:
    text = resource.get("effectiveDateTime") or ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _code(part: dict[str, Any]) -> str | None:
    codings = part.get("code", {}).get("coding", [])
    ours = {one.get("code") for one in codings if one.get("system") == LOINC} & CODES
    return ours.pop() if len(ours) == 1 else None


def _amount(part: dict[str, Any]) -> Amount:
    quantity = part.get("valueQuantity", {})
    value = quantity.get("value")
    is_number = isinstance(value, int | Decimal) and "comparator" not in quantity
    unit = quantity.get("code") if quantity.get("system") == UCUM else None
    return Amount(Decimal(value) if is_number else None, unit)


def _relative(reference: str | None) -> str | None:
    return None if reference is None else "/".join(reference.split("/")[-2:])
