"""The portal's log: one line per event, made of words and ids that name nobody.

Belongs here: the only place that logs. Not here: addresses, tokens, names or texts from outside,
for which there is deliberately no field.
"""

from __future__ import annotations

import logging

from ohx_pipelines.quiet_logs import origin_of_error

__all__ = ["log_event", "origin_of_error"]

_log = logging.getLogger("oauth_portal")


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
