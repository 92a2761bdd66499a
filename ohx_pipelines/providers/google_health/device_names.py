"""Google Health's devices, told apart by their names: readings carry no other mark of them.

Belongs here: the id that a name stands for, and the kind that a word means. Not here: which names there
are (`account.py` for the account's devices, `sources.py` for those of readings).
"""

from __future__ import annotations

import hashlib

ID_LENGTH = 32
SCALE, TRACKER, PHONE = "Scale", "Activity Tracker", "Phone"
# By `formFactor` of readings and `deviceType` of paired devices, which word the same device otherwise.
_KINDS = {"SCALE": SCALE, "PHONE": PHONE, "TABLET": PHONE}


def device_id(account: str, name: str) -> str:
    """Give the id of the device of this name; it says neither the account nor the name.

    The account belongs to it: "Charge 6" of two patients are two devices.
    """
    return hashlib.sha256(f"{account} {name}".encode()).hexdigest()[:ID_LENGTH]


def kind_of(word: object) -> str:
    """Give the kind of a device, the same for all words of one device.

    What says nothing of itself, as ECGs' devices do, is something worn: all others say what they are.
    """
    return _KINDS.get(word, TRACKER) if isinstance(word, str) else TRACKER
