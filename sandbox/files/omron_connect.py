"""Exports of the OMRON connect app: by e-mail in the US, from the phone in Germany and Asia.

Belongs here: its three tables and how each is quoted. Not here: OMRON's cloud.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.files.sections import Options, Section, Written, cell
from sandbox.files.truth import Kind, TruthRow
from sandbox.files.writing import Locale, quoted

_US_LOCALE = Locale(language="en", dates="english words")
_DE_LOCALE = Locale(language="de", dates="german words")
_ASIA_LOCALE = Locale(language="en", dates="%Y/%m/%d")
_US = Section(
    kind=Kind.PRESSURE,
    title="",
    columns=(
        ("Date", "date"), ("Time", "time"), ("Systolic (mmHg)", "sys"),
        ("Diastolic (mmHg)", "dia"), ("Pulse (bpm)", "pulse"), ("Symptoms", "symptoms"),
        ("Consumed", "consumed"), ("TruRead", "truread"), ("Notes", "notes"),
    ),
)  # fmt: skip
_DE = Section(
    kind=Kind.PRESSURE,
    title="",
    columns=(
        ("Datum", "date"), ("Zeit", "time"), ("Systolisch", "sys"),
        ("Diastolisch", "dia"), ("Puls", "pulse"), ("Symptome", "symptoms"),
        ("Eingenommen", "consumed"), ("TruRead", "truread"),
        ("Unregelmäßiger Herzschlag festgestellt", "irregular"), ("Bewegung", "movement"),
        ("Manschette", "cuff"), ("Positionierung", "position"), ("Messmodus", "mode"),
        ("Fehler", "error"), ("Mögliches AFib", "afib"), ("Geraet", "device"), ("Notizen", "notes"),
    ),
)  # fmt: skip
_ASIA = Section(
    kind=Kind.WEIGHT,
    title="",
    columns=(
        ("Measurement Date", "moment"), ("Timezone", "zone"), ("Weight(kg)", "weight"),
        ("Body Fat(%)", "body_fat"), ("Visceral Fat", "visceral_fat"),
        ("Resting Metabolism(kcal)", "bmr"), ("Skeletal Muscle(%)", "muscles"),
        ("Skeletal Muscle - Arms(%)", "extra:arms"), ("Subcutaneous Fat - Legs(%)", "extra:legs"),
        ("BMI", "bmi"), ("Body Age(years old)", "metabolic_age"), ("Device", "device"),
    ),
)  # fmt: skip
OMRON_VARIANTS = ("us", "de", "scale-asia")


def write_omron_connect(variant: str, rows: Sequence[TruthRow], options: Options) -> Written:
    """Write readings as the app of a region would, newest first."""
    table, lines = {"us": _us, "de": _de, "scale-asia": _asia}[variant](rows, options)
    return Written(
        name=_name(variant, options),
        content="\n".join([*lines, ""]).encode(options.encoding or _encoding(variant)),
        rows=tuple(table.meaning(row) for row in table.of(rows)),
    )


def _us(rows: Sequence[TruthRow], options: Options) -> tuple[Section, list[str]]:
    lines = [",".join(_US.header)]
    lines += [",".join(_cells(_US, row, _US_LOCALE, "-")) for row in _US.of(rows)]
    if options.unknown_section:
        lines += ["", "Date,Aerobic Steps,Steps", "Mar 1 2026,1200,8042"]
    return _US, lines


def _de(rows: Sequence[TruthRow], _: Options) -> tuple[Section, list[str]]:
    """Write all cells quoted; a row with nothing but the two pressures ends after them."""
    lines = [quoted(_DE.header)]
    for row in _DE.of(rows):
        cells = _cells(_DE, row, _DE_LOCALE, "-")
        is_short = "pulse" not in row.values and not row.device
        lines.append(quoted(cells[:4] if is_short else cells))
    return _DE, lines


def _asia(rows: Sequence[TruthRow], _: Options) -> tuple[Section, list[str]]:
    lines = [quoted(_cells(_ASIA, row, _ASIA_LOCALE, "")) for row in _ASIA.of(rows)]
    return _ASIA, [quoted(_ASIA.header), *lines]


def _cells(table: Section, row: TruthRow, locale: Locale, empty: str) -> list[str]:
    return [cell(row, of, locale, empty) for _, of in table.columns]


def _encoding(variant: str) -> str:
    return "utf-8" if variant == "us" else "utf-8-sig"


def _name(variant: str, options: Options) -> str:
    if variant == "us" and options.first and options.last:
        first, last = (f"{day:%b %d %Y}" for day in (options.first, options.last))
        return f"Your Requested OMRON Report from {first} to {last}.csv"
    return "OMRON connect.csv"
