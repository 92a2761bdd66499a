"""Ordered faults as they show on the vendor's wire.

Belongs here: what each kind of fault does to a call. Not here: the orders (`sandbox/faults.py`),
what lists wrongly (`odd_listings.py`), and the end of a consent (`tokens.py`), which happens at once.

Besides the kinds of `sandbox/bad_connection.py`:

- `http`: HTTP itself answers `status` (503) with a page that says `text`, and `seconds` as Retry-After.
- `refusal`: a data call is refused for a reason, which stands in `text`: one of REASONS (rate_limited);
  `seconds` goes as Retry-After with `rate_limited` and `quota`.
- `unauthorized`: a data call is refused with 401, although its token is good.
- `not_an_envelope`: HTTP 200 with a JSON object of which nothing is known; nothing is done.
- `list_body`: HTTP 200 with a JSON list instead of an object; nothing is done.
- `expired_code`: an exchange finds its code expired, and used up.
- `refuse_refresh`: a refresh is refused as one with a dead token is; the token stays good.
- `reduced_scope`: from this token call on, the person's consent covers no more than the scopes that
  `text` names by their middle word (`sleep activity_and_fitness`), unasked the settings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response, jsonify, request

from sandbox import bad_connection
from sandbox.faults import Fault
from sandbox.google_health import odd_listings
from sandbox.google_health.abilities import ABILITIES, PREFIX
from sandbox.google_health.account_calls import IDENTITY, IRN_PROFILE, OWN_SETTINGS, PAIRED
from sandbox.google_health.errors import (
    OAuthRefused,
    Refused,
    account_not_linked,
    bad_credentials,
    deadline_exceeded,
    scope_insufficient,
    service_disabled,
    too_many,
)
from sandbox.google_health.limits import LIMIT
from sandbox.google_health.project_calls import CALLS as PROJECT_CALLS
from sandbox.google_health.tokens import Tokens

EXCHANGE, REFRESH, REVOKE, UNKNOWN = "exchange", "refresh", "revoke", "unknown"
REDUCED_SCOPE = "settings"
LISTINGS = frozenset(
    f"{path}:{method}" for path, ability in ABILITIES.items() for method in ability.methods
)
DATA_CALLS = LISTINGS | {IDENTITY, OWN_SETTINGS, PAIRED, IRN_PROFILE}
CALLS = DATA_CALLS | PROJECT_CALLS | {EXCHANGE, REFRESH, REVOKE, UNKNOWN}
_DAY_LIMIT = "RequestsPerDay"
_REFUSALS: dict[str, Callable[[int | None], Refused]] = {
    "scope_insufficient": lambda _wait: scope_insufficient(),
    "account_not_linked": lambda _wait: account_not_linked(),
    "service_disabled": lambda _wait: service_disabled(),
    "rate_limited": lambda wait: too_many(LIMIT, wait),
    "quota": lambda wait: too_many(_DAY_LIMIT, wait),
    "deadline": lambda _wait: deadline_exceeded(),
}
REASONS = frozenset(_REFUSALS)
# The calls that a kind can happen to; the others happen to every call.
ONLY = {
    "refusal": DATA_CALLS,
    "unauthorized": DATA_CALLS,
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
        return jsonify({"status": "fine"})
    if fault.kind == "list_body":
        return jsonify([])
    return bad_connection.interrupt(fault.kind, fault.seconds, media_type="application/json")


def _refuse(fault: Fault) -> None:
    if fault.kind == "refusal":
        wait = None if fault.seconds is None else round(fault.seconds)
        raise _REFUSALS[fault.text or "rate_limited"](wait)
    if fault.kind == "unauthorized":
        raise bad_credentials()
    if fault.kind == "refuse_refresh":
        raise OAuthRefused("invalid_grant", "Token has been expired or revoked.")


def _reduce(fault: Fault, tokens: Tokens) -> None:
    names = (fault.text or REDUCED_SCOPE).split()
    for field in ("code", "refresh_token"):
        person = tokens.whose(request.form.get(field, ""))
        if person is not None:
            tokens.narrow(person, (f"{PREFIX}.{name}.readonly" for name in names))


def _edge(fault: Fault) -> Response:
    page = f"<html><body>{fault.text or 'Error'}</body></html>"
    answer = Response(page, fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer
