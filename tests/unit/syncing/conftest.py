"""A made-up vendor, a made-up EHR, and the sync between them.

Belongs here: fixtures. Not here: what the link is like (`tests/unit/one_link.py`).
"""

import pytest

from ohx_pipelines.fhir.publish import Publisher
from tests.unit.made_up import MadeUpEhr, MadeUpVendor
from tests.unit.one_link import MAPPING, WEEK, by_day, synced


@pytest.fixture
def vendor():
    return MadeUpVendor()


@pytest.fixture
def ehr():
    return MadeUpEhr()


@pytest.fixture
def run(vendor, ehr):
    """Sync days; gives the results by day."""

    def run_sync(days=WEEK, *, table=MAPPING, confirmed=None, mode="put-id", **changes):
        publisher = Publisher(ehr, write_mode=mode)
        said = {"mapping": table, "confirmed": lambda: confirmed or {}}
        return by_day(synced(vendor, publisher, days, **said | changes))

    return run_sync
