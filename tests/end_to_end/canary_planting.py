"""Who goes through which mode or journey, and the values that are put among their readings.

Belongs here: casting and planting, before anything is linked. Not here: what happens then
(`canary_scene.py`), rows that are no measure groups (`canary_rows.py`, `canary_google_rows.py`).
"""

import random
from datetime import datetime
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import requests

from tests.end_to_end.canary_google_rows import GoogleRows
from tests.end_to_end.canary_orders import GOOGLE_HEALTH, Mode
from tests.end_to_end.canary_rows import Rows
from tests.end_to_end.canary_subject import UNIT, Subject, odd_value

WEIGHT, DIASTOLIC, SYSTOLIC, PULSE = 1, 9, 10, 11
# Kilograms, then what a cuff measures.
FIRST_DIGITS = (187, 131, 83, 61)


class Planting:
    """Some days of a sandbox's people, and the values in them that occur nowhere else."""

    def __init__(self, sandbox, days):
        self.sandbox, self.days = sandbox, days

    def cast(self, *casts):
        """Give everybody a person; of each cast, the whole ones somebody who has rows of each kind."""
        people, subjects = self.sandbox.people, {}
        assert len(people) == sum(map(len, casts))
        for cast in casts:
            mine, people = people[: len(cast)], people[len(cast) :]
            subjects |= self._cast(cast, mine)
        return subjects

    def _cast(self, cast, people):
        whole = [one for one in cast if isinstance(one, Mode) and one.whole]
        owners = (one for one in people if self.rows_of(one, cast[0].vendor).are_of_every_kind())
        chosen = {mode.name: next(owners) for mode in whole}
        taken = {one["login"] for one in chosen.values()}
        others = (one for one in people if one["login"] not in taken)
        return {one.name: Subject(chosen.get(one.name) or next(others), one.vendor) for one in cast}

    def rows_of(self, person, vendor):
        """What a vendor lists of a person."""
        if vendor == GOOGLE_HEALTH:
            return GoogleRows(self.sandbox, person, self.days)
        return Rows(self.sandbox, person["login"], self.days)

    def plant(self, subjects, modes):
        """Put values into the readings of all whom a mode happens to."""
        rng = random.Random("canary")
        for subject in subjects.values():
            subject.readings = [odd_value(rng, first) for first in FIRST_DIGITS]
        for mode in modes:
            subject = subjects[mode.name]
            rows = self.rows_of(subject.person, mode.vendor)
            if mode.vendor == GOOGLE_HEALTH:
                # It has no blood pressure.
                subject.readings = subject.readings[:1]
                rows.weigh(subject.readings[0])
            else:
                self._weigh(subject)
                self._edit_pressure(subject)
            if mode.whole:
                subject.rows = rows.plant(rng)
            if mode.unreadable:
                subject.rows |= rows.make_unreadable(rng, mode.unreadable)

    def groups_of(self, person):
        """The measure groups of a person in these days."""
        span = {"from": str(self.days[0]), "to": str(self.days[-1])}
        asked = span | {"login": person["login"]}
        return requests.get(f"{self.sandbox.control}/rows", params=asked, timeout=30).json()

    def change(self, subject, **order):
        """Change a measure group."""
        self.sandbox.post("readings/change", login=subject.person["login"], **order)

    def _weigh(self, subject):
        zone = ZoneInfo(subject.person["zone"])
        for day in self.days:
            noon = datetime.combine(day, clock_time(12), zone)
            reading = {"type": WEIGHT, "value": subject.readings[0], "unit": UNIT}
            self.change(subject, action="add", date=int(noon.timestamp()), **reading)

    def _edit_pressure(self, subject):
        """Put the values into a cuff's reading, where the person took one in these days."""
        kinds = dict(zip((SYSTOLIC, DIASTOLIC, PULSE), subject.readings[1:], strict=True))
        rows = self.groups_of(subject.person)
        whole = (row for row in rows if kinds.keys() == {one["type"] for one in row["measures"]})
        for row in list(whole)[:1]:
            for kind, value in kinds.items():
                changed = {"type": kind, "value": value, "unit": UNIT}
                self.change(subject, action="edit", grpid=row["grpid"], **changed)
