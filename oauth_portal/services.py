"""What the portal works with, handed in once: settings, link store, vendors, EHR.

Belongs here: the Services record and how a request gets at it. Not here: how its parts are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from flask import abort, current_app

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.importing import FileResult, Progress
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.records import EhrConnection, Patient
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.base import Provider, ProviderFacts
from ohx_pipelines.providers.files.base import FileProvider, ParsedFile
from ohx_pipelines.providers.files.source import FileSource
from ohx_pipelines.providers.registry import file_sources
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


class FileImporter(Protocol):
    """The part of an Importing that uploads need."""

    def is_anothers(self, patient: Patient, parsed: ParsedFile) -> bool:
        """Tell whether the file says that it is not the patient's; raises EhrError."""
        ...

    def publish(
        self, link_id: str, parsed: ParsedFile, *, most_seconds: float
    ) -> Iterator[Progress | FileResult]:
        """Publish a file's days; the last thing given is the result."""
        ...


def no_importing() -> AbstractContextManager[FileImporter]:
    """Raise ConfigurationError: without apps whose files are taken there is nothing to import."""
    message = "nothing imports files here"
    raise ConfigurationError(message)


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything outside the portal that it talks to.

    What the portal has written to an EHR is the end of a link, by `link_records`, which by default
    is left to Dagster's sensor, and what a patient uploads, by `importing`. `files` are the apps
    whose files are taken, by name.
    """

    settings: Settings
    store: LinkStore
    providers: Mapping[str, Provider]
    ehr_client: Callable[[EhrConnection], EhrReader]
    link_records: Callable[[], AbstractContextManager[LinkRecords | None]] = nullcontext
    files: Mapping[str, FileProvider] = field(default_factory=dict)
    importing: Callable[[], AbstractContextManager[FileImporter]] = no_importing

    @property
    def facts(self) -> dict[str, ProviderFacts]:
        """The facts of all that is set up, clouds and apps."""
        clouds = {name: one.facts for name, one in self.providers.items()}
        return clouds | {name: one.facts for name, one in self.files.items()}

    def link_provider(self, name: str) -> Provider | None:
        """Give what ends and describes a link: a vendor, or an app, also of files not taken now."""
        if name in self.files:
            return FileSource(facts=self.files[name].facts)
        return self.providers.get(name) or file_sources().get(name)


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


def file_provider_or_404(name: str) -> FileProvider:
    """Give the app that an address names; one whose files are not taken is a page not found."""
    app = services().files.get(name)
    if app is None:
        abort(404)
    return app


def facts_or_404(name: str) -> ProviderFacts:
    """Give the facts of a link's vendor or app; of one that is not set up, a page not found."""
    app = services().files.get(name)
    return app.facts if app else provider_or_404(name).facts
