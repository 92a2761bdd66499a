"""No core dumps: the memory of a process that crashes may hold readings and tokens.

Belongs here: the kernel's limit. Not here: who sets it (every process of ours, at its start).
"""

from __future__ import annotations

import resource


def forbid_core_dumps() -> None:
    """Let the kernel write no core file of this process or of those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
