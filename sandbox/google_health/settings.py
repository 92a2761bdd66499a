"""What tests and the control endpoint may turn at the vendor's cloud.

Belongs here: the knobs and where they stand at first. Not here: what each does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CALLS_PER_MINUTE = 300


@dataclass(kw_only=True)
class Settings:
    """The knobs; read anew at each call.

    `testing_mode` is the publishing state of the project, `page_size` a cap on all pages below the
    vendor's own, `not_linked` the logins of Google accounts without a Google Health profile.
    """

    rate_limit: int = CALLS_PER_MINUTE
    retry_after: bool = False
    testing_mode: bool = False
    page_size: int | None = None
    not_linked: set[str] = field(default_factory=set)
