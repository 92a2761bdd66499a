"""Exports of Beurer's apps as the fact sheet shows them, and what is asked of what was read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.providers.beurer import BEURER
from ohx_pipelines.providers.files.base import Choices

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)

CLASSIC_HEAD = """Data Export Details

User details
"Gender";""
"First name";""
"Surname";""
"Date of birth";"1975-02-01"

Period
"Start";"2026-01-01"
"End";"2026-03-31"

Category
"Scale";{count:03}

"""
CLASSIC_WEIGHT = """Weight
Date;Time;kg;BMI;Body fat;Water;Muscles;Bones;Medication;Comment
"""
PRO_DE_HEAD = """Benutzerdetails
Geschlecht   Weiblich
Vorname   Kim
Nachname
Geburtsdatum   01.02.1975
Körpergröße   172 cm

"""
PRO_EN_HEAD = """User details
Gender\tFemale
First name\tKim
Surname
Date of birth\t01/02/1975
Height\t172 cm

"""
PRO_DE_WEIGHT = (
    "Gewicht\nDatum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;"
    "Metabolisches Alter;Puls;Viszeralfett\n"
)
PRO_EN_WEIGHT = "Weight\nDate;Time;kg;BMI;Body fat;Water;Muscles;Bone\n"
PRO_DE_PRESSURE = "Blutdruck\nDatum;Uhrzeit;Sys;Dia;Puls;MAD\n"
PRO_EN_PRESSURE = "Blood pressure\nDate;Time;Sys;Dia;Pulse;MAP\n"
LEGEND = ";;;;;\nØ = 129/81 (63)\nMAD = Mittlerer arterieller Druck\n"
FOR_YOU_DE_HEAD = """Benutzerangaben
Vorname;Kim
Nachname;Muster
Geburtstag;01.02.1975
Geschlecht;weiblich
Größe;172 cm

Zeitraum
von;01.03.2026
bis;31.03.2026

Ausgewählte Kategorien
Blutdruck;{count}

BLUTDRUCK
Datum;Uhrzeit;Sys;Dia;Puls;MAD;Manuell hinzugefügt
"""
FOR_YOU_EN = "Date;Time;Sys;Dia;Pulse;MAP;Added manually\n"
COACH = (
    "Date;Time;Weight kg;BF;BF top %;BF bottom %;Water;Muscle %;Muscle top %;Muscle bottom %;"
    "Bone kg;BMI;BMR kcal;AMR kcal;Activity level;Waist cm;Hip cm;WHR;Target weight kg;Manual;"
    "Analysis;Comment\n"
)


def read(text, *, zone=BERLIN, date_order=None, encoding="utf-8"):
    choices = Choices(zone=zone, date_order=date_order, now=NOW)
    return BEURER.parse(text.encode(encoding), choices)


def values(parsed):
    """What each metric of each record says, exactly."""
    return {
        (row.group, row.metric.value): (str(row.value), row.unit)
        for row in parsed.frame.itertuples()
    }


def of(parsed, group):
    return {name: said for (tied, name), said in values(parsed).items() if tied == group}


def places(parsed):
    """When each record was, and the user's day and offset then."""
    return {
        row.group: (row.start.isoformat(), row.offset_minutes, row.day.isoformat())
        for row in parsed.frame.itertuples()
    }


def notes(parsed):
    return [(note.row, note.word, note.metric) for note in parsed.rejected]


def counted(parsed):
    return {day.isoformat(): dict(words) for day, words in parsed.ignored.items()}


def methods(parsed):
    return {row.group: row.method.value for row in parsed.frame.itertuples()}
