"""One link between a made-up vendor and an EHR, on the real sync: a week in Berlin that has ended.

Belongs here: that link, and what its EHR holds. Not here: the two ends (`made_up.py`), expectations.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.sync import Sync, sync_link
from tests.unit.made_up import FixedToken, QuietBreaker

FIRST = date(2026, 11, 16)
WEEK = [FIRST + timedelta(days=n) for n in range(7)]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SHARED = frozenset({"everything"})
MAPPING = load_mapping()
CONTEXT = PublishContext(
    vendor="acme",
    vendor_user="u",
    patient="p1",
    secret=b"s" * 32,
    source="https://example.org/source/acme",
    now=NOW,
    link="link-1",
    run="run-1",
)


def synced(vendor, publisher, days=WEEK, **changes):
    """Sync the days; `changes` are parts of the Sync. Gives a result per day, in order."""
    parts = {
        "provider": vendor,
        "tokens": FixedToken(),
        "consent": lambda: SHARED,
        "vendor_breaker": QuietBreaker(),
        "ehr_breaker": QuietBreaker(),
        "zone": BERLIN,
        "publisher": publisher,
        "mapping": MAPPING,
        "context": CONTEXT,
    }
    return list(sync_link(Sync(**parts | changes), days))


def by_day(results):
    return {result.day: result for result in results}


def observations(ehr):
    return [one for (kind, _), one in ehr.held.items() if kind == "Observation"]


def statuses(ehr):
    return Counter(one["status"] for one in observations(ehr))


def writes(ehr):
    return [kind for action, kind in ehr.log if action == "write"]
