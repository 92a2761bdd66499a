"""An EHR and its authorization server on one real socket, which do what a test tells them to.

Belongs here: that double. Not here: servers that judge (`foreign_server.py`, the sandbox's).
"""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

PATIENT = {"resourceType": "Patient", "id": "p1"}


class Quiet(WSGIRequestHandler):
    def log(self, *args, **kwargs):
        pass


@dataclass
class TokenSite:
    """Gives token-1, token-2, …; `valid` are those that the EHR takes (None: every one)."""

    lasts: object = 300
    slow_seconds: float = 0.0
    answer: object = None  # (status, body, content type) of the token endpoint, instead of a token
    configuration: object = None  # the same of the discovery document
    valid: object = None
    renewable: bool = True
    forms: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    discoveries: int = 0
    reads: list = field(default_factory=list)
    url: str = ""
    lock: object = field(default_factory=threading.Lock)

    @property
    def base(self):
        return f"{self.url}/fhir"

    @property
    def token_url(self):
        return f"{self.url}/token"

    @property
    def asked(self):
        return len(self.forms)

    @Request.application
    def app(self, request):
        if request.path == "/token":
            return self._token(request)
        if request.path == "/fhir/.well-known/smart-configuration":
            self.discoveries += 1
            given = self.configuration or (200, {"token_endpoint": self.token_url}, JSON)
            return _response(given)
        with self.lock:
            header = request.headers.get("Authorization")
            self.reads.append(header)
        if self.valid is not None and header not in self.valid:
            return _response((401, {"resourceType": "OperationOutcome"}, FHIR))
        return _response((200, PATIENT, FHIR))

    def _token(self, request):
        with self.lock:
            self.forms.append(request.form.to_dict())
            self.headers.append(dict(request.headers))
            token = f"token-{len(self.forms) if self.renewable else 1}"
        time.sleep(self.slow_seconds)
        if self.answer is not None:
            return _response(self.answer)
        lasts = {} if self.lasts is None else {"expires_in": self.lasts}
        return _response((200, {"access_token": token, "token_type": "Bearer", **lasts}, JSON))


JSON = "application/json"
FHIR = "application/fhir+json"


def _response(given):
    status, body, kind = given
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Location": text} if status in {302, 307} else {}
    return Response(text, status=status, content_type=kind, headers=headers)


@contextmanager
def serving(app):
    """Serve a WSGI application on a port of its own; gives the address."""
    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{http.port}"
    http.shutdown()
    thread.join()
    http.server_close()
