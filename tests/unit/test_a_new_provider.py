"""A new provider is one folder and one line in the registry; everything else follows from its facts."""

from datetime import date, timedelta

import pytest

from oauth_portal.cards import build_cards
from ohx_pipelines.definitions import build_defs
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_sync import LinkSync
from ohx_pipelines.providers import registry
from ohx_pipelines.providers.base import Unlimited
from ohx_pipelines.providers.facts_table import facts_tables
from tests.fake_provider import TINY
from tests.unit.dagster_settings import some_settings
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpEhr

pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")
DAYS = [date(2026, 11, 16) + timedelta(days=n) for n in range(3)]


class Counted(Unlimited):
    """A budget that notes who spent."""

    def __init__(self):
        self.spent = []

    def spend(self, *, account=None):
        self.spent.append(account)


@pytest.fixture(autouse=True)
def one_line(monkeypatch):
    monkeypatch.setattr(registry, "ROOMS", (*registry.ROOMS, TINY))


def test_dagster_has_its_stages_its_devices_its_schedules_and_its_sensors():
    repository = build_defs(settings=some_settings()).get_repository_def()

    assets = {key.to_user_string() for key in repository.asset_graph.get_all_asset_keys()}
    assert {f"tiny/{name}" for name in ("fetched", "normalized", "published", "devices")} <= assets
    assert {"tiny_nightly", "tiny_devices"} <= {one.name for one in repository.schedule_defs}
    assert {"tiny_link_partitions", "tiny_unlinking", "tiny_link_records"} <= {
        one.name for one in repository.sensor_defs
    }


def test_it_is_built_on_a_budget_of_its_own_and_carries_a_links_days(store):
    budgets, ehr = {}, MadeUpEhr()

    def budget_for(name, limits):
        budgets[name] = (Counted(), tuple(limits))
        return budgets[name][0]

    providers = registry.build_providers(some_settings(), budget_for=budget_for)
    sync = LinkSync(
        store=store,
        providers=providers,
        publisher=lambda _: Publisher(ehr),
        mapping=load_mapping(),
        secret=b"s" * 32,
    )
    link = link_account(store, "ada", provider="tiny").id

    results = list(sync.run(link, DAYS, run_id="run-1"))

    assert [one.outcome.value for one in results] == ["synced"] * 3
    assert ehr.totals()["Observation"] == 3
    spent, limits = budgets["tiny"]
    assert spent.spent == [link]
    assert limits == TINY.facts.limits


def test_the_link_page_has_a_card_of_it():
    providers = registry.build_providers(some_settings(), budget_for=registry.unlimited)

    assert "Tiny Scales" in [card.facts.title for card in build_cards(providers.values(), [])]


def test_its_facts_are_a_section_of_the_docs():
    assert "## Tiny Scales" in facts_tables(registry.provider_facts())
