"""One link of the store, synced: opens what its sync needs and records how each day ended.

Belongs here: store in, `sync.py`, store out. Not here: the sync itself, or who asked for it: a
Dagster step and a page call the same function.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from ohx_pipelines.errors import BreakerOpen, NotFound, OhxError, RefusedOnce, word_for
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_breaker import LinkBreaker
from ohx_pipelines.links.ledger import Reading
from ohx_pipelines.links.outlasting import BROKEN_CONNECTION, outlasting
from ohx_pipelines.links.records import EhrConnection, Link, LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules, refresh_rules
from ohx_pipelines.outcomes import DayResult, Outcome, Stage
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.settings import SyncSettings
from ohx_pipelines.sync import Sync, sync_link

SOURCE = "https://open-health-exchange.org/fhir/source/"

# What a link that is not active means for its days; nothing is asked of the vendor then.
_INACTIVE = {
    LinkState.UNCONFIRMED: Outcome.NOT_CONSENTED,
    LinkState.NEEDS_RELINK: Outcome.AUTH_LOST,
    LinkState.UNLINKING: Outcome.NOT_CONSENTED,
    LinkState.UNLINKED: Outcome.NOT_CONSENTED,
}


# What is tried once more at the end of a run: a refusal that may be a passing fault, what was not
# asked because others had failed, a connection to our own database that broke while it was used.
_BROKEN = frozenset(kind.__name__ for kind in BROKEN_CONNECTION)
_ASKED_AGAIN = frozenset({RefusedOnce.detail, BreakerOpen.detail, *_BROKEN})


def _goes_on() -> None:
    """Nothing ends it."""


@dataclass(frozen=True, kw_only=True)
class SyncRules:
    """When to believe a refusal, and when to leave a vendor alone."""

    refresh: RefreshRules = field(default_factory=RefreshRules)
    breaker_links: int = 3
    breaker_seconds: float = 60.0
    look_back_days: int = 3

    def pause_seconds(self, reasons: Collection[str | None]) -> float:
        """Give how long to wait before what ended for these reasons is tried once more."""
        pauses: dict[str | None, float] = {
            RefusedOnce.detail: self.refresh.refusal_pause_seconds,
            BreakerOpen.detail: self.breaker_seconds,
        }
        return max((pauses.get(reason, 0.0) for reason in reasons), default=0.0)

    def breaker(self, store: LinkStore, name: str, *, link_id: str) -> LinkBreaker:
        """Give a vendor's or an EHR's breaker as one link sees it."""
        return LinkBreaker(
            store=store,
            name=name,
            link_id=link_id,
            links=self.breaker_links,
            seconds=self.breaker_seconds,
        )


def sync_rules(settings: SyncSettings) -> SyncRules:
    """Give the rules that the settings describe."""
    return SyncRules(
        refresh=refresh_rules(settings),
        breaker_links=settings.breaker_links,
        breaker_seconds=settings.breaker_seconds,
        look_back_days=settings.look_back_days,
    )


@dataclass(frozen=True, kw_only=True)
class LinkSync:
    """What every link's sync shares: store, vendors, EHR access, mapping, secret.

    With `reads_again` everything is read, also what is costly and was not modified since; with
    `tries_again` what may have been a passing fault is tried once more, after a pause. `now` is the
    clock by which a day has ended. `halt` is asked before everything that is read or written: it
    raises what ends the days that are not done.
    """

    store: LinkStore
    providers: Mapping[str, Provider]
    publisher: Callable[[EhrConnection], Publisher]
    mapping: FhirMapping
    secret: bytes = field(repr=False)
    rules: SyncRules = field(default_factory=SyncRules)
    test_data: bool = False
    reads_again: bool = True
    tries_again: bool = True
    halt: Callable[[], None] = _goes_on
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run_all(
        self, days_by_link: Mapping[str, Iterable[date]], *, run_id: str
    ) -> Iterator[tuple[str, DayResult]]:
        """Sync each link's days; each result is in the ledger before it is given.

        A link whose refresh the vendor refused for the first time, and days that were not tried
        because a breaker was open, are tried once more at the end, after one pause for all of them:
        no worker sleeps once per link. Raises nothing for a failed day or link: the results say how
        it failed.
        """
        again: dict[str, list[date]] = {}
        reasons: set[str | None] = set()
        for link_id, days in days_by_link.items():
            reading = self._reading(link_id)
            for result in self._link_results(link_id, days, run_id, reading):
                if self.tries_again and result.error in _ASKED_AGAIN:
                    again.setdefault(link_id, []).append(result.day)
                    reasons.add(result.error)
                else:
                    yield link_id, self._recorded(link_id, result, run_id, reading)
        time.sleep(self.rules.pause_seconds(reasons))
        for link_id, days in again.items():
            reading = self._reading(link_id)
            for result in self._link_results(link_id, days, run_id, reading):
                yield link_id, self._recorded(link_id, result, run_id, reading)

    def run(self, link_id: str, days: Iterable[date], *, run_id: str) -> Iterator[DayResult]:
        """Sync one link's days, as `run_all` does."""
        return (result for _, result in self.run_all({link_id: days}, run_id=run_id))

    def _reading(self, link_id: str) -> Reading | None:
        """Give what a link is read for from now on; None when that cannot be told."""
        try:
            link = self.store.link(link_id)
            chosen = self.store.chosen_at(link_id)
        except Exception:  # noqa: BLE001 (it costs calls, no reading: the sync says what is wrong)
            return None
        # Whoever takes a type away and gives it back has chosen anew: days in between lack it.
        said = (
            sorted(link.data_types),
            str(chosen),
            self.mapping.digest,
            link.patient.ehr_connection_id,
            link.patient.fhir_id,
        )
        digest = hmac.new(self.secret, repr(said).encode(), hashlib.sha256).hexdigest()
        return Reading(at=self.now(), digest=digest)

    def _link_results(
        self, link_id: str, days: Iterable[date], run_id: str, reading: Reading | None
    ) -> Iterator[DayResult]:
        wanted = sorted(set(days))
        try:
            link = self.store.link(link_id)
            if link.state is not LinkState.ACTIVE:
                return iter(_all(wanted, _INACTIVE.get(link.state, Outcome.INTERNAL)))
            sync = self._sync(link, run_id, reading)
        except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
            return iter(_all(wanted, Outcome.INTERNAL, error=word_for(error)))
        return sync_link(sync, wanted)

    def _sync(self, link: Link, run_id: str, reading: Reading | None) -> Sync:
        provider = self.providers[link.provider]
        if link.zone is None or link.vendor_user is None:
            message = "an active link has a time zone and an account"
            raise OhxError(message)
        connection = self.store.ehr(link.patient.ehr_connection_id)
        return Sync(
            provider=provider,
            tokens=LinkTokens(self.store, provider, link.id, rules=self.rules.refresh),
            consent=lambda: self._consent(link.id),
            read_at=lambda: self._read_at(link, reading),
            confirmed=lambda: self.store.confirmed_retractions(link.id),
            vendor_breaker=self._breaker(link, link.provider),
            ehr_breaker=self._breaker(link, f"ehr {connection.id}"),
            zone=link.zone,
            look_back_days=max(self.rules.look_back_days, provider.facts.look_back_days),
            publisher=self.publisher(connection),
            mapping=self.mapping,
            context=PublishContext(
                vendor=link.provider,
                vendor_user=link.vendor_user,
                patient=link.patient.fhir_id,
                secret=self.secret,
                source=SOURCE + link.provider,
                now=self.now(),
                link=link.id,
                run=run_id,
                test_data=self.test_data,
            ),
        )

    def _consent(self, link_id: str) -> frozenset[str]:
        self.halt()
        return self.store.consent(link_id)

    def _read_at(self, link: Link, reading: Reading | None) -> Mapping[date, datetime]:
        if self.reads_again or reading is None:
            return {}
        return self.store.days_read(link.id, reading.digest)

    def _exists(self, link_id: str) -> bool:
        try:
            self.store.link_state(link_id)
        except NotFound:
            return False
        return True

    def _breaker(self, link: Link, name: str) -> LinkBreaker:
        return self.rules.breaker(self.store, name, link_id=link.id)

    def _recorded(
        self, link_id: str, result: DayResult, run_id: str, reading: Reading | None
    ) -> DayResult:
        # The ledger holds days of links that exist: for another there is no row to write.
        if result.error != NotFound.code or self._exists(link_id):
            outlasting(self.store.record_days)(link_id, [result], run_id=run_id, reading=reading)
        if result.outcome.ok:
            # A confirmation is for what was looked at; what comes later is looked at again.
            outlasting(self.store.retraction_done)(link_id, result.day)
        return result


def _all(days: Iterable[date], outcome: Outcome, *, error: str | None = None) -> list[DayResult]:
    return [
        DayResult(
            day=day, outcome=outcome, failed_stage=Stage.FETCHED, error=error or outcome.value
        )
        for day in days
    ]
