"""One run of the devices asset over links in a Dagster of this process: each link's true status."""

import dagster as dg
import pytest

from ohx_pipelines.assets import build_devices
from ohx_pipelines.assets.partitions import link_partitions
from ohx_pipelines.errors import AuthLost, EhrDown, VendorDown
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.providers.base import DeviceInfo
from ohx_pipelines.resources.ehr import EhrAccess
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account, save_ehr
from tests.unit.made_up import SCALE, MadeUpEhr, MadeUpVendor

CANARY = "CANARY-72.30"
DEVICES = dg.AssetKey(["acme", "devices"])
CUFF = DeviceInfo(device="77aa", model="BPM", kind="Blood Pressure Monitor", firmware="2.1")


class ListingVendor(MadeUpVendor):
    """A vendor that lists devices by account; one without a list of its own has the scale."""

    def __init__(self):
        super().__init__()
        self.owned_by, self.failing, self.asked_by = {}, {}, []

    def devices(self, token, *, shared=None):
        account = token.current()
        self.asked_by.append(account)
        if account in self.failing:
            raise self.failing[account]
        return self.owned_by.get(account, [SCALE])


class Scene:
    """Runs the asset, and says what Dagster shows afterwards."""

    def __init__(self, instance, store):
        self.instance, self.store = instance, store
        self.vendor, self.ehr = ListingVendor(), MadeUpEhr()
        self.partitions = link_partitions("acme")
        self.links = {}

    def link(self, *accounts):
        for account in accounts:
            self.links[account] = link_account(self.store, account).id
            self.instance.add_dynamic_partitions(self.partitions.name, [self.links[account]])

    def run(self, *ends, test_data=False):
        """Run over the links from the first to the last account, in one range."""
        first, last = (ends[0], ends[-1]) if ends else (min(self.links), max(self.links))
        access = EhrAccess(
            mapping=load_mapping(),
            secret=b"s" * 32,
            clients={save_ehr(self.store).id: self.ehr},
        )
        return dg.materialize(
            [build_devices(self.vendor.facts, some_settings(test_data=test_data))],
            instance=self.instance,
            resources={"links": self.store, "vendors": {"acme": self.vendor}, "ehr": access},
            tags={
                "dagster/asset_partition_range_start": self.links[first],
                "dagster/asset_partition_range_end": self.links[last],
            },
            raise_on_error=False,
        )

    def status(self):
        """What Dagster shows, as {account: status}."""
        found = self.instance.get_status_by_partition(
            DEVICES, list(self.links.values()), self.partitions
        )
        states = found or {}
        return {
            account: getattr(states.get(link), "value", None)
            for account, link in self.links.items()
        }

    def observed(self, result):
        """What the run observed, as {link id: metadata}."""
        entries = self.instance.all_logs(
            result.run_id, of_type=dg.DagsterEventType.ASSET_OBSERVATION
        )
        found = [e.dagster_event.asset_observation_data.asset_observation for e in entries]
        return {one.partition: _plain(one.metadata) for one in found}

    def materialized(self, result):
        """What the run materialized, as {link id: metadata}."""
        events = result.get_asset_materialization_events()
        assert len({event.partition for event in events}) == len(events)
        return {
            str(event.partition): _plain(event.step_materialization_data.materialization.metadata)
            for event in events
        }


def _plain(metadata):
    return {name: value.value for name, value in metadata.items()}


@pytest.fixture
def scene(store):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Scene(instance, store)


def test_one_run_copies_consent_and_devices_of_every_link_and_turns_each_green(scene):
    scene.link("ada", "bob", "cy")
    scene.vendor.owned_by["bob"] = [SCALE, CUFF]

    result = scene.run()

    assert result.success
    assert set(scene.status().values()) == {"MATERIALIZED"}
    # One scale in the household, one cuff, and this software.
    assert scene.ehr.totals() == {
        "Consent": 3,
        "DeviceDefinition": 2,
        "Device": 3,
        "DeviceAssociation": 4,
    }
    assert scene.vendor.asked_by == ["ada", "bob", "cy"]


def test_a_link_whose_vendor_fails_costs_only_its_own_partition(scene):
    scene.link("ada", "bob", "cy")
    scene.vendor.failing["bob"] = VendorDown(status=503)

    result = scene.run()

    assert not result.success
    assert scene.status() == {"ada": "MATERIALIZED", "bob": "FAILED", "cy": "MATERIALIZED"}


def test_a_link_whose_ehr_fails_costs_only_its_own_partition(scene):
    scene.link("ada", "bob", "cy")
    scene.ehr.write_errors["patient-bob"] = EhrDown(status=503)

    scene.run()

    assert scene.status() == {"ada": "MATERIALIZED", "bob": "FAILED", "cy": "MATERIALIZED"}


def test_a_run_leaves_links_outside_its_range_alone(scene):
    scene.link("ada", "bob", "cy")

    scene.run("bob", "bob")

    assert scene.status() == {"ada": None, "bob": "MATERIALIZED", "cy": None}
    assert scene.vendor.asked_by == ["bob"]


