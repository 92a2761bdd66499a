"""One deployment through every mode and journey, and what is then found of the canaries, by place.

Belongs here: doing, in the order in which it happens. Not here: who and which values
(`canary_planting.py`), what came of it (`canary_gathering.py`), what may be found (`test_canary.py`).
"""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.chaos.questions import eventually
from tests.chaos.targets import WORKER, kill, victims
from tests.end_to_end import canary_google_modes as at_google
from tests.end_to_end import canary_journeys as go
from tests.end_to_end import canary_notices as notices
from tests.end_to_end import canary_runs as runs
from tests.end_to_end.canary_gathering import (
    MARK,
    arrived,
    canaries,
    observations,
    outcomes,
    secrets_seen,
)
from tests.end_to_end.canary_modes import DEVICE, KILLED, MODES
from tests.end_to_end.canary_orders import CANARY, GOOGLE_HEALTH, WITHINGS
from tests.end_to_end.canary_places import Watcher, database_names, leave_row, of_deployment
from tests.end_to_end.canary_planting import Planting
from tests.end_to_end.canary_search import Needles
from tests.end_to_end.canary_subject import UNIT
from tests.end_to_end.canary_visits import JOURNEYS

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
# In a run of their own, the last of each vendor's links.
ALONE = (DEVICE, KILLED, at_google.KILLED)
ALL_MODES = [*MODES, *at_google.MODES, *ALONE]
ALL_JOURNEYS = [*JOURNEYS, *at_google.JOURNEYS]
CASTS = [
    [one for one in [*ALL_MODES, *ALL_JOURNEYS] if one.vendor == vendor]
    for vendor in (WITHINGS, GOOGLE_HEALTH)
]
PEOPLE = sum(map(len, CASTS))


