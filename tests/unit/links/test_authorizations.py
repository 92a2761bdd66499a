"""States: random, kept as a hash, good for one return to one session within ten minutes."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from ohx_pipelines.errors import NotFound, VaultError
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault

SESSION = "a" * 64
VERIFIER = "verifier-CANARY-verifier-CANARY-verifier-CANARY"


@pytest.fixture
def start(store, new_patient):
    patient = new_patient()

    def give(**changes):
        given = {
            "patient_id": patient,
            "provider": "withings",
            "session_hash": SESSION,
            "code_verifier": VERIFIER,
        }
        return store.start_authorization(**given | changes)

    give.patient = patient
    return give


@pytest.fixture
def finish(store):
    def give(state, **changes):
        given = {"state": state, "session_hash": SESSION, "provider": "withings"}
        return store.finish_authorization(**given | changes)

    return give


def refusal(finish, state, **changes):
    with pytest.raises(NotFound) as caught:
        finish(state, **changes)
    assert state not in str(caught.value)
    return caught.value.reason


def test_a_state_gives_back_what_belongs_to_it(start, finish):
    found = finish(start())

    assert (found.patient_id, found.provider) == (start.patient, "withings")
    assert found.code_verifier == VERIFIER
    assert "CANARY" not in repr(found)


def test_a_vendor_without_pkce_has_no_verifier(start, finish):
    assert finish(start(code_verifier=None)).code_verifier is None


def test_states_are_random_and_of_256_bits(start):
    states = {start() for _ in range(50)}

    assert len(states) == 50
    # 43 characters of base64 carry 256 bits.
    assert min(len(state) for state in states) >= 43


def test_neither_state_nor_verifier_is_readable_at_rest(start, dump):
    state = start()

    assert state.encode() not in dump()
    assert b"CANARY" not in dump()


def test_a_state_works_once(start, finish):
    state = start()
    finish(state)

    assert refusal(finish, state) == "used"


@pytest.mark.parametrize("turn", range(5))
def test_of_eight_returns_at_once_exactly_one_wins(start, finish, at_once, turn):
    state = start()

    ends = at_once(*[lambda: finish(state)] * 8)

    assert [type(end).__name__ for end in ends].count("OAuthState") == 1
    assert [getattr(end, "reason", None) for end in ends].count("used") == 7


def test_a_state_lasts_ten_minutes(start, sql):
    start()
    [(left,)] = sql("SELECT expires_at - now() FROM oauth_states")

    assert timedelta(minutes=9, seconds=50) < left <= timedelta(minutes=10, seconds=1)


@pytest.mark.parametrize(("left", "works"), [("2 seconds", True), ("-1 second", False)])
def test_a_state_works_until_it_expires(start, finish, sql, left, works):
    state = start()
    sql(f"UPDATE oauth_states SET expires_at = now() + interval '{left}'")

    if works:
        assert finish(state).patient_id == start.patient
    else:
        assert refusal(finish, state) == "expired"


@pytest.mark.parametrize(
    "elsewhere", [{"session_hash": "b" * 64}, {"provider": "pulse"}], ids=["session", "provider"]
)
def test_a_state_of_another_session_or_provider_is_refused_and_used_up(start, finish, elsewhere):
    state = start()

    assert refusal(finish, state, **elsewhere) == "foreign"
    assert refusal(finish, state) == "used"


@pytest.mark.parametrize("state", ["", "made-up", "ü", "\x00", "x" * 10_000])
def test_a_made_up_state_is_refused(finish, start, state):
    start()
    assert refusal(finish, state or "-") == "unknown"


def test_the_stored_hash_is_no_state(start, finish, sql):
    start()
    [(stored,)] = sql("SELECT state_hash FROM oauth_states")

    assert refusal(finish, stored) == "unknown"


def test_states_that_ended_more_than_a_day_ago_are_deleted(start, sql):
    old, recent = start(), start()
    del old, recent
    sql(
        "UPDATE oauth_states SET expires_at = now() - interval '25 hours' WHERE state_hash = "
        "(SELECT min(state_hash) FROM oauth_states)"
    )
    start()

    assert len(sql("SELECT * FROM oauth_states")) == 2


def test_a_verifier_copied_to_another_state_does_not_open(start, finish, sql):
    one, other = start(), start()
    hashes = [hashlib.sha256(state.encode()).hexdigest() for state in (one, other)]
    sql(
        "UPDATE oauth_states SET (verifier_sealed, wrapped_key) = "
        "(SELECT verifier_sealed, wrapped_key FROM oauth_states WHERE state_hash = :one) "
        "WHERE state_hash = :other",
        one=hashes[0],
        other=hashes[1],
    )

    assert finish(one).code_verifier == VERIFIER
    with pytest.raises(VaultError):
        finish(other)


def test_another_token_key_opens_no_verifier(start, database_url):
    state = start()
    other = open_store(database_url, Vault(b"x" * 32, key_id="1"), identifier_secret="i" * 40)
    with pytest.raises(VaultError) as caught:
        other.finish_authorization(state=state, session_hash=SESSION, provider="withings")
    other.close()

    assert "CANARY" not in str(caught.value)
