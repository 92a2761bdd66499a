"""A FHIR endpoint for tests, over real HTTP: the sandbox's EHR, or any WSGI application.

Belongs here: serving it in a thread, and counting what it is asked. Not here: fixtures.
"""

import json
import threading
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from sandbox.ehr.app import create_ehr

PATIENTS = [{"resourceType": "Patient", "id": "p1"}, {"resourceType": "Patient", "id": "p2"}]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *args, **kwargs):
        pass


class Counted:
    """A WSGI application that notes method and path of each request; `forbids` methods with 405."""

    def __init__(self, app):
        self.app, self.asked, self.forbids = app, [], set()

    def __call__(self, environ, start_response):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if environ["REQUEST_METHOD"] in self.forbids:
            start_response("405 Method Not Allowed", [("Content-Length", "0")])
            return [b""]
        return self.app(environ, start_response)


class Lenient:
    """A WSGI application that asks another one, but for the search parameters that it changes.

    `identifier` is what it searches for whatever was asked; None ignores the parameter, as servers
    may that do not know it.
    """

    def __init__(self, app, identifier=None):
        self.app, self.identifier = app, identifier

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "GET":
            asked = parse_qsl(environ["QUERY_STRING"])
            kept = [one for one in asked if one[0] != "identifier"]
            changed = [("identifier", self.identifier)] if len(kept) < len(asked) else []
            environ["QUERY_STRING"] = urlencode(kept + (changed if self.identifier else []))
        return self.app(environ, start_response)


@contextmanager
def served(app):
    """Serve an application; gives its base address."""
    http = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.port}/fhir"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@contextmanager
def serving_ehr():
    """Serve a sandbox EHR that knows two Patients; `asked` and `forbids` are those of `Counted`."""
    server = create_ehr(PATIENTS)
    counted = Counted(server.app)
    server.asked, server.forbids = counted.asked, counted.forbids
    with served(counted) as url:
        server.url = url
        yield server


class Scripted:
    """A WSGI EHR that holds nothing: takes every entry, unless `entry`, `bundle` or `search` answer.

    Each is called with what was sent and gives (status, OperationOutcome or None, headers), or None
    to go on. `asked` lists the requests: the method, and the body of Bundles.
    """

    def __init__(self, entry=None, bundle=None, search=None):
        self.entry, self.bundle, self.search, self.asked = entry, bundle, search, []

    def __call__(self, environ, start_response):
        request = Request(environ)
        sent = request.get_json(force=True) if request.method == "POST" else None
        self.asked.append((request.method, sent))
        special = self.bundle if request.method == "POST" else self.search
        answer = special(sent) if special else None
        status, body, headers = answer or (200, self._answer(sent), {})
        response = Response(
            json.dumps(body) if body else b"", status, headers, content_type="application/fhir+json"
        )
        return response(environ, start_response)

    def _answer(self, sent):
        kind = "batch-response" if sent else "searchset"
        bundle = {"resourceType": "Bundle", "type": kind}
        return bundle | {"entry": [self._one(one) for one in sent["entry"]]} if sent else bundle

    def _one(self, entry):
        answer = self.entry(entry) if self.entry else None
        status, outcome, _ = answer or (201, None, {})
        return {"response": {"status": str(status)} | ({"outcome": outcome} if outcome else {})}
