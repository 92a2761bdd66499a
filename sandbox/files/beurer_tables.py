"""The tables of Beurer's apps: columns in their order, with each language's words.

Belongs here: titles and headers. Not here: the blocks around them (`pro.py`, `sister_apps.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.files.sections import Section
from sandbox.files.truth import Kind

# How many columns Pro's weight table has: of any scale, of one with a pulse, of one with handles.
BASIC, WITH_PULSE, WITH_HANDLES = 8, 11, 28
# The classic app's one table.
CLASSIC = Section(
    kind=Kind.WEIGHT,
    title="Weight",
    columns=(
        ("Date", "date"), ("Time", "time"), ("kg", "weight"), ("BMI", "bmi"),
        ("Body fat", "body_fat"), ("Water", "water"), ("Muscles", "muscles"), ("Bones", "bones"),
        ("Medication", "medication"), ("Comment", "comment"),
    ),
)  # fmt: skip
_WHEN = {"de": (("Datum", "date"), ("Uhrzeit", "time")), "en": (("Date", "date"), ("Time", "time"))}
_NOTES = {
    "de": (("Kommentar", "comment"), ("Medikation", "medication")),
    "en": (("Comment", "comment"), ("Medication", "medication")),
}
_BODY = {
    "de": (
        ("BMI", "bmi"), ("Körperfett", "body_fat"), ("Wasser", "water"), ("Muskeln", "muscles"),
        ("Knochen", "bones"),
    ),
    "en": (
        ("BMI", "bmi"), ("Body fat", "body_fat"), ("Water", "water"), ("Muscles", "muscles"),
        ("Bone", "bones"),
    ),
}  # fmt: skip
_AGE = {"de": ("Metabolisches Alter", "metabolic_age"), "en": ("Metabolic age", "metabolic_age")}
_PULSE = {"de": ("Puls", "pulse"), "en": ("Pulse", "pulse")}
_VISCERAL = {"de": ("Viszeralfett", "visceral_fat"), "en": ("Visceral fat", "visceral_fat")}
# A scale with handles: fat and muscles by limb, which nobody takes over.
_FAT_LIMBS = (
    "Körperfett Arm links", "Körperfett Arm rechts", "Körperfett Bein links",
    "Körperfett Bein rechts", "Körperfett Rumpf", "Viszeralfett %",
)  # fmt: skip
_MUSCLE_LIMBS = (
    "Muskeln Arm links", "Muskeln Arm rechts", "Muskeln Bein links", "Muskeln Bein rechts",
    "Muskeln Rumpf",
)  # fmt: skip
_MASSES = ("Soft Lean Mass", "Lean Body Mass", "Protein", "Muskelmasse inkl. Organmuskeln")
# Words by language: of titles, in the order in which the app writes its tables.
_TITLES = {
    "de": ("Gewicht", "Blutdruck", "Blutzucker", "Temperatur", "Pulsoxymetrie"),
    "en": ("Weight", "Blood pressure", "Blood glucose", "Temperature", "Pulse oximetry"),
}
_SESSION = {
    "de": ("Datum", "Startzeit", "Endzeit", "Dauer", "SpO2 (Durchschnitt)"),
    "en": ("Date", "Start time", "End time", "Duration", "SpO2 (Average)"),
}


def pro_tables(
    language: str, *, columns: int, unit: str = "kg", sessions: bool = True
) -> list[Section]:
    """Give Pro's tables; the oximeter's in the older form, by the minute, without `sessions`."""
    weight, pressure, glucose, temperature, oxygen = _TITLES[language]
    when = _WHEN[language]
    return [
        Section(kind=Kind.WEIGHT, title=weight, columns=_weight(language, columns, unit)),
        Section(
            kind=Kind.PRESSURE,
            title=pressure,
            columns=(*when, ("Sys", "sys"), ("Dia", "dia"), _PULSE[language], _mean(language)),
        ),
        Section(kind=Kind.GLUCOSE, title=glucose, columns=_glucose(language)),
        Section(
            kind=Kind.TEMPERATURE,
            title=temperature,
            columns=(*when, ("°C", "temperature"), *_NOTES[language]),
        ),
        Section(
            kind=Kind.OXYGEN,
            title=oxygen,
            columns=_session(language) if sessions else _minutes(language),
            sessions=sessions,
        ),
    ]


def sister_table(language: str) -> Section:
    """Give HealthForYou's table, which alone says who made a reading."""
    added = "Manuell hinzugefügt" if language == "de" else "Added manually"
    return Section(
        kind=Kind.PRESSURE,
        title=_TITLES[language][1].upper(),
        columns=(
            *_WHEN[language], ("Sys", "sys"), ("Dia", "dia"), _PULSE[language], _mean(language),
            (added, "manual"),
        ),
    )  # fmt: skip


