"""Our own keys: made, read from what operators have, and what is signed with them."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.signing_in.signing_keys import (
    client_assertion,
    new_signing_key,
    read_signing_key,
)

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
AUDIENCE = "https://login.example/token"


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(params=["ES384", "RS384"], scope="module")
def pair(request):
    return new_signing_key(request.param)


def pem(key, *, password=None):
    hidden = serialization.BestAvailableEncryption(password) if password else None
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        hidden or serialization.NoEncryption(),
    )


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text):
    return int.from_bytes(decoded(text), "big")


def is_signed(assertion, jwk):
    """Check a signature without the library that made it: RFC 7518 sections 3.3 and 3.4."""
    text, signature = assertion.rsplit(".", 1)
    raw = decoded(signature)
    if jwk["kty"] == "EC":
        numbers = ec.EllipticCurvePublicNumbers(number(jwk["x"]), number(jwk["y"]), ec.SECP384R1())
        halves = (int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
        numbers.public_key().verify(
            encode_dss_signature(*halves), text.encode(), ec.ECDSA(hashes.SHA384())
        )
        return len(raw) == 96
    numbers = rsa.RSAPublicNumbers(number(jwk["e"]), number(jwk["n"]))
    numbers.public_key().verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA384())
    return True


def test_an_assertion_says_what_smart_wants_and_no_more(pair):
    assertion = client_assertion(pair.private_jwk, client_id="ohx", audience=AUDIENCE)

    header, claims = (json.loads(decoded(part)) for part in assertion.split(".")[:2])
    assert header == {"typ": "JWT", "alg": pair.algorithm, "kid": pair.kid}
    assert set(claims) == {"iss", "sub", "aud", "exp", "jti"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("ohx", "ohx", AUDIENCE)
    assert 120 < claims["exp"] - time.time() <= 300
    assert is_signed(assertion, pair.public_jwk)


def test_no_two_assertions_have_the_same_id(pair):
    made = [client_assertion(pair.private_jwk, client_id="o", audience="a") for _ in range(20)]

    assert len({json.loads(decoded(one.split(".")[1]))["jti"] for one in made}) == 20


def test_the_public_part_holds_nothing_private_and_says_what_it_is_for(pair):
    assert not PRIVATE & set(pair.public_jwk)
    assert pair.public_jwk["kid"] == pair.kid
    assert pair.public_jwk["alg"] == pair.algorithm
    assert pair.public_jwk["use"] == "sig"
    assert PRIVATE & set(json.loads(pair.private_jwk))


def test_a_repr_shows_nothing_private(pair):
    assert json.loads(pair.private_jwk)["d"] not in repr(pair)


def test_the_keys_are_as_strong_as_smart_wants_them():
    assert new_signing_key().public_jwk["crv"] == "P-384"
    assert len(decoded(new_signing_key("RS384").public_jwk["n"])) * 8 == 3072


def test_a_key_is_called_by_its_thumbprint():
    # The example of RFC 7638 section 3.1 is of a public key; this is its way for an EC key.
    key = new_signing_key()
    members = {name: key.public_jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = hashes.Hash(hashes.SHA256())
    digest.update(json.dumps(members, separators=(",", ":"), sort_keys=True).encode())

    assert key.kid == base64.urlsafe_b64encode(digest.finalize()).rstrip(b"=").decode()


@pytest.mark.parametrize("form", ["pem", "jwk", "sec1"])
def test_an_operators_own_key_is_read(form):
    own = ec.generate_private_key(ec.SECP384R1())
    content = {
        "pem": pem(own),
        "sec1": own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
    }
    read = read_signing_key(content.get(form) or read_signing_key(pem(own)).private_jwk.encode())

    assert read.algorithm == "ES384"
    assert number(read.public_jwk["x"]) == own.public_key().public_numbers().x


def test_an_operators_rsa_key_signs_with_rs384(rsa_key):
    read = read_signing_key(pem(rsa_key))

    assert read.algorithm == "RS384"
    assert number(read.public_jwk["n"]) == rsa_key.public_key().public_numbers().n
    assert not PRIVATE & set(read.public_jwk)


UNUSABLE = {
    "nothing": b"",
    "text": b"CANARY",
    "broken JWK": b'{"kty": "EC", "crv": "P-384", "d": "CANARY"}',
    "broken JSON": b'{"CANARY',
    "symmetric": json.dumps({"kty": "oct", "k": "Q0FOQVJZ"}).encode(),
    "public": ec.generate_private_key(ec.SECP384R1())
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    "sealed": pem(ec.generate_private_key(ec.SECP384R1()), password=b"CANARY"),
    "unknown curve": pem(ec.generate_private_key(ec.BrainpoolP384R1())),
    "deep JSON": b'{"CANARY":' * 100_000,
    "curve": pem(ec.generate_private_key(ec.SECP256R1())),
    "short": pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_of_no_use_is_refused_and_never_repeated(content):
    with pytest.raises(ConfigurationError) as caught:
        read_signing_key(content)

    assert "CANARY" not in str(caught.value)
    assert "key" in str(caught.value)
