"""What a night's run may leave alone: days that were read whole, for just what they are read for now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ohx_pipelines.errors import VendorDown
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_sync import LinkSync, SyncRules
from ohx_pipelines.links.tokens import RefreshRules
from ohx_pipelines.measurements import Metric
from tests.unit.fhir.tables import changed
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpEhr, MadeUpVendor, weighing

FIRST = date(2026, 11, 16)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
MAPPING = load_mapping()


@pytest.fixture
def vendor():
    return MadeUpVendor(rows=[weighing(day) for day in DAYS])


@pytest.fixture
def ehr():
    return MadeUpEhr()


@pytest.fixture
def nightly(store, vendor, ehr):
    return LinkSync(
        store=store,
        providers={"acme": vendor},
        publisher=lambda _: Publisher(ehr),
        mapping=MAPPING,
        secret=b"s" * 32,
        rules=SyncRules(refresh=RefreshRules(refusal_pause_seconds=0), breaker_seconds=0),
        reads_again=False,
    )


@pytest.fixture
def link(store):
    return link_account(store, "ada").id


@pytest.fixture
def read_at(nightly, vendor, link):
    """Sync, and give what the vendor's client was told of earlier readings."""

    def sync(days=DAYS, **changes):
        list(replace(nightly, **changes).run(link, days, run_id="run-1"))
        return vendor.asked_for[-1].read_at

    return sync


def test_the_second_night_knows_when_the_first_began_to_read(read_at):
    before = datetime.now(UTC)
    assert read_at() == {}
    between = datetime.now(UTC)

    again = read_at()

    assert again.keys() == {*DAYS}
    assert all(before <= at <= between for at in again.values())


def test_who_asks_for_days_has_them_read_whole(read_at):
    read_at()

    assert read_at(reads_again=True) == {}


def test_a_day_that_did_not_end_well_is_read_from_the_start(read_at, vendor):
    read_at()
    vendor.fetch_errors[None] = VendorDown()
    read_at()
    vendor.fetch_errors.clear()

    assert read_at() == {}


def test_days_that_were_not_read_are_not_told_as_read(read_at):
    read_at(DAYS[:1])

    assert read_at().keys() == {DAYS[0]}


def test_another_mapping_has_everything_read(read_at):
    read_at()

    assert read_at(mapping=changed(MAPPING, Metric.BODY_WEIGHT, resolution_seconds=60)) == {}
    assert read_at(mapping=MAPPING) == {}


def test_a_choice_that_was_taken_back_has_everything_read(store, link, read_at):
    read_at()
    store.share(link, ["everything", "more"], who="patient")
    store.share(link, ["everything"], who="patient")

    assert read_at() == {}
    assert read_at().keys() == {*DAYS}


def test_what_is_kept_of_it_is_a_time_and_a_digest(store, link, read_at):
    read_at()

    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT read_as FROM sync_ledger").scalars().all()
    assert len(rows) == 3
    assert {len(one) for one in rows} == {64}
    assert all(int(one, 16) for one in rows)
