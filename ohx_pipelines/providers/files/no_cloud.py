"""A Provider whose vendor has no cloud: nothing can be asked of anybody, and nothing needs to be told.

Belongs here: the methods that a file has no use for. Not here: a file's readings (`source.py`).
"""

from __future__ import annotations

from ohx_pipelines.errors import VendorRejected
from ohx_pipelines.providers.base import Account, Delivery, Received, TokenGrant, TokenSource


class NoCloud:
    """What a Provider does that has no cloud: linking is impossible, ending is done at once."""

    def authorize_url(self, *, state: str, redirect_uri: str, code_challenge: str | None) -> str:
        """Raise VendorRejected: nobody could be asked for permission."""
        del state, redirect_uri, code_challenge
        raise VendorRejected

    def exchange_code(
        self, *, code: str, redirect_uri: str, code_verifier: str | None
    ) -> TokenGrant:
        """Raise VendorRejected: there are no codes."""
        del code, redirect_uri, code_verifier
        raise VendorRejected

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Raise VendorRejected: there are no tokens."""
        del refresh_token
        raise VendorRejected

    def revoke(self, *, user: str, refresh_token: str | None) -> None:
        """Return: nobody outside holds a permission."""

    def check(self) -> None:
        """Return: there is nobody who could not answer."""

    def account(self, token: TokenSource) -> Account:
        """Raise VendorRejected: there are no accounts."""
        del token
        raise VendorRejected

    def subscriptions(self, token: TokenSource, *, url: str) -> frozenset[str]:
        """Give none."""
        del token, url
        return frozenset()

    def subscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Raise VendorRejected: nobody would send anything."""
        del token, url, kind
        raise VendorRejected

    def unsubscribe(self, token: TokenSource, *, url: str, kind: str) -> None:
        """Return: nobody sends anything."""

    def receive(self, delivery: Delivery) -> Received:
        """Answer 404: nobody sends anything."""
        del delivery
        return Received(status=404)
