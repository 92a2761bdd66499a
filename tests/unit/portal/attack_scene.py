"""Three browsers and a marker: what an attack is played on, and what must hold after each.

Belongs here: sending a marked request, and the promises that no answer may break. Not here: the
attacks (`test_attacks.py`).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from oauth_portal import messages
from ohx_pipelines.links.models import Base

# In every header and parameter of a marked request; no part of an answer or the log may hold it.
MARKER = "MARKER-5e1f"
HEADERS = {
    "Referer": f"https://evil.example/{MARKER}",
    "Origin": f"https://{MARKER}.evil.example",
    "User-Agent": MARKER,
    "X-Forwarded-Host": f"{MARKER}.evil.example",
    "X-Forwarded-For": MARKER,
    "Accept-Language": MARKER,
    "X-Requested-With": MARKER,
}
NOISE = {"next": MARKER, "error_description": MARKER, "x": f"<script>{MARKER}</script>"}
PAGES = {page.code: page for page in vars(messages).values() if hasattr(page, "heading")}
# A refused try may use up a state, and may be written down; nothing else may change.
MAY_CHANGE = {"oauth_states", "audit_log"}
CODE = f"code-{MARKER}"
CALLBACK = "/api/base/provider-links/{}/oauth2_callback/"
RETURN = "/sign-in/return"


@dataclass
class Scene:
    """The victim is signed in as p1, the attacker as p2, the stranger not at all."""

    app: Any
    store: Any
    identity: Any
    vendors: Any
    ehr: Any
    new_visit: Any
    victim: Any
    attacker: Any
    stranger: Any
    accept: str
    secrets: list = field(default_factory=list)
    before: tuple = ()

    @property
    def vendor(self):
        return self.vendors[0]

    def request(self, visit, path, *, method="GET", query=(), **options):
        """Send a marked request; what was true before it is kept for `check`."""
        given = dict(query)
        self.secrets += _secrets(given)
        self.before = self._facts()
        return visit.http.open(
            path,
            method=method,
            query_string=NOISE | given,
            headers=HEADERS | {"Accept": self.accept} | options.pop("headers", {}),
            **options,
        )

    def come_back(self, visit, vendor="withings", **query):
        return self.request(visit, CALLBACK.format(vendor), query=query)

    def sign_in_return(self, visit, **query):
        return self.request(visit, RETURN, query=query)

    def post(self, visit, path, **options):
        data = {"csrf_token": visit.csrf()} | dict.fromkeys(NOISE, MARKER)
        return self.request(visit, path, method="POST", data=data, **options)

    def approved(self, visit=None, **claims):
        """Start a sign-in and approve it; gives the parameters of the return."""
        visit = visit or self.stranger
        back = self.identity.approve(visit.post("/sign-in").location, **claims)
        return {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}

    def expired_state(self):
        with self.victim.http.session_transaction() as session:
            return self.store.start_authorization(
                patient_id=session["patient"],
                provider="withings",
                session_hash=hashlib.sha256(session["id"].encode()).hexdigest(),
                code_verifier=None,
                minutes=-1,
            )

    def rows(self):
        """Give what the store holds, as text, by table."""
        with self.store.engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in Base.metadata.sorted_tables
                if table.name not in MAY_CHANGE
            }

    def signed_in(self):
        return [_patient(one) for one in (self.victim, self.attacker, self.stranger)]

    def exchanged(self):
        return sum(len(vendor.exchanged) for vendor in self.vendors)

    def _facts(self):
        return self.rows(), self.signed_in(), self.exchanged()

    def check_nothing_happened(self, *, exchanges=0):
        """Promise: no row changed, nobody signed in, no code went to a vendor but `exchanges`."""
        rows, signed_in, exchanged = self.before
        assert self.rows() == rows
        assert self.signed_in() == signed_in
        assert self.exchanged() == exchanged + exchanges

    def check_page(self, answer, *, code, status):
        """Promise: it is the page (or problem) of that code, with its heading and advice."""
        page = PAGES[code]
        assert answer.status_code == status, answer.text
        if self.accept == "text/html":
            assert answer.mimetype == "text/html"
            text = re.sub(r"\s+", " ", html.unescape(answer.text))
            assert re.search(f"<h1>{_pattern(page.heading)}</h1>", text)
            assert re.search(f"<p>{_pattern(page.advice)}", text)
            assert 'href="/"' in text
            return
        assert answer.mimetype == "application/problem+json"
        assert (answer.json["code"], answer.json["status"]) == (code, status)
        assert re.search(_pattern(page.advice), answer.json["detail"])

    def check_silence(self, answer, log):
        """Promise: nothing that was sent is in the answer or in the log, and no inner detail."""
        headers = "\n".join(value for name, value in answer.headers if name != "Set-Cookie")
        for secret in (MARKER, "evil.example", *self.secrets):
            assert secret not in answer.text
            assert secret not in headers
            assert secret not in log
        for detail in ("Traceback", "site-packages", 'File "', "psycopg2", "sqlalchemy"):
            assert detail not in answer.text
        for visit in (self.victim, self.attacker, self.stranger):
            with visit.http.session_transaction() as session:
                assert MARKER not in repr(dict(session))


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What is tried, and the page it ends on; `exchanges` codes may have gone to the vendor."""

    name: str
    act: Callable[[Scene], object]
    code: str
    status: int
    exchanges: int = 0


def _secrets(query):
    """Give codes and states of a request, each long enough to be looked for."""
    values = [query[name] for name in ("code", "state") if query.get(name)]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if len(one) > 5]


def _patient(visit):
    """Give who is signed in in that browser, as the portal itself shows it."""
    if "Your devices" not in visit.get("/").text:
        return None
    with visit.http.session_transaction() as session:
        return session["id"], session["patient"]


def _pattern(text):
    words = re.escape(text)
    words = words.replace(r"\{clinic\}", "Riverside Clinic")
    return words.replace(r"\{vendor\}", "(Withings|Pulse|[Tt]he maker of your device)")
