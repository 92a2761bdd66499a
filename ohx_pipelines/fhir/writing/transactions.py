"""A Bundle that is taken as a whole or not at all: readings together with why they are written.

Belongs here: sending one, and telling whether it was taken. Not here: what is done when it was not
(`writing/writer.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ohx_pipelines.errors import EhrConflict, EhrDown, EhrRejected
from ohx_pipelines.fhir.client import FhirClient
from ohx_pipelines.fhir.writing.entry_answers import FIRST_REFUSAL, EntryAnswer, entry_answer

FIRST_DONE = 200
# Servers that take no transactions, or fail in the midst of one, may well take a batch.
NOT_TAKEN = frozenset({500, 501})


def taken(client: FhirClient, entries: Sequence[dict[str, Any]]) -> list[EntryAnswer] | None:
    """Send a transaction; gives the answers, None when it was not taken.

    Raises EhrDown when the server is away rather than unwilling.
    """
    try:
        responses = client.transaction(entries)
    except (EhrConflict, EhrRejected):
        return None
    except EhrDown as error:
        if error.status not in NOT_TAKEN:
            raise
        return None
    answers = [entry_answer(one, {}) for one in responses]
    is_taken = all(FIRST_DONE <= one.status < FIRST_REFUSAL for one in answers)
    return answers if is_taken else None
