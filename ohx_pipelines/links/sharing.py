"""What a patient shares: the data types of a link, chosen by its owner and changed at any time.

Belongs here: keeping the choice, its line in the log, and that the EHR's copy is due. Not here: which
data types a vendor has (`providers/`), or ending a link (`unlinking.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.audit import Deed, note
from ohx_pipelines.links.models import LinkRow
from ohx_pipelines.links.part import Part
from ohx_pipelines.links.record_versions import shared
from ohx_pipelines.links.records import ENDED, LinkState


class Sharing(Part):
    """The choice of data types."""

    def chosen_at(self, link_id: str) -> datetime | None:
        """Give when it was last chosen what is shared, None where that was with the link itself."""
        with Session(self.engine) as session:
            row = session.get(LinkRow, link_id)
            return None if row is None else row.shared_at

    def share(self, link_id: str, data_types: Iterable[str], *, who: str) -> bool:
        """Share these data types of a link and no others from now on; the log tells each change.

        Gives False, and changes nothing, when just these are shared already. Raises NotFound when
        there is no such link or it has ended, ValueError when nothing is named: whoever wants to
        share nothing ends the link.
        """
        wanted = list(dict.fromkeys(data_types))
        if not wanted:
            message = "a link shares at least one data type"
            raise ValueError(message)
        with Session(self.engine) as session, session.begin():
            row = _living(session, link_id)
            before = list(row.data_types)
            if set(wanted) == set(before):
                return False
            row.data_types = wanted
            # Before its owner's yes the EHR is told nothing of a link.
            if row.state != LinkState.UNCONFIRMED.value:
                shared(row, at=datetime.now(UTC))
            _note_changes(session, row, before, who=who)
        return True


def leave_out(session: Session, row: LinkRow, refused: Collection[str]) -> tuple[str, ...]:
    """Share no longer what the vendor was not let give, and give what that was.

    Where nothing would remain, the choice stays as it was.
    """
    before = list(row.data_types)
    left = [name for name in before if name not in refused]
    if not left or left == before:
        return ()
    row.data_types = left
    shared(row, at=datetime.now(UTC))
    _note_changes(session, row, before, who=f"patient {row.patient_id}")
    return tuple(name for name in before if name in refused)


def _note_changes(session: Session, row: LinkRow, before: list[str], *, who: str) -> None:
    """Add a line for each data type: all of them in one line might not fit into it."""
    for name in row.data_types:
        if name not in before:
            note(session, who, Deed.SHARED, row, detail=name)
    for name in before:
        if name not in row.data_types:
            note(session, who, Deed.NOT_SHARED, row, detail=name)


def _living(session: Session, link_id: str) -> LinkRow:
    row = session.get(LinkRow, link_id, with_for_update=True)
    if row is None:
        message = f"there is no link {link_id}"
        raise NotFound(message)
    if LinkState(row.state) in ENDED:
        message = f"link {link_id} has ended: nothing of it is shared"
        raise NotFound(message)
    return row
