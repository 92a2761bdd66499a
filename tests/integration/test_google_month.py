"""A month of a Google Health account with edits, deletions and late points: every step leaves no difference."""

import os
import secrets
import sys
from datetime import date, timedelta

import pytest

from tests.integration.google_at_sandbox import GoogleCarried
from tests.integration.linked_at_sandbox import sandbox_with_everything

PEOPLE = 2
SEED = int(os.environ.get("SEED") or secrets.randbelow(10_000))
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 18)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
ROUNDS = 2
PATIENCE_SECONDS = 60
GREEN = {"synced", "no_data"}


@pytest.fixture(scope="module")
def vendor():
    with sandbox_with_everything(people=PEOPLE) as sandbox:
        sandbox.post("google_health/settings", rate_limit=1_000_000)
        yield sandbox


@pytest.fixture
def carried(store, vendor):
    opened = GoogleCarried(store, vendor, timeout_seconds=PATIENCE_SECONDS, everything=True)
    yield opened
    opened.close()


def settled(vendor, carried, links, said):
    """Judge the EHR after a sync, and that another sync writes nothing."""
    logins = [person["login"] for person in vendor.people]
    report = vendor.differences(FIRST, LAST, *logins, vendor="google_health", follow=1, stages=1)
    sys.stdout.write(f"{said}; compared {report['compared']}\n")
    assert report["differences"] == 0, report
    again = carried.run(dict.fromkeys(links, DAYS)).values()
    assert {one.outcome.value for one in again} <= GREEN
    assert sum(one.counts.created + one.counts.updated + one.counts.retracted for one in again) == 0


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_a_month_of_changes_leaves_no_difference_and_nothing_is_written_twice(carried, vendor):
    sys.stdout.write(f"\nseed {SEED}\n")
    links = [carried.link_whole(person) for person in vendor.people]
    results = carried.run(dict.fromkeys(links, DAYS)).values()
    assert {one.outcome.value for one in results} <= GREEN
    created = sum(one.counts.created for one in results)
    settled(vendor, carried, links, f"first sync: {created} created")
    for number in range(ROUNDS):
        made = vendor.post(
            "google_health/seeded",
            seed=SEED + number,
            first=str(FIRST),
            last=str(LAST),
            edits=6,
            deletions=4,
            late=4,
        ).json()
        results = carried.run(dict.fromkeys(links, DAYS)).values()

        assert {one.outcome.value for one in results} <= GREEN
        changed = {
            name: sum(getattr(one.counts, name) for one in results)
            for name in ("created", "updated", "retracted", "retraction_held")
        }
        assert changed.pop("retraction_held") == 0
        assert min(changed.values()) > 0, (made, changed)
        settled(vendor, carried, links, f"{made}: {changed}")
