"""What the portal works with, handed in once: settings, link store, vendors, EHR.

Belongs here: the Services record and how a request gets at it. Not here: how its parts are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, cast

from flask import abort, current_app

from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.settings import Settings

EXTENSION = "ohx_portal"


class EhrReader(Protocol):
    """The part of a FHIR client that sign-in needs."""

    def read(self, resource_type: str, id: str, /) -> Mapping[str, Any] | None:  # noqa: A002
        """Give a resource, or None when there is none; raises EhrDown or EhrRejected."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything outside the portal that it talks to.

    The one thing that the portal has written to an EHR is the end of a link, by `link_records`; by
    default that is left to Dagster's sensor.
    """

    settings: Settings
    store: LinkStore
    providers: Mapping[str, Provider]
    ehr_client: Callable[[EhrConnection], EhrReader]
    link_records: Callable[[], AbstractContextManager[LinkRecords | None]] = nullcontext


def services() -> Services:
    """Give the services of the running application."""
    return cast("Services", current_app.extensions[EXTENSION])


def provider_or_404(name: str) -> Provider:
    """Give the vendor that an address names, also by an alias; an unknown one is a page not found."""
    providers = services().providers
    aliased = {alias: one for one in providers.values() for alias in one.facts.aliases}
    # A vendor's own name goes before what another may also be called.
    provider = providers.get(name) or aliased.get(name)
    if provider is None:
        abort(404)
    return provider
