"""A tiny OMRON over real HTTP: it answers from a list, and remembers what it was asked.

Belongs here: that server, the parts of the product that speak to it, and a link's token. Not here:
what OMRON would answer.
"""

import base64
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from ohx_pipelines.provider_settings import OmronSettings
from ohx_pipelines.providers.omron import OmronProvider

CANARY = "CANARY-987.654"
SECRET = "ab" * 32
JSON = {"Content-Type": "application/json; charset=utf-8"}
# Ways to give no answer.
HANG, DROP = "hang", "drop"
USER = "4c1e2d7a-0b1f-4b76-9d0e-8c333a11e570"


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    body: bytes
    headers: dict

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def bearer(self):
        return self.headers.get("Authorization")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def log_message(self, *_):
        pass

    def _answer(self):
        self.server.asked.append(
            Asked(
                method=self.command,
                path=urlsplit(self.path).path,
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
        body = (
            content if isinstance(content, bytes) else json.dumps(content, default=float).encode()
        )
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class TinyOmron(ThreadingHTTPServer):
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
        given = {
            "client_id": "our-application",
            "client_secret": SECRET,
            "api_url": self.url,
            "authorize_url": f"{self.url}/connect/authorize",
            "timeout_seconds": 5,
        }
        return OmronSettings(**(given | changes))

    def provider(self, *, budget=None, **changes):
        return OmronProvider(self.settings(**changes), budget=budget)

    @property
    def forms(self):
        return [one.form for one in self.asked]


@contextmanager
def tiny_omron():
    with TinyOmron() as site:
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


def measured(list_name, *rows, **result):
    """Answer with one list; `truncated` is false unless it is said, or left out with None."""
    told = {"truncated": False, "measurementCount": len(rows), list_name: list(rows)} | result
    return ok({"status": 0, "result": {k: v for k, v in told.items() if v is not None}})


def id_token(**claims):
    parts = ({"alg": "RS256"}, {"sub": USER} | claims)
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*encoded, "c2ln"])


class Token:
    """A link's token, which is renewed when it is told to be."""

    account = "link-1"

    def __init__(self, *scopes):
        self.renewed = []
        every = ("bloodpressure", "activity", "weight", "temperature", "oxygen")
        self.scopes = frozenset(scopes or every)

    def current(self):
        return "first-" + CANARY

    def renew(self, refused):
        self.renewed.append(refused)
        return "second-" + CANARY


class Ledger:
    """A budget that notes who spends, and pauses."""

    def __init__(self):
        self.spent, self.pauses = [], []

    def spend(self, *, account=None):
        self.spent.append(account)

    def pause(self, seconds):
        self.pauses.append(seconds)


def tells_nothing(error):
    """Tell whether an exception, and those behind it, hold no text from outside."""
    chain = [error, error.__cause__, error.__context__]
    return not any(CANARY in text for one in chain if one for text in (str(one), repr(one.args)))
