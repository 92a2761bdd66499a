"""What measure groups must become in an EHR, read from the references and not from the product.

Belongs here: the vendor's types and attributions, the codes and units of FHIR, and how an
Observation is read back. Imports nothing of the product: it judges it.
"""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import requests

# type: code, UCUM unit, power of ten from the vendor's unit to it, category, profile.
VITAL, EXAM = "vital-signs", "exam"
TYPES = {
    1: ("29463-7", "kg", 0, VITAL, "bodyweight"),
    4: ("8302-2", "cm", 2, VITAL, "bodyheight"),
    5: ("91557-9", "kg", 0, EXAM, None),
    6: ("41982-0", "%", 0, EXAM, None),
    8: ("73708-0", "kg", 0, EXAM, None),
    9: ("8462-4", "mm[Hg]", 0, VITAL, None),
    10: ("8480-6", "mm[Hg]", 0, VITAL, None),
    11: ("8867-4", "/min", 0, VITAL, "heartrate"),
    76: ("73964-9", "kg", 0, EXAM, None),
    77: ("101683-1", "kg", 0, EXAM, None),
    88: ("101685-6", "kg", 0, EXAM, None),
    91: ("77196-4", "m/s", 0, EXAM, None),
    155: ("vascular-age", "a", 0, EXAM, None),
}
LOINC = "http://loinc.org"
# Where LOINC has no code for it.
LOCAL = {"vascular-age": "https://open-health-exchange.org/fhir/CodeSystem/home-readings"}
DIASTOLIC, SYSTOLIC, PULSE = 9, 10, 11
PANEL = "85354-9"
BY_DEVICE, BY_HAND = {0, 5, 7, 8, 15}, {2, 4}
PROFILES = "http://hl7.org/fhir/StructureDefinition/"


class Seen(NamedTuple):
    """One Observation as a clinician would check it; `values` are (code, value, unit)."""

    group: str
    code: str
    values: tuple[Any, ...]
    at: str
    category: str
    profile: str | None
    asserted: str
    device: str | None


def observations(groups, zone):
    """Give the Observations that the groups must become, each as often as it must be there."""
    return Counter(one for group in groups for one in _of_group(group, zone))


def is_confirmed(group):
    return group["attrib"] in BY_DEVICE | BY_HAND


def unmapped(group):
    """Count the group's measures of types that have no code here."""
    kinds = [one["type"] for one in group["measures"] if one["type"] not in TYPES]
    return Counter(f"unmapped_type_{kind}" for kind in kinds)


def local_day(group, zone):
    return datetime.fromtimestamp(group["date"], zone).date()


def _of_group(group, zone):
    if not is_confirmed(group):
        return
    measures = [one for one in group["measures"] if one["type"] in TYPES]
    kinds = {one["type"] for one in measures}
    in_panel = {SYSTOLIC, DIASTOLIC, PULSE} if {SYSTOLIC, DIASTOLIC} <= kinds else set()
    if in_panel:
        values = tuple(sorted(_value(one) for one in measures if one["type"] in in_panel))
        yield _seen(group, zone, PANEL, values, VITAL, "bp")
    for one in measures:
        if one["type"] not in in_panel:
            code, _, _, category, profile = TYPES[one["type"]]
            yield _seen(group, zone, code, (_value(one),), category, profile)


def _value(measure):
    code, unit, power, _, _ = TYPES[measure["type"]]
    return (code, Decimal(measure["value"]) * Decimal(10) ** (measure["unit"] + power), unit)


def _seen(group, zone, code, values, category, profile):
    by_device = group["attrib"] in BY_DEVICE
    return Seen(
        group=str(group["grpid"]),
        code=code,
        values=values,
        at=datetime.fromtimestamp(group["date"], zone).isoformat(),
        category=category,
        profile=profile and PROFILES + profile,
        asserted="DEVAST" if by_device else "PATAST",
        device=group["hash_deviceid"] if by_device else None,
    )


class Chart:
    """One patient's Observations in an EHR, read over plain HTTP."""

    def __init__(self, url, patient):
        self._url, self._patient = url, patient
        self._devices = {}

    def observations(self):
        return Counter(self._seen(one) for one in self.resources())

    def resources(self):
        page = self._get(f"{self._url}/Observation?patient=Patient/{self._patient}&_count=200")
        found = []
        while page:
            found += [entry["resource"] for entry in page.get("entry", [])]
            following = [one["url"] for one in page["link"] if one["relation"] == "next"]
            page = self._get(following[0]) if following else None
        return found

    def _seen(self, resource):
        assert resource["status"] == "final"
        assert resource["subject"] == {"reference": f"Patient/{self._patient}"}
        [identifier], [label] = resource["identifier"], resource["meta"]["security"]
        [category] = resource["category"]
        return Seen(
            group=identifier["value"].split(".")[0],
            code=_code(resource),
            values=tuple(sorted(map(_quantity, resource.get("component", [resource])))),
            at=resource["effectiveDateTime"],
            category=category["coding"][0]["code"],
            profile=next(iter(resource["meta"].get("profile", [])), None),
            asserted=label["code"],
            device=self._device(resource),
        )

    def _device(self, resource):
        """Give the vendor's id of the device; without one the patient must be the performer."""
        if "device" not in resource:
            assert resource["performer"] == [resource["subject"]]
            return None
        reference = resource["device"]["reference"]
        if reference not in self._devices:
            self._devices[reference] = self._get(f"{self._url}/{reference}")
        [identifier] = self._devices[reference]["identifier"]
        return identifier["value"]

    @staticmethod
    def _get(url):
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        return json.loads(answer.content, parse_float=Decimal, parse_int=Decimal)


def _code(element):
    [coding] = element["code"]["coding"]
    assert coding["system"] == LOCAL.get(coding["code"], LOINC)
    return coding["code"]


def _quantity(element):
    if "valueQuantity" not in element:
        return (_code(element), None, element["dataAbsentReason"]["coding"][0]["code"])
    quantity = element["valueQuantity"]
    assert quantity["system"] == "http://unitsofmeasure.org"
    return (_code(element), quantity["value"], quantity["code"])
