"""Our public keys, for EHRs whose token endpoint checks what we sign.

Belongs here: the one page, public on purpose. Not here: keys (`links/ehr_keys.py`), caching and
other headers (`security.py`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from oauth_portal.services import services

blueprint = Blueprint("jwks", __name__)


@blueprint.get("/.well-known/jwks.json")
def jwks() -> dict[str, Any]:
    """Give the JSON Web Key Set (RFC 7517) of all connections; no private part is in the rows."""
    return {"keys": services().store.published_keys()}
