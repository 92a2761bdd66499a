"""What is not settled yet: tasks that are decided anew, and the pause before.

Belongs here: that record and how long is waited. Not here: deciding (`writing/writer.py`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ohx_pipelines.errors import EhrDown, EhrError
from ohx_pipelines.fhir.writing.write_modes import Task
from ohx_pipelines.fhir.writing.written import Rejection

PAUSE_SECONDS = (0.05, 0.3)
# An EHR in trouble wants longer than one where another writer was first.
TROUBLE_FACTOR = 4


@dataclass(frozen=True, kw_only=True)
class Again:
    """A task that is decided anew, and what the day fails with when that never ends.

    `unless_mended` is what stands against it when nothing that it refers to can be published.
    """

    task: Task
    error: EhrError
    unless_mended: Rejection | None = None


def pause(number: int, again: Sequence[Again]) -> None:
    """Wait before round `number` (1 and up): as long as the EHR asks, and a doubling jitter."""
    errors = [one.error for one in again]
    asked = [one.retry_after_seconds or 0.0 for one in errors if isinstance(one, EhrDown)]
    factor = TROUBLE_FACTOR if asked else 1
    jitter = random.uniform(*PAUSE_SECONDS) * 2 ** (number - 1) * factor  # noqa: S311 (jitter)
    time.sleep(max(asked, default=0.0) + jitter)
