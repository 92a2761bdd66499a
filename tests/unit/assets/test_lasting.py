"""A database that goes away under a step: what it costs when it comes back, and when it does not."""

import dagster as dg
import pytest
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import InterfaceError, OperationalError
from tenacity import wait_none

from ohx_pipelines.assets import lasting
from ohx_pipelines.assets.lasting import log_lasting, tell_lasting

CANARY = "CANARY-72.30"
EVENT = dg.AssetMaterialization("a", partition="2026-11-20|l")


class Breaking:
    """A store whose ledger cannot be written for so many calls."""

    def __init__(self, store, errors):
        self._store, self._errors = store, errors

    def __getattr__(self, name):
        return getattr(self._store, name)

    def record_days(self, *args, **kwargs):
        if self._errors:
            raise self._errors.pop(0)
        return self._store.record_days(*args, **kwargs)


class Log:
    """A step's context whose event log fails so often before it works."""

    def __init__(self, *errors):
        self.errors, self.logged, self.log = list(errors), [], self

    def log_event(self, event):
        if self.errors:
            raise self.errors.pop(0)
        self.logged.append(event)

    def info(self, text, *numbers):
        self.log_event(text % numbers)


def broken():
    return OperationalError("INSERT", {}, Exception(CANARY))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(lasting, "wait_random_exponential", lambda **_: wait_none())


@pytest.mark.parametrize(
    "error", [broken(), InterfaceError("INSERT", {}, Exception()), DagsterPostgresException("too")]
)
def test_an_event_is_logged_again_until_its_database_is_back(error):
    context = Log(error, error)

    log_lasting(context, EVENT)
    tell_lasting(context, "%s of %s", 1, 2)

    assert context.logged == [EVENT, "1 of 2"]


def test_another_error_of_the_event_log_is_no_matter_of_waiting():
    context = Log(KeyError("x"))

    with pytest.raises(KeyError):
        log_lasting(context, EVENT)
    assert context.errors == []


def test_a_ledger_that_breaks_off_once_costs_nothing(dagster):
    dagster.link("ada")
    dagster.store = Breaking(dagster.store, [broken()])

    assert dagster.run().success
    assert dagster.green("published") == dagster.every_pair()


def test_a_step_that_lost_its_database_fails_and_is_marked_to_be_run_again(dagster):
    dagster.link("ada", "bob")
    dagster.store = Breaking(dagster.store, [broken() for _ in range(10)])

    result = dagster.run()

    assert not result.success
    tags = dagster.instance.get_run_by_id(result.run_id).tags
    assert tags["dagster/retry_on_asset_or_op_failure"] == "true"
    assert "did not answer for a minute" in dagster.event_log(result)
    assert CANARY not in dagster.event_log(result)


def test_a_run_with_failed_days_is_not_marked_to_be_run_again(dagster):
    dagster.link("ada")
    dagster.vendor.fetch_errors[None] = KeyError(CANARY)

    result = dagster.run()

    assert not result.success
    tags = dagster.instance.get_run_by_id(result.run_id).tags
    assert "dagster/retry_on_asset_or_op_failure" not in tags
