"""Hostile files are what their names say, and none is made before it is wanted."""

import io
import zipfile

import pytest

from sandbox.files.hostile import HOSTILE, MEGABYTE, hostile_files


def test_each_comes_with_its_name():
    assert [name for name, _ in hostile_files()] == list(HOSTILE)


def test_a_zip_bomb_is_small_and_grows():
    packed = HOSTILE["zip_bomb"]()
    (inside,) = zipfile.ZipFile(io.BytesIO(packed)).infolist()
    assert len(packed) < MEGABYTE < 50 * MEGABYTE < inside.file_size


def test_lines_and_rows_are_as_many_as_named():
    assert b"\n" not in HOSTILE["one_line_of_ten_megabytes"]()
    assert len(HOSTILE["one_line_of_ten_megabytes"]()) == 10 * MEGABYTE
    assert HOSTILE["a_million_empty_rows"]().count(b"\n\n") >= 499_999


def test_cut_files_end_where_their_names_say():
    assert HOSTILE["cut_inside_a_quote"]().count(b'"') % 2 == 1
    last = HOSTILE["cut_inside_a_row"]().rpartition(b"\n")[2]
    assert 0 < last.count(b";") < 7


def test_mixed_encodings_are_no_utf_8_and_would_be_without_one_line():
    lines = HOSTILE["mixed_encodings"]().splitlines()
    with pytest.raises(UnicodeDecodeError):
        b"\n".join(lines).decode()
    b"\n".join(line for line in lines if b"gr\xf6" not in line).decode()


def test_two_users_are_named_with_two_birth_dates():
    text = HOSTILE["two_users"]().decode()
    assert text.count("Geburtsdatum") == 2
    assert {"Vorname   Kim", "Vorname   Robin"} <= set(text.splitlines())
