"""A file's bytes as lines of text, or why they are none.

Belongs here: what a file is by its first bytes, its encoding, its lines and their bounds. Not here:
what separates cells (`tables.py`), or what an app writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ohx_pipelines.providers.files.base import Bounds, FileRefused, Refusal

# Titles, headers and blank lines beside the rows.
OTHER_LINES = 1000
_OTHER_TYPES = (
    b"PK\x03\x04",  # zip: also xlsx, ods, docx
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"%PDF",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # OLE2: xls, doc
    b"\x89PNG",
    b"\xff\xd8\xff",  # jpeg
    b"GIF8",
    b"SQLite format 3",
    b"{\\rtf",
)
_UTF_8, _CP1252 = "utf-8", "cp1252"
_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MARK = "\ufeff"
_UNREADABLE = "\ufffd"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF_8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A file's lines without their ends; `unreadable` are those, from 1, with bytes that are no text."""

    lines: Sequence[str] = field(repr=False)
    encoding: str
    ends_with_newline: bool
    unreadable: frozenset[int] = frozenset()


def read_text(content: bytes, *, bounds: Bounds) -> Text:
    """Decode a file, all of it by one encoding, and cut it into lines.

    Raises FileRefused when it is empty, too large, of another type, no text or of several encodings.
    """
    if len(content) > bounds.most_bytes:
        raise FileRefused(Refusal.TOO_LARGE)
    if content.startswith(_OTHER_TYPES):
        raise FileRefused(Refusal.WRONG_TYPE)
    text, encoding = _decoded(content)
    text = text.removeprefix(_MARK)
    if not text.strip():
        raise FileRefused(Refusal.EMPTY)
    if text.lstrip().startswith("<"):
        # Markup: a web page saved instead of the file, or a spreadsheet as XML.
        raise FileRefused(Refusal.WRONG_TYPE)
    _refuse_control(text)
    # Spreadsheets of old Macs end lines with CR alone.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = _lines(text, bounds)
    return Text(
        lines=lines,
        encoding=encoding,
        ends_with_newline=text.endswith("\n"),
        unreadable=_unreadable(text, lines),
    )


def _refuse_control(text: str) -> None:
    found = _CONTROL.search(text)
    if found:
        raise FileRefused(Refusal.NOT_TEXT, row=_row_at(text, found.start()))


def _decoded(content: bytes) -> tuple[str, str]:
    """Decode by the file's mark, else as UTF-8, else as what Windows wrote before it."""
    utf_16 = _UTF_16_MARKS.get(content[:2])
    if utf_16:
        return content.decode(utf_16, "replace"), "utf-16"
    _refuse_control(content.decode("latin-1"))
    try:
        return content.decode(_UTF_8), _UTF_8
    except UnicodeDecodeError as error:
        begin, is_cut = (
            error.start,
            error.end == len(content) and error.reason.endswith("end of data"),
        )
    is_utf_8 = content.startswith(_UTF_8_MARK) or _UTF_8_LETTER.search(content)
    if is_utf_8 and not is_cut:
        row = _row_at(content[:begin].decode(_UTF_8), begin)
        raise FileRefused(Refusal.MIXED_ENCODINGS, row=row)
    encoding = _UTF_8 if is_utf_8 else _CP1252
    return content.decode(encoding, "replace"), encoding


def _lines(text: str, bounds: Bounds) -> list[str]:
    most = bounds.most_rows + OTHER_LINES
    if text.count("\n") > most:
        raise FileRefused(Refusal.TOO_MANY_ROWS, row=most)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if 4 * len(line) > bounds.most_line_bytes < len(line.encode()):
            raise FileRefused(Refusal.LINE_TOO_LONG, row=number)
    return lines


def _unreadable(text: str, lines: Sequence[str]) -> frozenset[int]:
    if _UNREADABLE not in text:
        return frozenset()
    return frozenset(n for n, line in enumerate(lines, start=1) if _UNREADABLE in line)


def _row_at(text: str, place: int) -> int:
    """Give the line, from 1, of a place in a text whose line ends may be of any kind."""
    before = text[:place].replace("\r\n", "\n")
    return before.count("\n") + before.count("\r") + 1
