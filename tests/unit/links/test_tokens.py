"""Tokens: fresh when asked for, stored before they are used, sealed, and lost only when lost."""

from __future__ import annotations

import threading
import traceback
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from ohx_pipelines.errors import AuthLost, NotFound, OhxError, VaultError, VendorDown
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.tokens import LinkTokens
from ohx_pipelines.links.vault import Vault


@dataclass
class FakeVendor:
    """A vendor's token endpoint: refresh token n gives the pair n+1, or `error`."""

    new_grant: object
    asked: list = field(default_factory=list)
    error: Exception | None = None
    meanwhile: object = None

    def refresh(self, refresh_token):
        self.asked.append(refresh_token)
        if self.meanwhile:
            self.meanwhile()
        if self.error:
            raise self.error
        return self.new_grant(number=int(refresh_token.rsplit("-", 1)[1]) + 1)


@pytest.fixture
def vendor(new_grant):
    return FakeVendor(new_grant)


@pytest.fixture
def tokens(store, vendor, active_link):
    """The token source of the active link, whose pair is number 1."""
    return LinkTokens(store, vendor, active_link.id)


@pytest.fixture
def due(store, active_link, new_grant):
    """Make the link's access token run out within half a minute."""
    grant = new_grant(valid=timedelta(seconds=30))
    store.save_tokens(active_link.id, grant, version=store.tokens(active_link.id).version)


@pytest.fixture
def relink(active_link, link_account):
    """What a patient's second return from the vendor makes of the link: the pair number 9."""
    return lambda: link_account(active_link.patient.id, number=9)


def test_a_token_that_is_not_due_is_given_without_asking_the_vendor(tokens, vendor):
    assert tokens.current() == "access-CANARY-1"
    assert vendor.asked == []


def test_a_token_that_is_due_is_refreshed_once(tokens, vendor, due):
    assert tokens.current() == "access-CANARY-2"
    assert tokens.current() == "access-CANARY-2"
    assert vendor.asked == ["refresh-CANARY-1"]


@pytest.mark.parametrize(("seconds", "refreshed"), [(58, True), (65, False)])
def test_a_token_is_due_a_minute_before_it_runs_out(
    store, tokens, vendor, active_link, new_grant, seconds, refreshed
):
    grant = new_grant(valid=timedelta(seconds=seconds))
    store.save_tokens(active_link.id, grant, version=store.tokens(active_link.id).version)

    tokens.current()

    assert bool(vendor.asked) == refreshed


def test_the_next_refresh_uses_the_new_refresh_token(tokens, vendor, due):
    first = tokens.current()
    assert tokens.renew(first) == "access-CANARY-3"
    assert vendor.asked == ["refresh-CANARY-1", "refresh-CANARY-2"]


def test_a_refused_token_is_refreshed_though_it_was_not_due(tokens, vendor):
    assert tokens.renew("access-CANARY-1") == "access-CANARY-2"
    assert vendor.asked == ["refresh-CANARY-1"]


def test_a_refused_token_that_was_superseded_costs_no_refresh(tokens, vendor, relink):
    relink()
    assert tokens.renew("access-CANARY-1") == "access-CANARY-9"
    assert vendor.asked == []


def test_a_new_pair_is_stored_before_anybody_can_use_it(store, active_link, vendor, due):
    order = []

    class Watched:
        """The store, with a note of what was done to it."""

        def __getattr__(self, name):
            order.append(name)
            return getattr(store, name)

    def use(token):
        order.append("use")
        return store.tokens(active_link.id)

    vendor.meanwhile = lambda: order.append("refresh")
    stored = use(LinkTokens(Watched(), vendor, active_link.id).current())

    assert order == ["tokens", "refresh", "save_tokens", "use"]
    assert (stored.access_token, stored.refresh_token) == ("access-CANARY-2", "refresh-CANARY-2")


