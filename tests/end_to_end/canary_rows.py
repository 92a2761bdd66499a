"""Values that occur nowhere else, in a person's days, minutes, workouts, nights and ECGs.

Belongs here: who has all of these, and where a value is put. Not here: measure groups
(`canary_scene.py`), or what becomes of the values (`test_canary.py`).
"""

from dataclasses import dataclass

import requests

from tests.end_to_end.canary_subject import UNIT, Planted, odd_value

ACTIVITY, WORKOUT, NIGHT, ECG = "activity", "workout", "night", "ecg"
DAY_STEPS, MINUTE_STEPS = "steps of a day", "steps of a minute"
WORKOUT_ENERGY, WORKOUT_STEPS = "energy of a workout", "steps of a workout"
NIGHT_HEART_RATE, NIGHT_SCORE = "heart rate of a night", "score of a night"
STAGES_HEART_RATE = "heart rate in the stages"
ECG_HEART_RATE, ECG_SAMPLE = "heart rate of an ECG", "sample of an ECG"
DAY_DISTANCE, DAY_ENERGY = "distance of a day", "energy of a day"
OF_NIGHTS = (NIGHT_HEART_RATE, NIGHT_SCORE, STAGES_HEART_RATE)
OF_WORKOUTS = (WORKOUT_ENERGY, WORKOUT_STEPS)
# Of each value: the kind of row, its field, and the power of ten that its digits are counted in.
FIELDS = {
    DAY_STEPS: (ACTIVITY, "steps", 0),
    DAY_DISTANCE: (ACTIVITY, "distance", UNIT),
    DAY_ENERGY: (ACTIVITY, "calories", UNIT),
    WORKOUT_ENERGY: (WORKOUT, "calories", UNIT),
    WORKOUT_STEPS: (WORKOUT, "steps", 0),
    NIGHT_HEART_RATE: (NIGHT, "hr_max", UNIT),
    NIGHT_SCORE: (NIGHT, "sleep_score", 0),
    STAGES_HEART_RATE: (NIGHT, "sample", UNIT),
    ECG_HEART_RATE: (ECG, "heart_rate", 0),
    ECG_SAMPLE: (ECG, "sample", 0),
}
ALL_ROWS = frozenset({*FIELDS, MINUTE_STEPS})
UNREADABLE = "what cannot be read"
# As the vendor numbers kinds of workouts: a run is counted by steps.
RUNNING = 2
# Eight digits follow. Thirteen are the most that the product takes for a number.
PART, WHOLE, TOO_LONG = 187, 96_411, 964_113


@dataclass(frozen=True)
class Rows:
    """The rows of a person in some days, and changing them."""

    sandbox: object
    login: str
    days: list

    def listed(self):
        """All rows, by kind."""
        asked = {"login": self.login, "kind": "all"}
        asked |= {"from": str(self.days[0]), "to": str(self.days[-1])}
        answer = requests.get(f"{self.sandbox.control}/rows", params=asked, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def are_of_every_kind(self):
        """Tell whether there is a row of each kind from devices of the person's own."""
        return {kind for kind, _ in _named(self.listed())} == {ACTIVITY, WORKOUT, NIGHT, ECG}

    def plant(self, rng):
        """Put a value of its own into each of FIELDS, in every row of its kind; gives them by name."""
        named = _named(self.listed())
        planted = {}
        for name, (kind, field, unit) in FIELDS.items():
            value = planted[name] = Planted(odd_value(rng, PART if unit else WHOLE), unit)
            for row in (row for of, row in named if of == kind):
                self.change(kind, row, field, float(value.text) if unit else value.number)
        # A day's steps are those of its minutes: one of them takes what the others lack.
        entries = (one for day in self.listed()["minutes"].values() for one in day.values())
        planted[MINUTE_STEPS] = Planted(max(one.get("steps", 0) for one in entries), 0)
        return planted

    def make_unreadable(self, rng, places):
        """Put what is no number of a body, and no instant, into fields given as (kind, field)."""
        value = Planted(odd_value(rng, TOO_LONG), 0)
        for kind, row in _named(self.listed()):
            for field in (field for of, field in places if of == kind):
                self.change(kind, row, field, value.number)
        return {UNREADABLE: value}

    def change(self, kind, row, field, value):
        """Give a row of a kind another value."""
        order = {"login": self.login, "action": "edit", "kind": kind, "field": field}
        self.sandbox.post("readings/change", **order, **row, value=value)


def _named(rows):
    """Kinds of the rows that are counted by a device, each with what names the row in an order."""
    return [
        *((ACTIVITY, {"day": one["date"]}) for one in rows["activities"][:1] if one["deviceid"]),
        *((WORKOUT, {"id": one["id"]}) for one in rows["workouts"] if _is_counted(one)),
        *((NIGHT, {"id": one["id"]}) for one in rows["nights"] if one["data"].get("hr_max")),
        *((ECG, {"id": one["ecg"]["signalid"]}) for one in rows["ecgs"] if "ecg" in one),
    ]


def _is_counted(workout):
    return workout["deviceid"] and workout["attrib"] == 0 and workout["category"] == RUNNING
