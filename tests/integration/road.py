"""The product between a vendor and an EHR that are not the product's.

Belongs here: one patient's link on that road. Not here: the two ends, or what is expected of them.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.provider_settings import WithingsSettings
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.sync import Sync, sync_link
from tests.integration.getmeas_server import TOKEN
from tests.integration.reference_reading import Chart

# Its offset changes twice a year, and each reading's must be the one of its own day.
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SCOPES = frozenset({"user.info", "user.metrics"})


# What comes with the measures: the vendor of this road lists nothing else.
MEASURED = frozenset(
    {
        "body",
        "blood_pressure",
        "temperature",
        "oxygen",
        "nerve_health",
        "pulse_wave_velocity",
        "vascular_age",
        "fitness",
        "skin_temperature",
    }
)


class Tokens:
    """The tokens of a link that is in order."""

    account = "link-1"

    def __init__(self, scopes):
        self.scopes = scopes

    def current(self):
        return TOKEN

    def renew(self, refused):
        raise AssertionError(refused)


class Closed:
    """A breaker that lets every call pass."""

    def check(self):
        """Never open."""

    def answered(self):
        """Nothing to learn."""

    def failed(self, error):
        raise error


class Road:
    """One patient's link, from a GetmeasServer that is emptied first to that patient's chart."""

    def __init__(self, vendor, ehr_url, patient):
        self.vendor, self.patient = vendor, patient
        self.vendor.reset()
        self.chart = Chart(ehr_url, patient)
        self.client = connect(FhirConnection(url=ehr_url))
        self.provider = WithingsProvider(
            WithingsSettings(client_id="a", client_secret="b", api_url=vendor.url, paid_types=True)
        )

    def run(self, days, *, shared=None, scopes=SCOPES, mapping=None):
        sync = Sync(
            provider=self.provider,
            tokens=Tokens(scopes),
            consent=lambda: MEASURED if shared is None else shared,
            vendor_breaker=Closed(),
            ehr_breaker=Closed(),
            zone=AMSTERDAM,
            publisher=Publisher(self.client),
            mapping=mapping or load_mapping(),
            context=PublishContext(
                vendor="withings",
                vendor_user=self.patient,
                patient=self.patient,
                secret=b"s" * 32,
                source="https://example.org/source/withings",
                now=datetime.now(UTC),
            ),
        )
        return list(sync_link(sync, days))