def test_a_pair_that_cannot_be_stored_is_never_given(tokens, store, active_link, due, sql):
    version = store.tokens(active_link.id).version
    sql(f"ALTER TABLE link_tokens ADD CONSTRAINT full_disk CHECK (version <= {version})")
    try:
        with pytest.raises(IntegrityError) as caught:
            tokens.current()
    finally:
        sql("ALTER TABLE link_tokens DROP CONSTRAINT full_disk")

    assert "CANARY" not in "".join(traceback.format_exception(caught.value))
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-1"


def test_of_two_refreshes_at_once_both_end_with_the_stored_pair(
    store, active_link, new_grant, due, at_once
):
    both = threading.Barrier(2)
    # Pairs differ: the vendor gives another one to each who asks.
    vendors = [
        FakeVendor(lambda number, n=n: new_grant(number=number * 10 + n), meanwhile=both.wait)
        for n in (1, 2)
    ]
    sources = [LinkTokens(store, vendor, active_link.id) for vendor in vendors]

    given = at_once(*[source.current for source in sources])

    assert [len(vendor.asked) for vendor in vendors] == [1, 1]
    assert given == [store.tokens(active_link.id).access_token] * 2
    assert store.link(active_link.id).state is LinkState.ACTIVE


def test_a_pair_that_was_superseded_while_it_was_fetched_is_dropped(
    store, active_link, tokens, vendor, relink, due
):
    vendor.meanwhile = relink

    assert tokens.current() == "access-CANARY-9"
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-9"


def test_a_lost_authorization_makes_the_link_ask_for_a_relink(store, active_link, tokens, vendor):
    vendor.error = AuthLost()

    with pytest.raises(AuthLost):
        tokens.renew("access-CANARY-1")

    assert store.link(active_link.id).state is LinkState.NEEDS_RELINK
    assert store.active_link_ids("withings") == []


def test_a_refusal_of_old_tokens_is_no_loss_when_newer_ones_are_there(
    store, active_link, tokens, vendor, relink, due
):
    vendor.error, vendor.meanwhile = AuthLost(), relink

    assert tokens.current() == "access-CANARY-9"
    assert store.link(active_link.id).state is LinkState.ACTIVE


def test_a_refusal_that_was_overtaken_by_the_pair_it_was_refused_for_is_mended(
    store, active_link, new_grant
):
    # Two processes refresh at once; the one that is refused is faster than the one that is not.
    version = store.tokens(active_link.id).version
    assert store.mark_lost(active_link.id, version=version)

    store.save_tokens(active_link.id, new_grant(number=2), version=version)

    assert store.link(active_link.id).state is LinkState.ACTIVE


@pytest.mark.parametrize("state", [LinkState.UNCONFIRMED, LinkState.UNLINKING, LinkState.UNLINKED])
def test_a_link_that_is_not_active_keeps_its_state_when_its_tokens_are_refused(
    store, active_link, tokens, vendor, state
):
    store.set_state(active_link.id, state)
    vendor.error = AuthLost()

    with pytest.raises(AuthLost):
        tokens.renew("access-CANARY-1")

    assert store.link(active_link.id).state is state


def test_a_vendor_that_is_down_loses_nothing(store, active_link, tokens, vendor):
    vendor.error = VendorDown()

    with pytest.raises(VendorDown):
        tokens.renew("access-CANARY-1")

    assert store.link(active_link.id).state is LinkState.ACTIVE
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-1"


def test_tokens_over_a_version_that_is_gone_are_refused(store, active_link, new_grant):
    version = store.tokens(active_link.id).version
    store.save_tokens(active_link.id, new_grant(number=2), version=version)

    with pytest.raises(OhxError) as caught:
        store.save_tokens(active_link.id, new_grant(number=3), version=version)

    assert caught.value.code == "tokens_superseded"
    assert store.tokens(active_link.id).access_token == "access-CANARY-2"


def test_a_link_without_tokens_is_not_found(store, active_link, new_grant, sql):
    sql("DELETE FROM link_tokens")
    with pytest.raises(NotFound):
        store.tokens(active_link.id)
    with pytest.raises(NotFound):
        store.save_tokens(active_link.id, new_grant(), version=1)


# At rest.


