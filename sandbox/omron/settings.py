"""What tests and the control endpoint may turn at the vendor's cloud.

Belongs here: the knobs and where they stand at first. Not here: what each does.
"""

from __future__ import annotations

from dataclasses import dataclass

# The vendor knew two ways to continue a listing, and one of them in two spellings.
KEY, NESTED_KEY, SINCE = "key", "nested_key", "since"
PAGINGS = (KEY, NESTED_KEY, SINCE)


@dataclass(kw_only=True)
class Settings:
    """The knobs; read anew at each call.

    `page_size` caps all pages below what is asked for; `rotate` is off where a refresh gives no new
    refresh token; `revocation` is off where that address is gone; `refresh_redirect` has a refresh
    name the return address that its code was given to; `leave_out` names fields that no row has;
    `notify_url` is the address that the vendor wrote down by hand, None before.
    """

    rate_limit: int = 120
    retry_after: bool = True
    page_size: int | None = None
    paging: str = KEY
    rotate: bool = True
    code_seconds: int = 300
    token_seconds: int = 3_600
    revocation: bool = True
    refresh_redirect: bool = False
    leave_out: frozenset[str] = frozenset()
    notify_url: str | None = None
