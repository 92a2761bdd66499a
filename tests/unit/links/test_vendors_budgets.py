"""The vendors' clients as a deployment opens them: on one budget with every other process, or alone."""

import pytest

from ohx_pipelines.opening import providers_from
from ohx_pipelines.providers.base import Unlimited
from tests.unit.dagster_settings import some_settings

WITHINGS = {"client_id": "id", "client_secret": "secret", "api_url": "https://api.example"}


@pytest.fixture
def budget():
    """Give the budget of the Withings client that such settings open."""

    def of(store, **withings):
        settings = some_settings(withings=WITHINGS | withings)
        return providers_from(settings, store)["withings"]._oauth.budget

    return of


def test_what_one_process_calls_counts_for_all(store, budget, sql):
    budget(store).spend(account="link-1")
    budget(store).spend()

    assert sql("SELECT budget, account FROM counted_calls ORDER BY id") == [
        ("withings", "link-1"),
        ("withings", None),
    ]


def test_the_plan_of_the_settings_is_kept_to(store, budget, sql):
    ours = budget(store, calls_per_minute=1000, calls_per_minute_per_account=700)

    for _ in range(400):
        ours.spend(account="link-1")

    assert sql("SELECT count(*) FROM waiting_calls") == [(0,)]
    assert sql("SELECT count(*) FROM counted_calls") == [(400,)]


def test_without_a_database_nothing_is_counted(budget):
    assert isinstance(budget(None), Unlimited)
