"""Withings' client: one request, whichever call, and the pages of a listing.

Belongs here: paging, scopes, retry of a call. Not here: parameters (`calls.py`), the meaning of
rows, or where tokens are kept (a TokenSource is handed in).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    ScopeMissing,
    VendorDown,
    VendorError,
)
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.base import TokenSource
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.tries import LONGEST_WAIT_SECONDS, tried
from ohx_pipelines.providers.withings import calls
from ohx_pipelines.providers.withings.calls import Call
from ohx_pipelines.providers.withings.envelope import open_envelope
from ohx_pipelines.providers.withings.oauth import WithingsOAuth


class WithingsClient:
    """The calls of the public API that this product makes."""

    def __init__(self, settings: WithingsSettings, oauth: WithingsOAuth) -> None:
        """Use the application's settings and its OAuth sessions."""
        self._settings = settings
        self._oauth = oauth

    def pages(self, call: Call, token: TokenSource) -> Iterator[Mapping[str, Any]]:
        """Give every page of a listing; an interrupted one raises, it never looks complete.

        Raises Malformed for an answer without its list.
        """
        offset = 0
        while True:
            paging = {"offset": str(offset)} if offset else {}
            page = self.request(call, token, more=paging)
            if call.rows is not None and not isinstance(page.get(call.rows), list):
                message = "Withings' answer lacks the list that was asked for"
                raise Malformed(message)
            yield page
            # `more` is an integer for measures and a boolean in the vendor's newer calls.
            if not call.paged or not page.get("more"):
                return
            offset = _next_offset(page, offset)

    def devices(self, token: TokenSource) -> list[Mapping[str, Any]]:
        """Give the rows of `getdevice`."""
        (body,) = self.pages(calls.devices(), token)
        return [row for row in body["devices"] if isinstance(row, dict)]

    def request(
        self, call: Call, token: TokenSource, *, more: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Make one call, with another token once when the first is refused.

        Raises ScopeMissing instead of making a call that the granted scopes do not cover.
        """
        access_token = token.current()
        # After it: a refresh may have brought fewer scopes than there were.
        if call.scope is not None and call.scope not in token.scopes:
            message = "the account was linked without the scope of this call"
            raise ScopeMissing(message)
        fields = {**call.fields, **(more or {})}
        try:
            return self._with_retries(call.path, fields, access_token, token.account)
        except AuthLost:
            access_token = token.renew(access_token)
        return self._with_retries(call.path, fields, access_token, token.account)

    def _with_retries(
        self, path: str, fields: Mapping[str, str], access_token: str, account: str
    ) -> Mapping[str, Any]:
        return tried(
            lambda: self._attempt(path, fields, access_token, account),
            worth_another=_worth_another_try,
        )

    def _attempt(
        self, path: str, fields: Mapping[str, str], access_token: str, account: str
    ) -> Mapping[str, Any]:
        session = self._oauth.session(access_token)
        with counted(self._oauth.budget, account=account):
            return open_envelope(self._sent(session, path, fields))

    def _sent(
        self, session: requests.Session, path: str, fields: Mapping[str, str]
    ) -> requests.Response:
        try:
            return session.post(
                self._settings.api_url + path,
                data=dict(fields),
                timeout=self._settings.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            message = "Withings did not answer"
        raise VendorDown(message)


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.wait_seconds is not None and error.wait_seconds <= LONGEST_WAIT_SECONDS
    return isinstance(error, VendorError) and error.retryable


def _next_offset(page: Mapping[str, Any], offset: int) -> int:
    following = page.get("offset")
    if not isinstance(following, int) or following <= offset:
        message = "Withings' paging does not advance"
        raise Malformed(message)
    return following
