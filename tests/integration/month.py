"""A month of readings of many people, carried, changed behind the product's back, and carried again.

Belongs here: linking, changing, syncing, and asking the sandbox's reader. Not here: what must come of
it (`test_month.py`), and what the reader looks at (`sandbox/reader*.py`).
"""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

import requests

from ohx_pipelines.outcomes import Counts
from tests.integration.carried import Carried
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS

# Between these days the clocks change in Europe and in America.
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 18)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
# Per link and round; so few deletions are a person's, not a fault's.
A_FEW = {"edits": 3, "deletions": 2, "late": 2, "attributed": 1, "additions": 1}
TOO_MANY = 30
JUDGEMENT_SECONDS = 900
AN_HOUR = 3_600
CHANGING = ("created", "updated", "retracted")


def arguments(links, *more):
    """The sandbox's arguments for so many people."""
    return (*SANDBOX_ARGUMENTS, "--people", str(links), *more)


@dataclass
class Month:
    """Everybody's link, and what was done with it so far."""

    store: object
    sandbox: object
    seed: int
    links: dict = field(default_factory=dict)
    ended: set = field(default_factory=set)
    rounds: int = 0
    runs: int = 0
    # All that the vendor has, what needs a paid plan and stages of sleep as well.
    whole: bool = False

    def __post_init__(self):
        # How many a vendor takes in a minute is no matter here; that a listing has pages is.
        self.sandbox.post("withings/settings", rate_limit=1_000_000, page_size=80)
        self.carried = Carried(
            self.store,
            self.sandbox,
            # An EHR that stays must not know these readings from another run.
            secret=secrets.token_bytes(32),
            everything=self.whole,
        )

    def link_everybody(self):
        """Link everybody, and copy their records; gives the outcomes of the copies."""
        for person in self.sandbox.people:
            link = self.carried.link_whole if self.whole else lambda one: self.carried.link(one).id
            self.links[person["login"]] = link(person)
        return {self._copied(link) for link in self.living.values()}

    @property
    def living(self):
        """The link of everybody who shares, by login."""
        return {login: link for login, link in self.links.items() if login not in self.ended}

    def sync(self, *logins):
        """Sync the month of these, or of everybody who shares; gives the outcomes, and all counts."""
        self.runs += 1
        results = []
        for login in logins or self.living:
            link = self.links[login]
            results += self.carried.sync.run(link, DAYS, run_id=f"run-{self.runs}")
            # The sandbox takes a hundred connections, and each link has its own.
            self.carried.close()
        outcomes = {one.outcome.value for one in results}
        return outcomes, sum((one.counts for one in results), Counts())

    def needless_writes(self, *logins):
        """Sync once more; gives what was written although nothing had changed: nothing, one hopes."""
        self.sandbox.post("calls/reset")
        _, counts = self.sync(*logins)
        changes = {name: count for name, count in asdict(counts).items() if name in CHANGING}
        return {name: count for name, count in changes.items() if count} | self.sandbox.calls()[
            "ehr_writes"
        ]

    def change(self, *, logins=None, **wishes):
        """Change readings at the vendor, an hour later; gives the counts."""
        self.rounds += 1
        self.sandbox.post("clock", advance_seconds=AN_HOUR)
        order = {
            "logins": list(logins or self.living),
            "seed": self.seed * 1_000 + self.rounds,
            "first": str(FIRST),
            "last": str(LAST),
        }
        answer = self.sandbox.post("readings/seeded", **order, **wishes).json()
        return {name: count for name, count in answer.items() if name != "by_login"}

    def judge(self, *logins):
        """Ask the reader, who follows; gives its report."""
        parameters = [
            ("from", str(FIRST)),
            ("to", str(LAST)),
            ("follow", "1"),
            *self._asked(),
            *(("login", login) for login in logins or self.links),
            *(("linked", login) for login in self.living),
            *(("ended", login) for login in self.ended),
        ]
        url = f"{self.sandbox.control}/differences"
        answer = requests.get(url, params=parameters, timeout=JUDGEMENT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def _asked(self):
        if self.whole:
            return [("paid", "1"), ("stages", "1")]
        return [("shared", one) for one in self.sandbox.shared]

    def confirm(self, login):
        """Confirm what is held of a person, as an engineer does who looked; gives how many."""
        link = self.links[login]
        held = {one.day: one.count for one in self.store.held_retractions(link)}
        self.store.confirm_retractions(link, held, who="engineer")
        return sum(held.values())

    def end(self, login):
        """End a person's sharing; gives the outcome of closing their records."""
        self.store.begin_unlink(self.links[login], who="patient")
        self.ended.add(login)
        return self.carried.records.close(self.links[login]).outcome.value

    def _copied(self, link):
        copied = self.carried.records.copy(link)
        self.carried.close()
        return copied.outcome.value
