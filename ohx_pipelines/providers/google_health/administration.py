"""Calls in the name of the project, not of a patient: with the service account's token.

Belongs here: one request, its pages, and what a refusal means there. Not here: what is called
(`subscribers.py`, `subscriptions.py`), or the token (`service_account.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import requests

from ohx_pipelines.errors import AuthLost, Malformed, NotConsented, VendorDown
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.base import CallBudget
from ohx_pipelines.providers.counted import counted
from ohx_pipelines.providers.google_health.answers import open_answer
from ohx_pipelines.providers.google_health.service_account import (
    ServiceAccount,
    ServiceAccountRefused,
)

NEXT_PAGE, TOTAL = "nextPageToken", "totalSize"
# The most that Google gives.
PAGE_SIZE = 1_000


@dataclass(frozen=True, kw_only=True)
class Order:
    """One call: `path` is below the project."""

    method: Literal["GET", "POST", "PATCH", "DELETE"] = "GET"
    path: str
    # A filter names the user.
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)


class Administration:
    """The project's own calls. A failed one is not tried again here: whoever asks, repeats all."""

    def __init__(
        self,
        settings: GoogleHealthSettings,
        account: ServiceAccount,
        *,
        session: requests.Session,
        budget: CallBudget,
    ) -> None:
        """Call the settings' project over `session`; each call spends `budget`."""
        self._base = f"{settings.api_url}/v4/projects/{settings.project}"
        self._timeout_seconds = settings.timeout_seconds
        self._account = account
        self._session = session
        self._budget = budget

    def rows(self, path: str, name: str, params: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Give all rows of a listing; an interrupted one raises."""
        order = Order(path=path, params={**params, "pageSize": str(PAGE_SIZE)})
        return [row for page in self._pages(order, name) for row in page if isinstance(row, dict)]

    def request(self, order: Order) -> Mapping[str, Any]:
        """Make one call, with another token once when the first is refused.

        Refusals are the service account's: never that a patient has to link again.
        """
        token = self._account.token()
        try:
            return self._made(order, token)
        except AuthLost:
            token = self._account.token(refused=token)
        except NotConsented as error:
            raise _refused(error.status) from None
        try:
            return self._made(order, token)
        except (AuthLost, NotConsented) as error:
            status = error.status
        raise _refused(status)

    def _pages(self, order: Order, name: str) -> Iterator[list[Any]]:
        seen: set[str] = set()
        asked = order
        while True:
            page = self.request(asked)
            # An empty listing lacks its list: only what names nothing of a page is none.
            rows, following = page.get(name, []), page.get(NEXT_PAGE, "")
            is_one = not page or page.keys() & {name, NEXT_PAGE, TOTAL}
            if not (is_one and isinstance(rows, list) and isinstance(following, str)):
                message = "Google's answer is no page of a listing"
                raise Malformed(message)
            yield rows
            if not following:
                return
            if following in seen:
                message = "Google's paging does not advance"
                raise Malformed(message)
            seen.add(following)
            asked = replace(order, params={**order.params, "pageToken": following})

    def _made(self, order: Order, token: str) -> Mapping[str, Any]:
        with counted(self._budget):
            return open_answer(self._sent(order, token))

    def _sent(self, order: Order, token: str) -> requests.Response:
        try:
            return self._session.request(
                order.method,
                self._base + order.path,
                params=dict(order.params),
                json=order.body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            message = "Google did not answer"
        raise VendorDown(message)


def _refused(status: int | None) -> ServiceAccountRefused:
    message = "Google does not let the service account manage notifications"
    return ServiceAccountRefused(message, status=status)
