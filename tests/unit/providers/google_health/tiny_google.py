"""A tiny Google over real HTTP: it answers from a list, and remembers what it was asked.

Belongs here: that server, the parts of the product that speak to it, and a link's token. Not here:
what Google would answer.
"""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from ohx_pipelines.deadline import DeadlineAdapter
from ohx_pipelines.provider_settings import GoogleHealthSettings
from ohx_pipelines.providers.google_health.client import GoogleHealthClient
from ohx_pipelines.providers.google_health.oauth import GoogleOAuth

CANARY = "CANARY-987.654"
# What the application proves itself with.
OUR_PROOF = "top-" + CANARY
JSON = {"Content-Type": "application/json; charset=UTF-8"}
# Ways to give no answer.
HANG, DROP = "hang", "drop"
PREFIX = "https://www.googleapis.com/auth/googlehealth."
SCOPES = {
    short: f"{PREFIX}{name}.readonly"
    for short, name in {
        "A": "activity_and_fitness",
        "H": "health_metrics_and_measurements",
        "S": "sleep",
        "ecg": "ecg",
        "irn": "irn",
        "settings": "settings",
        "nutrition": "nutrition",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    query: dict
    body: bytes
    headers: dict

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def bearer(self):
        return self.headers.get("Authorization")


def _query(text):
    """The parameters of a call, but for the one that goes with every call of the API."""
    given = dict(parse_qsl(text, keep_blank_values=True))
    assert given.pop("prettyPrint", "false") == "false"
    return given


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        parts = urlsplit(self.path)
        self.server.asked.append(
            Asked(
                method=self.command,
                path=parts.path,
                query=_query(parts.query),
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                headers=dict(self.headers),
            )
        )
        answer = self.server.answers.pop(0)
        if answer == HANG:
            self.server.ended.wait(30)
        if isinstance(answer, str):
            return
        status, content, headers = answer
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class TinyGoogle(ThreadingHTTPServer):
    """Answers each request with the next of `answers`: (status, content, headers), or none at all."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked, self.ended = [], [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def will_answer(self, *answers):
        self.answers += answers
        return self

    def settings(self, **changes):
        return GoogleHealthSettings(
            client_id="our-app.apps.example",
            client_secret=OUR_PROOF,
            api_url=self.url,
            authorize_url=f"{self.url}/o/oauth2/v2/auth",
            token_url=f"{self.url}/token",
            revoke_url=f"{self.url}/revoke",
            **({"timeout_seconds": 5} | changes),
        )

    def oauth(self, *, scopes=(SCOPES["A"], SCOPES["settings"]), budget=None, **changes):
        settings = self.settings(**changes)
        adapter = DeadlineAdapter(seconds=settings.timeout_seconds)
        return GoogleOAuth(settings, scopes=scopes, adapter=adapter, budget=budget)

    def client(self, *, budget=None, **changes):
        oauth = self.oauth(budget=budget, **changes)
        return GoogleHealthClient(self.settings(**changes), oauth)


@contextmanager
def tiny_google():
    with TinyGoogle() as site:
        serving = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield site
        finally:
            site.ended.set()
            site.shutdown()
            serving.join(30)


def ok(body):
    return (200, body, JSON)


def refused(status, *, reason=None, word="SOME_STATUS", **headers):
    """Answer as section 4 of Google's error model: a status, and a reason in the details."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": CANARY},
    }
    error = {"code": status, "message": CANARY, "status": word, "details": [info] if reason else []}
    return (status, {"error": error}, JSON | headers)


class Token:
    """A link's token, which is renewed when it is told to be."""

    account = "link-1"

    def __init__(self, *scopes):
        self.renewed = []
        self.scopes = frozenset(scopes or SCOPES.values())

    def current(self):
        return "first-" + CANARY

    def renew(self, refused):
        self.renewed.append(refused)
        return "second-" + CANARY


class Ledger:
    """A budget that notes who spends beside how many requests had been made by then, and pauses."""

    def __init__(self, site):
        self.site, self.spent, self.pauses, self.refuses = site, [], [], None

    def spend(self, *, account=None):
        if self.refuses:
            raise self.refuses
        self.spent.append((account, len(self.site.asked)))

    def pause(self, seconds):
        self.pauses.append(seconds)


def tells_nothing(error):
    """Tell whether an exception, and those behind it, hold no text from outside."""
    chain = [error, error.__cause__, error.__context__]
    return not any(CANARY in text for one in chain if one for text in (str(one), repr(one.args)))
