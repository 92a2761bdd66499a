"""What a server keeps of `meta` when a client writes: labels add up, the source gains a request.

Belongs here: tags, security labels and `meta.source` as HAPI treats them. Not here: versions
(`store.py`). A profile is replaced like any other element.
"""

from __future__ import annotations

from typing import Any

from sandbox.ehr.outcomes import refuse
from sandbox.ehr.wire import Json

_KINDS = ("security", "tag")


def with_labels_of(before: Json | None, resource: Json) -> Json:
    """Give the resource with the labels that it had: only `$meta-delete` takes one away."""
    meta = resource.get("meta", {})
    old = {} if before is None else before.get("meta", {})
    added = {
        kind: [*old[kind], *(one for one in meta.get(kind, []) if not _is_among(one, old[kind]))]
        for kind in _KINDS
        if old.get(kind)
    }
    return {**resource, "meta": {**meta, **added}} if added else resource


def without_labels(resource: Json, gone: Json) -> Json:
    """Give the resource without the labels and profiles that `gone`, a Meta, names."""
    meta = dict(resource["meta"])
    for kind in _KINDS:
        kept = [one for one in meta.pop(kind, []) if not _is_among(one, gone.get(kind, []))]
        meta |= {kind: kept} if kept else {}
    profiles = [one for one in meta.pop("profile", []) if one not in gone.get("profile", [])]
    meta |= {"profile": profiles} if profiles else {}
    return {**resource, "meta": meta}


def with_request(resource: Json, request_id: str) -> Json:
    """Give the resource with the request's id behind the `#` of its source."""
    if not request_id:
        return resource
    meta = resource.get("meta", {})
    source = meta.get("source", "").partition("#")[0]
    return {**resource, "meta": {**meta, "source": f"{source}#{request_id}"}}


def meta_of(parameters: Any) -> Json:
    """Give the Meta that a Parameters resource carries; raises Refused (400)."""
    named = parameters.get("parameter") if isinstance(parameters, dict) else None
    for one in named if isinstance(named, list) else []:
        if isinstance(one, dict) and isinstance(one.get("valueMeta"), dict):
            return dict(one["valueMeta"])
    raise refuse(400, "required", "Parameters with a valueMeta are needed")


def meta_parameters(resource: Json | None) -> Json:
    """Give the Meta of a resource as the operations answer it."""
    meta = {"name": "return", "valueMeta": (resource or {}).get("meta", {})}
    return {"resourceType": "Parameters", "parameter": [meta]}


def _is_among(label: Json, labels: list[Json]) -> bool:
    mark = (label.get("system"), label.get("code"))
    return any(mark == (one.get("system"), one.get("code")) for one in labels)
