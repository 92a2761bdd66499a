"""Tokens: fresh when asked for, stored before they are used, sealed, and lost only when lost."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import IntegrityError

from ohx_pipelines.errors import (
    AuthLost,
    NotConsented,
    NotFound,
    OhxError,
    RefusedOnce,
    VaultError,
    VendorDown,
)
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.token_rows import Lease, TokensSuperseded
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules
from ohx_pipelines.links.vault import Vault

AT_ONCE = RefreshRules(refusal_pause_seconds=0)


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
def due(store, active_link, new_grant, leased):
    """Make the link's access token run out within half a minute."""
    store.save_tokens(leased(active_link.id), new_grant(valid=timedelta(seconds=30)))


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
    store, tokens, vendor, active_link, new_grant, leased, seconds, refreshed
):
    store.save_tokens(leased(active_link.id), new_grant(valid=timedelta(seconds=seconds)))

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

    assert order == ["tokens", "claim_refresh", "refresh", "save_tokens", "use"]
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


def test_of_many_refreshes_at_once_one_asks_the_vendor_and_all_get_its_pair(
    store, active_link, vendor, due, at_once
):
    vendor.meanwhile = lambda: time.sleep(0.5)
    sources = [LinkTokens(store, vendor, active_link.id) for _ in range(4)]

    given = at_once(*[source.current for source in sources])

    assert given == ["access-CANARY-2"] * 4
    assert vendor.asked == ["refresh-CANARY-1"]


def test_a_lease_that_ran_out_is_anybodys_and_the_late_pair_of_its_holder_is_dropped(
    store, active_link, new_grant, due, leased
):
    late = leased(active_link.id, seconds=0)
    time.sleep(0.01)
    source = LinkTokens(store, FakeVendor(new_grant), active_link.id)

    assert source.current() == "access-CANARY-2"
    with pytest.raises(TokensSuperseded):
        store.save_tokens(late, new_grant(number=7))
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-2"


def test_a_newer_lease_on_the_same_tokens_fences_the_older_one_off(
    store, active_link, new_grant, leased
):
    late = leased(active_link.id, seconds=0)
    time.sleep(0.01)
    mine = leased(active_link.id)

    with pytest.raises(TokensSuperseded):
        store.save_tokens(late, new_grant(number=7))
    store.release_refresh(late)
    assert leased(active_link.id) is None
    assert store.save_tokens(mine, new_grant(number=2)) == 2


def test_who_was_fenced_off_begins_anew_and_never_gives_the_old_token(
    store, active_link, new_grant, vendor, sql, leased
):
    def overtake():
        vendor.meanwhile = None
        sql("UPDATE link_tokens SET lease_until = now() - interval '1 second'")
        assert leased(active_link.id, seconds=0.3)  # and never stores a pair

    vendor.meanwhile = overtake
    tokens = LinkTokens(store, vendor, active_link.id)

    assert tokens.renew("access-CANARY-1") == "access-CANARY-2"
    assert vendor.asked == ["refresh-CANARY-1"] * 2


def test_a_lease_from_before_an_unlinking_is_worth_nothing_after_it(
    store, active_link, new_grant, link_account, leased
):
    late = leased(active_link.id)
    store.begin_unlink(active_link.id, who="operator test")
    store.destroy_keys_untold(active_link.id, who="operator test")
    link_account(active_link.patient.id, number=9)
    leased(active_link.id)

    with pytest.raises(TokensSuperseded):
        store.save_tokens(late, new_grant(number=7))
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-9"


def test_no_lease_is_given_on_tokens_that_are_not_the_newest(store, active_link, new_grant, leased):
    old = store.tokens(active_link.id).version
    store.save_tokens(leased(active_link.id), new_grant(number=2))

    assert store.claim_refresh(active_link.id, version=old, seconds=30) is None


def test_a_vendor_that_is_down_frees_the_lease_for_the_next_process(
    store, active_link, vendor, tokens, leased
):
    vendor.error = VendorDown()
    with pytest.raises(VendorDown):
        tokens.renew("access-CANARY-1")

    assert leased(active_link.id) is not None


def test_a_refresh_that_others_never_finish_is_the_vendors_trouble_and_not_endless(
    store, active_link, vendor, due, leased
):
    leased(active_link.id, seconds=60)
    source = LinkTokens(
        store,
        vendor,
        active_link.id,
        rules=RefreshRules(lease_seconds=0.2, refusal_pause_seconds=0),
    )

    with pytest.raises(VendorDown):
        source.current()
    assert vendor.asked == []


def test_the_scopes_of_a_refreshed_pair_are_the_links(store, active_link, new_grant, leased):
    grant = replace(new_grant(number=2), scopes=frozenset({"user.info"}))
    store.save_tokens(leased(active_link.id), grant)

    assert store.tokens(active_link.id).scopes == {"user.info"}
    assert store.link(active_link.id).scopes == {"user.info"}


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_a_link_that_has_ended_gives_no_token(store, active_link, tokens, vendor, state):
    store.set_state(active_link.id, state)

    for ask in (tokens.current, lambda: tokens.renew("access-CANARY-1"), lambda: tokens.scopes):
        with pytest.raises(NotConsented):
            ask()
    assert vendor.asked == []


