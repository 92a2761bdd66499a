"""Chaos: backfills under way while run workers, daemon, portal and PostgreSQL are killed, seeded.

Belongs here: the rounds and what is waited for between them. Not here: whom a kill hits
(`targets.py`), what there is to do (`work.py`), or what must hold in the end (`verdict.py`).
"""

import contextlib
import random
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ohx_pipelines.cli.demo_browser import Browser
from tests.chaos.questions import UNANSWERED, Dagster, Stuck, eventually
from tests.chaos.targets import PORTAL, TARGETS, WORKER, kill, victims
from tests.chaos.verdict import Verdict, lost, stuck
from tests.chaos.work import Work
from tests.deployment import running_deployment

# Longer than it takes until a retry that was overlooked is asked for again.
WORKER_SECONDS = 300
RETURN_SECONDS = 180
MOST_RE_EXECUTIONS = 6
END_SECONDS = 420


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much chaos: `rounds` kills while `links` links are carried over."""

    rounds: int
    seed: int
    links: int = 20
    longest_pause_seconds: float = 6.0
    slow_seconds: tuple = (0.0, 0.1, 0.3)


@contextmanager
def chaos_deployment(people):
    """A deployment in which the vendor's limits, and ours on restarts, are not what is tested."""
    with running_deployment(
        sandbox_arguments=["--people", str(people)],
        OHX_MOST_RESTARTS="1000",
        OHX_SYNC__REFRESH_LEASE_SECONDS="5",
        OHX_SYNC__REFUSAL_PAUSE_SECONDS="1",
    ) as deployment:
        deployment.sandbox.post("withings/settings", rate_limit=100_000, page_size=1000)
        yield deployment


def last_week():
    """The last seven days that have ended in every time zone, oldest first."""
    last = (datetime.now(UTC) - timedelta(hours=12)).date() - timedelta(days=1)
    return [last - timedelta(days=n) for n in range(6, -1, -1)]


def say(text):
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")


