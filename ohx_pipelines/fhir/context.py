"""Whose readings are published: what every builder of resources needs to know.

Belongs here: that one record. Not here: a reading or a link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ohx_pipelines.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class PublishContext:
    """Vendor and its user, the FHIR Patient's id, our id secret, and what `meta.source` says.

    `now` is aware: a day that has not ended by then is still being counted.
    """

    vendor: str
    vendor_user: str = field(repr=False)
    patient: str = field(repr=False)
    secret: bytes = field(repr=False)
    source: str
    now: datetime

    def __post_init__(self) -> None:
        """Refuse a time without a zone: it would end days too early or too late."""
        if self.now.utcoffset() is None:
            message = "`now` must say its offset from UTC"
            raise ConfigurationError(message)
