"""Files as OMRON connect shares them, by the fact sheet, and what a parsed one says.

Belongs here: headers, rows and shorthands of these tests. Not here: what they must become.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import check_frame, measurements_of
from ohx_pipelines.providers.files.base import DEFAULT_BOUNDS, Choices
from ohx_pipelines.providers.omron_connect import OMRON_CONNECT

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
US = "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes"
GERMAN = (
    "Datum,Zeit,Systolisch,Diastolisch,Puls,Symptome,Eingenommen,TruRead,"
    '"Unregelmäßiger Herzschlag festgestellt",Bewegung,Manschette,Positionierung,Messmodus,Fehler,'
    '"Mögliches AFib",Geraet,Notizen'
)
SCALE = (
    '"Measurement Date","Timezone","Weight(kg)","Body Fat(%)","Visceral Fat",'
    '"Resting Metabolism(kcal)","Skeletal Muscle(%)","Skeletal Muscle（ARMS）(%)",'
    '"Subcutaneous fat(%)","BMI","Body Age(years old)","Device"'
)


def german(day="18 Jan. 2026", time="07:40", *cells, **marks):
    """A row of 17 cells: date, time, systolic, diastolic, pulse, then flags by their place's name."""
    places = {"irregular": 8, "movement": 9, "cuff": 10, "error": 13, "afib": 14, "device": 15}
    row = [day, time, *(cells or ("131", "83", "66")), *["-"] * 12]
    for name, mark in marks.items():
        row[places[name]] = mark
    return ",".join(f'"{cell}"' for cell in row)


def scale(moment="2023/07/01 12:08", zone="Asia/Tokyo", *cells, device="HBF-702T"):
    values = cells or ("71.40", "28.9", "9.5", "1736", "28.3", "33.6", "20.9", "24.6", "45")
    return ",".join(f'"{cell}"' for cell in (moment, zone, *values, device))


def lines(*rows, end="\n"):
    return (end.join(rows) + end).encode()


def parsed(*rows, zone=BERLIN, now=NOW, bounds=DEFAULT_BOUNDS, **choices):
    """Parse lines, or the bytes of one file."""
    content = rows[0] if isinstance(rows[0], bytes) else lines(*rows)
    file = OMRON_CONNECT.parse(content, Choices(zone=zone, now=now, **choices), bounds=bounds)
    check_frame(file.frame)
    return file


def readings(file):
    return measurements_of(file.frame)


def told(file):
    """What is published: metric, value as text, unit."""
    return sorted((r.metric.value, str(r.value), r.unit) for r in readings(file))


def rejected(file):
    return sorted((note.row, note.word, note.metric) for note in file.rejected)


def words(file):
    """What was ignored, over all days."""
    counts = {}
    for of_day in file.ignored.values():
        for word, count in of_day.items():
            counts[word] = counts.get(word, 0) + count
    return counts
