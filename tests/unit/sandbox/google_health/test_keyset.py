"""The keys of notifications: what is published, and whose signature counts."""

import base64

import pytest

from sandbox.google_health.keyset import Keyset
from tests.unit.sandbox.google_health.tink import fields_of, is_signed, public_key

BODY = b'{"data":{"dataType":"steps"}}'


@pytest.fixture
def keyset():
    return Keyset()


def test_a_signature_is_judged_by_the_published_keys_alone(keyset):
    header = keyset.sign(BODY)

    assert is_signed(header, BODY, keyset.as_json())
    assert not is_signed(header, BODY + b" ", keyset.as_json())
    assert not is_signed(header, BODY, Keyset().as_json())


def test_a_signature_begins_with_tinks_byte_and_the_number_of_the_key(keyset):
    raw = base64.b64decode(keyset.sign(BODY))

    assert raw[0] == 1
    assert int.from_bytes(raw[1:5], "big") == keyset.as_json()["primaryKeyId"]
    # DER: a sequence of two integers.
    assert raw[5] == 0x30


def test_the_keyset_is_written_as_tink_writes_it(keyset):
    [entry] = keyset.as_json()["key"]

    assert entry["status"] == "ENABLED"
    assert entry["outputPrefixType"] == "TINK"
    assert entry["keyData"]["typeUrl"] == "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
    assert entry["keyData"]["keyMaterialType"] == "ASYMMETRIC_PUBLIC"
    value = fields_of(base64.b64decode(entry["keyData"]["value"]))
    # Hash SHA256, curve NIST P-256, encoding DER; the version is 0.
    assert fields_of(value[2]) == {1: 3, 2: 2, 3: 2}
    assert value.get(1, 0) == 0
    assert public_key(entry).key_size == 256


def test_after_a_rotation_both_keys_count_and_the_new_one_signs(keyset):
    before = keyset.sign(BODY)
    number = keyset.rotate()
    after = keyset.sign(BODY)

    shown = keyset.as_json()
    assert shown["primaryKeyId"] == number
    assert len({one["keyId"] for one in shown["key"]}) == 2
    assert int.from_bytes(base64.b64decode(after)[1:5], "big") == number
    assert is_signed(before, BODY, shown)
    assert is_signed(after, BODY, shown)


def test_what_a_disabled_key_signed_does_not_count_any_more(keyset):
    old = keyset.as_json()["primaryKeyId"]
    header = keyset.sign(BODY)
    keyset.rotate()
    keyset.disable(old)

    assert [one["status"] for one in keyset.as_json()["key"]] == ["DISABLED", "ENABLED"]
    assert not is_signed(header, BODY, keyset.as_json())
    assert is_signed(keyset.sign(BODY), BODY, keyset.as_json())


@pytest.mark.parametrize("which", ["primary", "unknown"])
def test_the_key_that_signs_cannot_be_disabled_nor_one_that_is_none(keyset, which):
    number = keyset.as_json()["primaryKeyId"]
    with pytest.raises(KeyError):
        keyset.disable(number if which == "primary" else number ^ 1)
    assert keyset.as_json()["key"][0]["status"] == "ENABLED"