@pytest.mark.parametrize(
    "change",
    [
        "access_sealed = refresh_sealed, refresh_sealed = access_sealed",
        "version = version + 1",
        "access_sealed = set_bit(access_sealed, 300, 1 - get_bit(access_sealed, 300))",
        "refresh_sealed = substring(refresh_sealed FROM 1 FOR 5)",
        "access_sealed = ''",
    ],
    ids=["fields swapped", "version raised", "a bit flipped", "cut short", "empty"],
)
def test_a_changed_row_does_not_open(store, active_link, sql, change):
    assert store.tokens(active_link.id).access_token == "access-CANARY-1"
    sql(f"UPDATE link_tokens SET {change}")

    with pytest.raises(VaultError):
        store.tokens(active_link.id)


def test_tokens_put_back_from_an_older_version_do_not_open(store, active_link, new_grant, sql):
    [(old,)] = sql("SELECT access_sealed FROM link_tokens")
    store.save_tokens(
        active_link.id, new_grant(number=2), version=store.tokens(active_link.id).version
    )
    sql("UPDATE link_tokens SET access_sealed = :old", old=bytes(old))

    with pytest.raises(VaultError):
        store.tokens(active_link.id)


@pytest.mark.parametrize("with_the_key", [False, True], ids=["tokens", "tokens and data key"])
def test_tokens_copied_to_another_link_do_not_open(
    store, active_link, new_patient, link_account, sql, with_the_key
):
    other = link_account(new_patient(), "another-user", 5)
    names = {"one": active_link.id, "other": other.id}
    sql(
        "UPDATE link_tokens SET (access_sealed, refresh_sealed, version) = (SELECT access_sealed, "
        "refresh_sealed, version FROM link_tokens WHERE link_id = :one) WHERE link_id = :other",
        **names,
    )
    if with_the_key:
        sql(
            "UPDATE provider_links SET wrapped_key = (SELECT wrapped_key FROM provider_links "
            "WHERE id = :one) WHERE id = :other",
            **names,
        )

    with pytest.raises(VaultError):
        store.tokens(other.id)


@pytest.mark.parametrize(("key", "key_id"), [(b"x" * 32, "1"), (b"k" * 32, "2")])
def test_another_token_key_opens_no_tokens(database_url, active_link, key, key_id):
    other = open_store(database_url, Vault(key, key_id=key_id), identifier_secret="i" * 40)
    for read in (other.tokens, other.link):
        with pytest.raises(VaultError) as caught:
            read(active_link.id)
        assert "CANARY" not in str(caught.value)
    other.close()


def test_nothing_readable_is_at_rest(store, active_link, tokens, relink, dump):
    tokens.renew("access-CANARY-1")
    relink()
    # What the next line looks for is there to be found.
    assert active_link.id.encode() in dump()

    assert b"CANARY" not in dump()


def test_nothing_readable_is_in_a_repr(store, active_link, new_grant, tokens):
    for record in (store.link(active_link.id), store.tokens(active_link.id), new_grant(), tokens):
        assert "CANARY" not in repr(record)
        assert "CANARY" not in str(record)


def test_nothing_readable_is_in_an_error(
    store, active_link, tokens, vendor, new_patient, link_account, new_grant, sql
):
    # By name, because a traceback quotes the lines of this file.
    first, other_user = "access-CANARY-1", "vendor-user-CANARY-2"

    def errors():
        vendor.error = AuthLost()
        yield lambda: tokens.renew(first)
        yield lambda: link_account(new_patient())
        yield lambda: link_account(active_link.patient.id, other_user)
        yield lambda: store.save_tokens(active_link.id, new_grant(), version=77)
        yield lambda: store.confirm_link(active_link.id, zone=ZoneInfo("UTC"))
        sql("UPDATE provider_links SET wrapped_key = '\\x01', account_sealed = '\\x01'")
        yield lambda: store.tokens(active_link.id)
        yield lambda: store.link(active_link.id)

    for call in errors():
        with pytest.raises(OhxError) as caught:
            call()
        assert "CANARY" not in "".join(traceback.format_exception(caught.value))
        assert "CANARY" not in repr(caught.value)
