"""Beurer's words: what its apps call the columns of their exports, by language.

Belongs here: tables, and how a cell's text is made comparable with them. Not here: titles
(`titles.py`), what values become (`kinds.py`), or how a header is read with these (`columns.py`).
English and German as exports have them; of other languages only words that are certain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum


class Column(StrEnum):
    """What a column tells."""

    DATE = "date"
    TIME = "time"
    START = "start"
    END = "end"
    WEIGHT = "weight"
    BODY_MASS_INDEX = "body_mass_index"
    FAT = "fat"
    WATER = "water"
    MUSCLES = "muscles"
    BONES = "bones"
    METABOLIC_AGE = "metabolic_age"
    VISCERAL_FAT = "visceral_fat"
    BASAL_METABOLIC_RATE = "basal_metabolic_rate"
    PULSE = "pulse"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MEAN_PRESSURE = "mean_pressure"
    GLUCOSE = "glucose"
    GLUCOSE_MOLAR = "glucose_molar"
    TEMPERATURE = "temperature"
    OXYGEN = "oxygen"
    OXYGEN_MINIMUM = "oxygen_minimum"
    OXYGEN_MAXIMUM = "oxygen_maximum"
    OXYGEN_MEAN = "oxygen_mean"
    ADDED_MANUALLY = "added_manually"
    # Free text, and what follows from other columns: never looked at.
    PASSED_OVER = "passed_over"
    # A value that has no place in the vocabulary: counted.
    NOT_MAPPED = "not_mapped"


class Kind(StrEnum):
    """What a section's rows are about; the first part of each record's name."""

    WEIGHT = "weight"
    PRESSURE = "pressure"
    GLUCOSE = "glucose"
    TEMPERATURE = "temperature"
    OXYGEN = "oxygen"


# The word for the time tells the language: `Date` is English and French, `Datum` German and Dutch.
TIME_WORDS: Mapping[str, str] = {
    "time": "en",
    "start time": "en",
    "uhrzeit": "de",
    "startzeit": "de",
    "heure": "fr",
    "ora": "it",
    "hora": "es",
    "tijd": "nl",
}

COLUMN_WORDS: Mapping[Column, tuple[str, ...]] = {
    Column.DATE: ("date", "datum", "data", "fecha"),
    Column.TIME: ("time", "uhrzeit", "heure", "ora", "hora", "tijd"),
    Column.START: ("start time", "startzeit"),
    Column.END: ("end time", "endzeit"),
    Column.WEIGHT: (
        "weight",
        "body weight",
        "gewicht",
        "körpergewicht",
        "poids",
        "poids corporel",
        "peso",
        "peso corporeo",
        "peso corporal",
        "lichaamsgewicht",
    ),
    Column.BODY_MASS_INDEX: ("bmi", "imc"),
    Column.FAT: (
        "body fat",
        "bf",
        "körperfett",
        "graisse corporelle",
        "grasso corporeo",
        "grasa corporal",
        "lichaamsvet",
    ),
    Column.WATER: ("water", "body water", "wasser", "körperwasser", "eau", "acqua", "agua"),
    Column.MUSCLES: ("muscles", "muscle", "muskeln", "muskelanteil", "muscoli", "músculos"),
    Column.BONES: ("bones", "bone", "knochen", "knochenmasse", "ossa", "huesos"),
    Column.METABOLIC_AGE: ("metabolic age", "metabolisches alter"),
    Column.VISCERAL_FAT: (
        "visceral fat index",
        "viszeralfett-index",
        "viszeralfett index",
        "viszeralfettindex",
    ),
    Column.BASAL_METABOLIC_RATE: ("bmr", "grundumsatz"),
    Column.PULSE: (
        "pulse",
        "puls",
        "pulse rate",
        "pulsrate",
        "heart rate",
        "herzfrequenz",
        "pouls",
        "fréquence cardiaque",
        "polso",
        "frequenza cardiaca",
        "pulso",
        "frecuencia cardíaca",
        "hartslag",
    ),
    Column.SYSTOLIC: ("sys",),
    Column.DIASTOLIC: ("dia",),
    Column.MEAN_PRESSURE: ("map", "mad"),
    # In mmol/L it is the other column.
    Column.GLUCOSE: (
        "glucose",
        "blood glucose",
        "blood sugar",
        "blutzucker",
        "glycémie",
        "glicemia",
        "glucemia",
        "bloedsuiker",
    ),
    Column.TEMPERATURE: (
        "temperature",
        "body temperature",
        "temperatur",
        "körpertemperatur",
        "température",
        "température corporelle",
        "temperatura",
        "temperatura corporea",
        "temperatura corporal",
        "temperatuur",
        "lichaamstemperatuur",
    ),
    Column.OXYGEN: ("spo2", "spo₂"),
    Column.OXYGEN_MINIMUM: ("spo2 min", "spo₂ min"),
    Column.OXYGEN_MAXIMUM: ("spo2 max", "spo₂ max"),
    Column.OXYGEN_MEAN: (
        "spo2 durchschnitt",
        "spo₂ durchschnitt",
        "spo2 average",
        "spo₂ average",
        "spo2 avg",
        "spo2 mean",
    ),
    Column.ADDED_MANUALLY: ("added manually", "manuell hinzugefügt"),
    Column.PASSED_OVER: (
        "comment",
        "comments",
        "kommentar",
        "commentaire",
        "commento",
        "comentario",
        "opmerking",
        "medication",
        "medikation",
        "note",
        "notes",
        "notiz",
        "notizen",
        "symptoms",
        "symptome",
        "duration",
        "dauer",
        # HealthCoach's: what stands in them nobody has seen.
        "manual",
        "analysis",
    ),
    Column.NOT_MAPPED: (
        "bf top",
        "bf bottom",
        "muscle top",
        "muscle bottom",
        "amr",
        "activity level",
        "waist",
        "hip",
        "whr",
        "target weight",
        "zielgewicht",
        "soft lean mass",
        "lean body mass",
        "protein",
        "muskelmasse inkl. organmuskeln",
        "hba1c",
    ),
}
COLUMNS: Mapping[str, Column] = {
    word: column for column, words in COLUMN_WORDS.items() for word in words
}

# An index or a percentage: the index where the header names no other.
AMBIGUOUS_WORDS: Mapping[str, Column] = {
    "visceral fat": Column.VISCERAL_FAT,
    "viszeralfett": Column.VISCERAL_FAT,
}


def folded(text: str) -> str:
    """Give a cell's text as words are compared: without case, brackets and double spaces."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return " ".join(re.sub(r"[()\[\],]", " ", plain).split())


def language_of(times: Iterable[str]) -> str | None:
    """Give the language that all the headers' words for the time have in common."""
    languages = {TIME_WORDS[word] for word in times if word in TIME_WORDS}
    return languages.pop() if len(languages) == 1 else None
