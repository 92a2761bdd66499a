"""Files as people hand them in, of every app: what was measured, the text, and what it must become.

Belongs here: readings, how they are written (by the sandbox) and what they are in the common
vocabulary, from the truth rows alone. Not here: the contract (`test_every_file.py`).
"""

import csv
import io
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ohx_pipelines.measurements import measurements_of
from ohx_pipelines.providers.files.base import DEFAULT_BOUNDS, Choices
from ohx_pipelines.providers.registry import FILE_PROVIDERS
from sandbox.files.sections import Options
from sandbox.files.truth import Kind, TruthRow
from sandbox.files.variants import VARIANTS, write

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
CUFF, SCALE = "HEM-7361T", "HBF-702T"
PROVIDERS = {one.facts.name: one for one in FILE_PROVIDERS}
SAMPLES = [(app, variant) for app, variants in VARIANTS.items() for variant in variants]
SAMPLE_IDS = [f"{app} {variant}" for app, variant in SAMPLES]
# A line of readings: by its date, in any of the ways that apps write one.
_READING = re.compile(r'"?(\d{1,4}[./-]|\d{1,2} [A-ZÄ]|[A-Z][a-z]{2} \d)')
# What the truth's words are: metric and unit; of a session where they differ.
_WORDS = {
    "weight": ("body_weight", "kg"),
    "bmi": ("body_mass_index", "kg/m2"),
    "body_fat": ("fat_ratio", "%"),
    "water": ("water_ratio", "%"),
    "muscles": ("muscle_ratio", "%"),
    "bones": ("bone_mass", "kg"),
    "metabolic_age": ("metabolic_age", "a"),
    "visceral_fat": ("visceral_fat_level", "{score}"),
    "bmr": ("basal_metabolic_rate", "kcal"),
    "pulse": ("heart_rate", "/min"),
    "sys": ("systolic_blood_pressure", "mm[Hg]"),
    "dia": ("diastolic_blood_pressure", "mm[Hg]"),
    "map": ("mean_blood_pressure", "mm[Hg]"),
    "glucose_mg_dl": ("blood_glucose", "mg/dL"),
    "glucose_mmol_l": ("blood_glucose_molar", "mmol/L"),
    "temperature": ("body_temperature", "Cel"),
    "spo2": ("oxygen_saturation", "%"),
    "spo2_mean": ("mean_oxygen_saturation", "%"),
    "spo2_min": ("minimum_oxygen_saturation", "%"),
    "spo2_max": ("maximum_oxygen_saturation", "%"),
    "irregular": ("irregular_heartbeat", None),
    "movement": ("movement_during_measurement", None),
    "afib": ("possible_atrial_fibrillation", None),
}


def reading(kind, moment, values, **more):
    exact = {name: Decimal(value) for name, value in values.items()}
    more = {"zone": ZONE.key} | more
    return TruthRow(kind=Kind(kind), moment=moment, values=exact, **more)


def weight(moment, value="71.4", **more):
    body = {"weight": value, "bmi": "22.3", "body_fat": "17.9", "water": "56.2", "muscles": "42.1"}
    more_of_it = {"bones": "2.9", "metabolic_age": "44", "visceral_fat": "5", "bmr": "1640"}
    values = body | more_of_it | {"pulse": "62"}
    return reading("weight", moment, values, device=SCALE, manual=False, **more)


def pressure(moment, systolic=131, diastolic=83, pulse=66, **more):
    values = {"sys": systolic, "dia": diastolic, "map": 99, "pulse": pulse}
    more = {"device": CUFF, "manual": False} | more
    return reading("pressure", moment, values, **more)


def at(day, clock="07:40"):
    return datetime.fromisoformat(f"{day}T{clock}")


