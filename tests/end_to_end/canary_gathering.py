"""What came of everything: what arrived, which secrets passed, and where a canary is found.

Belongs here: gathering, and the list of what is searched for. Not here: what was done
(`canary_scene.py`), places (`canary_places.py`), or what may be found (`test_canary.py`).
"""

import json
import re
from pathlib import Path

import requests
from sqlalchemy.engine import make_url

from tests.end_to_end.canary_search import text_spellings
from tests.end_to_end.canary_subject import with_point

SECRET_SETTINGS = (
    "OHX_IDENTIFIER_SECRET",
    "OHX_TOKEN_KEY",
    "OHX_OIDC__CLIENT_SECRET",
    "OHX_WITHINGS__CLIENT_SECRET",
    "OHX_GOOGLE_HEALTH__CLIENT_SECRET",
    "OHX_GOOGLE_HEALTH__WEBHOOK_SECRET",
    "OHX_PORTAL__SECRET_KEY",
)
LEDGER = "SELECT link_id, outcome FROM sync_ledger"
MARK = "left on purpose in every place"
# What a vendor puts for a value that cannot be read, and what a forged return says.
FIXED = ("seventy", "code-that-nobody-gave", "state-that-nobody-gave")


def outcomes(deployment):
    """The outcomes of each link's days."""
    found = {}
    for row in deployment._sql(LEDGER):
        found.setdefault(row.link_id, set()).add(row.outcome)
    return found


def observations(deployment, subject):
    """A person's Observations at the EHR, as the sandbox tells who only looks."""
    url = f"{deployment.environment['OHX_EHR__URL']}/Observation"
    asked = {"patient": f"Patient/{subject.person['patient_id']}", "_count": "500"}
    return requests.get(url, asked, headers={"X-Sandbox-Reader": "1"}, timeout=30)


def arrived(deployment, subject):
    """Which of the readings that were planted the EHR holds, and which of the values in rows."""
    text = observations(deployment, subject).text
    readings = [value for value in subject.readings if with_point(value) in text]
    return readings, {what for what, one in subject.rows.items() if _stands_in(text, one.text)}


def canaries(subjects, secrets):
    """Everything that is searched for, with its spellings: people's, secrets, and what must be found."""
    sought = {f"fixed: {one}": text_spellings(one) for one in FIXED}
    sought |= {"the mark": text_spellings(MARK), "a run worker": {b"multiprocessing.spawn"}}
    for name, subject in subjects.items():
        sought |= subject.canaries(name)
        if subject.link:
            sought[f"link of {name}"] = {subject.link.encode()}
    for kind, values in secrets.items():
        sought[f"secret: {kind}"] = {s for one in values for s in text_spellings(one)}
    return sought


def secrets_seen(deployment, visitors, ehr_key):
    """Every token, code, state, key and setting that is secret, by kind."""
    seen = requests.get(f"{deployment.sandbox.control}/secrets", timeout=10).json()
    settings = {deployment.environment[name] for name in SECRET_SETTINGS}
    settings.add(make_url(deployment.environment["OHX_DAGSTER__DATABASE_URL"]).password)
    cookies = set().union(*(visitor.secrets() for visitor in visitors))
    account = Path(deployment.environment["OHX_GOOGLE_HEALTH__SERVICE_ACCOUNT_FILE"])
    pems = (
        ehr_key.as_pem(private=True).decode(),
        json.loads(account.read_text())["private_key"],
    )
    lines = {line for pem in pems for line in pem.splitlines()[1:-1] if len(line) > 20}
    key = {ehr_key.as_dict(private=True)["d"], *lines}
    return seen | {"setting": settings, "cookie": cookies, "key": key}


def _stands_in(text, number):
    """Tell whether a number is in a text, and not just as a part of another."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", text) is not None
