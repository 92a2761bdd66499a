"""Attacks on signing in, one row each.

Belongs here: what the attacker (or a wrong identity provider) does, and the page it ends on. Not
here: what holds after every attack (`attack_scene.py`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time

from joserfc import jwt
from joserfc.jwk import ECKey

from ohx_pipelines.errors import EhrDown, EhrRejected
from tests.unit.portal.attack_scene import MARKER, RETURN, Attack


def changed(**changes):
    """Return from the sign-in that this browser started, changed by `changes`."""

    def act(scene):
        given = (scene.approved() | changes).items()
        return scene.sign_in_return(scene.stranger, **{k: v for k, v in given if v is not None})

    return act


def doubled(name):
    """Return with that parameter twice; the first is as it should be."""

    def act(scene):
        given = {"iss": scene.identity.issuer} | scene.approved()
        return scene.sign_in_return(scene.stranger, **given | {name: [given[name], MARKER]})

    return act


def with_claims(**claims):
    def act(scene):
        def signed_with(given):
            changed = (given | claims).items()
            return scene.identity._sign({name: v for name, v in changed if v is not None})

        scene.identity.sign = signed_with
        return scene.sign_in_return(scene.stranger, **scene.approved())

    return act


def with_signature(sign):
    def act(scene):
        scene.identity.sign = lambda claims: sign(scene.identity, claims)
        return scene.sign_in_return(scene.stranger, **scene.approved())

    return act


def _token(header, claims, key=None):
    parts = [_base64(json.dumps(part).encode()) for part in (header, claims)]
    text = ".".join(parts)
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest() if key else b""
    return f"{text}.{_base64(digest)}"


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def by_another_key(identity, claims):
    stranger = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "kid": identity.key.kid}, claims, stranger)


def changed_after_signing(identity, claims):
    header, _, signature = identity._sign(claims).split(".")
    return ".".join([header, _base64(json.dumps(claims | {"sub": "x"}).encode()), signature])


def keyed_by_the_public_key(identity, claims):
    public = json.dumps(identity.key.as_dict(private=False)).encode()
    return _token({"alg": "HS256", "kid": identity.key.kid}, claims, public)


def key_in_its_own_header(identity, claims):
    own = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims, own)


def for_patient(claim):
    return lambda s: s.sign_in_return(s.stranger, **s.approved(patient=claim))


def moved_to_another_record(scene):
    given = scene.approved(patient="Patient/p2", subject="subject-1")
    return scene.sign_in_return(scene.stranger, **given)


def ehr_fails(error):
    def act(scene):
        scene.ehr.error = error
        return scene.sign_in_return(scene.stranger, **scene.approved())

    return act


def replayed_sign_in(scene):
    given = scene.approved()
    assert scene.stranger.get(RETURN, query_string=given).status_code == 303
    return scene.sign_in_return(scene.stranger, **given)


def started_by(browser, ends_in):
    """Log a victim in as somebody else: the way back of one browser, opened in another."""

    def act(scene):
        given = scene.approved(getattr(scene, browser), patient="Patient/p2", subject="subject-2")
        return scene.sign_in_return(getattr(scene, ends_in), **given)

    return act


def state_planted(scene):
    """Use a vendor's state where a sign-in's belongs."""
    given = scene.approved() | {"state": scene.victim.start()}
    return scene.sign_in_return(scene.stranger, **given)


def failed(name, act):
    return Attack(name=name, act=act, code="sign_in_failed", status=502)


SIGN_IN = [
    Attack(
        name="the attacker's return in a browser that started nothing",
        act=started_by("attacker", "stranger"),
        code="sign_in_expired",
        status=400,
    ),
    Attack(
        name="the attacker's return in the victim's browser",
        act=started_by("attacker", "victim"),
        code="sign_in_expired",
        status=400,
    ),
    Attack(name="a return once more", act=replayed_sign_in, code="sign_in_expired", status=400),
    Attack(
        name="a vendor's state at the sign-in",
        act=state_planted,
        code="sign_in_expired",
        status=400,
    ),
    Attack(name="no state", act=changed(state=None), code="sign_in_expired", status=400),
    Attack(name="a made-up state", act=changed(state=MARKER), code="sign_in_expired", status=400),
    failed("no code", changed(code=None)),
    failed("a made-up code", changed(code=MARKER)),
    failed("two codes, the first one right", doubled("code")),
    failed("two states, the first one right", doubled("state")),
    failed("two issuers, the first one right", doubled("iss")),
    failed("an `iss` of somebody else", changed(iss="https://evil.example")),
    failed("wrong issuer", with_claims(iss="https://evil.example")),
    failed("wrong audience", with_claims(aud="other")),
    failed("wrong nonce", with_claims(nonce=MARKER)),
    failed("no nonce", with_claims(nonce=None)),
    failed("expired", with_claims(exp=int(time.time()) - 3600)),
    failed("no end", with_claims(exp=None)),
    failed("no subject", with_claims(sub=None)),
    failed("signed by another key", with_signature(by_another_key)),
    failed("changed after signing", with_signature(changed_after_signing)),
    failed("a key in its own header", with_signature(key_in_its_own_header)),
    failed("alg none", with_signature(lambda _, claims: _token({"alg": "none"}, claims))),
    failed("alg None", with_signature(lambda _, claims: _token({"alg": "None"}, claims))),
    failed(
        "HS256 keyed with the client secret",
        with_signature(lambda _, claims: _token({"alg": "HS256"}, claims, b"client-secret")),
    ),
    failed("HS256 keyed with the public key", with_signature(keyed_by_the_public_key)),
    failed("no ID token", with_signature(lambda *_: None)),
    failed("an ID token that is none", with_signature(lambda *_: MARKER)),
    failed("an error of the provider", lambda s: s.sign_in_return(s.stranger, error=MARKER)),
    Attack(
        name="cancelled at the sign-in",
        act=lambda s: s.sign_in_return(s.stranger, error="access_denied"),
        code="sign_in_cancelled",
        status=403,
    ),
    Attack(
        name="not a patient of this EHR",
        act=for_patient("Patient/unknown"),
        code="record_unknown",
        status=403,
    ),
    Attack(
        name="a patient of another EHR",
        act=for_patient("https://evil.example/fhir/Patient/p1"),
        code="other_ehr",
        status=403,
    ),
    Attack(
        name="not a patient at all",
        act=for_patient(f"Practitioner/{MARKER}"),
        code="no_record_named",
        status=403,
    ),
    Attack(
        name="a sign-in that moved to another record",
        act=moved_to_another_record,
        code="record_changed",
        status=409,
    ),
    Attack(
        name="an EHR that is down",
        act=ehr_fails(EhrDown(MARKER, status=503)),
        code="ehr_unavailable",
        status=503,
    ),
    Attack(
        name="an EHR that refuses us",
        act=ehr_fails(EhrRejected(MARKER, status=401)),
        code="ehr_refused",
        status=502,
    ),
]
