"""Google's signatures: only what one of its keys signed is Google's, and without keys nothing is."""

from __future__ import annotations

import base64
import json
import threading

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.errors import Malformed, VendorDown, VendorError
from ohx_pipelines.providers.google_health.keysets import read_keyset
from ohx_pipelines.providers.google_health.signatures import Keyset, is_signed
from tests.unit.providers.google_health.tiny_google import DROP, JSON, tiny_google

BODY = b'{"data":{"healthUserId":"48120033917720012","operation":"UPSERT"}}'
HEADER = "google-health-api-signature"
TYPE_URL = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey"
# EcdsaParams as bytes: field 1 SHA256 (3), field 2 NIST_P256 (2), field 3 DER (2).
PARAMS = bytes([0x08, 3, 0x10, 2, 0x18, 2])
# RFC 6979, appendix A.2.5: a key, and its signature of the message "sample" by P-256 and SHA-256.
RFC_X = "60FED4BA 255A9D31 C961EB74 C6356D68 C049B892 3B61FA6C E669622E 60F29FB6"
RFC_Y = "7903FE10 08B8BC99 A41AE9E9 5628BC64 F2F1B20C 2D7E9F51 77A3C294 D4462299"
RFC_R = "EFD48B2A ACB6A8FD 1140DD9C D45E81D6 9D2C877B 56AAF991 C34D0EA8 4EAF3716"
RFC_S = "F7CB1C94 2D657C41 D436C7A1 B6E29F65 F3E900DB B9AFF406 4DC4AB2F 843ACDA8"


def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def point(x, y, *, params=PARAMS, version=b"", zero=b"\0"):
    return version + field(2, params) + field(3, zero + x) + field(4, zero + y)


class Signer:
    """One key of Google's: signs, and gives its entry of a keyset."""

    def __init__(self, number):
        self.number = number
        self.private = ec.generate_private_key(ec.SECP256R1())

    def value(self, **changes):
        numbers = self.private.public_key().public_numbers()
        return point(numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"), **changes)

    def entry(self, *, value=None, type_url=TYPE_URL, **changes):
        text = base64.b64encode(self.value() if value is None else value).decode()
        data = {"typeUrl": type_url, "value": text, "keyMaterialType": "ASYMMETRIC_PUBLIC"}
        usual = {
            "keyData": data,
            "status": "ENABLED",
            "keyId": self.number,
            "outputPrefixType": "TINK",
        }
        return usual | changes

    def sign(self, body=BODY, *, number=None, prefix=1):
        der = self.private.sign(body, ec.ECDSA(hashes.SHA256()))
        at = (self.number if number is None else number).to_bytes(4, "big")
        return base64.b64encode(bytes([prefix]) + at + der).decode()


def keyset(*entries):
    return {"primaryKeyId": 7, "key": list(entries)}


def read(*entries):
    return read_keyset(json.dumps(keyset(*entries)).encode())


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def one():
    return Signer(0x9000_0001)


@pytest.fixture(scope="module")
def other():
    return Signer(2)


@pytest.fixture
def google():
    with tiny_google() as site:
        yield site


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(google, clock):
    session = requests.Session()
    session.mount("http://", DeadlineAdapter(seconds=5))
    yield Keyset(f"{google.url}/keys.json", session=session, clock=clock)
    session.close()


@pytest.fixture
def serve(google):
    """Have Google answer with these keysets, one after the other."""

    def give(*answers):
        google.will_answer(*((200, answer, JSON) for answer in answers))

    return give


@pytest.fixture
def believed(keys):
    def tell(signature, body=BODY, header=HEADER):
        return is_signed(body, {header: signature} if header else {}, keys)

    return tell


# The check


def test_what_a_key_of_google_signed_is_believed(serve, believed, one, other):
    serve(keyset(other.entry(), one.entry()))
    assert believed(one.sign())
    assert believed(other.sign())


def test_a_signature_that_others_made_is_believed(serve, keys):
    """RFC 6979 gives key and signature; only Tink's wrapping is ours."""
    value = point(bytes.fromhex(RFC_X), bytes.fromhex(RFC_Y))
    serve(keyset(Signer(77).entry(value=value)))
    # DER by hand: both numbers have their highest bit set, so each begins with a zero byte.
    ends = [bytes([2, 33, 0]) + bytes.fromhex(one) for one in (RFC_R, RFC_S)]
    der = bytes([0x30, 70]) + b"".join(ends)
    signature = base64.b64encode(b"\1" + (77).to_bytes(4, "big") + der).decode()

    assert is_signed(b"sample", {HEADER: signature}, keys)
    assert not is_signed(b"Sample", {HEADER: signature}, keys)


def test_the_older_name_of_the_header_is_taken_too(serve, believed, one):
    serve(keyset(one.entry()))
    assert believed(one.sign(), header="x-healthapi-signature")


@pytest.mark.parametrize(
    "body",
    [
        BODY + b" ",
        BODY[:-1],
        BODY.replace(b"2", b"3", 1),
        b"",
        json.dumps(json.loads(BODY)).encode(),
    ],
)
def test_another_body_is_not_believed_not_even_the_same_json(serve, believed, one, body):
    serve(keyset(one.entry()))
    assert not believed(one.sign(), body)


def test_a_signature_of_one_key_in_the_name_of_another_is_not_believed(serve, believed, one, other):
    serve(keyset(one.entry(), other.entry()))
    assert not believed(one.sign(number=other.number))


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "no base64!",
        base64.b64encode(b"\1").decode(),
        base64.b64encode(b"\1\x90\0\0\1").decode(),
        base64.b64encode(b"\1\x90\0\0").decode(),
        "ü",
        "AQ==\n",
    ],
)
def test_what_is_no_signature_is_not_believed_and_asks_for_nothing(google, believed, signature):
    assert not believed(signature)
    assert google.asked == []


