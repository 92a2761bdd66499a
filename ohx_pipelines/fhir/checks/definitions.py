"""The vendored FHIR definitions as Python reads them, loaded once and only when asked for.

Belongs here: access to structures, codes and schema. Not here: how they are made
(`ohx_pipelines/fhir/definitions/make.py`), or what is checked with them.
"""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

CANONICAL = "http://hl7.org/fhir/StructureDefinition/"
VERSION = "5.0.0"


@cache
def schema() -> Any:
    """Give the JSON Schema, reduced to the resource types that we send."""
    return _load("schema")


@cache
def structures() -> dict[str, Any]:
    """Give the structures (base types, data types, profiles) by canonical address."""
    return {structure["url"]: structure for structure in _load("structures")}


@cache
def value_set(address: str) -> dict[str, frozenset[str]] | None:
    """Give the codes of a required value set by system, None when it has no closed list."""
    listed = _codes()["value_sets"].get(address.partition("|")[0])
    return {system: frozenset(codes) for system, codes in listed.items()} if listed else None


@cache
def code_systems() -> dict[str, frozenset[str]]:
    """Give all codes of the systems that HL7 publishes complete."""
    return {system: frozenset(codes) for system, codes in _codes()["systems"].items()}


def is_resource_type(name: object) -> bool:
    """Tell whether the definitions of that resource type are here."""
    known = structures().get(f"{CANONICAL}{name}")
    return known is not None and known["kind"] == "resource" and known["type"] == name


@cache
def unit_atoms() -> frozenset[str]:
    """Give the atoms, with their prefixes, of the units that HL7 lists as common."""
    return frozenset(_codes()["unit_atoms"])


@cache
def _codes() -> Any:
    return _load("codes")


def _load(name: str) -> Any:
    packed = resources.files("ohx_pipelines.fhir.definitions").joinpath(f"{name}.json.gz")
    return json.loads(gzip.decompress(packed.read_bytes()), parse_float=Decimal)
