"""The content of SampledData: servers store it unread, so a broken series would go unseen.

Belongs here: the texts `data` and `offsets`. Not here: sdd-1 (`invariants.py`).
"""

from __future__ import annotations

import re
from typing import Any

from ohx_pipelines.fhir.checks.primitives import FORMS

_DECIMAL = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
# E: no valid value, L: below the lower limit, U: above the upper one.
_SAMPLES = re.compile(rf"(?:{_DECIMAL}|[ELU])(?: (?:{_DECIMAL}|[ELU]))*")
_CODED_SAMPLES = re.compile(r"\S+(?: \S+)*")
_IS_COUNT = FORMS["positiveInt"]
_OFFSETS = re.compile(rf"{_DECIMAL}(?: {_DECIMAL})*")


def is_readable(sampled: dict[str, Any], _: Any) -> bool:
    """Tell whether the samples are complete points and there is an offset for each of them."""
    data, offsets, dimensions = (sampled.get(name) for name in ("data", "offsets", "dimensions"))
    if data is None:
        return True
    form = _CODED_SAMPLES if "codeMap" in sampled else _SAMPLES
    if not isinstance(data, str) or form.fullmatch(data) is None:
        return False
    if dimensions is None or not _IS_COUNT(dimensions):
        return False
    points, rest = divmod(data.count(" ") + 1, int(dimensions))
    if rest:
        return False
    if offsets is None:
        return True
    given = isinstance(offsets, str) and _OFFSETS.fullmatch(offsets) is not None
    return given and offsets.count(" ") + 1 == points
