"""The vendor's name of an account.

Belongs here: the `sub` of an id token, which notifications name too. Not here: tokens (`tokens.py`).
"""

from __future__ import annotations

import uuid

from sandbox.people import Person

_NAMESPACE = uuid.UUID("0d0f1d4e-3f57-4f0c-8a55-6a3c2b9b7e21")


def omron_user(person: Person) -> str:
    """Give the account's UUID, the same at every start."""
    return str(uuid.uuid5(_NAMESPACE, str(person.user_id)))
