"""The identifier secret: every id in the EHR derives from it, so a database keeps to its first."""

from __future__ import annotations

import pytest

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault

FIRST, SECOND = "first-secret-CANARY" * 2, "second-secret-CANARY" * 2


@pytest.fixture
def start(database_url):
    """What every process does at its start, with a secret."""

    def give(secret, token_key=b"k" * 32):
        store = open_store(database_url, Vault(token_key, key_id="1"), identifier_secret=secret)
        try:
            store.check_identifier_secret()
        finally:
            store.close()

    return give


def test_the_same_secret_is_accepted_again_and_again(start):
    for _ in range(3):
        start(FIRST)


def test_another_secret_is_refused_with_what_to_do_and_without_either_secret(start):
    start(FIRST)

    with pytest.raises(ConfigurationError, match="OHX_IDENTIFIER_SECRET") as caught:
        start(SECOND)

    assert "CANARY" not in str(caught.value)
    start(FIRST)


def test_a_changed_token_key_is_no_changed_identifier_secret(start):
    start(FIRST)
    start(FIRST, token_key=b"x" * 32)


def test_of_two_first_starts_with_different_secrets_one_is_refused(start, at_once):
    ends = at_once(lambda: start(FIRST), lambda: start(SECOND))

    assert [type(end).__name__ for end in ends].count("ConfigurationError") == 1
    assert ends.count(None) == 1


def test_the_secret_is_not_at_rest(start, dump):
    start(FIRST)
    assert b"CANARY" not in dump()
