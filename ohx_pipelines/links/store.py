"""The link store's door: one object over its parts, opened on one connection pool.

Belongs here: opening, closing, the deployment's check value. Not here: the parts' queries.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.audit import AuditLog
from ohx_pipelines.links.authorizations import Authorizations
from ohx_pipelines.links.breakers import Breakers
from ohx_pipelines.links.ehr_connections import EhrConnections
from ohx_pipelines.links.ehr_keys import EhrKeys
from ohx_pipelines.links.file_links import FileLinks
from ohx_pipelines.links.inbox import Inbox
from ohx_pipelines.links.key_check import KeyCheck
from ohx_pipelines.links.ledger import Ledger
from ohx_pipelines.links.link_records import LinkRecordsPart
from ohx_pipelines.links.models import DeploymentRow
from ohx_pipelines.links.outlasting import connect_again
from ohx_pipelines.links.overview import Overview
from ohx_pipelines.links.patients import Patients
from ohx_pipelines.links.retractions import Retractions
from ohx_pipelines.links.sharing import Sharing
from ohx_pipelines.links.statuses import LinkStatuses
from ohx_pipelines.links.token_rows import TokenRows
from ohx_pipelines.links.turns import Turns
from ohx_pipelines.links.unlinking import Unlinking
from ohx_pipelines.links.vault import Vault

POOLED_CONNECTIONS = 5


class LinkStore(
    EhrConnections,
    EhrKeys,
    Patients,
    Authorizations,
    FileLinks,
    LinkStatuses,
    TokenRows,
    Sharing,
    Unlinking,
    LinkRecordsPart,
    Ledger,
    Retractions,
    Breakers,
    Inbox,
    Turns,
    AuditLog,
    KeyCheck,
    Overview,
):
    """EHR connections, patients, links, tokens and outcomes of one deployment."""

    def __init__(self, engine: Engine, vault: Vault, *, identifier_secret: str) -> None:
        """Work on `engine` and seal with `vault`; use `open_store` to make one."""
        super().__init__(engine, vault)
        self._identifier_secret = identifier_secret

    def close(self) -> None:
        """Close the connection pool."""
        self.engine.dispose()

    def check_identifier_secret(self) -> None:
        """Note the identifier secret on first use, and refuse another one ever after.

        Raises ConfigurationError: with another secret every id in the EHR would change.
        """
        check = self._identifier_check()
        with Session(self.engine) as session, session.begin():
            session.execute(
                insert(DeploymentRow).values(id=1, identifier_check=check).on_conflict_do_nothing()
            )
            noted = session.get_one(DeploymentRow, 1).identifier_check
        if not hmac.compare_digest(noted, check):
            message = (
                "OHX_IDENTIFIER_SECRET is not the one this database was first used with: every id "
                "in the EHR would change. Set the former secret, or use a new database."
            )
            raise ConfigurationError(message)

    def identifier_secret_fits(self) -> bool | None:
        """Tell whether the secret is that of the first use, None before it; notes nothing."""
        with Session(self.engine) as session:
            row = session.get(DeploymentRow, 1)
        if row is None:
            return None
        return hmac.compare_digest(row.identifier_check, self._identifier_check())

    def _identifier_check(self) -> str:
        return hmac.new(
            self._identifier_secret.encode(), b"ohx identifier check", hashlib.sha256
        ).hexdigest()


def open_store(database_url: str, vault: Vault, *, identifier_secret: str) -> LinkStore:
    """Open the store; statements' parameters never reach an error's text."""
    engine = create_engine(
        database_url,
        pool_size=POOLED_CONNECTIONS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    connect_again(engine)
    return LinkStore(engine, vault, identifier_secret=identifier_secret)