# Each file's own readings are those of these that its app and variant hold.
ROWS = (
    weight(at("2026-03-14", "07:52")),
    weight(at("2026-03-15", "06:58"), "70.9", noise=True),
    weight(at("2026-03-17", "07:05"), "71.1"),
    pressure(at("2026-03-14", "07:40")),
    pressure(at("2026-03-15", "20:11"), 127, 79, 63, flags=frozenset({"irregular"})),
    # A cuff pressed twice in a minute, and a pulse that it did not find.
    pressure(at("2026-03-16", "19:30"), 133, 85, 70),
    pressure(at("2026-03-16", "19:30"), 129, 81, 68),
    pressure(at("2026-03-17", "08:02"), 125, 80, 61, flags=frozenset({"movement", "afib"})),
    reading("glucose", at("2026-03-15", "12:30"), {"glucose_mg_dl": 104, "glucose_mmol_l": "5.8"}),
    reading("temperature", at("2026-03-16", "20:05"), {"temperature": "36.8"}),
    reading(
        "oxygen",
        at("2026-03-15", "23:20"),
        {"spo2_mean": 95, "spo2_min": 90, "spo2_max": 98, "pulse": 61},
        end=at("2026-03-16", "00:25"),
    ),
    reading("oxygen", at("2026-03-16", "15:10"), {"spo2": 97, "pulse": 71}),
)


@dataclass(frozen=True)
class Sample:
    """A file of an app's variant: its bytes, and the truth rows that it holds."""

    app: str
    content: bytes
    rows: tuple

    @property
    def provider(self):
        return PROVIDERS[self.app]

    @property
    def text(self):
        return self.content.decode("utf-8-sig")

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def reading_lines(self):
        """Where its readings stand, from 0."""
        return [n for n, line in enumerate(self.lines) if is_reading(line)]

    def of(self, lines):
        return replace(self, content=("\n".join(lines) + "\n").encode())


def is_reading(line):
    return bool(_READING.match(line)) and not line.startswith('"Date')


def sample(app, variant, rows=ROWS, **options):
    """Give a variant's file of these readings."""
    # Without the owner's block and period there is nothing but readings that looks like a date.
    written = write(variant, rows, Options(**options))
    return Sample(app, written.content, written.rows)


def parsed(one, *, content=None, zone=ZONE, now=NOW, bounds=DEFAULT_BOUNDS, **choices):
    given = one.content if content is None else content
    return one.provider.parse(given, Choices(zone=zone, now=now, **choices), bounds=bounds)


def rows_of(file):
    return measurements_of(file.frame)


def keys_and_values(file):
    """All that a reading is, but how many digits its number was written with."""
    return {
        (r.metric.value, r.record, r.occurrence, r.group): (
            *(r.value + 0 if isinstance(r.value, Decimal) else r.value, r.unit),
            *(r.start, r.end, r.day, r.offset_minutes, r.device, r.method.value),
        )
        for r in rows_of(file)
    }


def expected(rows):
    """What truth rows become: metric, record, occurrence to value, unit, start, day, method, device."""
    found = {}
    for row in rows:
        start = _instant(row.moment, row.zone)
        day = start.astimezone(ZoneInfo(row.zone)).date()
        told = row.values | dict.fromkeys(row.flags, True)
        for name, value in told.items():
            metric, unit = _WORDS[name]
            if row.end is not None and name == "pulse":
                metric = "mean_heart_rate"
            end = _instant(row.end, row.zone) if row.end else None
            method = "manual" if row.manual else "device"
            found[metric, row.record, row.occurrence] = (
                *(value, unit, start, end, day, row.device, method),
            )
    return found


def said(file):
    """What a parsed file says, in the words of `expected`."""
    return {
        (r.metric.value, r.record, r.occurrence): (
            *(r.value, r.unit, r.start, r.end, r.day, r.device, r.method.value),
        )
        for r in rows_of(file)
    }


def rejected(file):
    return [(note.row, note.word) for note in file.rejected]


def separated(one, separator):
    """The same file with another separator, quoted where a cell needs it."""
    own = ";" if one.text.count(";") > one.text.count(",") else ","
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    for cells in csv.reader(io.StringIO(one.text), delimiter=own):
        writer.writerow(cells)
    return out.getvalue().encode()


def _instant(moment, zone):
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def three_days(first: date):
    """A weight and a pressure on each of three days."""
    days = [first + timedelta(days=n) for n in range(3)]
    return [make(at(day)) for day in days for make in (weight, pressure)]


def any_row(moment, zone=ZONE.key):
    """A reading that each variant has one of at least."""
    return [weight(moment, zone=zone), pressure(moment, zone=zone)]
