"""What the EHR is to know of a link: when a copy is due, of which version, and since when."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import NotFound, WriterBusy
from ohx_pipelines.links import link_records
from ohx_pipelines.links.records import LinkState, RecordState

WHO = "operator test"
ZONE = ZoneInfo("Europe/Berlin")
GONE = "aaaaaaaaaaaa"


@pytest.fixture
def unconfirmed(new_patient, link_account):
    return link_account(new_patient())


@pytest.fixture
def written(store, active_link):
    """A confirmed link whose copy is in the EHR."""
    store.note_record_written(active_link.id, store.record_to_copy(active_link.id).version)
    return active_link


def due(store, *, ended=False, most=10):
    return store.due_records("withings", most=most, ended=ended)


def ended_at(store, link):
    return store.record_to_copy(link.id).until


def tried_ago(sql, interval):
    sql("UPDATE provider_links SET record_tried_at = now() - cast(:ago AS interval)", ago=interval)


def deeds(store, link):
    return [(one.who, one.what, one.detail) for one in store.audit(link_id=link.id)]


def test_an_active_link_shares_what_was_chosen(store, active_link):
    assert store.consent(active_link.id) == frozenset({"weight"})


@pytest.mark.parametrize("state", sorted(set(LinkState) - {LinkState.ACTIVE}))
def test_a_link_in_any_other_state_shares_nothing(store, active_link, state):
    store.set_state(active_link.id, state)

    assert store.consent(active_link.id) == frozenset()


@pytest.mark.parametrize("ask", ["consent", "record_to_copy"])
def test_a_link_that_does_not_exist_is_not_found(store, ask):
    with pytest.raises(NotFound):
        getattr(store, ask)(GONE)


def test_nothing_is_due_before_the_patients_yes(store, unconfirmed):
    assert due(store) == due(store, ended=True) == []
    assert store.statuses()[0].record is RecordState.NONE
    assert store.record_to_copy(unconfirmed.id).since is None


def test_a_yes_makes_a_copy_due_at_once(store, active_link):
    assert due(store) == [active_link.id]
    assert due(store, ended=True) == []
    assert store.statuses()[0].record is RecordState.DUE
    record = store.record_to_copy(active_link.id)
    assert (record.since, record.until) == (active_link.confirmed_at, None)
    assert record.is_consented


def test_a_copy_that_was_written_is_not_due_and_the_log_says_so(store, written):
    assert due(store) == []
    assert store.statuses()[0].record is RecordState.WRITTEN
    assert deeds(store, written)[-1] == ("system", "record_copied", None)


def test_a_copy_that_is_written_again_is_logged_once(store, written):
    store.note_record_written(written.id, store.record_to_copy(written.id).version)

    assert [what for _, what, _ in deeds(store, written)].count("record_copied") == 1


def test_a_renewal_makes_a_copy_due_and_changes_no_time(store, written, link_account):
    link_account(written.patient.id, number=2)

    assert due(store) == [written.id]
    record = store.record_to_copy(written.id)
    assert (record.since, record.until) == (written.confirmed_at, None)


def test_an_end_makes_the_withdrawal_due_from_the_moment_it_was_asked_for(store, written, sql):
    store.begin_unlink(written.id, who=WHO)

    # Whoever asked tells the EHR; the others come after the first pause.
    assert due(store, ended=True) == []
    tried_ago(sql, "61 seconds")
    assert due(store, ended=True) == [written.id]
    assert due(store) == []
    [status] = store.statuses(link_id=written.id)
    assert abs((ended_at(store, written) - status.unlink_asked_at).total_seconds()) < 1


def test_keys_that_are_destroyed_take_nothing_from_the_record(store, written, sql):
    store.begin_unlink(written.id, who=WHO)
    before = store.record_to_copy(written.id)
    store.destroy_keys_untold(written.id, who=WHO)

    after = store.record_to_copy(written.id)

    assert (after.since, after.until, after.version) == (before.since, before.until, before.version)
    assert after.patient == before.patient
    tried_ago(sql, "61 seconds")
    assert due(store, ended=True) == [written.id]


def test_a_second_wish_moves_no_time(store, written):
    store.begin_unlink(written.id, who=WHO)
    before = store.record_to_copy(written.id)

    store.begin_unlink(written.id, who=WHO)

    assert store.record_to_copy(written.id) == before


def test_who_ends_it_again_without_having_agreed_anew_moves_no_time(store, written, link_account):
    store.begin_unlink(written.id, who=WHO)
    store.destroy_keys_untold(written.id, who=WHO)
    link_account(written.patient.id)
    before = store.record_to_copy(written.id)

    store.begin_unlink(written.id, who=WHO)

    after = store.record_to_copy(written.id)
    assert (after.until, after.version) == (before.until, before.version)


def test_who_never_agreed_has_nothing_to_withdraw(store, unconfirmed):
    store.begin_unlink(unconfirmed.id, who=WHO)

    assert ended_at(store, unconfirmed) is None
    assert store.statuses()[0].record is RecordState.NONE


def test_an_end_stays_an_end_until_the_owner_says_yes_again(store, written, link_account, sql):
    store.begin_unlink(written.id, who=WHO)
    until = ended_at(store, written)
    store.destroy_keys_untold(written.id, who=WHO)
    link_account(written.patient.id)
    tried_ago(sql, "1 hour")

    assert due(store, ended=True) == [written.id]
    assert ended_at(store, written) == until

    again = store.confirm_link(written.id, zone=ZONE)

    assert due(store, ended=True) == []
    assert due(store) == [written.id]
    record = store.record_to_copy(written.id)
    assert (record.since, record.until) == (again.confirmed_at, None)


def test_a_no_to_the_account_after_an_end_leaves_the_end_as_it_was(
    store, written, link_account, sql
):
    store.begin_unlink(written.id, who=WHO)
    until = ended_at(store, written)
    store.destroy_keys_untold(written.id, who=WHO)
    link_account(written.patient.id)

    store.discard_link(written.id)

    assert ended_at(store, written) == until
    tried_ago(sql, "1 hour")
    assert due(store, ended=True) == [written.id]


def test_a_failure_is_shown_and_tried_again_after_a_pause_that_grows_to_an_hour(
    store, active_link, sql
):
    pauses = []
    for _ in range(9):
        store.note_record_failed(active_link.id, "ehr_down")
        for seconds in (60, 120, 240, 480, 960, 1920, 3600):
            tried_ago(sql, f"{seconds - 1} seconds")
            assert due(store) == []
            tried_ago(sql, f"{seconds + 1} seconds")
            if due(store):
                pauses.append(seconds)
                break

    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert store.statuses()[0].record_error == "ehr_down"
    assert deeds(store, active_link)[-1] == ("system", "record_failed", "ehr_down")


def test_a_change_is_due_at_once_however_often_the_last_one_failed(
    store, active_link, link_account
):
    for _ in range(5):
        store.note_record_failed(active_link.id, "ehr_down")

    link_account(active_link.patient.id, number=2)

    assert due(store) == [active_link.id]
    assert store.statuses()[0].record_error is None


def test_a_failure_of_what_is_not_due_is_not_noted(store, written):
    store.note_record_failed(written.id, "vendor_down")

    assert store.statuses()[0].record is RecordState.WRITTEN
    assert deeds(store, written)[-1][1] == "record_copied"


def test_an_older_version_that_was_written_last_leaves_the_newer_one_due(
    store, active_link, link_account
):
    older = store.record_to_copy(active_link.id).version
    link_account(active_link.patient.id, number=2)
    store.note_record_written(active_link.id, older + 1)
    assert due(store) == []

    store.note_record_written(active_link.id, older)

    assert due(store) == [active_link.id]


def test_those_that_waited_longest_come_first_and_no_more_than_asked_for(
    store, new_patient, link_account, sql
):
    made = []
    for number in range(3):
        link = link_account(new_patient(), f"user-{number}")
        made.append(store.confirm_link(link.id, zone=ZONE).id)
        store.note_record_failed(link.id, "ehr_down")
        sql(
            "UPDATE provider_links SET record_tried_at = now() - cast(:ago AS interval) "
            "WHERE id = :id",
            ago=f"{10 + number} minutes",
            id=link.id,
        )

    assert due(store, most=2) == [made[2], made[1]]


def test_what_waits_for_the_patients_yes_is_not_due(store, active_link):
    store.set_state(active_link.id, LinkState.UNCONFIRMED)

    assert due(store) == []


def test_a_change_of_sharing_is_due_though_the_vendors_permission_is_lost(store, active_link):
    store.note_record_written(active_link.id, 1)
    store.set_state(active_link.id, LinkState.NEEDS_RELINK)

    assert due(store) == []
    store.share(active_link.id, ["body"], who="operator test")

    assert due(store) == [active_link.id]


def test_one_at_a_time_copies_a_link_and_the_next_after_it(store, active_link, monkeypatch):
    monkeypatch.setattr(link_records, "LONGEST_WAIT_SECONDS", 0.1)

    with store.copying(active_link.id):
        with pytest.raises(WriterBusy), store.copying(active_link.id):
            pass
        with store.copying(GONE):
            pass
    with store.copying(active_link.id):
        pass
