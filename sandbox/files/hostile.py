"""Files that nobody's app wrote: for whoever reads files to refuse in time, or to read in part.

Belongs here: bytes by name, made on demand. Not here: what a reader says about each.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.files.sections import Options
from sandbox.files.truth import Kind, TruthRow
from sandbox.files.variants import write

MEGABYTE = 1024 * 1024
_HEAD = "Gewicht\nDatum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen\n"
_ROW = "14.03.2026;07:52;71,4;22,3;17,9;56,2;42,1;2,9\n"
_PRESSURE = "Blutdruck\nDatum;Uhrzeit;Sys;Dia;Puls;MAD\n"


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Give every file with its name, one at a time."""
    for name, make in HOSTILE.items():
        yield name, make()


def _text(text: str) -> bytes:
    return text.encode()


def _zip_bomb() -> bytes:
    """Pack a hundred megabytes of rows into some hundred kilobytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.csv", _HEAD.encode() + _ROW.encode() * (2 * MEGABYTE))
    return packed.getvalue()


def _spreadsheet() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def _many_rows() -> bytes:
    """Fill a file with true readings, one a minute, more than anybody takes in three years."""
    start = datetime.combine(date(2023, 1, 1), time())
    lines = [
        f"{start + timedelta(minutes=number):%d.%m.%Y;%H:%M};{110 + number % 40};75;60;87\n"
        for number in range(300_000)
    ]
    return (_PRESSURE + "".join(lines)).encode()


def _two_users() -> bytes:
    row = TruthRow(
        kind=Kind.WEIGHT,
        moment=datetime.combine(date(2026, 3, 14), time(7, 52)),
        zone="Europe/Berlin",
        values={"weight": Decimal("71.4")},
    )
    kim = write("pro-de-comma", [row], Options(name="Kim Muster"))
    robin = write("pro-de-comma", [row], Options(name="Robin Probe", birth_date=date(1980, 3, 14)))
    return kim.content + robin.content


def _quotes_without_end() -> bytes:
    return (_HEAD + '14.03.2026;07:52;"71,4;' + ('"";"' * 200_000)).encode()


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "blank_lines_alone": lambda: b"\n \n\t\n",
    "zip_bomb": _zip_bomb,
    "gzip": lambda: gzip.compress((_HEAD + _ROW * 100_000).encode(), mtime=0),
    "spreadsheet": _spreadsheet,
    "old_spreadsheet": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048),
    "pdf": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(512),
    "jpeg": lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(512),
    "html": lambda: b"<!DOCTYPE html><html><body>Sign in to go on</body></html>",
    "entities": lambda: (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    ),
    "json": lambda: b'{"weight": 71.4}',
    "one_line_of_ten_megabytes": lambda: b"7" * (10 * MEGABYTE),
    "one_cell_of_a_megabyte": lambda: _text(_HEAD + _ROW.replace("71,4", "7" * MEGABYTE) + _ROW),
    "eleven_megabytes": lambda: _text(_HEAD + _ROW * (11 * MEGABYTE // len(_ROW))),
    "nul_bytes": lambda: _text(_HEAD + _ROW.replace("71,4", "71\x00,4")),
    "control_characters": lambda: _text(_HEAD + _ROW.replace("71,4", "\x1b[2J71,4")),
    "utf_16_without_mark": lambda: (_HEAD + _ROW).encode("utf-16-le"),
    "utf_16_cut_in_a_character": lambda: (_HEAD + _ROW).encode("utf-16")[:-1],
    "mixed_encodings": lambda: (
        (_HEAD + _ROW).encode() + "Körperfett;größer\n".encode("cp1252") + _ROW.encode()
    ),
    "formulas": lambda: _text(
        _HEAD
        + _ROW
        + '15.03.2026;07:52;=HYPERLINK("http://example.com");22,3;17,9;56,2;42,1;2,9\n'
        + "=1+1;07:52;71,4;22,3;17,9;56,2;42,1;2,9\n"
        + "16.03.2026;07:52;@SUM(A1:A9);+22,3;17,9;56,2;42,1;2,9\n"
    ),
    "a_million_empty_rows": lambda: _text(_HEAD + _ROW + "\n" * 1_000_000),
    "a_million_rows_of_empty_cells": lambda: _text(_HEAD + _ROW + ";;;;;;;\n" * 1_000_000),
    "many_rows": _many_rows,
    "many_columns": lambda: _text(_HEAD + "14.03.2026;07:52" + ";71,4" * 12_000 + "\n"),
    "many_sections": lambda: _text((_HEAD + "\n") * 60_000),
    "cut_inside_a_row": lambda: _text((_HEAD + _ROW + _ROW.replace("14.", "13."))[:-20]),
    "cut_inside_a_quote": lambda: _text(_HEAD + _ROW + '13.03.2026;"07:5'),
    "quotes_without_end": _quotes_without_end,
    "header_alone": lambda: _text(_HEAD),
    "wrong_types": lambda: _text(
        _HEAD
        + "gestern;früh;viel;-;-;-;-;-\n"
        + "31.02.2026;25:61;NaN;Infinity;1e400;0x10;--5;7,1,4\n"
        + "14.03.2026;07:52;"
        + "9" * 5_000
        + ";1E-999999999;٧١;７１;½;²\n"
        + _ROW
    ),
    "mixed_decimals": lambda: _text(_HEAD + _ROW + _ROW.replace(",", ".").replace("14.", "15.")),
    "mixed_dates": lambda: _text(
        _HEAD.replace("Datum", "Date")
        + _ROW.replace("14.03.2026", "14/03/2026")
        + _ROW.replace("14.03.2026", "03/15/2026")
    ),
    "years_out_of_bounds": lambda: _text(
        _HEAD
        + _ROW.replace("2026", "0001")
        + _ROW.replace("2026", "9999")
        + _ROW.replace("2026", "1970")
    ),
    "two_users": _two_users,
}
