"""Ordered faults as they show on the vendor's wire.

Belongs here: what each kind of fault does to a call. Not here: the orders (`sandbox/faults.py`),
what lists wrongly (`odd_listings.py`), and revoking (`tokens.py`), which happens at once.

Besides the kinds of `sandbox/bad_connection.py`:

- `status`: the envelope carries `status` (601), `text` as its error, `seconds` as `wait_seconds`.
- `http`: HTTP itself answers `status` (503) with a page that says `text`, and `seconds` as Retry-After.
- `not_an_envelope`: HTTP 200 with a JSON list instead of an envelope; nothing is done.
- `list_body`: an envelope of status 0 whose body is a list; nothing is done.
- `unauthorized`: a data call is refused with 401, although its token is good.
- `expired_code`: an exchange finds its code expired, and used up.
- `refuse_refresh`: a refresh is refused as one with a bad token is; the token stays good.
- `reduced_scope`: from this token call on, the person's grants cover `user.info` alone.
- `revoke`: kills every token of the login, or of everybody, when it is ordered.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, jsonify, request

from sandbox import bad_connection
from sandbox.faults import Fault
from sandbox.withings import odd_listings
from sandbox.withings.envelope import (
    SUCCESS,
    TOO_MANY_REQUESTS,
    Refused,
    invalid_params,
    invalid_token,
)
from sandbox.withings.tokens import Tokens

EXCHANGE, REFRESH, TOKEN_CALL = "exchange", "refresh", "requesttoken"
REDUCED_SCOPE = "user.info"
DATA_CALLS = odd_listings.LISTINGS | {"getdevice", "getintradayactivity", "heart_get"}
# The calls that a kind can happen to; the others happen to every call.
ONLY = {
    "unauthorized": DATA_CALLS,
    "expired_code": frozenset({EXCHANGE}),
    "refuse_refresh": frozenset({REFRESH}),
    "reduced_scope": frozenset({EXCHANGE, REFRESH}),
    **dict.fromkeys(odd_listings.KINDS, odd_listings.LISTINGS),
}
KINDS = frozenset(
    {"status", "http", "revoke", "not_an_envelope", "list_body"}
    | {*bad_connection.BEFORE, *bad_connection.AFTER, *ONLY}
)


def suffer(faults: Iterable[Fault], tokens: Tokens) -> Response | None:
    """Let faults happen to the current call; gives what to answer instead, or None to go on.

    Raises Refused for a fault that is a status of the envelope.
    """
    for fault in faults:
        instead = _instead(fault)
        if instead is not None:
            return instead
        _refuse(fault)
        if fault.kind == "expired_code":
            tokens.expire_code(request.form.get("code", ""))
        elif fault.kind == "reduced_scope":
            for name in ("code", "refresh_token"):
                tokens.narrow(tokens.whose(request.form.get(name, "")), REDUCED_SCOPE)
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
        return jsonify([])
    if fault.kind == "list_body":
        return jsonify({"status": SUCCESS, "body": []})
    return bad_connection.interrupt(fault.kind, fault.seconds, media_type="application/json")


def _refuse(fault: Fault) -> None:
    if fault.kind == "status":
        status = fault.status if fault.status is not None else TOO_MANY_REQUESTS
        body = {} if fault.seconds is None else {"wait_seconds": round(fault.seconds)}
        error = fault.text or "Ordered by the sandbox's control endpoint"
        raise Refused(status, error, body)
    if fault.kind == "unauthorized":
        raise invalid_token()
    if fault.kind == "refuse_refresh":
        raise invalid_params("invalid refresh_token")


def _edge(fault: Fault) -> Response:
    page = f"<html><body>{fault.text or 'Error'}</body></html>"
    answer = Response(page, fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer
