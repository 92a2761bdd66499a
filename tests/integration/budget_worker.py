"""Processes that spend one budget, told by an order on standard input.

Belongs here: one parent that has everything imported and forks a child per worker. Not here: what a
test expects. A child that is killed writes nothing more; its lines so far stand.
"""

import json
import os
import sys
import time

from ohx_pipelines.errors import BudgetSpent
from ohx_pipelines.links.call_budget import SharedBudget
from ohx_pipelines.links.store import open_store
from ohx_pipelines.links.turns import Budget
from ohx_pipelines.links.vault import Vault
from ohx_pipelines.urgency import Urgency, using


def spend(order, worker):
    """Spend so many calls; a line for each: who, asked when, let through when."""
    store = open_store(
        order["database_url"], Vault(b"k" * 32, key_id="1"), identifier_secret="i" * 40
    )
    budget = SharedBudget(
        store, Budget(**order["budget"]), longest_wait_seconds=order["longest_wait_seconds"]
    )
    with using(Urgency[worker["urgency"]]):
        for _ in range(worker["calls"]):
            asked = time.time()
            try:
                budget.spend(account=worker["name"])
            except BudgetSpent:
                told(worker, asked=asked, spent=True)
            else:
                told(worker, asked=asked, left=time.time())
            time.sleep(worker.get("pause", 0.0))


def told(worker, **line):
    # One write per line: children share the pipe.
    os.write(1, (json.dumps({"name": worker["name"], "pid": os.getpid(), **line}) + "\n").encode())


def main():
    order = json.loads(sys.stdin.readline())
    reading, writing = os.pipe()
    for worker in order["workers"]:
        if os.fork() == 0:
            os.close(writing)
            os.read(reading, 1)  # every child reads the end of the pipe at once
            spend(order, worker)
            os._exit(0)
    os.close(writing)
    for _ in order["workers"]:
        os.wait()


if __name__ == "__main__":
    main()
