"""What the EHR is to know of a link: what is shared now, and which copies of it are due.

Belongs here: reading that, and noting how copying went. Not here: the copy itself
(`ohx_pipelines/link_record.py`) or what raises a record's version (`record_versions.py`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.audit import SYSTEM, Deed, note
from ohx_pipelines.links.growing_pause import has_paused
from ohx_pipelines.links.models import LinkRow, PatientRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.patients import patient_record
from ohx_pipelines.links.records import LinkState, Patient
from ohx_pipelines.links.writer_lock import WriterLocks

# A copy takes seconds; who waits longer leaves it to the next try.
LONGEST_WAIT_SECONDS = 5.0
CONSENTED = (LinkState.ACTIVE.value, LinkState.NEEDS_RELINK.value)


@dataclass(frozen=True, kw_only=True)
class RecordToCopy:
    """A link as the EHR is told of it, at one version; needs none of the link's keys.

    `since` is when its owner agreed (None when never), `chosen` when the data types were chosen last,
    `until` when the owner wanted no more, `written` the version that was copied last.
    """

    version: int
    written: int
    link_id: str
    provider: str
    patient: Patient = field(repr=False)
    state: LinkState
    data_types: tuple[str, ...]
    since: datetime | None
    chosen: datetime | None
    until: datetime | None

    @property
    def is_due(self) -> bool:
        """Whether the EHR was not told of this version yet."""
        return self.written != self.version

    @property
    def is_consented(self) -> bool:
        """Whether its owner shares anything, also while the vendor's permission is to be renewed."""
        return self.state.value in CONSENTED and bool(self.data_types)


class LinkRecordsPart(Part):
    """Records of links, and how far the EHR knows them."""

    def consent(self, link_id: str) -> frozenset[str]:
        """Give the names of the data types that are shared now; raises NotFound.

        None unless the link is active: nothing is read or written without one.
        """
        query = select(LinkRow.state, LinkRow.data_types).where(LinkRow.id == link_id)
        with Session(self.engine) as session:
            found = session.execute(query).first()
        if found is None:
            raise _not_found(link_id)
        state, data_types = found
        return frozenset(data_types) if state == LinkState.ACTIVE.value else frozenset()

    def due_records(self, provider: str, *, most: int, ended: bool) -> list[str]:
        """Give up to `most` links whose copy is to be written, those first that waited longest.

        Either those whose owner wants no more (also while the same account waits to be confirmed
        again), or living ones: what is shared can be changed while the permission is lost.
        """
        has_ended = LinkRow.ended_at.is_not(None)
        which = has_ended if ended else and_(~has_ended, LinkRow.state.in_(CONSENTED))
        query = (
            select(LinkRow.id)
            .where(
                LinkRow.provider == provider,
                which,
                LinkRow.record_version != LinkRow.record_written,
                has_paused(LinkRow.record_tried_at, LinkRow.record_attempts),
            )
            .order_by(LinkRow.record_tried_at.asc().nulls_first(), LinkRow.number)
            .limit(most)
        )
        with Session(self.engine) as session:
            return list(session.scalars(query))

    def record_to_copy(self, link_id: str) -> RecordToCopy:
        """Give what the EHR is to know of a link now; raises NotFound."""
        query = (
            select(LinkRow, PatientRow)
            .join(PatientRow, PatientRow.id == LinkRow.patient_id)
            .where(LinkRow.id == link_id)
        )
        with Session(self.engine) as session:
            found = session.execute(query).first()
            if found is None:
                raise _not_found(link_id)
            link, patient = found
            return RecordToCopy(
                version=link.record_version,
                written=link.record_written,
                link_id=link.id,
                provider=link.provider,
                patient=patient_record(patient),
                state=LinkState(link.state),
                data_types=tuple(link.data_types),
                since=link.consented_at,
                chosen=link.shared_at,
                until=link.ended_at,
            )

    def copying(self, link_id: str) -> AbstractContextManager[None]:
        """Hold the right to write a link's copy; raises WriterBusy when another has it for long.

        An older version would else overtake a newer one on its way to the EHR.
        """
        locks = WriterLocks(
            self.engine.url.render_as_string(hide_password=False),
            longest_wait_seconds=LONGEST_WAIT_SECONDS,
        )
        return locks.for_link(link_id)

    def note_record_written(self, link_id: str, version: int, *, who: str = SYSTEM) -> None:
        """Note that the EHR was told of that version; a newer one stays due. Raises NotFound."""
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            if row.record_written == version:
                return
            # Also when it is an older one: what was written last is what the EHR holds.
            row.record_written = version
            row.record_attempts, row.record_tried_at, row.record_error = 0, None, None
            note(session, who, Deed.RECORD_COPIED, row)

    def note_record_failed(self, link_id: str, code: str, *, who: str = SYSTEM) -> None:
        """Note how telling the EHR failed; the pause before the next try grows. Raises NotFound.

        Nothing is noted when nothing was due: a daily refresh comes again by itself.
        """
        with Session(self.engine) as session, session.begin():
            row = _locked(session, link_id)
            if row.record_written == row.record_version:
                return
            row.record_attempts += 1
            row.record_tried_at, row.record_error = datetime.now(UTC), code
            note(session, who, Deed.RECORD_FAILED, row, detail=code)


def _locked(session: Session, link_id: str) -> LinkRow:
    row = session.get(LinkRow, link_id, with_for_update=True)
    if row is None:
        raise _not_found(link_id)
    return row


def _not_found(link_id: str) -> NotFound:
    return NotFound(f"there is no link {link_id}")
