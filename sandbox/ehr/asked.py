"""One interaction: what is asked for, by whom, and what is answered.

Belongs here: the data that passes between HTTP, Bundles and the interactions. Not here: any of
their work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from sandbox.ehr.search import Query
from sandbox.ehr.store import Version
from sandbox.ehr.wire import Json
from sandbox.smart.scopes import Scopes


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The request around one interaction, or around a Bundle of them."""

    base: str
    request_id: str = ""
    scopes: Scopes | None = None  # None: this server asks nobody for a token
    is_judge: bool = False  # the sandbox's own reader, which no setting keeps out
    retries: int = 0  # how often the server tries again by itself after a conflict
    wants_resources: bool = False  # in the answer to a Bundle


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """One request, or one entry of a Bundle."""

    method: str
    caller: Caller
    resource_type: str
    resource_id: str | None = None
    version: str | None = None
    query: Query = ()
    resource: Json | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_none_exist: str | None = None
    condition: Query | None = None  # what chose the id, once it is chosen
    found: Version | None = None  # what stood under the chosen id when it was chosen

    @property
    def is_write(self) -> bool:
        """Say whether it changes anything."""
        return self.method in {"POST", "PUT", "DELETE"}

    @property
    def name(self) -> str:
        """Give the address as `Observation/1`."""
        return f"{self.resource_type}/{self.resource_id}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server answers; `version` is the resource that it is about."""

    status: int
    version: Version | None = None
    body: Json | None = field(default=None)
    said: str = ""  # what was done
    is_unchanged: bool = False  # a PUT of what stood there

    def location(self, base: str) -> str | None:
        """Give the address of the version, for the Location header."""
        if self.version is None:
            return None
        return f"{base}/{'/'.join(self.version.key)}/_history/{self.version.number}"

    def outcome(self) -> Json:
        """Give the OperationOutcome of what went well."""
        issue = {"severity": "information", "code": "informational", "diagnostics": self.said}
        return {"resourceType": "OperationOutcome", "issue": [issue]}


def read_query(text: str) -> Query:
    """Split a search as it stands in an address or in If-None-Exist, with or without the type."""
    return parse_qsl(text.rpartition("?")[2].replace("+", "%2B"), keep_blank_values=True)
