"""EHR connections in the store.

Belongs here: their rows, credentials sealed, what was found out about them. Not here: talking to an
EHR (`fhir/`), the keys that sign for them (`ehr_keys.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.ehr_keys import (
    PRIVATE,
    ehr_row,
    forget_former_keys,
    key_owner,
    signing_row,
)
from ohx_pipelines.links.ehr_tables import EhrRow
from ohx_pipelines.links.part import Part, new_id
from ohx_pipelines.links.records import EhrConnection

CREDENTIAL = "credential"
WRITE_MODE = "put-id"
SIGNED = "smart_backend"


class EhrOptions(TypedDict, total=False):
    """What a connection has beside its address and credential.

    A write mode of None changes nothing, and so do left-out types of None.
    """

    client_id: str | None
    scope: str | None
    token_url: str | None
    write_mode: str | None
    leave_out: Sequence[str] | None


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
        **options: Unpack[EhrOptions],
    ) -> EhrConnection:
        """Create the connection of that name, or update it.

        With another address it is another server: what was found out is forgotten.
        """
        with Session(self.engine) as session, session.begin():
            # Two processes may save the default connection at their first start.
            session.execute(
                insert(EhrRow)
                .values(id=new_id(), name=name, url=url, auth=auth, timeout_seconds=timeout_seconds)
                .on_conflict_do_nothing(index_elements=["name"])
            )
            row = ehr_row(session, name, to_change=True)
            if row.url != url:
                row.write_mode, row.checked_at, row.check_answer = WRITE_MODE, None, None
                row.leave_out = []
            row.url, row.auth, row.username = url, auth, username
            row.client_id, row.scope = options.get("client_id"), options.get("scope")
            row.token_url = options.get("token_url")
            row.write_mode = options.get("write_mode") or row.write_mode
            leave_out = options.get("leave_out")
            row.leave_out = row.leave_out if leave_out is None else list(leave_out)
            row.timeout_seconds, row.updated_at = timeout_seconds, func.now()
            self._seal_credential(row, credential)
            forget_former_keys(session, row.id)
            return self._ehr_record(session, row)

    def save_ehr_check(
        self, name: str, *, write_mode: str | None, answer: Mapping[str, Any]
    ) -> EhrConnection:
        """Keep what was found out about a server, and how it is written from now on.

        A write mode of None changes nothing. Raises NotFound without such a connection.
        """
        with Session(self.engine) as session, session.begin():
            row = ehr_row(session, name, to_change=True)
            row.write_mode = write_mode or row.write_mode
            row.checked_at, row.check_answer = func.now(), dict(answer)
            session.flush()
            session.refresh(row)
            return self._ehr_record(session, row)

    def set_write_mode(self, name: str, write_mode: str) -> None:
        """Write to a server in this mode from now on; raises NotFound."""
        with Session(self.engine) as session, session.begin():
            ehr_row(session, name, to_change=True).write_mode = write_mode

    def set_left_out(self, name: str, resource_types: Sequence[str]) -> None:
        """Give a server none of these resource types from now on; raises NotFound."""
        with Session(self.engine) as session, session.begin():
            ehr_row(session, name, to_change=True).leave_out = list(resource_types)

    def ehr(self, connection_id: str) -> EhrConnection:
        """Give a connection by id; raises NotFound."""
        with Session(self.engine) as session:
            row = session.get(EhrRow, connection_id)
            if row is None:
                message = f"there is no EHR connection {connection_id}"
                raise NotFound(message)
            return self._ehr_record(session, row)

    def ehr_by_name(self, name: str) -> EhrConnection:
        """Give a connection by name; raises NotFound."""
        with Session(self.engine) as session:
            return self._ehr_record(session, ehr_row(session, name))

    def ehrs(self) -> list[EhrConnection]:
        """Give all connections, by name."""
        with Session(self.engine) as session:
            rows = session.scalars(select(EhrRow).order_by(EhrRow.name)).all()
            return [self._ehr_record(session, row) for row in rows]

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

    def _ehr_record(self, session: Session, row: EhrRow) -> EhrConnection:
        return EhrConnection(
            id=row.id,
            name=row.name,
            url=row.url,
            auth=row.auth,
            username=row.username,
            credential=self._credential(row),
            client_id=row.client_id,
            scope=row.scope,
            token_url=row.token_url,
            private_key=self._private_key(session, row.id) if row.auth == SIGNED else None,
            write_mode=row.write_mode,
            leave_out=tuple(row.leave_out),
            checked_at=row.checked_at,
            check_answer=row.check_answer,
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

    def _private_key(self, session: Session, connection_id: str) -> str | None:
        row = signing_row(session, connection_id)
        if row is None or row.private_sealed is None:
            return None
        owner = key_owner(connection_id, row.kid)
        data_key = self.open_key(row.key_id, row.wrapped_key, owner=owner)
        return self.vault.open(data_key, row.private_sealed, owner=owner, name=PRIVATE, version=1)
