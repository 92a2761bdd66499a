"""An authorization server that is not ours: Authlib's, with one client and what it registered.

Belongs here: that server's set-up. Not here: any check of an assertion, which are Authlib's own.
"""

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import Flask, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SMART_ALGORITHMS = ["ES384", "RS384"]


class Client(ClientMixin):
    """The one client; it signs in with a secret when it has one, with its keys otherwise."""

    def __init__(self, client_id, scope, *, secret=None, jwks_uri=None):
        self.client_id, self.scope, self.secret, self.jwks_uri = client_id, scope, secret, jwks_uri

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return " ".join(one for one in scope.split() if one in self.scope.split())

    def check_client_secret(self, client_secret):
        return self.secret is not None and self.secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return (method == "private_key_jwt") is (self.secret is None)

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


class Assertions(JWTBearerClientAssertion):
    """Authlib's checks; it asks us for audience, key and memory."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def get_audiences(self):
        return [request.base_url]

    def validate_jti(self, claims, jti):
        self.seen.append(jti)
        return self.seen.count(jti) == 1

    def resolve_client_public_key(self, client):
        return KeySet.import_key_set(requests.get(client.jwks_uri, timeout=5).json())

    def process_assertion_claims(self, assertion, resolve_key):
        # As Authlib does it, but for its list of algorithms, which lacks SMART's.
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=SMART_ALGORITHMS)
        except JoseError as error:
            raise InvalidClientError(description=error.description) from error
        self.verify_claims(token.claims)
        return token.claims


def foreign_server(client):
    """Give the Flask application: discovery, token endpoint, and a Patient for whoever has a token."""
    app = Flask("foreign")
    tokens, seen = [], []
    server = AuthorizationServer(
        app,
        query_client=lambda name: client if name == client.client_id else None,
        save_token=lambda token, _: tokens.append(token),
    )
    server.register_grant(Grant)
    server.register_client_auth_method("private_key_jwt", Assertions(seen))

    @app.post("/oauth2/token")
    def token():
        return server.create_token_response()

    @app.get("/r5/.well-known/smart-configuration")
    def configuration():
        return {"token_endpoint": f"{request.host_url}oauth2/token"}

    @app.get("/r5/Patient/<name>")
    def patient(name):
        valid = {f"Bearer {one['access_token']}" for one in tokens}
        if request.headers.get("Authorization") not in valid:
            return {"resourceType": "OperationOutcome"}, 401
        return {"resourceType": "Patient", "id": name}

    app.tokens, app.seen = tokens, seen
    return app
