"""EHR connections: one per name, their credentials sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ohx_pipelines.errors import NotFound, VaultError
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault


@pytest.fixture
def save(store):
    def give(name="clinic", **changes):
        given = {
            "url": "https://ehr.example/fhir",
            "auth": "bearer",
            "username": None,
            "credential": "credential-CANARY",
            "timeout_seconds": 12.5,
        }
        return store.save_ehr(name=name, **given | changes)

    return give


def test_a_connection_comes_back_as_it_was_saved(store, save):
    saved = save(auth="basic", username="portal")

    assert store.ehr(saved.id) == store.ehr_by_name("clinic") == saved
    assert (saved.url, saved.auth, saved.username) == (
        "https://ehr.example/fhir",
        "basic",
        "portal",
    )
    assert (saved.credential, saved.timeout_seconds) == ("credential-CANARY", 12.5)


def test_what_a_client_has_comes_back_as_it_was_saved(store, save):
    saved = save(
        auth="client_credentials_basic",
        client_id="ohx",
        scope="system/Observation.crus",
        token_url="https://login.example/token",
        write_mode="conditional-create",
    )

    assert store.ehr(saved.id) == saved
    assert (saved.client_id, saved.scope) == ("ohx", "system/Observation.crus")
    assert (saved.token_url, saved.write_mode) == (
        "https://login.example/token",
        "conditional-create",
    )


def test_a_new_connection_is_written_by_id_and_was_not_checked(save):
    saved = save()

    assert (saved.write_mode, saved.checked_at, saved.check_answer) == ("put-id", None, None)


def test_what_a_check_found_is_kept_with_its_time(store, save):
    save()
    before = datetime.now(UTC) - timedelta(seconds=2)
    checked = store.save_ehr_check(
        "clinic", write_mode="conditional-update", answer={"fhir": "5.0.0", "why": ["ids"]}
    )

    assert store.ehr_by_name("clinic") == checked
    assert checked.write_mode == "conditional-update"
    assert checked.check_answer == {"fhir": "5.0.0", "why": ["ids"]}
    assert before < checked.checked_at < datetime.now(UTC) + timedelta(seconds=2)


def test_a_check_that_could_not_decide_keeps_the_mode(store, save):
    save(write_mode="conditional-create")

    assert store.save_ehr_check("clinic", write_mode=None, answer={}).write_mode == (
        "conditional-create"
    )


def test_saving_again_keeps_what_a_check_found_and_another_address_forgets_it(store, save):
    save()
    checked = store.save_ehr_check("clinic", write_mode="conditional-update", answer={"a": 1})

    again = save(credential="other", client_id="new")
    assert (again.write_mode, again.checked_at, again.check_answer) == (
        "conditional-update",
        checked.checked_at,
        {"a": 1},
    )
    moved = save(url="https://new.example/fhir")
    assert (moved.write_mode, moved.checked_at, moved.check_answer) == ("put-id", None, None)
    assert save(url="https://third.example/fhir", write_mode="conditional-create").write_mode == (
        "conditional-create"
    )


def test_a_write_mode_is_set_by_hand(store, save):
    save()
    store.set_write_mode("clinic", "conditional-create")

    assert store.ehr_by_name("clinic").write_mode == "conditional-create"
    with pytest.raises(NotFound, match="ohx ehr list"):
        store.set_write_mode("nobody", "put-id")
    with pytest.raises(NotFound, match="ohx ehr list"):
        store.save_ehr_check("nobody", write_mode="put-id", answer={})


def test_the_database_takes_no_write_mode_that_nobody_knows(store, save):
    save()
    with pytest.raises(IntegrityError, match="write_mode"):
        store.set_write_mode("clinic", "sometimes")


def test_what_is_left_out_is_kept_until_it_is_said_anew_or_the_address_changes(store, save):
    assert save().leave_out == ()
    store.set_left_out("clinic", ["Provenance", "Consent"])

    assert store.ehr_by_name("clinic").leave_out == ("Provenance", "Consent")
    assert save(credential="other").leave_out == ("Provenance", "Consent")
    assert save(leave_out=["DeviceDefinition"]).leave_out == ("DeviceDefinition",)
    assert save(url="https://new.example/fhir").leave_out == ()
    with pytest.raises(NotFound, match="ohx ehr list"):
        store.set_left_out("nobody", [])


def test_the_database_takes_the_blind_mode(store, save):
    save(write_mode="blind")

    assert store.ehr_by_name("clinic").write_mode == "blind"


def test_saving_the_same_name_again_keeps_the_id_and_takes_the_new_values(store, save):
    first = save()
    again = save(url="https://new.example/fhir", credential="other")

    assert again.id == first.id
    assert store.ehr(first.id).url == "https://new.example/fhir"
    assert store.ehr(first.id).credential == "other"


def test_a_credential_that_is_no_longer_given_is_gone(store, save, sql):
    first = save()
    save(auth="none", credential=None)

    assert store.ehr(first.id).credential is None
    assert sql("SELECT credential_sealed, wrapped_key, key_id FROM ehr_connections") == [
        (None, None, None)
    ]


def test_two_processes_that_save_the_default_at_once_make_one(store, save, at_once):
    ids = at_once(*[lambda: save("default").id] * 4)

    assert ids == [store.ehr_by_name("default").id] * 4


def test_no_credential_is_readable_at_rest_or_in_a_repr(save, dump):
    assert "CANARY" not in repr(save())
    assert b"CANARY" not in dump()


def test_a_credential_copied_to_another_connection_does_not_open(store, save, sql):
    one, other = save("one"), save("other")
    sql(
        "UPDATE ehr_connections SET (credential_sealed, wrapped_key) = "
        "(SELECT credential_sealed, wrapped_key FROM ehr_connections WHERE id = :one) "
        "WHERE id = :other",
        one=one.id,
        other=other.id,
    )

    with pytest.raises(VaultError):
        store.ehr(other.id)


def test_a_connection_that_cannot_be_opened_does_not_bar_the_others(store, save, sql):
    save("clinic")
    save("broken")
    sql("UPDATE ehr_connections SET credential_sealed = '\\x01' WHERE name = 'broken'")

    assert store.ehr_by_name("clinic").credential == "credential-CANARY"


def test_another_token_key_opens_no_credential(save, database_url):
    saved = save()
    other = open_store(database_url, Vault(b"x" * 32, key_id="1"), identifier_secret="i" * 40)
    with pytest.raises(VaultError) as caught:
        other.ehr(saved.id)
    other.close()

    assert "CANARY" not in str(caught.value)


def test_connections_are_listed_by_name(store, save):
    for name in ("b", "a", "c"):
        save(name)

    assert [one.name for one in store.ehrs()] == ["a", "b", "c"]


def test_an_unknown_connection_is_not_found_and_the_list_is_pointed_to(store, save):
    save()
    with pytest.raises(NotFound):
        store.ehr("aaaaaaaaaaaa")
    with pytest.raises(NotFound, match="ohx ehr list"):
        store.ehr_by_name("nobody")
