"""A link brought to its end: the order of the steps, and every way a step can fail."""

from __future__ import annotations

import pytest

from ohx_pipelines.errors import AuthLost, Malformed, NotFound, VendorDown, VendorRejected
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.tokens import LinkTokens, NotConsented
from ohx_pipelines.unlinking import Unlinked, finish_unlink, finish_without_vendor
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpVendor, grant

WHO = "operator test"
DONE = Unlinked(done=True, state=LinkState.UNLINKED)


@pytest.fixture
def vendor():
    return MadeUpVendor()


@pytest.fixture
def link(store):
    """A link that its owner asked to end."""
    link = link_account(store, "ada")
    store.begin_unlink(link.id, who=WHO)
    return link


def log(store, link):
    asked = [one for one in store.audit(link_id=link.id) if one.what not in {"linked", "confirmed"}]
    return [(one.who, one.what, one.detail) for one in asked]


def test_the_vendor_is_told_then_the_keys_are_destroyed(store, vendor, link):
    assert finish_unlink(store, vendor, link.id, who=WHO) == DONE

    assert vendor.revoked == [("ada", "refresh-ada")]
    assert store.is_erased(link.id)
    assert log(store, link) == [
        (WHO, "unlink_asked", None),
        (WHO, "revoked_at_vendor", None),
        (WHO, "keys_destroyed", None),
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VendorDown(), "vendor_down"),
        (VendorRejected(), "vendor_rejected"),
        (AuthLost(), "auth_lost"),
        (Malformed(), "malformed"),
        (ZeroDivisionError("CANARY"), "internal_error"),
    ],
)
def test_a_vendor_that_does_not_say_yes_is_told_again_later(store, vendor, link, error, code):
    vendor.revoke_error = error

    ended = finish_unlink(store, vendor, link.id)

    assert (ended.done, ended.waits, ended.code) == (False, True, code)
    assert not store.is_erased(link.id)
    assert log(store, link)[-1] == ("system", "revoke_failed", code)

    vendor.revoke_error = None
    assert finish_unlink(store, vendor, link.id) == DONE


def test_a_link_that_has_ended_is_looked_at_again_and_nobody_is_told(store, vendor, link):
    finish_unlink(store, vendor, link.id)
    vendor.revoked.clear()

    assert finish_unlink(store, vendor, link.id) == DONE
    assert vendor.revoked == []


def test_it_is_not_done_while_the_database_still_holds_a_key(store, vendor, link):
    finish_unlink(store, vendor, link.id)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE provider_links SET wrapped_key = '\\x01'")

    ended = finish_unlink(store, vendor, link.id)

    assert (ended.done, ended.waits, ended.state) == (False, False, LinkState.UNLINKED)


def test_a_link_that_nobody_asked_to_end_does_not_end(store, vendor):
    link = link_account(store, "ada")

    ended = finish_unlink(store, vendor, link.id)

    assert (ended.done, ended.waits, ended.state) == (False, False, LinkState.ACTIVE)
    assert vendor.revoked == []
    assert store.tokens(link.id).access_token == "ada"


def test_a_link_that_does_not_exist_is_not_found(store, vendor):
    with pytest.raises(NotFound):
        finish_unlink(store, vendor, "aaaaaaaaaaaa")


def test_a_link_linked_again_while_the_vendor_was_told_keeps_its_new_keys(store, vendor, link):
    def told(*, user, refresh_token):
        store.save_link(
            patient_id=link.patient.id, provider="acme", grant=grant("ada"), data_types=["weight"]
        )

    vendor.revoke = told

    ended = finish_unlink(store, vendor, link.id)

    assert (ended.done, ended.waits, ended.state) == (False, False, LinkState.UNCONFIRMED)
    assert store.tokens(link.id).access_token == "ada"


def test_a_failure_after_another_caller_has_finished_takes_nothing_back(store, vendor, link):
    other = MadeUpVendor()

    def told(*, user, refresh_token):
        finish_unlink(store, other, link.id)
        raise VendorDown

    vendor.revoke = told

    assert finish_unlink(store, vendor, link.id) == DONE


def test_a_key_that_cannot_be_opened_waits_for_an_operator(store, vendor, link):
    store.vault._key = b"x" * 32

    ended = finish_unlink(store, vendor, link.id)

    assert (ended.waits, ended.code) == (True, "vault")
    assert vendor.revoked == []


def test_a_provider_that_is_gone_from_the_registry_waits_for_an_operator(store, link):
    ended = finish_unlink(store, None, link.id)

    assert (ended.waits, ended.code) == (True, "provider_unknown")


def test_without_the_vendor_the_keys_are_destroyed_and_the_log_says_so(store, link):
    assert finish_without_vendor(store, link.id, who=WHO) == DONE

    assert store.is_erased(link.id)
    assert log(store, link)[-1] == (WHO, "keys_destroyed", "vendor_not_told")


def test_without_the_vendor_a_living_link_stays(store):
    link = link_account(store, "ada")

    ended = finish_without_vendor(store, link.id, who=WHO)

    assert ended.state is LinkState.ACTIVE
    assert store.tokens(link.id).access_token == "ada"


def test_a_sync_on_its_way_gets_no_token_any_more(store, vendor):
    link = link_account(store, "ada")
    tokens = LinkTokens(store, vendor, link.id)
    assert tokens.current() == "ada"
    store.begin_unlink(link.id, who=WHO)

    with pytest.raises(NotConsented):
        tokens.current()
    with pytest.raises(NotConsented):
        tokens.renew("ada")


def test_after_the_end_there_is_no_token_at_all(store, vendor, link):
    finish_unlink(store, vendor, link.id)

    with pytest.raises(NotConsented):
        LinkTokens(store, vendor, link.id).current()
