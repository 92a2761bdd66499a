"""Files of the sandbox's apps, and their import in this process between a real store and the sandbox's EHR.

Belongs here: exporting, opening what imports, a file's link. Not here: what is expected.
"""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import requests

from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.importing import FileResult, Importing
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.link_sync import LinkSync, SyncRules
from ohx_pipelines.opening import ehr_client
from ohx_pipelines.providers.files.base import Choices
from ohx_pipelines.providers.registry import FILE_PROVIDERS, file_sources
from tests.integration.carried import SECRET

# Every variant that the sandbox's apps export, by app.
VARIANTS = {
    "beurer": (
        "healthmanager-en",
        "pro-de-comma",
        "pro-de-point",
        "pro-en-dots",
        "pro-en-slashes",
        "pro-de-11",
        "pro-de-28",
        "healthforyou-de",
        "healthforyou-en",
        "healthcoach-en",
    ),
    "omron_connect": ("us", "de", "scale-asia"),
}
MINUTES = 60.0


@dataclass
class Imported:
    """Files of sandbox people, exported and imported."""

    store: object
    sandbox: object
    clients: list = field(default_factory=list)

    def __post_init__(self):
        self.apps = {one.facts.name: one for one in FILE_PROVIDERS}
        rules = SyncRules(breaker_seconds=0.5)
        self.importing = Importing(
            store=self.store,
            sync=LinkSync(
                store=self.store,
                providers={},
                publisher=self._publisher,
                mapping=load_mapping(),
                secret=SECRET,
                rules=rules,
                tries_again=False,
            ),
            records=LinkRecords(
                store=self.store,
                providers=file_sources(),
                publisher=self._publisher,
                secret=SECRET,
                rules=rules,
            ),
            patient_reader=ehr_client,
        )

    def export(self, person, app, variant, first, last):
        """The bytes of the file that the app would give."""
        asked = {"login": person["login"], "app": app, "variant": variant}
        asked |= {"from": str(first), "to": str(last)}
        answer = requests.get(f"{self.sandbox.control}/files/export", asked, timeout=60)
        answer.raise_for_status()
        return answer.content

    def link(self, person, app):
        """The link of a person's files."""
        return self.store.open_file_link(
            patient_id=self.patient(person).id,
            provider=app,
            zone=ZoneInfo(person["zone"]),
            data_types=sorted(self.apps[app].facts.shareable),
        ).id

    def patient(self, person):
        addresses = self.sandbox.addresses
        ehr = self.store.save_ehr(
            name="default",
            url=addresses["ehr"]["url"],
            auth="none",
            username=None,
            credential=None,
            timeout_seconds=10,
        )
        return self.store.patient_signed_in(
            ehr_connection_id=ehr.id,
            fhir_id=person["patient_id"],
            issuer=addresses["identity"]["issuer"],
            subject=person["username"],
        )

    def parse(self, person, app, content, **stated):
        choices = Choices(zone=ZoneInfo(person["zone"]), **stated)
        return self.apps[app].parse(content, choices)

    def publish(self, link, parsed, *, most_seconds=MINUTES):
        """Publish a parsed file; gives the result."""
        said = list(self.importing.publish(link, parsed, most_seconds=most_seconds))
        assert isinstance(said[-1], FileResult)
        return said[-1]

    def close(self):
        while self.clients:
            self.clients.pop().close()

    def _publisher(self, connection):
        self.clients.append(ehr_client(connection))
        return Publisher(self.clients[-1])
