"""The page of our public keys: open to everybody, kept for an hour, and nothing private in it."""

from __future__ import annotations

import json

import pytest

from ohx_pipelines.fhir.signing_in.signing_keys import new_signing_key
from ohx_pipelines.links.ehr_keys import PUBLISHED_BEFORE

PATH = "/.well-known/jwks.json"
NAME = "Riverside records"


@pytest.fixture(scope="module")
def pairs():
    return [new_signing_key(), new_signing_key("RS384")]


@pytest.fixture
def http(app):
    return app.test_client()


def test_without_keys_it_is_an_empty_set(http):
    answer = http.get(PATH)

    assert (answer.status_code, answer.json) == (200, {"keys": []})


def test_it_shows_the_public_keys_of_all_connections_and_nothing_private(http, store, pairs):
    for pair in pairs:
        store.add_ehr_key(NAME, pair)

    answer = http.get(PATH)

    assert answer.mimetype == "application/json"
    shown = {one["kid"]: one for one in answer.json["keys"]}
    assert shown == {pair.kid: pair.public_jwk for pair in pairs}
    private = [json.loads(pair.private_jwk) for pair in pairs]
    names = ("d", "p", "q", "dp", "dq", "qi")
    secrets = [jwk[name] for jwk in private for name in names if name in jwk]
    assert len(secrets) == 7
    assert [one for one in secrets if one in answer.text] == []
    assert not set(names) & {name for one in shown.values() for name in one}


def test_it_may_be_kept_for_as_long_as_a_new_key_waits(http, store, pairs):
    store.add_ehr_key(NAME, pairs[0])
    answer = http.get(PATH)

    seconds = int(PUBLISHED_BEFORE.total_seconds())
    assert answer.headers["Cache-Control"] == f"public, max-age={seconds}"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_of_it_is_not_kept(http, services, monkeypatch):
    def fails():
        raise RuntimeError("CANARY")

    monkeypatch.setattr(services.store, "published_keys", fails)
    answer = http.get(PATH)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (500, "no-store")
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(http, method):
    assert getattr(http, method)(PATH).status_code in {400, 405}


@pytest.mark.parametrize("query", ["?kid=../../x", "?include=private", "?%00", "?" + "a" * 4000])
def test_nothing_in_the_request_changes_what_is_shown(http, store, pairs, query):
    store.add_ehr_key(NAME, pairs[0])

    answer = http.get(PATH + query, headers={"Accept": "*/*", "X-Forwarded-Host": "evil.example"})

    assert answer.json == {"keys": [pairs[0].public_jwk]}


def test_a_host_that_is_not_ours_is_refused_here_too(http):
    assert http.get(PATH, base_url="http://evil.example").status_code == 400
