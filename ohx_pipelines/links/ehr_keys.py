"""Key pairs that sign for EHR connections: private parts sealed, public parts published.

Belongs here: their rows, which one signs now, what is published and for how long. Not here: making
keys or signing (`fhir/signing_keys.py`).
A new key is published before it signs, and a former one after it signed: a server that read our
keys some time ago still knows the one that is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, delete, func, not_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.ehr_tables import EhrKeyRow, EhrRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import EhrKey

PRIVATE = "private-key"
# As long as the portal lets others keep what they read of our keys.
PUBLISHED_BEFORE = timedelta(hours=1)
PUBLISHED_AFTER = timedelta(days=1)


class NewEhrKey(Protocol):
    """A key pair on its way into the store: both parts as JWK, the private one as JSON."""

    @property
    def kid(self) -> str:
        """The key's name."""
        ...

    @property
    def public_jwk(self) -> Mapping[str, Any]:
        """What everybody may see."""
        ...

    @property
    def private_jwk(self) -> str:
        """What is sealed."""
        ...


class EhrKeys(Part):
    """The signing keys of all connections."""

    def add_ehr_key(self, name: str, key: NewEhrKey, *, at_once: bool = False) -> None:
        """Give a connection another key; raises NotFound without such a connection.

        The first one signs at once. A later one signs when it was published for an hour, and the
        former stays published for a day after that; with `at_once` it is trusted no more.
        """
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            ehr = ehr_row(session, name, to_change=True)
            former = _rows(session, ehr.id)
            signs_from = now if at_once or not former else now + PUBLISHED_BEFORE
            for row in former:
                row.published_until = now if at_once else signs_from + PUBLISHED_AFTER
            self._insert(session, ehr.id, key, signs_from)
            forget_former_keys(session, ehr.id)

    def use_ehr_key(self, name: str, key: NewEhrKey) -> None:
        """Let a key that an operator brings sign at once, unless it does so already."""
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            ehr = ehr_row(session, name, to_change=True)
            signing = signing_row(session, ehr.id)
            if signing is not None and signing.kid == key.kid:
                return
            for row in _rows(session, ehr.id):
                waits = row.signs_from > now
                row.published_until = now if waits else now + PUBLISHED_AFTER
            self._insert(session, ehr.id, key, now)
            forget_former_keys(session, ehr.id)

    def ehr_keys(self, name: str) -> list[EhrKey]:
        """Give the keys of a connection, oldest first, without what is private."""
        with Session(self.engine) as session:
            ehr = ehr_row(session, name)
            signing = signing_row(session, ehr.id)
            return [
                EhrKey(
                    kid=row.kid,
                    public_jwk=row.public_jwk,
                    made_at=row.made_at,
                    signs_from=row.signs_from,
                    published_until=row.published_until,
                    signs=signing is not None and row.kid == signing.kid,
                )
                for row in _rows(session, ehr.id)
            ]

    def published_keys(self) -> list[dict[str, Any]]:
        """Give the public keys of all connections that others may still need, once each."""
        query = select(EhrKeyRow).where(_is_published()).order_by(EhrKeyRow.kid)
        with Session(self.engine) as session:
            return list({row.kid: row.public_jwk for row in session.scalars(query)}.values())

    def _insert(
        self, session: Session, connection_id: str, key: NewEhrKey, signs_from: datetime
    ) -> None:
        owner = key_owner(connection_id, key.kid)
        data_key, wrapped = self.vault.new_data_key(owner)
        values = {
            "public_jwk": dict(key.public_jwk),
            "key_id": wrapped.key_id,
            "wrapped_key": wrapped.sealed,
            "private_sealed": self.vault.seal(
                data_key, key.private_jwk, owner=owner, name=PRIVATE, version=1
            ),
            "signs_from": signs_from,
            "published_until": None,
        }
        session.flush()
        session.execute(
            insert(EhrKeyRow)
            .values(kid=key.kid, ehr_connection_id=connection_id, **values)
            .on_conflict_do_update(index_elements=["kid", "ehr_connection_id"], set_=values)
        )
        session.expire_all()


def signing_row(session: Session, connection_id: str) -> EhrKeyRow | None:
    """Give the key that signs now: the one that began to last."""
    return session.scalar(
        select(EhrKeyRow)
        .where(
            EhrKeyRow.ehr_connection_id == connection_id,
            EhrKeyRow.signs_from <= datetime.now(UTC),
            EhrKeyRow.private_sealed.is_not(None),
        )
        .order_by(EhrKeyRow.signs_from.desc())
        .limit(1)
    )


def forget_former_keys(session: Session, connection_id: str) -> None:
    """Destroy the private part of what signs no more, and rows that are published no more."""
    signing = signing_row(session, connection_id)
    for row in _rows(session, connection_id):
        if signing is not None and row.signs_from < signing.signs_from:
            row.key_id = row.wrapped_key = row.private_sealed = None
    session.flush()
    session.execute(
        delete(EhrKeyRow).where(EhrKeyRow.ehr_connection_id == connection_id, not_(_is_published()))
    )


def key_owner(connection_id: str, kid: str) -> str:
    """Give the name under which a key's data key is wrapped."""
    return f"ehr-key:{connection_id}:{kid}"


def ehr_row(session: Session, name: str, *, to_change: bool = False) -> EhrRow:
    """Give a connection's row, locked when it is to be changed; raises NotFound."""
    query = select(EhrRow).where(EhrRow.name == name)
    row = session.scalar(query.with_for_update() if to_change else query)
    if row is None:
        message = f"there is no EHR connection called {name!r}: see `ohx ehr list`"
        raise NotFound(message)
    return row


def _is_published() -> ColumnElement[bool]:
    # Not null-safe by itself: a condition that is neither true nor false matches nothing.
    return func.coalesce(EhrKeyRow.published_until > datetime.now(UTC), True)


def _rows(session: Session, connection_id: str) -> list[EhrKeyRow]:
    query = select(EhrKeyRow).where(EhrKeyRow.ehr_connection_id == connection_id)
    return list(session.scalars(query.order_by(EhrKeyRow.made_at, EhrKeyRow.signs_from)))
