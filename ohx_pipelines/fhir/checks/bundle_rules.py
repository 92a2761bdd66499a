"""The invariants of Bundle that a transaction or batch of ours can meet.

Belongs here: rules over the entries of a Bundle. Not here: documents, messages, histories and
search results, which we never send.
"""

from __future__ import annotations

from typing import Any

_WRITES = ("POST", "PUT", "PATCH")


def _entries(bundle: Any) -> list[Any]:
    found = bundle.get("entry")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _bdl_1(bundle: Any, _: Any) -> bool:
    return "total" not in bundle or bundle.get("type") in ("searchset", "history")


def _bdl_2(bundle: Any, _: Any) -> bool:
    return bundle.get("type") == "searchset" or not any("search" in e for e in _entries(bundle))


def _bdl_3c(bundle: Any, _: Any) -> bool:
    if bundle.get("type") not in ("transaction", "batch"):
        return True
    return all(_is_request(entry) for entry in _entries(bundle))


def _is_request(entry: Any) -> bool:
    request = entry.get("request")
    method = request.get("method") if isinstance(request, dict) else None
    return method is not None and (method in _WRITES) == ("resource" in entry)


def _bdl_5(entry: Any, _: Any) -> bool:
    return any(name in entry for name in ("resource", "request", "response"))


def _bdl_7(bundle: Any, _: Any) -> bool:
    named = [str(e["fullUrl"]) for e in _entries(bundle) if "fullUrl" in e]
    return bundle.get("type") == "history" or len(named) == len(set(named))


def _bdl_8(entry: Any, _: Any) -> bool:
    return "/_history/" not in str(entry.get("fullUrl", ""))


BUNDLE_RULES = {
    "bdl-1": _bdl_1,
    "bdl-2": _bdl_2,
    "bdl-3c": _bdl_3c,
    "bdl-5": _bdl_5,
    "bdl-7": _bdl_7,
    "bdl-8": _bdl_8,
}
