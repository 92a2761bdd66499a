"""Google Health's client: one request, whichever call, and the pages of a listing.

Belongs here: paging, scopes, another token after a refusal. Not here: parameters (`calls.py`), tries
(`sending.py`), the meaning of rows, or where tokens are kept (a TokenSource is handed in).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ohx_pipelines.errors import AuthLost, Malformed, ScopeMissing, VendorDown
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import TokenSource
from ohx_pipelines.providers.google_health.calls import Call
from ohx_pipelines.providers.google_health.oauth import GoogleOAuth
from ohx_pipelines.providers.google_health.sending import Sending, is_too_slow

NEXT_PAGE = "nextPageToken"
SAMPLE_TIME, CIVIL_TIME = "sampleTime", "civilTime"


class GoogleHealthClient:
    """The calls of the API that this product makes."""

    def __init__(self, settings: GoogleHealthSettings, oauth: GoogleOAuth) -> None:
        """Use the application's settings and its OAuth sessions."""
        self._sending = Sending(settings, oauth.session, oauth.budget)

    def pages(self, call: Call, token: TokenSource) -> Iterator[Mapping[str, Any]]:
        """Give every page of a listing; an interrupted one raises, it never looks complete.

        A listing for which Google takes too long is begun again with smaller pages: a page's token
        goes with the size it was given for, so nothing is given before all is there.
        Raises Malformed for an answer that is no page of the listing.
        """
        yield from self._whole(call, token)

    def request(self, call: Call, token: TokenSource) -> Mapping[str, Any]:
        """Make one call, with another token once when the first is refused.

        Raises ScopeMissing instead of making a call that the granted scopes do not cover.
        """
        access_token = token.current()
        # After it: a refresh may have brought fewer scopes than there were.
        if call.scope is not None and call.scope not in token.scopes:
            message = "the account was linked without the scope of this call"
            raise ScopeMissing(message)
        try:
            return self._sending.request(call, access_token, account=token.account)
        except AuthLost:
            access_token = token.renew(access_token)
        return self._sending.request(call, access_token, account=token.account)

    def _whole(self, call: Call, token: TokenSource) -> list[Mapping[str, Any]]:
        try:
            return list(self._followed(call, token))
        except VendorDown as error:
            smaller = call.with_smaller_pages
            if not is_too_slow(error) or smaller is None:
                raise
        return self._whole(smaller, token)

    def _followed(self, call: Call, token: TokenSource) -> Iterator[Mapping[str, Any]]:
        """Follow the page tokens to the end; one that comes again would lead round for ever."""
        seen: set[str] = set()
        asked = call
        while True:
            page = self.request(asked, token)
            following = _next_of(page, call)
            _drop_civil_times(page, call)
            yield page
            # "Empty if the response is complete", or left out.
            if not following:
                return
            if following in seen:
                message = "Google's paging does not advance"
                raise Malformed(message)
            seen.add(following)
            asked = call.at(following)


def _drop_civil_times(page: Mapping[str, Any], call: Call) -> None:
    """Leave out of samples what their instant and offset say as well: it is most of their size.

    A watch's month has some hundred thousand samples, which are all in memory at once.
    """
    for row in page.get(call.rows or "", ()) if call.samples else ():
        value = row.get(call.samples) if isinstance(row, dict) else None
        moment = value.get(SAMPLE_TIME) if isinstance(value, dict) else None
        if isinstance(moment, dict):
            moment.pop(CIVIL_TIME, None)


def _next_of(page: Mapping[str, Any], call: Call) -> str:
    """Give the token of the page that follows, empty when none does.

    An empty listing is answered with `{}`, so only what names something else is no page of it.
    """
    rows, following = page.get(call.rows or "", []), page.get(NEXT_PAGE, "")
    if page and not page.keys() & {call.rows, NEXT_PAGE}:
        message = "Google's answer lacks the list that was asked for"
    elif not isinstance(rows, list) or not isinstance(following, str):
        message = "Google's answer is no page of a listing"
    else:
        return following
    raise Malformed(message)
