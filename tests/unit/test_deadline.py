"""Answers over a real socket: read whole and in time, or not at all."""

import gzip
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import requests

from ohx_pipelines.deadline import MOST_BYTES, DeadlineAdapter, is_json

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ZIPPED = gzip.compress(b"hello" * 1000)


@contextmanager
def answering(*parts, pause=0.0):
    """A server that sends the parts, one after the other, and closes."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve():
            client, _ = listening.accept()
            with client:
                client.recv(65536)
                try:
                    for part in parts:
                        client.sendall(part)
                        time.sleep(pause)
                except OSError:
                    return

        server = threading.Thread(target=serve)
        server.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.join(30)


@pytest.fixture
def session():
    with requests.Session() as session:
        session.mount("http://", DeadlineAdapter(seconds=0.5))
        yield session


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ([HEAD, b"Content-Length: 5\r\n\r\nhello"], b"hello"),
        ([HEAD, b"Content-Length: 5\r\n\r\nhe", b"llo"], b"hello"),
        ([HEAD, b"Content-Length: 0\r\n\r\n"], b""),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"], b"hello"),
        (
            [HEAD, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED), ZIPPED],
            b"hello" * 1000,
        ),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    ],
    ids=["whole", "in parts", "empty", "chunked", "gzip", "no content"],
)
def test_a_whole_answer_is_given_as_it_was_sent(session, parts, content):
    with answering(*parts) as url:
        assert session.get(url, timeout=5).content == content


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD, b"Content-Length: 50\r\n\r\nhello"],
        [HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel"],
        [HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
        [],
    ],
    ids=["length", "chunk", "chunks", "nothing"],
)
def test_an_answer_that_breaks_off_is_no_answer(session, parts):
    with answering(*parts) as url, pytest.raises(requests.ConnectionError):
        session.get(url, timeout=5)


def test_a_body_that_comes_byte_by_byte_is_given_up_in_time(session):
    started = time.monotonic()
    body = [b"x"] * 100

    with (
        answering(HEAD + b"Content-Length: 100\r\n\r\n", *body, pause=0.1) as url,
        pytest.raises(requests.ConnectionError),
    ):
        # No single read takes longer than the time-out.
        session.get(url, timeout=5)

    assert time.monotonic() - started < 4


def test_a_head_that_comes_byte_by_byte_is_given_up_in_time(session):
    started = time.monotonic()

    with (
        answering(*[bytes([one]) for one in HEAD + b"Content-Length: 0\r\n\r\n"], pause=0.1) as url,
        pytest.raises(requests.ConnectionError),
    ):
        session.get(url, timeout=0.5)

    assert time.monotonic() - started < 3


def test_a_body_that_never_ends_is_given_up_before_memory_is(session):
    endless = [b"x" * 1024 * 1024] * (MOST_BYTES // 1024 // 1024 + 8)
    session.mount("http://", DeadlineAdapter(seconds=60))

    with (
        answering(HEAD + b"Connection: close\r\n\r\n", *endless) as url,
        pytest.raises(requests.ConnectionError),
    ):
        session.get(url, timeout=5)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/FHIR+JSON;charset=UTF-8", True),
        ("text/html", False),
        ("application/jsonp", False),
        ("text/json", False),
        ("", False),
    ],
)
def test_json_is_known_by_its_content_type(content_type, expected):
    assert is_json(content_type) == expected
