"""Processes that refresh a link's tokens, each killed at a step of its own (or not at all).

Belongs here: one parent that has everything imported and forks a child per order, read from its
standard input. Not here: what a test expects. The product has no hooks for this: steps are the calls
that it makes of the store and the vendor, seen from outside.
"""

import json
import os
import signal
import sys
import threading

from sqlalchemy import event

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.linked_at_sandbox import withings_settings

# In the order in which a refresh goes through them.
STEPS = (
    "before claim_refresh",
    "after claim_refresh",
    "before refresh",
    "while refreshing",
    "after refresh",
    "before save_tokens",
    "before commit of save_tokens",
    "after save_tokens",
    "before use",
    "after use",
)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """Store or vendor whose calls are steps."""

    def __init__(self, inner, step, *, delay=0.0):
        self._inner, self._step, self._delay = inner, step, delay

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in {"claim_refresh", "save_tokens", "refresh"}:
            return found

        def watched(*args, **kwargs):
            if self._step == f"before {name}":
                die()
            if self._step == f"before commit of {name}":
                event.listen(self._inner.engine, "commit", lambda _connection: die())
            if self._step == "while refreshing" and name == "refresh":
                threading.Timer(self._delay, die).start()
            result = found(*args, **kwargs)
            if self._step == f"after {name}":
                die()
            return result

        return watched


def refresh(order):
    """Refresh and use the tokens once; die on the way where the order says so."""
    store = open_store(
        order["database_url"], Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40
    )
    provider = WithingsProvider(withings_settings(order["addresses"]))
    step = order.get("step")
    tokens = LinkTokens(
        Watched(store, step),
        Watched(provider, step, delay=order.get("delay", 0.0)),
        order["link"],
        rules=RefreshRules(lease_seconds=order["lease_seconds"], refusal_pause_seconds=0),
    )
    token = tokens.current()
    if step == "before use":
        die()
    provider.devices(tokens)
    if step == "after use":
        die()
    return token


def child(order, start):
    """A forked child: wait for the start, refresh, tell by the exit status."""
    os.read(start, 1)
    try:
        refresh(order)
    except BaseException as error:  # noqa: BLE001 (a child must not go on as the parent)
        sys.stderr.write(f"{type(error).__name__}\n")
        os._exit(1)
    os._exit(0)


def main():
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        children = []
        for _ in range(order.get("processes", 1)):
            pid = os.fork()
            if pid == 0:
                os.close(writing)
                child(order, reading)
            children.append(pid)
        os.close(reading)
        os.close(writing)  # every child reads the end of the pipe at once
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
        sys.stdout.write(json.dumps({"ends": ends}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
