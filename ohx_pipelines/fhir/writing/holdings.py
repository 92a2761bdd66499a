"""What the EHR holds of ours: found by window, by our ids, or by the identifier that carries them.

Belongs here: searches, and what is learned from them (addresses, duplicates). Not here: writing
(`writing/writer.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ohx_pipelines.errors import EhrRejected
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.identifiers import LINK_SYSTEM, record_system
from ohx_pipelines.fhir.writing.references import address_in, carries_key, key_of, name_of
from ohx_pipelines.fhir.writing.write_modes import WriteMode

# 3.7 kB of address: servers and proxies take 8.
IDS_PER_SEARCH = 100
WITH_DEVICES = ("_include", "Observation:device:Device")
BAD_REQUEST = 400
# What is referred to and this product writes; a Patient is the EHR's.
OURS = ("DeviceDefinition", "Device", "Observation")
SHARED = frozenset({"DeviceDefinition", "Device"})


class Holdings:
    """Reads one EHR, and remembers where our resources live and which are there twice."""

    def __init__(self, client: FhirClient, mode: WriteMode) -> None:
        """Read through `client`; nothing is asked yet."""
        self._client = client
        self._mode = mode
        self._includes = True
        self.addresses: dict[str, str] = {}
        self.duplicates: set[str] = set()
        self.devices: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        self._sought: set[str] = set()

    def window(
        self, *, patient: str, vendor: str, start: datetime, end: datetime
    ) -> dict[str, dict[str, Any]]:
        """Give the patient's Observations from this vendor for start <= effective < end, by our id.

        The devices that they name come along and are remembered: no request of their own.
        """
        if not self._mode.reads:
            return {}
        system = record_system(vendor)
        found = self._with_devices(
            [
                ("patient", f"Patient/{patient}"),
                ("date", f"ge{_utc(start)}"),
                ("date", f"lt{_utc(end)}"),
                ("identifier", f"{system}|"),
            ]
        )
        self.devices |= self._by_key(one for one in found if one["resourceType"] == "Device")
        return self._by_key(one for one in found if _is_ours(one, system))

    def by_ids(self, resource_type: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Give those of the resources that exist, by our id.

        What was seen is read where it lives: another write mode may have put it there.
        """
        if not self._mode.reads or (self._mode.is_conditional and not carries_key(resource_type)):
            return {}
        wanted = list(ids)
        seen = [self._ids.get(f"{resource_type}/{key}") for key in wanted]
        found = self._searched(resource_type, "_id", [one for one in seen if one], wanted)
        # Without its system a key is found too, and a hundred fit into an address.
        parameters = ("identifier", "_id") if self._mode.is_conditional else ("_id", "identifier")
        # All readings refer to a device: a second one under another id would part them.
        for parameter in parameters if resource_type in SHARED else parameters[:1]:
            missing = [key for key in wanted if key not in found]
            found |= self._searched(resource_type, parameter, missing, wanted)
        return found

    def named(self, resources: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Give those of the resources that exist, by the name that others refer to them by."""
        found: dict[str, dict[str, Any]] = {}
        for kind in sorted({one["resourceType"] for one in resources}):
            ids = [one["id"] for one in resources if one["resourceType"] == kind]
            found |= {f"{kind}/{key}": one for key, one in self.by_ids(kind, ids).items()}
        return found

    def of_link(self, resource_type: str, *, patient: str, link: str) -> list[dict[str, Any]]:
        """Give the patient's resources of a type that carry the tag of that link.

        Raises EhrRejected where nothing may be read.
        """
        if not self._mode.reads:
            message = "this EHR connection may not read: what is there cannot be found"
            raise EhrRejected(message)
        found = self._client.search(resource_type, [("patient", f"Patient/{patient}")])
        return [one for one in found if is_of_link(one, link)]

    def lives_at(self, name: str, location: object) -> None:
        """Note where a resource that was just written lives."""
        address = address_in(location)
        if address is not None:
            self._ids[name] = address.rpartition("/")[2]
            self.addresses |= {name: address} if address != name else {}

    def seek(self, names: Iterable[str]) -> None:
        """Find out where these live, once each, unless it is known."""
        unknown = {one for one in names if one not in self.addresses} - self._sought
        self._sought |= unknown
        for kind in OURS:
            ids = [one.rpartition("/")[2] for one in sorted(unknown) if one.startswith(f"{kind}/")]
            self.by_ids(kind, ids)

    def forget(self, names: Iterable[str]) -> None:
        """Forget what is no longer there."""
        for name in names:
            self.addresses.pop(name, None)
            self.devices.pop(name.rpartition("/")[2], None)

    def _searched(
        self, resource_type: str, parameter: str, values: Sequence[str], wanted: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for chunk in _chunks(values, IDS_PER_SEARCH):
            found |= self._by_key(
                self._client.search(resource_type, [(parameter, ",".join(chunk))])
            )
        ours = set(wanted)
        return {key: one for key, one in found.items() if key in ours}

    def _with_devices(self, sought: list[tuple[str, str]]) -> list[dict[str, Any]]:
        if self._includes:
            try:
                return self._client.search("Observation", [*sought, WITH_DEVICES])
            except EhrRejected as error:
                if error.status != BAD_REQUEST:
                    raise
                self._includes = False
        return self._client.search("Observation", sought)

    def _by_key(self, resources: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for one in resources:
            key = key_of(one)
            name = f"{one['resourceType']}/{key}"
            if key in found and found[key]["id"] != one["id"]:
                self.duplicates.add(name)
            if one["id"] != key:
                self.addresses[name] = name_of(one)
            self._ids[name] = one["id"]
            found[key] = dict(one)
        return found


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[n : n + size] for n in range(0, len(items), size))


def _is_ours(resource: Mapping[str, Any], system: str) -> bool:
    return resource["resourceType"] == "Observation" and any(
        one.get("system") == system for one in resource.get("identifier", [])
    )


def is_of_link(resource: Mapping[str, Any], link: str) -> bool:
    """Tell whether a resource was written for that link."""
    tags = resource.get("meta", {}).get("tag", [])
    return any((one.get("system"), one.get("code")) == (LINK_SYSTEM, link) for one in tags)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
