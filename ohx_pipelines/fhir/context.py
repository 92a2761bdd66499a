"""Whose record it is: what every builder of resources needs to know.

Belongs here: these two records. Not here: a reading, or where a link is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ohx_pipelines.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class LinkContext:
    """A link as the EHR sees it: vendor, the FHIR Patient's id, our id secret, `meta.source`.

    `link` is the link's opaque id, by which all that was written for it is found again ("" outside
    a deployment); `test_data` labels everything as test data (HTEST).
    """

    vendor: str
    patient: str = field(repr=False)
    secret: bytes = field(repr=False)
    source: str
    link: str = ""
    test_data: bool = False


@dataclass(frozen=True, kw_only=True)
class PublishContext(LinkContext):
    """What readings need besides: the vendor's user, the time, and the run that publishes them.

    `now` is aware: a day that has not ended by then is still being counted.
    """

    vendor_user: str = field(repr=False)
    now: datetime
    run: str = ""

    def __post_init__(self) -> None:
        """Refuse a time without a zone: it would end days too early or too late."""
        if self.now.utcoffset() is None:
            message = "`now` must say its offset from UTC"
            raise ConfigurationError(message)
