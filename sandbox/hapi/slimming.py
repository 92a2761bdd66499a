"""The R5 definitions that HAPI brings, without what no validation reads: 172 MB of JSON become 41.

Belongs here: what is left out, and the check that nothing else is. Not here: when it is done
(`build.py`). HAPI reads its packages from the class path, so a jar in front of its own wins.

Left out are narratives (`text`), every resource of a type that is not in KEPT_TYPES, and whatever
lies in other folders of a package. The registry of OIDs is empty: the validator reads 1.5 MB of it
anew for every resource, and only to give names to `urn:oid:` systems, of which we have none.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import simplejson

KEPT_TYPES = frozenset(
    {"StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter", "CompartmentDefinition"}
)
FOLDER = "package/"
MANIFEST = "package.json"
EMPTIED = "oidregistry.csv"
# Fast to write, and fast to read at each start.
COMPRESSION = 1


class SlimmingWrong(Exception):
    """The slimmed packages lack more than they should; the message says where."""


def slim(source: Path, target: Path) -> None:
    """Write a jar with slimmed copies of the packages in the jar `source`."""
    with zipfile.ZipFile(source) as full, zipfile.ZipFile(target, "w") as jar:
        for name in _packages(full):
            jar.writestr(name, _slim_package(full.read(name)))
        jar.writestr(EMPTIED, b"")


def check(source: Path, target: Path) -> None:
    """Compare every file of both; raises SlimmingWrong when more is gone than is meant to be."""
    with zipfile.ZipFile(source) as full, zipfile.ZipFile(target) as jar:
        if set(jar.namelist()) != {*_packages(full), EMPTIED}:
            raise SlimmingWrong("the slimmed jar holds other files than packages")
        for name in _packages(full):
            _check_package(name, dict(_files(full.read(name))), dict(_files(jar.read(name))))


def _check_package(package: str, full: dict[str, bytes], slimmed: dict[str, bytes]) -> None:
    if not slimmed.keys() <= full.keys():
        raise SlimmingWrong(f"{package}: a file that was not there before")
    for name, content in full.items():
        if not _is_meant_to_go(name, content):
            wanted, there = _without_narrative(content), slimmed.get(name)
            if there is None or json.loads(there) != wanted:
                raise SlimmingWrong(f"{package}: {name} is gone or changed")


def _is_meant_to_go(name: str, content: bytes) -> bool:
    if name == FOLDER + MANIFEST:
        return False
    in_folder = name.startswith(FOLDER) and "/" not in name.removeprefix(FOLDER)
    if not (in_folder and name.endswith(".json")):
        return True
    return json.loads(content).get("resourceType") not in KEPT_TYPES


def _without_narrative(content: bytes) -> Any:
    resource = json.loads(content)
    resource.pop("text", None)
    return resource


def _packages(jar: zipfile.ZipFile) -> list[str]:
    return [name for name in jar.namelist() if name.endswith(".tgz")]


def _slim_package(content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz", compresslevel=COMPRESSION) as package:
        for name, text in _files(content):
            kept = text if name == FOLDER + MANIFEST else _slim_resource(name, text)
            if kept is not None:
                member = tarfile.TarInfo(name)
                member.size = len(kept)
                package.addfile(member, io.BytesIO(kept))
    return written.getvalue()


def _slim_resource(name: str, text: bytes) -> bytes | None:
    """Give a resource without its narrative, None when its type is not kept."""
    if not name.endswith(".json") or name.count("/") != 1 or not name.startswith(FOLDER):
        return None
    # Decimals as they stand: a float could change a digit.
    resource = simplejson.loads(text, use_decimal=True)
    if resource.get("resourceType") not in KEPT_TYPES:
        return None
    resource.pop("text", None)
    return simplejson.dumps(
        resource, use_decimal=True, ensure_ascii=False, separators=(",", ":")
    ).encode()


def _files(package: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                yield member.name, content.read()
