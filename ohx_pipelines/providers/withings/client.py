"""Withings' data calls: one private request, one short method per call.

Belongs here: parameters, paging, retry of a call. Not here: meaning of measures (`normalize.py`)
or where tokens are kept (a TokenSource is handed in).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorError,
)
from ohx_pipelines.providers.base import TokenSource
from ohx_pipelines.providers.withings.envelope import open_envelope
from ohx_pipelines.providers.withings.oauth import WithingsOAuth
from ohx_pipelines.settings import WithingsSettings

ATTEMPTS = 3
# A longer pause gives the days back as `rate_limited`: a worker that sleeps helps nobody.
LONGEST_WAIT_SECONDS = 15.0
# Bounds one call with all its tries; a slow answer is given up by the adapter's own deadline.
LONGEST_CALL_SECONDS = 90.0
REAL_MEASURES = 1
SCOPES = {"getmeas": "user.metrics", "getdevice": "user.info"}
_backoff = wait_random_exponential(multiplier=0.5, max=5)


class WithingsClient:
    """The calls of the public API that this product makes."""

    def __init__(self, settings: WithingsSettings, oauth: WithingsOAuth) -> None:
        """Use the application's settings and its OAuth sessions."""
        self._settings = settings
        self._oauth = oauth

    def measure_pages(
        self, *, start: datetime, end: datetime, types: Sequence[int], token: TokenSource
    ) -> Iterator[Mapping[str, Any]]:
        """Give every page of `getmeas` for start <= date < end, real measures only.

        Only the types named are asked for: what is not needed is not read. An interrupted
        listing raises, it never looks complete. Without types there is no call and no page:
        an empty list would ask for every type.
        """
        if not types:
            return
        fields = {
            "action": "getmeas",
            "meastypes": ",".join(str(code) for code in types),
            "category": str(REAL_MEASURES),
            "startdate": str(int(start.timestamp())),
            "enddate": str(int(end.timestamp()) - 1),
        }
        offset = 0
        while True:
            paging = {"offset": str(offset)} if offset else {}
            page = self._request("/measure", fields | paging, token)
            yield page
            # `more` is an integer here and a boolean in the vendor's newer calls.
            if not page.get("more"):
                return
            offset = _next_offset(page, offset)

    def devices(self, token: TokenSource) -> list[Mapping[str, Any]]:
        """Give the rows of `getdevice`."""
        body = self._request("/v2/user", {"action": "getdevice"}, token)
        rows = body.get("devices")
        if not isinstance(rows, list):
            message = "Withings' device list cannot be read"
            raise Malformed(message)
        return [row for row in rows if isinstance(row, dict)]

    def _request(
        self, path: str, fields: Mapping[str, str], token: TokenSource
    ) -> Mapping[str, Any]:
        """Make one call, with another token once when the first is refused.

        Raises ScopeMissing instead of making a call that the granted scopes do not cover.
        """
        access_token = token.current()
        # After it: a refresh may have brought fewer scopes than there were.
        if SCOPES[fields["action"]] not in token.scopes:
            message = "the account was linked without the scope of this call"
            raise ScopeMissing(message)
        try:
            return self._with_retries(path, fields, access_token)
        except AuthLost:
            access_token = token.renew(access_token)
        return self._with_retries(path, fields, access_token)

    def _with_retries(
        self, path: str, fields: Mapping[str, str], access_token: str
    ) -> Mapping[str, Any]:
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(LONGEST_CALL_SECONDS),
            retry=retry_if_exception(_worth_another_try),
            wait=_pause_seconds,
            reraise=True,
        )
        try:
            return retrying(self._attempt, path, fields, access_token)
        except VendorError as error:
            error.attempts = retrying.statistics.get("attempt_number", 1)
            raise

    def _attempt(
        self, path: str, fields: Mapping[str, str], access_token: str
    ) -> Mapping[str, Any]:
        session = self._oauth.session({"access_token": access_token, "token_type": "Bearer"})
        try:
            response = session.post(
                self._settings.api_url + path,
                data=dict(fields),
                timeout=self._settings.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            message = "Withings did not answer"
        else:
            return open_envelope(response)
        raise VendorDown(message)


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.wait_seconds is not None and error.wait_seconds <= LONGEST_WAIT_SECONDS
    return isinstance(error, VendorError) and error.retryable


def _pause_seconds(state: Any) -> float:
    error = state.outcome.exception()
    jitter = float(_backoff(state))
    return jitter + (error.wait_seconds or 0.0 if isinstance(error, RateLimited) else 0.0)


def _next_offset(page: Mapping[str, Any], offset: int) -> int:
    following = page.get("offset")
    if not isinstance(following, int) or following <= offset:
        message = "Withings' paging does not advance"
        raise Malformed(message)
    return following
