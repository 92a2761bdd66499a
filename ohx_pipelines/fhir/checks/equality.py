"""Fixed values and patterns of a profile against what a resource holds.

Belongs here: comparing JSON values. Not here: codes of value sets (`bindings.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def matcher(wanted: Any, *, exact: bool) -> Callable[[Any], bool]:
    """Give a test for a fixed value (exact) or for a pattern (the rest may differ)."""
    if exact or not isinstance(wanted, dict | list):
        return lambda value: bool(value == wanted)
    return lambda value: _covers(value, wanted)


def _covers(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and _covers(value[name], part) for name, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(_covers(one, part) for one in value) for part in pattern
        )
    return bool(value == pattern)