def test_a_pair_that_was_superseded_while_it_was_fetched_is_dropped(
    store, active_link, tokens, vendor, relink, due
):
    vendor.meanwhile = relink

    assert tokens.current() == "access-CANARY-9"
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-9"


def test_a_refusal_is_believed_the_second_time(store, active_link, vendor):
    vendor.error = AuthLost()
    tokens = LinkTokens(store, vendor, active_link.id, rules=AT_ONCE)

    with pytest.raises(RefusedOnce):
        tokens.renew("access-CANARY-1")
    assert store.link(active_link.id).state is LinkState.ACTIVE

    with pytest.raises(AuthLost) as caught:
        tokens.renew("access-CANARY-1")
    assert not isinstance(caught.value, RefusedOnce)
    assert store.link(active_link.id).state is LinkState.NEEDS_RELINK
    assert store.active_link_ids("withings") == []
    assert [entry.what for entry in store.audit()][-1] == "permission_lost"


def test_a_second_refusal_before_the_pause_is_over_settles_nothing(
    store, active_link, tokens, vendor, sql
):
    vendor.error = AuthLost()
    for _ in range(3):
        with pytest.raises(RefusedOnce):
            tokens.renew("access-CANARY-1")
    assert store.link(active_link.id).state is LinkState.ACTIVE

    sql("UPDATE link_tokens SET refused_at = refused_at - interval '61 seconds'")
    with pytest.raises(AuthLost):
        tokens.renew("access-CANARY-1")
    assert store.link(active_link.id).state is LinkState.NEEDS_RELINK


def test_a_refresh_that_works_forgets_the_refusal_before_it(store, active_link, vendor):
    tokens = LinkTokens(store, vendor, active_link.id, rules=AT_ONCE)
    vendor.error = AuthLost()
    with pytest.raises(RefusedOnce):
        tokens.renew("access-CANARY-1")
    vendor.error = None
    assert tokens.renew("access-CANARY-1") == "access-CANARY-2"

    vendor.error = AuthLost()
    with pytest.raises(RefusedOnce):
        tokens.renew("access-CANARY-2")


def test_a_refusal_of_old_tokens_is_no_loss_when_newer_ones_are_there(
    store, active_link, tokens, vendor, relink, due
):
    vendor.error, vendor.meanwhile = AuthLost(), relink

    assert tokens.current() == "access-CANARY-9"
    assert store.link(active_link.id).state is LinkState.ACTIVE


def test_a_refusal_that_was_overtaken_by_the_pair_it_was_refused_for_is_mended(
    store, active_link, new_grant, leased
):
    # A process was believed dead and is not: its answer comes after a refusal of its successor.
    store.set_state(active_link.id, LinkState.NEEDS_RELINK)

    store.save_tokens(leased(active_link.id), new_grant(number=2))

    assert store.link(active_link.id).state is LinkState.ACTIVE


def test_an_unconfirmed_link_stays_so_when_its_tokens_are_refused(store, active_link, vendor):
    store.set_state(active_link.id, LinkState.UNCONFIRMED)
    vendor.error = AuthLost()
    tokens = LinkTokens(store, vendor, active_link.id, rules=AT_ONCE)

    for _ in range(2):
        with pytest.raises(AuthLost):
            tokens.renew("access-CANARY-1")

    assert store.link(active_link.id).state is LinkState.UNCONFIRMED


def test_a_vendor_that_is_down_loses_nothing(store, active_link, tokens, vendor):
    vendor.error = VendorDown()

    with pytest.raises(VendorDown):
        tokens.renew("access-CANARY-1")

    assert store.link(active_link.id).state is LinkState.ACTIVE
    assert store.tokens(active_link.id).refresh_token == "refresh-CANARY-1"


def test_tokens_over_a_version_that_is_gone_are_refused(store, active_link, new_grant, leased):
    lease = leased(active_link.id)
    store.save_tokens(lease, new_grant(number=2))

    with pytest.raises(OhxError) as caught:
        store.save_tokens(lease, new_grant(number=3))

    assert caught.value.code == "tokens_superseded"
    assert store.tokens(active_link.id).access_token == "access-CANARY-2"


def test_a_link_without_tokens_is_not_found(store, active_link, new_grant, leased, sql):
    lease = leased(active_link.id)
    sql("DELETE FROM link_tokens")
    with pytest.raises(NotFound):
        store.tokens(active_link.id)
    with pytest.raises(NotFound):
        store.save_tokens(lease, new_grant())
    assert store.claim_refresh(active_link.id, version=1, seconds=30) is None


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


def test_tokens_put_back_from_an_older_version_do_not_open(
    store, active_link, new_grant, leased, sql
):
    [(old,)] = sql("SELECT access_sealed FROM link_tokens")
    store.save_tokens(leased(active_link.id), new_grant(number=2))
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
        stale = Lease(link_id=active_link.id, version=77, fence=1)
        yield lambda: store.save_tokens(stale, new_grant())
        yield lambda: store.confirm_link(active_link.id, zone=ZoneInfo("UTC"))
        sql("UPDATE provider_links SET wrapped_key = '\\x01', account_sealed = '\\x01'")
        yield lambda: store.tokens(active_link.id)
        yield lambda: store.link(active_link.id)

    for call in errors():
        with pytest.raises(OhxError) as caught:
            call()
        assert "CANARY" not in "".join(traceback.format_exception(caught.value))
        assert "CANARY" not in repr(caught.value)
