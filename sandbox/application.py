"""The application under test, as each stand-in of a vendor has it registered.

Belongs here: that record. Not here: what a vendor checks of it (the vendors' `consent.py`, `oauth.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Application:
    """The one application that is registered with a vendor."""

    client_id: str
    client_secret: str
    redirect_uri: str
