"""Ordered faults as they show at the identity provider.

Belongs here: what each kind does to an answer or to an id token. Not here: the orders
(`sandbox/faults.py`), and what a right id token says (`id_tokens.py`).

An endpoint (`discovery`, `jwks`, `token`, `userinfo`) can suffer what `sandbox/bad_connection.py`
lists before the work, and

- `status`: answers HTTP `status` (503) with a page, and `seconds` as Retry-After.

The id token of a sign-in can be wrong:

- `wrong_issuer`: the id token names another issuer.
- `wrong_audience`: the id token is made out to another client.
- `wrong_nonce`: the id token carries the nonce of another sign-in.
- `wrong_signature`: the id token is signed with a key that nobody published, under the usual `kid`.
- `alg_none`: the id token names the algorithm `none` and has no signature.
- `expired_token`: the id token ended an hour ago.
- `hs256_with_client_secret`: the id token is signed with HS256 and the client's secret.
- `no_id_token`: the token answer has no id token.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from sandbox import bad_connection
from sandbox.faults import Fault, Faults

Claims = dict[str, Any]
ENDPOINTS = frozenset({"discovery", "jwks", "token", "userinfo"})
# What an id token is to the orders: a call of the person who signs in.
ID_TOKEN = "id_token"  # noqa: S105 (a name)
WAYS_TO_SIGN = frozenset({"wrong_signature", "alg_none", "hs256_with_client_secret"})
NO_ID_TOKEN = "no_id_token"  # noqa: S105 (a name)
_HOUR = 3_600
_CLAIMS: dict[str, Callable[[Claims], Claims]] = {
    "wrong_issuer": lambda claims: {"iss": f"{claims['iss']}/elsewhere"},
    "wrong_audience": lambda _claims: {"aud": "another-client"},
    "wrong_nonce": lambda _claims: {"nonce": "of-another-sign-in"},
    "expired_token": lambda claims: {
        "iat": claims["iat"] - 2 * _HOUR,
        "auth_time": claims["auth_time"] - 2 * _HOUR,
        "exp": claims["iat"] - _HOUR,
    },
}
_ID_TOKEN_KINDS = frozenset({NO_ID_TOKEN, *WAYS_TO_SIGN, *_CLAIMS})
KINDS = frozenset({"status", *bad_connection.BEFORE, *_ID_TOKEN_KINDS})


def only(kind: str) -> frozenset[str]:
    """Name the calls that a kind can happen to."""
    return frozenset({ID_TOKEN}) if kind in _ID_TOKEN_KINDS else ENDPOINTS


def suffer(faults: Faults, endpoint: str | None) -> Response | None:
    """Let faults happen to an endpoint; gives what it answers instead, or None to go on."""
    for fault in faults.take(None, endpoint) if endpoint in ENDPOINTS else []:
        if fault.kind == "status":
            return _status(fault)
        instead = bad_connection.interrupt(fault.kind, fault.seconds, media_type="application/json")
        if instead is not None:
            return instead
    return None


def wrong_claims(kind: str, claims: Claims) -> Claims:
    """Give the claims as a fault leaves them; a kind that is not about claims leaves them alone."""
    change = _CLAIMS.get(kind)
    return claims if change is None else claims | change(claims)


def _status(fault: Fault) -> Response:
    answer = Response("<html><body>Error</body></html>", fault.status or 503, mimetype="text/html")
    if fault.seconds is not None:
        answer.headers["Retry-After"] = str(round(fault.seconds))
    return answer
