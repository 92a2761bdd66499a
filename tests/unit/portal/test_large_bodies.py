"""The portal's own server: large bodies in memory, a few at a time, and pages that grow as one looks."""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
import time
from datetime import date, timedelta
from http.client import HTTPConnection
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from oauth_portal.large_bodies import BUSY, RECEIVING_SECONDS, Places
from ohx_pipelines.importing import FileResult, Progress
from tests.unit.portal.made_up_files import FILE, HEADER, done_day
from tests.unit.portal.served import portal, signed_in

__all__ = ["portal", "signed_in"]

MEGABYTE = 1024 * 1024
OPENED = []
WATCHED = threading.Event()


def note_files(event, details):
    """Note each file that is opened for writing while somebody watches."""
    if event == "open" and WATCHED.is_set():
        path, mode, flags = details
        if (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            OPENED.append((path, mode))


sys.addaudithook(note_files)


@pytest.fixture
def no_files():
    """Whatever is opened for writing meanwhile, in any thread."""
    OPENED.clear()
    WATCHED.set()
    yield OPENED
    WATCHED.clear()


def cookie(visit):
    found = visit.http.get_cookie("ohx-portal")
    return f"{found.key}={found.value}"


def form(visit, content, **fields):
    given = {
        "csrf_token": visit.csrf(),
        "zone": "Europe/Berlin",
        "file": FileStorage(BytesIO(content), "x.csv"),
    }
    boundary, body = encode_multipart(given | fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return body, {"Content-Type": kind, "Cookie": cookie(visit), "Accept": "text/html"}


def asked(port, path, body, headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, body, headers)
    return connection, connection.getresponse()


def post(port, path, body, headers):
    connection, answer = asked(port, path, body, headers)
    text = answer.read().decode()
    connection.close()
    return answer, text


def token(text):
    return re.search(r'name="check" value="(\w+)"', text)[1]


def large(megabytes):
    row = b"2026-11-01T07:00;x\n"
    return FILE + row * (int(megabytes * MEGABYTE) // len(row))


def begun(port, path="/upload/beurer/check", length=MEGABYTE):
    """Begin to send a body, and stay there."""
    sending = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
    sending.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
    # Its place is taken by the time the server asks for the body.
    assert sending.recv(100).startswith(b"HTTP/1.1 100 Continue")
    sending.sendall(b"x")
    return sending


def eventually(true, seconds=10):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_a_large_file_is_taken_and_never_put_on_the_disk(portal, signed_in, files, no_files):
    content = large(3.5)
    body, headers = form(signed_in, content)
    shown, text = post(portal, "/upload/beurer/check", body, headers)
    assert shown.status == 200, text
    body, headers = form(signed_in, content, check=token(text), partly="yes")
    published, end = post(portal, "/upload/beurer/publish", body, headers)

    assert (shown.status, published.status) == (200, 200)
    assert "Your file is in your record" in end
    assert [given for given, _, _ in files["beurer"].parsed] == [content] * 2
    assert no_files == []


def test_a_large_page_that_is_fetched_slowly_is_never_put_on_the_disk(portal, signed_in, no_files):
    days = [date(1950, 1, 1) + timedelta(days=number) for number in range(25_000)]
    content = HEADER + b"".join(f"{day}T07:00;80\n".encode() for day in days)
    connection, answer = asked(portal, "/upload/beurer/check", *form(signed_in, content))
    # By now the whole page waits in the server.
    time.sleep(1)
    page = answer.read()
    connection.close()

    assert len(page) > 2 * MEGABYTE
    assert no_files == []


def test_the_watch_on_files_sees_what_is_put_on_the_disk(tmp_path, no_files):
    (tmp_path / "seen").write_text("x")

    assert [path for path, _ in no_files] == [str(tmp_path / "seen")]


@pytest.mark.parametrize("megabytes", [4.5, 12], ids=["a little", "far"])
def test_a_file_that_is_too_large_ends_on_our_page(portal, signed_in, files, megabytes):
    body, headers = form(signed_in, large(megabytes))
    answer, text = post(portal, "/upload/beurer/check", body, headers)

    assert answer.status == 413
    assert "A file may have at most 4 MB." in text
    assert files["beurer"].parsed == []


def test_a_file_that_says_no_length_is_held_to_the_same_limit(portal, signed_in, files):
    body, headers = form(signed_in, large(6))
    pieces = (body[at : at + MEGABYTE] for at in range(0, len(body), MEGABYTE))
    answer, _ = post(portal, "/upload/beurer/check", pieces, headers)
    body, headers = form(signed_in, FILE)
    small, text = post(portal, "/upload/beurer/check", iter([body]), headers)

    assert answer.status == 413
    assert files["beurer"].parsed == [files["beurer"].parsed[0]]
    assert small.status == 200
    assert "3 measurements" in text


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/",
        "/upload/beurer",
        "/upload/beurer/check/more",
        "/webhooks/upload/beurer/check",
    ],
)
def test_other_addresses_take_no_large_body(portal, path):
    answer, _ = post(portal, path, b"x" * (80 * 1024), {"Content-Type": "text/plain"})

    assert answer.status == 413


def test_only_so_many_files_are_taken_at_once_and_others_are_told_to_wait(portal, signed_in):
    held = [begun(portal), begun(portal)]
    body, headers = form(signed_in, FILE)
    busy = lambda: post(portal, "/upload/beurer/check", body, headers)  # noqa: E731
    answer, text = busy()
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Please wait a moment" in text

    held.pop().close()
    assert eventually(lambda: busy()[0].status == 200)
    held.pop().close()


def test_a_header_that_a_client_sends_says_nothing_about_its_body(portal, signed_in):
    body, headers = form(signed_in, FILE)
    answer, _ = post(portal, "/upload/beurer/check", body, headers | {"Ohx-Body-Left-Out": BUSY})

    assert answer.status == 200


def test_who_sends_too_slowly_loses_the_place_to_the_next():
    class Sending:
        completed = False
        dropped = None

        def drop(self, why):
            self.dropped = why

    now = [0.0]
    places = Places(most=1, clock=lambda: now[0])
    slow, second, third = Sending(), Sending(), Sending()
    assert places.take(slow)
    assert not places.take(second)
    now[0] = RECEIVING_SECONDS + 1

    assert places.take(third)
    assert slow.dropped == BUSY
    places.give_back(slow)
    assert not places.take(second)


def publishing(port, visit):
    body, headers = form(visit, FILE)
    _, text = post(port, "/upload/beurer/check", body, headers)
    body, headers = form(visit, FILE, check=token(text))
    return asked(port, "/upload/beurer/publish", body, headers)


def many_days(importing, count):
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(count)]
    importing.script = [Progress(done=number, of=count) for number in range(count)]
    importing.script.append(FileResult(days=tuple(done_day(day) for day in days)))


def test_lines_arrive_while_the_file_is_still_being_published(portal, signed_in, importing):
    many_days(importing, 4)
    importing.pause_seconds = 0.3
    connection, answer = publishing(portal, signed_in)
    seen = b""
    while b"1 of 4 days done" not in seen:
        seen += answer.read1()

    assert importing.ended == []
    assert b"</html>" in answer.read()
    assert len(importing.ended) == 1
    connection.close()


def test_who_closes_the_page_stops_the_import_at_the_next_step(
    portal, signed_in, importing, caplog
):
    caplog.set_level(0)
    many_days(importing, 100)
    importing.pause_seconds = 0.6
    connection, answer = publishing(portal, signed_in)
    while b"1 of 100 days done" not in answer.read1():
        pass
    seen = len(importing.steps)
    answer.close()
    connection.close()

    assert eventually(lambda: importing.ended)
    assert len(importing.steps) <= seen + 1
    assert eventually(lambda: "event=import_left" in caplog.text)
    many_days(importing, 2)
    assert b"</html>" in publishing(portal, signed_in)[1].read()
