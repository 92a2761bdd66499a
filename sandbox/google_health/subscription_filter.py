"""The filter of a list of subscriptions (AIP-160): `user` and `data_type`, AND, OR and parentheses.

Belongs here: that language. Not here: filters of readings (`filters.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from sandbox.google_health.errors import invalid

Accepts = Callable[[str, Collection[str]], bool]
_TOKEN = re.compile(r'\s*(\(|\)|=|"[^"]*"|\w+)')


def read_filter(text: str) -> Accepts:
    """Give what a filter says of a user and data types; no filter lets all through.

    Raises Refused for one that cannot be read.
    """
    tokens = _tokens(text)
    if not tokens:
        return lambda _user, _types: True
    accepts = _either(tokens)
    if tokens:
        raise invalid("Invalid filter")
    return accepts


def _tokens(text: str) -> list[str]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise invalid("Invalid filter")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _either(tokens: list[str]) -> Accepts:
    parts = [_both(tokens)]
    while tokens[:1] == ["OR"]:
        del tokens[0]
        parts.append(_both(tokens))
    return lambda user, types: any(part(user, types) for part in parts)


def _both(tokens: list[str]) -> Accepts:
    parts = [_one(tokens)]
    while tokens[:1] == ["AND"]:
        del tokens[0]
        parts.append(_one(tokens))
    return lambda user, types: all(part(user, types) for part in parts)


def _one(tokens: list[str]) -> Accepts:
    if tokens[:1] == ["("]:
        del tokens[0]
        inner = _either(tokens)
        if tokens[:1] != [")"]:
            raise invalid("Invalid filter")
        del tokens[0]
        return inner
    field, sign, value = [*tokens[:3], "", "", ""][:3]
    if field not in {"user", "data_type"} or sign != "=" or not value.startswith('"'):
        raise invalid("Invalid filter")
    del tokens[:3]
    wanted = value.strip('"')
    if field == "user":
        return lambda user, _types: user == wanted
    return lambda _user, types: wanted in types
