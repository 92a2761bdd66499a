"""Which codes a value set holds, as far as HL7's packages say it; used by `make.py`.

Belongs here: expanding value sets into plain lists of codes. Not here: structures and schema
(`make.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

_COMMON_UNITS = "http://hl7.org/fhir/ValueSet/ucum-common"
_NOTES = re.compile(r"\{[^{}]*\}|[()]")
_OPERATOR = re.compile(r"[./](?![^\[]*\])")
_EXPONENT = re.compile(r"[+-]?[0-9]+\Z")


class Terminology:
    """The code systems and value sets of some packages."""

    def __init__(self, files: Iterable[str]) -> None:
        self._systems: dict[str, Any] = {}
        self._sets: dict[str, Any] = {}
        for text in files:
            content = json.loads(text)
            homes = {"CodeSystem": self._systems, "ValueSet": self._sets}
            home = homes.get(content.get("resourceType", ""))
            if home is not None:
                home.setdefault(content["url"], content)

    def of(self, bound: dict[str, bool]) -> Any:
        """Give the required value sets, and each code system that any of the sets draws on."""
        required = {url: self._expand(url) for url, obeyed in bound.items() if obeyed}
        drawn = {system for url in bound for system in self._drawn(url)}
        return {
            "value_sets": {url: codes for url, codes in sorted(required.items()) if codes},
            "unlisted": sorted(url for url, codes in required.items() if not codes),
            "unit_atoms": sorted(self._unit_atoms()),
            "systems": {url: codes for url in sorted(drawn) if (codes := self._complete(url))},
        }

    def _unit_atoms(self) -> set[str]:
        codes = (one["code"] for part in self._includes(_COMMON_UNITS) for one in part["concept"])
        return {atom for code in codes for atom in _atoms(code)}

    def _expand(self, url: str) -> dict[str, list[str]] | None:
        codes: dict[str, list[str]] = {}
        for part in self._includes(url):
            for nested in part.get("valueSet", []):
                for system, more in (self._expand(nested) or {}).items():
                    codes.setdefault(system, []).extend(more)
            if "system" not in part:
                continue
            listed = [one["code"] for one in part.get("concept", [])]
            listed = listed or self._complete(part["system"])
            if not listed or "filter" in part:
                return None
            codes.setdefault(part["system"], []).extend(listed)
        return codes or None

    def _drawn(self, url: str) -> Iterable[str]:
        for part in self._includes(url):
            if "system" in part:
                yield part["system"]
            for nested in part.get("valueSet", []):
                yield from self._drawn(nested)

    def _includes(self, url: str) -> list[Any]:
        content = self._sets.get(url.partition("|")[0], {})
        includes: list[Any] = content.get("compose", {}).get("include", [])
        return includes

    def _complete(self, system: str) -> list[str]:
        content = self._systems.get(system, {})
        if content.get("content") != "complete":
            return []
        return list(_flat(content.get("concept", [])))


def _flat(concepts: list[Any]) -> Iterable[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _flat(concept.get("concept", []))


def _atoms(unit: str) -> Iterable[str]:
    for part in _OPERATOR.split(_NOTES.sub("", unit)):
        atom = _EXPONENT.sub("", part)
        if atom:
            yield atom
