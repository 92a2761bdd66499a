"""Waves: what is written before what, where the server gives the ids that others refer to.

Belongs here: that order. Not here: writing a wave (`writer.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ohx_pipelines.fhir.writing.holdings import Holdings
from ohx_pipelines.fhir.writing.references import references
from ohx_pipelines.fhir.writing.write_modes import Task, WriteMode


def waves(tasks: Sequence[Task], holdings: Holdings, mode: WriteMode) -> Iterator[list[Task]]:
    """Give referenced before referring, where a reference needs the id that the server gives."""
    pending = list(tasks)
    if mode.is_conditional:
        named = {name for one in pending for name in references(one.desired)}
        holdings.seek(named - {one.name for one in pending})
    while pending and mode.is_conditional:
        unplaced = {one.name for one in pending} - set(holdings.addresses)
        ready = [one for one in pending if not one.refers_to(unplaced)]
        if not ready:
            break  # a circle: the EHR will say
        yield ready
        pending = [one for one in pending if one not in ready]
    if pending:
        yield pending
