"""One person's link between the sandbox's vendor and its EHR, and what became of their readings.

Belongs here: publishing, changing what the vendor lists, reading chart and history over plain HTTP.
Not here: what goes wrong on the way (`listing_faults.py`), or what is expected.
"""

import itertools
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import requests

from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.opening import ehr_client
from tests.integration.carried import Carried, patience
from tests.integration.reference_reading import Chart

RECORDS = "https://open-health-exchange.org/fhir/sid/withings-record"
# The reader of the sandbox is spared the faults that are ordered of its EHR.
SPARED = {"X-Sandbox-Reader": "1"}
NUMBERS = itertools.count()


class Interrupted:
    """The vendor's client, and something that happens at the vendor before its n-th listing."""

    def __init__(self, provider):
        self._provider = provider
        self.listings = 0
        self.before = {}

    def fetch(self, window, token, *, asked):
        self.listings += 1
        self.before.pop(self.listings, lambda: None)()
        return self._provider.fetch(window, token, asked=asked)

    def hurry(self, carried, seconds):
        """Wait no longer than this for an answer from now on."""
        if seconds != carried.timeout_seconds:
            carried.timeout_seconds = seconds
            self._provider = carried.make_provider()

    def __getattr__(self, name):
        return getattr(self._provider, name)


class Scene:
    """A linked person, whose readings of some days stand in the chart."""

    def __init__(self, store, sandbox, person, days):
        self.store, self.sandbox, self.person, self.days = store, sandbox, person, days
        self.carried = Carried(store, sandbox)
        self.vendor = Interrupted(self.carried.provider)
        self.sync = replace(self.carried.sync, providers={"withings": self.vendor})
        self.chart = Chart(sandbox.addresses["ehr"]["url"], person["patient_id"])
        self.link = self.carried.link(person).id
        self.run_id = None

    # --- At the vendor

    def weigh(self, day, *, hour=12, **more):
        """Add a weighing that is like no other; gives its number."""
        n = next(NUMBERS)
        noon = datetime.combine(day, time(hour), ZoneInfo(self.person["zone"]))
        moment = noon + timedelta(seconds=n)
        reading = {"type": 1, "value": 70_000 + n, "unit": -3, "attrib": 0} | more
        return self.weigh_at(int(moment.timestamp()), **reading)

    def weigh_at(self, seconds, **reading):
        """Add a weighing of a moment; gives its number."""
        return self._change(action="add", date=seconds, **reading)["grpid"]

    def edit(self, grpid, **fields):
        self._change(action="edit", grpid=grpid, **fields)

    def delete(self, *grpids):
        for grpid in grpids:
            self._change(action="delete", grpid=grpid)

    def rows(self, day=None):
        """The vendor's rows of a day, or of all days."""
        return self.carried.rows(self.person, day or self.days[0], day or self.days[-1])

    def fault(self, order):
        self.vendor.hurry(self.carried, patience(order))
        self.sandbox.post("faults", login=self.person["login"], **order)

    def _change(self, **change):
        answer = self.sandbox.post("readings/change", login=self.person["login"], **change)
        return answer.json()

    # --- The product

    def run(self, days=None, **parts):
        """Sync days; gives the results by day. `parts` stand in the place of the sync's own."""
        self.run_id = f"run-{next(NUMBERS)}"
        self.vendor.listings = 0
        sync = replace(self.sync, **parts)
        results = sync.run(self.link, days or self.days, run_id=self.run_id)
        return {one.day: one for one in results}

    def in_mode(self, write_mode):
        """Write in another mode from now on."""

        def publisher(connection):
            self.carried.clients.append(ehr_client(connection))
            return Publisher(self.carried.clients[-1], write_mode=write_mode)

        self.sync = replace(self.sync, publisher=publisher)

    def close(self):
        self.sandbox.post("faults/clear")
        self.carried.close()

    # --- In the EHR

    def observations(self):
        return [one for one in self.chart.resources() if record_of(one) is not None]

    def of(self, grpid):
        """The Observations of one of the vendor's records."""
        return [one for one in self.observations() if record_of(one) == str(grpid)]

    def retracted(self):
        """The vendor's records of which something is marked as entered in error."""
        return {record_of(o) for o in self.observations() if o["status"] == "entered-in-error"}

    def history(self, resource):
        """Every version of a resource, the first one first."""
        bundle = self.get(f"{resource['resourceType']}/{resource['id']}/_history")
        return [entry["resource"] for entry in reversed(bundle["entry"])]

    def provenances(self, resource):
        """What names a resource as its target, in the order in which it was written."""
        target = f"{resource['resourceType']}/{resource['id']}"
        bundle = self.get(f"Provenance?patient=Patient/{self.person['patient_id']}&_count=200")
        found = [entry["resource"] for entry in bundle.get("entry", [])]
        named = [one for one in found if target in {t["reference"] for t in one["target"]}]
        return sorted(named, key=lambda one: one["recorded"])

    def chart_of(self, key):
        return self.get(f"Observation/{key}")

    def address(self, path):
        return f"{self.sandbox.addresses['ehr']['url']}/{path}"

    def get(self, path):
        answer = requests.get(self.address(path), headers=SPARED, timeout=10)
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)

    # --- The judge

    def judge(self, days=None):
        """Ask the independent reader, who remembers what it saw; gives its report."""
        first, *_, last = [*(days or self.days), (days or self.days)[-1]]
        parameters = {
            "from": str(first),
            "to": str(last),
            "login": self.person["login"],
            "follow": "1",
            "shared": list(self.sandbox.shared),
        }
        url = f"{self.sandbox.control}/differences"
        answer = requests.get(url, params=parameters, timeout=60)
        answer.raise_for_status()
        return answer.json()


def record_of(resource):
    """The vendor's record that an Observation is of."""
    values = [one["value"] for one in resource["identifier"] if one["system"] == RECORDS]
    return values[0].split(".")[0] if values else None
