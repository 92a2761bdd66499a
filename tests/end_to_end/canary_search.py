"""The search for canaries in raw bytes: every spelling of a value, also inside compressed parts.

Belongs here: spellings, and finding them. Not here: where to look (`canary_places.py`).
"""

import base64
import html
import json
import re
import zlib
from decimal import Decimal
from urllib.parse import quote

import numpy as np

# What a needle is recognized by; shorter ones could occur by chance anyway.
PREFIX = 6
TABLE_BITS = 20
SHORT_NUMBER = 9
CHUNK = 8 << 20
# Longer than the longest needle: an id token in hexadecimal UTF-16.
OVERLAP = 1 << 13
DEEPEST = 3
MOST_UNPACKED = 8 << 20
_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
# Base64 of what starts like zlib or gzip.
_ENCODED = re.compile(rb"(?:e[AFJN]|H4sI)[A-Za-z0-9+/_-]{16,}")
_HEXADECIMAL = re.compile(rb"\\x([0-9a-f]{16,})")


def number_spellings(value, unit):
    """Spellings of value * 10^unit: plain, scientific, as a float, the digits alone, other units."""
    number = Decimal(value).scaleb(unit)
    digits = str(value)
    texts = {f"{number:f}", repr(float(number)), digits}
    # Shorter ones could be the seconds of an instant.
    texts |= {f"{float(number):.6f}"} if number >= 100 else set()
    texts |= {f"{digits[:n]}.{digits[n:]}" for n in range(1, 7)}
    return {spelling for text in texts for spelling in text_spellings(text)}


def text_spellings(text):
    """Ways in which a text can stand in a file: encodings, escapes, base64 at any offset."""
    quoted = quote(text, safe="")
    escaped = json.dumps(text)[1:-1]
    texts = {text, quoted, quoted.lower(), html.escape(text), escaped}
    # COPY doubles the backslash.
    texts.add(escaped.replace("\\", "\\\\"))
    plain = {one.encode() for one in texts}
    plain |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
    plain.add(text.encode("latin-1", errors="replace"))
    packed = {spelling for one in plain for spelling in _base64(one)}
    hexadecimal = {one.hex().encode() for one in plain}
    return plain | packed | hexadecimal | {one.upper() for one in hexadecimal}


def _base64(data):
    """What of base64 does not depend on the neighbours, for each of the three offsets."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data)
        first = (0, 2, 3)[before]
        last = len(whole) - {0: 0, 1: 2, 2: 3}[-(before + len(data)) % 3]
        stable = whole[first:last]
        yield stable
        yield stable.translate(bytes.maketrans(b"+/", b"-_"))


class Needles:
    """All canaries with their spellings; tells which of them some bytes hold."""

    def __init__(self, canaries):
        """Take `{name: spellings}`."""
        by_prefix = {}
        for name, spellings in canaries.items():
            for one in spellings:
                assert PREFIX <= len(one) < OVERLAP, (name, len(one))
                by_prefix.setdefault(_number(one[:PREFIX]), []).append((one, name))
        self._by_prefix = by_prefix
        self._prefixes = np.array(sorted(by_prefix), dtype=np.uint64)
        self._table = np.zeros(1 << TABLE_BITS, dtype=bool)
        self._table[_hashed((self._prefixes & 0xFFFFFFFF).astype(np.uint32))] = True

    def found_in(self, data):
        """Names of the canaries in the bytes and in whatever of them is packed."""
        found = set()
        for layer in layers(data):
            for start in range(0, len(layer), CHUNK):
                found |= self._found(bytes(layer[start : start + CHUNK + OVERLAP]))
        return found

    def _found(self, data):
        if len(data) < PREFIX:
            return set()
        at = self._candidates(np.frombuffer(data, dtype=np.uint8))
        found = set()
        for place in at.tolist():
            possible = self._by_prefix.get(_number(data[place : place + PREFIX]), ())
            found |= {name for needle, name in possible if _stands_at(data, needle, place)}
        return found

    def _candidates(self, octets):
        count = len(octets) - PREFIX + 1
        window = np.zeros(count, dtype=np.uint32)
        for n in range(4):
            window |= octets[n : n + count].astype(np.uint32) << np.uint32(8 * n)
        at = np.flatnonzero(self._table[_hashed(window)])
        key = np.zeros(len(at), dtype=np.uint64)
        for n in range(PREFIX):
            key |= octets[at + n].astype(np.uint64) << np.uint64(8 * n)
        return at[np.isin(key, self._prefixes)]


def _stands_at(data, needle, place):
    """Tell whether the needle is there; a short number must be a whole one, not part of an id."""
    if not data.startswith(needle, place):
        return False
    around = data[max(0, place - 1) : place] + data[place + len(needle) : place + len(needle) + 1]
    if len(needle) > SHORT_NUMBER or not needle.isdigit():
        return True
    return not any(bytes([one]).isalnum() for one in around)


def _number(prefix):
    return int.from_bytes(prefix, "little")


def _hashed(window):
    return (window * np.uint32(2654435761)) >> np.uint32(32 - TABLE_BITS)


def layers(data, depth=0):
    """The bytes, and whatever in them can be unpacked: zlib, gzip, base64 or bytea of either."""
    yield data
    if depth == DEEPEST:
        return
    for start in _PACKED.finditer(data):
        unpacked = _unpacked(data, start.start())
        if len(unpacked) >= PREFIX:
            yield from layers(unpacked, depth + 1)
    for encoded in _ENCODED.finditer(data):
        text = encoded[0].translate(bytes.maketrans(b"-_", b"+/"))
        decoded = base64.b64decode(text[: len(text) // 4 * 4])
        yield from layers(decoded, depth + 1)
    for digits in _HEXADECIMAL.finditer(data):
        text = digits[1]
        yield from layers(bytes.fromhex(text[: len(text) // 2 * 2].decode()), depth + 1)


def _unpacked(data, start):
    """As much as unpacks; nothing where two bytes only looked like a beginning."""
    unpacker, parts, at = zlib.decompressobj(wbits=47), bytearray(), start
    view = memoryview(data)
    try:
        while at < len(data) and not unpacker.eof and len(parts) < MOST_UNPACKED:
            parts += unpacker.decompress(view[at : at + 4096])
            at += 4096
    except zlib.error:
        pass
    return bytes(parts)
