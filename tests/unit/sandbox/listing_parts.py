"""Asking the sandbox vendor for rows of every kind, page by page.

Belongs here: calls and what they need. Not here: what a test expects of the rows.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.unit.sandbox.world_parts import NOON, Sandbox

DAY = 86_400
SCOPES = "user.info,user.metrics,user.activity"
MONTH = {"startdateymd": "2026-10-20", "enddateymd": "2026-11-18"}
ACTIVITY_FIELDS = (
    "steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories,"
    "hr_average,hr_min,hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3"
)
NIGHT_FIELDS = (
    "total_timeinbed,total_sleep_time,asleepduration,lightsleepduration,deepsleepduration,"
    "remsleepduration,sleep_efficiency,sleep_latency,wakeup_latency,wakeupduration,wakeupcount,waso,"
    "hr_average,hr_min,hr_max,rr_average,snoring,snoringepisodecount,sleep_score,"
    "apnea_hypopnea_index,breathing_disturbances_intensity"
)
WORKOUT_FIELDS = (
    "calories,manual_calories,distance,manual_distance,steps,elevation,pause_duration,"
    "hr_average,hr_min,hr_max,spo2_average"
)
MINUTE_FIELDS = "steps,heart_rate,duration,distance,calories,elevation"
ASTRID, MARCUS, PRIYA, AROHA, JOAO, WANJIRU = range(6)


class Asking:
    """One person's calls of a sandbox that lists everything."""

    def __init__(self, sandbox, person):
        sandbox.order("/withings/settings", rate_limit=100_000)
        self.sandbox = sandbox
        self.person = sandbox.people[person]
        self.zone = ZoneInfo(self.person.zone)
        self.number = person
        self.token = sandbox.tokens(person, scope=SCOPES)["access_token"]

    def call(self, path, action, **fields):
        answer = self.sandbox.call(path, action, token=self.token, **fields)
        assert answer["status"] == 0, answer
        return answer["body"]

    def pages(self, path, action, name, **fields):
        offset = {}
        while True:
            body = self.call(path, action, **fields, **offset)
            yield body[name]
            if not body["more"]:
                return
            offset = {"offset": body["offset"]}

    def rows(self, path, action, name, **fields):
        return [row for page in self.pages(path, action, name, **fields) for row in page]

    def activities(self, **fields):
        asked = {"data_fields": ACTIVITY_FIELDS} | (fields or MONTH)
        return self.rows("/v2/measure", "getactivity", "activities", **asked)

    def workouts(self, **fields):
        asked = {"data_fields": WORKOUT_FIELDS} | (fields or MONTH)
        return self.rows("/v2/measure", "getworkouts", "series", **asked)

    def nights(self, **fields):
        asked = {"data_fields": NIGHT_FIELDS} | (fields or MONTH)
        return self.rows("/v2/sleep", "getsummary", "series", **asked)

    def stages(self, start, end, names="hr,rr,snoring"):
        fields = {"startdate": start, "enddate": end, "data_fields": names}
        return self.call("/v2/sleep", "get", **fields)["series"]

    def minutes(self, start, end, names=MINUTE_FIELDS):
        fields = {"startdate": start, "enddate": end, "data_fields": names}
        return self.call("/v2/measure", "getintradayactivity", **fields)["series"]

    def ecgs(self, **fields):
        asked = {"startdate": NOON - 30 * DAY, "enddate": NOON} | fields
        return self.rows("/v2/heart", "list", "series", **asked)

    def signal(self, number):
        return self.call("/v2/heart", "get", signalid=number)

    def everything(self, first, last):
        query = {"login": self.person.login, "from": first, "to": last, "kind": "all"}
        return self.sandbox.control.get("/rows", query_string=query).json


def asking(person, sandbox=None):
    return Asking(sandbox or Sandbox(data="all"), person)


def midnight(day, zone):
    """Give the first second of a local day."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def whole_day(day, zone):
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return midnight(day, zone), midnight(day + timedelta(days=1), zone)
