"""The vendor's refusals: a status of HTTP, a canonical name, and why in an ErrorInfo.

Belongs here: the shape of the body and the words of each refusal. Not here: when each is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, jsonify

GOOGLE, HEALTH = "googleapis.com", "health.googleapis.com"
SIGN_UP = "https://fitbit.google.com/auth/signup"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_CREDENTIALS = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential."
)
_REALM = 'Bearer realm="https://accounts.google.com/"'


class Refused(Exception):
    """A call ends without its work; `reason` and `metadata` stand in the ErrorInfo."""

    def __init__(  # noqa: PLR0913 (one field of the body each)
        self,
        status: int,
        name: str,
        message: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        domain: str = HEALTH,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, name, message)
        self.status = status
        self.name = name
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.domain = domain
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Give the answer's body."""
        error = {"code": self.status, "message": self.message, "status": self.name}
        return {"error": error | ({} if self.reason is None else {"details": [self._info()]})}

    def answer(self) -> Response:
        """Give the whole answer; to be asked for inside a request."""
        answer = jsonify(self.body())
        answer.status_code = self.status
        answer.headers.update(self.headers)
        return answer

    def _info(self) -> dict[str, Any]:
        metadata = {"service": HEALTH} | self.metadata
        return {
            "@type": _ERROR_INFO,
            "reason": self.reason,
            "domain": self.domain,
            "metadata": metadata,
        }


class OAuthRefused(Refused):
    """A call for tokens ends without its work; the body is that of OAuth 2.0."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(status, code, description)

    def body(self) -> dict[str, Any]:
        """Give the answer's body."""
        return {"error": self.name, "error_description": self.message}


def invalid(message: str, reason: str | None = None, **metadata: str) -> Refused:
    """Give the refusal of a wrong request."""
    return Refused(400, "INVALID_ARGUMENT", message, reason=reason, metadata=metadata)


def invalid_filter(message: str, detail: str) -> Refused:
    """Give the refusal of a filter; what exactly is wrong stands in `detailedReasons`."""
    code = "INVALID_DATA_POINT_FILTER"
    return invalid(message, code, detailedReasons=f"{code}_{detail}")


def unknown_type(path: str) -> Refused:
    """Give the refusal of a data type that does not exist."""
    message = f"Invalid data type ID referenced in the parent data type collection: {path}"
    return invalid(message, "INVALID_PARENT_DATA_TYPE_COLLECTION")


def not_supported(action: str, path: str, allowed: Iterable[str]) -> Refused:
    """Give the refusal of a method that a data type does not have."""
    actions = ", ".join(allowed)
    message = f"{action} is not supported for data type {path}, but the following actions are supported: {actions}"
    return invalid(message, "UNSUPPORTED_DATA_TYPE_ACTION", allowed_actions=actions)


def no_credentials() -> Refused:
    """Give the refusal of a call without a token."""
    return Refused(
        401,
        "UNAUTHENTICATED",
        f"Request is missing required authentication credential. {_CREDENTIALS}",
        reason="CREDENTIALS_MISSING",
        domain=GOOGLE,
        headers={"WWW-Authenticate": _REALM},
    )


def bad_credentials() -> Refused:
    """Give the refusal of a token that is unknown, expired or revoked; it has no details."""
    return Refused(
        401,
        "UNAUTHENTICATED",
        f"Request had invalid authentication credentials. {_CREDENTIALS}",
        headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
    )


def scope_insufficient() -> Refused:
    """Give the refusal of a token whose person did not allow this."""
    return Refused(
        403,
        "PERMISSION_DENIED",
        "Request had insufficient authentication scopes.",
        reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        domain=GOOGLE,
    )


def not_allowed() -> Refused:
    """Give the refusal of somebody else's account."""
    return Refused(403, "PERMISSION_DENIED", "The caller does not have permission")


def not_found() -> Refused:
    """Give the refusal of what is not there."""
    return Refused(404, "NOT_FOUND", "Requested entity was not found.")


def account_not_linked() -> Refused:
    """Give the refusal of a Google account without a Google Health profile."""
    return Refused(
        400,
        "FAILED_PRECONDITION",
        "The account is not linked to Google Health.",
        reason="ACCOUNT_NOT_LINKED",
        metadata={"redirect_uri": SIGN_UP},
    )


def service_disabled() -> Refused:
    """Give the refusal of a project that never enabled the API."""
    return Refused(
        403,
        "PERMISSION_DENIED",
        "Google Health API has not been used in this project before or it is disabled.",
        reason="SERVICE_DISABLED",
        domain=GOOGLE,
    )


def too_many(limit: str, wait_seconds: int | None = None) -> Refused:
    """Give the refusal of a call above a limit; Retry-After stands only with a wait."""
    return Refused(
        429,
        "RESOURCE_EXHAUSTED",
        f"Quota exceeded for quota metric 'Requests' and limit '{limit}' of service '{HEALTH}'.",
        reason="RATE_LIMIT_EXCEEDED",
        metadata={"quota_limit": limit},
        domain=GOOGLE,
        headers={} if wait_seconds is None else {"Retry-After": str(wait_seconds)},
    )


def deadline_exceeded() -> Refused:
    """Give the refusal of a call that asked for more than could be found in time."""
    return Refused(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")


def unimplemented(what: str) -> Refused:
    """Give the refusal of what the vendor does and this stand-in does not."""
    return Refused(501, "UNIMPLEMENTED", f"The sandbox does not do this: {what}.")
