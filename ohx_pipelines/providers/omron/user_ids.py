"""OMRON's id of a user: what may be one.

Belongs here: the one check, of what an id_token says and of what anybody may have posted. Not here:
reading either (`token_answers.py`, `notifications.py`).
"""

from __future__ import annotations

import re

_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


def user_id(given: object) -> str | None:
    """Give a user's id; None for what is none.

    In small letters: a UUID that a notification spells in capitals is the same user.
    """
    is_one = isinstance(given, str) and _USER_ID.fullmatch(given)
    return str(given).lower() if is_one else None
