"""Ordered faults as they show on the vendor's wire.

Belongs here: what each kind of fault does to a call. Not here: the orders (`sandbox/faults.py`),
what lists wrongly (`odd_listings.py`), and the end of a consent (`tokens.py`), which happens at once.

Besides the kinds of `sandbox/bad_connection.py`:

- `http`: HTTP itself answers `status` (503) with a page that says `text`, and `seconds` as Retry-After.
- `status`: HTTP 200, and an envelope with `status` (500) and `text` as its reason.
- `unauthorized`: a data call is refused with 401, although its token is good.
- `not_an_envelope`: HTTP 200 with a JSON object of which nothing is known; nothing is done.
- `list_body`: HTTP 200 with a JSON list instead of an object; nothing is done.
- `expired_code`: an exchange finds its code expired, and used up.
- `refuse_refresh`: a refresh is refused as one with a dead token is; the token stays good.
- `reduced_scope`: from this token call on, the person's consent covers no more than the types that
  `text` names (`weight activity`), unasked none.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, jsonify, request

from sandbox import bad_connection
from sandbox.faults import Fault
from sandbox.omron import odd_listings
from sandbox.omron.errors import bad_token, not_ok, oauth_refused
from sandbox.omron.scopes import OFFLINE, OPENID, TYPES
from sandbox.omron.tokens import Tokens

EXCHANGE, REFRESH, REVOKE, UNKNOWN = "exchange", "refresh", "revoke", "unknown"
MEASUREMENT = "measurement"
LISTINGS = frozenset(f"{MEASUREMENT}:{one}" for one in (*TYPES, "all", UNKNOWN))
CALLS = LISTINGS | {EXCHANGE, REFRESH, REVOKE, UNKNOWN}
FAILED = 500
# The calls that a kind can happen to; the others happen to every call.
ONLY = {
    "status": LISTINGS,
    "unauthorized": LISTINGS,
    "expired_code": frozenset({EXCHANGE}),
    "refuse_refresh": frozenset({REFRESH}),
    "reduced_scope": frozenset({EXCHANGE, REFRESH}),
    **dict.fromkeys(odd_listings.KINDS, LISTINGS),
}
KINDS = frozenset(
    {"http", "not_an_envelope", "list_body"}
    | {*bad_connection.BEFORE, *bad_connection.AFTER, *ONLY}
)


def suffer(faults: Iterable[Fault], tokens: Tokens) -> Response | None:
    """Let faults happen to the current call; gives what to answer instead, or None to go on.

    Raises Refused for a fault that the vendor has words for.
    """
    for fault in faults:
        instead = _instead(fault)
        if instead is not None:
            return instead
        _refuse(fault)
        if fault.kind == "expired_code":
            tokens.expire_code(request.form.get("code", ""))
        elif fault.kind == "reduced_scope":
            _reduce(fault, tokens)
    return None


def spoil(faults: Iterable[Fault], answer: Response) -> Response:
    """Let faults happen to the answer of the current call, which has been carried out."""
    for fault in faults:
        answer = bad_connection.spoil(fault.kind, fault.seconds, answer)
    return answer


def _instead(fault: Fault) -> Response | None:
    if fault.kind == "http":
        return _edge(fault)
    if fault.kind == "not_an_envelope":
        return jsonify({"message": "fine"})
    if fault.kind == "list_body":
        return jsonify([])
    return bad_connection.interrupt(fault.kind, fault.seconds, media_type="application/json")


def _refuse(fault: Fault) -> None:
    if fault.kind == "status":
        reason = fault.text or "Ordered by the sandbox's control endpoint"
        raise not_ok(FAILED if fault.status is None else fault.status, reason)
    if fault.kind == "unauthorized":
        raise bad_token()
    if fault.kind == "refuse_refresh":
        raise oauth_refused("invalid_grant")


def _reduce(fault: Fault, tokens: Tokens) -> None:
    left = frozenset({OPENID, OFFLINE, *(fault.text or "").split()})
    for field in ("code", "refresh_token"):
        person = tokens.whose(request.form.get(field, ""))
        if person is not None:
            tokens.narrow(person, left)


def _edge(fault: Fault) -> Response:
    page = f"<html><body>{fault.text or 'Error'}</body></html>"
    answer = Response(page, fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer
