"""The default EHR connection at a start, and a stored one as the FHIR room gets it."""

import pytest
from joserfc.jwk import ECKey

from ohx_pipelines.ehr_settings import EhrSettings
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.signing_in.signing_keys import new_signing_key
from ohx_pipelines.opening import (
    fhir_connection,
    providers_from,
    save_default_ehr,
    sources_from,
)
from tests.unit.dagster_settings import some_settings

URL = "https://ehr.example/fhir"


@pytest.fixture
def start(store):
    """Start with such settings; give the connection as the next process finds it."""

    def give(**changes):
        saved = save_default_ehr(store, EhrSettings(**{"url": URL} | changes))
        return store.ehr(saved.id)

    return give


@pytest.mark.parametrize(
    "given",
    [
        {"auth": "none"},
        {"auth": "bearer", "token": "t0"},
        {"auth": "basic", "username": "us", "password": "pw"},
        {"auth": "client_credentials_basic", "client_id": "o", "client_secret": "cs"},
        {"auth": "client_credentials_body", "client_id": "o", "client_secret": "cs"},
        {"auth": "smart_backend", "client_id": "o", "token_url": "https://login.example/t/"},
    ],
    ids=lambda given: given["auth"],
)
def test_every_kind_travels_from_the_settings_to_the_requests_through_the_store(start, given):
    more = {"scope": "system/*.rs", "write_mode": "conditional-update", "timeout_seconds": 7}

    assert fhir_connection(start(**given, **more)) == FhirConnection(url=URL, **given, **more)


def test_a_secret_of_another_kind_than_the_chosen_one_is_not_kept(start):
    stored = start(auth="none", token="CANARY", password="CANARY", client_secret="CANARY")

    assert stored.credential is None


def test_what_a_check_found_survives_a_restart(store, start):
    start()
    store.save_ehr_check("default", write_mode="conditional-create", answer={"a": 1})

    again = start()

    assert (again.write_mode, again.check_answer) == ("conditional-create", {"a": 1})
    assert again.checked_at is not None


def test_the_settings_word_on_the_write_mode_counts_at_every_start(store, start):
    start()
    store.save_ehr_check("default", write_mode="conditional-create", answer={"a": 1})

    again = start(write_mode="conditional-update")

    assert (again.write_mode, again.check_answer) == ("conditional-update", {"a": 1})


def test_the_settings_word_on_what_is_left_out_counts_and_silence_keeps_what_was_chosen(
    store, start
):
    assert start().leave_out == ()
    store.set_left_out("default", ["Provenance"])

    assert start().leave_out == ("Provenance",)
    assert start(leave_out="Consent,DeviceAssociation").leave_out == (
        "DeviceAssociation",
        "Consent",
    )
    assert start(leave_out="none").leave_out == ()


def test_another_address_is_another_server_that_nobody_checked(store, start):
    start()
    store.save_ehr_check("default", write_mode="conditional-create", answer={"a": 1})
    store.set_left_out("default", ["Consent"])

    moved = start(url="https://other.example/fhir")

    assert (moved.write_mode, moved.checked_at, moved.check_answer) == ("put-id", None, None)
    assert moved.leave_out == ()


def test_a_key_that_was_made_survives_a_restart(store, start):
    start(auth="smart_backend", client_id="o")
    store.add_ehr_key("default", new_signing_key())
    made = store.ehr_by_name("default").private_key

    assert start(auth="smart_backend", client_id="o").private_key == made is not None


def test_a_key_file_is_what_signs_also_after_another_was_made(store, start, tmp_path):
    file = tmp_path / "key.pem"
    own = ECKey.generate_key("P-384")
    file.write_bytes(own.as_pem(private=True))
    start(auth="smart_backend", client_id="o")
    store.add_ehr_key("default", new_signing_key())

    for _ in range(2):
        stored = start(auth="smart_backend", client_id="o", private_key_file=file)
        assert own.thumbprint() in stored.private_key
    assert len(store.published_keys()) == 2


@pytest.mark.parametrize("content", [None, b"CANARY"])
def test_a_key_file_that_is_of_no_use_stops_the_start_and_names_the_setting(
    start, tmp_path, content
):
    file = tmp_path / "CANARY.pem"
    if content:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match="OHX_EHR__PRIVATE_KEY_FILE") as caught:
        start(auth="smart_backend", client_id="o", private_key_file=file)
    assert "CANARY" not in str(caught.value)


def test_links_of_files_can_be_ended_wherever_those_of_clouds_can(store):
    settings = some_settings(uploads={"apps": "none"})

    clouds, sources = providers_from(settings, store), sources_from(settings, store)

    assert set(clouds) == {"withings"}
    assert set(sources) == {"withings", "beurer", "omron_connect"}
    assert sources["beurer"].devices(None) == []
    sources["beurer"].revoke(user="u", refresh_token=None)
