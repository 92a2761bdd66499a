"""A client of the running sandbox that says in a word what it sees.

Belongs here: a person's and a client's moves over real sockets. Not here: what a test expects.
"""

import base64
import hashlib
import hmac
import json
import time

import requests
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from tests.unit.sandbox.ehr_parts import entry, weight
from tests.unit.sandbox.world_parts import (
    CALLBACK,
    SIGN_IN_CALLBACK,
    VERIFIER,
    challenge_of,
    query_of,
)

ARGUMENTS = [
    *("--callback-url", CALLBACK, "--sign-in-callback-url", SIGN_IN_CALLBACK),
    *("--client-id", "app", "--client-secret", "app-secret"),
    *("--oidc-client-id", "portal", "--oidc-client-secret", "oidc-secret"),
]
PATIENCE_SECONDS = 10
FHIR_JSON = "application/fhir+json"


class Wire:
    """Calls to one sandbox; each on a connection of its own."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.patience = PATIENCE_SECONDS
        self.people = sandbox.people
        self.vendor = sandbox.addresses["withings"]["api_url"]
        self.ehr = sandbox.addresses["ehr"]["url"]
        self.issuer = sandbox.addresses["identity"]["issuer"]

    def post(self, url, body, **more):
        return requests.post(url, data=body, timeout=self.patience, **more)

    def get(self, url, **more):
        return requests.get(url, timeout=self.patience, **more)

    def seen(self, name, *arguments, patience=PATIENCE_SECONDS):
        """Give the name of the error, or HTTP status, content type and what the body is."""
        self.patience = patience
        try:
            answer = getattr(self, name)(*arguments)
        except requests.RequestException as error:
            return type(error).__name__
        finally:
            self.patience = PATIENCE_SECONDS
        media_type = answer.headers["Content-Type"].partition(";")[0]
        return answer.status_code, media_type, body_of(answer)

    def order(self, target, kind, **fields):
        self.sandbox.post("faults", target=target, kind=kind, **fields)

    def code(self, person=0):
        form = {
            "response_type": "code", "client_id": "app", "redirect_uri": CALLBACK,
            "scope": "user.info,user.metrics", "state": "s", "decision": "allow",
            "person": self.people[person]["login"],
        }  # fmt: skip
        url = f"{self.vendor}/oauth2_user/authorize2"
        return query_of(self.post(url, form, allow_redirects=False).headers["Location"])["code"]

    def token_call(self, **fields):
        client = {"action": "requesttoken", "client_id": "app", "client_secret": "app-secret"}
        return self.post(f"{self.vendor}/v2/oauth2", client | fields)

    def exchange(self, code):
        return self.token_call(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)

    def refresh(self, token):
        return self.token_call(grant_type="refresh_token", refresh_token=token)

    def tokens(self, person=0):
        return self.exchange(self.code(person)).json()["body"]

    def devices(self, token):
        return self.post(f"{self.vendor}/v2/user", {"action": "getdevice"}, headers=bearer(token))

    def measures(self, token, **fields):
        # Days that are over: what is listed does not change while a test looks.
        end = int(time.time()) // 86_400 * 86_400
        form = {"action": "getmeas", "startdate": end - 5 * 86_400, "enddate": end} | fields
        return self.post(f"{self.vendor}/measure", form, headers=bearer(token))

    def signed(self, action, message, **fields):
        digest = hmac.new(b"app-secret", message.encode(), hashlib.sha256).hexdigest()
        path = "signature" if action == "getnonce" else "oauth2"
        form = {"action": action, "client_id": "app", "signature": digest} | fields
        return self.post(f"{self.vendor}/v2/{path}", form)

    def revoke(self, user_id):
        now = str(int(time.time()))
        answer = self.signed("getnonce", f"getnonce,app,{now}", timestamp=now).json()
        nonce = answer["body"]["nonce"]
        return self.signed("revoke", f"revoke,app,{nonce}", nonce=nonce, userid=user_id)

    def write(self, number, patient):
        """Send a batch of one good Observation and a bad one."""
        good = entry(weight(number, patient=patient))
        bad = entry(weight(f"{number}-bad", patient=patient, status="finl"))
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [good, bad]}
        return self.post(self.ehr, json.dumps(bundle), headers={"Content-Type": FHIR_JSON})

    def read(self, path):
        return self.get(f"{self.ehr}/{path}")

    def search(self, patient):
        return self.post(f"{self.ehr}/Observation/_search", {"patient": patient})

    def discovery(self):
        return self.get(f"{self.issuer}/.well-known/openid-configuration")

    def sign_in(self, person=0):
        form = {
            "response_type": "code", "client_id": "portal", "redirect_uri": SIGN_IN_CALLBACK,
            "scope": "openid", "state": "s", "nonce": "nonce-1",
            "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
            "username": self.people[person]["username"],
        }  # fmt: skip
        answer = self.post(f"{self.issuer}/authorize", form, allow_redirects=False)
        exchange = {
            "grant_type": "authorization_code",
            "code": query_of(answer.headers["Location"])["code"],
            "redirect_uri": SIGN_IN_CALLBACK,
            "code_verifier": VERIFIER,
        }
        return self.post(f"{self.issuer}/token", exchange, auth=("portal", "oidc-secret"))

    def complaints(self, answer):
        """Name what a careful client holds against the id token of a token answer."""
        if "id_token" not in answer:
            return {"missing"}
        header, claims = (unpacked(part) for part in answer["id_token"].split(".")[:2])
        now = time.time()
        right = {
            "iss": claims["iss"] == self.issuer,
            "aud": claims["aud"] == "portal",
            "nonce": claims["nonce"] == "nonce-1",
            "exp": claims["iat"] <= now < claims["exp"],
            "signature": self._is_signed(answer["id_token"], header["alg"]),
            f"alg {header['alg']}": header["alg"] == "ES256",
        }
        return {name for name, is_right in right.items() if not is_right}

    def _is_signed(self, token, algorithm):
        text, _, signature = token.rpartition(".")
        if algorithm == "none":
            return bool(signature)
        if algorithm == "HS256":
            digest = hmac.digest(b"oidc-secret", text.encode(), hashlib.sha256)
            return signature == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        keys = self.get(f"{self.issuer}/jwks").json()
        try:
            jws.deserialize_compact(token, KeySet.import_key_set(keys), algorithms=["ES256"])
        except BadSignatureError:
            return False
        return True


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def unpacked(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def body_of(answer):
    try:
        body = answer.json()
    except ValueError:
        return "no JSON"
    if isinstance(body, list):
        return "a list"
    if "resourceType" in body:
        answers = [one["response"] for one in body.get("entry", []) if "response" in one]
        return " ".join([body["resourceType"], *(one["status"][:3] for one in answers)])
    if "status" not in body:
        return "an object"
    inside = body.get("body")
    return f"status {body['status']}" + (", a list" if isinstance(inside, list) else "")
