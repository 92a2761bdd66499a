"""Google's cloud over a test client, with few points that a test knows by heart.

Belongs here: a person's and an application's moves, points. Not here: what a test expects.
"""

import base64
import hashlib
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

from sandbox.application import Application
from sandbox.clock import Clock
from sandbox.faults import Fault
from sandbox.google_health import trouble
from sandbox.google_health.accounts import health_user_id
from sandbox.google_health.app import create_google
from sandbox.google_health.points import Point, Source
from sandbox.people import make_people

NOON = 1_795_262_400  # 2026-11-21 12:00 UTC, a Saturday
CALLBACK = "https://portal.example/webhooks/google_health/return"
SECRET = "s3cr3t-of-" + "the-application"
VERIFIER = "v" * 43
CONSENT = "/o/oauth2/v2/auth"
WATCH = Source(
    platform="FITBIT", method="PASSIVELY_MEASURED", device="Charge 6", form="FITNESS_BAND"
)
HAND = Source(platform="FITBIT", method="MANUAL")
OTHER_APP = Source(platform="HEALTH_CONNECT", method="UNKNOWN", package="org.example.scale")


def scope(*names):
    """Full names of scopes, as an application asks for them."""
    prefix = "https://www.googleapis.com/auth/googlehealth"
    return " ".join(f"{prefix}.{name}.readonly" for name in names)


ACTIVITY, HEALTH, SLEEP, ECG, IRN, SETTINGS = (
    scope(name)
    for name in (
        "activity_and_fitness", "health_metrics_and_measurements", "sleep", "ecg", "irn", "settings",
    )
)  # fmt: skip
ALL = f"{ACTIVITY} {HEALTH} {SLEEP} {ECG} {IRN} {SETTINGS}"


def query_of(location):
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def milliseconds(text):
    return int(datetime.fromisoformat(text).timestamp() * 1_000)


def point(type_, start, value=None, *, end=None, offset=0, day=None, number="1", source=WATCH):
    """A point by its instants, with the civil date that its start shows unless told otherwise."""
    begins, ends = milliseconds(start), milliseconds(end or start)
    shown = datetime.fromtimestamp(begins / 1_000 + offset, UTC).date()
    return Point(
        type=type_,
        id=number,
        start=begins,
        end=ends,
        offset=offset,
        end_offset=offset,
        day=date.fromisoformat(day) if day else shown,
        value=value or {},
        source=source,
        created=NOON,
        updated=NOON,
    )


class KnownStore:
    """The same points for everybody; of the merged stream those of the watch."""

    def __init__(self):
        self.points, self.by_day = [], {}
        self.devices, self.asked = [], []

    def raw(self, _person, type_, first, last):
        self.asked.append((type_, first, last))
        found = [p for p in self.points if p.type == type_ and first <= p.day <= last]
        return sorted(found, key=lambda p: p.start, reverse=True)

    def merged(self, person, type_, first, last):
        return [p for p in self.raw(person, type_, first, last) if p.source == WATCH]

    def totals(self, _person, type_, first, last):
        found = self.by_day.get(type_, {})
        return {day: value for day, value in found.items() if first <= day <= last}

    def settings(self, _person):
        return {"name": "users/me/settings", "timeZone": "Europe/Stockholm"}

    def paired(self, _person):
        return self.devices

    def identity(self, person):
        return {"name": "users/me/identity", "healthUserId": health_user_id(person)}


class Google:
    """Test clients of one cloud, and a person's and an application's moves."""

    def __init__(self, store=None):
        self.clock = Clock(real=lambda: NOON)
        self.people = make_people(3)
        self.store = KnownStore() if store is None else store(self.people, self.clock)
        self.cloud = create_google(
            people=self.people,
            clock=self.clock,
            application=Application(client_id="app", client_secret=SECRET, redirect_uri=CALLBACK),
            store=self.store,
        )
        self.settings, self.tokens = self.cloud.settings, self.cloud.tokens
        self.web = self.cloud.app.test_client()

    def asked(self, **changes):
        asked = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": CALLBACK,
            "scope": ALL,
            "state": "state-1",
            "access_type": "offline",
            "prompt": "consent",
        }
        return {name: value for name, value in (asked | changes).items() if value is not None}

    def decide(self, person=0, decision="allow", **changes):
        form = self.asked(**changes) | {"person": self.people[person].login, "decision": decision}
        return self.web.post(CONSENT, data=form)

    def code(self, person=0, **changes):
        return query_of(self.decide(person, **changes).location)["code"]

    def token_call(self, **fields):
        fields = {"client_id": "app", "client_secret": SECRET, "redirect_uri": CALLBACK} | fields
        return self.web.post("/token", data={k: v for k, v in fields.items() if v is not None})

    def exchange(self, code, **changes):
        return self.token_call(**{"grant_type": "authorization_code", "code": code} | changes)

    def refresh(self, token, **changes):
        return self.token_call(**{"grant_type": "refresh_token", "refresh_token": token} | changes)

    def link(self, person=0, **changes):
        """Consent and exchange; gives the token answer."""
        answer = self.exchange(self.code(person, **changes))
        assert answer.status_code == 200, answer.text
        return answer.json

    def access(self, person=0, **changes):
        return self.link(person, **changes)["access_token"]

    def revoke(self, token):
        return self.web.post("/revoke", data={"token": token})

    def get(self, token, path, user="me", **query):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.web.get(f"/v4/users/{user}/{path}", query_string=query, headers=headers)

    def points(self, token, type_, method="list", **query):
        action = "" if method == "list" else f":{method}"
        return self.get(token, f"dataTypes/{type_}/dataPoints{action}", **query)

    def roll_up(self, token, type_, body, method="dailyRollUp"):
        path = f"/v4/users/me/dataTypes/{type_}/dataPoints:{method}"
        return self.web.post(path, json=body, headers={"Authorization": f"Bearer {token}"})

    def days(self, token, type_, first, end, **more):
        """A dailyRollUp from a day to another, which is not meant any more."""
        start, end = (civil_day(day) for day in (first, end))
        return self.roll_up(token, type_, {"range": {"start": start, "end": end}, **more})

    def order(self, kind, **fields):
        only = trouble.ONLY.get(kind)
        self.cloud.faults.add(Fault(kind=kind, only=only, **fields))

    def every_page(self, token, type_, method="list", **query):
        """Follow the pages to their end; gives the points of each."""
        pages, more = [], {}
        while True:
            answer = self.points(token, type_, method, **query, **more)
            assert answer.status_code == 200, answer.text
            pages.append(answer.json.get("dataPoints", []))
            if "nextPageToken" not in answer.json:
                return pages
            more = {"pageToken": answer.json["nextPageToken"]}


def civil_day(text):
    day = date.fromisoformat(text)
    return {"date": {"year": day.year, "month": day.month, "day": day.day}}


def refusal(answer):
    """Status, canonical name and reason of a refused call."""
    error = answer.json["error"]
    assert error["code"] == answer.status_code
    details = error.get("details", [{}])
    return answer.status_code, error["status"], details[0].get("reason")
