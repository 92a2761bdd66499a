"""Withings as a Provider: the protocol's methods, each a line or two over the room's parts.

Belongs here: composition. Not here: wire details (`oauth`, `client`) or measures (`normalize`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.errors import AuthLost, Malformed
from ohx_pipelines.local_day import Window, local_day
from ohx_pipelines.providers.base import (
    Account,
    DeviceInfo,
    Fetched,
    Normalized,
    ProviderFacts,
    TokenGrant,
    TokenSource,
)
from ohx_pipelines.providers.withings.client import WithingsClient
from ohx_pipelines.providers.withings.codes import types_of
from ohx_pipelines.providers.withings.data_types import BLOOD_PRESSURE, BODY, PAID
from ohx_pipelines.providers.withings.groups import groups_of
from ohx_pipelines.providers.withings.normalize import normalize_pages
from ohx_pipelines.providers.withings.oauth import WithingsOAuth
from ohx_pipelines.providers.withings.revoking import WithingsRevoking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ohx_pipelines.settings import WithingsSettings

FACTS = ProviderFacts(
    name="withings",
    title="Withings",
    manufacturer="Withings",
    # user.info for the device list, user.metrics for measures: nothing else is read.
    scopes=("user.info", "user.metrics"),
    data_types=(BODY, BLOOD_PRESSURE),
    pkce=False,
    most_days=90,
)
ACCOUNT_LOOK_BACK = timedelta(days=30)
POOLED_CONNECTIONS = 10


class WithingsProvider:
    """The Withings cloud of one registered application."""

    def __init__(self, settings: WithingsSettings) -> None:
        """Build the OAuth and data clients on one connection pool."""
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds, pool_maxsize=POOLED_CONNECTIONS)
        self._facts = (
            replace(FACTS, data_types=(*FACTS.data_types, PAID)) if settings.paid_types else FACTS
        )
        self._oauth = WithingsOAuth(settings, scopes=FACTS.scopes, adapter=adapter)
        self._client = WithingsClient(settings, self._oauth)
        self._revoking = WithingsRevoking(settings, self._oauth)

    @property
    def facts(self) -> ProviderFacts:
        """What Withings' documents declare, and what of it this deployment asks for."""
        return self._facts

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Give the consent page's address; Withings documents no PKCE, so none is sent."""
        del code_challenge
        return self._oauth.authorize_url(state=state, redirect_uri=redirect_uri)

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Turn the code of a return into tokens."""
        del code_verifier
        return self._oauth.exchange_code(code=code, redirect_uri=redirect_uri)

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Turn a refresh token into a new pair.

        Withings answers a wrong client secret like a bad refresh token. Without the second
        question a mistyped secret would cost every patient a new consent.
        """
        try:
            return self._oauth.refresh(refresh_token)
        except AuthLost as error:
            refused = error
        self.check()
        raise refused

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """End what the user allowed; Withings goes by the user alone."""
        del refresh_token
        self._revoking.revoke(user)

    def check(self) -> None:
        """Prove that Withings answers and takes the application's id and secret."""
        self._revoking.check()

    def account(self, token: TokenSource) -> Account:
        """Ask zone, devices and the date of the last reading of the past 30 days."""
        now = datetime.now(UTC)
        window_start = now - ACCOUNT_LOOK_BACK
        types = types_of(self._facts.metrics_of(self._facts.shareable))
        pages = list(
            self._client.measure_pages(start=window_start, end=now, types=types, token=token)
        )
        zone = read_zone(pages)
        return Account(
            zone=zone,
            devices=tuple(self.devices(token)),
            last_reading=_last_day(pages, zone),
        )

    def devices(self, token: TokenSource) -> list[DeviceInfo]:
        """List the account's devices; rows without an id are phones and apps, and left out."""
        rows = self._client.devices(token)
        found = {str(row["hash_deviceid"]): row for row in rows if row.get("hash_deviceid")}
        return [_device(device, row) for device, row in found.items()]

    def fetch(self, window: Window, token: TokenSource, *, shared: frozenset[str]) -> Fetched:
        """Read every page of the window's measures of the shared types; nothing when none is."""
        types = types_of(self._facts.metrics_of(shared))
        measures = self._client.measure_pages(
            start=window.start, end=window.end, types=types, token=token
        )
        pages = list(measures)
        return Fetched(window=window, pages=pages, calls=len(pages), shared=shared)

    def normalize(self, fetched: Fetched) -> Normalized:
        """Turn the measure groups into the common vocabulary."""
        asked = self._facts.metrics_of(fetched.shared)
        return normalize_pages(fetched.pages, fetched.window, asked=asked)


def read_zone(pages: Sequence[Mapping[str, Any]]) -> ZoneInfo:
    """Give the zone of the user's profile; raises Malformed when there is none to be read."""
    name = pages[0].get("timezone") if pages else None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "Withings names no usable time zone"
    raise Malformed(message)


def _last_day(pages: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> date | None:
    dates = [group.get("date") for page in pages for group in groups_of(page)]
    seconds = [value for value in dates if isinstance(value, int)]
    return local_day(datetime.fromtimestamp(max(seconds), UTC), zone) if seconds else None


def _device(device: str, row: Mapping[str, Any]) -> DeviceInfo:
    last = row.get("last_session_date")
    return DeviceInfo(
        device=device,
        model=str(row.get("model") or "Unknown model"),
        kind=str(row.get("type") or "Unknown"),
        # In partner plans alone.
        firmware=_version(row.get("fw")),
        last_used=datetime.fromtimestamp(last, UTC).date() if isinstance(last, int) else None,
    )


def _version(value: object) -> str | None:
    is_one = bool(value) and isinstance(value, (int, str)) and not isinstance(value, bool)
    return str(value) if is_one else None
