"""What an app's room must say of files that nobody's app wrote, by the names the sandbox gives them.

Belongs here: the expectations, and the same attacks dressed as OMRON connect's files. Not here: the
sandbox's bytes, or the contract (`test_every_bad_file.py`).
"""

import gzip

from sandbox.files.hostile import HOSTILE

# What is no text is refused by every room, for the same reason.
BY_ITS_BYTES = {
    "empty": "empty",
    "blank_lines_alone": "empty",
    "zip_bomb": "wrong_type",
    "gzip": "wrong_type",
    "spreadsheet": "wrong_type",
    "old_spreadsheet": "wrong_type",
    "pdf": "wrong_type",
    "png": "wrong_type",
    "jpeg": "wrong_type",
    "html": "wrong_type",
    "entities": "wrong_type",
    "json": "unknown_format",
    "one_line_of_ten_megabytes": "line_too_long",
    "one_cell_of_a_megabyte": "line_too_long",
    "eleven_megabytes": "too_large",
    "nul_bytes": "not_text",
    "control_characters": "not_text",
    "utf_16_without_mark": "not_text",
    "mixed_encodings": "mixed_encodings",
    "a_million_empty_rows": "too_many_rows",
    "a_million_rows_of_empty_cells": "too_many_rows",
    "many_rows": "too_many_rows",
    "quotes_without_end": "line_too_long",
}
# Beurer's own: a reason, or (rows that stand, words of what was rejected, why it is not whole).
BEURER = BY_ITS_BYTES | {
    "utf_16_cut_in_a_character": (0, {"text_unreadable"}, None),
    # A formula costs its cell; where the date is due, its row.
    "formulas": (3, {"formula"}, None),
    "many_columns": (0, {"cells_too_many"}, None),
    "many_sections": "no_readings",
    "cut_inside_a_row": (1, {"cells_missing"}, "ends_inside"),
    "cut_inside_a_quote": (1, {"cells_missing"}, "ends_inside"),
    "header_alone": "no_readings",
    "wrong_types": (1, {"date_unreadable", "number_unreadable"}, None),
    "mixed_decimals": "mixed_decimals",
    "mixed_dates": "mixed_dates",
    "years_out_of_bounds": (0, {"date_too_early", "date_in_the_future"}, None),
    "two_users": "several_users",
}

_HEAD = "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes\n"
_ROW = "Mar 14 2026,07:52,131,83,66,-,-,-,-\n"
_OTHER = _ROW.replace("14", "13")
_KPA = "Date,Time,Systolic (kPa),Diastolic (kPa)\n"


def _dressed():
    """Attacks as an OMRON connect file of the US, and what must become of them."""
    rows = _ROW * 3
    return {
        "formulas": (
            _HEAD + _ROW + "=1+1,07:52,131,83,66,-,-,-,-\n" + _OTHER.replace("131", "@SUM(A1:A9)"),
            (2, {"formula", "pair_incomplete"}, None),
        ),
        "many columns": (
            _HEAD + _ROW + "Mar 15 2026,07:52" + ",131" * 12_000 + "\n",
            (1, {"cells_too_many"}, None),
        ),
        "many sections": ((_HEAD + "\n") * 20_000 + _HEAD + _ROW, (1, set(), None)),
        "many unknown sections": (
            _HEAD + _ROW + "\nDate,Steps\nMar 14 2026,1\n" * 30_000,
            (1, set(), "unknown_section"),
        ),
        "cut inside a row": ((_HEAD + _ROW + _OTHER)[:-20], (1, {"cells_missing"}, "ends_inside")),
        "cut inside a quote": (_HEAD + _ROW + '"Mar 13 20', (1, {"cells_missing"}, "ends_inside")),
        "a quote that nobody closes": (
            _HEAD + _ROW.replace("131", '"131') + _OTHER * 3,
            (1, {"cells_missing"}, "ends_inside"),
        ),
        "quotes without end": (_HEAD + rows + '"' * 60_000 + "\n" + _OTHER, None),
        "a header alone": (_HEAD, "no_readings"),
        "mixed decimals": (
            _KPA + 'Mar 14 2026,07:52,"17,4","11,2"\nMar 15 2026,07:52,17.4,11.2\n',
            "mixed_decimals",
        ),
        "mixed dates": (
            _HEAD
            + _ROW.replace("Mar 14 2026", "14/03/2026")
            + _ROW.replace("Mar 14 2026", "03/15/2026"),
            "mixed_dates",
        ),
        "years out of bounds": (
            _HEAD + "".join(_ROW.replace("2026", year) for year in ("0001", "9999", "1970")),
            (0, {"date_too_early", "date_in_the_future"}, None),
        ),
        "digits of other scripts": (
            _HEAD + _ROW + _OTHER.replace("131", "١٣١").replace("66", "６６"),
            (1, {"number_unreadable", "pair_incomplete"}, None),
        ),
        "numbers without end": (
            _HEAD + _ROW + _OTHER.replace("131", "9" * 5_000).replace("83", "1E-999999999"),
            (2, {"number_unreadable"}, None),
        ),
        "a header of one endless title": (
            "Date,Time," + "(" * 60_000 + "\n" + _ROW,
            "unknown_format",
        ),
        "two encodings": (
            (_HEAD + _ROW).encode() + "Ärger,größer\n".encode("cp1252") + "ä\n".encode(),
            "mixed_encodings",
        ),
        "packed": (gzip.compress((_HEAD + rows).encode(), mtime=0), "wrong_type"),
        "more rows than are read": (_HEAD + _ROW * 202_000, "too_many_rows"),
    }


def attacks(app):
    """Each attack's name, bytes and outcome; an outcome of None is any, as long as there is one."""
    if app == "beurer":
        return {name: (make, BEURER[name]) for name, make in HOSTILE.items()}
    dressed = {name: (_made(content), outcome) for name, (content, outcome) in _dressed().items()}
    # A file of Beurer's is another app's, however broken.
    plain = {
        name: (make, BY_ITS_BYTES.get(name, "unknown_format")) for name, make in HOSTILE.items()
    }
    return (
        plain
        | {"utf_16_cut_in_a_character": (HOSTILE["utf_16_cut_in_a_character"], "unknown_format")}
        | dressed
    )


def _made(content):
    return lambda: content.encode() if isinstance(content, str) else content
