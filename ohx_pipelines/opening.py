"""Opens the rooms that the settings describe: the link store, the vendors, an EHR client.

Belongs here: settings in, opened objects out, for every process alike. Not here: what they do.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from ohx_pipelines.ehr_settings import EhrSettings
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.client import FhirClient, connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.signing_in.signing_keys import SigningKey, read_signing_key
from ohx_pipelines.links.call_budget import SharedBudget, budget_within
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore, open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.base import CallBudget, Limit, Provider, Unlimited
from ohx_pipelines.providers.registry import build_providers, file_sources
from ohx_pipelines.settings import Settings


def store_from(settings: Settings) -> LinkStore:
    """Open the link store; raises ConfigurationError when no database is named."""
    if settings.database_url is None:
        message = "OHX_DATABASE_URL is not set; `ohx up` sets it for the private PostgreSQL."
        raise ConfigurationError(message)
    key = base64.b64decode(settings.token_key.get_secret_value())
    return open_store(
        settings.database_url,
        Vault(key, key_id=settings.token_key_id),
        identifier_secret=settings.identifier_secret.get_secret_value(),
    )


def providers_from(settings: Settings, store: LinkStore | None) -> dict[str, Provider]:
    """Build the vendors' clients; what they call is counted in the store, with all other processes.

    Without a store there is no count: that is for commands that find no database.
    """

    def budget_for(name: str, limits: Sequence[Limit]) -> CallBudget:
        budget = budget_within(name, limits)
        if store is None or budget is None:
            return Unlimited()
        return SharedBudget(store, budget, longest_wait_seconds=settings.sync.longest_wait_seconds)

    return build_providers(settings, budget_for=budget_for)


def sources_from(settings: Settings, store: LinkStore | None) -> dict[str, Provider]:
    """Give the vendors' clients and, without a file, every app whose files make links.

    It is what ends, describes and copies links; clouds alone have anything to be asked.
    """
    return providers_from(settings, store) | file_sources()


def save_default_ehr(store: LinkStore, ehr: EhrSettings) -> EhrConnection:
    """Create or update the default EHR connection from the settings.

    Raises ConfigurationError when a key file is named and cannot be used.
    """
    key = _key_from(ehr.private_key_file) if ehr.private_key_file else None
    saved = save_ehr(store, ehr)
    if key is None:
        return saved
    store.use_ehr_key(ehr.name, key)
    return store.ehr(saved.id)


def save_ehr(store: LinkStore, ehr: EhrSettings) -> EhrConnection:
    """Create or update the EHR connection that such settings describe."""
    return store.save_ehr(
        name=ehr.name,
        url=ehr.url,
        auth=ehr.auth,
        username=ehr.username,
        credential=ehr.credential.get_secret_value() if ehr.credential else None,
        timeout_seconds=ehr.timeout_seconds,
        client_id=ehr.client_id,
        scope=ehr.scope,
        token_url=ehr.token_url,
        write_mode=ehr.write_mode,
        leave_out=ehr.left_out,
    )


def _key_from(file: Path) -> SigningKey:
    try:
        return read_signing_key(file.read_bytes())
    except OSError:
        problem = "it cannot be read"
    except ConfigurationError as error:
        problem = str(error)
    message = f"OHX_EHR__PRIVATE_KEY_FILE: {problem}"
    raise ConfigurationError(message)


def ehr_client(connection: EhrConnection) -> FhirClient:
    """Give a pooled FHIR client for a stored connection; the caller closes it."""
    return connect(fhir_connection(connection))


def fhir_connection(connection: EhrConnection) -> FhirConnection:
    """Give a stored connection as the FHIR room knows it."""
    sent_as = {"bearer": "token", "basic": "password"}.get(connection.auth, "client_secret")
    return FhirConnection(
        url=connection.url,
        auth=connection.auth,
        username=connection.username,
        client_id=connection.client_id,
        private_key=connection.private_key,
        scope=connection.scope,
        token_url=connection.token_url,
        write_mode=connection.write_mode,
        timeout_seconds=connection.timeout_seconds,
        **{sent_as: connection.credential},
    )
