"""A vendor's `getmeas` over HTTP: lists given groups, filtered and paged as the vendor does.

Belongs here: that one call, after the vendor's public reference. Not here: which groups there are,
or what becomes of them.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = "the-access-token"
PAGE_SIZE = 40


CUT = "cut"  # the connection ends in the middle of a page
HALF = "half"  # the page is whole by its length and ends in the middle of its JSON


class GetmeasServer(ThreadingHTTPServer):
    """Answers with `groups`, or with the whole of `body` when that is given.

    `keeps_to_types` is False for a vendor that lists more types than it was asked for. `calls`
    notes the form of every request. `fault` says of a form what goes wrong with it: CUT, HALF, an
    envelope in place of the page, or None. `earlier` are listings that come before `groups`, one
    for each first page.
    """

    def __init__(self, zone):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.zone = zone
        self.reset()

    def reset(self):
        self.groups, self.earlier, self.calls = [], [], []
        self.body = None
        self.keeps_to_types = False
        self.fault = lambda form: None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, authorization, form):
        self.calls.append(form)
        if authorization != f"Bearer {TOKEN}":
            return {"status": 401, "body": {}, "error": "invalid_token"}
        if form["action"] != "getmeas":
            return {"status": 2554, "error": "not implemented"}
        return {"status": 0, "body": self.body or self._page(form)}

    def _page(self, form):
        offset = int(form.get("offset", 0))
        if offset == 0:
            self._listing = self.earlier.pop(0) if self.earlier else self.groups
        found = [group for group in map(self._narrowed(form), self._listing) if group["measures"]]
        following = offset + PAGE_SIZE
        # An integer, and there at all only when there is another page.
        more = {"more": 1, "offset": following} if following < len(found) else {}
        listed = {"measuregrps": found[offset:following]}
        return {"updatetime": 1795298400, "timezone": self.zone} | more | listed

    def _narrowed(self, form):
        first, last = int(form["startdate"]), int(form["enddate"])
        types = {int(one) for one in form["meastypes"].split(",")}

        def narrowed(group):
            listed = first <= group["date"] <= last and group["category"] == int(form["category"])
            kept = [
                one
                for one in group["measures"]
                if listed and (one["type"] in types or not self.keeps_to_types)
            ]
            return group | {"measures": kept}

        return narrowed


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(text).items()}
        answer = self.server.answer(self.headers["Authorization"], form)
        fault = self.server.fault(form)
        content = json.dumps(fault if isinstance(fault, dict) else answer).encode()
        half = content[: len(content) // 2]
        sent = half if fault in (CUT, HALF) else content
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent if fault == HALF else content)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def getmeas_server(zone):
    server = GetmeasServer(zone)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
