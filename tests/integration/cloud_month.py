"""A month of a cloud's accounts, carried through edits, deletions and late readings.

Belongs here: the promises after each step. Not here: how many people, or whose EHR (`test_cloud_months.py`,
`tests/conformance/test_month.py`).
"""

import sys
from datetime import date, timedelta

FIRST, LAST = date(2026, 10, 20), date(2026, 11, 18)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
ROUNDS = 2
CHANGES = {"edits": 6, "deletions": 4, "late": 4}
GREEN = {"synced", "no_data"}


def run_cloud_month(carried, sandbox, seed):
    """Carry everybody's month through its changes; every step leaves an EHR that says what the vendor says."""
    links = [carried.link_whole(person) for person in sandbox.people]
    created = sum(one.counts.created for one in _green(carried, links))
    _settled(sandbox, carried, links, f"first sync: {created} created")
    for number in range(ROUNDS):
        span = {"first": str(FIRST), "last": str(LAST)}
        made = sandbox.post(
            f"{carried.vendor}/seeded", seed=seed + number, **span, **CHANGES
        ).json()
        results = _green(carried, links)
        changed = {
            name: sum(getattr(one.counts, name) for one in results)
            for name in ("created", "updated", "retracted", "retraction_held")
        }
        assert changed.pop("retraction_held") == 0
        assert min(changed.values()) > 0, (made, changed)
        _settled(sandbox, carried, links, f"{made}: {changed}")


def _green(carried, links):
    results = carried.run(dict.fromkeys(links, DAYS)).values()
    assert {one.outcome.value for one in results} <= GREEN, [
        (one.day, one.outcome, one.error, one.reasons) for one in results
    ]
    return results


def _settled(sandbox, carried, links, said):
    """Judge the EHR after a sync, and that another sync writes nothing."""
    logins = [person["login"] for person in sandbox.people]
    asked = {"vendor": carried.vendor, "follow": 1, "stages": 1}
    report = sandbox.differences(FIRST, LAST, *logins, **asked)
    sys.stdout.write(f"{said}; compared {report['compared']}\n")
    assert report["differences"] == 0, report
    again = _green(carried, links)
    assert sum(one.counts.created + one.counts.updated + one.counts.retracted for one in again) == 0
