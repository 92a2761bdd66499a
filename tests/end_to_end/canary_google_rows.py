"""Values that occur nowhere else, in what a person's Google Health account lists.

Belongs here: who has all of it, and where a value is put. Not here: Withings' rows
(`canary_rows.py`), or what becomes of the values (`test_canary.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from datetime import time as clock_time
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

import requests

from tests.end_to_end.canary_rows import PART, TOO_LONG, UNREADABLE, WHOLE
from tests.end_to_end.canary_subject import UNIT, Planted, odd_value

NIGHT, EXERCISE, HEART_RATE = "sleep", "exercise", "heart-rate"
RESTING, ECG, STEPS = "daily-resting-heart-rate", "electrocardiogram", "steps"
NIGHT_MINUTES, EXERCISE_ENERGY = "minutes asleep", "energy of an exercise"
ONE_HEART_RATE, RESTING_HEART_RATE = "one heart rate", "heart rate at rest"
ECG_HEART_RATE, ECG_SAMPLE = "heart rate of an ECG", "sample of an ECG"
DAY_STEPS = "steps of a day"
OF_ECGS = (ECG_HEART_RATE, ECG_SAMPLE)
OF_EXERCISES = (EXERCISE_ENERGY,)
# Where the numbers of a night and of an exercise stand.
SUMMARIES = {NIGHT: "summary", EXERCISE: "metricsSummary"}
# Of each value: the kind of row, its field, and the power of ten that its digits are counted in.
FIELDS = {
    NIGHT_MINUTES: (NIGHT, "minutesAsleep", 0),
    EXERCISE_ENERGY: (EXERCISE, "caloriesKcal", UNIT),
    ONE_HEART_RATE: (HEART_RATE, "beatsPerMinute", 0),
    RESTING_HEART_RATE: (RESTING, "beatsPerMinute", 0),
    ECG_HEART_RATE: (ECG, "beatsPerMinuteAvg", 0),
}
ALL_ROWS = frozenset({*FIELDS, ECG_SAMPLE, DAY_STEPS})
# Grams, as a power of ten of those that a weighing is counted in.
IN_GRAMS = UNIT + 3
FEW_SAMPLES = 20


@dataclass(frozen=True)
class GoogleRows:
    """The points of a person in some days, and changing them."""

    sandbox: object
    person: dict
    days: list

    def are_of_every_kind(self):
        """Tell whether there is a row of each kind."""
        return {kind for kind, _, _ in FIELDS.values()} == self._rows.keys()

    def weigh(self, value):
        """Add a weighing at noon of each day, of so many 10^-8 kilograms."""
        grams = float(Decimal(value).scaleb(IN_GRAMS))
        for day in self.days:
            noon = datetime.combine(day, clock_time(12), ZoneInfo(self.person["zone"]))
            at = int(noon.timestamp()) * 1_000
            self._change("add", "weight", day=str(day), at=at, value={"weightGrams": grams})

    def plant(self, rng):
        """Put a value of its own into each of FIELDS, an ECG's samples and a day; gives them by name."""
        counted = {"count": str(odd_value(rng, WHOLE))}
        self._change("add", STEPS, day=str(self.days[-1]), value=counted)
        # The day's total is whatever the vendor makes of it.
        total = self._listed["totals"][STEPS][str(self.days[-1])]["countSum"]
        planted = {DAY_STEPS: Planted(int(total), 0)}
        for name, (kind, field, unit) in FIELDS.items():
            value = planted[name] = Planted(odd_value(rng, PART if unit else WHOLE), unit)
            self._edit(kind, **{field: float(value.text) if unit else value.text})
        sample = planted[ECG_SAMPLE] = Planted(odd_value(rng, WHOLE), 0)
        told = self._rows[ECG]["value"]["waveformSamples"][:FEW_SAMPLES]
        self._edit(ECG, waveformSamples=[sample.number, *told], millivoltsScalingFactor=1)
        return planted

    def make_unreadable(self, rng, places):
        """Put what is no number of a body into fields given as (kind, field)."""
        value = Planted(odd_value(rng, TOO_LONG), 0)
        for kind, field in places:
            self._edit(kind, **{field: value.number})
        return {UNREADABLE: value}

    @cached_property
    def _rows(self):
        """One row of each kind that there is, as the vendor merges them."""
        merged = self._listed["merged"].values()
        each = [*self._listed["points"][ECG], *(row for rows in merged for row in rows)]
        return {row["type"]: row for row in each if _has_value(row)}

    @cached_property
    def _listed(self):
        asked = {"login": self.person["login"]}
        asked |= {"from": str(self.days[0]), "to": str(self.days[-1])}
        answer = requests.get(f"{self.sandbox.control}/google_health/rows", asked, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def _edit(self, kind, **told):
        row, summary = self._rows[kind], SUMMARIES.get(kind)
        if summary:
            told = {summary: row["value"][summary] | told}
        row["value"] |= told
        self._change("edit", kind, id=row["id"], value=told)

    def _change(self, action, kind, **order):
        login = self.person["login"]
        self.sandbox.post("google_health/change", login=login, action=action, type=kind, **order)


def _has_value(row):
    kind, value = row["type"], row["value"]
    if kind == ECG:
        return bool(value.get("waveformSamples"))
    fields = {field for of, field, _ in FIELDS.values() if of == kind}
    return bool(fields) and fields <= value.get(SUMMARIES.get(kind), value).keys()
