"""A fortnight of the sandbox's people, synced to a strict server over the whole road.

Belongs here: the sandbox's raw measure groups on that road. Not here: what must then be there.
"""

from contextlib import closing
from datetime import date, timedelta

import requests

from tests.integration.getmeas_server import getmeas_server
from tests.integration.linked_at_sandbox import SANDBOX_ARGUMENTS
from tests.integration.road import Road
from tests.sandbox_process import running_sandbox

# Nobody's readings of these days are still to come.
LAST = date(2026, 11, 1)
DAYS = [LAST - timedelta(days=n) for n in range(13, -1, -1)]


def synced_people(ehr_url):
    """Sync everybody, as Patients of this run alone; gives them."""
    with running_sandbox(*SANDBOX_ARGUMENTS, "--ehr-url", ehr_url) as sandbox:
        people = sandbox.people
        for person in people:
            results = _synced(sandbox, person, ehr_url)
            assert {one.outcome.value for one in results} <= {"synced", "no_data"}
    return people


def _synced(sandbox, person, ehr_url):
    query = {"login": person["login"], "from": str(DAYS[0]), "to": str(DAYS[-1])}
    groups = requests.get(f"{sandbox.control}/rows", params=query, timeout=30).json()
    with getmeas_server(person["zone"]) as vendor:
        road = Road(vendor, ehr_url, person["patient_id"])
        with closing(road.client):
            vendor.groups = groups
            return road.run(DAYS)
