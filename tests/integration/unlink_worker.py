"""A process that finishes an unlinking and is killed at a step of it (or not at all).

Belongs here: one order, given as JSON in the first argument. Not here: what a test expects. The
product has no hooks for this: steps are the calls that it makes of the store and the vendor, and the
commits of the database, seen from outside.
"""

import json
import sys

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.crash_points import Watched
from tests.integration.linked_at_sandbox import withings_settings

CALLS = ("pending_unlink", "revoke", "note_revoked", "destroy_keys", "is_erased")
# In the order in which an unlinking goes through them.
STEPS = (
    "before begin_unlink",
    "before commit of begin_unlink",
    "after begin_unlink",
    "after pending_unlink",
    "before revoke",
    "during revoke",
    "after revoke",
    "before commit of note_revoked",
    "after note_revoked",
    "before destroy_keys",
    "before commit of destroy_keys",
    "after destroy_keys",
    "before is_erased",
    "after is_erased",
)


def main(order):
    """Ask for the end of the link and finish it, dying where the order says so."""
    store = open_store(
        order["database_url"], Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40
    )
    provider = WithingsProvider(withings_settings(order["addresses"]))
    step, link = order.get("step"), order["link"]
    watched = Watched(store, step, {"begin_unlink", *CALLS})
    watched.begin_unlink(link, who="operator test")
    vendor = Watched(provider, step, CALLS, delay=order.get("delay", 0.0))
    ended = finish_unlink(watched, vendor, link, who="operator test")
    store.close()
    return 0 if ended.done else 1


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
