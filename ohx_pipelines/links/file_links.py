"""Links that files make: whoever uploads one shares it, and there is no account and no token.

Belongs here: making such a link and beginning an ended one anew. Not here: links of vendors' accounts
(`provider_links.py`), the file itself (`ohx_pipelines/importing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ohx_pipelines.errors import OhxError
from ohx_pipelines.links.audit import Deed, note
from ohx_pipelines.links.ehr_tables import EhrRow
from ohx_pipelines.links.models import LinkRow, PatientRow
from ohx_pipelines.links.part import ACCOUNT, new_id
from ohx_pipelines.links.provider_links import ProviderLinks, lock_account, lock_patient
from ohx_pipelines.links.record_versions import consent
from ohx_pipelines.links.records import Link, LinkState

# Whoever takes the link however it stands: tools that nobody has shown it to before.
ANY = "any"


class FileLinkChanged(OhxError):
    """The link is not as it was when its owner said yes: they look at it, then say it again."""

    code = "file_link_changed"


class FileLinks(ProviderLinks):
    """Links of vendors' accounts, and beside them those of files."""

    def open_file_link(
        self,
        *,
        patient_id: str,
        provider: str,
        zone: ZoneInfo,
        data_types: Sequence[str],
        expected: str | None = ANY,
    ) -> Link:
        """Give the patient's link of an app's files: active at once, for the upload is the yes.

        An active one keeps its zone and what it shares; an ended one, or one that is being ended,
        is begun anew with these under its former id. `expected` is the active one that the patient
        knew of at the yes, None for none. Raises FileLinkChanged when that is no longer so, NotFound
        when there is no such patient, AccountAlreadyLinked when somebody else who signs in for the
        same record has one.
        """
        with Session(self.engine) as session, session.begin():
            lock_patient(session, patient_id)
            account = _account(session, patient_id)
            account_hash = self.vault.keyed_hash("account", provider, account)
            lock_account(session, account_hash)
            self._refuse_taken(session, patient_id, provider, account_hash)
            known = self._own_row(session, patient_id, provider, account_hash)
            is_active = known is not None and known.state == LinkState.ACTIVE.value
            if expected not in (ANY, known.id if known and is_active else None):
                raise FileLinkChanged
            if known is not None and is_active:
                return self._link_record(session, known)
            row = known or LinkRow(
                id=new_id(), provider=provider, patient_id=patient_id, account_hash=account_hash
            )
            self._begin(row, account, zone, data_types)
            session.add(row)
            session.flush()
            who = f"patient {patient_id}"
            note(session, who, Deed.LINKED_AGAIN if known else Deed.LINKED, row)
            note(session, who, Deed.CONFIRMED, row)
            session.refresh(row)
            return self._link_record(session, row)

    def _begin(self, row: LinkRow, account: str, zone: ZoneInfo, data_types: Sequence[str]) -> None:
        data_key, wrapped = self.vault.new_data_key(row.id)
        row.key_id, row.wrapped_key = wrapped.key_id, wrapped.sealed
        row.account_sealed = self.vault.seal(
            data_key, account, owner=row.id, name=ACCOUNT, version=1
        )
        row.scopes, row.data_types, row.zone = [], list(data_types), zone.key
        row.state = LinkState.ACTIVE.value
        row.unlink_attempts, row.unlink_tried_at, row.unlink_error = 0, None, None
        row.linked_at = row.confirmed_at = datetime.now(UTC)
        row.record_version = row.record_version or 0
        consent(row, at=row.confirmed_at)


def _account(session: Session, patient_id: str) -> str:
    """Give whose files they are, for no vendor knows an account: the record that they go to.

    By the EHR's name for it: readings keep their ids when all of this is set up anew.
    """
    patient = session.get_one(PatientRow, patient_id)
    ehr = session.get_one(EhrRow, patient.ehr_connection_id)
    return f"file of {ehr.name} Patient/{patient.fhir_id}"
