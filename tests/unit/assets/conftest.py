"""Dagster in this process: an instance in memory, links in a real store, both ends made up.

Belongs here: running the assets of a made-up provider over partitions. Not here: expectations.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from ohx_pipelines.assets import build_stages
from ohx_pipelines.assets.partitions import day_link_key, day_link_partitions, link_partitions
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.outcomes import Stage
from ohx_pipelines.resources.ehr import EhrAccess
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, save_ehr
from tests.unit.made_up import MadeUpEhr, MadeUpVendor, weighing

LAST = datetime.now(UTC).date() - timedelta(days=2)
STAGES = [stage.value for stage in Stage]


class Dagster:
    """Runs the provider's assets, and says what Dagster shows afterwards."""

    def __init__(self, instance, store, vendor, ehr):
        self.instance = instance
        self.store = store
        self.vendor = vendor
        self.ehr = ehr
        self.days = [LAST - timedelta(days=n) for n in (2, 1, 0)]
        self.partitions = day_link_partitions(vendor.name, 31)
        # Nobody waits out a breaker's minute.
        settings = some_settings(partition_days=31, sync={"breaker_seconds": 0})
        self.assets = build_stages(vendor.facts, settings)
        self.links = {}

    def link(self, *accounts):
        for account in accounts:
            self.links[account] = link_account(self.store, account).id
        self.instance.add_dynamic_partitions(
            link_partitions(self.vendor.name).name, [self.links[account] for account in accounts]
        )

    def resources(self):
        access = EhrAccess(
            mapping=load_mapping(),
            secret=b"s" * 32,
            clients={save_ehr(self.store).id: self.ehr},
        )
        return {"links": self.store, "vendors": {self.vendor.name: self.vendor}, "ehr": access}

    def run(self, *stages):
        """Run over the rectangle from the first link's first day to the last link's last day."""
        links = list(self.links.values())
        given = {
            "dagster/asset_partition_range_start": str(day_link_key(self.days[0], links[0])),
            "dagster/asset_partition_range_end": str(day_link_key(self.days[-1], links[-1])),
        }
        return dg.materialize(
            [self.assets],
            instance=self.instance,
            resources=self.resources(),
            selection=[dg.AssetKey([self.vendor.name, stage]) for stage in stages or STAGES],
            tags=given,
            raise_on_error=False,
        )

    def status(self, stage):
        """What Dagster shows for a stage, as {(account, day): status}."""
        wanted = {
            (account, day): str(day_link_key(day, link))
            for account, link in self.links.items()
            for day in self.days
        }
        found = self.instance.get_status_by_partition(
            dg.AssetKey([self.vendor.name, stage]), list(wanted.values()), self.partitions
        )
        states = found or {}
        return {pair: getattr(states.get(key), "value", None) for pair, key in wanted.items()}

    def red(self, stage):
        return {pair for pair, status in self.status(stage).items() if status == "FAILED"}

    def green(self, stage):
        return {pair for pair, status in self.status(stage).items() if status == "MATERIALIZED"}

    def every_pair(self):
        return {(account, day) for account in self.links for day in self.days}

    def observations(self, result):
        entries = self.instance.all_logs(
            result.run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION
        )
        return [e.dagster_event.asset_observation_data.asset_observation for e in entries]

    def event_log(self, result):
        """Every event of the run as the text that Dagster stores."""
        entries = self.instance.all_logs(result.run_id)
        return "\n".join(dg.serialize_value(entry) + repr(entry) for entry in entries)


@pytest.fixture
def dagster(store):
    vendor, ehr = MadeUpVendor(), MadeUpEhr()
    with dg.DagsterInstance.ephemeral() as instance:
        found = Dagster(instance, store, vendor, ehr)
        vendor.rows = [weighing(day) for day in found.days]
        yield found
