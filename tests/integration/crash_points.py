"""Crash points without hooks in the product: the calls that it makes of store and vendor are steps.

Belongs here: dying by SIGKILL at a named step. Not here: which steps there are, or what must hold after.
"""

import os
import signal
import threading

from sqlalchemy import event


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """Store or vendor whose `calls` are steps: before, during, before commit of, or after each."""

    def __init__(self, inner, step, calls, *, delay=0.0):
        self._inner, self._step, self._calls, self._delay = inner, step, calls, delay

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in self._calls:
            return found

        def watched(*args, **kwargs):
            if self._step == f"before {name}":
                die()
            if self._step == f"before commit of {name}":
                event.listen(self._inner.engine, "commit", lambda _connection: die())
            if self._step == f"during {name}":
                threading.Timer(self._delay, die).start()
            result = found(*args, **kwargs)
            if self._step == f"after {name}":
                die()
            return result

        return watched
