"""One deployment to which every file of the table is uploaded, and what is then found, by place.

Belongs here: doing, in the order in which it happens. Not here: the table (`canary_files_cases.py`),
files (`canary_files_writing.py`), what may be found (`test_canary_files.py`).
"""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import requests
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.chaos.questions import eventually
from tests.chaos.targets import PORTAL, kill, victims
from tests.end_to_end import canary_files_watch as watch
from tests.end_to_end import canary_files_writing as write
from tests.end_to_end.canary_files_cases import UPLOADS, Case
from tests.end_to_end.canary_files_commands import APPS, FILES, SLOWLY, Commands, link_of
from tests.end_to_end.canary_files_visitor import Uploader
from tests.end_to_end.canary_gathering import MARK, observations
from tests.end_to_end.canary_places import Watcher, database_names, leave_row, of_deployment
from tests.end_to_end.canary_search import Needles, text_spellings

KILLED = Case("killed while it is published", write.beurer)
HALF = Case("killed while the body arrives", write.big, arrives=None)
LEFT = Case("who leaves while the body arrives", write.big, arrives=None)
NAMES = [*(one.name for one in (*UPLOADS, KILLED, HALF, LEFT)), *APPS]
EVENTS = "SELECT count(*) FROM event_logs WHERE partition LIKE :partition"
# What opens and deletes a file on purpose, and holds one that has no name.
LEAVES = (
    "import os, sys, tempfile, time\n"
    "one = tempfile.NamedTemporaryFile(delete=False); one.write(sys.argv[1].encode()); one.close()\n"
    "os.remove(one.name)\n"
    "held = tempfile.TemporaryFile(); held.write(sys.argv[1].encode()); held.flush()\n"
    "print('ready', flush=True); sys.stdin.read()\n"
)


