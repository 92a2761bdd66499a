"""Processes that refresh a link's tokens, each killed at a step of its own (or not at all).

Belongs here: one parent that has everything imported and forks a child per order, read from its
standard input. Not here: what a test expects. The product has no hooks for this: steps are the calls
that it makes of the store and the vendor, seen from outside.
"""

import json
import os
import sys

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.tokens import LinkTokens, RefreshRules
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.withings import WithingsProvider
from tests.integration.crash_points import Watched, die
from tests.integration.linked_at_sandbox import withings_settings

# In the order in which a refresh goes through them.
STEPS = (
    "before claim_refresh",
    "after claim_refresh",
    "before refresh",
    "during refresh",
    "after refresh",
    "before save_tokens",
    "before commit of save_tokens",
    "after save_tokens",
    "before use",
    "after use",
)


CALLS = {"claim_refresh", "save_tokens", "refresh"}


def refresh(order):
    """Refresh and use the tokens once; die on the way where the order says so."""
    store = open_store(
        order["database_url"], Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40
    )
    provider = WithingsProvider(withings_settings(order["addresses"]))
    step = order.get("step")
    tokens = LinkTokens(
        Watched(store, step, CALLS),
        Watched(provider, step, CALLS, delay=order.get("delay", 0.0)),
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
