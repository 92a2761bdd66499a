"""What a patient shares: chosen by its owner, kept through a renewal, and told by the log."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import NotFound
from ohx_pipelines.links.records import ENDED, LinkState

BERLIN = ZoneInfo("Europe/Berlin")
WHO = "patient p-1"


def version(store, link):
    return store.record_to_copy(link).version


def log(store, link):
    return [(one.what, one.detail, one.who) for one in store.audit(link_id=link)]


@pytest.fixture
def link(store, active_link):
    """An active link of which body and blood_pressure are shared."""
    store.share(active_link.id, ["body", "blood_pressure"], who="operator o")
    return active_link.id


def test_what_is_shared_from_now_on_is_just_what_was_chosen(store, link):
    assert store.share(link, ["blood_pressure", "steps"], who=WHO)

    assert store.link(link).data_types == ("blood_pressure", "steps")
    assert store.consent(link) == {"blood_pressure", "steps"}
    assert [one.data_types for one in store.statuses(link_id=link)] == [("blood_pressure", "steps")]


def test_a_choice_is_dated_and_the_first_yes_keeps_its_date(store, link):
    before = store.record_to_copy(link)
    store.share(link, ["body", "steps"], who=WHO)
    after = store.record_to_copy(link)

    assert after.since == before.since <= before.chosen < after.chosen


def test_each_change_is_a_line_of_the_log(store, link):
    store.share(link, ["body", "steps"], who=WHO)

    assert log(store, link)[-2:] == [
        ("shared", "steps", WHO),
        ("no_longer_shared", "blood_pressure", WHO),
    ]


def test_many_long_names_are_all_told(store, link):
    names = [f"a_data_type_with_quite_a_long_name_{n:02}" for n in range(20)]

    store.share(link, names, who=WHO)

    told = [detail for what, detail, _ in log(store, link) if what == "shared"]
    assert set(names) <= set(told)


def test_a_change_makes_the_copy_in_the_ehr_due(store, link):
    before = version(store, link)
    store.note_record_written(link, before)

    store.share(link, ["body"], who=WHO)

    assert version(store, link) == before + 1
    assert store.record_to_copy(link).is_due


@pytest.mark.parametrize(
    "same", [["body", "blood_pressure"], ["blood_pressure", "body"], ["body", "blood_pressure"] * 2]
)
def test_the_same_choice_again_changes_nothing(store, link, same):
    before, said = version(store, link), log(store, link)

    assert not store.share(link, same, who=WHO)

    assert (version(store, link), log(store, link)) == (before, said)


def test_to_share_nothing_is_refused_and_nothing_changes(store, link):
    before = version(store, link)

    with pytest.raises(ValueError, match="at least one"):
        store.share(link, [], who=WHO)

    assert store.consent(link) == {"body", "blood_pressure"}
    assert version(store, link) == before


@pytest.mark.parametrize("state", sorted(ENDED))
def test_of_an_ended_link_nothing_can_be_shared(store, link, state):
    store.set_state(link, state)

    with pytest.raises(NotFound, match="has ended"):
        store.share(link, ["body"], who=WHO)

    assert set(store.record_to_copy(link).data_types) == {"body", "blood_pressure"}


def test_of_a_link_that_does_not_exist_nothing_can_be_shared(store):
    with pytest.raises(NotFound):
        store.share("aaaaaaaaaaaa", ["body"], who=WHO)


def test_a_choice_before_the_yes_is_kept_and_the_ehr_hears_nothing_of_it(
    store, new_patient, link_account
):
    link = link_account(new_patient()).id

    store.share(link, ["blood_pressure"], who=WHO)

    assert version(store, link) == 0
    assert store.consent(link) == frozenset()
    store.confirm_link(link, zone=BERLIN)
    assert store.consent(link) == {"blood_pressure"}


@pytest.mark.parametrize("state", [LinkState.ACTIVE, LinkState.NEEDS_RELINK])
def test_renewing_the_permission_keeps_the_choice(store, link, link_account, state):
    store.share(link, ["body"], who=WHO)
    store.set_state(link, state)

    # The fixture's data type is another one.
    renewed = link_account(store.link(link).patient.id, number=2)

    assert renewed.id == link
    assert renewed.data_types == ("body",)
    assert store.consent(link) == {"body"}


def ended(store, link):
    store.share(link, ["body"], who=WHO)
    store.begin_unlink(link, who=WHO)
    store.destroy_keys_untold(link, who=WHO)
    return store.record_to_copy(link)


def test_an_end_that_the_ehr_was_not_told_yet_is_the_end_of_what_was_shared(
    store, link, link_account
):
    before = ended(store, link)

    again = link_account(before.patient.id, number=2)

    assert again.data_types == ("body",)
    assert store.record_to_copy(link).data_types == ("body",)


def test_whoever_comes_back_after_the_end_chooses_anew(store, link, link_account):
    before = ended(store, link)
    store.note_record_written(link, before.version)
    patient = before.patient.id

    again = link_account(patient, number=2)

    assert again.id == link
    assert again.data_types == ("weight",)
    assert store.consent(link) == frozenset()


@pytest.fixture
def renew(store, active_link, new_grant):
    """The owner comes back from the vendor once more; `refused` is what was not allowed there."""

    def give(*refused):
        return store.save_link(
            patient_id=active_link.patient.id,
            provider="withings",
            grant=new_grant(number=2),
            data_types=["steps"],
            refused=refused,
        )

    return give


def test_a_renewal_leaves_out_what_the_vendor_was_not_let_give(store, link, renew):
    before, chosen_at = store.record_to_copy(link), store.chosen_at(link)

    renewed = renew("body", "sleep")

    assert (renewed.state, renewed.data_types) == (LinkState.ACTIVE, ("blood_pressure",))
    assert renewed.left_out == ("body",)
    assert store.consent(link) == {"blood_pressure"}
    who = f"patient {renewed.patient.id}"
    assert log(store, link)[-2:] == [("linked_again", None, who), ("no_longer_shared", "body", who)]
    assert store.record_to_copy(link).version > before.version
    assert store.chosen_at(link) > chosen_at


def test_a_renewal_of_which_nothing_would_remain_leaves_the_choice_as_it_was(store, link, renew):
    chosen_at = store.chosen_at(link)

    renewed = renew("body", "blood_pressure")

    assert renewed.data_types == ("body", "blood_pressure")
    assert (renewed.left_out, store.chosen_at(link)) == ((), chosen_at)


def test_a_renewal_that_refuses_nothing_shared_is_no_new_choice(store, link, renew):
    chosen_at = store.chosen_at(link)

    assert renew("sleep").left_out == ()

    assert store.chosen_at(link) == chosen_at
    assert log(store, link)[-1][0] == "linked_again"


@pytest.mark.parametrize("state", [LinkState.UNLINKED, LinkState.UNCONFIRMED])
def test_whoever_is_asked_anew_is_not_told_of_anything_left_out(store, link, renew, state):
    store.set_state(link, state)

    renewed = renew("body")

    assert (renewed.state, renewed.data_types) == (LinkState.UNCONFIRMED, ("steps",))
    assert renewed.left_out == ()


def test_what_the_ehr_is_still_to_be_told_of_an_end_stays_what_was_shared_until_then(
    store, link, renew
):
    store.begin_unlink(link, who=WHO)

    renewed = renew("body")

    assert (renewed.state, renewed.left_out) == (LinkState.UNCONFIRMED, ())
    assert renewed.data_types == ("body", "blood_pressure")
