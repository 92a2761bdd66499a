"""Keys that sign for EHR connections: which signs when, what is published, and what is destroyed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import IntegrityError

from ohx_pipelines.errors import NotFound, VaultError
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault


def key(kid):
    public = {"kty": "EC", "crv": "P-384", "x": "xx", "y": "yy", "kid": kid, "alg": "ES384"}
    private = json.dumps(public | {"d": f"CANARY-{kid}"})
    return SimpleNamespace(kid=kid, public_jwk=public, private_jwk=private)


@pytest.fixture
def connection(store):
    """Save a connection that signs; give it as it is stored."""

    def give(name="clinic"):
        return store.save_ehr(
            name=name,
            url=f"https://{name}.example/fhir",
            auth="smart_backend",
            username=None,
            credential=None,
            timeout_seconds=5,
            client_id="ohx",
        )

    return give


@pytest.fixture
def later(sql):
    """Let time pass: every instant of the keys moves into the past."""

    def pass_by(**span):
        sql(
            "UPDATE ehr_keys SET signs_from = signs_from - :span, made_at = made_at - :span, "
            "published_until = published_until - :span",
            span=timedelta(**span),
        )

    return pass_by


@pytest.fixture
def signs(store, connection):
    """The kid of the key that a connection signs with now, None without one."""
    connection()

    def give(name="clinic"):
        private = store.ehr_by_name(name).private_key
        return json.loads(private)["kid"] if private else None

    return give


@pytest.fixture
def published(store):
    return lambda: {one["kid"] for one in store.published_keys()}


def test_a_connection_without_a_key_signs_nothing(signs, published):
    assert signs() is None
    assert published() == set()


def test_the_first_key_signs_at_once_and_is_published(store, signs, published):
    store.add_ehr_key("clinic", key("a"))

    assert signs() == "a"
    assert published() == {"a"}
    [only] = store.ehr_keys("clinic")
    assert (only.kid, only.signs, only.published_until) == ("a", True, None)
    assert only.public_jwk == key("a").public_jwk


def test_a_second_key_is_published_for_an_hour_before_it_signs(store, signs, published, later):
    store.add_ehr_key("clinic", key("a"))
    store.add_ehr_key("clinic", key("b"))
    assert (signs(), published()) == ("a", {"a", "b"})

    later(minutes=59)
    assert signs() == "a"
    later(minutes=2)
    assert (signs(), published()) == ("b", {"a", "b"})


def test_a_former_key_is_published_for_a_day_after_it_signed(store, signs, published, later):
    store.add_ehr_key("clinic", key("a"))
    store.add_ehr_key("clinic", key("b"))

    later(hours=24)
    assert published() == {"a", "b"}
    later(hours=2)
    assert (signs(), published()) == ("b", {"b"})


def test_at_once_the_new_key_signs_and_nothing_is_left_of_the_former(store, signs, published, sql):
    store.add_ehr_key("clinic", key("a"))
    store.add_ehr_key("clinic", key("b"))
    store.add_ehr_key("clinic", key("c"), at_once=True)

    assert (signs(), published()) == ("c", {"c"})
    assert sql("SELECT kid FROM ehr_keys") == [("c",)]


def test_a_waiting_key_that_was_overtaken_never_signs(store, signs, later):
    store.add_ehr_key("clinic", key("a"))
    store.add_ehr_key("clinic", key("b"))
    store.use_ehr_key("clinic", key("c"))

    later(hours=2)
    assert signs() == "c"


def test_the_private_part_of_a_key_that_signs_no_more_is_destroyed_at_the_next_start(
    store, connection, later, sql
):
    connection()
    store.add_ehr_key("clinic", key("a"))
    store.add_ehr_key("clinic", key("b"))
    later(hours=2)
    connection()

    assert sql(
        "SELECT kid FROM ehr_keys WHERE private_sealed IS NULL "
        "AND wrapped_key IS NULL AND key_id IS NULL"
    ) == [("a",)]
    later(hours=24)
    connection()
    assert sql("SELECT kid FROM ehr_keys") == [("b",)]


def test_an_operators_key_signs_at_once_and_bringing_it_again_changes_nothing(
    store, signs, published, sql
):
    store.add_ehr_key("clinic", key("a"))
    store.use_ehr_key("clinic", key("own"))
    before = sql("SELECT kid, signs_from, published_until, private_sealed FROM ehr_keys")
    store.use_ehr_key("clinic", key("own"))

    assert (signs(), published()) == ("own", {"a", "own"})
    assert sql("SELECT kid, signs_from, published_until, private_sealed FROM ehr_keys") == before


def test_an_operators_former_key_can_come_back(store, signs):
    for kid in ("own", "other", "own"):
        store.use_ehr_key("clinic", key(kid))

    assert signs() == "own"
    assert {one.kid: one.signs for one in store.ehr_keys("clinic")} == {
        "own": True,
        "other": False,
    }


def test_two_processes_that_make_the_first_key_at_once_leave_one_that_signs(
    store, signs, published, at_once
):
    at_once(*[lambda kid=kid: store.add_ehr_key("clinic", key(kid)) for kid in "abcd"])

    assert published() == set("abcd")
    assert [one.signs for one in store.ehr_keys("clinic")].count(True) == 1
    # Whoever came first is known to others; the rest waits its hour.
    waiting = [one for one in store.ehr_keys("clinic") if one.signs_from > datetime.now(UTC)]
    assert len(waiting) == 3


def test_each_connection_has_its_own_keys_and_all_are_published_once(
    store, connection, signs, published
):
    connection("other")
    store.add_ehr_key("clinic", key("a"))
    store.use_ehr_key("other", key("a"))
    store.use_ehr_key("other", key("b"))

    assert (signs("clinic"), signs("other")) == ("a", "b")
    assert [one["kid"] for one in store.published_keys()] == ["a", "b"]


def test_a_private_key_is_nowhere_at_rest_and_in_no_repr(store, signs, dump):
    store.add_ehr_key("clinic", key("a"))

    assert b"CANARY" not in dump()
    assert b"xx" in dump()
    assert "CANARY" not in repr(store.ehr_by_name("clinic"))
    assert "CANARY" not in repr(store.ehr_keys("clinic"))
    assert "CANARY-a" in store.ehr_by_name("clinic").private_key


@pytest.mark.parametrize("private", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_the_database_itself_refuses_to_publish_what_is_private(store, signs, private):
    wrong = key("a")
    wrong.public_jwk[private] = "CANARY"

    with pytest.raises(IntegrityError, match="ck_ehr_keys_public") as caught:
        store.add_ehr_key("clinic", wrong)
    assert "'CANARY'" not in str(caught.value)


def test_a_key_that_is_moved_to_another_connection_signs_nothing_there(
    store, connection, signs, sql
):
    store.add_ehr_key("clinic", key("a"))
    other = connection("other")
    sql("UPDATE ehr_keys SET ehr_connection_id = :other", other=other.id)

    with pytest.raises(VaultError):
        store.ehr_by_name("other")


def test_another_token_key_opens_no_private_key_and_the_public_ones_stay_published(
    store, signs, database_url
):
    store.add_ehr_key("clinic", key("a"))
    other = open_store(database_url, Vault(b"x" * 32, key_id="1"), identifier_secret="i" * 40)
    try:
        with pytest.raises(VaultError) as caught:
            other.ehr_by_name("clinic")
        assert other.published_keys() == [key("a").public_jwk]
        assert other.key_report().closed == {"1": 1}
    finally:
        other.close()

    assert "CANARY" not in str(caught.value)
    assert store.key_report().opened == 1


def test_other_kinds_of_auth_never_open_the_key(store, signs):
    store.add_ehr_key("clinic", key("a"))
    saved = store.save_ehr(
        name="clinic",
        url="https://clinic.example/fhir",
        auth="none",
        username=None,
        credential=None,
        timeout_seconds=5,
    )

    assert saved.private_key is None


def test_an_unknown_connection_has_no_keys(store):
    for call in (
        lambda: store.ehr_keys("nobody"),
        lambda: store.add_ehr_key("nobody", key("a")),
        lambda: store.use_ehr_key("nobody", key("a")),
    ):
        with pytest.raises(NotFound, match="ohx ehr list"):
            call()
