"""`python -m sandbox.hapi`: a strict R5 server, or its validator alone, told in one line.

Belongs here: arguments, signals, and what is said. Not here: building (`build.py`) and running
(`java.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from sandbox.ending import exit_on_signals, exit_with_parent
from sandbox.hapi.build import CannotBuild, class_path
from sandbox.hapi.java import REFEREE, SERVER, Running, running

HOW_TO = """\
HAPI FHIR R5 listens at {url}
  {cpu_seconds} CPU-seconds to here, {rss_mb} MB of memory, process {pid}
  It holds everything in memory, and forgets it at the end (Ctrl-C).

  curl {url}/metadata
  ohx demo --ehr-url {url}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal or, when asked for, until the parent ends."""
    options = _arguments(argv)
    exit_on_signals()
    if options.exit_with_parent:
        exit_with_parent()
    program = REFEREE if options.referee else SERVER
    try:
        if options.build:
            class_path()
            return 0
        with running(program, port=options.port, validation=options.validation) as one:
            _say(one, "referee" if options.referee else "ehr", explain=options.explain)
            status = one.process.wait()
    except CannotBuild as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"The server ended by itself with status {status}.\n")
    return 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.hapi",
        description="A strict FHIR R5 server on this machine, or its validator alone.",
    )
    parser.add_argument("--referee", action="store_true", help="the validator alone")
    parser.add_argument("--build", action="store_true", help="build it, and start nothing")
    parser.add_argument("--exit-with-parent", action="store_true")
    parser.add_argument("--explain", action="store_true", help="say how to use it, on stderr")
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument(
        "--validation", choices=("request", "store", "none"), default="request",
        help="of each request as a whole (default), of each resource when stored, or never",
    )  # fmt: skip
    return parser.parse_args(argv)


def _say(one: Running, name: str, *, explain: bool) -> None:
    said = one.as_json()
    sys.stdout.write(json.dumps({name: said}) + "\n")
    sys.stdout.flush()
    if explain:
        sys.stderr.write(HOW_TO.format(**said))


if __name__ == "__main__":
    sys.exit(main())
