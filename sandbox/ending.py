"""When a process of the sandbox ends: with a signal, or with whoever started it.

Belongs here: asking for that end. Not here: what is then put away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def exit_on_signals() -> None:
    """Make SIGTERM and SIGINT end the main thread, wherever it is, as an exit of its own would."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def exit_with_parent() -> None:
    """Let the kernel end this process when its parent ends, however that happens (Linux)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have ended before the kernel was asked.
    if os.getppid() != parent:
        sys.exit(0)
