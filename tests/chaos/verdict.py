"""What must hold after all kills: nothing stuck, no link lost, the EHR says what the vendor says.

Belongs here: counting what is wrong. Not here: making it right (`runner.py` re-executes first).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.chaos.questions import ENDED_BACKFILLS, ENDED_RUNS, patiently

LEASES = "SELECT link_id FROM link_tokens WHERE lease_until > :latest"
LONGEST_LEASE_SECONDS = 120


@dataclass
class Verdict:
    """The figures of one chaos run; `ok` when everything that should be zero is."""

    seed: int
    rounds: Counter
    backfills: int
    re_executions: int
    link_days: int
    not_green: int
    differences: dict
    lost: list
    stuck: list = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self):
        wrong = self.differences["differences"]
        return not (self.not_green or wrong or self.lost or self.stuck)

    def line(self):
        by_target = ", ".join(f"{name} {self.rounds[name]}" for name in sorted(self.rounds))
        total = self.rounds.total()
        return (
            f"{'ok' if self.ok else 'FAILED'} seed={self.seed} rounds={total} ({by_target}) "
            f"backfills={self.backfills} (re-executions {self.re_executions}) link-days={self.link_days} not-green={self.not_green} "
            f"differences={self.differences['differences']} "
            f"(missing {self.differences['missing']}, extra {self.differences['extra']}, "
            f"doubled {self.differences['doubled']}) compared={self.differences['compared']} "
            f"links-lost={len(self.lost)} stuck={len(self.stuck)} "
            f"seconds={self.seconds:.0f} seconds/round={self.seconds / max(total, 1):.1f}"
        )


def stuck(deployment, dagster):
    """Runs and backfills that have not ended, and leases that outlive every refresh."""
    runs = [f"run {i} {s}" for i, s in dagster.runs().items() if s not in ENDED_RUNS]
    backfills = [
        f"backfill {i} {s}" for i, s in dagster.backfills().items() if s not in ENDED_BACKFILLS
    ]
    latest = datetime.fromtimestamp(datetime.now(UTC).timestamp() + LONGEST_LEASE_SECONDS, UTC)
    held = patiently(lambda: deployment._sql(LEASES, latest=latest))
    return runs + backfills + [f"lease of link {row.link_id}" for row in held]


def lost(deployment, links):
    """Links that are no longer active."""
    listed = patiently(lambda: _states(deployment))
    return [link for link in links if listed.get(link) != "active"]


def _states(deployment):
    answer = deployment.ohx("links", "list", "--provider", "withings")
    assert answer.returncode == 0, answer.stderr
    return {row.split()[0]: row.split()[2] for row in answer.stdout.splitlines()[1:]}
