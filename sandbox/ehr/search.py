"""Which resources a search finds: parameters, their types, and matching.

Belongs here: tokens, references, dates and URIs of the types that this server keeps. Not here:
pages and Bundles of results (`results.py`). An unknown parameter is refused, as a strict server does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sandbox.ehr.dates import PREFIXES, Span, period_span, read_span
from sandbox.ehr.outcomes import refuse
from sandbox.ehr.store import Version
from sandbox.ehr.wire import Json

Query = Sequence[tuple[str, str]]
Test = Callable[[Version], bool]

# name -> (type, elements); every resource type has the common ones.
_COMMON = {
    "_id": ("token", ("id",)),
    "_lastUpdated": ("date", ("meta.lastUpdated",)),
    "_source": ("uri", ("meta.source",)),
    "_profile": ("uri", ("meta.profile",)),
    "_tag": ("token", ("meta.tag",)),
    "_security": ("token", ("meta.security",)),
    "identifier": ("token", ("identifier",)),
}
_PARAMETERS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "AuditEvent": {
        "date": ("date", ("recorded",)),
        "patient": ("Patient", ("patient",)),
    },
    "Consent": {
        "date": ("date", ("date",)),
        "patient": ("Patient", ("subject",)),
        "status": ("token", ("status",)),
        "subject": ("reference", ("subject",)),
    },
    "Device": {
        "definition": ("reference", ("definition.reference",)),
        "manufacturer": ("string", ("manufacturer",)),
        "serial-number": ("string", ("serialNumber",)),
        "status": ("token", ("status",)),
        "type": ("token", ("type",)),
    },
    "DeviceAssociation": {
        "device": ("reference", ("device",)),
        "patient": ("Patient", ("subject",)),
        "status": ("token", ("status",)),
        "subject": ("reference", ("subject",)),
    },
    "DeviceDefinition": {
        "type": ("token", ("classification.type",)),
    },
    "Observation": {
        "category": ("token", ("category",)),
        "code": ("token", ("code",)),
        "combo-code": ("token", ("code", "component.code")),
        "date": ("date", ("effectiveDateTime", "effectivePeriod", "effectiveInstant")),
        "device": ("reference", ("device",)),
        "patient": ("Patient", ("subject",)),
        "status": ("token", ("status",)),
        "subject": ("reference", ("subject",)),
    },
    "Patient": {
        "active": ("token", ("active",)),
        "birthdate": ("date", ("birthDate",)),
        "family": ("string", ("name.family",)),
        "gender": ("token", ("gender",)),
        "given": ("string", ("name.given",)),
        "name": ("string", ("name.family", "name.given", "name.text")),
    },
    "Provenance": {
        "activity": ("token", ("activity",)),
        "agent": ("reference", ("agent.who",)),
        "entity": ("reference", ("entity.what",)),
        "patient": ("Patient", ("patient",)),
        "recorded": ("date", ("recorded",)),
        "target": ("reference", ("target",)),
    },
}
_UNESCAPED = {",": re.compile(r"(?<!\\),"), "|": re.compile(r"(?<!\\)\|")}
_DATE = re.compile(r"(?P<prefix>[a-z]{2})?(?P<date>\d.*)\Z")


@dataclass(frozen=True)
class Parameter:
    """One search parameter of one resource type."""

    name: str
    kind: str
    elements: tuple[str, ...]

    def found(self, version: Version) -> list[Any]:
        """Give the resource's values for this parameter, read once per version."""
        if self.name not in version.searched:
            read = _READERS[self.kind]
            values = (read(part) for path in self.elements for part in _walk(version, path))
            version.searched[self.name] = [one for several in values for one in several]
        return cast("list[Any]", version.searched[self.name])


def parameters_of(resource_type: str) -> dict[str, Parameter]:
    """Give the search parameters of a type by name."""
    known = _COMMON | _PARAMETERS[resource_type]
    return {name: Parameter(name, kind, paths) for name, (kind, paths) in known.items()}


def reference_parameters(resource_type: str) -> dict[str, Parameter]:
    """Give those by which a type refers to others, for `_include` and `_revinclude`."""
    known = parameters_of(resource_type)
    return {name: one for name, one in known.items() if one.kind in {"reference", "Patient"}}


def find(versions: Iterable[Version], resource_type: str, query: Query) -> list[Version]:
    """Give the versions that satisfy every parameter; raises Refused (400) for an unknown one."""
    tests = [_test(resource_type, name, value) for name, value in query]
    return [version for version in versions if all(test(version) for test in tests)]


