"""The sandbox as a process, for tests that need a vendor, an EHR or an identity provider.

Belongs here: starting it and its control endpoint. Not here: what a test expects of it.
"""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import requests

REPOSITORY = Path(__file__).resolve().parents[1]


class Sandbox:
    """One running sandbox: its addresses and its control endpoint."""

    def __init__(self, addresses):
        self.addresses = addresses
        # Of what the reader is asked, where it is not all that a person has.
        self.shared = ()
        self.control = addresses["control"]

    @property
    def people(self):
        return requests.get(f"{self.control}/people", timeout=60).json()

    def calls(self):
        return requests.get(f"{self.control}/calls", timeout=60).json()

    def post(self, path, **body):
        answer = requests.post(f"{self.control}/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer

    def differences(self, first, last, *logins, **asked):
        """Ask the reader about local days; `asked` is what it is asked besides."""
        parameters = [("from", str(first)), ("to", str(last)), *(("login", one) for one in logins)]
        parameters += [("shared", one) for one in self.shared if "paid" not in asked]
        parameters += asked.items()
        answer = requests.get(f"{self.control}/differences", params=parameters, timeout=300)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def running_sandbox(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--exit-with-parent", *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Sandbox(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