def test_without_the_header_nothing_is_believed(google, believed):
    assert not believed("", header=None)
    assert google.asked == []


@pytest.mark.parametrize("prefix", [0, 2, 255])
def test_another_prefix_than_tinks_is_not_believed(google, believed, one, prefix):
    assert not believed(one.sign(prefix=prefix))
    assert google.asked == []


def test_a_signature_that_is_no_der_is_not_believed(serve, believed, one):
    serve(keyset(one.entry()))
    number = one.number.to_bytes(4, "big")
    for rest in (b"x", b"\0" * 64, b"\x30\x06\2\1\0\2\1\0"):
        assert not believed(base64.b64encode(b"\1" + number + rest).decode())


# Which keys are of use


def unusable(signer):
    return {
        "disabled": signer.entry(status="DISABLED"),
        "destroyed": signer.entry(status="DESTROYED"),
        "of another prefix": signer.entry(outputPrefixType="RAW"),
        "of another kind": signer.entry(type_url=TYPE_URL.replace("Ecdsa", "Ed25519")),
        "of another hash": signer.entry(
            value=signer.value(params=bytes([0x08, 4, 0x10, 2, 0x18, 2]))
        ),
        "of another curve": signer.entry(
            value=signer.value(params=bytes([0x08, 3, 0x10, 3, 0x18, 2]))
        ),
        "of another encoding": signer.entry(
            value=signer.value(params=bytes([0x08, 3, 0x10, 2, 0x18, 1]))
        ),
        "without params": signer.entry(value=signer.value()[8:]),
        "without y": signer.entry(value=signer.value()[:-35]),
        "broken off": signer.entry(value=signer.value()[:-1]),
        "not on the curve": signer.entry(value=point(b"\1" * 32, b"\1" * 32)),
        "no base64": signer.entry() | {"keyData": {"typeUrl": TYPE_URL, "value": "%"}},
        "without data": {"status": "ENABLED", "keyId": signer.number, "outputPrefixType": "TINK"},
        "without a number": {**signer.entry(), "keyId": None},
        "a number in words": signer.entry(keyId=str(signer.number)),
        "a text": "key",
        "nothing": None,
    }


@pytest.mark.parametrize("why", unusable(Signer(1)))
def test_a_key_that_is_of_no_use_costs_only_itself(serve, believed, one, other, why):
    serve(keyset(unusable(other)[why], one.entry()))
    assert believed(one.sign())
    assert not believed(other.sign())


