"""Unlinking against the stand-ins, by real processes: the permission is really dead, and no kill -9, no
failing vendor and no second caller leaves a token or a key behind, or a consent open in the EHR.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.errors import AuthLost, NotConsented
from ohx_pipelines.links.models import Base
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.tokens import LinkTokens
from ohx_pipelines.outcomes import DayResult, Outcome
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.ehr_copies import asked_at
from tests.integration.linked_at_sandbox import link_person
from tests.integration.unlink_worker import STEPS

pytestmark = pytest.mark.slow

KILLED = -9
WHO = "operator test"


@pytest.fixture
def tables(database_url):
    """Every row of every table of ours, as text, over a connection of its own."""
    engine = create_engine(database_url)

    def read():
        with engine.connect() as connection:
            rows = [
                row
                for table in Base.metadata.sorted_tables
                for row in connection.execute(text(f"SELECT * FROM {table.name}"))
            ]
        return "\n".join(map(str, rows))

    yield read
    engine.dispose()


class Held:
    """A token somebody kept: what it is still good for."""

    account = "link-1"
    scopes = frozenset({"user.info", "user.metrics"})

    def __init__(self, access_token):
        self.access_token = access_token

    def current(self):
        return self.access_token

    def renew(self, refused):
        raise AuthLost


def revoked(sandbox):
    return sandbox.calls()["withings"].get("revoke", 0)


def is_dead(provider, tokens):
    """Tell whether the vendor refuses both tokens of a pair."""
    refused = 0
    for call in (
        lambda: provider.devices(Held(tokens.access_token)),
        lambda: provider.refresh(tokens.refresh_token),
    ):
        try:
            call()
        except AuthLost:
            refused += 1
    return refused == 2


def test_an_unlinked_account_is_dead_at_the_vendor_and_nothing_is_left_here(
    quiet_sandbox, store, provider, link, tables
):
    kept = store.tokens(link.id)
    assert provider.devices(Held(kept.access_token))
    user = store.link(link.id).vendor_user
    store.begin_unlink(link.id, who=WHO)

    ended = finish_unlink(store, provider, link.id, who=WHO)

    assert ended.done
    assert revoked(quiet_sandbox) == 1
    assert is_dead(provider, kept)
    assert store.is_erased(link.id)
    left = tables()
    assert [secret for secret in (user, kept.access_token) if secret in left] == []


def test_a_sync_that_holds_the_link_stops_at_its_next_token(store, provider, link):
    tokens = LinkTokens(store, provider, link.id)
    assert provider.devices(tokens)
    store.begin_unlink(link.id, who=WHO)

    with pytest.raises(NotConsented):
        provider.devices(tokens)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_ends_unlinked_revoked_and_closed_when_it_is_done_again(
    quiet_sandbox, store, provider, copied, ehr, process, step
):
    link = copied
    kept = store.tokens(link.id)
    end = process(step=step, delay=0.004)
    # A kill while somebody else is asked may come after the answer; every other one hits.
    assert end == KILLED or (end == 0 and step.startswith("during"))
    begun = store.link_state(link.id)
    assert begun in {LinkState.ACTIVE, LinkState.UNLINKING, LinkState.UNLINKED}

    assert process() == 0

    assert store.link_state(link.id) is LinkState.UNLINKED
    assert store.is_erased(link.id)
    assert is_dead(provider, kept)
    assert revoked(quiet_sandbox) in {1, 2}
    deeds = [entry.what for entry in store.audit(link_id=link.id)]
    assert (deeds.count("unlink_asked"), deeds.count("keys_destroyed")) == (1, 1)
    assert deeds.index("revoked_at_vendor") < deeds.index("keys_destroyed")
    # One line for the copy of the living link, one for the end.
    assert deeds.count("record_copied") == 2
    assert ehr.is_closed(link, at=asked_at(store, link))
    for one in (ehr.consent(link), *ehr.of_link("DeviceAssociation", link)):
        assert len(ehr.versions(one)) == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "http", "call": "getnonce", "status": 503}, "vendor_down"),
        ({"kind": "http", "call": "revoke", "status": 503}, "vendor_down"),
        ({"kind": "slow", "call": "revoke", "seconds": 8}, "vendor_down"),
        ({"kind": "status", "call": "revoke", "status": 601}, "rate_limited"),
        ({"kind": "status", "call": "revoke", "status": 503}, "vendor_rejected"),
        ({"kind": "not_an_envelope", "call": "getnonce"}, "malformed"),
    ],
    ids=lambda given: str(given["kind"] + given["call"]) if isinstance(given, dict) else None,
)
def test_a_vendor_that_fails_is_told_again_until_it_takes_note(
    quiet_sandbox, store, provider, link, fault, code
):
    kept = store.tokens(link.id)
    quiet_sandbox.post("faults", target="withings", count=1, **fault)
    store.begin_unlink(link.id, who=WHO)

    failed = finish_unlink(store, provider, link.id, who=WHO)

    assert (failed.waits, failed.code) == (True, code)
    assert not store.is_erased(link.id)
    assert finish_unlink(store, provider, link.id, who=WHO).done
    assert store.is_erased(link.id)
    assert is_dead(provider, kept)


def test_five_who_unlink_at_once_do_each_other_no_harm(
    quiet_sandbox, store, provider, copied, ehr, process
):
    link = copied
    kept = store.tokens(link.id)

    with ThreadPoolExecutor(5) as pool:
        ends = list(pool.map(lambda _: process(), range(5)))

    assert ends == [0] * 5
    assert store.is_erased(link.id)
    assert is_dead(provider, kept)
    assert 1 <= revoked(quiet_sandbox) <= 5
    deeds = [entry.what for entry in store.audit(link_id=link.id)]
    assert (deeds.count("unlink_asked"), deeds.count("keys_destroyed")) == (1, 1)
    assert deeds.count("record_copied") == 2
    assert ehr.is_closed(link, at=asked_at(store, link))
    assert len(ehr.versions(ehr.consent(link))) == 2


def test_linking_again_is_the_same_link_with_its_history_under_a_new_permission(
    quiet_sandbox, store, provider, link
):
    day = datetime.now(UTC).date()
    store.record_days(link.id, [DayResult(day=day, outcome=Outcome.SYNCED)], run_id="r1")
    before = store.tokens(link.id)
    store.begin_unlink(link.id, who=WHO)
    assert finish_unlink(store, provider, link.id, who=WHO).done

    again = link_person(store, quiet_sandbox, quiet_sandbox.people[0])

    assert (again.id, again.state) == (link.id, LinkState.ACTIVE)
    assert store.statuses(link_id=link.id)[0].last_success_day == day
    assert store.tokens(link.id).access_token != before.access_token
    assert provider.devices(LinkTokens(store, provider, link.id))
    assert is_dead(provider, before)
