"""A link's copy in the sandbox's EHR, by real clients and processes: written, closed and opened again,
whatever the EHR does meanwhile and whoever is killed.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from ohx_pipelines.links.records import LinkState, RecordState
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.ehr_copies import asked_at
from tests.integration.linked_at_sandbox import connect_ehr, link_person
from tests.integration.unlink_worker import COPY_STEPS

pytestmark = pytest.mark.slow

KILLED = -9
WHO = "operator test"
MODES = ["put-id", "conditional-update", "conditional-create"]
COPIED_TYPES = ("Consent", "DeviceAssociation")


def make_due(store):
    """Let the pause be over."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE provider_links SET record_tried_at = NULL")


def record(store, link):
    return store.statuses(link_id=link.id)[0]


@pytest.mark.parametrize("mode", MODES)
def test_the_same_resources_are_opened_closed_and_opened_again_in_every_mode(
    quiet_sandbox, store, provider, records, ehr, link, mode
):
    store.set_write_mode("default", mode)
    quiet_sandbox.post("ehr/settings", client_ids=mode == "put-id")
    assert records.copy(link.id).outcome.ok
    assert ehr.is_open(link)
    made = {one["id"] for kind in COPIED_TYPES for one in ehr.of_link(kind, link)}
    assert records.copy(link.id).created + records.copy(link.id).updated == 0

    store.begin_unlink(link.id, who=WHO)
    ended = finish_unlink(store, provider, link.id, who=WHO, records=records)
    assert (ended.done, ended.ehr_code) == (True, None)
    assert ehr.is_closed(link, at=asked_at(store, link))

    again = link_person(store, quiet_sandbox, quiet_sandbox.people[0])
    assert again.id == link.id
    assert records.copy(link.id).outcome.ok
    assert ehr.is_open(link)
    assert {one["id"] for kind in COPIED_TYPES for one in ehr.of_link(kind, link)} == made
    assert [one["status"] for one in ehr.versions(ehr.consent(link))] == [
        "active",
        "inactive",
        "active",
    ]


def test_where_nothing_may_be_read_the_consent_is_withdrawn_by_its_id(
    quiet_sandbox, store, provider, records, ehr, link
):
    store.set_write_mode("default", "blind")
    quiet_sandbox.post("ehr/settings", write_only=True)
    assert records.copy(link.id).outcome.ok
    store.begin_unlink(link.id, who=WHO)
    assert finish_unlink(store, provider, link.id, records=records).ehr_code is None
    quiet_sandbox.post("ehr/settings/reset")

    assert ehr.consent(link)["status"] == "inactive"
    assert ehr.of_link("DeviceAssociation", link) == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "status", "status": 503}, "ehr_down"),
        ({"kind": "status", "status": 503, "method": "write"}, "ehr_down"),
        ({"kind": "status", "status": 403, "method": "write"}, "ehr_rejected"),
        ({"kind": "status", "status": 401}, "ehr_rejected"),
        ({"kind": "slow", "seconds": 2}, "ehr_down"),
        ({"kind": "entry_status", "status": 422}, "ehr_rejected"),
        ({"kind": "not_a_bundle"}, "malformed"),
    ],
    ids=lambda given: "-".join(map(str, given.values())) if isinstance(given, dict) else None,
)
def test_an_ehr_that_fails_at_the_end_is_told_later_and_keeps_no_key_alive(
    quiet_sandbox, store, provider, records, ehr, copied, fault, code
):
    quiet_sandbox.post("faults", target="ehr", **fault)
    if fault["kind"] == "slow":
        connect_ehr(store, quiet_sandbox.addresses, 1)
    store.begin_unlink(copied.id, who=WHO)

    ended = finish_unlink(store, provider, copied.id, who=WHO, records=records)

    assert (ended.done, ended.ehr_code) == (True, code)
    assert store.is_erased(copied.id)
    assert record(store, copied).record is RecordState.DUE
    assert record(store, copied).record_error
    assert store.due_records("withings", most=5, ended=True) == []
    make_due(store)
    assert store.due_records("withings", most=5, ended=True) == [copied.id]

    quiet_sandbox.post("faults/clear")
    connect_ehr(store, quiet_sandbox.addresses, 30)
    assert records.close(copied.id).outcome.ok

    assert record(store, copied).record is RecordState.WRITTEN
    assert ehr.is_closed(copied, at=asked_at(store, copied))


def test_an_ehr_that_was_down_all_the_while_gets_a_withdrawn_consent(
    quiet_sandbox, store, provider, records, ehr, link
):
    quiet_sandbox.post("faults", target="ehr", kind="status", status=503)
    assert not records.copy(link.id).outcome.ok
    store.begin_unlink(link.id, who=WHO)
    finish_unlink(store, provider, link.id, records=records)
    quiet_sandbox.post("faults/clear")

    assert records.close(link.id).outcome.ok

    assert ehr.is_closed(link, at=asked_at(store, link))
    assert len(ehr.versions(ehr.consent(link))) == 1


@pytest.mark.parametrize("step", COPY_STEPS)
def test_a_copy_that_was_killed_at_any_step_is_finished_or_closed_by_the_next(
    store, records, ehr, link, process, step
):
    end = process(work="copy", step=step, delay=0.004)
    assert end == KILLED or (end == 0 and step.startswith("during"))

    assert records.copy(link.id).outcome.ok

    assert ehr.is_open(link)
    assert all(len(ehr.versions(one)) == 1 for one in ehr.of_link("DeviceAssociation", link))
    assert len(ehr.versions(ehr.consent(link))) == 1
    assert process() == 0
    assert ehr.is_closed(link, at=asked_at(store, link))


@pytest.mark.parametrize("step", COPY_STEPS)
def test_a_link_that_ends_after_its_copy_was_killed_leaves_nothing_open(
    store, ehr, link, process, step
):
    process(work="copy", step=step, delay=0.004)

    assert process() == 0

    assert store.link_state(link.id) is LinkState.UNLINKED
    assert ehr.is_closed(link, at=asked_at(store, link))


def test_whoever_copies_while_the_link_ends_leaves_nothing_open(store, records, ehr, link, process):
    orders = [{"work": "copy"}, {}, {"work": "copy"}, {}]

    with ThreadPoolExecutor(len(orders)) as pool:
        list(pool.map(lambda order: process(**order), orders))
    make_due(store)
    assert records.close(link.id).outcome.ok

    assert store.is_erased(link.id)
    assert ehr.is_closed(link, at=asked_at(store, link))


def test_an_end_is_dated_by_the_wish_and_not_by_the_day_it_was_noted(store, records, ehr, link):
    dated(store, "consented_at", "2026-11-01T08:00:00Z")
    assert records.copy(link.id).outcome.ok
    store.begin_unlink(link.id, who=WHO)
    dated(store, "ended_at", "2026-11-20T09:30:00Z")

    assert records.close(link.id).outcome.ok

    assert ehr.is_closed(link, at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    starts = {one["period"]["start"] for kind in COPIED_TYPES for one in ehr.of_link(kind, link)}
    assert {datetime.fromisoformat(one) for one in starts} == {datetime(2026, 11, 1, 8, tzinfo=UTC)}


def dated(store, column, moment):
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE provider_links SET {column} = '{moment}'")
