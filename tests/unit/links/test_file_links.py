"""Links that files make: active at once, the same for the same patient, ended and begun anew."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.errors import AccountAlreadyLinked, NotFound
from ohx_pipelines.links.file_links import FileLinkChanged
from ohx_pipelines.links.records import ENDED, LinkState, RecordState
from ohx_pipelines.unlinking import finish_unlink

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
WHO = "operator test"


class NoVendor:
    """Whoever is told of an end and has nothing to do."""

    def revoke(self, *, user, refresh_token):
        self.told = (user, refresh_token)


@pytest.fixture
def open_link(store):
    def give(
        patient_id, *, provider="scales", zone=BERLIN, data_types=("body", "glucose"), **expected
    ):
        return store.open_file_link(
            patient_id=patient_id, provider=provider, zone=zone, data_types=data_types, **expected
        )

    return give


def deeds(store, link_id):
    return [(entry.who, entry.what) for entry in store.audit(link_id=link_id)]


def ended(store, link_id):
    store.begin_unlink(link_id, who=WHO)
    return finish_unlink(store, NoVendor(), link_id)


def test_a_files_link_is_active_at_once_and_the_log_tells_the_patients_yes(
    store, new_patient, open_link
):
    patient = new_patient()

    link = open_link(patient)

    assert (link.state, link.zone, link.data_types) == (
        LinkState.ACTIVE,
        BERLIN,
        ("body", "glucose"),
    )
    assert (link.provider, link.patient.id, link.scopes) == ("scales", patient, frozenset())
    assert link.confirmed_at is not None
    assert store.active_link_ids("scales") == [link.id]
    assert deeds(store, link.id) == [
        (f"patient {patient}", deed) for deed in ("linked", "confirmed")
    ]
    assert store.link(link.id) == link


def test_a_files_link_has_no_tokens(store, new_patient, open_link):
    link = open_link(new_patient())

    with pytest.raises(NotFound):
        store.tokens(link.id)


def test_the_ehr_is_to_be_told_of_a_new_files_link(store, new_patient, open_link):
    link = open_link(new_patient())

    record = store.record_to_copy(link.id)

    assert record.is_due
    assert (record.since, record.chosen, record.until) == (
        link.confirmed_at,
        link.confirmed_at,
        None,
    )
    assert store.due_records("scales", most=5, ended=False) == [link.id]
    assert store.consent(link.id) == {"body", "glucose"}


def test_the_next_file_finds_the_link_as_it_is(store, new_patient, open_link):
    patient = new_patient()
    first = open_link(patient)
    store.share(first.id, ["body"], who=f"patient {patient}")

    again = open_link(patient, zone=TOKYO, data_types=["glucose"])

    assert (again.id, again.zone, again.data_types) == (first.id, BERLIN, ("body",))
    assert [what for _, what in deeds(store, first.id)] == [
        "linked",
        "confirmed",
        "no_longer_shared",
    ]


def test_who_knows_how_the_link_stands_is_given_it(store, new_patient, open_link):
    patient = new_patient()

    first = open_link(patient, expected=None)

    assert open_link(patient, expected=first.id).id == first.id
    store.begin_unlink(first.id, who=WHO)
    assert open_link(patient, expected=None).state is LinkState.ACTIVE


def test_a_link_that_ended_meanwhile_is_not_begun_anew(store, new_patient, open_link):
    patient = new_patient()
    first = open_link(patient)

    for end in (lambda: store.begin_unlink(first.id, who=WHO), lambda: ended(store, first.id)):
        end()
        before = deeds(store, first.id)
        with pytest.raises(FileLinkChanged):
            open_link(patient, expected=first.id)
        assert store.link_state(first.id) in ENDED
        assert deeds(store, first.id) == before


def test_a_link_that_nobody_knew_of_is_not_taken(store, new_patient, open_link):
    patient = new_patient()
    first = open_link(patient, data_types=["body"])

    with pytest.raises(FileLinkChanged):
        open_link(patient, expected=None)
    assert store.link(first.id).data_types == ("body",)


def test_apps_and_patients_have_links_of_their_own(store, new_patient, open_link):
    one, other = new_patient(), new_patient()

    ids = {
        open_link(patient, provider=app).id
        for patient in (one, other)
        for app in ("scales", "cuffs")
    }

    assert len(ids) == 4
    assert len(store.links_of(one)) == 2


def test_an_ended_files_link_leaves_nothing_and_comes_back_under_its_id(
    store, new_patient, open_link
):
    patient = new_patient()
    first = open_link(patient)

    assert ended(store, first.id).done
    assert store.link(first.id).vendor_user is None

    again = open_link(patient, zone=TOKYO, data_types=["glucose"])

    assert (again.id, again.state) == (first.id, LinkState.ACTIVE)
    assert (again.zone, again.data_types) == (TOKYO, ("glucose",))
    assert [what for _, what in deeds(store, first.id)][-2:] == ["linked_again", "confirmed"]
    assert store.record_to_copy(first.id).until is None
    assert ended(store, first.id).done


def test_a_files_link_that_is_being_ended_is_begun_anew(store, new_patient, open_link):
    patient = new_patient()
    first = open_link(patient)
    store.note_record_written(first.id, store.record_to_copy(first.id).version)
    store.begin_unlink(first.id, who=WHO)
    store.note_revoke_failed(first.id, "internal", who=WHO)

    again = open_link(patient, data_types=["body"])

    assert (again.id, again.state, again.data_types) == (first.id, LinkState.ACTIVE, ("body",))
    assert store.pending_unlink(first.id) is None
    assert store.due_records("scales", most=5, ended=True) == []
    [status] = store.statuses(link_id=first.id)
    assert status.record is RecordState.DUE


def test_an_end_that_comes_after_a_new_beginning_ends_nothing(store, new_patient, open_link):
    patient = new_patient()
    first = open_link(patient)
    store.begin_unlink(first.id, who=WHO)
    pending = store.pending_unlink(first.id)
    open_link(patient)

    assert not store.destroy_keys(first.id, version=pending.version, who=WHO)
    assert store.link_state(first.id) is LinkState.ACTIVE


def test_a_link_is_begun_anew_under_a_new_data_key(new_patient, open_link, store, sql):
    keys = "SELECT wrapped_key FROM provider_links"
    patient = new_patient()
    link = open_link(patient)
    [(before,)] = sql(keys)
    before = bytes(before)
    store.begin_unlink(link.id, who=WHO)
    open_link(patient)

    assert [bytes(key) for (key,) in sql(keys)] != [before]


def test_a_patient_who_uploads_two_files_at_once_has_one_link(
    store, new_patient, open_link, after_both_wait
):
    patient = new_patient()

    ends = after_both_wait(
        "SELECT 1 FROM patients FOR UPDATE",
        lambda: open_link(patient),
        lambda: open_link(patient, zone=TOKYO),
    )

    assert len({end.id for end in ends}) == 1
    assert len(store.links_of(patient)) == 1
    assert ends[0].zone == ends[1].zone


def test_there_is_no_link_of_nobody(open_link):
    with pytest.raises(NotFound):
        open_link("aaaaaaaaaaaa")


def test_somebody_else_who_signs_in_for_the_same_record_has_no_second_link(store, ehr, open_link):
    mother, father = (
        store.patient_signed_in(
            ehr_connection_id=ehr.id, fhir_id="kim", issuer="https://login.example", subject=subject
        ).id
        for subject in ("mother", "father")
    )
    link = open_link(mother)

    with pytest.raises(AccountAlreadyLinked):
        open_link(father)

    whose = store.link(link.id).vendor_user
    assert ended(store, link.id).done
    # The same readings of the same record, whoever uploads them: they keep their ids.
    assert store.link(open_link(father).id).vendor_user == whose
