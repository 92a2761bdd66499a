"""The identity provider as a Flask application: discovery, keys, sign-in, tokens, userinfo.

Belongs here: which address does what. Not here: how (`sign_in.py`, `tokens.py`, `grants.py`), and
ordered faults (`trouble.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, request
from joserfc.jwk import ECKey

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.identity.authorization import Client
from sandbox.identity.grants import Grants
from sandbox.identity.id_tokens import ALGORITHM, IdTokens, claims_about, new_key
from sandbox.identity.sign_in import PATH, sign_in_pages
from sandbox.identity.tokens import TokenEndpoint
from sandbox.identity.trouble import suffer
from sandbox.people import Person


def create_identity(
    *, issuer: str, client: Client, people: Sequence[Person], clock: Clock, faults: Faults
) -> Flask:
    """Build the provider for one registered client, with a new key."""
    app = Flask("sandbox.identity")
    grants, key = Grants(clock), new_key()
    id_tokens = IdTokens(issuer=issuer, client=client, key=key, faults=faults)
    endpoint = TokenEndpoint(client=client, grants=grants, id_tokens=id_tokens)
    app.before_request(lambda: suffer(faults, request.endpoint))
    app.register_blueprint(
        sign_in_pages(issuer=issuer, client=client, people=people, grants=grants)
    )
    _add_metadata(app, issuer, key)
    _add_tokens(app, endpoint, grants)
    return app


def _add_metadata(app: Flask, issuer: str, key: ECKey) -> None:
    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}{PATH}",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": ["openid", "profile", "fhirUser"],
            "claims_supported": ["sub", "name", "preferred_username", "zoneinfo", "fhirUser"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    @app.get("/jwks")
    def jwks() -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False)]}


def _add_tokens(app: Flask, endpoint: TokenEndpoint, grants: Grants) -> None:
    @app.post("/token")
    def token() -> Any:
        return endpoint.answer(request.form, request.authorization)

    @app.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> Any:
        scheme, _, access = request.headers.get("Authorization", "").partition(" ")
        person = grants.holder(access) if scheme == "Bearer" else None
        if person is None:
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return {"error": "invalid_token"}, 401, challenge
        return claims_about(person)
