"""Vendors' notifications, asked for link by link: of what a patient shares, and of nothing else.

Belongs here: the address that vendors are given, and which kinds a link wants. Not here: a vendor's
calls (`providers/`), receiving (`oauth_portal/webhooks.py`), or what is done about them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from ohx_pipelines.providers.base import Provider, ProviderFacts, TokenSource
from ohx_pipelines.settings import Settings

PATH = "/webhooks"


@dataclass(frozen=True, kw_only=True)
class Subscribed:
    """What was changed at the vendor: kinds that are sent from now on, and no longer."""

    added: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Notifying:
    """Where vendors send notifications; nobody else knows the address."""

    portal_url: str
    secret: bytes = field(repr=False)

    def url(self, provider: str) -> str:
        """Give the address for a provider, a secret: whoever has it can have days read again."""
        return f"{self.portal_url}{PATH}/{provider}/{webhook_token(self.secret, provider)}"

    def ensure(
        self, provider: Provider, token: TokenSource, *, shared: Iterable[str]
    ) -> Subscribed:
        """Have an account send just the kinds that concern what is shared.

        Nothing is asked of a vendor that sends none. Raises a VendorError, with some kinds changed
        and others not: it can be repeated.
        """
        if not provider.facts.notifications:
            return Subscribed()
        url = self.url(provider.facts.name)
        sent = provider.subscriptions(token, url=url)
        # After that call: it may have refreshed the tokens, and brought other scopes.
        wanted = wanted_kinds(provider.facts, shared=frozenset(shared), scopes=token.scopes)
        changes = Subscribed(added=wanted - sent, ended=sent - wanted)
        for kind in sorted(changes.ended):
            provider.unsubscribe(token, url=url, kind=kind)
        for kind in sorted(changes.added):
            provider.subscribe(token, url=url, kind=kind)
        return changes


def notifying_from(settings: Settings) -> Notifying | None:
    """Give where vendors send notifications, None when they are not to."""
    if not settings.portal.notifications:
        return None
    secret = settings.identifier_secret.get_secret_value().encode()
    return Notifying(portal_url=settings.portal.url, secret=secret)


def wanted_kinds(
    facts: ProviderFacts, *, shared: frozenset[str], scopes: frozenset[str]
) -> frozenset[str]:
    """Give the kinds that a link wants: about what is shared, and about the account itself.

    Without their scopes they are not to be had; who shares nothing wants none.
    """
    return frozenset(
        kind.name
        for kind in facts.notifications
        if kind.scopes <= scopes and shared and (not kind.data_types or kind.data_types & shared)
    )


def webhook_token(secret: bytes, provider: str) -> str:
    """Give what nobody can guess in the address: the same in every process, stored nowhere."""
    return hmac.new(secret, f"webhook {provider}".encode(), hashlib.sha256).hexdigest()
