"""One link of a real store: what its state means for its days, and what the ledger keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ohx_pipelines.errors import AuthLost, VendorDown
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_sync import LinkSync, SyncRules
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.tokens import RefreshRules
from ohx_pipelines.outcomes import Outcome, Stage
from tests.unit.linked import link_account, save_ehr
from tests.unit.made_up import MadeUpEhr, MadeUpVendor, cuff, weighing

FIRST = date(2026, 11, 16)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]


@pytest.fixture
def vendor():
    return MadeUpVendor(rows=[weighing(DAYS[0]), *cuff(DAYS[0]), weighing(DAYS[2])])


@pytest.fixture
def ehrs():
    """The made-up EHRs by the name of their connection."""
    return {"default": MadeUpEhr(), "other": MadeUpEhr()}


@pytest.fixture
def link_sync(store, vendor, ehrs):
    return LinkSync(
        store=store,
        providers={"acme": vendor},
        publisher=lambda connection: Publisher(ehrs[connection.name]),
        mapping=load_mapping(),
        secret=b"s" * 32,
        rules=SyncRules(refresh=RefreshRules(refusal_pause_seconds=0), breaker_seconds=1.5),
    )


def run(link_sync, link_id, days=DAYS):
    return list(link_sync.run(link_id, days, run_id="run-1"))


def noted(store, link_id):
    return [(row.day, row.outcome, row.counts, row.run_id) for row in store.ledger(link_id)]


def test_every_result_is_in_the_ledger_with_its_counts_and_run(store, link_sync):
    link = link_account(store, "ada")

    results = run(link_sync, link.id)

    assert [result.outcome for result in results] == [
        Outcome.SYNCED,
        Outcome.NO_DATA,
        Outcome.SYNCED,
    ]
    assert noted(store, link.id) == [(r.day, r.outcome, r.counts, "run-1") for r in results]
    assert [row.counts.created for row in store.ledger(link.id)] == [2, 0, 1]


def test_a_result_is_in_the_ledger_before_it_is_given(store, link_sync, vendor):
    link = link_account(store, "ada")
    vendor.most_days = 1

    first = next(link_sync.run(link.id, DAYS, run_id="run-1"))

    assert noted(store, link.id) == [(first.day, first.outcome, first.counts, "run-1")]


def test_a_failed_day_is_in_the_ledger_with_code_and_status(store, link_sync, vendor):
    link = link_account(store, "ada")
    vendor.fetch_errors[None] = VendorDown("CANARY", status=503)

    run(link_sync, link.id)

    rows = store.ledger(link.id)
    assert [(row.outcome, row.error, row.status) for row in rows] == [
        (Outcome.VENDOR_DOWN, "vendor_down", 503)
    ] * 3
    assert {row.last_success_at for row in rows} == {None}


def test_days_asked_for_twice_are_synced_once_and_in_order(store, link_sync, vendor):
    link = link_account(store, "ada")

    results = run(link_sync, link.id, [DAYS[2], DAYS[0], DAYS[2], DAYS[1]])

    assert [result.day for result in results] == DAYS
    assert vendor.asked == [("ada", DAYS[0], DAYS[2])]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (LinkState.UNCONFIRMED, Outcome.NOT_CONSENTED),
        (LinkState.NEEDS_RELINK, Outcome.AUTH_LOST),
        (LinkState.UNLINKING, Outcome.NOT_CONSENTED),
        (LinkState.UNLINKED, Outcome.NOT_CONSENTED),
    ],
)
def test_a_link_that_is_not_active_says_why_and_its_vendor_is_not_asked(
    store, link_sync, vendor, ehrs, state, outcome
):
    link = link_account(store, "ada")
    store.set_state(link.id, state)

    results = run(link_sync, link.id)

    assert [(r.outcome, r.failed_stage) for r in results] == [(outcome, Stage.FETCHED)] * 3
    assert [row.outcome for row in store.ledger(link.id)] == [outcome] * 3
    assert vendor.asked == []
    assert ehrs["default"].log == []


def test_an_account_that_was_never_confirmed_is_not_consented(store, link_sync, vendor):
    link = link_account(store, "ada", confirmed=False)

    assert {result.outcome for result in run(link_sync, link.id)} == {Outcome.NOT_CONSENTED}
    assert vendor.asked == []


def test_an_unknown_link_is_an_internal_error_of_each_day_and_no_exception(link_sync, vendor):
    results = run(link_sync, "nobody")

    assert [(r.day, r.outcome, r.failed_stage) for r in results] == [
        (day, Outcome.INTERNAL, Stage.FETCHED) for day in DAYS
    ]
    assert vendor.asked == []


def test_a_link_whose_provider_is_not_there_is_an_internal_error_in_the_ledger(store, link_sync):
    link = link_account(store, "ada", provider="gone")

    results = run(link_sync, link.id)

    assert {result.outcome for result in results} == {Outcome.INTERNAL}
    assert [row.outcome for row in store.ledger(link.id)] == [Outcome.INTERNAL] * 3


def test_an_ehr_that_cannot_be_opened_is_an_internal_error_without_its_text(store, link_sync, ehrs):
    link = link_account(store, "ada", ehr="CANARY-name")

    results = run(link_sync, link.id)

    assert {result.outcome for result in results} == {Outcome.INTERNAL}
    assert "CANARY" not in repr(results)


def test_readings_go_to_the_links_own_patient_and_ehr(store, link_sync, ehrs):
    save_ehr(store)
    ada = link_account(store, "ada")
    run(link_sync, ada.id)
    bob = link_account(store, "bob", ehr="other")
    run(link_sync, bob.id)

    assert ehrs["default"].patients() == {"patient-ada"}
    assert ehrs["other"].patients() == {"patient-bob"}


def test_two_patients_readings_of_one_record_number_do_not_share_an_id(store, link_sync, ehrs):
    for account in ("ada", "bob"):
        run(link_sync, link_account(store, account).id)

    assert ehrs["default"].totals()["Observation"] == 6


def test_tokens_that_are_due_are_refreshed_and_stored_before_they_are_used(
    store, link_sync, vendor
):
    link = link_account(store, "ada", expires_at=LONG_AGO)

    results = run(link_sync, link.id)

    assert all(result.outcome.ok for result in results)
    assert vendor.asked[0][0] == "refresh-ada"
    assert store.tokens(link.id).access_token == "refresh-ada"


def test_a_refresh_that_is_refused_twice_is_auth_lost_and_the_link_waits_for_its_patient(
    store, link_sync, vendor
):
    link = link_account(store, "ada", expires_at=LONG_AGO)
    vendor.refresh_errors = [AuthLost(status=503), AuthLost(status=503)]

    results = run(link_sync, link.id)

    assert [(r.day, r.outcome, r.status) for r in results] == [
        (day, Outcome.AUTH_LOST, 503) for day in DAYS
    ]
    assert [row.outcome for row in store.ledger(link.id)] == [Outcome.AUTH_LOST] * 3
    assert store.link(link.id).state is LinkState.NEEDS_RELINK


def test_a_refresh_that_is_refused_once_costs_nothing_but_a_second_question(
    store, link_sync, vendor
):
    refused = link_account(store, "ada", expires_at=LONG_AGO)
    fine = link_account(store, "bob")
    vendor.refresh_errors = [AuthLost(status=503)]

    results = list(link_sync.run_all({refused.id: DAYS, fine.id: DAYS}, run_id="run-1"))

    # The refused link comes last, after everybody else.
    assert [link for link, _ in results] == [fine.id] * 3 + [refused.id] * 3
    assert all(result.outcome.ok for _, result in results)
    assert {row.attempts for row in store.ledger(refused.id)} == {1}
    assert store.link(refused.id).state is LinkState.ACTIVE


def test_a_vendor_that_fails_for_three_links_in_a_row_is_left_alone_by_all(
    store, link_sync, vendor
):
    names = ("ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal")
    links = [link_account(store, name) for name in names]
    vendor.fetch_errors[None] = VendorDown(status=503)
    # Longer than a busy machine takes for all days that are not tried.
    patient = replace(link_sync, rules=replace(link_sync.rules, breaker_seconds=6))

    results = list(patient.run_all({link.id: DAYS for link in links}, run_id="run-1"))

    # Three links, and after the pause three others; then the run gives up.
    assert [account for account, _, _ in vendor.asked] == list(names[:6])
    assert {result.outcome for _, result in results} == {Outcome.VENDOR_DOWN}
    assert len(results) == 24
    assert {row.error for row in store.ledger(links[-1].id)} == {"breaker_open"}


def test_a_hiccup_of_the_vendor_costs_only_the_links_that_met_it(store, link_sync, vendor):
    links = [link_account(store, name) for name in ("ada", "bob", "cyd", "dan", "eve")]
    for name in ("ada", "bob", "cyd"):
        vendor.fetch_errors[name] = VendorDown(status=503)

    results = list(link_sync.run_all({link.id: DAYS for link in links}, run_id="run-1"))

    failed = {link for link, result in results if not result.outcome.ok}
    assert failed == {link.id for link in links[:3]}


def test_one_account_that_stays_bad_never_keeps_the_breaker_open(store, link_sync, vendor):
    links = [link_account(store, name) for name in ("ada", "bob", "cyd", "dan", "eve")]
    days = {link.id: DAYS for link in links}
    vendor.fetch_errors[None] = VendorDown(status=503)
    list(link_sync.run_all(days, run_id="night-1"))
    del vendor.fetch_errors[None]
    vendor.fetch_errors["ada"] = VendorDown(status=503)

    for night in ("night-2", "night-3"):
        results = list(link_sync.run_all(days, run_id=night))
        assert {link for link, r in results if not r.outcome.ok} == {links[0].id}


def test_a_link_that_is_unlinked_while_a_run_works_on_it_is_not_consented_in_the_ledger(
    store, link_sync, vendor
):
    link = link_account(store, "ada")
    vendor.most_days = 1
    running = link_sync.run(link.id, DAYS, run_id="run-1")
    assert next(running).outcome is Outcome.SYNCED

    store.begin_unlink(link.id, who="operator test")
    store.destroy_keys_untold(link.id, who="operator test")
    results = list(running)

    assert {result.outcome for result in results} == {Outcome.NOT_CONSENTED}
    assert [row.outcome for row in store.ledger(link.id)] == [
        Outcome.SYNCED,
        Outcome.NOT_CONSENTED,
        Outcome.NOT_CONSENTED,
    ]


def test_one_link_that_fails_never_costs_the_others(store, link_sync, vendor):
    links = [link_account(store, name) for name in ("ada", "bob", "cyd")]
    vendor.fetch_errors["ada"] = VendorDown(status=503)

    for _ in range(4):
        results = list(link_sync.run_all({link.id: DAYS for link in links}, run_id="run-1"))

    assert {result.outcome for link, result in results if link != links[0].id} == {
        Outcome.SYNCED,
        Outcome.NO_DATA,
    }
    assert {result.outcome for link, result in results if link == links[0].id} == {
        Outcome.VENDOR_DOWN
    }


def test_a_connection_to_the_database_that_breaks_is_no_failure_of_the_day(
    store, link_sync, vendor
):
    link = link_account(store, "ada")
    broken = iter([OperationalError("SELECT", {}, Exception("gone"))])

    def tokens(link_id):
        for error in broken:
            raise error
        return type(store).tokens(store, link_id)

    store.tokens = tokens

    assert all(result.outcome.ok for result in run(link_sync, link.id))


def observations(ehr):
    return [one for (kind, _), one in ehr.held.items() if kind == "Observation"]


def test_a_link_that_shares_nothing_is_not_consented_and_its_vendor_is_not_asked(
    store, link_sync, vendor
):
    link = link_account(store, "ada")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE provider_links SET data_types = '{}'"))

    results = run(link_sync, link.id)

    assert {(r.outcome, r.failed_stage) for r in results} == {
        (Outcome.NOT_CONSENTED, Stage.FETCHED)
    }
    assert vendor.asked == []


def test_nothing_is_written_when_the_patient_shares_less_while_a_day_is_read(
    store, link_sync, vendor, ehrs
):
    link = link_account(store, "ada")

    def share_less():
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE provider_links SET data_types = '{other}'"))

    vendor.while_fetching = share_less
    results = run(link_sync, link.id)

    assert {r.outcome for r in results if r.counts.rows} == {Outcome.NOT_CONSENTED}
    assert observations(ehrs["default"]) == []


def test_all_that_is_written_carries_the_link_and_where_asked_for_the_label_of_a_test(
    store, link_sync, ehrs
):
    link = link_account(store, "ada")
    run(replace(link_sync, test_data=True), link.id)

    for one in ehrs["default"].held.values():
        codes = [label["code"] for label in one["meta"].get("security", [])]
        assert "HTEST" in codes, one["resourceType"]
    for one in observations(ehrs["default"]):
        assert [tag["code"] for tag in one["meta"]["tag"]] == [link.id]


def test_a_confirmed_retraction_is_carried_out_once(store, link_sync, vendor, ehrs):
    link = link_account(store, "ada")
    run(link_sync, link.id)
    vendor.rows = []
    held = run(link_sync, link.id)
    assert {(r.day, r.outcome, r.counts.retraction_held) for r in held} == {
        (DAYS[0], Outcome.RETRACTION_HELD, 2),
        (DAYS[1], Outcome.NO_DATA, 0),
        (DAYS[2], Outcome.RETRACTION_HELD, 1),
    }
    waiting = store.held_retractions(link.id)
    assert [(one.day, one.count) for one in waiting] == [(DAYS[0], 2), (DAYS[2], 1)]

    store.confirm_retractions(link.id, {DAYS[0]: 2, DAYS[2]: 1}, who="operator test")
    done = run(link_sync, link.id)

    assert [(r.outcome, r.counts.retracted) for r in done] == [
        (Outcome.SYNCED, 2),
        (Outcome.NO_DATA, 0),
        (Outcome.SYNCED, 1),
    ]
    assert {one["status"] for one in observations(ehrs["default"])} == {"entered-in-error"}
    assert (store.held_retractions(link.id), store.confirmed_retractions(link.id)) == ([], {})
