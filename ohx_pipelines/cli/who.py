"""Who works here, as the audit log writes it.

Belongs here: the operator's word. Not here: patients (`links/`), or what was done.
"""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """Give `operator <user name of this machine>`."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):
        # A container may run as a number that has no name.
        return f"operator {os.getuid()}"
