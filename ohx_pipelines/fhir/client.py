"""The FHIR client: fhirpy's, on a pooled session, with statuses kept and nothing of answers told.

Belongs here: one request and its failure, and the few calls this product makes. Not here: what is
written (`publish.py`). Three faults of fhirpy 2.3 are the reason for the overrides: its errors lose
the status and carry the server's whole body, it opens a connection per request, and it has no
time-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests
from fhirpy import SyncFHIRClient
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
)
from tenacity.wait import wait_random_exponential

from ohx_pipelines.deadline import DeadlineAdapter, is_json
from ohx_pipelines.errors import EhrConflict, EhrDown, EhrError, EhrMalformed, EhrRejected
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.wire import dump, load

FHIR_JSON = "application/fhir+json"
BUNDLE = "Bundle"
ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 15.0
# Bounds one request with all its tries.
LONGEST_CALL_SECONDS = 90.0
POOLED_CONNECTIONS = 8
PAGE_SIZE = "200"
MOST_PAGES = 500
ACCEPTED = range(200, 300)
NOT_THERE = frozenset({404, 410})
CONFLICTS = frozenset({409, 412})
PASSING = frozenset({408, 425, 429, *range(500, 600)})
_backoff = wait_random_exponential(multiplier=0.5, max=5)


class FhirClient(SyncFHIRClient):
    """One EHR. Every call raises EhrDown, EhrConflict or EhrRejected when it fails."""

    def __init__(self, connection: FhirConnection) -> None:
        """Open a session on the connection; nothing is asked yet."""
        super().__init__(
            connection.url.rstrip("/"),
            authorization=connection.authorization,
            # A search that serves a cached answer would make us write what is there already.
            extra_headers={"Accept": FHIR_JSON, "Cache-Control": "no-cache"},
        )
        self._timeout_seconds = connection.timeout_seconds
        self._session = requests.Session()
        # Proxies and CA bundles of the environment count; a .netrc would replace our credentials.
        self._session.auth = _as_it_is
        for scheme in ("https://", "http://"):
            self._session.mount(
                scheme,
                DeadlineAdapter(
                    seconds=connection.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS
                ),
            )

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def read(self, resource_type: str, id: str, /) -> dict[str, Any] | None:  # noqa: A002
        """Give a resource, None when the EHR has none (or deleted it)."""
        try:
            found = self._do_request("get", f"{resource_type}/{id}")
        except EhrRejected as error:
            if error.status in NOT_THERE:
                return None
            raise
        return _object(found, resource_type)

    def search(
        self, resource_type: str, parameters: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        """Give every match of a search, all pages of it."""
        given = (
            [*parameters]
            if any(n == "_count" for n, _ in parameters)
            else [
                *parameters,
                ("_count", PAGE_SIZE),
            ]
        )
        page = _object(self._do_request("get", resource_type, params=_grouped(given)), BUNDLE)
        found = _matches(page, resource_type)
        for _ in range(MOST_PAGES):
            following = _next_link(page)
            if following is None:
                return found
            page = _object(self._do_request("get", self._on_our_host(following)), BUNDLE)
            found += _matches(page, resource_type)
        message = "a search of the EHR has no end"
        raise EhrRejected(message)

    def batch(self, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send entries as one batch Bundle and give the `response` of each, in order.

        A 200 for the Bundle says nothing of its entries: read every status.
        """
        bundle = {"resourceType": BUNDLE, "type": "batch", "entry": list(entries)}
        answer = _object(self._do_request("post", "", data=bundle), BUNDLE)
        responses = [entry.get("response", {}) for entry in _entries(answer)]
        if len(responses) != len(entries):
            message = "the EHR did not answer every entry of a Bundle"
            raise EhrMalformed(message)
        return responses

    def _do_request(
        self,
        method: str,
        path: str,
        data: Any = None,
        params: Any = None,
        extra_headers: Any = None,
        *,
        returning_status: bool = False,
    ) -> Any:
        """Make a request, up to three times while the EHR is down.

        All that is sent may be repeated: reads, and Bundles of `PUT` by id.
        """
        url = self._build_request_url(path, params).rstrip("?")
        headers = self._build_request_headers() | (extra_headers or {})
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(LONGEST_CALL_SECONDS),
            retry=retry_if_exception_type(_ShortPause),
            wait=_pause_seconds,
            reraise=True,
        )
        try:
            answer, status = retrying(self._attempt, method, url, data, headers)
        except EhrError as error:
            error.attempts = retrying.statistics.get("attempt_number", 1)
            raise
        return (answer, status) if returning_status else answer

    def _attempt(
        self, method: str, url: str, data: Any, headers: dict[str, str]
    ) -> tuple[Any, int]:
        body = None if data is None else dump(data)
        content = {} if data is None else {"Content-Type": FHIR_JSON}
        try:
            response = self._session.request(
                method,
                url,
                data=body,
                headers=headers | content,
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            message = "the EHR did not answer"
        else:
            return _read(response)
        raise _ShortPause(message)

    def _on_our_host(self, link: str) -> str:
        """Give a page's address below our own base: a link that leads elsewhere is not followed."""
        base = f"{self.url}/"
        if link.startswith((base, f"{self.url}?")):
            return link
        if "://" in link:
            message = "the EHR's paging leads to another address: set OHX_EHR__URL to the address it uses itself"
            raise EhrRejected(message)
        return link


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _ShortPause(EhrDown):
    """An EhrDown that is worth another try at once or after a short pause."""


def connect(connection: FhirConnection) -> FhirClient:
    """Give a client for the connection; the caller closes it."""
    return FhirClient(connection)


def failure(status: int, *, retry_after_seconds: float | None = None) -> EhrError:
    """Give the exception for an HTTP status, of a request or of a Bundle's entry."""
    if status in CONFLICTS:
        return EhrConflict("another writer was at the EHR first", status=status)
    if status in PASSING:
        long = (retry_after_seconds or 0.0) > LONGEST_WAIT_SECONDS
        kind = EhrDown if long else _ShortPause
        return kind("the EHR has trouble", status=status, retry_after_seconds=retry_after_seconds)
    return EhrRejected("the EHR refuses the request", status=status)


def _read(response: requests.Response) -> tuple[Any, int]:
    status = response.status_code
    if status not in ACCEPTED:
        raise failure(status, retry_after_seconds=_seconds(response.headers.get("Retry-After")))
    try:
        if not response.content:
            return None, status
        if is_json(response.headers.get("Content-Type", "")):
            return load(response.content), status
    except ValueError:
        pass
    message = "the EHR did not answer with JSON"
    raise EhrMalformed(message, status=status)


def _pause_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, EhrDown) else None
    return (asked or 0.0) + float(_backoff(state))


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        # An HTTP date: rare, and our own back-off is short.
        return None


def _grouped(parameters: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in parameters:
        grouped.setdefault(name, []).append(value)
    return grouped


def _object(answer: Any, resource_type: str) -> dict[str, Any]:
    # A maintenance page or an OperationOutcome read as an empty search would look like "nothing there".
    if not isinstance(answer, dict) or answer.get("resourceType") != resource_type:
        message = f"the EHR did not answer with a {resource_type}"
        raise EhrMalformed(message)
    return answer


def _entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        message = "the EHR did not answer with a Bundle"
        raise EhrMalformed(message)
    return entries


def _matches(page: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    resources = [entry.get("resource") for entry in _entries(page)]
    # A search can bring an OperationOutcome beside its matches.
    return [
        one
        for one in resources
        if isinstance(one, dict) and one.get("resourceType") == resource_type
    ]


def _next_link(page: dict[str, Any]) -> str | None:
    links = [one for one in page.get("link", []) if one.get("relation") == "next"]
    return str(links[0]["url"]) if links else None
