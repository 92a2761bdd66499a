"""The proxy of the fault tests: what it says it does to a request is what happens to it."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.tcp_proxy import DELAY_SECONDS, Rule, tcp_proxy


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body)
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.seen, server.daemon_threads = [], True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(site):
    with tcp_proxy(f"http://127.0.0.1:{site.server_address[1]}/fhir") as proxy:
        yield proxy


@contextmanager
def lost():
    with pytest.raises(requests.ConnectionError):
        yield


BODY = b"x" * 300_000


def test_what_is_not_planned_passes_over_connections_that_are_kept(site, proxy):
    with requests.Session() as session:
        answers = [session.post(proxy.url, data=BODY, timeout=5).content for _ in range(3)]

    assert answers == site.seen == [BODY] * 3
    assert proxy.handled == [("POST", Rule.PASS)] * 3
    assert proxy.url.endswith("/fhir")


def test_a_dropped_request_never_arrives(site, proxy):
    proxy.plan(Rule.DROP, method="POST")
    with lost():
        requests.post(proxy.url, data=BODY, timeout=5)

    assert site.seen == []
    assert requests.post(proxy.url, data=b"next", timeout=5).content == b"next"


def test_a_dropped_answer_belongs_to_a_request_that_arrived(site, proxy):
    proxy.plan(Rule.COMMIT_AND_DROP, method="POST")
    with lost():
        requests.post(proxy.url, data=BODY, timeout=5)

    assert site.seen == [BODY]


def test_a_delayed_answer_comes_later(site, proxy):
    proxy.plan(Rule.DELAY, method="POST")
    start = time.monotonic()

    assert requests.post(proxy.url, data=b"late", timeout=30).content == b"late"
    assert time.monotonic() - start >= DELAY_SECONDS


def test_a_plan_is_for_one_method_and_so_many_requests(site, proxy):
    proxy.plan(Rule.DROP, method="PUT", times=2)

    assert requests.post(proxy.url, data=b"1", timeout=5).ok
    for _ in range(2):
        with lost():
            requests.put(proxy.url, data=b"2", timeout=5)
    assert [rule for _, rule in proxy.handled] == [Rule.PASS, Rule.DROP, Rule.DROP]
