"""Our own key pairs for private_key_jwt: made, read from a file, used to sign an assertion.

Belongs here: JWKs and what is signed with them. Not here: where they are kept (`links/`), or who is
told what was signed (`signing_in/tokens.py`).
"""

from __future__ import annotations

import json
import secrets
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, RSAKey, import_key

from ohx_pipelines.errors import ConfigurationError

Algorithm = Literal["ES384", "RS384"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
CURVE = "P-384"
RSA_BITS = 3072
LEAST_RSA_BITS = 2048
# SMART allows 300: a server whose clock is up to a minute behind ours still finds it so.
ASSERTION_SECONDS = 240
PUBLIC = ("kty", "crv", "x", "y", "n", "e", "kid", "alg", "use")


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key pair; `kid` is the thumbprint of its public part (RFC 7638)."""

    kid: str
    algorithm: str
    public_jwk: Mapping[str, Any]
    private_jwk: str = field(repr=False)


def new_signing_key(algorithm: Algorithm = "ES384") -> SigningKey:
    """Make a key pair for one of SMART's two algorithms."""
    if algorithm == "RS384":
        return _described(RSAKey.generate_key(RSA_BITS))
    return _described(ECKey.generate_key(CURVE))


def read_signing_key(content: bytes) -> SigningKey:
    """Read a private key from PEM or a JWK; raises ConfigurationError when it is not of use."""
    # Whatever the library says could repeat a part of the key.
    with (
        suppress(JoseError, ValueError, TypeError, KeyError, RecursionError),
        warnings.catch_warnings(),
    ):
        # A short key is not warned of but refused, below.
        warnings.simplefilter("ignore", SecurityWarning)
        key = _imported(content)
        if isinstance(key, ECKey | RSAKey) and key.is_private:
            return _described(key)
    message = "the file holds no private key of use: give PEM without a password, or a JWK"
    raise ConfigurationError(message)


def client_assertion(private_jwk: str, *, client_id: str, audience: str) -> str:
    """Sign a new assertion of who we are, good for this token endpoint, once."""
    fields = json.loads(private_jwk)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": int(time.time()) + ASSERTION_SECONDS,
        "jti": secrets.token_urlsafe(24),
    }
    header = {"typ": "JWT", "alg": fields["alg"], "kid": fields["kid"]}
    return jwt.encode(header, claims, import_key(fields), algorithms=[fields["alg"]])


def _imported(content: bytes) -> Key:
    if content.lstrip()[:1] == b"{":
        return import_key(json.loads(content))
    try:
        return ECKey.import_key(content)
    except (JoseError, ValueError, TypeError):
        return RSAKey.import_key(content)


def _described(key: ECKey | RSAKey) -> SigningKey:
    private: dict[str, Any] = dict(key.as_dict(private=True))
    private |= {"kid": key.thumbprint(), "alg": _algorithm(key), "use": "sig"}
    return SigningKey(
        kid=private["kid"],
        algorithm=private["alg"],
        public_jwk={name: private[name] for name in PUBLIC if name in private},
        private_jwk=json.dumps(private),
    )


def _algorithm(key: ECKey | RSAKey) -> Algorithm:
    if isinstance(key, RSAKey):
        if key.raw_value.key_size >= LEAST_RSA_BITS:
            return "RS384"
    elif key.curve_name == CURVE:
        return "ES384"
    message = f"SMART wants an EC key on {CURVE} or an RSA key of at least {LEAST_RSA_BITS} bits"
    raise ConfigurationError(message)
