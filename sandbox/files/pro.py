"""Exports of HealthManager Pro, Beurer's app of today.

Belongs here: the owner's block, the tables below each other, what stands under them, file names.
Not here: columns (`beurer_tables.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sandbox.files.beurer_tables import BASIC, WITH_HANDLES, WITH_PULSE, pro_tables
from sandbox.files.sections import Options, Section, Written, cell
from sandbox.files.truth import Kind, TruthRow
from sandbox.files.writing import Locale

# By variant: the locale, the weight table's columns, whether the oximeter's rows are sessions.
PRO = {
    "pro-de-comma": (Locale(language="de", dates="%d.%m.%Y", decimal=",", zero="0,0"), BASIC, True),
    "pro-de-point": (Locale(language="de", dates="%d.%m.%Y", zero="0.0"), BASIC, False),
    "pro-en-dots": (Locale(language="en", dates="%d.%m.%Y", decimal=",", zero="0"), BASIC, True),
    "pro-en-slashes": (Locale(language="en", dates="%d/%m/%Y"), BASIC, True),
    "pro-de-11": (
        Locale(language="de", dates="%d.%m.%Y", decimal=",", zero="0,0"),
        WITH_PULSE,
        True,
    ),
    "pro-de-28": (
        Locale(language="de", dates="%d.%m.%Y", decimal=",", zero="0,0"),
        WITH_HANDLES,
        True,
    ),
}
_OWNER = {
    "de": ("Benutzerdetails", "Geschlecht", "Vorname", "Nachname", "Geburtsdatum", "Körpergröße"),
    "en": ("User details", "Gender", "First name", "Surname", "Date of birth", "Height"),
}
_MEAN = {"de": "MAD = Mittlerer arterieller Druck", "en": "MAP = Mean arterial pressure"}


def write_pro(variant: str, rows: Sequence[TruthRow], options: Options) -> Written:
    """Write readings as the app would, newest first."""
    usual, columns, sessions = PRO[variant]
    locale = options.locale or usual
    tables = pro_tables(
        locale.language,
        columns=options.columns or columns,
        unit=options.weight_unit,
        sessions=sessions,
    )
    lines, meant = _owner(locale, options), []
    for table in tables:
        held = table.of(rows)
        if held:
            lines += ["", *_table(table, held, locale, options)]
            meant += [table.meaning(row) for row in held]
    if options.unknown_section:
        lines += ["", "Schlaf", "Datum;Dauer;Phasen", f"{locale.day(date(2026, 3, 1))};07:10;4"]
    text = "\n".join([*lines, "", ""])
    return Written(
        name=_name(locale, options),
        content=text.encode(options.encoding or "utf-8"),
        rows=tuple(meant),
    )


def _owner(locale: Locale, options: Options) -> list[str]:
    title, *labels = _OWNER[locale.language]
    given, _, family = options.name.rpartition(" ")
    born = locale.day(options.birth_date) if options.birth_date else ""
    values = (options.gender, given, family, born, f"{options.height_cm} cm")
    # Labels and values stand apart by blanks in one app's language, by a tab in the other.
    apart = "   " if locale.language == "de" else "\t"
    return [
        title,
        *(f"{label}{apart}{value}".rstrip() for label, value in zip(labels, values, strict=True)),
    ]


def _table(table: Section, held: Sequence[TruthRow], locale: Locale, options: Options) -> list[str]:
    lines = [table.title, ";".join(table.header)]
    lines += [";".join(_cell(row, of, locale, options) for _, of in table.columns) for row in held]
    if table.kind is Kind.PRESSURE:
        lines.append(";" * (len(table.columns) - 1))
        lines += [_average(held), _MEAN[locale.language]]
    elif table.kind is Kind.WEIGHT:
        lines += [";" * (len(table.columns) - 1)] * 2
    return lines


def _cell(row: TruthRow, of: str, locale: Locale, options: Options) -> str:
    # Rows that the scale made carry the profile's first name as their comment.
    if of == "comment" and row.noise:
        return options.name.split()[0]
    return cell(row, of, locale)


def _average(held: Sequence[TruthRow]) -> str:
    systolic = sum(row.values["sys"] for row in held) / len(held)
    diastolic = sum(row.values["dia"] for row in held) / len(held)
    return f"Ø = {systolic:.0f}/{diastolic:.0f}"


def _name(locale: Locale, options: Options) -> str:
    if options.first is None or options.last is None:
        return "HealthManagerPro_Export.csv"
    if locale.language == "de":
        period = f"{options.first:%d.%m.%Y} - {options.last:%d.%m.%Y}"
        return f"HealthManager Pro Export - {period}.csv"
    return f"HealthManagerPro_Export_{options.first:%Y%m%d}_{options.last:%Y%m%d}.csv"
