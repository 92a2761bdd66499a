"""How quickly uploaded files are read: `python -m benchmarks.file_parsing`.

Belongs here: rows a second and memory, per app and format, for a file at the bounds. Not here:
publishing what a file says (`publishing.py`).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from zoneinfo import ZoneInfo

from ohx_pipelines.providers.files.base import DEFAULT_BOUNDS, Choices, FileRefused
from ohx_pipelines.providers.registry import FILE_PROVIDERS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGIN = NOW.replace(tzinfo=None) - timedelta(days=1)
MINUTES_BETWEEN = 7
MONTHS = (
    "Jan.",
    "Feb.",
    "Mär.",
    "Apr.",
    "Mai",
    "Jun.",
    "Jul.",
    "Aug.",
    "Sep.",
    "Okt.",
    "Nov.",
    "Dez.",
)
_Row = Callable[[datetime, int], str]


def _body(n: int, mark: str) -> str:
    numbers = (60 + n % 300 / 10, 22.3, 17.9, 50 + n % 99 / 10, 42.1, 2.9)
    return ";".join(f"{one:.1f}".replace(".", mark) for one in numbers)


def _classic(at: datetime, n: int) -> str:
    return f'"{at:%Y-%m-%d}";"{at:%H:%M}";{_body(n, ".")};"";""'


def _pro(at: datetime, n: int) -> str:
    return f"{at:%d.%m.%Y;%H:%M};{_body(n, ',')};44;62;5"


def _pro_pressure(at: datetime, n: int) -> str:
    return f"{at:%d/%m/%Y;%H:%M};{110 + n % 50};{70 + n % 20};{55 + n % 30};95"


def _sister(at: datetime, n: int) -> str:
    return f"{at:%d.%m.%Y;%H:%M};{110 + n % 50};{70 + n % 20};{55 + n % 30};95;0"


def _american(at: datetime, n: int) -> str:
    return f'"{at:%b %d, %Y}","{at:%H:%M}","{110 + n % 50}","{70 + n % 20}","61","-","-","-","-"'


def _german(at: datetime, n: int) -> str:
    day = f"{at.day} {MONTHS[at.month - 1]} {at.year}"
    return f'"{day}","{at:%H:%M}","{110 + n % 50}","{70 + n % 20}","61",-,-,-,-,X,-,-,-,-,-,"M7",-'


def _scale(at: datetime, n: int) -> str:
    return f'"{at:%Y/%m/%d %H:%M}","Asia/Tokyo","{60 + n % 300 / 10:.1f}","31.2","7.5","1512","23.1","HBF-702T"'


_PRO_USER = "Benutzerdetails\nGeschlecht   Weiblich\nGeburtsdatum   01.02.1975\n\n"
FORMATS: dict[str, tuple[str, str, _Row]] = {
    "classic": (
        "beurer",
        (
            "Data Export Details\n\nWeight\n"
            "Date;Time;kg;BMI;Body fat;Water;Muscles;Bones;Medication;Comment"
        ),
        _classic,
    ),
    "pro_11_columns": (
        "beurer",
        _PRO_USER + "Gewicht\nDatum;Uhrzeit;kg;BMI;Körperfett;Wasser;Muskeln;Knochen;"
        "Metabolisches Alter;Puls;Viszeralfett",
        _pro,
    ),
    "pro_pressure": (
        "beurer",
        "User details\nGender   Female\n\nBlood pressure\nDate;Time;Sys;Dia;Pulse;MAP",
        _pro_pressure,
    ),
    "healthforyou": (
        "beurer",
        (
            "Benutzerangaben\nVorname;A\n\nBLUTDRUCK\n"
            "Datum;Uhrzeit;Sys;Dia;Puls;MAD;Manuell hinzugefügt"
        ),
        _sister,
    ),
    "omron_us": (
        "omron_connect",
        "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Consumed,TruRead,Notes",
        _american,
    ),
    "omron_german": (
        "omron_connect",
        (
            "Datum,Zeit,Systolisch,Diastolisch,Puls,Symptome,Eingenommen,TruRead,"
            "Unregelmäßiger Herzschlag festgestellt,Bewegung,Manschette,Positionierung,Messmodus,"
            "Fehler,Mögliches AFib,Geraet,Notizen"
        ),
        _german,
    ),
    "omron_scale": (
        "omron_connect",
        (
            "Measurement Date,Timezone,Weight(kg),Body Fat(%),Visceral Fat,"
            "Resting Metabolism(kcal),BMI,Device"
        ),
        _scale,
    ),
}


def main() -> None:
    """Print one JSON object per format: rows and values a second, and the most memory."""
    # A process for each: the most memory that one has had never falls.
    for name in FORMATS:
        with get_context("spawn").Pool(1) as pool:
            sys.stdout.write(json.dumps(pool.apply(measured, (name,))) + "\n")
            sys.stdout.flush()


def measured(name: str) -> dict[str, object]:
    """Read one file that is as large as the bounds let it be."""
    app, beginning, row = FORMATS[name]
    provider = next(one for one in FILE_PROVIDERS if one.facts.name == app)
    content = "\n".join((beginning, *_rows(row))).encode()[: DEFAULT_BOUNDS.most_bytes]
    content = content[: content.rindex(b"\n") + 1]
    before, start = _megabytes(), time.process_time()
    try:
        file = provider.parse(content, Choices(zone=ZoneInfo("Europe/Berlin"), now=NOW))
    except FileRefused as refused:
        return {"format": name, "refused": refused.reason.value, "row": refused.row}
    # Processor time: whatever else a machine does leaves it as it is.
    seconds = time.process_time() - start
    return {
        "format": name,
        "megabytes": round(len(content) / 1024 / 1024, 1),
        "rows": file.rows,
        "values": len(file.frame),
        "rejected": len(file.rejected),
        "seconds": round(seconds, 2),
        "rows_per_second": round(file.rows / seconds),
        "values_per_second": round(len(file.frame) / seconds),
        "memory_megabytes": round(_megabytes() - before),
    }


def _rows(row: _Row) -> Iterator[str]:
    for n in range(DEFAULT_BOUNDS.most_rows):
        yield row(BEGIN - timedelta(minutes=MINUTES_BETWEEN * n), n)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
