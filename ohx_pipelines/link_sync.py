"""One link of the store, synced: opens what its sync needs and records how each day ended.

Belongs here: store in, `sync.py`, store out. Not here: the sync itself, or who asked for it: a
Dagster step and a page call the same function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ohx_pipelines.errors import NotFound, OhxError
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import Mapping as FhirMapping
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.links.records import EhrConnection, Link, LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.tokens import LinkTokens
from ohx_pipelines.outcomes import DayResult, Outcome, Stage
from ohx_pipelines.providers.base import Provider
from ohx_pipelines.sync import Sync, sync_link

SOURCE = "https://open-health-exchange.org/fhir/source/"

# What a link that is not active means for its days; nothing is asked of the vendor then.
_INACTIVE = {
    LinkState.UNCONFIRMED: Outcome.NOT_CONSENTED,
    LinkState.NEEDS_RELINK: Outcome.AUTH_LOST,
    LinkState.UNLINKING: Outcome.NOT_CONSENTED,
    LinkState.UNLINKED: Outcome.NOT_CONSENTED,
}


@dataclass(frozen=True, kw_only=True)
class LinkSync:
    """What every link's sync shares: store, vendors, EHR access, mapping, secret."""

    store: LinkStore
    providers: Mapping[str, Provider]
    publisher: Callable[[EhrConnection], Publisher]
    mapping: FhirMapping
    secret: bytes = field(repr=False)

    def run(self, link_id: str, days: Iterable[date], *, run_id: str) -> Iterator[DayResult]:
        """Sync the link's days; each result is in the ledger before it is given.

        Raises nothing for a failed day or link: the results say how it failed.
        """
        wanted = sorted(set(days))
        try:
            results = self._results(link_id, wanted)
        except NotFound as error:
            # The ledger holds days of links that exist: there is no row to write.
            yield from _all(wanted, Outcome.INTERNAL, error=error.code)
            return
        except Exception as error:  # noqa: BLE001 (the border: no text of an error may pass)
            results = iter(_all(wanted, Outcome.INTERNAL, error=_word(error)))
        for result in results:
            yield self._recorded(link_id, result, run_id)

    def _results(self, link_id: str, days: list[date]) -> Iterator[DayResult]:
        link = self.store.link(link_id)
        if link.state is not LinkState.ACTIVE or link.zone is None:
            return iter(_all(days, _INACTIVE.get(link.state, Outcome.INTERNAL)))
        return sync_link(self._sync(link), days)

    def _sync(self, link: Link) -> Sync:
        provider = self.providers[link.provider]
        if link.zone is None:
            message = "an active link has no time zone"
            raise OhxError(message)
        connection = self.store.ehr(link.patient.ehr_connection_id)
        return Sync(
            provider=provider,
            tokens=LinkTokens(self.store, provider, link.id),
            zone=link.zone,
            publisher=self.publisher(connection),
            mapping=self.mapping,
            context=PublishContext(
                vendor=link.provider,
                vendor_user=link.vendor_user,
                patient=link.patient.fhir_id,
                secret=self.secret,
                source=SOURCE + link.provider,
            ),
        )

    def _recorded(self, link_id: str, result: DayResult, run_id: str) -> DayResult:
        self.store.record_days(link_id, [result], run_id=run_id)
        return result


def _word(error: Exception) -> str:
    return error.code if isinstance(error, OhxError) else type(error).__name__


def _all(days: Iterable[date], outcome: Outcome, *, error: str | None = None) -> list[DayResult]:
    return [
        DayResult(
            day=day, outcome=outcome, failed_stage=Stage.FETCHED, error=error or outcome.value
        )
        for day in days
    ]
