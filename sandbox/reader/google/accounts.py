"""What the vendor says of a person's devices.

Belongs here: models of paired devices. Not here: whose they are in the EHR
(`sandbox/reader/governance.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.reader.google.points import MODEL
from sandbox.reader.readings import Row


def models_of(paired: Iterable[Row]) -> Mapping[str, str]:
    """Give the model of each paired device; two of one model are one."""
    names = [one["deviceVersion"] for one in paired if one.get("deviceVersion")]
    return {f"{MODEL}{name}": name for name in names}