def web_table() -> Section:
    """Give the table of the HealthCoach website."""
    columns = (
        ("Date", "date"), ("Time", "time"), ("Weight kg", "weight"), ("BF", "body_fat"),
        ("BF top %", "extra:fat top"), ("BF bottom %", "extra:fat low"), ("Water", "water"),
        ("Muscle %", "muscles"), ("Muscle top %", "extra:top"), ("Muscle bottom %", "extra:low"),
        ("Bone kg", "bones"), ("BMI", "bmi"), ("BMR kcal", "bmr"), ("AMR kcal", "extra:amr"),
        ("Activity level", "extra:level"), ("Waist cm", "waist"), ("Hip cm", "hip"),
        ("WHR", "whr"), ("Target weight kg", "target"), ("Manual", "by hand"),
        ("Analysis", "analysis"), ("Comment", "comment"),
    )  # fmt: skip
    return Section(kind=Kind.WEIGHT, title="", columns=columns)


def _weight(language: str, columns: int, unit: str) -> tuple[tuple[str, str], ...]:
    of = "weight" if unit == "kg" else f"weight_{unit}"
    basic = (*_WHEN[language], (unit, of), *_BODY[language])
    if columns == BASIC:
        return basic
    if columns == WITH_PULSE:
        return (*basic, _AGE[language], _PULSE[language], _VISCERAL[language])
    if language != "de" or columns != WITH_HANDLES:
        message = f"no table of {columns} columns is known in {language}"
        raise ValueError(message)
    index = ("Viszeralfettindex", "visceral_fat")
    return (
        *basic, *_extras(_FAT_LIMBS), *_extras(_MUSCLE_LIMBS), _AGE["de"], index, _PULSE["de"],
        *_extras(_MASSES), *_NOTES["de"],
    )  # fmt: skip


def _extras(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((word, f"extra:{word}") for word in words)


def _mean(language: str) -> tuple[str, str]:
    return ("MAD" if language == "de" else "MAP"), "map"


def _glucose(language: str) -> tuple[tuple[str, str], ...]:
    of = (("mg/dL", "glucose_mg_dl"), ("mmol/L", "glucose_mmol_l"))
    # English phones are set to the molar unit: the first column stays empty.
    if language == "en":
        of = (("mg/dL", "none"), ("mmol/L", "glucose_mmol_l"))
    return (*_WHEN[language], *of, ("Marker", "marker"), ("HbA1c", "hba1c"), _NOTES[language][0])


def _session(language: str) -> tuple[tuple[str, str], ...]:
    day, start, end, length, mean = _SESSION[language]
    return (
        (day, "date"), (start, "time"), (end, "end"), (length, "duration"),
        ("SpO2 (Min)", "spo2_min"), ("SpO2 (Max)", "spo2_max"), (mean, "spo2_mean"),
        ("bpm", "pulse"), *_NOTES[language],
    )  # fmt: skip


def _minutes(language: str) -> tuple[tuple[str, str], ...]:
    rate = "Pulsrate" if language == "de" else "Pulse rate"
    return (*_WHEN[language], ("SpO2", "spo2"), (rate, "pulse"), _NOTES[language][0])
