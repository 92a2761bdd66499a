"""The link store: database, migrations, keys, identifier secret, links.

Belongs here: questions to our own database, which change nothing in it. Not here: Dagster's.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from ohx_pipelines.cli.checks.finding import Finding, failed, ok, some_of, warning
from ohx_pipelines.links.migrate import current_revision, known_revisions
from ohx_pipelines.links.overview import LinkSince
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import file_facts, file_sources, provider_facts
from ohx_pipelines.settings import Settings

UNLINKING_FOR = timedelta(days=1)
_OF_A_VENDOR = (
    "Set OHX_{section}__... again, or end them with `ohx links unlink LINK --without-vendor`: "
    "nothing is read, and the vendor is not told of an end."
)
_OF_AN_APP = (
    "Name it in OHX_UPLOADS__APPS again, or end them with `ohx links unlink LINK`: nothing is read, "
    "and what is shared stays as it is in the EHR."
)


def check_database(store: LinkStore) -> list[Finding]:
    """Tell whether the database answers, and which version it is."""
    try:
        version = store.server().version
    except SQLAlchemyError as error:
        found = f"the database does not answer ({type(error).__name__})"
        advice = "Look whether PostgreSQL runs, and whether OHX_DATABASE_URL names it rightly."
        return [failed("database", found, advice)]
    return [ok("database", f"PostgreSQL {version} answers")]


def check_migrations(database_url: str) -> list[Finding]:
    """Tell whether the tables are at the newest revision that this program knows."""
    known, current = known_revisions(), current_revision(database_url)
    if current == known[0]:
        return [ok("migrations", f"the tables are at revision {current}, the newest")]
    if current is None:
        found, advice = "the database has no tables of ours", "Run `ohx migrate`."
    elif current in known:
        found = f"the tables are at revision {current}, the program needs {known[0]}"
        advice = "Run `ohx migrate`."
    else:
        found = "the tables are at a revision that this program does not know"
        advice = "A newer program was here: upgrade this one."
    return [failed("migrations", found, advice)]


def check_keys(store: LinkStore, settings: Settings) -> list[Finding]:
    """Tell whether the token key of the settings opens every data key that is stored."""
    report = store.key_report()
    if not report.closed:
        return [ok("keys", f"OHX_TOKEN_KEY opens all {report.opened} data keys")]
    mine = settings.token_key_id
    wrong = report.closed.get(mine, 0)
    other = sum(report.closed.values()) - wrong
    parts = [
        f"{wrong} rows sealed with key {mine!r} cannot be opened" if wrong else "",
        f"{other} rows were sealed with another key than {mine!r}" if other else "",
    ]
    found = "; ".join(part for part in parts if part) + f"; {report.opened} can be opened"
    advice = (
        "Set OHX_TOKEN_KEY and OHX_TOKEN_KEY_ID to the key that these rows were sealed with; if it "
        "is lost, the patients connect again and the EHR credentials are saved again."
    )
    return [failed("keys", found, advice)]


def check_identifier_secret(store: LinkStore) -> list[Finding]:
    """Tell whether the identifier secret is the one that the database was first used with."""
    name, fits = "identifier secret", store.identifier_secret_fits()
    if fits is None:
        return [warning(name, "the database was not used yet", "Start `ohx up` once.")]
    if fits:
        return [ok(name, "OHX_IDENTIFIER_SECRET is that of the first use")]
    found = "OHX_IDENTIFIER_SECRET is not the one this database was first used with"
    advice = "Set the former secret: with this one, every id in the EHR would change."
    return [failed(name, found, advice)]


def check_links(store: LinkStore, settings: Settings) -> list[Finding]:
    """Count links by state; name those that wait for their patient, and unlinking that hangs.

    Those of a vendor that is not set up have a line of their own: no sensor looks after them.
    """
    links = store.links_since()
    set_up = {facts.name for facts in [*provider_facts(settings), *file_facts(settings)]}
    left_over = [x for x in links if x.provider not in set_up and x.state is not LinkState.UNLINKED]
    return [_states(links), *_left_over(left_over)]


def _states(links: list[LinkSince]) -> Finding:
    states = Counter(link.state.value for link in links)
    counted = ", ".join(f"{states[state.value]} {state.value}" for state in LinkState)
    waiting = _ids(links, LinkState.NEEDS_RELINK)
    said = f"; their patients must connect again: {some_of(waiting)}" if waiting else ""
    old = datetime.now(UTC) - UNLINKING_FOR
    hanging = [x.id for x in links if x.state is LinkState.UNLINKING and x.since < old]
    if not hanging:
        return ok("links", counted + said, states=dict(states), needs_relink=waiting)
    found = f"{counted}{said}; unlinking for more than a day: {some_of(hanging)}"
    advice = (
        "Look whether the vendor answers (the line `vendor`): unlinking is tried until it does."
    )
    return warning(
        "links", found, advice, states=dict(states), needs_relink=waiting, unlinking=hanging
    )


def _left_over(links: list[LinkSince]) -> list[Finding]:
    """Give a warning for each vendor that has links and is not set up."""
    findings = []
    for name in sorted({link.provider for link in links}):
        ids = [link.id for link in links if link.provider == name]
        is_app = name in file_sources()
        what = "whose files are not taken" if is_app else "which is not set up"
        found = f"{len(ids)} links of {name}, {what}: {some_of(ids)}"
        advice = _OF_AN_APP if is_app else _OF_A_VENDOR.format(section=name.upper())
        findings.append(warning(f"links {name}", found, advice, links=ids))
    return findings


def _ids(links: list[LinkSince], state: LinkState) -> list[str]:
    return [link.id for link in links if link.state is state]
