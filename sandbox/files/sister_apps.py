"""Exports of Beurer's other apps: the classic HealthManager, HealthForYou, the HealthCoach website.

Belongs here: the blocks around their tables, quoting. Not here: columns (`beurer_tables.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sandbox.files.beurer_tables import CLASSIC, sister_table, web_table
from sandbox.files.sections import Options, Section, Written, cell
from sandbox.files.truth import TruthRow
from sandbox.files.writing import Locale, noisy, quoted

_ISO = Locale(language="en", dates="%Y-%m-%d")
_OF_LANGUAGE = {
    "de": Locale(language="de", dates="%d.%m.%Y", decimal=","),
    "en": Locale(language="en", dates="%d/%m/%Y"),
}
_WEB = Locale(language="en", dates="%d.%m.%Y", decimal=",")
_BLOCKS = {
    "de": (
        ("Benutzerangaben", "Vorname", "Nachname", "Geburtstag", "Geschlecht", "Größe"),
        ("Zeitraum", "von", "bis"),
        ("Ausgewählte Kategorien", "Blutdruck"),
        "MAD = Mittlerer arterieller Druck",
    ),
    "en": (
        ("User details", "First name", "Surname", "Date of birth", "Gender", "Height"),
        ("Period", "from", "to"),
        ("Selected categories", "Blood pressure"),
        "MAP = Mean arterial pressure",
    ),
}


def write_healthmanager(rows: Sequence[TruthRow], options: Options) -> Written:
    """Write the classic app's file: a mark for UTF-8, CRLF, old rows with a float's every digit."""
    held = CLASSIC.of(rows)
    given, _, family = options.name.rpartition(" ")
    lines = [
        "Data Export Details", "",
        "User details", f'"Gender";"{options.gender}"', f'"First name";"{given}"',
        f'"Surname";"{family}"', f'"Date of birth";"{options.birth_date or ""}"', "",
        "Period", f'"Start";"{options.first or ""}"', f'"End";"{options.last or ""}"', "",
        "Category", f'"Scale";{len(held):03d}', "",
        CLASSIC.title, ";".join(CLASSIC.header),
        *(_classic_row(row) for row in held), "", "",
    ]  # fmt: skip
    return Written(
        name="HealthManagerApp_DataExport.csv",
        content="\r\n".join(lines).encode(options.encoding or "utf-8-sig"),
        rows=tuple(CLASSIC.meaning(row) for row in held),
    )


def write_healthforyou(language: str, rows: Sequence[TruthRow], options: Options) -> Written:
    """Write HealthForYou's file, of blood pressure alone."""
    table, locale = sister_table(language), _OF_LANGUAGE[language]
    held = table.of(rows)
    owner, period, categories, legend = _BLOCKS[language]
    given, _, family = options.name.rpartition(" ")
    height = f"{options.height_cm} cm"
    lines = [
        *_block(owner, given, family, _day(locale, options.birth_date), options.gender, height),
        *_block(period, _day(locale, options.first), _day(locale, options.last)),
        *_block(categories, str(len(held))),
        table.title, ";".join(table.header),
        *_rows(table, held, locale), legend, "",
    ]  # fmt: skip
    return Written(
        name="HealthForYouApp_DataExport.csv",
        content="\n".join(lines).encode(options.encoding or "utf-8"),
        rows=tuple(table.meaning(row) for row in held),
    )


def write_healthcoach(rows: Sequence[TruthRow], options: Options) -> Written:
    """Write the website's table, which has no blocks around it."""
    table = web_table()
    held = table.of(rows)
    lines = [";".join(table.header), *_rows(table, held, _WEB), ""]
    return Written(
        name="HealthCoach.csv",
        content="\n".join(lines).encode(options.encoding or "utf-8"),
        rows=tuple(table.meaning(row) for row in held),
    )


def _block(labels: Sequence[str], *values: str) -> list[str]:
    title, *names = labels
    return [title, *(f"{name};{value}" for name, value in zip(names, values, strict=True)), ""]


def _day(locale: Locale, day: date | None) -> str:
    return locale.day(day) if day else ""


def _rows(table: Section, held: Sequence[TruthRow], locale: Locale) -> list[str]:
    return [";".join(cell(row, of, locale) for _, of in table.columns) for row in held]


def _classic_row(row: TruthRow) -> str:
    cells = [cell(row, of, _ISO) for of in (of for _, of in CLASSIC.columns)]
    if not row.noise:
        remark = 'light; "before" breakfast' if row.moment.minute % 3 == 0 else ""
        return quoted([*cells[:-1], remark], ";")
    numbers = [
        noisy(row.values[of]) or text
        for (_, of), text in zip(CLASSIC.columns, cells, strict=True)
        if of in row.values
    ]
    return ";".join([quoted(cells[:2], ";"), *numbers, quoted(cells[-2:], ";")])
