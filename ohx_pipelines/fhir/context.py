"""Whose readings are published: what every builder of resources needs to know.

Belongs here: that one record. Not here: a reading or a link.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class PublishContext:
    """Vendor and its user, the FHIR Patient's id, our id secret, and what `meta.source` says."""

    vendor: str
    vendor_user: str = field(repr=False)
    patient: str = field(repr=False)
    secret: bytes = field(repr=False)
    source: str
