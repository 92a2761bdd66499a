"""Our clock against those of the EHR, the vendors, the identity provider and the database.

Belongs here: reading their clocks and comparing. Not here: whether they accept us (`outside.py`).
Expiry of tokens, signatures and `effective*` all rest on our clock being right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import requests
from sqlalchemy.exc import SQLAlchemyError

from ohx_pipelines.cli.checks.finding import Finding, failed, ok, warning
from ohx_pipelines.cli.checks.outside import DISCOVERY_PATH, TIMEOUT_SECONDS, web_session
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import provider_facts
from ohx_pipelines.settings import Settings

WARNING_SECONDS = 30
FAILED_SECONDS = 300
# A Date header counts whole seconds: on average half of one has passed since.
HALF_A_SECOND = timedelta(seconds=0.5)
_ADVICE = "Let NTP keep the clock of this machine, and look at the other one's."


def check_clocks(settings: Settings, store: LinkStore | None) -> list[Finding]:
    """Compare our clock with every clock that can be read; one that cannot is told and left out."""
    clocks: dict[str, Callable[[], datetime | None]] = {
        name: partial(_date_of, url) for name, url in _addresses(settings).items()
    }
    if store is not None:
        clocks["the database"] = partial(_now_of, store)
    ahead = {name: _seconds_ahead(read) for name, read in clocks.items()}
    known = {name: seconds for name, seconds in ahead.items() if seconds is not None}
    unread = [name for name, seconds in ahead.items() if seconds is None]
    return [_judged(known, unread)]


def _judged(known: Mapping[str, float], unread: list[str]) -> Finding:
    silent = f"; no clock was told by {', '.join(unread)}" if unread else ""
    if not known:
        return warning("clock", f"nothing to compare with{silent}", "Look at the other lines.")
    off = {name: n for name, n in known.items() if abs(n) > WARNING_SECONDS}
    if not off:
        most = max(abs(seconds) for seconds in known.values())
        found = f"within {most:.0f} s of {', '.join(known)}{silent}"
        return ok("clock", found, seconds_ahead=_rounded(known))
    told = ", ".join(
        f"{name} is {abs(n):.0f} s {'ahead of' if n > 0 else 'behind'} us"
        for name, n in off.items()
    )
    worst = max(abs(seconds) for seconds in off.values())
    level = failed if worst >= FAILED_SECONDS else warning
    return level("clock", told + silent, _ADVICE, seconds_ahead=_rounded(known))


def _rounded(known: Mapping[str, float]) -> dict[str, float]:
    return {name: round(seconds, 1) for name, seconds in known.items()}


def _addresses(settings: Settings) -> dict[str, str]:
    """Give what may be asked without credentials: any answer, a refusal too, has the time."""
    vendors: dict[str, Any] = {
        facts.title: getattr(settings, facts.name, None) for facts in provider_facts(settings)
    }
    return {
        "the EHR": f"{settings.ehr.url}/metadata",
        **{title: part.api_url for title, part in vendors.items() if hasattr(part, "api_url")},
        "the identity provider": settings.oidc.issuer + DISCOVERY_PATH,
    }


def _seconds_ahead(read: Callable[[], datetime | None]) -> float | None:
    start = datetime.now(UTC)
    theirs = read()
    ours = start + (datetime.now(UTC) - start) / 2
    return (theirs - ours).total_seconds() if theirs is not None else None


def _now_of(store: LinkStore) -> datetime | None:
    try:
        return store.server().now
    except SQLAlchemyError:
        return None  # the line `database` says so


def _date_of(url: str) -> datetime | None:
    with web_session() as session:
        try:
            answer = session.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
            told = parsedate_to_datetime(answer.headers.get("Date", ""))
        except (requests.RequestException, ValueError):
            return None
    return told.astimezone(UTC) + HALF_A_SECOND if told.tzinfo else None
