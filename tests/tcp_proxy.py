"""A TCP proxy that loses connections on purpose, between a client and an HTTP server.

Belongs here: four ways to handle a connection's requests. Not here: what a client should make of it.

A rule is taken for each request (keep-alive connections carry many): PASS carries it through, DROP
closes before the server sees it, COMMIT_AND_DROP carries it to the server, waits for the whole
answer and closes without a byte of it, DELAY holds the answer back for a while.
"""

import re
import socket
import threading
import time
from contextlib import contextmanager, suppress
from enum import Enum, auto
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
DELAY_SECONDS = 1.5
CHUNK = 65536


class Rule(Enum):
    PASS = auto()
    DROP = auto()
    COMMIT_AND_DROP = auto()
    DELAY = auto()


class TcpProxy:
    """Listens on a free port; `plan` says what to do with the next requests that match `method`."""

    def __init__(self, target):
        parts = urlsplit(target)
        self._server = (parts.hostname, parts.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = parts._replace(netloc=f"127.0.0.1:{self._listening.getsockname()[1]}").geturl()
        self._planned = []
        self._lock = threading.Lock()
        self._open = set()
        self.handled = []

    def plan(self, rule, *, method, times=1):
        """Handle the next so many requests of that method so, after those planned before."""
        with self._lock:
            self._planned += [(method, rule)] * times

    def run(self):
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def close(self):
        # Without a shutdown the thread that accepts would go on waiting.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _serve(self, client):
        with client, socket.create_connection(self._server) as server, suppress(OSError):
            with self._lock:
                self._open |= {client, server}
            while request := _message(client):
                rule = self._rule(request.split(b" ", 1)[0].decode())
                if rule is Rule.DROP:
                    break
                server.sendall(request)
                answer = _message(server)
                if rule is Rule.COMMIT_AND_DROP:
                    break
                if rule is Rule.DELAY:
                    time.sleep(DELAY_SECONDS)
                client.sendall(answer)
        with self._lock:
            self._open -= {client, server}

    def _rule(self, method):
        with self._lock:
            place = next((n for n, one in enumerate(self._planned) if one[0] == method), None)
            rule = Rule.PASS if place is None else self._planned.pop(place)[1]
            self.handled.append((method, rule))
            return rule


@contextmanager
def tcp_proxy(target):
    """Run a proxy in front of the server at that address; its `url` has the same path."""
    proxy = TcpProxy(target)
    thread = threading.Thread(target=proxy.run)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def _message(connection):
    """Read one whole HTTP message, as it came; empty when the connection has ended."""
    read = b""
    while HEAD_END not in read:
        read += (more := connection.recv(CHUNK))
        if not more:
            return b""
    head, _, body = read.partition(HEAD_END)
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    chunked = re.search(rb"(?im)^transfer-encoding: *chunked", head)
    while not _is_whole(body, length, chunked):
        body += (more := connection.recv(CHUNK))
        if not more:
            break
    return head + HEAD_END + body


def _is_whole(body, length, chunked):
    if chunked:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= (int(length[1]) if length else 0)