@dataclass
class Chaos:
    """One chaos run over a deployment whose links are made."""

    deployment: object
    plan: Plan
    rounds: Counter = field(default_factory=Counter)
    backfills: list = field(default_factory=list)
    re_executions: int = 0
    unanswered: list = field(default_factory=list)

    def __post_init__(self):
        self.rng = random.Random(self.plan.seed)
        self.week = last_week()
        self.dagster = Dagster(self.deployment)
        self.people = self.deployment.sandbox.people[: self.plan.links]
        self.work = Work(self.deployment.sandbox, self.people, self.week, self.rng)
        self.links = []

    @property
    def pid(self):
        return self.deployment.process.pid

    def link_everyone(self):
        for person in self.people:
            self.deployment.link(person)
        self.links = self.deployment.link_ids()
        known = self.deployment.api.link_keys
        eventually(lambda: set(self.links) <= set(known("withings")), 180, "a partition per link")

    def run(self):
        """Kill as planned, then let everything come to rest, and judge."""
        started = time.monotonic()
        for number, target in enumerate(self._targets(), start=1):
            try:
                self._round(number, target)
            except Stuck as error:
                say(f"round {number}: {error}; open: {stuck(self.deployment, self.dagster)}")
                self.unanswered.append(str(error))
        seconds = time.monotonic() - started
        self.work.speed_up()
        self._come_to_rest()
        return self._verdict(seconds)

    def _targets(self):
        """Every target equally often, in an order of the seed's."""
        each = -(-self.plan.rounds // len(TARGETS))
        planned = [*TARGETS] * each
        self.rng.shuffle(planned)
        return planned[: self.plan.rounds]

    def _round(self, number, target):
        victim = self._victim(target)
        pause = self.rng.uniform(0, self.plan.longest_pause_seconds)
        if target == WORKER:
            # A worker is short-lived: one that was found is hit soon, one that is gone is replaced.
            pause = self.rng.uniform(0, 2.0)
        time.sleep(pause)
        while not kill(victim):
            victim = self._victim(target)
        self.rounds[target] += 1
        say(f"round {number}: killed {target} ({victim.pid}); {self._progress()}")
        self._see_it_back(target)

    def _victim(self, target):
        self._keep_busy()
        if target != WORKER:
            return self._found(target)
        deadline = time.monotonic() + WORKER_SECONDS
        while time.monotonic() < deadline:
            found = victims(self.pid, WORKER)
            if found:
                return self.rng.choice(found)
            self._keep_busy()
            time.sleep(0.2)
        message = f"no run worker within {WORKER_SECONDS} seconds"
        raise Stuck(message)

    def _found(self, target):
        return eventually(lambda: victims(self.pid, target), RETURN_SECONDS, f"a {target}")[0]

    def _see_it_back(self, target):
        if target == WORKER:
            return
        self._found(target)
        if target == PORTAL:
            eventually(self._page_answers, RETURN_SECONDS, "the link page")

    def _page_answers(self):
        """Open the page and start to sign in, as a person would."""
        browser = Browser()
        try:
            browser.open(f"{self.deployment.portal}/")
            browser.submit("/sign-in")
        except UNANSWERED:
            return False
        finally:
            browser.close()
        return browser.address.startswith(self.deployment.sandbox.addresses["identity"]["issuer"])

    def _keep_busy(self):
        """Launch the next backfill when the last has ended: what failed in it first, if anything."""
        if self.backfills and not self.dagster.has_ended(self.backfills[-1]):
            return
        again = None
        if self.backfills and self.dagster.not_green(self.links, self.week):
            again = self.dagster.re_execute(self.backfills[-1])
        if again is not None:
            self.re_executions += 1
            self.backfills.append(again)
            return
        self._launch_next()

    def _launch_next(self):
        if self.backfills and self.rng.random() < 0.5:
            self.work.pass_three_hours()
        self.work.make()
        self.work.slow_down(self.rng.choice(self.plan.slow_seconds))
        title = f"Chaos {len(self.backfills) + 1}"
        self.backfills.append(self.dagster.launch(self.links, self.week, title))

    def _progress(self):
        return f"backfill {len(self.backfills)} ({self.backfills[-1]})"

    def _come_to_rest(self):
        """No more kills: re-execute what failed, then sync every link once more, all tokens old."""
        self._wait_until_nothing_is_stuck()
        self._until_green()
        self.work.pass_three_hours()
        self.work.make()
        self.dagster.launch_range(self.week)
        self._wait_until_nothing_is_stuck()

    def _until_green(self):
        for _ in range(MOST_RE_EXECUTIONS):
            if not self.dagster.not_green(self.links, self.week):
                return
            again = self.dagster.re_execute(self.backfills[-1])
            again = again or self.dagster.launch(self.links, self.week, "Once more")
            self.re_executions += 1
            self.backfills.append(again)
            self._wait_until_nothing_is_stuck()

    def _wait_until_nothing_is_stuck(self):
        is_at_rest = lambda: not stuck(self.deployment, self.dagster)  # noqa: E731
        with contextlib.suppress(Stuck):
            eventually(is_at_rest, END_SECONDS, "the end", every=1)

    def _verdict(self, seconds):
        logins = [person["login"] for person in self.people]
        first, last = self.week[0], self.week[-1]
        return Verdict(
            seed=self.plan.seed,
            rounds=self.rounds,
            backfills=len(self.backfills),
            re_executions=self.re_executions,
            link_days=len(self.links) * len(self.week),
            not_green=len(self.dagster.not_green(self.links, self.week)),
            differences=self.deployment.sandbox.differences(first, last, *logins),
            lost=lost(self.deployment, self.links),
            stuck=[*self.unanswered, *stuck(self.deployment, self.dagster)],
            seconds=seconds,
        )
