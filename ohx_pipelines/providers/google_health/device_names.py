"""Google Health's devices, told apart by their names: readings carry no other mark of them.

Belongs here: what is a name, the id that it stands for, its maker, the kind that a word means. Not here: which names there
are (`account.py` for the account's devices, `sources.py` for those of readings).
"""

from __future__ import annotations

import hashlib

ID_LENGTH = 32
SCALE, TRACKER, PHONE = "Scale", "Activity Tracker", "Phone"
# By `formFactor` of readings and `deviceType` of paired devices, which word the same device otherwise.
_KINDS = {"SCALE": SCALE, "PHONE": PHONE, "TABLET": PHONE}


LONGEST_NAME = 80
# The vendor sells watches and phones of these names, and none of them under its own.
GOOGLE, VENDOR = "Google", "fitbit"
OF_GOOGLE = ("Pixel", GOOGLE)


def printable(given: object) -> str | None:
    """Give a name in one line; None for what is none, is too long or cannot be printed."""
    name = " ".join(given.split()) if isinstance(given, str) else ""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_NAME else None


def maker_of(name: str, *, told: str | None = None) -> str | None:
    """Give who makes a device: None is the vendor, an empty text nobody knows.

    `told` is what others' platforms say; a name of Google's says it wherever it stands.
    """
    if name.startswith(OF_GOOGLE):
        return GOOGLE
    return None if told is not None and told.lower() == VENDOR else told


def device_id(account: str, name: str, *, maker: str | None) -> str:
    """Give the id of the device of this name; it says neither the account nor the name.

    The account belongs to it: "Charge 6" of two patients are two devices. So does a maker that the
    name does not tell: a device that another's platform names is none of the vendor's.
    """
    told = [] if maker == maker_of(name) else [maker or ""]
    # No name has a line's end.
    known_by = "\n".join([f"{account} {name}", *told])
    return hashlib.sha256(known_by.encode()).hexdigest()[:ID_LENGTH]


def kind_of(word: object) -> str:
    """Give the kind of a device, the same for all words of one device.

    What says nothing of itself, as ECGs' devices do, is something worn: all others say what they are.
    """
    return _KINDS.get(word, TRACKER) if isinstance(word, str) else TRACKER
