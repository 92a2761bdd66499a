"""Logs that name nobody: the level for all processes, and what libraries may not say at any level.

Belongs here: set-up of Python's logging. Not here: what we log ourselves (`oauth_portal/events.py`,
a step's own words in `assets/`).
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from pathlib import Path

# At DEBUG (SQLAlchemy: at INFO) these print tokens, verifiers, whole addresses or rows.
TALKATIVE = (
    "authlib",
    "fhirpy",
    "flask_wtf",
    "httpcore",
    "httpx",
    "oauthlib",
    "psycopg2",
    "requests_oauthlib",
    "sqlalchemy",
    "urllib3",
)
# Under DAGSTER_REDACT_USER_CODE_ERRORS it prints what was kept out of the event log.
REDACTED_ERRORS = "dagster.redacted_errors"
_DAGSTER = "dagster"
_FORMAT = "%(asctime)sZ %(levelname)s %(name)s %(message)s"


def log_to_stderr(level: str) -> None:
    """Log our own and the libraries' records from `level` on, but none that could name somebody."""
    logging.Formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_not_shown_yet)
    logging.basicConfig(format=_FORMAT, handlers=[handler])
    logging.getLogger().setLevel(level)
    quiet_libraries()


def quiet_libraries() -> None:
    """Keep libraries from logging what they were given, whatever the root level is."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A filter outlasts Dagster's own set-up of its loggers, a level does not.
    logging.getLogger(REDACTED_ERRORS).addFilter(_place_instead_of_text)


def origin_of_error(error: BaseException) -> str:
    """Tell an error's type and where it came from; its text may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return f"{type(error).__name__}@{place}"


def _is_not_shown_yet(record: logging.LogRecord) -> bool:
    """Tell whether nobody else shows the record: Dagster's servers show their own."""
    of_dagster = record.name.partition(".")[0] == _DAGSTER
    return not (of_dagster and logging.getLogger(_DAGSTER).handlers)


def _place_instead_of_text(record: logging.LogRecord) -> bool:
    """Keep the error's id and say where it arose; its text and that of its causes stay unsaid."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        cause = getattr(error, "user_exception", None) or error
        record.msg = f"{record.getMessage()}, {origin_of_error(cause)}"
        record.args = None
    record.exc_info = record.exc_text = record.stack_info = None
    return True
