"""A tiny web site on this machine, and an environment without settings.

Belongs here: fixtures of the commands' tests. Not here: the commands.
"""

import json
import os
import socket
import threading
from dataclasses import dataclass, field

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


class Quiet(WSGIRequestHandler):
    def log(self, *args, **kwargs):
        pass


@dataclass
class Asked:
    method: str
    path: str
    query: dict
    form: list
    headers: dict
    cookies: dict
    body: object


@dataclass
class Site:
    """Answers by path; notes every request."""

    answers: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    url: str = ""

    def answer(self, path, text="", *, status=200, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (text, status, {"Content-Type": "text/html"} | given)

    def answer_json(self, path, value):
        self.answers[path] = (json.dumps(value), 200, {"Content-Type": "application/json"})

    @Request.application
    def app(self, request):
        return self._respond(request)

    def _respond(self, request):
        self.requests.append(
            Asked(
                method=request.method,
                path=request.path,
                query=dict(request.args),
                form=sorted(request.form.items(multi=True)),
                headers=dict(request.headers),
                cookies=dict(request.cookies),
                body=request.get_json(silent=True),
            )
        )
        text, status, headers = self.answers.get(request.path, ("", 404, {}))
        return Response(text, status=status, headers=headers)


@pytest.fixture
def site():
    given = Site()
    http = make_server("127.0.0.1", 0, given.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    given.url = f"http://127.0.0.1:{http.port}"
    yield given
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def no_settings(monkeypatch, tmp_path):
    """Neither the environment nor a .env names a setting."""
    for name in [name for name in os.environ if name.startswith("OHX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
