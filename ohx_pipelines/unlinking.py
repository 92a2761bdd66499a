"""A link brought to its end: told to the vendor, its keys destroyed, and its copy in the EHR closed.

Belongs here: the order of the steps. Not here: how a vendor is told (`providers/`), what is
destroyed (`links/unlinking.py`), how the EHR is told (`link_record.py`), or who asked: a page, a
command and a sensor call the same function. Neither vendor nor EHR waits for the other.
Every step can be killed and repeated, and two may do it at once: the link's state says where to go on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ohx_pipelines.errors import OhxError, VaultError
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.audit import SYSTEM
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.links.unlinking import PendingUnlink
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import Provider

# The provider is not set up in this deployment (any more): nobody here could tell it. It is left to
# an operator, who sets it up again or has the keys destroyed: no sensor looks after its links.
PROVIDER_UNKNOWN = "provider_unknown"


@dataclass(frozen=True, kw_only=True)
class Unlinked:
    """How far an unlinking came.

    `done` when no token and no data key is left (looked up, not assumed). Else `code` says what the
    vendor's answer was; it is None when there is nothing to wait for: the link was linked again.
    `ehr_code` says why the EHR has not taken note yet; None when it has, or was not told here.
    """

    done: bool
    state: LinkState
    code: str | None = None
    ehr_code: str | None = None

    @property
    def waits(self) -> bool:
        """Whether the vendor must be told again later."""
        return self.state is LinkState.UNLINKING


def finish_unlink(
    store: LinkStore,
    provider: Provider | None,
    link_id: str,
    *,
    who: str = SYSTEM,
    records: LinkRecords | None = None,
) -> Unlinked:
    """Tell the vendor, destroy the keys of an unlinking link, tell the EHR; raises NotFound.

    A vendor that does not say that it has revoked leaves the keys as they are, to be tried again.
    Without `records` the EHR is not told here.
    """
    return _closed(records, link_id, _finished(store, provider, link_id, who=who), who=who)


def _finished(store: LinkStore, provider: Provider | None, link_id: str, *, who: str) -> Unlinked:
    try:
        pending = store.pending_unlink(link_id)
    except VaultError as error:
        return _failed(store, link_id, error.code, who=who)
    if pending is None:
        return _looked_up(store, link_id)
    code = _tell(provider, pending)
    if code is not None:
        return _failed(store, link_id, code, who=who)
    store.note_revoked(link_id, who=who)
    store.destroy_keys(link_id, version=pending.version, who=who)
    return _looked_up(store, link_id)


def finish_without_vendor(store: LinkStore, link_id: str, *, who: str) -> Unlinked:
    """Destroy the keys of an unlinking link although its vendor was not told; raises NotFound.

    The EHR was told with the vendor, or will be.
    """
    store.destroy_keys_untold(link_id, who=who)
    return _looked_up(store, link_id)


def _closed(records: LinkRecords | None, link_id: str, ended: Unlinked, *, who: str) -> Unlinked:
    if records is None:
        return ended
    copied = records.close(link_id, who=who)
    return ended if copied.outcome.ok else replace(ended, ehr_code=copied.outcome.value)


def _tell(provider: Provider | None, pending: PendingUnlink) -> str | None:
    """Ask the vendor to revoke; gives None when it has, else the code of the failure."""
    if provider is None:
        return PROVIDER_UNKNOWN
    try:
        provider.revoke(user=pending.vendor_user, refresh_token=pending.refresh_token)
    except OhxError as error:
        return error.code
    except Exception:  # noqa: BLE001 (a defect in one vendor's room holds up no other link)
        return Outcome.INTERNAL.value
    return None


def _failed(store: LinkStore, link_id: str, code: str, *, who: str) -> Unlinked:
    store.note_revoke_failed(link_id, code, who=who)
    seen = _looked_up(store, link_id)
    return Unlinked(done=seen.done, state=seen.state, code=code if seen.waits else None)


def _looked_up(store: LinkStore, link_id: str) -> Unlinked:
    state = store.link_state(link_id)
    return Unlinked(done=state is LinkState.UNLINKED and store.is_erased(link_id), state=state)