def test_a_version_and_coordinates_without_a_leading_zero_are_read(other):
    value = other.value(version=bytes([0x08, 0]), zero=b"")
    assert read(other.entry(value=value)).keys() == {other.number}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"no json",
        b"[" * 100_000,
        b'{"key": {}}',
        b'{"key": []}',
        b'{"key": [1]}',
        b"\xff",
    ],
)
@pytest.mark.usefixtures("collector_waits")
def test_what_is_no_keyset_is_malformed(content):
    with pytest.raises(Malformed):
        read_keyset(content)


@given(st.binary(max_size=200))
def test_any_bytes_in_a_key_are_a_key_or_none(value):
    signer = Signer(5)
    keys = read(signer.entry(), Signer(6).entry(value=value))
    assert 5 in keys


# Fetching


def test_keys_are_fetched_once_a_day(google, serve, believed, clock, one):
    serve(keyset(one.entry()), keyset(one.entry()))
    for hours in (0, 1, 23, 23.99):
        clock.now = 1_000 + hours * 3_600
        assert believed(one.sign())
    assert len(google.asked) == 1

    clock.now = 1_000 + 24 * 3_600
    assert believed(one.sign())
    assert [asked.path for asked in google.asked] == ["/keys.json"] * 2


def test_a_key_that_is_gone_a_day_later_is_believed_no_longer(serve, believed, clock, one, other):
    serve(keyset(one.entry(), other.entry()), keyset(one.entry()))
    assert believed(other.sign())
    clock.now += 86_400
    assert not believed(other.sign())


def test_a_new_key_is_fetched_when_it_is_first_met(google, serve, believed, clock, one, other):
    serve(keyset(one.entry()), keyset(one.entry(), other.entry()))
    assert believed(one.sign())
    clock.now += 60
    assert believed(other.sign())
    assert len(google.asked) == 2


def test_made_up_keys_are_asked_for_once_a_minute_at_most(google, serve, believed, clock, one):
    serve(keyset(one.entry()), keyset(one.entry()))
    assert believed(one.sign())
    for second in range(0, 60, 5):
        clock.now = 1_000 + second
        assert not believed(one.sign(number=second + 9))
    assert len(google.asked) == 1
    clock.now = 1_060
    assert not believed(one.sign(number=9))
    assert not believed(one.sign(number=10))
    assert len(google.asked) == 2


FAILURES = {
    "HTTP 500": (500, {}, JSON),
    "HTTP 404": (404, {}, JSON),
    "another address": (302, {}, {"Location": "/elsewhere"}),
    "no answer": DROP,
    "no keyset": (200, b"<html>", {"Content-Type": "text/html"}),
    "an empty one": (200, {"key": []}, JSON),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_keys_that_cannot_be_fetched_are_neither_a_yes_nor_a_no(google, believed, one, failure):
    google.will_answer(FAILURES[failure])
    with pytest.raises(VendorError) as caught:
        believed(one.sign())
    assert "html" not in str(caught.value)
    assert len(google.asked) == 1


def test_old_keys_that_cannot_be_fetched_again_are_not_believed(
    google, serve, believed, clock, one
):
    serve(keyset(one.entry()))
    google.will_answer(FAILURES["HTTP 500"])
    assert believed(one.sign())
    clock.now += 86_400
    with pytest.raises(VendorDown):
        believed(one.sign())


def test_a_new_key_that_cannot_be_fetched_costs_no_known_one(
    google, serve, believed, clock, one, other
):
    serve(keyset(one.entry()))
    google.will_answer(FAILURES["HTTP 500"])
    assert believed(one.sign())
    clock.now += 100
    with pytest.raises(VendorDown):
        believed(other.sign())
    assert believed(one.sign())


def test_after_a_failure_nobody_waits_for_another_for_a_while(google, serve, believed, clock, one):
    google.will_answer(FAILURES["HTTP 500"])
    for _ in range(3):
        with pytest.raises(VendorDown):
            believed(one.sign())
    assert len(google.asked) == 1

    serve(keyset(one.entry()))
    clock.now += 10
    assert believed(one.sign())


def test_many_deliveries_at_once_fetch_the_keys_once(google, serve, believed, one):
    serve(keyset(one.entry()))
    said = []
    threads = [threading.Thread(target=lambda: said.append(believed(one.sign()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said == [True] * 8
    assert len(google.asked) == 1
