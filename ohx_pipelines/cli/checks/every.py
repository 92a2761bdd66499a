"""Every check of `ohx doctor`, in the order in which they are told.

Belongs here: which checks there are and what each needs. Not here: any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from ohx_pipelines.cli.checks.agreement import check_agreement
from ohx_pipelines.cli.checks.clocks import check_clocks
from ohx_pipelines.cli.checks.dagster import (
    check_daemons,
    check_partitions,
    check_tickers,
    check_web_server,
)
from ohx_pipelines.cli.checks.ehr import check_ehrs
from ohx_pipelines.cli.checks.finding import Finding, failed, guarded, ok, warning
from ohx_pipelines.cli.checks.outside import check_identity, check_vendor
from ohx_pipelines.cli.checks.store import (
    check_database,
    check_identifier_secret,
    check_keys,
    check_links,
    check_migrations,
)
from ohx_pipelines.cli.checks.waiting import check_copies, check_retractions
from ohx_pipelines.cli.dagster_api import DagsterApi
from ohx_pipelines.cli.stack import dagster_address
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.opening import providers_from
from ohx_pipelines.settings import Settings, load_settings


@dataclass(frozen=True)
class Check:
    """A question; asking it never raises."""

    name: str
    ask: Callable[[], list[Finding]]

    def findings(self) -> list[Finding]:
        """Ask it."""
        return guarded(self.name, self.ask)


def check_settings() -> tuple[Finding, Settings | None]:
    """Read the settings; without them there is nothing else to ask."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        first, *lines, advice = [line.strip() for line in str(error).splitlines()]
        return failed("settings", f"{first} {'; '.join(lines)}", advice), None
    return ok("settings", "all settings are there and well-formed"), settings


def all_checks(settings: Settings, store: LinkStore | None) -> list[Check]:
    """Give every check; those that need the store say so when there is none."""
    api = DagsterApi(dagster_address(settings))
    # Vendors answer, or do not, whatever became of our database.
    facts = providers_from(settings, store if store is not None and _answers(store) else None)
    return [
        *_store_checks(settings, store),
        *(
            Check(f"vendor {name}", partial(check_vendor, provider))
            for name, provider in facts.items()
        ),
        Check("identity provider", partial(check_identity, settings.oidc)),
        Check("clock", partial(check_clocks, settings, store)),
        Check("dagster web server", partial(check_web_server, api)),
        Check("dagster daemons", partial(check_daemons, api)),
        Check("schedules and sensors", partial(check_tickers, api, settings)),
        *_joint_checks(api, settings, store),
    ]


def _answers(store: LinkStore) -> bool:
    try:
        with store.engine.connect():
            return True
    except SQLAlchemyError:
        return False


def _store_checks(settings: Settings, store: LinkStore | None) -> list[Check]:
    if store is None:
        return [_unasked(name) for name in ("migrations", "keys", "identifier secret", "ehr")]
    url = store.engine.url.render_as_string(hide_password=False)
    return [
        Check("database", partial(check_database, store)),
        Check("migrations", partial(check_migrations, url)),
        Check("keys", partial(check_keys, store, settings)),
        Check("identifier secret", partial(check_identifier_secret, store)),
        Check("links", partial(check_links, store, settings)),
        Check("copies", partial(check_copies, store, settings)),
        Check("retractions", partial(check_retractions, store)),
        Check("ehr", partial(check_ehrs, store)),
    ]


def _joint_checks(api: DagsterApi, settings: Settings, store: LinkStore | None) -> list[Check]:
    """Give the checks that ask both Dagster and the store."""
    if store is None:
        return [_unasked("partitions"), _unasked("agreement")]
    return [
        Check("partitions", partial(check_partitions, api, store, settings)),
        Check("agreement", partial(check_agreement, api, store, settings)),
    ]


def _unasked(name: str) -> Check:
    found = warning(name, "not checked: there is no database", "See the line `database`.")
    return Check(name, lambda: [found])
