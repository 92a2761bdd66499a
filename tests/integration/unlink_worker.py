"""A process that unlinks a link, or copies one to its EHR, and is killed at a step (or not at all).

Belongs here: one order, given as JSON in the first argument. Not here: what a test expects. The
product has no hooks for this: steps are the calls that it makes of the store, the vendor and the EHR,
and the commits of the database, seen from outside.
"""

import json
import sys

from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.providers.withings import WithingsProvider
from ohx_pipelines.unlinking import finish_unlink
from tests.integration.crash_points import Watched
from tests.integration.ehr_copies import Copies
from tests.integration.linked_at_sandbox import withings_settings

CALLS = ("pending_unlink", "revoke", "note_revoked", "destroy_keys", "is_erased")
# Of the EHR's part, in a closing and in a copy.
COPY_CALLS = ("record_to_copy", "devices", "of_link", "ensure", "note_record_written")
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
    "after record_to_copy",
    "before of_link",
    "after of_link",
    "before ensure",
    "during ensure",
    "after ensure",
    "before note_record_written",
    "before commit of note_record_written",
    "after note_record_written",
)
COPY_STEPS = (
    "after record_to_copy",
    "during ensure",
    "after ensure",
    "before devices",
    "after devices",
    "before note_record_written",
    "before commit of note_record_written",
    "after note_record_written",
)


def main(order):
    """Do the order's work on the link, dying where the order says so."""
    store = open_store(
        order["database_url"], Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40
    )
    provider = WithingsProvider(withings_settings(order["addresses"]))
    step, link = order.get("step"), order["link"]
    calls, delay = {"begin_unlink", *CALLS, *COPY_CALLS}, order.get("delay", 0.0)
    watched = Watched(store, step, calls)
    vendor = Watched(provider, step, calls, delay=delay)
    copies = Copies(
        watched,
        {"withings": vendor},
        wrap=lambda publisher: Watched(publisher, step, calls, delay=delay),
    )
    work = copy if order.get("work") == "copy" else unlink
    done = work(watched, vendor, link, copies.records)
    copies.close()
    store.close()
    return 0 if done else 1


def copy(_store, _vendor, link, records):
    return records.copy(link).outcome.ok


def unlink(store, vendor, link, records):
    store.begin_unlink(link, who="operator test")
    ended = finish_unlink(store, vendor, link, who="operator test", records=records)
    return ended.done and ended.ehr_code is None


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
