"""Provider links: a patient's account at a vendor, and the states it goes through.

Belongs here: who may hold which account, and the changes of state. Not here: tokens' refresh
(`tokens.py`) or OAuth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from ohx_pipelines.errors import AccountAlreadyLinked, NotFound
from ohx_pipelines.links.audit import SYSTEM, Deed, note
from ohx_pipelines.links.erasing import let_go
from ohx_pipelines.links.models import LinkRow, PatientRow, TokenRow
from ohx_pipelines.links.part import ACCOUNT, Part, new_id
from ohx_pipelines.links.patients import patient_record
from ohx_pipelines.links.record_versions import changed, consent
from ohx_pipelines.links.records import Link, LinkState
from ohx_pipelines.links.sharing import leave_out
from ohx_pipelines.links.token_rows import new_token_row
from ohx_pipelines.providers.base import TokenGrant

# Only these come back without a question: whoever asked to end a link must say yes again.
CONFIRMED = (LinkState.ACTIVE.value, LinkState.NEEDS_RELINK.value)
# An account that somebody connected and never confirmed is free again after this.
UNCONFIRMED_FOR = timedelta(hours=1)


class AccountTaken(AccountAlreadyLinked):
    """`reason` says whose link stands in the way: this patient's other one, or somebody else's."""

    def __init__(self, reason: Literal["other_account", "other_patient"]) -> None:
        super().__init__(f"the account cannot be linked: {reason}")
        self.reason = reason


class ProviderLinks(Part):
    """Links by id, patient and provider."""

    def save_link(
        self,
        *,
        patient_id: str,
        provider: str,
        grant: TokenGrant,
        data_types: Sequence[str],
        refused: Collection[str] = (),
    ) -> Link:
        """Keep a new authorization: a new `unconfirmed` link, or the old one of the same account.

        An account that was confirmed before is `active` at once and keeps its link id and what it
        shares, without the `refused` data types, which the vendor was not let give, unless nothing
        else is left; any other shares `data_types`, unless its EHR is still to be told what has ended.
        Raises AccountAlreadyLinked when the patient has another live account at the provider, or
        another patient has this one.
        """
        account_hash = self.vault.keyed_hash("account", provider, grant.user)
        with Session(self.engine) as session, session.begin():
            # One linking at a time per patient, who may come back in two windows at once, then
            # per account: so may two patients. Always in this order, so that none waits in a ring.
            lock_patient(session, patient_id)
            lock_account(session, account_hash)
            self._refuse_taken(session, patient_id, provider, account_hash)
            known = self._own_row(session, patient_id, provider, account_hash)
            row = known or LinkRow(
                id=new_id(),
                provider=provider,
                patient_id=patient_id,
                account_hash=account_hash,
                state=LinkState.UNCONFIRMED.value,
            )
            deed = Deed.LINKED_AGAIN if known else Deed.LINKED
            is_renewed = self._renew(session, row, grant, data_types)
            note(session, f"patient {patient_id}", deed, row)
            left_out = leave_out(session, row, refused) if is_renewed else ()
            session.flush()
            session.refresh(row)
            return replace(self._link_record(session, row), left_out=left_out)

    def link(self, link_id: str) -> Link:
        """Give a link; raises NotFound."""
        with Session(self.engine) as session:
            return self._link_record(session, _get(session, link_id))

    def links_of(self, patient_id: str) -> list[Link]:
        """Give a patient's links, oldest first."""
        query = select(LinkRow).where(LinkRow.patient_id == patient_id).order_by(LinkRow.number)
        with Session(self.engine) as session:
            return [self._link_record(session, row) for row in session.scalars(query)]

    def confirm_link(self, link_id: str, *, zone: ZoneInfo) -> Link:
        """Make an unconfirmed link active, its days counted in `zone`; raises NotFound."""
        with Session(self.engine) as session, session.begin():
            row = _waiting(session, link_id)
            row.state, row.zone = LinkState.ACTIVE.value, zone.key
            row.confirmed_at = datetime.now(UTC)
            consent(row, at=row.confirmed_at)
            note(session, f"patient {row.patient_id}", Deed.CONFIRMED, row)
            return self._link_record(session, row)

    def discard_link(self, link_id: str) -> None:
        """Let an unconfirmed link go, its tokens destroyed; raises NotFound for any other."""
        with Session(self.engine) as session, session.begin():
            row = _waiting(session, link_id)
            who = f"patient {row.patient_id}"
            note(session, who, Deed.DISCARDED, row)
            let_go(session, row, who=who)

    def set_state(self, link_id: str, state: LinkState) -> None:
        """Put a link in a state; raises NotFound."""
        with Session(self.engine) as session, session.begin():
            _get(session, link_id, lock=True).state = state.value

    def active_link_ids(self, provider: str) -> list[str]:
        """Give the provider's active links in the order in which they were made."""
        query = (
            select(LinkRow.id)
            .where(LinkRow.provider == provider, LinkRow.state == LinkState.ACTIVE.value)
            .order_by(LinkRow.number)
        )
        with Session(self.engine) as session:
            return list(session.scalars(query))

    def _refuse_taken(
        self, session: Session, patient_id: str, provider: str, account_hash: str
    ) -> None:
        unconfirmed = select(LinkRow).where(
            LinkRow.provider == provider,
            LinkRow.state == LinkState.UNCONFIRMED.value,
            (LinkRow.account_hash == account_hash) != (LinkRow.patient_id == patient_id),
        )
        lapsed = datetime.now(UTC) - UNCONFIRMED_FOR
        # In one order, so that two who come upon each other's rows do not wait in a ring.
        found = session.scalars(unconfirmed.order_by(LinkRow.number).with_for_update())
        for row in found.all():
            # Another account of the same patient gives way; another patient's has an hour.
            if row.patient_id == patient_id or row.linked_at < lapsed:
                let_go(session, row, who=SYSTEM)
        session.flush()
        others = session.scalars(
            select(LinkRow).where(
                LinkRow.provider == provider,
                LinkRow.state != LinkState.UNLINKED.value,
                (LinkRow.account_hash == account_hash) != (LinkRow.patient_id == patient_id),
            )
        ).all()
        if any(row.account_hash == account_hash for row in others):
            raise AccountTaken("other_patient")
        # Nobody waits for a vendor to take note of the end of another account.
        if any(row.state != LinkState.UNLINKING.value for row in others):
            raise AccountTaken("other_account")

    def _own_row(
        self, session: Session, patient_id: str, provider: str, account_hash: str
    ) -> LinkRow | None:
        return session.scalar(
            select(LinkRow)
            .where(
                LinkRow.provider == provider,
                LinkRow.account_hash == account_hash,
                LinkRow.patient_id == patient_id,
            )
            .with_for_update()
        )

    def _renew(
        self, session: Session, row: LinkRow, grant: TokenGrant, data_types: Sequence[str]
    ) -> bool:
        """Give the row a new data key and seal what the grant brought under it.

        Tells whether it was confirmed before, and is active at once.
        """
        confirmed_before = row.state in CONFIRMED and row.zone is not None
        row.state = (LinkState.ACTIVE if confirmed_before else LinkState.UNCONFIRMED).value
        row.confirmed_at = row.confirmed_at if confirmed_before else None
        if confirmed_before:
            changed(row)
        row.unlink_attempts, row.unlink_tried_at, row.unlink_error = 0, None, None
        data_key, wrapped = self.vault.new_data_key(row.id)
        row.key_id, row.wrapped_key = wrapped.key_id, wrapped.sealed
        row.account_sealed = self.vault.seal(
            data_key, grant.user, owner=row.id, name=ACCOUNT, version=1
        )
        row.scopes = sorted(grant.scopes)
        # Whoever only renews the permission has chosen before what is shared; and an end that the
        # EHR was not told of yet is the end of what was shared until then.
        untold = row.ended_at is not None and row.record_written != row.record_version
        row.data_types = row.data_types if confirmed_before or untold else list(data_types)
        row.linked_at = datetime.now(UTC)
        session.add(row)
        session.flush()
        version = (session.scalar(_version_of(row.id)) or 0) + 1
        session.merge(new_token_row(self.vault, data_key, row.id, grant, version=version))
        return confirmed_before

    def _link_record(self, session: Session, row: LinkRow) -> Link:
        return Link(
            id=row.id,
            provider=row.provider,
            patient=patient_record(session.get_one(PatientRow, row.patient_id)),
            state=LinkState(row.state),
            scopes=frozenset(row.scopes),
            data_types=tuple(row.data_types),
            zone=ZoneInfo(row.zone) if row.zone else None,
            vendor_user=self._vendor_user(row),
            created_at=row.created_at,
            confirmed_at=row.confirmed_at,
        )

    def _vendor_user(self, row: LinkRow) -> str | None:
        if row.key_id is None or row.wrapped_key is None or row.account_sealed is None:
            return None
        data_key = self.open_key(row.key_id, row.wrapped_key, owner=row.id)
        return self.vault.open(data_key, row.account_sealed, owner=row.id, name=ACCOUNT, version=1)


def _get(session: Session, link_id: str, *, lock: bool = False) -> LinkRow:
    row = session.get(LinkRow, link_id, with_for_update=lock)
    if row is None:
        message = f"there is no link {link_id}"
        raise NotFound(message)
    return row


def _waiting(session: Session, link_id: str) -> LinkRow:
    """Give a link that waits for its confirmation, locked: a yes and a no may come at once."""
    row = _get(session, link_id, lock=True)
    if row.state != LinkState.UNCONFIRMED.value:
        message = f"link {link_id} does not wait for a confirmation"
        raise NotFound(message)
    return row


def lock_account(session: Session, account_hash: str) -> None:
    """Let one linking at a time be made for an account; after the patient's."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:account))"), {"account": account_hash}
    )


def lock_patient(session: Session, patient_id: str) -> None:
    """Let one linking at a time be made for a patient; raises NotFound."""
    found = session.get(PatientRow, patient_id, with_for_update={"key_share": True})
    if found is None:
        message = "there is no such patient"
        raise NotFound(message)


def _version_of(link_id: str) -> Select[int]:
    return select(TokenRow.version).where(TokenRow.link_id == link_id)
