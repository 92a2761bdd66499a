"""Which stored keys the key-encryption key at hand can open.

Belongs here: counting the rows that hold a data key. Not here: what is sealed under one, which stays
closed, or changing any row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ohx_pipelines.errors import VaultError
from ohx_pipelines.links.ehr_tables import EhrKeyRow, EhrRow
from ohx_pipelines.links.models import AuthorizationRow, LinkRow
from ohx_pipelines.links.part import Part


@dataclass(frozen=True, kw_only=True)
class KeyReport:
    """How many data keys could be opened; of the others how many by the name of their key."""

    opened: int
    closed: Mapping[str, int]


class KeyCheck(Part):
    """A trial of every data key."""

    def key_report(self) -> KeyReport:
        """Open the data key of every EHR credential and key, link and pending authorization."""
        opened, closed = 0, Counter[str]()
        with Session(self.engine) as session:
            for key_id, wrapped, owner in _held_keys(session):
                try:
                    self.open_key(key_id, wrapped, owner=owner)
                except VaultError:
                    closed[key_id] += 1
                else:
                    opened += 1
        return KeyReport(opened=opened, closed=dict(closed))


def _held_keys(session: Session) -> Iterator[tuple[str, bytes, str]]:
    """Give name, wrapped key and owner; the owners are those that the sealing parts name."""
    held = (
        (EhrRow.id, EhrRow.key_id, EhrRow.wrapped_key, "ehr:"),
        (EhrKeyRow.owner, EhrKeyRow.key_id, EhrKeyRow.wrapped_key, "ehr-key:"),
        (LinkRow.id, LinkRow.key_id, LinkRow.wrapped_key, ""),
        (AuthorizationRow.state_hash, AuthorizationRow.key_id, AuthorizationRow.wrapped_key, ""),
    )
    for row_id, key_id, wrapped, prefix in held:
        query = select(row_id, key_id, wrapped).where(wrapped.is_not(None))
        for one, name, sealed in session.execute(query):
            yield name or "", sealed or b"", f"{prefix}{one}"
