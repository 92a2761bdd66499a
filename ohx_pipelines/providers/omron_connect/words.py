"""OMRON connect's header words: what a column holds, by its title in the app's language and its unit.

Belongs here: tables of words and units. Not here: which columns make a table (`headers.py`), or what
becomes of cells (`readings.py`). A column is known by its title, never by its position: columns differ
by region, device and version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ohx_pipelines.measurements import Metric


class Place(StrEnum):
    """What a column holds that is no reading."""

    DATE = "date"
    TIME = "time"
    # Date and time in one cell.
    MOMENT = "moment"
    ZONE = "zone"
    DEVICE = "device"
    ERROR = "error"


# English and German as exports have them; other languages where the word is certain.
PLACES: Mapping[str, Place] = {
    **dict.fromkeys(("date", "datum", "data", "fecha"), Place.DATE),
    **dict.fromkeys(("time", "zeit", "uhrzeit", "heure", "hora", "ora", "tijd"), Place.TIME),
    **dict.fromkeys(("measurement date", "measurement date and time", "messdatum"), Place.MOMENT),
    **dict.fromkeys(("timezone", "time zone", "zeitzone"), Place.ZONE),
    **dict.fromkeys(("device", "device name", "geraet", "gerät", "appareil"), Place.DEVICE),
    **dict.fromkeys(("dispositivo", "apparaat"), Place.DEVICE),
    **dict.fromkeys(("error", "fehler", "erreur", "errore", "erro", "fout"), Place.ERROR),
}

FLAGS: Mapping[str, Metric] = {
    **dict.fromkeys(
        (
            "irregular heartbeat detected",
            "irregular heartbeat",
            "unregelmäßiger herzschlag festgestellt",
            "unregelmässiger herzschlag festgestellt",
            "unregelmäßiger herzschlag",
        ),
        Metric.IRREGULAR_HEARTBEAT,
    ),
    **dict.fromkeys(
        ("body movement", "movement", "movement detected", "bewegung", "körperbewegung"),
        Metric.MOVEMENT_DURING_MEASUREMENT,
    ),
    **dict.fromkeys(
        ("possible afib", "possible a-fib", "mögliches afib"), Metric.POSSIBLE_ATRIAL_FIBRILLATION
    ),
}

# What a person wrote, or how a cuff was worn: never read into anything, and nobody misses it.
UNREAD = frozenset(
    {
        *("symptoms", "consumed", "truread", "notes", "cuff", "cuff fit", "positioning"),
        *("cuff wrap", "measurement mode", "measuring mode", "mode"),
        *("symptome", "eingenommen", "notizen", "manschette", "positionierung", "messmodus"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A metric and the UCUM unit that its column is in."""

    metric: Metric
    unit: str


def _column(
    metric: Metric, words: tuple[str, ...], units: Mapping[str, str]
) -> dict[tuple[str, str], Measured]:
    return {
        (word, title_unit): Measured(metric=metric, unit=unit)
        for word in words
        for title_unit, unit in units.items()
    }


_PRESSURE = {"mmhg": "mm[Hg]", "kpa": "kPa"}
# German titles have no units: where nothing else is usual, none is needed.
_USUAL_PRESSURE = {**_PRESSURE, "": "mm[Hg]"}
_PERCENT = {"%": "%", "": "%"}
# Kilograms and pounds look alike: a weight without its unit is none.
_WEIGHT = {"kg": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "st": "[stone_av]"}
_PER_MINUTE = dict.fromkeys(("bpm", "beats/min", "/min", "1/min", ""), "/min")
_SYSTOLIC, _DIASTOLIC = Metric.SYSTOLIC_BLOOD_PRESSURE, Metric.DIASTOLIC_BLOOD_PRESSURE

# By a title's words and its unit, both in small letters.
NUMBERS: Mapping[tuple[str, str], Measured] = {
    **_column(
        _SYSTOLIC,
        ("systolic", "systolisch", "systolique", "sistolica", "sistólica"),
        _USUAL_PRESSURE,
    ),
    **_column(
        _DIASTOLIC,
        ("diastolic", "diastolisch", "diastolique", "diastolica", "diastólica"),
        _USUAL_PRESSURE,
    ),
    # Without a unit these are Beurer's.
    **_column(_SYSTOLIC, ("sys",), _PRESSURE),
    **_column(_DIASTOLIC, ("dia",), _PRESSURE),
    **_column(
        Metric.HEART_RATE,
        ("pulse", "puls", "pulse rate", "pouls", "pulso", "polso", "heart rate", "herzfrequenz"),
        _PER_MINUTE,
    ),
    **_column(
        Metric.HEART_RATE,
        ("fréquence cardiaque", "frequenza cardiaca", "frecuencia cardíaca", "hartslag"),
        _PER_MINUTE,
    ),
    **_column(Metric.BODY_WEIGHT, ("weight", "body weight", "gewicht", "poids", "peso"), _WEIGHT),
    **_column(
        Metric.BODY_WEIGHT,
        ("körpergewicht", "poids corporel", "peso corporeo", "peso corporal", "lichaamsgewicht"),
        _WEIGHT,
    ),
    **_column(
        Metric.BODY_WEIGHT,
        # Chinese and Japanese, Chinese of Taiwan and Hong Kong, Korean.
        ("体重", "體重", "체중"),
        _WEIGHT,
    ),
    **_column(
        Metric.BODY_MASS_INDEX, ("bmi", "imc"), dict.fromkeys(("", "kg/m2", "kg/m²"), "kg/m2")
    ),
    **_column(Metric.FAT_RATIO, ("body fat", "körperfett", "körperfettanteil"), _PERCENT),
    **_column(Metric.MUSCLE_RATIO, ("skeletal muscle", "skelettmuskel"), _PERCENT),
    **_column(
        Metric.VISCERAL_FAT_LEVEL,
        ("visceral fat", "visceral fat level", "viszeralfett"),
        dict.fromkeys(("", "level"), "{score}"),
    ),
    **_column(
        Metric.BASAL_METABOLIC_RATE, ("resting metabolism", "ruhestoffwechsel"), {"kcal": "kcal"}
    ),
    **_column(
        Metric.METABOLIC_AGE,
        ("body age", "körperalter"),
        dict.fromkeys(("", "years old", "years", "jahre"), "a"),
    ),
}

# Where a title is a unit and nothing else.
BY_UNIT: Mapping[str, Measured] = {
    **{word: Measured(metric=Metric.BODY_WEIGHT, unit=unit) for word, unit in _WEIGHT.items()},
    "bpm": Measured(metric=Metric.HEART_RATE, unit="/min"),
}

# The app's language, by the words of date and time.
LANGUAGES: Mapping[tuple[str, str], str] = {
    ("date", "time"): "en",
    ("measurement date", ""): "en",
    ("measurement date and time", ""): "en",
    ("datum", "zeit"): "de",
    ("datum", "uhrzeit"): "de",
    ("messdatum", ""): "de",
    ("datum", "tijd"): "nl",
    ("date", "heure"): "fr",
    ("data", "ora"): "it",
    ("fecha", "hora"): "es",
    ("data", "hora"): "pt",
}
