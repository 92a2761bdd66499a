"""Whether a text is a UCUM code, checked with the atoms that home devices need.

Belongs here: UCUM's grammar and the spellings that are taken for UCUM. Not here: which unit a
metric has (`mapping.yaml`) or how units convert (`units.py`).
"""

from __future__ import annotations

import re

# What people write, and what it must be: some are no UCUM, others mean something else there
# (C is coulomb, F is farad).
TRAPS = {
    "C": "Cel",
    "°C": "Cel",
    "degC": "Cel",
    "F": "[degF]",
    "°F": "[degF]",
    "degF": "[degF]",
    "bpm": "/min",
    "beats/min": "/min",
    "{beats}": "{beats}/min",
    "steps": "{steps}",
    "steps/d": "{steps}/d",
    "floors": "{flights}",
    "mmHg": "mm[Hg]",
    "kcals": "kcal",
    "[kcal_IT]": "kcal",
    "Kcal": "kcal",
    "kgs": "kg",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "in": "[in_i]",
    "miles": "[mi_i]",
    "percent": "%",
    "sec": "s",
    "mins": "min",
    "hr": "h",
    "hours": "h",
    "years": "a",
    "µS": "uS",
    "μS": "uS",
}
_PREFIXES = "(?:da|[YZEPTGMkhdcmunpfazy])?"
# These take a prefix, the others do not.
_METRIC = "m\\[Hg\\]|mol|cal|bar|Pa|Hz|Cel|eq|[msgKLlVSJWAUt]"
_PLAIN = (
    "min|wk|mo|deg|10\\*|10\\^|%|[hda]|"
    "\\[(?:degF|in_i|ft_i|yd_i|mi_i|lb_av|oz_av|stone_av|foz_us|foz_br|IU|pH|Cal)\\]"
)
_ANNOTATION = r"\{[\x21-\x7a|~]+\}"
_NUMBER = "[1-9][0-9]*"
_SYMBOL = f"(?:(?:{_PREFIXES}(?:{_METRIC})|{_PLAIN})(?:[+-]?[0-9]+)?|{_NUMBER})(?:{_ANNOTATION})?"
_COMPONENT = re.compile(f"{_SYMBOL}|{_ANNOTATION}")
_GROUP = re.compile(r"\([^()]+\)")


def ucum_fault(code: str) -> str | None:
    """Say why a text cannot stand as a UCUM code, with the right spelling where it is known."""
    if code in TRAPS:
        return f"{code!r} is not the UCUM code that it looks like: write {TRAPS[code]!r}"
    if not _is_term(code):
        return f"{code!r} is not a UCUM code that this product knows"
    return None


def _is_term(code: str) -> bool:
    """Check a term, groups in brackets first: mL/(24.h) is a term with a term in it."""
    inner = _GROUP.search(code)
    if inner is not None:
        before, after = code[: inner.start()], code[inner.end() :]
        stands_free = before[-1:] in {"", "/", "."} and after[:1] in {"", "/", "."}
        return stands_free and _is_term(inner[0][1:-1]) and _is_term(f"{before}1{after}")
    parts = re.split(r"[./](?![^{]*\})", code.removeprefix("/"))
    return all(_COMPONENT.fullmatch(part) is not None for part in parts)