def _test(resource_type: str, name: str, value: str) -> Test:
    plain, _, modifier = name.partition(":")
    parameter = parameters_of(resource_type).get(plain)
    if parameter is None:
        # The name is the sender's text, but it is what a developer needs to see.
        shown = name if re.fullmatch(r"[\w:.-]{1,64}", name) else "?"
        raise refuse(400, "not-supported", f"unknown search parameter {shown} of {resource_type}")
    if modifier and not (parameter.kind == "reference" and modifier.isalpha()):
        raise refuse(400, "not-supported", f"the modifier of {plain} is not supported")
    if not value:
        raise refuse(400, "invalid", f"the search parameter {plain} has no value")
    wanted = [_sought(parameter, modifier, one) for one in _UNESCAPED[","].split(value)]
    return lambda version: any(
        matches(found) for found in parameter.found(version) for matches in wanted
    )


def _sought(parameter: Parameter, modifier: str, text: str) -> Callable[[Any], bool]:
    if parameter.kind == "token":
        return _sought_token(text)
    if parameter.kind == "date":
        return _sought_date(parameter.name, text)
    if parameter.kind == "string":
        start = _unescape(text).casefold()
        return lambda found: found.startswith(start)
    if parameter.kind == "uri":
        return lambda found: found == text
    target = modifier or ("Patient" if parameter.kind == "Patient" else "")
    if "/" not in text and target:
        text = f"{target}/{text}"
    if "/" in text:
        reference = "/".join(text.split("/")[-2:])
        return lambda found: found == reference
    return lambda found: found.rpartition("/")[2] == text


def _sought_token(text: str) -> Callable[[Any], bool]:
    system, bar, code = _split_token(text)
    if not bar:
        return lambda found: found[1] == system
    if not code:
        return lambda found: found[0] == system
    return lambda found: found == (system, code)


def _split_token(text: str) -> tuple[str, str, str]:
    pieces = _UNESCAPED["|"].split(text, maxsplit=1)
    if len(pieces) == 1:
        return _unescape(pieces[0]), "", ""
    return _unescape(pieces[0]), "|", _unescape(pieces[1])


def _sought_date(name: str, text: str) -> Callable[[Any], bool]:
    found = _DATE.match(text)
    prefix = (found and found["prefix"]) or "eq"
    try:
        # A plus sign that was not escaped in the URL arrives as a space.
        sought = read_span(found["date"].replace(" ", "+") if found else "")
        compare = PREFIXES[prefix]
    except (ValueError, KeyError):
        raise refuse(400, "invalid", f"the search parameter {name} is no date") from None
    return lambda span: compare(sought, span)


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text)


def _walk(version: Version, path: str) -> list[Any]:
    values: list[Any] = [version.resource]
    for name in path.split("."):
        values = [one.get(name) for one in values if isinstance(one, dict)]
        values = [
            one for value in values for one in (value if isinstance(value, list) else [value])
        ]
    return [value for value in values if value is not None]


def _read_token(value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, bool):
        return [("", str(value).lower())]
    if isinstance(value, str):
        return [("", value)]
    if "coding" in value or "text" in value:
        return [(one.get("system", ""), one.get("code", "")) for one in value.get("coding", [])]
    return [(value.get("system", ""), value.get("code") or value.get("value", ""))]


def _read_reference(value: Json) -> Iterable[str]:
    return [value["reference"]] if "reference" in value else []


def _read_date(value: Any) -> Iterable[Span]:
    return [period_span(value) if isinstance(value, dict) else read_span(value)]


def sort_key(version: Version, name: str) -> Any:
    """Give what `_sort` compares; raises Refused (400) for what this server cannot sort by."""
    if name == "_id":
        return version.key[1]
    parameter = parameters_of(version.key[0]).get(name)
    if parameter is None or parameter.kind != "date":
        raise refuse(400, "not-supported", "this server sorts by _id and by dates only")
    spans: list[Span] = parameter.found(version)
    return min((span.start for span in spans), default=read_span("9999-01-01").start)


_READERS: dict[str, Callable[[Any], Iterable[Any]]] = {
    "token": _read_token,
    "date": _read_date,
    "Patient": _read_reference,
    "reference": _read_reference,
    "string": lambda value: [value.casefold()],
    # `meta.source` has the id of a request behind it, which a search need not know.
    "uri": lambda value: [value, value.partition("#")[0]],
}
