"""The inbox: hints of vendors, bound to active links alone, each burst one row."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from ohx_pipelines.links.inbox import Said
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault

USER = "vendor-user-CANARY-1"
DAY, NEXT, AFTER = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


def said(first=DAY, last=DAY, kind="1", *, ended=False):
    return Said(kind=kind, first_day=first, last_day=last, ended=ended)


@pytest.fixture
def tell(store):
    def give(*, user=USER, provider="withings", data_types=(), **changes):
        store.receive_hint(provider, user, said(**changes), data_types=data_types)

    return give


@pytest.fixture
def waiting(store):
    return lambda: store.waiting_hints("withings", most=100)


def spans(hints):
    return [(one.kind, one.first_day, one.last_day) for one in hints]


def test_a_hint_waits_for_the_link_of_the_vendors_user(active_link, tell, waiting):
    tell(first=DAY, last=NEXT, kind="44")

    [hint] = waiting()
    assert (hint.provider, hint.link_id, hint.kind) == ("withings", active_link.id, "44")
    assert (hint.first_day, hint.last_day, hint.ended) == (DAY, NEXT, False)


def test_the_zone_of_an_account_is_its_links(store, active_link):
    assert store.zone_of_account("withings", USER) == ZoneInfo("Europe/Berlin")
    assert store.zone_of_account("withings", "somebody") is None
    assert store.zone_of_account("pulse", USER) is None


@pytest.mark.parametrize("who", [{"user": "somebody"}, {"provider": "pulse"}, {"user": ""}])
def test_what_is_about_nobodys_link_leaves_no_trace(active_link, tell, sql, who):
    tell(**who)
    assert sql("SELECT * FROM inbox") == []


@pytest.mark.parametrize("state", [one for one in LinkState if one is not LinkState.ACTIVE])
def test_a_link_that_is_not_read_gets_no_hints(store, active_link, tell, sql, state):
    store.set_state(active_link.id, state)
    tell()
    assert sql("SELECT * FROM inbox") == []
    assert store.zone_of_account("withings", USER) is None


@pytest.mark.parametrize(("concerned", "count"), [(("weight", "sleep"), 1), (("sleep",), 0)])
def test_only_what_is_shared_is_waited_for(active_link, tell, waiting, concerned, count):
    tell(data_types=concerned)
    assert len(waiting()) == count


def test_a_burst_of_equal_hints_is_one(active_link, tell, waiting):
    for _ in range(20):
        tell()
    assert spans(waiting()) == [("1", DAY, DAY)]


def test_equal_hints_at_the_same_moment_are_one(active_link, tell, waiting, at_once):
    assert at_once(*[tell] * 4) == [None] * 4
    assert spans(waiting()) == [("1", DAY, DAY)]


def test_what_a_waiting_hint_says_already_adds_none(active_link, tell, waiting):
    tell(first=DAY, last=AFTER)
    tell(first=NEXT, last=NEXT)
    assert spans(waiting()) == [("1", DAY, AFTER)]


def test_other_kinds_and_days_and_the_end_of_the_permission_are_hints_of_their_own(
    active_link, tell, waiting
):
    tell()
    tell(kind="4")
    tell(first=NEXT, last=NEXT)
    tell(ended=True)
    tell(first=DAY, last=AFTER)
    assert spans(waiting()) == [
        ("1", DAY, DAY), ("4", DAY, DAY), ("1", NEXT, NEXT), ("1", DAY, DAY), ("1", DAY, AFTER),
    ]  # fmt: skip


def test_another_patients_equal_hint_is_kept_too(
    active_link, tell, waiting, new_patient, link_account, store
):
    other = link_account(new_patient(), "vendor-user-CANARY-2")
    store.confirm_link(other.id, zone=ZoneInfo("Asia/Tokyo"))
    tell()
    tell(user="vendor-user-CANARY-2")
    assert [one.link_id for one in waiting()] == [active_link.id, other.id]


def test_a_taken_hint_waits_no_more_and_the_next_equal_one_does(store, active_link, tell, waiting):
    tell()
    first = waiting()
    assert store.take_hints(first) == 1
    assert waiting() == []
    assert store.take_hints(first) == 0

    tell()
    [again] = waiting()
    assert again.id != first[0].id


def test_a_hint_that_came_again_after_it_was_read_is_not_taken(store, active_link, tell, waiting):
    tell()
    read = waiting()
    tell()

    assert store.take_hints(read) == 0
    assert store.take_hints(waiting()) == 1


def test_not_more_than_asked_for_are_given_the_oldest_first(store, active_link, tell):
    for kind in ("1", "4", "44"):
        tell(kind=kind)
    assert [one.kind for one in store.waiting_hints("withings", most=2)] == ["1", "4"]
    assert store.waiting_hints("pulse", most=2) == []


def test_hints_of_a_link_that_ends_are_not_given_and_are_forgotten(
    store, active_link, tell, waiting, sql
):
    tell()
    store.begin_unlink(active_link.id, who="patient x")
    assert waiting() == []
    store.take_hints([])
    assert sql("SELECT * FROM inbox") == []


def test_what_was_taken_is_forgotten_after_a_week(store, active_link, tell, waiting, sql):
    tell()
    store.take_hints(waiting())
    sql("UPDATE inbox SET taken_at = now() - interval '6 days'")
    store.take_hints([])
    assert len(sql("SELECT * FROM inbox")) == 1
    sql("UPDATE inbox SET taken_at = now() - interval '8 days'")
    store.take_hints([])
    assert sql("SELECT * FROM inbox") == []


@pytest.fixture
def another_process(database_url):
    """The same store as a process that has just started opens it."""
    vault = Vault(b"k" * 32, key_id="1")
    with closing(open_store(database_url, vault, identifier_secret="i" * 40)) as store:
        yield store


@pytest.mark.parametrize("user", [USER, "somebody"])
def test_what_nobody_took_for_a_week_is_forgotten_when_another_hint_comes(
    active_link, tell, sql, another_process, user
):
    for kind in ("old", "new"):
        tell(kind=kind)
    age = "UPDATE inbox SET received_at = now() - make_interval(days => :days) WHERE kind = :kind"
    sql(age, days=8, kind="old")
    sql(age, days=6, kind="new")

    another_process.receive_hint("withings", user, said(kind="other"))

    kinds = {kind for (kind,) in sql("SELECT kind FROM inbox")}
    assert kinds == ({"new", "other"} if user == USER else {"new"})


def test_nothing_is_looked_for_again_within_the_hour(active_link, tell, sql):
    tell()
    sql("UPDATE inbox SET received_at = now() - interval '8 days'")
    tell(kind="other")

    assert len(sql("SELECT * FROM inbox")) == 2


def test_forgetting_waits_for_nobody(active_link, tell, sql, another_process, database_url, hold):
    tell()
    sql("UPDATE inbox SET received_at = now() - interval '8 days'")
    with hold(database_url, "SELECT * FROM inbox FOR UPDATE", waiting=0):
        another_process.receive_hint("withings", "somebody", said())

    assert len(sql("SELECT * FROM inbox")) == 1


def test_the_longest_name_of_a_kind_is_kept_whole(active_link, tell, waiting):
    tell(kind="daily-sleep-temperature-derivations")
    assert [one.kind for one in waiting()] == ["daily-sleep-temperature-derivations"]


def test_the_table_has_no_column_for_a_reading_or_a_vendors_user(sql, active_link, tell, dump):
    columns = sql("SELECT column_name FROM information_schema.columns WHERE table_name = 'inbox'")
    assert {name for (name,) in columns} == {
        "id", "provider", "link_id", "kind", "first_day", "last_day", "ended", "received_at",
        "taken_at",
    }  # fmt: skip
    tell()
    assert b"CANARY" not in dump()
