"""Links: whose account it is, what a re-link keeps, and what two people at once come to."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from ohx_pipelines.errors import AccountAlreadyLinked, NotFound, VaultError
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import DayResult, Outcome

BERLIN = ZoneInfo("Europe/Berlin")
AGAIN = pytest.mark.parametrize("turn", range(6))


def live(store, *patients):
    links = [link for patient in patients for link in store.links_of(patient)]
    return [link for link in links if link.state is not LinkState.UNLINKED]


def test_link_ids_are_twelve_lower_case_base32_characters(new_patient, link_account):
    patient = new_patient()
    ids = {link_account(patient, f"user-{n}", provider=f"vendor-{n}").id for n in range(30)}

    assert len(ids) == 30
    assert all(re.fullmatch("[a-z2-7]{12}", link_id) for link_id in ids)


def test_a_new_link_waits_for_its_confirmation_and_is_not_synced(store, new_patient, link_account):
    link = link_account(new_patient())

    assert link.state is LinkState.UNCONFIRMED
    assert link.zone is None
    assert store.active_link_ids("withings") == []


def test_a_confirmed_link_is_synced_in_its_zone(store, active_link):
    link = store.link(active_link.id)

    assert (link.state, link.zone) == (LinkState.ACTIVE, BERLIN)
    assert link.confirmed_at is not None
    assert store.active_link_ids("withings") == [link.id]
    assert store.active_link_ids("pulse") == []


def test_a_link_keeps_what_the_grant_brought(store, new_patient, link_account):
    patient = new_patient()
    link = store.link(link_account(patient, "vendor-user-7").id)

    assert link.vendor_user == "vendor-user-7"
    assert link.scopes == {"user.info", "user.metrics"}
    assert link.data_types == ("weight",)
    assert link.patient.id == patient


@pytest.mark.parametrize("state", set(LinkState) - {LinkState.UNLINKED})
def test_an_account_that_another_patient_linked_is_refused(
    store, active_link, new_patient, link_account, state
):
    store.set_state(active_link.id, state)
    other = new_patient()

    with pytest.raises(AccountAlreadyLinked) as caught:
        link_account(other, number=2)

    assert caught.value.reason == "other_patient"
    assert store.links_of(other) == []
    assert store.tokens(active_link.id).access_token == "access-CANARY-1"


def test_an_account_that_another_patient_disconnected_is_free(
    store, active_link, new_patient, link_account
):
    store.set_state(active_link.id, LinkState.UNLINKED)

    link = link_account(new_patient())

    assert link.id != active_link.id
    assert store.link(active_link.id).state is LinkState.UNLINKED


def test_an_account_disconnected_here_and_linked_by_another_since_is_refused(
    store, active_link, new_patient, link_account
):
    store.set_state(active_link.id, LinkState.UNLINKED)
    link_account(new_patient())

    with pytest.raises(AccountAlreadyLinked):
        link_account(active_link.patient.id)


def test_the_same_number_at_two_vendors_is_two_accounts(new_patient, link_account):
    one, other = new_patient(), new_patient()

    assert link_account(one, "12345").id != link_account(other, "12345", provider="pulse").id


@pytest.mark.parametrize("state", [LinkState.ACTIVE, LinkState.NEEDS_RELINK])
def test_a_relink_keeps_the_link_id_and_is_active_at_once(store, active_link, link_account, state):
    store.set_state(active_link.id, state)

    again = link_account(active_link.patient.id, number=2)

    assert again.id == active_link.id
    assert (again.state, again.zone) == (LinkState.ACTIVE, BERLIN)
    assert again.created_at == active_link.created_at
    assert store.tokens(again.id).refresh_token == "refresh-CANARY-2"


def test_a_relink_after_disconnecting_keeps_the_link_id_and_asks_again(
    store, active_link, link_account
):
    store.set_state(active_link.id, LinkState.UNLINKED)

    again = link_account(active_link.patient.id)

    assert (again.id, again.state) == (active_link.id, LinkState.UNCONFIRMED)


def test_a_relink_seals_under_a_new_data_key(active_link, link_account, sql):
    keys = "SELECT wrapped_key FROM provider_links"
    [(before,)] = sql(keys)
    before = bytes(before)
    link_account(active_link.patient.id, number=2)

    assert [bytes(key) for (key,) in sql(keys)] != [before]


def test_a_second_account_beside_a_confirmed_one_is_refused(store, active_link, link_account):
    with pytest.raises(AccountAlreadyLinked) as caught:
        link_account(active_link.patient.id, "vendor-user-2")

    assert caught.value.reason == "other_account"
    assert [link.id for link in store.links_of(active_link.patient.id)] == [active_link.id]


def test_an_account_that_was_never_confirmed_gives_way_to_the_right_one(
    store, new_patient, link_account
):
    patient = new_patient()
    wrong = link_account(patient, "of-my-brother")
    right = link_account(patient, "my-own")

    assert [link.id for link in store.links_of(patient)] == [right.id]
    with pytest.raises(NotFound):
        store.tokens(wrong.id)


@pytest.mark.parametrize(("minutes", "free"), [(59, False), (61, True)])
def test_an_unconfirmed_link_of_somebody_else_lapses_after_an_hour(
    store, new_patient, link_account, sql, minutes, free
):
    first, owner = new_patient(), new_patient()
    link_account(first)
    sql(f"UPDATE provider_links SET linked_at = now() - interval '{minutes} minutes'")

    if free:
        assert link_account(owner).patient.id == owner
        assert store.links_of(first) == []
    else:
        with pytest.raises(AccountAlreadyLinked):
            link_account(owner)


def test_a_confirmed_link_of_somebody_else_never_lapses(
    active_link, new_patient, link_account, sql
):
    sql("UPDATE provider_links SET linked_at = now() - interval '900 days'")

    with pytest.raises(AccountAlreadyLinked):
        link_account(new_patient())


def test_an_unconfirmed_link_whose_tokens_were_refused_still_lapses(
    store, new_patient, link_account, leased, sql
):
    link = link_account(new_patient())
    for _ in range(2):
        store.note_refusal(leased(link.id), pause_seconds=0)
    sql("UPDATE provider_links SET linked_at = now() - interval '61 minutes'")

    owner = new_patient()
    assert link_account(owner).patient.id == owner


@AGAIN
def test_of_two_patients_who_link_the_same_account_at_once_exactly_one_wins(
    store, new_patient, link_account, at_once, turn
):
    one, other = new_patient(), new_patient()

    ends = at_once(lambda: link_account(one), lambda: link_account(other))

    assert [type(end).__name__ for end in ends].count("Link") == 1
    assert [isinstance(end, AccountAlreadyLinked) for end in ends].count(True) == 1
    assert len(live(store, one, other)) == 1


def test_a_patient_who_links_two_accounts_at_once_ends_with_one(
    store, new_patient, link_account, after_both_wait
):
    patient = new_patient()

    ends = after_both_wait(
        "SELECT 1 FROM patients FOR UPDATE",
        lambda: link_account(patient, "one"),
        lambda: link_account(patient, "two"),
    )

    assert [type(end).__name__ for end in ends] == ["Link", "Link"]
    assert len(live(store, patient)) == 1


def test_of_a_yes_and_a_no_at_once_exactly_one_counts(
    store, new_patient, link_account, after_both_wait
):
    link = link_account(new_patient())

    yes, no = after_both_wait(
        "SELECT 1 FROM provider_links FOR UPDATE",
        lambda: store.confirm_link(link.id, zone=BERLIN),
        lambda: store.discard_link(link.id),
    )

    if isinstance(no, NotFound):
        assert store.link(link.id).state is LinkState.ACTIVE
    else:
        assert no is None
        assert isinstance(yes, NotFound)
        assert store.links_of(link.patient.id) == []


def test_a_confirmed_link_cannot_be_discarded_or_confirmed_again(store, active_link):
    with pytest.raises(NotFound):
        store.discard_link(active_link.id)
    with pytest.raises(NotFound):
        store.confirm_link(active_link.id, zone=ZoneInfo("UTC"))

    assert store.link(active_link.id).zone == BERLIN


def test_a_discarded_link_is_gone_with_its_tokens(new_patient, link_account, store, dump, sql):
    link = link_account(new_patient())
    store.discard_link(link.id)

    assert sql("SELECT * FROM provider_links") == sql("SELECT * FROM link_tokens") == []
    # What is left is the note that it was there.
    assert [entry.what for entry in store.audit(link_id=link.id)] == ["linked", "discarded"]
    sql("TRUNCATE audit_log")
    assert link.id.encode() not in dump()


def test_no_link_is_active_without_a_zone(new_patient, link_account, store):
    link = link_account(new_patient())
    with pytest.raises(IntegrityError) as caught:
        store.set_state(link.id, LinkState.ACTIVE)

    assert "CANARY" not in str(caught.value)
    assert store.link(link.id).state is LinkState.UNCONFIRMED


def test_a_patient_who_does_not_exist_links_nothing(link_account):
    with pytest.raises(NotFound):
        link_account("aaaaaaaaaaaa")


@pytest.mark.parametrize("question", ["link", "tokens"])
def test_a_link_that_does_not_exist_is_not_found(store, question):
    with pytest.raises(NotFound):
        getattr(store, question)("aaaaaaaaaaaa")


def test_links_are_listed_in_the_order_in_which_they_were_made(store, new_patient, link_account):
    made = []
    for n in range(5):
        made.append(link_account(new_patient(), f"user-{n}").id)
        store.confirm_link(made[-1], zone=BERLIN)

    assert store.active_link_ids("withings") == made
    assert [status.id for status in store.statuses(provider="withings")] == made


def test_a_status_tells_the_last_success_and_the_last_outcome(store, active_link, today):
    store.record_days(active_link.id, [DayResult(day=today, outcome=Outcome.SYNCED)], run_id="r1")
    store.record_days(active_link.id, [DayResult(day=today, outcome=Outcome.EHR_DOWN)], run_id="r2")

    [status] = store.statuses(patient_id=active_link.patient.id)

    assert status.last_success_day == today
    assert status.last_success_at is not None
    assert status.last_outcome == "ehr_down"
    assert status.zone == "Europe/Berlin"


def test_statuses_of_a_patient_are_nobody_elses(store, active_link, new_patient):
    assert store.statuses(patient_id=new_patient()) == []
    assert store.statuses(provider="pulse") == []


def test_an_account_copied_to_another_link_does_not_open(store, new_patient, link_account, sql):
    one, other = link_account(new_patient(), "user-1"), link_account(new_patient(), "user-2")
    sql(
        "UPDATE provider_links SET account_sealed = "
        "(SELECT account_sealed FROM provider_links WHERE id = :one) WHERE id = :other",
        one=one.id,
        other=other.id,
    )

    assert store.link(one.id).vendor_user == "user-1"
    with pytest.raises(VaultError):
        store.link(other.id)
