"""A Withings account that answers data calls from rows, as the vendor's reference says.

Belongs here: which rows lie in a call, and the shape of answers. Not here: tests, or rows.
"""

from __future__ import annotations

# What a call of minutes or stages answers at most.
A_DAY_IN_SECONDS = 86_400


class VendorAccount:
    """Answers calls as a WithingsClient does: the pages' bodies.

    `minutes` are entries by epoch, `stages` segments of all nights, `signals` by signal id.
    """

    def __init__(self, **rows):
        self.rows = {
            "measures": [], "activities": [], "workouts": [], "nights": [], "ecgs": [],
            "minutes": {}, "stages": [], "signals": {},
        } | rows  # fmt: skip

    def pages(self, call, token):
        answer = {
            ("/measure", "getmeas"): self._measures,
            ("/v2/measure", "getactivity"): self._by_date("activities", "activities"),
            ("/v2/measure", "getworkouts"): self._by_date("workouts", "series"),
            ("/v2/measure", "getintradayactivity"): self._minutes,
            ("/v2/sleep", "getsummary"): self._by_date("nights", "series"),
            ("/v2/sleep", "get"): self._stages,
            ("/v2/heart", "list"): self._ecgs,
            ("/v2/heart", "get"): self._signal,
        }[(call.path, call.fields["action"])]
        yield answer(call.fields)

    def _measures(self, asked):
        types = {int(one) for one in asked["meastypes"].split(",")}
        found = [
            group | {"measures": [one for one in group["measures"] if one["type"] in types]}
            for group in _between(self.rows["measures"], "date", asked)
        ]
        return {"measuregrps": [group for group in found if group["measures"]]}

    def _ecgs(self, asked):
        return {"series": _between(self.rows["ecgs"], "timestamp", asked)}

    def _signal(self, asked):
        return self.rows["signals"][asked["signalid"]]

    def _by_date(self, kind, key):
        def answer(asked):
            first, last = asked["startdateymd"], asked["enddateymd"]
            return {key: [one for one in self.rows[kind] if first <= one["date"] <= last]}

        return answer

    def _minutes(self, asked):
        first, last = _clamped(asked)
        found = {
            str(at): entry for at, entry in self.rows["minutes"].items() if first <= at <= last
        }
        return {"series": found or []}

    def _stages(self, asked):
        first, last = _clamped(asked)
        found = [
            one
            for one in self.rows["stages"]
            if one["startdate"] <= last and one["enddate"] > first
        ]
        return {"series": found, "model": 32}


def _between(rows, key, asked):
    return [one for one in rows if int(asked["startdate"]) <= one[key] <= int(asked["enddate"])]


def _clamped(asked):
    first, last = int(asked["startdate"]), int(asked["enddate"])
    return first, min(last, first + A_DAY_IN_SECONDS - 1)
