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
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from oauth_portal.app import create_app
from oauth_portal.large_bodies import BUSY, GRACE_SECONDS, SLOWEST_BYTES_PER_SECOND, Places
from ohx_pipelines.importing import FileResult, Progress
from tests.unit.portal.conftest import Visit
from tests.unit.portal.made_up_files import FILE, HEADER, done_day
from tests.unit.portal.served import portal, signed_in

__all__ = ["portal", "signed_in"]

MEGABYTE = 1024 * 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
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


class MadeUp:
    """A browser whose cookie nobody gave it."""

    def __init__(self, key, value):
        self.http = SimpleNamespace(get_cookie=lambda _: SimpleNamespace(key=key, value=value))


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


def yes(text):
    """What the form of a checked file sends."""
    boxes = {"boxes": "shown", "data_type": "body"} if 'name="boxes"' in text else {}
    return {"check": re.search(r'name="check" value="(\w+)"', text)[1]} | boxes


def large(megabytes):
    row = b"2026-11-01T07:00;x\n"
    return FILE + row * (int(megabytes * MEGABYTE) // len(row))


def upload_head(port, visit, *lines, app="beurer"):
    """The head of an upload's request; `visit` is None for somebody who is not signed in."""
    sender = [f"Cookie: {cookie(visit)}"] if visit else []
    first = [f"POST /upload/{app}/check HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    return "\r\n".join([*first, *sender, *lines, "", ""]).encode()


def begun(port, visit, **app):
    """Begin to send a body, and stay there."""
    sending = socket.create_connection(("127.0.0.1", port), timeout=30)
    lines = (f"Content-Length: {MEGABYTE}", "Expect: 100-continue")
    sending.sendall(upload_head(port, visit, *lines, **app))
    # Its place is taken by the time the server asks for the body.
    assert sending.recv(100).startswith(b"HTTP/1.1 100 Continue")
    sending.sendall(b"x")
    return sending


def everything(sending):
    """Read until the server closes."""
    return b"".join(iter(lambda: sending.recv(65536), b""))


def sent_until_closed(sending, *, most):
    """Send until the server wants no more, at most so much; give how much went."""
    sent = 0
    try:
        while sent < most:
            sent += sending.send(b"a" * 65536)
    except OSError:
        pass
    return sent


@pytest.fixture
def also_signed_in(services, identity):
    visit = Visit(create_app(services), identity)
    visit.sign_in(patient="Patient/p2", subject="subject-2")
    return visit


@pytest.fixture
def third(services, identity):
    visit = Visit(create_app(services), identity)
    visit.sign_in(subject="subject-3")
    return visit


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
    body, headers = form(signed_in, content, **yes(text), partly="yes")
    published, end = post(portal, "/upload/beurer/publish", body, headers)

    assert (shown.status, published.status) == (200, 200)
    assert "Part of your file is in your record" in end
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


def test_far_more_than_the_limit_is_not_even_read(portal, signed_in):
    head = upload_head(portal, signed_in, "Content-Length: 50000000")
    with socket.create_connection(("127.0.0.1", portal), timeout=10) as sending:
        sending.sendall(head)

        assert everything(sending).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_says_no_length_is_refused_before_any_of_it_is_kept(portal, signed_in, files):
    head = upload_head(portal, signed_in, "Transfer-Encoding: chunked", "Expect: 100-continue")
    with socket.create_connection(("127.0.0.1", portal), timeout=10) as sending:
        sending.sendall(head)
        answer = everything(sending)

    assert answer.startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert files["beurer"].parsed == []


@pytest.mark.parametrize("path", ["/upload/beurer/check", "/sign-in"])
@pytest.mark.parametrize("start", [b"", b"0\r\n"], ids=["a length", "a trailer"])
def test_a_line_between_chunks_that_never_ends_is_not_waited_for(portal, path, start):
    with socket.create_connection(("127.0.0.1", portal), timeout=10) as sending:
        sending.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{portal}\r\n".encode())
        sending.sendall(b"Transfer-Encoding: chunked\r\n\r\n" + start)
        sent = sent_until_closed(sending, most=8 * MEGABYTE)

    # What the kernel holds for the server counts as sent.
    assert sent < 8 * MEGABYTE


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


def test_only_so_many_files_are_taken_at_once_and_others_are_told_to_wait(
    portal, signed_in, also_signed_in, third
):
    held = [begun(portal, signed_in), begun(portal, also_signed_in)]
    busy = lambda: post(portal, "/upload/beurer/check", *form(third, FILE))  # noqa: E731
    answer, text = busy()
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Please wait a moment" in text

    held.pop().close()
    assert eventually(lambda: busy()[0].status == 200)
    held.pop().close()


def test_one_person_does_not_take_all_places(portal, signed_in, also_signed_in):
    held = begun(portal, signed_in)
    own, _ = post(portal, "/upload/beurer/check", *form(signed_in, FILE))
    others, _ = post(portal, "/upload/beurer/check", *form(also_signed_in, FILE))
    held.close()

    assert (own.status, others.status) == (503, 200)


@pytest.mark.parametrize("sender", ["nobody", "somebody made up", "somebody who signed out"])
def test_who_is_not_signed_in_takes_nobodys_place(portal, signed_in, also_signed_in, third, sender):
    theirs = {
        "nobody": None,
        "somebody made up": MadeUp("ohx-portal", "eyJpZCI6IngifQ.aaaaaa.bbbbbbbbbbbbbbbbbbb"),
        "somebody who signed out": third,
    }[sender]
    # In the process that serves, which knows who signed out.
    body = f"csrf_token={third.csrf()}".encode()
    ended = post(portal, "/sign-out", body, {"Cookie": cookie(third), **FORM})
    assert ended[0].status == 303
    held = [begun(portal, theirs), begun(portal, theirs), begun(portal, signed_in)]
    answer, _ = post(portal, "/upload/beurer/check", *form(also_signed_in, FILE))
    for one in held:
        one.close()

    assert answer.status == 200


def test_an_app_that_is_not_offered_takes_nobodys_place(portal, signed_in, also_signed_in, third):
    held = [begun(portal, third, app="nosuchapp"), begun(portal, signed_in)]
    answer, _ = post(portal, "/upload/beurer/check", *form(also_signed_in, FILE))
    for one in held:
        one.close()

    assert answer.status == 200


def test_what_who_is_not_signed_in_sends_is_read_to_its_end_and_not_kept(portal, files):
    answer, text = post(portal, "/upload/beurer/check", b"x" * 3 * MEGABYTE, FORM)
    unknown, _ = post(portal, "/upload/nosuchapp/check", b"x" * 3 * MEGABYTE, FORM)

    assert (answer.status, unknown.status) == (401, 404)
    assert "Please sign in" in text
    assert files["beurer"].parsed == []


def test_a_header_that_a_client_sends_says_nothing_about_its_body(portal, signed_in):
    body, headers = form(signed_in, FILE)
    answer, _ = post(portal, "/upload/beurer/check", body, headers | {"Ohx-Body-Left-Out": BUSY})

    assert answer.status == 200


class Sending:
    """A request on its way in, of which `body_bytes_received` have come."""

    completed = False
    dropped = None
    body_bytes_received = 0

    def drop(self, why):
        self.dropped = why


def test_who_sends_too_slowly_loses_the_place_to_the_next():
    now = [0.0]
    places = Places(most=1, clock=lambda: now[0])
    slow, second, third = Sending(), Sending(), Sending()
    assert places.take(slow, person="slow")
    now[0] = GRACE_SECONDS
    assert not places.take(second, person="second")
    slow.body_bytes_received = 9 * SLOWEST_BYTES_PER_SECOND
    now[0] = GRACE_SECONDS + 8
    assert not places.take(second, person="second")
    now[0] = GRACE_SECONDS + 10

    assert places.take(third, person="third")
    assert slow.dropped == BUSY
    places.give_back(slow)
    assert not places.take(second, person="second")


def test_what_has_come_whole_keeps_its_place_however_long_it_is_worked_on():
    now = [0.0]
    places = Places(most=1, clock=lambda: now[0])
    whole = Sending()
    assert places.take(whole, person="one")
    whole.completed = True
    now[0] = 3600.0

    assert not places.take(Sending(), person="other")


@pytest.mark.parametrize(("most", "own"), [(1, 1), (2, 1), (3, 2), (16, 2)])
def test_a_person_has_two_places_at_most_and_leaves_one(most, own):
    places = Places(most=most)

    assert [places.take(Sending(), person="one") for _ in range(own + 1)] == [*[True] * own, False]
    assert places.take(Sending(), person="other") is (most > own)


def publishing(port, visit):
    body, headers = form(visit, FILE)
    _, text = post(port, "/upload/beurer/check", body, headers)
    body, headers = form(visit, FILE, **yes(text))
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
