"""Opens the rooms that the settings describe: the link store, an EHR client.

Belongs here: settings in, opened objects out, for every process alike. Not here: what they do.
"""

from __future__ import annotations

import base64

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.client import FhirClient, connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.links.records import EhrConnection
from ohx_pipelines.links.store import LinkStore, open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.settings import EhrSettings, Settings


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


def save_default_ehr(store: LinkStore, ehr: EhrSettings) -> EhrConnection:
    """Create or update the default EHR connection from the settings."""
    secret = {"bearer": ehr.token, "basic": ehr.password}.get(ehr.auth)
    return store.save_ehr(
        name=ehr.name,
        url=ehr.url,
        auth=ehr.auth,
        username=ehr.username,
        credential=secret.get_secret_value() if secret else None,
        timeout_seconds=ehr.timeout_seconds,
    )


def ehr_client(connection: EhrConnection) -> FhirClient:
    """Give a pooled FHIR client for a stored connection; the caller closes it."""
    bearer = connection.auth == "bearer"
    return connect(
        FhirConnection(
            url=connection.url,
            auth=connection.auth,
            token=connection.credential if bearer else None,
            username=connection.username,
            password=None if bearer else connection.credential,
            timeout_seconds=connection.timeout_seconds,
        )
    )
