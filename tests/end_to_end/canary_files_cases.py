"""Everything that can happen to an uploaded file, as a table.

Belongs here: cases, what the pages say, and whether the readings arrive. Not here: files
(`canary_files_writing.py`), carrying it out (`canary_files_scene.py`).
"""

from dataclasses import dataclass

from tests.end_to_end import canary_files_writing as write
from tests.end_to_end.canary_orders import ehr

BEURER, OMRON_CONNECT = "beurer", "omron_connect"
CARRIED = "<h1>Your file is in your record"
CARRIED_IN_PART = "<h1>Part of your file is in your record"
IN_PART = "<h1>Not all of your file has arrived"
SEEN = "We could read all of it"
SEEN_IN_PART = "We could not read all of it"
UNKNOWN_OWNER = "<h1>Your record cannot be checked right now"


@dataclass(frozen=True)
class Case:
    """A file of an app, what the page says of it when it is `checked` and how its publishing `ends`.

    Faults stand from the check or only from the publishing on. What does not `arrive` is not at the
    EHR; None where that hangs on when it breaks.
    """

    name: str
    file: object
    checked: str = SEEN
    ends: str | None = CARRIED
    app: str = BEURER
    at_check: tuple = ()
    at_publish: tuple = ()
    partly: bool = False
    again: bool = False
    arrives: bool = True


def refused(name, file, says, app=BEURER, at_check=()):
    """A file of which nothing is carried over."""
    return Case(name, file, says, None, app, at_check=at_check, arrives=False)


def failed(name, *faults, app=BEURER, file=write.beurer, arrives=False):
    """A file that the EHR does not take."""
    return Case(name, file, ends=IN_PART, app=app, at_publish=faults, arrives=arrives)


UPLOADS = [
    failed("the EHR is slow", *ehr("slow", seconds=3, method="write"), arrives=None),
    failed("HTTP 500 that echoes", *ehr("status", status=500, echo=True, method="write")),
    Case("Beurer, whole, twice", write.beurer, again=True),
    Case("OMRON connect, whole, twice", write.omron_connect, app=OMRON_CONNECT, again=True),
    Case("nearly ten megabytes", write.big),
    Case(
        "rows that cannot be read", write.rejected_rows, SEEN_IN_PART, CARRIED_IN_PART, partly=True
    ),
    refused("readings of two users", write.two_users, "more than one person"),
    refused("NUL in a cell", write.with_nul, "The file is damaged"),
    refused("a PDF", write.pdf, "This is another kind of file"),
    refused("packed", write.packed, "This is another kind of file"),
    refused("mixed decimals", write.mixed_decimals, "with a comma and others with a point"),
    refused("ambiguous dates", write.ambiguous_dates, "which number of the dates is the day"),
    refused(
        "of another app",
        write.refused,
        "This is not a file",
        OMRON_CONNECT,
    ),
    refused("too large", write.too_large, "<h1>This file is too large"),
    refused("another's date of birth", write.of_another, "<h1>This file seems to be somebody else"),
    refused(
        "the EHR does not say whose it is",
        write.refused,
        UNKNOWN_OWNER,
        at_check=ehr("status", status=403, echo=True, method="read"),
    ),
    failed("HTTP 422 that echoes", *ehr("status", status=422, echo=True, method="write")),
    failed("entries refused, which are echoed", *ehr("entry_status", status=422, echo=True)),
    failed(
        "OMRON connect, entries refused",
        *ehr("entry_status", status=422, echo=True),
        app=OMRON_CONNECT,
        file=write.omron_connect,
    ),
    failed("half an answer", *ehr("truncated", method="write"), arrives=None),
]
