"""The way of a link to its end in the store: states, pauses, and what is left afterwards."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import AccountAlreadyLinked, NotFound, VaultError
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.token_rows import TokensSuperseded
from ohx_pipelines.outcomes import DayResult, Outcome

WHO = "operator test"
BERLIN = ZoneInfo("Europe/Berlin")
LIVING = [LinkState.UNCONFIRMED, LinkState.ACTIVE, LinkState.NEEDS_RELINK]


@pytest.fixture
def unlinked(store, active_link):
    """A link whose keys were destroyed."""
    store.begin_unlink(active_link.id, who=WHO)
    assert store.destroy_keys(active_link.id, version=1, who=WHO)
    return active_link


def deeds(store, link_id):
    return [entry.what for entry in store.audit(link_id=link_id)]


@pytest.mark.parametrize("state", LIVING)
def test_a_living_link_goes_to_unlinking_and_the_log_says_who_asked(store, active_link, state):
    store.set_state(active_link.id, state)

    assert store.begin_unlink(active_link.id, who=WHO) is LinkState.UNLINKING

    assert store.link_state(active_link.id) is LinkState.UNLINKING
    last = store.audit(link_id=active_link.id)[-1]
    assert (last.who, last.what, last.provider) == (WHO, "unlink_asked", "withings")


def test_asking_twice_is_asking_once(store, active_link):
    for _ in range(2):
        assert store.begin_unlink(active_link.id, who=WHO) is LinkState.UNLINKING

    assert deeds(store, active_link.id).count("unlink_asked") == 1


def test_an_unlinked_link_stays_unlinked_when_it_is_asked_for_again(store, unlinked):
    before = deeds(store, unlinked.id)

    assert store.begin_unlink(unlinked.id, who=WHO) is LinkState.UNLINKED
    assert deeds(store, unlinked.id) == before


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.begin_unlink("aaaaaaaaaaaa", who=WHO),
        lambda store: store.pending_unlink("aaaaaaaaaaaa"),
        lambda store: store.note_revoked("aaaaaaaaaaaa", who=WHO),
        lambda store: store.note_revoke_failed("aaaaaaaaaaaa", "vendor_down", who=WHO),
        lambda store: store.destroy_keys("aaaaaaaaaaaa", version=1, who=WHO),
        lambda store: store.destroy_keys_untold("aaaaaaaaaaaa", who=WHO),
        lambda store: store.link_state("aaaaaaaaaaaa"),
    ],
)
def test_a_link_that_does_not_exist_is_not_found(store, call):
    with pytest.raises(NotFound):
        call(store)


def test_a_refresh_that_was_on_its_way_can_no_longer_store_its_pair(store, active_link, new_grant):
    lease = store.claim_refresh(active_link.id, version=1, seconds=60)
    store.begin_unlink(active_link.id, who=WHO)

    with pytest.raises(TokensSuperseded):
        store.save_tokens(lease, new_grant(number=2))
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-1"


def test_nobody_begins_a_refresh_of_a_link_that_ends(store, active_link):
    store.begin_unlink(active_link.id, who=WHO)

    assert store.claim_refresh(active_link.id, version=1, seconds=60) is None


def test_what_the_vendor_is_told_is_opened_and_stays_out_of_texts(store, active_link):
    store.begin_unlink(active_link.id, who=WHO)

    pending = store.pending_unlink(active_link.id)

    assert (pending.vendor_user, pending.refresh_token, pending.version) == (
        "vendor-user-CANARY-1",
        "refresh-CANARY-1",
        1,
    )
    assert "CANARY" not in repr(pending)


def test_a_link_without_tokens_can_still_be_unlinked(store, active_link, sql):
    sql("DELETE FROM link_tokens")
    store.begin_unlink(active_link.id, who=WHO)

    pending = store.pending_unlink(active_link.id)

    assert (pending.refresh_token, pending.version) == (None, None)
    assert store.destroy_keys(active_link.id, version=None, who=WHO)
    assert store.is_erased(active_link.id)


@pytest.mark.parametrize("state", LIVING)
def test_the_vendor_is_told_nothing_of_a_link_that_lives(store, active_link, state):
    store.set_state(active_link.id, state)

    assert store.pending_unlink(active_link.id) is None
    assert not store.destroy_keys(active_link.id, version=1, who=WHO)
    assert not store.destroy_keys_untold(active_link.id, who=WHO)
    assert not store.is_erased(active_link.id)
    assert store.link_state(active_link.id) is state


def test_destroyed_keys_leave_no_secret_in_the_database(store, unlinked, sql, dump):
    assert store.is_erased(unlinked.id)
    assert store.link(unlinked.id).vendor_user is None
    assert sql("SELECT account_sealed, key_id, wrapped_key FROM provider_links") == [
        (None, None, None)
    ]
    assert sql("SELECT * FROM link_tokens") == []
    assert b"CANARY" not in dump()
    assert deeds(store, unlinked.id)[-2:] == ["unlink_asked", "keys_destroyed"]


@pytest.mark.parametrize(
    "left",
    [
        "UPDATE provider_links SET wrapped_key = '\\x01'",
        "UPDATE provider_links SET account_sealed = '\\x01'",
        """INSERT INTO link_tokens (link_id, version, access_sealed, refresh_sealed, expires_at)
        SELECT id, 1, '\\x01', '\\x01', now() FROM provider_links""",
    ],
)
def test_the_look_afterwards_sees_whatever_is_left(store, unlinked, sql, left):
    sql(left)

    assert not store.is_erased(unlinked.id)


def test_keys_destroyed_although_the_vendor_was_not_told_are_logged_as_that(store, active_link):
    store.begin_unlink(active_link.id, who=WHO)

    assert store.destroy_keys_untold(active_link.id, who=WHO)

    assert store.is_erased(active_link.id)
    assert store.audit(link_id=active_link.id)[-1].detail == "vendor_not_told"


def test_keys_are_not_destroyed_for_a_vendor_that_was_told_of_older_tokens(
    store, active_link, link_account
):
    store.begin_unlink(active_link.id, who=WHO)
    told = store.pending_unlink(active_link.id).version
    link_account(active_link.patient.id, number=2)
    store.begin_unlink(active_link.id, who=WHO)

    assert not store.destroy_keys(active_link.id, version=told, who=WHO)
    assert store.link_state(active_link.id) is LinkState.UNLINKING


def test_a_failed_try_is_noted_by_its_word_alone(store, active_link):
    store.begin_unlink(active_link.id, who=WHO)
    store.note_revoke_failed(active_link.id, "vendor_down", who="system")

    pending = store.pending_unlink(active_link.id)
    last = store.audit(link_id=active_link.id)[-1]

    assert (pending.attempts, pending.error) == (1, "vendor_down")
    assert (last.who, last.what, last.detail) == ("system", "revoke_failed", "vendor_down")


def test_a_try_that_failed_after_another_one_succeeded_changes_nothing(store, unlinked):
    before = deeds(store, unlinked.id)

    store.note_revoke_failed(unlinked.id, "vendor_down", who="system")

    assert deeds(store, unlinked.id) == before
    assert store.link_state(unlinked.id) is LinkState.UNLINKED


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (5000, 60)],
)
def test_the_pause_before_the_next_try_doubles_from_a_minute_to_an_hour(
    store, active_link, sql, attempts, minutes
):
    store.begin_unlink(active_link.id, who=WHO)

    def due_after(pause):
        sql(
            "UPDATE provider_links SET unlink_attempts = :n, unlink_tried_at = now() - :ago",
            n=attempts,
            ago=pause,
        )
        return store.due_unlinks("withings", most=5)

    assert due_after(timedelta(minutes=minutes, seconds=-5)) == []
    assert due_after(timedelta(minutes=minutes, seconds=5)) == [active_link.id]


def test_those_that_waited_longest_are_due_first_and_no_more_than_asked_for(
    store, new_patient, link_account, sql
):
    made = [link_account(new_patient(), f"user-{n}").id for n in range(3)]
    for n, link_id in enumerate(made):
        store.begin_unlink(link_id, who=WHO)
        sql(
            "UPDATE provider_links SET unlink_tried_at = now() - :ago WHERE id = :id",
            ago=timedelta(hours=n + 1),
            id=link_id,
        )

    assert store.due_unlinks("withings", most=2) == [made[2], made[1]]
    assert store.due_unlinks("pulse", most=2) == []


def test_only_links_that_are_being_unlinked_are_due(store, active_link, unlinked, sql):
    sql("UPDATE provider_links SET unlink_tried_at = now() - interval '9 days'")

    assert store.due_unlinks("withings", most=5) == []


def test_the_status_tells_since_when_the_link_is_being_unlinked(store, active_link):
    assert store.statuses(link_id=active_link.id)[0].unlink_asked_at is None
    store.begin_unlink(active_link.id, who=WHO)

    [status] = store.statuses(link_id=active_link.id)

    assert status.unlink_asked_at == store.audit(link_id=active_link.id)[-1].at


def test_linking_again_keeps_link_and_history_but_asks_and_has_a_new_key(
    store, unlinked, link_account, today
):
    store.record_days(unlinked.id, [DayResult(day=today, outcome=Outcome.SYNCED)], run_id="r1")

    again = link_account(unlinked.patient.id, number=2)

    assert (again.id, again.state, again.confirmed_at) == (unlinked.id, LinkState.UNCONFIRMED, None)
    assert again.vendor_user == "vendor-user-CANARY-1"
    assert store.tokens(again.id).refresh_token == "refresh-CANARY-2"
    assert store.statuses(link_id=again.id)[0].last_success_day == today
    assert store.confirm_link(again.id, zone=BERLIN).state is LinkState.ACTIVE
    assert store.claim_refresh(again.id, version=1, seconds=60) is not None
    assert deeds(store, again.id)[-2:] == ["linked_again", "confirmed"]


def test_linking_again_before_the_end_must_be_confirmed_again_and_stops_the_unlinking(
    store, active_link, link_account
):
    store.begin_unlink(active_link.id, who=WHO)
    store.note_revoke_failed(active_link.id, "vendor_down", who=WHO)

    again = link_account(active_link.patient.id, number=2)

    assert (again.id, again.state) == (active_link.id, LinkState.UNCONFIRMED)
    assert store.pending_unlink(again.id) is None
    store.begin_unlink(again.id, who=WHO)
    assert store.pending_unlink(again.id).attempts == 0


@pytest.fixture
def came_back(store, unlinked, link_account, today):
    """A link with a history that was linked again and waits for its confirmation."""
    store.record_days(unlinked.id, [DayResult(day=today, outcome=Outcome.SYNCED)], run_id="r1")
    return link_account(unlinked.patient.id, number=2)


def discard(store, link, link_account, new_patient):
    store.discard_link(link.id)


def give_way_to_another_account(store, link, link_account, new_patient):
    link_account(link.patient.id, "vendor-user-2")


def lapse(store, link, link_account, new_patient):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE provider_links SET linked_at = now() - interval '2 h'")
    link_account(new_patient())


@pytest.mark.parametrize("go", [discard, give_way_to_another_account, lapse])
def test_a_link_that_came_back_and_goes_unconfirmed_keeps_its_history_but_no_key(
    store, came_back, link_account, new_patient, today, go
):
    go(store, came_back, link_account, new_patient)

    assert store.link_state(came_back.id) is LinkState.UNLINKED
    assert store.is_erased(came_back.id)
    assert store.statuses(link_id=came_back.id)[0].last_success_day == today
    assert deeds(store, came_back.id)[-1] == "keys_destroyed"


def test_another_patient_can_link_an_account_that_was_unlinked(
    store, unlinked, new_patient, link_account
):
    other = new_patient()

    link = link_account(other)

    assert (link.patient.id, link.id != unlinked.id) == (other, True)
    with pytest.raises(AccountAlreadyLinked):
        link_account(unlinked.patient.id)


def test_another_account_need_not_wait_for_the_end_of_the_first(store, active_link, link_account):
    store.begin_unlink(active_link.id, who=WHO)

    other = link_account(active_link.patient.id, "vendor-user-2")

    assert other.state is LinkState.UNCONFIRMED
    assert store.link_state(active_link.id) is LinkState.UNLINKING


def test_an_account_that_is_being_unlinked_is_not_free_for_another_patient_yet(
    store, active_link, new_patient, link_account
):
    store.begin_unlink(active_link.id, who=WHO)

    with pytest.raises(AccountAlreadyLinked):
        link_account(new_patient())


def test_ended_links_are_those_unlinked_or_gone_in_the_order_of_the_question(
    store, unlinked, new_patient, link_account
):
    living = link_account(new_patient(), "user-9").id

    asked = ["gone", living, unlinked.id]

    assert store.ended_links("withings", asked) == ["gone", unlinked.id]


def test_a_key_that_cannot_be_opened_is_an_error_and_not_an_end(store, active_link, sql):
    store.begin_unlink(active_link.id, who=WHO)
    sql("UPDATE provider_links SET wrapped_key = '\\x01'")

    with pytest.raises(VaultError):
        store.pending_unlink(active_link.id)


def test_of_two_who_destroy_at_once_exactly_one_does(store, active_link, after_both_wait):
    store.begin_unlink(active_link.id, who=WHO)

    ends = after_both_wait(
        "SELECT 1 FROM provider_links FOR UPDATE",
        lambda: store.destroy_keys(active_link.id, version=1, who="one"),
        lambda: store.destroy_keys(active_link.id, version=1, who="two"),
    )

    assert sorted(ends) == [False, True]
    assert deeds(store, active_link.id).count("keys_destroyed") == 1
    assert store.is_erased(active_link.id)
