"""A file's bytes become lines of text, or are refused for a reason that names no byte of them."""

import tracemalloc
import zlib

import pytest

from ohx_pipelines.providers.files.base import DEFAULT_BOUNDS, Bounds, FileRefused, Refusal
from ohx_pipelines.providers.files.text import read_text

MEGABYTE = 1024 * 1024


def read(content, bounds=DEFAULT_BOUNDS):
    return read_text(content, bounds=bounds)


def refused(content, bounds=DEFAULT_BOUNDS):
    with pytest.raises(FileRefused) as caught:
        read(content, bounds)
    return caught.value.reason, caught.value.row


@pytest.mark.parametrize(
    ("mark", "encoding", "told"),
    [
        (b"", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8"),
        (b"\xff\xfe", "utf-16-le", "utf-16"),
        (b"\xfe\xff", "utf-16-be", "utf-16"),
        (b"", "cp1252", "cp1252"),
    ],
    ids=["utf-8", "utf-8-marked", "utf-16-le", "utf-16-be", "cp1252"],
)
def test_a_file_is_read_in_the_encoding_that_all_of_it_has(mark, encoding, told):
    text = read(mark + "Gewicht\nKörperfett;Größe\n".encode(encoding))

    assert list(text.lines) == ["Gewicht", "Körperfett;Größe"]
    assert text.encoding == told
    assert text.unreadable == frozenset()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_lines_end_however_the_file_ends_them(end):
    text = read(end.join(["a;b", "", "c;d", ""]).encode())

    assert list(text.lines) == ["a;b", "", "c;d"]
    assert text.ends_with_newline


def test_a_file_that_stops_inside_a_line_says_so():
    assert not read(b"a;b\nc").ends_with_newline


def test_only_line_ends_end_a_line():
    text = read("a\u2028b\u0085c\n".encode())

    assert list(text.lines) == ["a\u2028b\u0085c"]


@pytest.mark.parametrize(
    "content",
    [b"", b" \n\r\n", b"\xef\xbb\xbf", b"\xff\xfe", "\ufeff\n".encode("utf-16-be")],
    ids=["no-bytes", "blanks", "mark-alone", "utf-16-mark-alone", "utf-16-blank"],
)
def test_a_file_without_text_is_empty(content):
    assert refused(content)[0] is Refusal.EMPTY


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml",
        b"PK\x05\x06" + bytes(18),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8),
        b"\x1f\x8b\x08" + zlib.compress(b"a;b"),
        b"\x89PNG\r\n\x1a\n\x00",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"<!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf\n <?xml version='1.0'?>",
        "\ufeff<html>".encode("utf-16-le"),
    ],
    ids=["xlsx", "zip", "pdf", "xls", "gzip", "png", "jpeg", "html", "xml", "html-utf-16"],
)
def test_what_is_no_text_by_its_first_bytes_is_of_the_wrong_type(content):
    assert refused(content) == (Refusal.WRONG_TYPE, None)


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n\nc\x00d\n",
        b"a;b\r\n\r\n\x1b[31m\r\n",
        b"a\r\rb\x7f",
        "\ufeffa\nb\nc\x00".encode("utf-16-le"),
    ],
    ids=["nul", "escape", "delete", "utf-16-nul"],
)
def test_control_characters_are_no_text_and_their_line_is_named(content):
    assert refused(content) == (Refusal.NOT_TEXT, 3)


def test_utf_16_without_its_mark_is_no_text():
    assert refused("a;b\n".encode("utf-16-le"))[0] is Refusal.NOT_TEXT


def test_a_line_of_another_encoding_is_refused_and_named():
    content = "Körperfett\nGröße\n".encode() + "Über\n".encode("cp1252")

    assert refused(content) == (Refusal.MIXED_ENCODINGS, 3)


def test_a_file_with_the_mark_of_utf_8_is_not_read_as_something_else():
    assert refused(b"\xef\xbb\xbfa;b\nF\xfcr\n") == (Refusal.MIXED_ENCODINGS, 2)


def test_a_letter_cut_in_two_at_the_end_costs_the_last_line_alone():
    text = read("Größe;b\n71;".encode() + "ö".encode()[:1])

    assert text.encoding == "utf-8"
    assert text.unreadable == frozenset({2})
    assert not text.ends_with_newline


@pytest.mark.parametrize(
    "content",
    [b"F\xfcr\na;\x81;b\n\n", b"\xff\xfe" + "Für\n".encode("utf-16-le") + b"\x00\xd8\n\x00"],
    ids=["cp1252", "utf-16"],
)
def test_bytes_that_are_no_letter_make_their_line_unreadable(content):
    assert read(content).unreadable == frozenset({2})


def test_a_file_may_be_as_large_as_the_bound_and_no_larger():
    assert len(read(b"a" * 10, Bounds(most_bytes=10)).lines) == 1
    assert refused(b"a" * 11, Bounds(most_bytes=10)) == (Refusal.TOO_LARGE, None)


def test_a_line_may_be_as_long_as_the_bound_and_no_longer():
    bounds = Bounds(most_line_bytes=10)

    assert len(read(b"a\n" + "ö".encode() * 5, bounds).lines) == 2
    assert refused(b"a\n" + "ö".encode() * 5 + b"b", bounds) == (Refusal.LINE_TOO_LONG, 2)


def test_ten_megabytes_of_one_line_are_refused():
    assert refused(b"7" * 10 * MEGABYTE) == (Refusal.LINE_TOO_LONG, 1)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"], ids=["lf", "cr", "crlf"])
def test_a_million_empty_rows_are_refused_without_being_held(end):
    content = b"Gewicht" + end * 1_000_000
    tracemalloc.start()
    try:
        reason, _ = refused(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert reason is Refusal.TOO_MANY_ROWS
    assert peak < 10 * MEGABYTE


def test_titles_and_blank_lines_have_room_beside_the_most_rows():
    bounds = Bounds(most_rows=5)

    assert len(read(b"a\n" * 1005, bounds).lines) == 1005
    assert refused(b"a\n" * 1006, bounds)[0] is Refusal.TOO_MANY_ROWS


def test_no_text_of_the_file_is_in_what_is_told_of_it():
    assert "canary" not in repr(read(b"canary;1\n"))
    with pytest.raises(FileRefused) as caught:
        read("cänary\n".encode() + b"can\xe4ry\n")

    assert "nary" not in repr(caught.value) + str(caught.value) + repr(vars(caught.value))
    assert caught.value.__context__ is None
