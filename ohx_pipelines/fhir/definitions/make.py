"""Make the reduced definitions from the two npm packages that HL7 publishes; see NOTICE.md.

Belongs here: what is kept of the official files. Not here: anything that runs while readings are
published; this script runs by hand when the FHIR release changes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ohx_pipelines.fhir.definitions.make_codes import Terminology

RESOURCES = (
    "Bundle",
    "CodeSystem",
    "Consent",
    "Device",
    "DeviceAssociation",
    "DeviceDefinition",
    "Observation",
    "Patient",
    "Provenance",
)
PROFILES = (
    "vitalsigns",
    "bodyheight",
    "bodytemp",
    "bodyweight",
    "bmi",
    "bp",
    "heartrate",
    "oxygensat",
    "resprate",
    "SimpleQuantity",
)
_SCHEMA = "package/openapi/fhir.schema.json"
_STRUCTURE = "package/StructureDefinition-{}.json"


def main() -> None:
    """Write the three files beside this script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("core", type=Path, help="hl7.fhir.r5.core-5.0.0.tgz")
    parser.add_argument("terminology", type=Path, help="hl7.terminology.r5-7.0.1.tgz")
    chosen = parser.parse_args()
    core, terminology = _unpack(chosen.core), _unpack(chosen.terminology)
    structures = _structures(core)
    codes = Terminology([*core.values(), *terminology.values()])
    _write("schema", _reachable(json.loads(core[_SCHEMA].replace("{1,9}})?", "{1,9})?"))))
    _write("structures", [_slim(structure) for structure in structures])
    _write("codes", codes.of(_bindings(structures)))


def _unpack(archive: Path) -> dict[str, str]:
    with tarfile.open(archive) as packed:
        return {
            member.name: packed.extractfile(member).read().decode()  # type: ignore[union-attr]
            for member in packed
            if member.isfile() and member.name.endswith(".json")
        }


def _write(name: str, content: Any) -> None:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    # No time stamp in the archive: the same input gives the same bytes.
    packed = gzip.compress(text.encode(), mtime=0)
    Path(__file__).with_name(f"{name}.json.gz").write_bytes(packed)


def _reachable(schema: Any) -> Any:
    """Keep the definitions that our resource types need, each other resource as any object."""
    published = schema["definitions"]
    kept: dict[str, Any] = {"ResourceList": {"type": "object", "required": ["resourceType"]}}
    waiting = list(RESOURCES)
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = published[name]
            waiting.extend(_references(published[name]))
    return {"$schema": schema["$schema"], "definitions": kept}


def _references(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value.rpartition("/")[2]
            elif name != "description":
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _structures(core: dict[str, str]) -> list[Any]:
    """Give resource types and profiles, and the data types they use.

    The data types that only an extension could carry are left out: we write no such extension.
    """
    found: dict[str, Any] = {}
    waiting = [*RESOURCES, *PROFILES]
    while waiting:
        name = waiting.pop(0)
        text = core.get(_STRUCTURE.format(name))
        if name in found or text is None:
            continue
        found[name] = structure = json.loads(text)
        if structure["kind"] != "primitive-type" and name != "Extension":
            waiting.extend(
                kind["code"]
                for element in structure["snapshot"]["element"]
                for kind in element.get("type", [])
            )
    return [one for one in found.values() if one["kind"] != "primitive-type"]


def _bindings(structures: list[Any]) -> dict[str, bool]:
    """Give the value sets that elements are bound to, and whether one of them must be obeyed."""
    bound: dict[str, bool] = {}
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            binding = element.get("binding", {})
            if url := binding.get("valueSet"):
                url = url.partition("|")[0]
                bound[url] = bound.get(url, False) or binding["strength"] == "required"
    return bound


def _slim(structure: Any) -> Any:
    return {
        "url": structure["url"],
        "type": structure["type"],
        "kind": structure["kind"],
        "base": structure.get("baseDefinition"),
        "elements": [_slim_element(element) for element in structure["snapshot"]["element"]],
    }


def _slim_element(element: Any) -> Any:
    binding = element.get("binding", {})
    wanted: dict[str, Any] = {
        "id": element["id"],
        "min": element["min"],
        "max": element["max"],
        "types": [[kind["code"], *kind.get("profile", [])[:1]] for kind in element.get("type", [])],
        "content": element.get("contentReference"),
        "slice": element.get("sliceName"),
        "slicing": element.get("slicing"),
        "codes": binding.get("valueSet") if binding.get("strength") == "required" else None,
        "rules": {
            rule["key"]: rule["expression"]
            for rule in element.get("constraint", [])
            if rule["severity"] == "error" and rule["key"] != "ele-1"
        },
    }
    for name, value in element.items():
        if name.startswith(("fixed", "pattern")):
            wanted["fixed" if name.startswith("fixed") else "pattern"] = value
    return {name: value for name, value in wanted.items() if value not in (None, {}, [])}


if __name__ == "__main__":
    main()
