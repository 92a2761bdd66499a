"""One call to Google Health, sent as often as is worth while, whoever asks.

Belongs here: the HTTP request, what is worth another try, its place in the budget. Not here: parameters
(`calls.py`), another token after a refusal and pages (`client.py`), or tokens (`oauth.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

from ohx_pipelines.errors import RateLimited, VendorDown, VendorError
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import CallBudget
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.google_health.answers import open_answer
from ohx_pipelines.providers.google_health.calls import Call
from ohx_pipelines.providers.google_health.refusals import GATEWAY_TIMEOUT
from ohx_pipelines.providers.tries import LONGEST_WAIT_SECONDS, tried

# What took this much of the time-out was slow, however the connection then ended.
SLOW_SHARE = 0.9
# Google's answers are indented for reading, which makes them twice as long.
PLAIN = {"prettyPrint": "false"}


class TooSlow(VendorDown):
    """No answer within the time-out: smaller pages may come in time."""


class Sending:
    """Makes calls with an access token; each try spends the budget."""

    def __init__(
        self,
        settings: GoogleHealthSettings,
        session: Callable[[str], requests.Session],
        budget: CallBudget,
    ) -> None:
        """Use the sessions that `session` gives for an access token."""
        self._settings = settings
        self._session = session
        self._budget = budget

    def request(
        self, call: Call, access_token: str, *, account: str | None = None
    ) -> Mapping[str, Any]:
        """Make a call, counted for the account where it is one's; gives the answer's object."""
        return tried(
            lambda: self._attempt(call, access_token, account),
            worth_another=lambda error: _worth_another_try(error, call),
        )

    def _attempt(self, call: Call, access_token: str, account: str | None) -> Mapping[str, Any]:
        with counted(self._budget, account=account, unless=_says_no_pause):
            return open_answer(self._sent(call, access_token))

    def _sent(self, call: Call, access_token: str) -> requests.Response:
        started = time.monotonic()
        try:
            return self._session(access_token).request(
                call.method,
                self._settings.api_url + call.path,
                params={**call.params, **PLAIN},
                json=call.body,
                timeout=self._settings.timeout_seconds,
            )
        except requests.RequestException:
            message = "Google did not answer"
        took = time.monotonic() - started
        kind = TooSlow if took >= SLOW_SHARE * self._settings.timeout_seconds else VendorDown
        raise kind(message)


def _says_no_pause(error: RateLimited) -> bool:
    """Tell a limit without a pause: it is the user's or of the moment, and nobody else waits for it."""
    return error.wait_seconds is None


def _worth_another_try(error: BaseException, call: Call) -> bool:
    if isinstance(error, RateLimited):
        # Google documents no Retry-After: without one our own pauses have to do.
        return (error.wait_seconds or 0.0) <= LONGEST_WAIT_SECONDS
    if not isinstance(error, VendorError) or not error.retryable:
        return False
    # The very same would take as long again; smaller pages are asked for instead.
    return not is_too_slow(error) or call.with_smaller_pages is None


def is_too_slow(error: VendorError) -> bool:
    """Tell whether Google, or we, gave a call up for the time that it took."""
    return error.status == GATEWAY_TIMEOUT or isinstance(error, TooSlow)
