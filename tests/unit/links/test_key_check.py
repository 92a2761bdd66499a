"""The trial of every data key: what is counted as opened, and under which key's name as not."""

import pytest

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault


@pytest.fixture
def store_with(database_url):
    """The same database, opened with another key-encryption key."""
    opened = []

    def give(key, *, key_id):
        vault = Vault(key, key_id=key_id)
        opened.append(open_store(database_url, vault, identifier_secret="identifier-secret" * 3))
        return opened[-1]

    yield give
    for one in opened:
        one.close()


@pytest.fixture
def held(store, active_link):
    """One link, one EHR with a credential, one pending authorization with a verifier."""
    store.save_ehr(
        name="second",
        url="https://second.example/fhir",
        auth="bearer",
        username=None,
        credential="CANARY",
        timeout_seconds=5,
    )
    store.start_authorization(
        patient_id=active_link.patient.id,
        provider="withings",
        session_hash="session",
        code_verifier="CANARY",
    )


def test_the_key_that_sealed_them_opens_links_credentials_and_authorizations(store, held):
    report = store.key_report()

    assert (report.opened, report.closed) == (3, {})


def test_other_bytes_under_the_same_name_open_nothing(store_with, held):
    report = store_with(b"x" * 32, key_id="1").key_report()

    assert (report.opened, report.closed) == (0, {"1": 3})


def test_rows_of_another_key_are_counted_under_its_name(store_with, held):
    report = store_with(b"k" * 32, key_id="2").key_report()

    assert (report.opened, report.closed) == (0, {"1": 3})


def test_a_row_that_was_changed_is_counted_and_the_others_still_open(store, held, sql):
    sql("UPDATE provider_links SET wrapped_key = decode('0001', 'hex')")

    report = store.key_report()

    assert (report.opened, report.closed) == (2, {"1": 1})


def test_a_link_whose_key_was_destroyed_is_no_row_that_cannot_be_opened(store, active_link, sql):
    sql("UPDATE provider_links SET state = 'unlinked', wrapped_key = NULL, key_id = NULL")

    report = store.key_report()

    assert (report.opened, report.closed) == (0, {})
