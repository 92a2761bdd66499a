"""One deployment through every mode, and what is then found of the canaries, by place.

Belongs here: planting, doing, gathering. Not here: what may be found (`test_canary.py`).
"""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from sqlalchemy.engine import make_url

from tests.chaos.questions import eventually
from tests.chaos.targets import WORKER, kill, victims
from tests.end_to_end import canary_journeys as go
from tests.end_to_end import dagster_queries as ask
from tests.end_to_end.canary_modes import (
    ALL_MODES,
    CANARY,
    DEVICE,
    JOURNEYS,
    KILLED,
    MODES,
    WHOLE_MODES,
)
from tests.end_to_end.canary_places import Watcher, database_names, leave_row, of_deployment
from tests.end_to_end.canary_rows import Rows
from tests.end_to_end.canary_search import Needles, text_spellings
from tests.end_to_end.canary_subject import UNIT, Subject, odd_value, with_point

WEIGHT, DIASTOLIC, SYSTOLIC, PULSE = 1, 9, 10, 11
SECRET_SETTINGS = (
    "OHX_IDENTIFIER_SECRET",
    "OHX_TOKEN_KEY",
    "OHX_OIDC__CLIENT_SECRET",
    "OHX_WITHINGS__CLIENT_SECRET",
    "OHX_PORTAL__SECRET_KEY",
)
EHR_CLIENT = "ohx-at-the-ehr"
WRITTEN = (
    "Observation",
    "Device",
    "DeviceDefinition",
    "DeviceAssociation",
    "Provenance",
    "Consent",
)
EHR_SCOPE = " ".join([*(f"system/{one}.crus" for one in WRITTEN), "system/Patient.rs"])
LEDGER = "SELECT link_id, outcome FROM sync_ledger"
MARK = "left on purpose in every place"
# What the vendor puts for a value that cannot be read, and what a forged return says.
FIXED = ("seventy", "code-that-nobody-gave", "state-that-nobody-gave")


