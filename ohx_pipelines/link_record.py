"""A link's copy in its EHR: Consent and devices while it lives, their end once it was ended.

Belongs here: what is copied, in which order, and how that went. Not here: what the resources are
(`link_resources.py`), when a copy is due (`links/link_records.py`) or who asks for one.
The store's record decides; the EHR's copy follows it, however often that takes. Every step can be
killed and repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from ohx_pipelines.breaker import heard
from ohx_pipelines.errors import (
    AuthLost,
    BreakerOpen,
    NotConsented,
    NotFound,
    OhxError,
    VendorError,
    word_for,
)
from ohx_pipelines.fhir.context import LinkContext
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.fhir.writing.written import Written
from ohx_pipelines.link_breaker import LinkBreaker
from ohx_pipelines.link_resources import consent_of, devices_of, ended_associations
from ohx_pipelines.link_sync import SOURCE, SyncRules
from ohx_pipelines.links.audit import DETAIL_LENGTH, SYSTEM
from ohx_pipelines.links.link_records import RecordToCopy
from ohx_pipelines.links.outlasting import BROKEN_CONNECTION
from ohx_pipelines.links.records import EhrConnection, LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.tokens import LinkTokens
from ohx_pipelines.notifying import Notifying
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import DeviceInfo, Provider


@dataclass(frozen=True, kw_only=True)
class Copied:
    """How a copy went: counts of resources; `status` and `error` of the failure, if there was one."""

    outcome: Outcome
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    status: int | None = None
    error: str | None = None


class _NothingToCopy(NotConsented):
    """Nothing is shared (any more): no failure of the copy, and none is noted."""


class _PermissionLost(AuthLost):
    """The link waits for its patient, its devices with it: no failure of the copy either."""


@dataclass(frozen=True, kw_only=True)
class LinkRecords:
    """What every copy shares: store, vendors, EHR access, secret.

    Neither `copy` nor `close` raises for a failure: the outcome says it, and the store notes it,
    for the pause until the next try. `who` is whom the log names.
    """

    store: LinkStore
    providers: Mapping[str, Provider]
    publisher: Callable[[EhrConnection], Publisher]
    secret: bytes = field(repr=False)
    rules: SyncRules = field(default_factory=SyncRules)
    test_data: bool = False
    notifying: Notifying | None = None

    def copy(self, link_id: str, *, who: str = SYSTEM) -> Copied:
        """Write a living link's Consent, then the devices that the vendor lists for it.

        With `notifying` the vendor is also asked to tell of what is shared, and of nothing else.
        While the vendor's permission is lost the Consent alone, and the outcome is `auth_lost`.
        """
        return self._tried(self._copy, link_id, who)

    def close(self, link_id: str, *, who: str = SYSTEM) -> Copied:
        """Withdraw an ended link's Consent and end its DeviceAssociations; asks no vendor.

        Does nothing for a link that was not ended, or of whose end the EHR knows.
        """
        return self._tried(self._close, link_id, who)

    def _tried(self, work: Callable[[str, str], Copied], link_id: str, who: str) -> Copied:
        try:
            return work(link_id, who)
        except (_NothingToCopy, _PermissionLost) as found:
            return _failure(found)
        except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
            copied = _failure(error)
        with suppress(NotFound, *BROKEN_CONNECTION):
            self.store.note_record_failed(link_id, _word(copied), who=who)
        return copied

    def _copy(self, link_id: str, who: str) -> Copied:
        """Copy; while the vendor is asked nobody waits for the link's lock."""
        with self.store.copying(link_id):
            record = self._shared(link_id)
            provider = self.providers[record.provider]
            consent = consent_of(record, self._context(record), provider.facts)
            first = self._written(record, lambda _: [consent])
            if record.state is LinkState.NEEDS_RELINK:
                return self._without_devices(record, first, who)
        devices = self._devices(record, provider)
        unheard = self._unheard(record, provider)
        with self.store.copying(link_id):
            now = self._shared(link_id)
            if now.state is LinkState.NEEDS_RELINK:
                raise _PermissionLost
            facts, context = provider.facts, self._context(now)
            second = self._written(
                now,
                lambda ehr: devices_of(devices, now, context, facts=facts, publisher=ehr),
            )
            if unheard is not None and unheard.retryable:
                raise unheard
            # Of the version whose Consent was written: a newer one stays due.
            copied = self._noted(record, [first, second], who)
        return _failure(unheard) if unheard is not None and copied.outcome.ok else copied

    def _close(self, link_id: str, who: str) -> Copied:
        with self.store.copying(link_id):
            record = self.store.record_to_copy(link_id)
            if record.until is None or not record.is_due:
                return Copied(outcome=Outcome.SYNCED)
            provider = self.providers.get(record.provider)
            facts = provider.facts if provider else None
            consent = consent_of(record, self._context(record), facts)
            written = self._written(record, lambda ehr: [consent, *ended_associations(record, ehr)])
            return self._noted(record, [written], who)

    def _shared(self, link_id: str) -> RecordToCopy:
        record = self.store.record_to_copy(link_id)
        if not record.is_consented:
            raise _NothingToCopy
        return record

    def _without_devices(self, record: RecordToCopy, consent: Written, who: str) -> Copied:
        """Note the Consent: the vendor cannot be asked, and the renewal makes a copy due anew."""
        copied = self._noted(record, [consent], who)
        return replace(copied, outcome=Outcome.AUTH_LOST) if copied.outcome.ok else copied

    def _devices(self, record: RecordToCopy, provider: Provider) -> list[DeviceInfo]:
        tokens = LinkTokens(self.store, provider, record.link_id, rules=self.rules.refresh)
        with heard(self._breaker(record, record.provider)):
            return provider.devices(tokens, shared=frozenset(record.data_types))

    def _unheard(self, record: RecordToCopy, provider: Provider) -> OhxError | None:
        """Have the vendor tell of what is shared; gives why it does not, to be said at the end.

        The EHR's copy does not wait for it, and the nights bring what nobody tells of.
        """
        if self.notifying is None:
            return None
        tokens = LinkTokens(self.store, provider, record.link_id, rules=self.rules.refresh)
        try:
            with heard(self._breaker(record, record.provider)):
                self.notifying.ensure(provider, tokens, shared=record.data_types)
        except (VendorError, BreakerOpen) as error:
            return error
        return None

    def _written(
        self, record: RecordToCopy, wanted: Callable[[Publisher], Iterable[dict[str, Any]]]
    ) -> Written:
        connection = self.store.ehr(record.patient.ehr_connection_id)
        publisher = self.publisher(connection)
        with heard(self._breaker(record, f"ehr {connection.id}")):
            return publisher.ensure(list(wanted(publisher)))

    def _noted(self, record: RecordToCopy, parts: Iterable[Written], who: str) -> Copied:
        """Note a copy in the store and give it: a refused part is a failed copy."""
        copied = _copied(list(parts))
        if copied.outcome.ok:
            self.store.note_record_written(record.link_id, record.version, who=who)
        else:
            self.store.note_record_failed(record.link_id, _word(copied), who=who)
        return copied

    def _breaker(self, record: RecordToCopy, name: str) -> LinkBreaker:
        return self.rules.breaker(self.store, name, link_id=record.link_id)

    def _context(self, record: RecordToCopy) -> LinkContext:
        return LinkContext(
            vendor=record.provider,
            patient=record.patient.fhir_id,
            secret=self.secret,
            source=SOURCE + record.provider,
            link=record.link_id,
            test_data=self.test_data,
        )


def _copied(parts: list[Written]) -> Copied:
    refused = [one for part in parts for one in part.refusals.values()]
    statuses = [one.status for one in refused if one.status]
    return Copied(
        outcome=Outcome.EHR_REJECTED if refused else Outcome.SYNCED,
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        rejected=len(refused),
        status=statuses[-1] if statuses else None,
        error=refused[-1].rejection.word if refused else None,
    )


def _failure(error: Exception) -> Copied:
    """Name a failure by code and status; its text stays behind."""
    known = isinstance(error, OhxError) and error.code in set(Outcome)
    return Copied(
        outcome=Outcome(error.code) if isinstance(error, OhxError) and known else Outcome.INTERNAL,
        status=error.status if isinstance(error, OhxError) else None,
        error=word_for(error),
    )


def _word(copied: Copied) -> str:
    return (copied.error or copied.outcome.value)[:DETAIL_LENGTH]
