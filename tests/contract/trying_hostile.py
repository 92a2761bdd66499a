"""Parses every hostile file of an app and prints, as JSON, what became of each, and how dear it was.

Belongs here: a process of its own, whose memory can be measured. Not here: what must become of them.
"""

import json
import resource
import sys
import time

from ohx_pipelines.providers.files.base import FileRefused
from tests.contract.exported import NOW, PROVIDERS, ZONE, Choices
from tests.contract.hostile_outcomes import attacks

KILOBYTES_OF_A_MEGABYTE = 1024


def outcome_of(provider, content):
    try:
        file = provider.parse(content, Choices(zone=ZONE, now=NOW))
    except FileRefused as refused:
        return refused.reason.value
    words = {note.word for note in file.rejected}
    return [file.frame["group"].nunique(), sorted(words), file.cut]


def tried(app):
    provider, told = PROVIDERS[app], {}
    before = _megabytes()
    most = 0
    for name, (make, _) in attacks(app).items():
        content = make()
        begin = time.monotonic()
        provider.recognizes(content)
        outcome = outcome_of(provider, content)
        told[name] = {"outcome": outcome, "seconds": time.monotonic() - begin}
        most = max(most, _megabytes())
    return {"attacks": told, "most_megabytes": most - before}


def _megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_OF_A_MEGABYTE


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tried(sys.argv[1])))