class Scene:
    """A deployment, its subjects by mode and journey, and what came of it."""

    def __init__(self, deployment, days, *, ehr_key):
        self.deployment, self.days, self.ehr_key = deployment, days, ehr_key
        self.sandbox = deployment.sandbox
        self.subjects = self._cast()
        self.visitors, self.pages, self.commands, self.core_limits = [], {}, "", set()
        self.copied = None
        self.arrived, self.outcomes, self.found, self.secrets_seen = {}, {}, {}, {}
        self.rows_arrived = {}
        self.commands, self.retracted = "", set()

    def play(self):
        """Do everything, then search everywhere."""
        postgres = Path(self.deployment.environment["OHX_STATE_DIR"]) / "postgres"
        self.sandbox.post(
            "withings/settings", duplicate_guard=False, rate_limit=10_000, page_size=1000
        )
        self.sandbox.post(
            "smart/clients",
            id=EHR_CLIENT,
            scope=EHR_SCOPE,
            jwks_uri=f"{self.deployment.portal}/.well-known/jwks.json",
        )
        with Watcher(self.deployment.process.pid, postgres) as watcher:
            self._plant()
            self._link()
            self._mark()
            for mode in MODES:
                self._order(mode)
            run, copies = self._launch(MODES), self._launch(MODES, job="withings_devices")
            self._travel()
            eventually(lambda: self._ended(run), 180, "the run")
            self.copied = eventually(lambda: self._ended(copies), 180, "the run over devices")
            self._retract()
            self._crash()
            places = of_deployment(self.deployment, watcher)
        self.core_limits = watcher.core_limits
        self._look(places)

    def _cast(self):
        """Give each mode and journey a person; whole ones somebody who has rows of each kind."""
        people = self.sandbox.people
        owners = (one for one in people if self._rows_of(one).are_of_every_kind())
        chosen = {mode.name: next(owners) for mode in WHOLE_MODES}
        taken = {one["login"] for one in chosen.values()}
        others = (one for one in people if one["login"] not in taken)
        return {
            one.name: Subject(chosen.get(one.name) or next(others))
            for one in [*ALL_MODES, *JOURNEYS]
        }

    def _rows_of(self, person):
        return Rows(self.sandbox, person["login"], self.days)

    def _plant(self):
        rng = random.Random("canary")
        for subject in self.subjects.values():
            subject.readings = [odd_value(rng, first) for first in (187, 131, 83, 61)]
        for subject in (self.subjects[mode.name] for mode in ALL_MODES):
            zone = ZoneInfo(subject.person["zone"])
            for day in self.days:
                noon = datetime.combine(day, clock_time(12), zone)
                reading = {"type": WEIGHT, "value": subject.readings[0], "unit": UNIT}
                self._change(subject, action="add", date=int(noon.timestamp()), **reading)
            self._edit_pressure(subject)
        for mode in WHOLE_MODES:
            subject = self.subjects[mode.name]
            rows = self._rows_of(subject.person)
            subject.rows = rows.plant(rng)
            if mode.unreadable:
                subject.rows |= rows.make_unreadable(rng, mode.unreadable)

    def _edit_pressure(self, subject):
        """Put the values into a cuff's reading, where the person took one in these days."""
        span = {"from": str(self.days[0]), "to": str(self.days[-1])}
        asked = span | {"login": subject.person["login"]}
        rows = requests.get(f"{self.sandbox.control}/rows", params=asked, timeout=30).json()
        kinds = dict(zip((SYSTOLIC, DIASTOLIC, PULSE), subject.readings[1:], strict=True))
        whole = (row for row in rows if kinds.keys() == {one["type"] for one in row["measures"]})
        for row in list(whole)[:1]:
            for kind, value in kinds.items():
                changed = {"type": kind, "value": value, "unit": UNIT}
                self._change(subject, action="edit", grpid=row["grpid"], **changed)

    def _change(self, subject, **order):
        self.sandbox.post("readings/change", login=subject.person["login"], **order)

    def _link(self):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._link_one, MODES))
        self._stop_copying()
        # Last, and so next to each other in Dagster's order of the links.
        for mode in (DEVICE, KILLED):
            self._link_one(mode)
        for one in self.subjects.values():
            one.link = self._link_of(one)
        links = {one.link for one in self.subjects.values() if one.link}
        known = self.deployment.api.link_keys
        self.deployment.wait(lambda: links <= set(known("withings")), what="a partition for each")

    def _stop_copying(self):
        """Leave the Devices of who links now to the sync, which is to write them."""
        selector = ask.SELECTOR | {"sensorName": "withings_link_records"}
        sensor = self.deployment.ask(ask.SENSOR, selector=selector)["sensorOrError"]
        self.deployment.ask(ask.STOP_SENSOR, id=sensor["sensorState"]["id"])

    def _mark(self):
        """Leave something harmless in each place that a search could forget to look at."""
        state, temp = (self.deployment.environment[n] for n in ("OHX_STATE_DIR", "TMPDIR"))
        for folder in (state, f"{state}/dagster", temp):
            (Path(folder) / "left-by-the-test").write_text(MARK)
        (Path(temp) / "core.1").write_text(MARK)
        for name in database_names(self.deployment.database_url):
            leave_row(make_url(self.deployment.database_url).set(database=name), MARK)

    def _link_one(self, mode):
        visitor = go.Visitor(self.deployment.portal, self.subjects[mode.name].person)
        self.visitors.append(visitor)
        (go.link_whole if mode.whole else go.link)(visitor)
        assert "Withings is connected" in visitor.text
        visitor.close()

    def _link_of(self, subject):
        statement = (
            "SELECT l.id FROM provider_links l JOIN patients p ON p.id = l.patient_id "
            "WHERE p.fhir_id = :patient"
        )
        rows = self.deployment._sql(statement, patient=subject.person["patient_id"])
        return rows[0].id if rows else None

    def _order(self, which, *, anybody=False):
        subject = self.subjects[which.name]
        said = f"{subject.person['name']} {subject.readings[0]}e{UNIT} kg"
        for fault in which.faults:
            about = (
                {}
                if anybody or fault.get("call") == "token"
                else {"login": subject.person["login"]}
            )
            text = {"text": said} if fault.get("text") == CANARY else {}
            self.sandbox.post("faults", **(fault | about | text))

    def _launch(self, modes, job="withings_nightly"):
        stored = self.deployment.api.link_keys("withings")
        places = [stored.index(self.subjects[mode.name].link) for mode in modes]
        first, last = stored[min(places)], stored[max(places)]
        assert max(places) - min(places) + 1 == len(modes)
        keys = {"start": f"{self.days[0]}|{first}", "end": f"{self.days[-1]}|{last}"}
        if job == "withings_devices":
            keys = {"start": first, "end": last}
        prefix = "dagster/asset_partition_range_"
        run = {
            "selector": ask.SELECTOR | {"jobName": job},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {
                "tags": [{"key": prefix + end, "value": key} for end, key in keys.items()]
            },
        }
        [launched] = self.deployment.ask(ask.LAUNCH, runs=[run])["launchMultipleRuns"][
            "launchMultipleRunsResult"
        ]
        return launched["run"]["runId"]

    def _ended(self, run):
        status = self.deployment.ask(ask.RUN, run=run)["runOrError"]["status"]
        return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None

    def _travel(self):
        for journey in JOURNEYS:
            self._order(journey)
            visitor = go.Visitor(self.deployment.portal, self.subjects[journey.name].person)
            self.visitors.append(visitor)
            journey.steps(visitor)
            self.pages[journey.name] = visitor.text
            visitor.close()

    def _retract(self):
        """Have a patient delete what has arrived: held, looked at, then retracted."""
        subject = self.subjects[MODES[0].name]
        span = {"from": str(self.days[0]), "to": str(self.days[-1])}
        asked = span | {"login": subject.person["login"]}
        rows = requests.get(f"{self.sandbox.control}/rows", params=asked, timeout=30).json()
        for grpid in {row["grpid"] for row in rows}:
            self._change(subject, action="delete", grpid=grpid)
        run = self._launch(MODES[:1])
        eventually(lambda: self._ended(run), 120, "the run that holds")
        days = ("--from", str(self.days[0]), "--to", str(self.days[-1]))
        link = ("--link", subject.link)
        said = [
            self.deployment.ohx("retractions", "list"),
            self.deployment.ohx("retractions", "confirm", *link, *days, "--yes"),
            self.deployment.ohx("ehr", "erase", *link),
        ]
        self.commands += "".join(one.stdout + one.stderr for one in said)
        self.retracted = eventually(lambda: self._statuses(subject), 120, "the retraction")

    def _statuses(self, subject):
        """The statuses of a person's Observations, once some are retracted."""
        url = f"{self.deployment.environment['OHX_EHR__URL']}/Observation"
        asked = {"patient": f"Patient/{subject.person['patient_id']}", "_count": "500"}
        page = requests.get(url, asked, headers={"X-Sandbox-Reader": "1"}, timeout=30).json()
        found = {entry["resource"]["status"] for entry in page.get("entry", [])}
        return found if "entered-in-error" in found else None

    def _crash(self):
        """Kill a worker that holds readings, which it was about to write."""
        self._order(DEVICE, anybody=True)
        self._order(KILLED)
        login = self.subjects[KILLED.name].person["login"]
        self.sandbox.post("calls/reset")
        run = self._launch([DEVICE, KILLED])
        calls = lambda: self.sandbox.calls()["withings_by_login"].get(login, {})  # noqa: E731
        # The last that is asked for of a person with everything.
        eventually(lambda: calls().get("sleep_get"), 60, "the fetch", every=0.1)
        time.sleep(1.5)
        workers = victims(self.deployment.process.pid, WORKER)
        assert [kill(one) for one in workers].count(True)
        said = [self.deployment.ohx("links", "list"), self.deployment.ohx("doctor")]
        self.commands += "".join(one.stdout + one.stderr for one in said)
        assert eventually(lambda: self._ended(run), 60, "the end of a killed run") == "FAILURE"

    def _look(self, places):
        for row in self.deployment._sql(LEDGER):
            self.outcomes.setdefault(row.link_id, set()).add(row.outcome)
        for name in (mode.name for mode in ALL_MODES):
            self._compare(name)
        self.secrets_seen = self._secrets()
        needles = Needles(self._canaries())
        found = places | {"output of commands": self.commands.encode()}
        self.found = {place: needles.found_in(data) for place, data in found.items()}

    def _compare(self, name):
        """Note which of the values planted the EHR holds, as the sandbox tells who only looks."""
        subject = self.subjects[name]
        url = f"{self.deployment.environment['OHX_EHR__URL']}/Observation"
        asked = {"patient": f"Patient/{subject.person['patient_id']}", "_count": "500"}
        text = requests.get(url, asked, headers={"X-Sandbox-Reader": "1"}, timeout=30).text
        self.arrived[name] = [value for value in subject.readings if with_point(value) in text]
        self.rows_arrived[name] = {
            what for what, one in subject.rows.items() if _stands_in(text, one.text)
        }

    def _canaries(self):
        canaries = {f"fixed: {one}": text_spellings(one) for one in FIXED}
        canaries |= {"the mark": text_spellings(MARK), "a run worker": {b"multiprocessing.spawn"}}
        for name, subject in self.subjects.items():
            canaries |= subject.canaries(name)
            if subject.link:
                canaries[f"link of {name}"] = {subject.link.encode()}
        for kind, values in self.secrets_seen.items():
            canaries[f"secret: {kind}"] = {s for one in values for s in text_spellings(one)}
        return canaries

    def _secrets(self):
        """Every token, code, state and setting that is secret, by kind."""
        seen = requests.get(f"{self.sandbox.control}/secrets", timeout=10).json()
        settings = {self.deployment.environment[name] for name in SECRET_SETTINGS}
        settings.add(make_url(self.deployment.environment["OHX_DAGSTER__DATABASE_URL"]).password)
        cookies = set().union(*(visitor.secrets() for visitor in self.visitors))
        pem = self.ehr_key.as_pem(private=True).decode().splitlines()[1:-1]
        key = {self.ehr_key.as_dict(private=True)["d"], *(line for line in pem if len(line) > 20)}
        return seen | {"setting": settings, "cookie": cookies, "key": key}


def _stands_in(text, number):
    """Tell whether a number is in a text, and not just as a part of another."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", text) is not None
