"""OMRON's client: one request, whichever listing, and the pages of it.

Belongs here: paging, scopes, another token after a refusal, tries. Not here: parameters (`calls.py`), what
says that more follows (`pages.py`), or where tokens are kept (a TokenSource is handed in).
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
from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.base import TokenSource
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.omron.answers import open_result
from ohx_pipelines.providers.omron.calls import MEASUREMENT_PATH, Call
from ohx_pipelines.providers.omron.oauth import OmronOAuth
from ohx_pipelines.providers.omron.pages import denies_more, identities, next_call
from ohx_pipelines.providers.tries import LONGEST_WAIT_SECONDS, tried

# More than the readings of many years; a server that goes on for ever is none to follow.
MOST_PAGES = 2_000


class OmronClient:
    """The one data call of the partner API."""

    def __init__(self, settings: OmronSettings, oauth: OmronOAuth) -> None:
        """Use the application's settings and its OAuth sessions."""
        self._settings = settings
        self._oauth = oauth

    def pages(self, call: Call, token: TokenSource) -> Iterator[Mapping[str, Any]]:
        """Give every page of a listing; an interrupted one raises, it never looks complete.

        Raises Malformed for an answer without its list, and for a page that brings nothing new
        although it says that there is more: it would lead round for ever.
        """
        seen: set[str] = set()
        asked = call
        for _ in range(MOST_PAGES):
            page = self.request(asked, token)
            told = frozenset(identities(page, call.listing))
            following = next_call(page, asked)
            if following is not None and (told <= seen or following == asked):
                if not denies_more(page):
                    break
                # Its key leads round, and it says itself that this is the end.
                following = None
            seen |= told
            yield page
            if following is None:
                return
            asked = following
        message = "OMRON's paging does not advance"
        raise Malformed(message)

    def request(self, call: Call, token: TokenSource) -> Mapping[str, Any]:
        """Make one call, with another token once when the first is refused.

        Raises ScopeMissing instead of making a call that the granted scopes do not cover.
        """
        access_token = token.current()
        # After it: a refresh may have brought fewer scopes than there were.
        if call.listing.scope not in token.scopes:
            message = "the account was linked without the scope of this call"
            raise ScopeMissing(message)
        try:
            return self._with_retries(call, access_token, token.account)
        except AuthLost:
            access_token = token.renew(access_token)
        return self._with_retries(call, access_token, token.account)

    def _with_retries(self, call: Call, access_token: str, account: str) -> Mapping[str, Any]:
        return tried(
            lambda: self._attempt(call, access_token, account), worth_another=_worth_another_try
        )

    def _attempt(self, call: Call, access_token: str, account: str) -> Mapping[str, Any]:
        with counted(self._oauth.budget, account=account):
            return open_result(self._sent(call, access_token))

    def _sent(self, call: Call, access_token: str) -> requests.Response:
        try:
            return self._oauth.session(access_token).post(
                self._settings.api_url + MEASUREMENT_PATH,
                data=call.fields,
                timeout=self._settings.timeout_seconds,
            )
        except requests.RequestException:
            message = "OMRON did not answer"
        raise VendorDown(message)


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.wait_seconds is not None and error.wait_seconds <= LONGEST_WAIT_SECONDS
    return isinstance(error, VendorError) and error.retryable
