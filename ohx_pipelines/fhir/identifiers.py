"""Deterministic ids: the same reading is always the same resource, whoever publishes it again.

Belongs here: ids and business identifiers. Not here: what a resource holds. A value is never part
of an id: a corrected reading stays the resource that it was.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid

# Identifier systems of this product; a server that gives other ids is searched by these.
SYSTEM = "https://open-health-exchange.org/fhir/sid/"
# Tags of `meta.tag`: the link that a resource was written for, the local day that a night or a
# workout belongs to.
LINK_SYSTEM = f"{SYSTEM}link"
DAY_SYSTEM = f"{SYSTEM}local-day"
ID_BYTES = 16


def resource_id(secret: bytes, *parts: str) -> str:
    """Give a lower-case UUID: HMAC-SHA-256 over the parts, cut to 128 bits.

    Each part goes in with its length, so that no two lists of parts read the same.
    """
    raw = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(4) + part for part in raw)
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return str(uuid.UUID(bytes=digest[:ID_BYTES]))


def record_system(vendor: str) -> str:
    """Give the identifier system of a vendor's records; values read `record.metric.occurrence`."""
    return f"{SYSTEM}{vendor}-record"


def device_system(vendor: str) -> str:
    """Give the identifier system of a vendor's devices; values are the vendor's hashed ids."""
    return f"{SYSTEM}{vendor}-device"
