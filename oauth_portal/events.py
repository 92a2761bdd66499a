"""The portal's log: one line per event, made of words and ids that name nobody.

Belongs here: the only place that logs. Not here: addresses, tokens, names or texts from outside,
for which there is deliberately no field.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

_log = logging.getLogger("oauth_portal")
# At DEBUG these print code verifiers, tokens or whole addresses.
_TALKATIVE = ("authlib", "flask_wtf", "oauthlib", "requests_oauthlib", "urllib3")


def log_event(
    name: str,
    *,
    code: str | None = None,
    provider: str | None = None,
    link: str | None = None,
    error_id: str | None = None,
    where: str | None = None,
) -> None:
    """Log `event=name` and the given fields; ids are our own, `code` a word of ours."""
    given = {"code": code, "provider": provider, "link": link, "error": error_id, "at": where}
    fields = [f"{key}={value}" for key, value in given.items() if value is not None]
    _log.info("event=%s %s", name, " ".join(fields))


def origin_of_error(error: BaseException) -> str:
    """Tell an error's type and where it came from; its text may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return f"{type(error).__name__}@{place}"


def quiet_libraries() -> None:
    """Keep libraries that log secrets at DEBUG from doing so, whatever the root level is."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