class Scene:
    """A deployment, the owners of files by case, and what came of it."""

    def __init__(self, deployment, days, place):
        self.deployment, self.days, self.place = deployment, days, place
        self.sandbox = deployment.sandbox
        people = self.sandbox.people
        assert len(people) == len(NAMES)
        self.owners = {
            name: write.Owner(name, self._with_birth(person), days)
            for name, person in zip(NAMES, people, strict=True)
        }
        self.pages, self.arrived, self.found = {}, {}, {}
        self.commands = Commands(deployment, self.owners, place / "files")
        self.broken, self.core_limits = None, set()

    def play(self):
        """Do everything, then search everywhere."""
        state = Path(self.deployment.environment["OHX_STATE_DIR"])
        searched = (state.resolve(), self.deployment.environment["TMPDIR"], self.place)
        with (
            Watcher(self.deployment.process.pid, state / "postgres") as watcher,
            watch.HeldFiles(searched) as held,
        ):
            self._mark(held)
            # What takes longest is begun first.
            with ThreadPoolExecutor(3) as pool:
                by_command = pool.submit(self._import)
                list(pool.map(self._upload, UPLOADS))
                by_command.result()
            self._kill_while_it_is_published()
            self._kill_while_the_body_arrives(held)
            self._wait_for_dagster()
            places = of_deployment(self.deployment, watcher)
        self.core_limits = watcher.core_limits
        self._look(places | self._gone(held))

    def _with_birth(self, person):
        url = f"{self.deployment.environment['OHX_EHR__URL']}/Patient/{person['patient_id']}"
        patient = requests.get(url, headers={"X-Sandbox-Reader": "1"}, timeout=30).json()
        return person | {"born": date.fromisoformat(patient["birthDate"])}

    def _mark(self, held):
        """Leave something harmless in each place that a search could forget to look at."""
        state, temp = (self.deployment.environment[n] for n in ("OHX_STATE_DIR", "TMPDIR"))
        for folder in (state, f"{state}/dagster", temp):
            (Path(folder) / "left-by-the-test").write_text(MARK)
        (Path(temp) / "core.1").write_text(MARK)
        for name in database_names(self.deployment.database_url):
            leave_row(make_url(self.deployment.database_url).set(database=name), MARK)
        leaves = subprocess.Popen(
            [sys.executable, "-c", LEAVES, MARK],
            env=self.deployment.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        leaves.stdout.readline()
        held.look_again()
        leaves.communicate()

    def _order(self, name, faults):
        for fault in faults:
            self.sandbox.post("faults", **fault, login=self.owners[name].person["login"])

    def _come(self, case):
        owner = self.owners[case.name]
        visitor = Uploader(self.deployment.portal, owner, case.app, case.file(owner))
        visitor.come()
        return visitor

    def _upload(self, case):
        visitor = self._come(case)
        self._order(case.name, case.at_check)
        visitor.check()
        self.pages[case.name] = [visitor.text]
        self._order(case.name, case.at_publish)
        for _ in range(1 + case.again if case.ends else 0):
            visitor.publish(partly=case.partly)
            self.pages[case.name].append(visitor.text)
            if case.again:
                visitor.open(f"{visitor.portal}/upload/{case.app}")
                visitor.check()
        visitor.close()

    def _import(self):
        """Give the command files of people who have uploaded one."""
        for name, app in APPS.items():
            case = Case(name, FILES[app], app=app)
            self._upload(case)
            assert case.ends in self.pages[name][-1], self.pages[name]
        self.commands.run(self._order)

    def _kill_while_it_is_published(self):
        visitor = self._come(KILLED)
        visitor.check()
        self._order(KILLED.name, SLOWLY)
        before = self._started()
        with ThreadPoolExecutor(1) as pool:
            publishing = pool.submit(visitor.publish)
            eventually(lambda: self._started() > before, 120, "the publishing", every=0.05)
            time.sleep(0.8)
            self._kill_portal()
            self.broken = publishing.exception(30)
        self.sandbox.post("faults/clear")
        visitor.open(f"{visitor.portal}/upload/{KILLED.app}")
        visitor.check()
        self.pages[KILLED.name] = [visitor.text]
        visitor.publish()
        self.pages[KILLED.name].append(visitor.text)
        visitor.close()

    def _kill_while_the_body_arrives(self, held):
        for case in (LEFT, HALF):
            visitor = self._come(case)
            open_end = visitor.send_half()
            time.sleep(0.5)
            held.look_again()
            if case is HALF:
                self._kill_portal()
            open_end.close()
            visitor.close()

    def _started(self):
        return sum("import_started" in line for line in self.deployment.lines)

    def _kill_portal(self):
        [portal] = victims(self.deployment.process.pid, PORTAL)
        assert kill(portal)
        self.deployment.wait(self._answers, 180, "the portal's return")

    def _answers(self):
        try:
            return requests.get(f"{self.deployment.portal}/healthz", timeout=30).ok
        except requests.RequestException:
            return False

    def _wait_for_dagster(self):
        """Wait until Dagster was told of all that were carried over at first."""
        for case in (one for one in UPLOADS if one.arrives):
            link = link_of(self.deployment, self.owners[case.name])
            eventually(lambda one=link: self._is_told(one), 180, "the events of a file")

    def _is_told(self, link):
        url = make_url(self.deployment.database_url).set(database="ohx_dagster")
        engine = create_engine(url)
        with engine.connect() as connection:
            told = connection.execute(text(EVENTS), {"partition": f"%|{link}"}).scalar_one()
        engine.dispose()
        return told

    def _gone(self, held):
        return {
            "output of commands": self.commands.said.encode(),
            "files that were deleted": watch.kept_bytes(self.place / "watch"),
            "files that were held": held.content,
            "names of opened files": "\n".join(watch.all_paths(self.place / "watch")).encode(),
        }

    def _harmless(self):
        """What has to be found in one place or another."""
        return {
            "the mark": MARK,
            "a program": "oauth_portal",
            "a kind of file": "format HealthManager Pro",
            "the folder": self.place.name,
        }

    def _look(self, places):
        for name, owner in self.owners.items():
            said = observations(self.deployment, owner).content
            self.arrived[name] = {one: _stands_in(said, one) for one in owner.told}
        canaries = {name: text_spellings(one) for name, one in self._harmless().items()}
        patterns = {}
        for owner in self.owners.values():
            canaries |= owner.canaries()
            patterns |= owner.patterns()
            link = link_of(self.deployment, owner)
            canaries |= {f"link of {owner.name}": {link.encode()}} if link else {}
        needles = Needles(canaries)
        self.found = {
            place: write.confirmed(needles.found_in(data), data, patterns)
            for place, data in places.items()
        }


def _stands_in(content, number):
    """Tell whether a number is in a text, and not just as a part of another."""
    return bool(re.search(rb"(?<![\d.])" + re.escape(number.encode()) + rb"(?![\d.])", content))