def test_a_failed_link_is_observed_once_with_how_it_failed_and_what_to_do(scene):
    scene.link("ada", "bob")
    scene.vendor.failing["bob"] = VendorDown(status=503)

    result = scene.run()

    said = scene.observed(result)
    assert list(said) == [scene.links["bob"]]
    said = said[scene.links["bob"]]
    assert (said["outcome"], said["error"], said["http_status"]) == (
        "vendor_down",
        "vendor_down",
        503,
    )
    assert said["what_to_do"] == "Run the failed partitions again when the vendor answers."
    # The Consent needs no vendor and is there all the same.
    assert scene.ehr.totals()["Consent"] == 2


def test_a_link_that_is_not_shared_any_more_is_red_and_says_so(scene):
    scene.link("ada", "bob")
    scene.store.begin_unlink(scene.links["bob"], who="patient x")

    result = scene.run()

    assert scene.status() == {"ada": "MATERIALIZED", "bob": "FAILED"}
    assert scene.observed(result)[scene.links["bob"]]["outcome"] == "not_consented"
    assert scene.ehr.patients() == {"patient-ada"}


def test_a_link_that_lost_its_permission_is_red(scene):
    scene.link("ada")
    scene.store.set_state(scene.links["ada"], LinkState.NEEDS_RELINK)

    scene.run()

    assert scene.status() == {"ada": "FAILED"}
    assert scene.vendor.asked_by == []


def test_the_run_ends_in_a_failure_that_counts_links_by_outcome_and_says_what_to_do(scene):
    scene.link("ada", "bob", "cy")
    scene.vendor.failing["bob"] = AuthLost(status=401)
    scene.ehr.write_errors["patient-cy"] = EhrDown(status=503)

    [event] = scene.run().get_step_failure_events()

    failure = event.step_failure_data.user_failure_data
    assert _plain(failure.metadata) == {"synced": 1, "auth_lost": 1, "ehr_down": 1}
    assert failure.description.startswith("2 of 3 links failed.")
    assert "connect the account again" in failure.description


def test_what_was_written_is_counted_and_an_unchanged_link_writes_nothing(scene):
    scene.link("ada")
    link = scene.links["ada"]

    first = scene.materialized(scene.run())[link]
    again = scene.materialized(scene.run())[link]

    # Consent, definition, software and scale, association.
    assert (first["created"], first["updated"], first["unchanged"]) == (5, 0, 0)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 5)
    assert {first["outcome"], again["outcome"]} == {"synced"}
    assert first["rejected"] == again["rejected"] == 0
    assert first["seconds"] >= 0


def test_a_rerun_after_the_fault_turns_the_red_link_green(scene):
    scene.link("ada", "bob")
    scene.vendor.failing["bob"] = VendorDown(status=503)
    scene.run()
    scene.vendor.failing.clear()

    assert scene.run().success
    assert scene.status() == {"ada": "MATERIALIZED", "bob": "MATERIALIZED"}


def test_no_output_is_yielded_and_nothing_is_stored_for_another_step(scene):
    scene.link("ada")

    result = scene.run()

    kinds = {event.event_type for event in result.all_events}
    assert dg.DagsterEventType.STEP_OUTPUT not in kinds
    assert dg.DagsterEventType.HANDLED_OUTPUT not in kinds


@pytest.mark.parametrize("given", [True, False])
def test_the_setting_test_data_labels_what_is_written(scene, given):
    scene.link("ada")

    scene.run(test_data=given)

    labels = {
        label["code"]
        for one in scene.ehr.held.values()
        for label in one["meta"].get("security", [])
    }
    assert ("HTEST" in labels) is given


class Odd(Exception):
    """A surprise whose text holds a reading."""


@pytest.mark.parametrize("place", ["vendor", "ehr"])
def test_no_text_of_an_exception_is_in_the_event_log(scene, place, caplog, capfd):
    scene.link("ada")
    if place == "vendor":
        scene.vendor.failing["ada"] = Odd(CANARY)
    else:
        scene.ehr.write_errors["patient-ada"] = Odd(CANARY)

    result = scene.run()

    entries = scene.instance.all_logs(result.run_id)
    log = "\n".join(dg.serialize_value(entry) + repr(entry) for entry in entries)
    printed = capfd.readouterr()
    assert not result.success
    assert "links failed" in log
    for text in (log, caplog.text, printed.out, printed.err):
        assert "CANARY" not in text


def test_neither_people_nor_their_devices_are_in_the_event_log_of_a_good_run(scene):
    scene.link("ada-CANARY")

    result = scene.run()

    entries = scene.instance.all_logs(result.run_id)
    log = "\n".join(dg.serialize_value(entry) + repr(entry) for entry in entries)
    assert result.success
    assert [word for word in ("CANARY", "5d1c", "Body+") if word in log] == []
