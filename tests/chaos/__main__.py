"""`python -m tests.chaos`: chaos by the numbers, with one line of counts at the end.

Belongs here: the command line. Not here: the chaos (`runner.py`).
"""

import argparse
import os
import secrets
import signal
import sys

from tests.chaos.runner import Chaos, Plan, chaos_deployment, say


def main():
    # However it is told to end, the deployment ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _arguments()
    plan = Plan(rounds=arguments.rounds, seed=arguments.seed, links=arguments.links)
    sys.stdout.write(f"seed {plan.seed}, {plan.rounds} rounds, {plan.links} links\n")
    sys.stdout.flush()
    with chaos_deployment(people=plan.links + 2) as deployment:
        chaos = Chaos(deployment, plan)
        chaos.link_everyone()
        say(f"{len(chaos.links)} links")
        verdict = chaos.run()
        if not verdict.ok:
            sys.stderr.write("\n".join([*deployment.lines[-400:], *verdict.stuck, *verdict.lost]))
    sys.stdout.write(f"{verdict.line()}\n")
    return 0 if verdict.ok else 1


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or 100))
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--links", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
