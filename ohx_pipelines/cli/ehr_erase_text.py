"""What `ohx ehr erase` says: what it found, and how it ended.

Belongs here: its words. Not here: the command (`ehr_erase.py`), or the erasing (`fhir/erasing.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from ohx_pipelines.fhir.erasable import Found
from ohx_pipelines.links.link_records import RecordToCopy
from ohx_pipelines.links.records import EhrConnection

SHARED_STAY = "Devices, their definitions and the Device of this service stay: others may use them."
MOST_NAMES = 20


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What was found, and what a last look found of it."""

    found: Found
    left: Found
    retract_only: bool

    @property
    def deleted(self) -> int:
        """Count what is gone."""
        return len(self.found.ours) - len(self.left.ours)

    @property
    def done(self) -> bool:
        """Whether all is as it was asked for."""
        left = self.left.unmarked if self.retract_only else self.left.ours
        return not left and not self.left.unclear and not self.left.unseen


def show(record: RecordToCopy, connection: EhrConnection, found: Found) -> None:
    """Say what is there of a link, and what stays whatever is answered."""
    click.echo(f"Link {record.link_id} ({record.provider}) in EHR connection {connection.name}:")
    for kind, count in found.counts().items():
        click.echo(f"  {kind:<20}{count:>8,}")
    if not found.ours:
        click.echo("  nothing that was written for it")
    if found.others:
        click.echo(f"  {_many(len(found.others))} with its tag that others wrote: not touched.")
    if found.unclear:
        click.echo(f"  {_many(len(found.unclear))} that ours cannot be told from: not touched.")
    click.echo(SHARED_STAY)


def _many(count: int) -> str:
    return f"{count:,} resource" if count == 1 else f"{count:,} resources"


def report(record: RecordToCopy, connection: EhrConnection, ended: Erased) -> None:
    """Say how it ended; what is not as it was asked for goes to stderr."""
    left, where = ended.left, f"EHR connection {connection.name}"
    valid = len(left.unmarked)
    if not ended.retract_only:
        click.echo(f"Deleted: {ended.deleted:,} of {len(ended.found.ours):,}.")
    if ended.done and ended.retract_only:
        click.echo(f"Nothing of link {record.link_id} reads as valid in {where}.")
    elif ended.done:
        click.echo(f"Nothing that was written for link {record.link_id} is left in {where}.")
    elif ended.retract_only and valid:
        complain(f"{where} did not take the mark for {_many(valid)}: they still read as valid.")
    elif left.ours and not ended.retract_only:
        marked = len(left.ours) - valid - left.counts().get("Provenance", 0)
        complain(
            f"{where} did not delete {_many(len(left.ours))}: {marked:,} of them are marked "
            f"entered-in-error, {valid:,} still read as valid. Grant the right to delete, or look "
            "what refers to them, and run this again."
        )
    if left.unclear:
        complain(_unclear(left.unclear, connection))
    if left.unseen:
        complain(
            f"{where} does not let us search {', '.join(left.unseen)}, which it is not given "
            "(`ohx ehr list`). What it was given before, if anything, is still there."
        )


def _unclear(names: Sequence[str], connection: EhrConnection) -> str:
    listed = ", ".join(names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES:,} more (--json names all)" * (len(names) > MOST_NAMES)
    return (
        f"These may be ours and are still there: somebody copied a resource of ours with all its "
        f"marks, or {connection.name} was written in another mode than {connection.write_mode} "
        f"(then choose that one with `ohx ehr mode`, and run this again). Else look at them by "
        f"hand: {listed}{more}"
    )


def complain(sentence: str) -> None:
    """Say on stderr what went wrong."""
    click.echo(f"ohx: {sentence}", err=True)


def as_object(record: RecordToCopy, connection: EhrConnection, ended: Erased) -> Mapping[str, Any]:
    """Give all of it as plain JSON; no patient is named."""
    return {
        "link": record.link_id,
        "ehr": connection.name,
        "retract_only": ended.retract_only,
        "done": ended.done,
        "found": ended.found.counts(),
        "deleted": ended.deleted,
        "left": ended.left.counts(),
        "left_valid": len(ended.left.unmarked),
        "others": list(ended.left.others),
        "unclear": list(ended.left.unclear),
        "unseen": list(ended.left.unseen),
    }
