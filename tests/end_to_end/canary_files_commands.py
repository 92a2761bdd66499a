"""`ohx import` with files that occur nowhere else: looked at, published, refused, and killed.

Belongs here: the commands and what they print. Not here: uploads (`canary_files_scene.py`), files
(`canary_files_writing.py`).
"""

import subprocess
import sys
import time

from tests.deployment import REPOSITORY
from tests.end_to_end import canary_files_writing as write
from tests.end_to_end.canary_files_cases import BEURER, OMRON_CONNECT
from tests.end_to_end.canary_orders import ehr

COMMAND = "ohx import"
COMMAND_FAILS = "ohx import, the EHR refuses"
COMMAND_KILLED = "ohx import, killed"
APPS = {COMMAND: BEURER, COMMAND_FAILS: OMRON_CONNECT, COMMAND_KILLED: BEURER}
FILES = {BEURER: write.beurer, OMRON_CONNECT: write.omron_connect}
# With these faults a day takes longer than it takes to kill.
SLOWLY = ehr("slow", seconds=3, method="write")


class Commands:
    """What was said, and the exit statuses in order, of people whose link stands already."""

    def __init__(self, deployment, owners, folder):
        self._deployment, self._owners, self._folder = deployment, owners, folder
        self.said, self.statuses = "", []

    def run(self, order):
        """Run each once; `order` has faults happen to somebody."""
        in_part = self._file_of(COMMAND, write.rejected_rows)
        self._say(COMMAND, in_part, "--preview")
        self._say(COMMAND, in_part, "--partly")
        self._say(COMMAND, self._file_of(COMMAND, write.two_users))
        order(COMMAND_FAILS, ehr("status", status=422, echo=True, method="write"))
        self._say(COMMAND_FAILS, self._file_of(COMMAND_FAILS, write.omron_connect, told=False))
        order(COMMAND_KILLED, SLOWLY)
        self._kill_command(self._file_of(COMMAND_KILLED, told=False))

    def _file_of(self, name, make=write.beurer, **more):
        """A new file of somebody, in a folder of theirs."""
        owner = self._owners[name]
        self._folder.mkdir(exist_ok=True)
        file = self._folder / write.chosen_name(owner)
        file.write_bytes(make(owner, **more))
        return file

    def _words(self, name, file):
        link = link_of(self._deployment, self._owners[name])
        return ("import", str(file), "--link", link)

    def _say(self, name, file, *more):
        said = self._deployment.ohx(*self._words(name, file), *more)
        self.said += said.stdout + said.stderr
        self.statuses.append(said.returncode)

    def _kill_command(self, file):
        words = self._words(COMMAND_KILLED, file)
        process = subprocess.Popen(
            [sys.executable, "-m", "ohx_pipelines.cli", *words],
            env=self._deployment.environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = process.stdout.readline()
        while "days done" not in lines.splitlines()[-1]:
            line = process.stdout.readline()
            assert line, lines
            lines += line
        time.sleep(1.0)
        process.kill()
        self.statuses.append(process.wait())
        self.said += lines + process.stdout.read()
        process.stdout.close()


def link_of(deployment, owner):
    """The link of somebody; None where there is none."""
    statement = (
        "SELECT l.id FROM provider_links l JOIN patients p ON p.id = l.patient_id "
        "WHERE p.fhir_id = :patient"
    )
    rows = deployment._sql(statement, patient=owner.person["patient_id"])
    return rows[0].id if rows else None
