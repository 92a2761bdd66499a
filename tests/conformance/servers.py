"""`python -m sandbox.hapi` as a process, for as long as a test needs it.

Belongs here: its start and its end. Not here: fixtures (`conftest.py`).
"""

import json
import subprocess
import sys

from tests.sandbox_process import REPOSITORY

STOP_SECONDS = 20


class CannotStart(Exception):
    """The process ended before it listened; it has said why on stderr."""


def running(*arguments):
    """Start a server or the referee, give its address, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.hapi", "--exit-with-parent", *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.stdout.readline()
        if not said:
            command = " ".join(("python -m sandbox.hapi", *arguments))
            raise CannotStart(f"{command} could not start")
        [one] = json.loads(said).values()
        yield one["url"]
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        process.stdout.close()
