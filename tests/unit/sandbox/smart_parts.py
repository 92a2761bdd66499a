"""A backend service's moves at the sandbox's authorization server, made with joserfc alone.

Belongs here: keys, assertions and token requests. Not here: what a test expects of them.
"""

import time
import uuid

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "system/Observation.cruds system/Device.cruds system/Patient.rs"
ALGORITHMS = ["ES384", "RS384", "ES256", "HS384"]
EC = ECKey.generate_key("P-384", parameters={"kid": "ec-1"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})


def public(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def assertion(endpoint, key=EC, *, alg="ES384", header=None, **changes):
    """Sign a right assertion, but for the changes; None takes a claim or a header away."""
    claims = {
        "iss": "backend",
        "sub": "backend",
        "aud": endpoint,
        "exp": int(time.time()) + 240,
        "jti": str(uuid.uuid4()),
    } | changes
    head = {"alg": alg, "typ": "JWT", "kid": key.kid} | (header or {})
    kept = [{k: v for k, v in part.items() if v is not None} for part in (head, claims)]
    return jwt.encode(*kept, key, algorithms=ALGORITHMS)


class Service:
    """A client of one EHR's application, and of its token endpoint."""

    def __init__(self, server, base="http://ehr.example"):
        self.server = server
        self.base = base
        self.http = server.app.test_client()
        self.endpoint = f"{base}/smart/token"

    def token(self, form, **headers):
        form = {"grant_type": "client_credentials"} | form
        return self.http.post(
            "/smart/token",
            base_url=self.base,
            data={name: value for name, value in form.items() if value is not None},
            headers=headers,
        )

    def signed(self, text=None, **form):
        text = assertion(self.endpoint) if text is None else text
        return self.token(
            {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text} | form
        )

    def fhir(self, method, path, resource=None, *, token=None, **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.open(
            f"/fhir/{path}", method=method, base_url=self.base, json=resource, headers=headers
        )