class Scene:
    """A deployment, its subjects by mode and journey, and what came of it."""

    def __init__(self, deployment, days, *, ehr_key):
        self.deployment, self.days, self.ehr_key = deployment, days, ehr_key
        self.sandbox = deployment.sandbox
        self.planting = Planting(self.sandbox, days)
        self.subjects = self.planting.cast(*CASTS)
        self.visitors, self.pages, self.commands, self.core_limits = [], {}, "", set()
        self.arrived, self.outcomes, self.found, self.secrets_seen = {}, {}, {}, {}
        self.rows_arrived, self.retracted, self.copied = {}, set(), None
        self.told_signed, self.told_unsigned = set(), None

    def play(self):
        """Do everything, then search everywhere."""
        postgres = Path(self.deployment.environment["OHX_STATE_DIR"]) / "postgres"
        self._set_up()
        with Watcher(self.deployment.process.pid, postgres) as watcher:
            self.planting.plant(self.subjects, ALL_MODES)
            self._link()
            self._mark()
            for mode in (*MODES, *at_google.MODES):
                self._order(mode)
            started = [self._launch(MODES), self._launch(at_google.MODES)]
            copies = self._launch(MODES, job="withings_devices")
            started += [self._launch(at_google.MODES, job="google_health_devices")]
            self._travel()
            for run in started:
                eventually(lambda run=run: self._ended(run), 540, "the run")
            self.copied = eventually(lambda: self._ended(copies), 540, "the run over devices")
            self._tell()
            self._retract()
            self._crash()
            places = of_deployment(self.deployment, watcher)
        self.core_limits = watcher.core_limits
        self._look(places)

    def _set_up(self):
        self.sandbox.post(
            "withings/settings", duplicate_guard=False, rate_limit=10_000, page_size=1000
        )
        self.sandbox.post("google_health/settings", rate_limit=1_000_000)
        self.sandbox.post(
            "smart/clients",
            id=EHR_CLIENT,
            scope=EHR_SCOPE,
            jwks_uri=f"{self.deployment.portal}/.well-known/jwks.json",
        )

    def _link(self):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._link_one, [*MODES, *at_google.MODES]))
        runs.stop_copying(self.deployment)
        # Last, and so next to each other in Dagster's order of the links.
        for mode in ALONE:
            self._link_one(mode)
        for one in self.subjects.values():
            one.link = self._link_of(one)
        for vendor in (WITHINGS, GOOGLE_HEALTH):
            runs.wait_for_partitions(self.deployment, vendor, self._links_of(vendor))

    def _links_of(self, vendor):
        return {one.link for one in self.subjects.values() if one.link and one.vendor == vendor}

    def _mark(self):
        """Leave something harmless in each place that a search could forget to look at."""
        state, temp = (self.deployment.environment[n] for n in ("OHX_STATE_DIR", "TMPDIR"))
        for folder in (state, f"{state}/dagster", temp):
            (Path(folder) / "left-by-the-test").write_text(MARK)
        (Path(temp) / "core.1").write_text(MARK)
        for name in database_names(self.deployment.database_url):
            leave_row(make_url(self.deployment.database_url).set(database=name), MARK)

    def _visitor(self, which):
        subject = self.subjects[which.name]
        self.visitors.append(go.Visitor(self.deployment.portal, subject.person, which.vendor))
        return self.visitors[-1]

    def _link_one(self, mode):
        visitor = self._visitor(mode)
        (go.link_whole if mode.whole else go.link)(visitor)
        assert " is connected" in visitor.text
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
                if anybody or (fault["target"], fault.get("call")) == ("identity", "token")
                else {"login": subject.person["login"]}
            )
            text = {"text": said} if fault.get("text") == CANARY else {}
            self.sandbox.post("faults", **(fault | about | text))

    def _launch(self, modes, job=None):
        job = job or f"{modes[0].vendor}_nightly"
        links = [self.subjects[mode.name].link for mode in modes]
        return runs.launch(
            self.deployment, job, vendor=modes[0].vendor, links=links, days=self.days
        )

    def _ended(self, run):
        return runs.ended(self.deployment, run)

    def _travel(self):
        for journey in ALL_JOURNEYS:
            self._order(journey)
            if journey.not_linked:
                login = self.subjects[journey.name].person["login"]
                self.sandbox.post("google_health/settings", not_linked=[login])
            visitor = self._visitor(journey)
            journey.steps(visitor)
            self.pages[journey.name] = visitor.text
            visitor.close()

    def _tell(self):
        """Have Google tell of a link, whose copy has asked for that."""
        person = self.subjects[at_google.MODES[0].name].person
        self.told_signed = notices.tell_signed(self.sandbox, person, self.days)
        self.told_unsigned = notices.tell_unsigned(self.deployment, person)

    def _retract(self):
        """Have a patient delete what has arrived: held, looked at, then retracted."""
        subject = self.subjects[MODES[0].name]
        for grpid in {row["grpid"] for row in self.planting.groups_of(subject.person)}:
            self.planting.change(subject, action="delete", grpid=grpid)
        run = self._launch(MODES[:1])
        eventually(lambda: self._ended(run), 360, "the run that holds")
        days = ("--from", str(self.days[0]), "--to", str(self.days[-1]))
        link = ("--link", subject.link)
        self._say("retractions", "list")
        self._say("retractions", "confirm", *link, *days, "--yes")
        self._say("ehr", "erase", *link)
        self.retracted = eventually(lambda: self._statuses(subject), 360, "the retraction")

    def _say(self, *command):
        said = self.deployment.ohx(*command)
        self.commands += said.stdout + said.stderr

    def _statuses(self, subject):
        """The statuses of a person's Observations, once some are retracted."""
        page = observations(self.deployment, subject).json()
        found = {entry["resource"]["status"] for entry in page.get("entry", [])}
        return found if "entered-in-error" in found else None

    def _crash(self):
        """Kill workers that hold readings, which they were about to write."""
        self._order(DEVICE, anybody=True)
        self._order(KILLED)
        self._order(at_google.KILLED)
        self.sandbox.post("calls/reset")
        launched = [self._launch([at_google.KILLED]), self._launch([DEVICE, KILLED])]
        # The last that is asked for of a person with everything.
        for mode, call in ((at_google.KILLED, at_google.LAST_CALL), (KILLED, "sleep_get")):
            eventually(lambda m=mode, c=call: self._has_asked(m, c), 180, "the fetch", every=0.1)
        time.sleep(1.5)
        workers = victims(self.deployment.process.pid, WORKER)
        assert [kill(one) for one in workers].count(True) >= len(launched)
        self._say("links", "list")
        self._say("doctor")
        for run in launched:
            ended = eventually(lambda run=run: self._ended(run), 180, "the end of a killed run")
            assert ended == "FAILURE"

    def _has_asked(self, mode, call):
        by_login = self.sandbox.calls()[f"{mode.vendor}_by_login"]
        return by_login.get(self.subjects[mode.name].person["login"], {}).get(call)

    def _look(self, places):
        self.outcomes = outcomes(self.deployment)
        for name in (mode.name for mode in ALL_MODES):
            found = arrived(self.deployment, self.subjects[name])
            self.arrived[name], self.rows_arrived[name] = found
        self.secrets_seen = secrets_seen(self.deployment, self.visitors, self.ehr_key)
        needles = Needles(canaries(self.subjects, self.secrets_seen))
        found = places | {"output of commands": self.commands.encode()}
        self.found = {place: needles.found_in(data) for place, data in found.items()}
