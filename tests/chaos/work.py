"""Work for a sync under fire: readings that come and change, tokens that run out, a slow EHR.

Belongs here: what the sandbox is told, drawn from a seeded generator. Not here: who is killed.
"""

from datetime import UTC, datetime, time, timedelta

import requests

THREE_HOURS = 3 * 3600
WEIGHT = 1
CHANGED_PEOPLE = 4


class Work:
    """Changes in the sandbox, all of them drawn from one generator."""

    def __init__(self, sandbox, people, week, rng):
        self._sandbox = sandbox
        self._people = people
        self._week = week
        self._rng = rng

    def make(self):
        """Add or edit a reading of a few people, so that the next backfill has something to write."""
        for person in self._rng.sample(self._people, min(CHANGED_PEOPLE, len(self._people))):
            if self._rng.random() < 0.5 or not self._edit(person["login"]):
                self._add(person["login"])

    def slow_down(self, seconds):
        """Let every EHR request take longer, so that kills hit the middle of a run."""
        self._sandbox.post("faults/clear")
        if seconds:
            self._sandbox.post("faults", target="ehr", kind="slow", seconds=seconds)

    def speed_up(self):
        self._sandbox.post("faults/clear")

    def pass_three_hours(self):
        """Let every access token run out: the next sync of each link begins with a refresh."""
        self._sandbox.post("clock", advance_seconds=THREE_HOURS)

    def _add(self, login):
        day = self._rng.choice(self._week)
        # Nine in UTC is the same local day from UTC-9 to UTC+14.
        at = datetime.combine(day, time(9), UTC) + timedelta(seconds=self._rng.randrange(3600))
        reading = {"type": WEIGHT, "value": self._weight(), "unit": -3, "date": int(at.timestamp())}
        self._sandbox.post("readings/change", login=login, action="add", **reading)

    def _edit(self, login):
        span = {"from": str(self._week[0]), "to": str(self._week[-1]), "login": login}
        rows = requests.get(f"{self._sandbox.control}/rows", params=span, timeout=30).json()
        weights = [one for one in rows if any(m["type"] == WEIGHT for m in one["measures"])]
        if not weights:
            return False
        change = {"grpid": self._rng.choice(weights)["grpid"], "type": WEIGHT, "unit": -3}
        change["value"] = self._weight()
        self._sandbox.post("readings/change", login=login, action="edit", **change)
        return True

    def _weight(self):
        return self._rng.randrange(60_000, 90_000)
