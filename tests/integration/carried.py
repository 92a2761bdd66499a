"""The product's sync in this process, between the sandbox's vendor and its EHR, over a real store.

Belongs here: opening it, and what is asked of it in one line. Not here: what is expected.
"""

from dataclasses import dataclass, field

import requests
from sqlalchemy import text

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import LinkSync, SyncRules
from ohx_pipelines.links.tokens import RefreshRules
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.linked_at_sandbox import link_person, withings_settings
from tests.unit.fhir.tables import changed

# What is no fault is waited for, however busy the machine is; what never comes, not for long.
PATIENCE_SECONDS = 60.0
HURRY_SECONDS = 1.0
SECRET = b"identifier-secret-of-the-tests!!"


def patience(order):
    """Give the time-out in seconds under which an ordered fault ends as a fault."""
    return HURRY_SECONDS if order.get("kind") in {"hang", "drip"} else PATIENCE_SECONDS


@dataclass
class Carried:
    """Links of sandbox people, and their sync."""

    store: object
    sandbox: object
    breaker_seconds: float = 0.5
    timeout_seconds: float = PATIENCE_SECONDS
    secret: bytes = SECRET
    clients: list = field(default_factory=list)
    # What needs a paid plan, and stages of sleep, as a site may ask for them.
    everything: bool = False
    vendor: str = "withings"

    def __post_init__(self):
        self.provider = self.make_provider()
        table = load_mapping()
        if self.everything:
            table = changed(table, "sleep_stage", enabled=True)
        rules = SyncRules(
            refresh=RefreshRules(lease_seconds=5, refusal_pause_seconds=0),
            breaker_seconds=self.breaker_seconds,
        )
        self.records = LinkRecords(
            store=self.store,
            providers={self.vendor: self.provider},
            publisher=self._publisher,
            secret=self.secret,
            rules=rules,
        )
        self.sync = LinkSync(
            store=self.store,
            providers={self.vendor: self.provider},
            publisher=self._publisher,
            mapping=table,
            secret=self.secret,
            rules=rules,
        )

    def make_provider(self):
        settings = withings_settings(self.sandbox.addresses, timeout_seconds=self.timeout_seconds)
        return WithingsProvider(settings.model_copy(update={"paid_types": self.everything}))

    def link(self, person):
        return link_person(
            self.store,
            self.sandbox,
            person,
            self.provider,
            patience_seconds=self.timeout_seconds,
        )

    def link_whole(self, person):
        """Link a person who shares all that there is; gives the link's id."""
        link = self.link(person).id
        self.store.share(link, self.provider.facts.shareable, who="patient")
        return link

    def run(self, days_by_link):
        """Give the results by link and day."""
        results = self.sync.run_all(days_by_link, run_id="run-1")
        return {(link, result.day): result for link, result in results}

    def expire(self):
        """Make every access token due."""
        with self.store.engine.begin() as connection:
            connection.execute(text("UPDATE link_tokens SET expires_at = now()"))

    def rows(self, person, first, last):
        answer = requests.get(
            f"{self.sandbox.control}/rows",
            params={"login": person["login"], "from": str(first), "to": str(last)},
            timeout=10,
        )
        return answer.json()

    def close(self):
        while self.clients:
            self.clients.pop().close()

    def _publisher(self, connection):
        self.clients.append(ehr_client(connection))
        return Publisher(self.clients[-1])
