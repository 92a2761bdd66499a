"""The FHIR client: fhirpy's, on a pooled session, with statuses kept and nothing of answers told.

Belongs here: one request and its failure, and the few calls this product makes. Not here: what is
written (`publish.py`), what an answer means (`reactions.py`). Three faults of fhirpy 2.3 are the
reason for the overrides: its errors lose the status and carry the server's whole body, it opens a
connection per request, and it has no time-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

import requests
from fhirpy import SyncFHIRClient
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
)
from tenacity.wait import wait_random_exponential

from ohx_pipelines.errors import EhrDown, EhrError, EhrMalformed, EhrRejected, PagesElsewhere
from ohx_pipelines.fhir.answers.reading import read_answer
from ohx_pipelines.fhir.answers.searchset import BUNDLE, entries, next_link, resource_in, resources
from ohx_pipelines.fhir.answers.session import open_session
from ohx_pipelines.fhir.auth import authorizer
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.wire import dump

FHIR_JSON = "application/fhir+json"
ATTEMPTS = 3
LONGEST_WAIT_SECONDS = 15.0
# Bounds one request with all its tries.
LONGEST_CALL_SECONDS = 90.0
PAGE_SIZE = "200"
MOST_PAGES = 500
UNAUTHORIZED = 401
NOT_THERE = frozenset({404, 410})
# HAPI's own header: with its interceptor the server retries what met another writer. Others, and
# HAPI without the interceptor, do not read it: so it always goes along.
ON_CONFLICT = {"X-Retry-On-Version-Conflict": "retry; max-retries=10"}
_backoff = wait_random_exponential(multiplier=0.5, max=5)


class FhirClient(SyncFHIRClient):
    """One EHR. Every call raises EhrDown, EhrConflict, EhrMalformed or EhrRejected when it fails."""

    def __init__(self, connection: FhirConnection) -> None:
        """Open a session on the connection; nothing is asked yet."""
        super().__init__(
            connection.url.rstrip("/"),
            # A search that serves a cached answer would make us write what is there already.
            extra_headers={"Accept": FHIR_JSON, "Cache-Control": "no-cache"},
        )
        self._timeout_seconds = connection.timeout_seconds
        # How often the last request was sent until it was answered.
        self.attempts = 1
        self._session = open_session(connection)
        self._authorizer = authorizer(connection, self._session)

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
        return resource_in(found, resource_type)

    def search(
        self, resource_type: str, parameters: Sequence[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        """Give every match of a search, all pages of it.

        With `_include` of a named type (`Observation:device:Device`) that type's resources too.
        """
        given = _grouped(parameters)
        given.setdefault("_count", [PAGE_SIZE])
        types = {resource_type, *(one.rpartition(":")[2] for one in given.get("_include", []))}
        page = resource_in(self._do_request("get", resource_type, params=given), BUNDLE)
        found = resources(page, types)
        for _ in range(MOST_PAGES):
            following = next_link(page)
            if following is None:
                return found
            page = resource_in(self._do_request("get", self._on_our_host(following)), BUNDLE)
            found += resources(page, types)
        message = "a search of the EHR has no end"
        raise EhrRejected(message)

    def batch(
        self, bundle_entries: Sequence[dict[str, Any]], *, repeatable: bool = True
    ) -> list[dict[str, Any]]:
        """Send entries as one batch Bundle and give the `response` of each, in order.

        A 200 for the Bundle says nothing of its entries: read every status. What is not
        `repeatable` is sent once: a lost answer may have been applied.
        """
        return self._bundle("batch", bundle_entries, repeatable=repeatable)

    def transaction(self, bundle_entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send entries as one transaction, all or nothing; they may be sent again.

        Gives the `response` of each, in order. Raises EhrConflict or EhrRejected when the server
        refuses one of them, or takes no transactions.
        """
        return self._bundle("transaction", bundle_entries, repeatable=True)

    def _bundle(
        self, kind: str, bundle_entries: Sequence[dict[str, Any]], *, repeatable: bool
    ) -> list[dict[str, Any]]:
        bundle = {"resourceType": BUNDLE, "type": kind, "entry": list(bundle_entries)}
        answer = resource_in(
            self._do_request(
                "post", "", data=bundle, extra_headers=ON_CONFLICT, repeatable=repeatable
            ),
            BUNDLE,
        )
        responses = [entry.get("response", {}) for entry in entries(answer)]
        if len(responses) != len(bundle_entries):
            message = "the EHR did not answer every entry of a Bundle"
            raise EhrMalformed(message)
        return responses

    def write(
        self,
        method: str,
        path: str,
        resource: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """Write (or delete) one resource, once, and give the status."""
        _, status = self._do_request(
            method,
            path,
            data=resource,
            extra_headers=dict(headers or {}),
            returning_status=True,
            repeatable=False,
        )
        return int(status)

    def _do_request(  # noqa: PLR0913 (fhirpy's signature, and whether it may be sent again)
        self,
        method: str,
        path: str,
        data: Any = None,
        params: Any = None,
        extra_headers: Any = None,
        *,
        returning_status: bool = False,
        repeatable: bool = True,
    ) -> Any:
        """Make a request, up to three times while the EHR is down.

        What is repeated are reads, and Bundles of `PUT` by id.
        """
        url = self._build_request_url(path, params).rstrip("?")
        headers = self._build_request_headers() | (extra_headers or {})
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS if repeatable else 1)
            | stop_after_delay(LONGEST_CALL_SECONDS),
            retry=retry_if_exception(is_worth_a_try),
            wait=_pause_seconds,
            reraise=True,
        )
        try:
            response = retrying(self._attempt, method, url, data, headers)
        except EhrError as error:
            error.attempts = retrying.statistics.get("attempt_number", 1)
            raise
        finally:
            self.attempts = int(retrying.statistics.get("attempt_number", 1))
        return (response[0], response[1]) if returning_status else response[0]

    def _attempt(
        self, method: str, url: str, data: Any, headers: dict[str, str]
    ) -> tuple[Any, int]:
        body = None if data is None else dump(data)
        content = {} if data is None else {"Content-Type": FHIR_JSON}
        sign_in = self._authorizer.header()
        response = self._send(method, url, body, headers | content, sign_in)
        if response.status_code == UNAUTHORIZED and self._authorizer.renew(sign_in):
            sign_in = self._authorizer.header()
            response = self._send(method, url, body, headers | content, sign_in)
        return read_answer(response, data)

    def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        sign_in: str | None,
    ) -> requests.Response:
        signed = {"Authorization": sign_in} if sign_in else {}
        try:
            return self._session.request(
                method,
                url,
                data=body,
                headers=headers | signed,
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException:
            pass
        message = "the EHR did not answer"
        raise EhrDown(message)

    def _on_our_host(self, link: str) -> str:
        """Give a page's address below our own base: a link that leads elsewhere is not followed."""
        try:
            target = urljoin(f"{self.url}/", link)
        except ValueError:
            target = ""
        if target.startswith((f"{self.url}/", f"{self.url}?")):
            return target
        message = "the EHR's paging leads to another address: set OHX_EHR__URL to the address it uses itself"
        raise PagesElsewhere(message)


def connect(connection: FhirConnection) -> FhirClient:
    """Give a client for the connection; the caller closes it."""
    return FhirClient(connection)


def is_worth_a_try(error: BaseException) -> bool:
    """Tell whether the EHR is down and asks for no longer pause than a day can wait."""
    if not isinstance(error, EhrDown):
        return False
    return (error.retry_after_seconds or 0.0) <= LONGEST_WAIT_SECONDS


def _pause_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, EhrDown) else None
    return (asked or 0.0) + float(_backoff(state))


def _grouped(parameters: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in parameters:
        grouped.setdefault(name, []).append(value)
    return grouped
