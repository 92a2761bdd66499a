"""What every month must come to, whoever's EHR it is: the rounds, and what is asserted after each.

Belongs here: the promises. Not here: how a round is made (`month.py`), or how many people there are.
"""

import sys

from tests.integration.month import A_FEW, TOO_MANY

GREEN = {"synced", "no_data"}
ROUNDS = 2


def run_month(month):
    """Carry a month through its changes; every step leaves an EHR that says what the vendor says."""
    assert month.link_everybody() == {"synced"}
    outcomes, counts = month.sync()
    assert outcomes <= GREEN
    assert counts.created == counts.observations > 0
    _is_settled(month, f"first sync: {counts.created} created")
    for _ in range(ROUNDS):
        _changed_a_little(month)
    _emptied_at_once(month)
    _ended(month)
    # Also the last needless sync left every version as it was.
    assert month.judge()["differences"] == 0


def run_whole_month(month):
    """Carry a month of all that the vendor has through its changes, as `run_month` does."""
    assert month.link_everybody() == {"synced"}
    outcomes, counts = month.sync()
    assert outcomes <= GREEN
    assert counts.created == counts.observations > 0
    _is_settled(month, f"first sync: {counts.created} created")
    for _ in range(ROUNDS):
        made = month.change(**A_FEW)
        outcomes, counts = month.sync()
        assert outcomes <= GREEN
        assert counts.retraction_held == 0
        assert min(counts.created, counts.updated, counts.retracted) > 0
        said = f"created {counts.created}, updated {counts.updated}, retracted {counts.retracted}"
        _is_settled(month, f"{made}: {said}")
    _ended(month)


def _changed_a_little(month):
    made = month.change(**A_FEW)
    outcomes, counts = month.sync()
    assert outcomes <= GREEN
    assert counts.retraction_held == 0
    # Each change is one Observation's, but for a weighing that is deleted with all its values.
    assert counts.created == made["late"] + made["attributed"]
    assert counts.updated == made["edits"] + made["additions"]
    assert counts.retracted >= made["deletions"] > 0
    said = f"created {counts.created}, updated {counts.updated}, retracted {counts.retracted}"
    _is_settled(month, f"{made}: {said}")


def _emptied_at_once(month):
    """Take so much away at once that it must be held, and confirm it."""
    login = next(iter(month.living))
    month.change(logins=[login], deletions=TOO_MANY, edits=2, late=1)
    outcomes, counts = month.sync(login)
    assert "retraction_held" in outcomes
    assert counts.retracted == 0
    # What is not about taking away goes on.
    assert min(counts.created, counts.updated) > 0
    report = month.judge()
    assert report["why"] == {
        "retracted: not retracted": counts.retraction_held,
        "versions: number": counts.retraction_held,
    }, report
    assert month.confirm(login) == counts.retraction_held
    outcomes, after = month.sync(login)
    assert outcomes <= GREEN
    assert after.retracted == counts.retraction_held
    _is_settled(month, f"held and confirmed: {after.retracted}", login)


def _ended(month):
    login = next(iter(month.living))
    assert month.end(login) == "synced"
    _is_settled(month, "one has ended")


def _is_settled(month, said, *logins):
    report = month.judge()
    sys.stdout.write(
        f"{said}; compared {report['compared']}, differences {report['differences']}\n"
    )
    assert report["differences"] == 0, report
    assert month.needless_writes(*logins) == {}
