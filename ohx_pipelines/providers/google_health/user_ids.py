"""Google's public id of a user: what may be one.

Belongs here: the one check, of what Google answers and of what anybody may have sent. Not here: asking
whose tokens are (`oauth.py`, `notifications.py`).
"""

from __future__ import annotations

import re
from typing import Any, TypeGuard

# What the vendor's reference calls valid.
_USER_ID = re.compile(r"[A-Za-z0-9-]{1,63}")


def is_user_id(given: Any) -> TypeGuard[str]:
    """Tell whether it can be a user's id; nothing else gets into an address or a filter."""
    return isinstance(given, str) and _USER_ID.fullmatch(given) is not None
