"""EHR connections in the store.

Belongs here: their rows, credentials sealed. Not here: talking to an EHR (`fhir/`).
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.models import EhrRow
from ohx_pipelines.links.part import Part, new_id
from ohx_pipelines.links.records import EhrConnection

CREDENTIAL = "credential"


class EhrConnections(Part):
    """EHR connections by id and by name."""

    def save_ehr(
        self,
        *,
        name: str,
        url: str,
        auth: str,
        username: str | None,
        credential: str | None,
        timeout_seconds: float,
    ) -> EhrConnection:
        """Create the connection of that name, or update it."""
        with Session(self.engine) as session, session.begin():
            # Two processes may save the default connection at their first start.
            session.execute(
                insert(EhrRow)
                .values(id=new_id(), name=name, url=url, auth=auth, timeout_seconds=timeout_seconds)
                .on_conflict_do_nothing(index_elements=["name"])
            )
            row = session.scalars(select(EhrRow).where(EhrRow.name == name).with_for_update()).one()
            row.url, row.auth, row.username = url, auth, username
            row.timeout_seconds, row.updated_at = timeout_seconds, func.now()
            self._seal_credential(row, credential)
            return self._ehr_record(row)

    def ehr(self, connection_id: str) -> EhrConnection:
        """Give a connection by id; raises NotFound."""
        with Session(self.engine) as session:
            row = session.get(EhrRow, connection_id)
            if row is None:
                message = f"there is no EHR connection {connection_id}"
                raise NotFound(message)
            return self._ehr_record(row)

    def ehr_by_name(self, name: str) -> EhrConnection:
        """Give a connection by name; raises NotFound."""
        with Session(self.engine) as session:
            row = session.scalar(select(EhrRow).where(EhrRow.name == name))
            if row is None:
                message = f"there is no EHR connection called {name!r}: see `ohx ehr list`"
                raise NotFound(message)
            return self._ehr_record(row)

    def ehrs(self) -> list[EhrConnection]:
        """Give all connections, by name."""
        with Session(self.engine) as session:
            rows = session.scalars(select(EhrRow).order_by(EhrRow.name))
            return [self._ehr_record(row) for row in rows]

    def _seal_credential(self, row: EhrRow, credential: str | None) -> None:
        row.key_id = row.wrapped_key = row.credential_sealed = None
        if credential is None:
            return
        owner = f"ehr:{row.id}"
        data_key, wrapped = self.vault.new_data_key(owner)
        row.key_id, row.wrapped_key = wrapped.key_id, wrapped.sealed
        row.credential_sealed = self.vault.seal(
            data_key, credential, owner=owner, name=CREDENTIAL, version=1
        )

    def _ehr_record(self, row: EhrRow) -> EhrConnection:
        return EhrConnection(
            id=row.id,
            name=row.name,
            url=row.url,
            auth=row.auth,
            username=row.username,
            credential=self._credential(row),
            timeout_seconds=row.timeout_seconds,
        )

    def _credential(self, row: EhrRow) -> str | None:
        if row.credential_sealed is None or row.wrapped_key is None or row.key_id is None:
            return None
        owner = f"ehr:{row.id}"
        data_key = self.open_key(row.key_id, row.wrapped_key, owner=owner)
        return self.vault.open(
            data_key, row.credential_sealed, owner=owner, name=CREDENTIAL, version=1
        )
