"""Pending authorizations: OAuth states, bound to a session, used once, ten minutes long.

Belongs here: their rows. Not here: OAuth (`providers/`) or sessions (`oauth_portal/`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.models import AuthorizationRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.records import OAuthState

STATE_BYTES = 32
KEPT = timedelta(days=1)
VERIFIER = "code-verifier"

Reason = Literal["unknown", "expired", "used", "foreign"]


class StateRefused(NotFound):
    """A state that is not given back; `reason` says why, for pages and logs."""

    code = "state_refused"

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the state is {reason}")
        self.reason = reason


class Authorizations(Part):
    """States by their hash."""

    def start_authorization(
        self,
        *,
        patient_id: str,
        provider: str,
        session_hash: str,
        code_verifier: str | None,
        minutes: int = 10,
    ) -> str:
        """Give a new random state of 256 bits; only its hash is kept, the verifier sealed."""
        state = secrets.token_urlsafe(STATE_BYTES)
        now = datetime.now(UTC)
        row = AuthorizationRow(
            state_hash=_hash(state),
            session_hash=session_hash,
            patient_id=patient_id,
            provider=provider,
            expires_at=now + timedelta(minutes=minutes),
        )
        if code_verifier is not None:
            data_key, wrapped = self.vault.new_data_key(row.state_hash)
            row.key_id, row.wrapped_key = wrapped.key_id, wrapped.sealed
            row.verifier_sealed = self.vault.seal(
                data_key, code_verifier, owner=row.state_hash, name=VERIFIER, version=1
            )
        with Session(self.engine) as session, session.begin():
            session.execute(
                delete(AuthorizationRow).where(AuthorizationRow.expires_at < now - KEPT)
            )
            session.add(row)
        return state

    def finish_authorization(self, *, state: str, session_hash: str, provider: str) -> OAuthState:
        """Give what belongs to a state, once.

        Raises StateRefused when it is unknown, expired, used, or of another session or provider;
        a state that comes back to the wrong session is used up as well.
        """
        now = datetime.now(UTC)
        with Session(self.engine) as session, session.begin():
            row = session.get(AuthorizationRow, _hash(state))
            if row is None:
                raise StateRefused("unknown")
            won = session.execute(
                update(AuthorizationRow)
                .where(
                    AuthorizationRow.state_hash == row.state_hash,
                    AuthorizationRow.used_at.is_(None),
                )
                .values(used_at=now)
                .returning(AuthorizationRow.state_hash)
            ).first()
            refusal = _refusal(row, won=won is not None, session_hash=session_hash, now=now)
            found = None if refusal or row.provider != provider else self._opened(row)
        if found is None:
            raise StateRefused(refusal or "foreign")
        return found

    def _opened(self, row: AuthorizationRow) -> OAuthState:
        verifier = None
        if row.verifier_sealed and row.wrapped_key and row.key_id:
            data_key = self.open_key(row.key_id, row.wrapped_key, owner=row.state_hash)
            verifier = self.vault.open(
                data_key, row.verifier_sealed, owner=row.state_hash, name=VERIFIER, version=1
            )
        return OAuthState(patient_id=row.patient_id, provider=row.provider, code_verifier=verifier)


def _refusal(
    row: AuthorizationRow, *, won: bool, session_hash: str, now: datetime
) -> Reason | None:
    if not won:
        return "used"
    if row.expires_at <= now:
        return "expired"
    same = hmac.compare_digest(row.session_hash, session_hash)
    return None if same else "foreign"


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
