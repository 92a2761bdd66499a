"""The vault: what was sealed opens for its own row, field and version, unchanged, or not at all."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.errors import VaultError
from ohx_pipelines.links.vault import Vault

TOKEN = "access-token-CANARY"
PLACE = {"owner": "link-one", "name": "access-token", "version": 3}


@pytest.fixture
def vault():
    return Vault(b"k" * 32, key_id="first")


@pytest.fixture
def data_key(vault):
    return vault.new_data_key("link-one")[0]


@pytest.fixture
def sealed(vault, data_key):
    return vault.seal(data_key, TOKEN, **PLACE)


@given(text=st.text())
def test_every_text_comes_back_as_it_was(text):
    vault = Vault(b"k" * 32, key_id="first")
    key, wrapped = vault.new_data_key("link-one")

    again = vault.open_data_key(wrapped, owner="link-one")

    assert vault.open(again, vault.seal(key, text, **PLACE), **PLACE) == text


def test_no_flipped_bit_opens(vault, data_key, sealed):
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultError):
            vault.open(data_key, bytes(changed), **PLACE)


def test_no_flipped_bit_of_a_wrapped_key_opens(vault):
    _, wrapped = vault.new_data_key("link-one")
    for position in range(len(wrapped.sealed) * 8):
        changed = bytearray(wrapped.sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultError):
            vault.open_data_key(
                type(wrapped)(key_id="first", sealed=bytes(changed)), owner="link-one"
            )


def test_nothing_cut_short_opens(vault, data_key, sealed):
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            vault.open(data_key, sealed[:length], **PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [{"owner": "link-two"}, {"name": "refresh-token"}, {"version": 2}, {"version": 4}],
    ids=["another link", "another field", "an older version", "a newer version"],
)
def test_a_value_copied_elsewhere_does_not_open(vault, data_key, sealed, elsewhere):
    assert vault.open(data_key, sealed, **PLACE) == TOKEN
    with pytest.raises(VaultError):
        vault.open(data_key, sealed, **PLACE | elsewhere)


def test_a_wrapped_key_copied_to_another_link_does_not_open(vault):
    _, wrapped = vault.new_data_key("link-one")
    with pytest.raises(VaultError):
        vault.open_data_key(wrapped, owner="link-two")


def test_another_data_key_does_not_open(vault, sealed):
    other, _ = vault.new_data_key("link-one")
    with pytest.raises(VaultError):
        vault.open(other, sealed, **PLACE)


def test_another_key_encryption_key_does_not_open(vault):
    _, wrapped = vault.new_data_key("link-one")
    with pytest.raises(VaultError):
        Vault(b"x" * 32, key_id="first").open_data_key(wrapped, owner="link-one")


def test_a_row_sealed_with_a_key_of_another_name_says_which_one_is_needed(vault):
    _, wrapped = vault.new_data_key("link-one")
    with pytest.raises(VaultError, match="'first'"):
        Vault(b"k" * 32, key_id="second").open_data_key(wrapped, owner="link-one")


@pytest.mark.parametrize("key", [b"", b"k" * 16, b"k" * 31, b"k" * 33])
def test_a_key_that_is_missing_or_of_another_length_is_refused(key):
    with pytest.raises(VaultError):
        Vault(key, key_id="first")


def test_every_link_gets_a_data_key_of_its_own(vault):
    keys = {vault.new_data_key("link-one")[0] for _ in range(50)}

    assert len(keys) == 50
    assert {len(key) for key in keys} == {32}


def test_the_same_token_never_looks_the_same_twice(vault, data_key):
    assert len({vault.seal(data_key, TOKEN, **PLACE) for _ in range(50)}) == 50


def test_neither_text_nor_key_is_readable_in_what_is_stored(vault):
    key, wrapped = vault.new_data_key("link-one")

    assert TOKEN.encode() not in vault.seal(key, TOKEN, **PLACE)
    assert key not in wrapped.sealed


def test_no_secret_is_in_a_repr_or_an_error(vault):
    key, wrapped = vault.new_data_key("link-one")
    sealed = vault.seal(key, TOKEN, **PLACE)
    with pytest.raises(VaultError) as caught:
        vault.open(key, sealed, **PLACE | {"version": 9})
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.args)

    for text in (shown, repr(vault), repr(wrapped)):
        assert "CANARY" not in text
        for secret in (b"k" * 32, key, sealed, wrapped.sealed):
            assert repr(secret)[2:-1] not in text
            assert secret.hex() not in text


def test_hashes_find_the_same_account_and_keep_parts_apart(vault):
    same = Vault(b"k" * 32, key_id="another name")

    assert vault.keyed_hash("withings", "12") == same.keyed_hash("withings", "12")
    assert vault.keyed_hash("withings", "12") != vault.keyed_hash("withings1", "2")
    assert vault.keyed_hash("withings", "12") != vault.keyed_hash("withings", "12", "")


def test_hashes_cannot_be_made_without_the_key(vault):
    other = Vault(b"x" * 32, key_id="first")
    assert vault.keyed_hash("withings", "12") != other.keyed_hash("withings", "12")
