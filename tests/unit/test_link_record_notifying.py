"""A link's notifications: asked for with its copy, which never waits for them in the EHR."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from ohx_pipelines.errors import AuthLost, VendorDown, VendorRejected
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.records import RecordState
from ohx_pipelines.notifying import Notifying
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import DataType, NotificationKind
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpEhr, MadeUpVendor

NAMES = tuple(DataType(name=name, title=name, metrics=frozenset()) for name in ("weight", "sleep"))
KINDS = (
    NotificationKind(name="scale", title="weight", data_types=frozenset({"weight"})),
    NotificationKind(name="night", title="sleep", data_types=frozenset({"sleep"})),
    NotificationKind(name="account", title="the account", data_types=frozenset()),
)


@dataclass
class TellingVendor(MadeUpVendor):
    """A vendor that keeps subscriptions."""

    kept: set = field(default_factory=set)
    subscribe_error: Exception | None = None
    listings_of_kept: int = 0

    @property
    def facts(self):
        return replace(super().facts, data_types=NAMES, notifications=KINDS)

    def subscriptions(self, token, *, url):
        self.listings_of_kept += 1
        assert token.current()
        return frozenset(self.kept)

    def subscribe(self, token, *, url, kind):
        if self.subscribe_error:
            raise self.subscribe_error
        assert url.startswith("https://links.example/webhooks/acme/")
        self.kept.add(kind)

    def unsubscribe(self, token, *, url, kind):
        self.kept.remove(kind)


@pytest.fixture
def vendor():
    return TellingVendor()


@pytest.fixture
def ehr():
    return MadeUpEhr()


@pytest.fixture
def records(store, vendor, ehr):
    return LinkRecords(
        store=store,
        providers={"acme": vendor},
        publisher=lambda connection: Publisher(
            ehr, write_mode=connection.write_mode, leave_out=connection.leave_out
        ),
        secret=b"s" * 40,
        notifying=Notifying(portal_url="https://links.example", secret=b"s" * 40),
    )


@pytest.fixture
def link(store):
    return link_account(store, "ada")


def due(store, link):
    return store.statuses(link_id=link.id)[0].record is RecordState.DUE


def in_the_ehr(ehr):
    return {kind for kind, _ in ehr.held}


def test_a_copied_link_is_told_of_what_it_shares(records, store, vendor, link):
    assert records.copy(link.id).outcome is Outcome.SYNCED
    assert vendor.kept == {"scale", "account"}
    assert not due(store, link)


def test_a_change_of_sharing_changes_what_is_told(records, store, vendor, link):
    records.copy(link.id)
    store.share(link.id, ["sleep"], who="test")
    assert due(store, link)
    records.copy(link.id)
    assert vendor.kept == {"night", "account"}


def test_a_copy_of_what_is_there_asks_once_and_changes_nothing(records, vendor, link):
    records.copy(link.id)
    vendor.subscribe_error = AssertionError("nothing is to be subscribed")
    assert records.copy(link.id).outcome is Outcome.SYNCED
    assert vendor.listings_of_kept == 2


def test_without_notifications_no_vendor_is_asked(records, vendor, link):
    assert replace(records, notifying=None).copy(link.id).outcome is Outcome.SYNCED
    assert (vendor.kept, vendor.listings_of_kept) == (set(), 0)


def test_a_passing_failure_stays_due_and_the_ehr_has_its_copy_meanwhile(
    records, store, vendor, ehr, link
):
    vendor.subscribe_error = VendorDown()
    assert records.copy(link.id).outcome is Outcome.VENDOR_DOWN
    assert in_the_ehr(ehr) >= {"Consent", "Device"}
    assert due(store, link)

    vendor.subscribe_error = None
    assert records.copy(link.id).outcome is Outcome.SYNCED
    assert vendor.kept == {"scale", "account"}
    assert not due(store, link)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(VendorRejected(status=293), Outcome.VENDOR_REJECTED), (AuthLost(), Outcome.AUTH_LOST)],
)
def test_a_refusal_is_told_and_the_copy_is_not_made_again_and_again_for_it(
    records, store, vendor, ehr, link, error, outcome
):
    vendor.subscribe_error = error
    copied = records.copy(link.id)

    assert (copied.outcome, copied.status) == (outcome, error.status)
    assert in_the_ehr(ehr) >= {"Consent", "Device"}
    assert not due(store, link)
