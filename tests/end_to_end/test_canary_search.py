"""The search for canaries finds a leak in each kind of place, and in each way it can be written."""

import base64
import gzip
import json
import os
import subprocess
import sys
import zlib
from urllib.parse import quote

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from ohx_pipelines.cli.supervisor import Supervisor, finish
from ohx_pipelines.links.migrate import ensure_database
from tests.end_to_end.canary_places import (
    core_files,
    database_names,
    dump,
    files,
    flush,
    leave_row,
    queries,
    words_of_children,
)
from tests.end_to_end.canary_search import Needles, number_spellings, text_spellings

VALUE, UNIT = 18765432109, -8
NUMBER = "187.65432109"
NAME = "João Figueiredo"
SECRET = "tok_CANARY-7c1e/5f+aZ"
NEEDLES = Needles(
    {
        "number": number_spellings(VALUE, UNIT),
        "name": text_spellings(NAME),
        "secret": text_spellings(SECRET),
    }
)
BODY = json.dumps({"resourceType": "Observation", "valueQuantity": {"value": float(NUMBER)}})

SPELLINGS = {
    "in JSON": ("number", BODY.encode()),
    "as the vendor writes it": ("number", b'{"value": 18765432109, "unit": -8, "type": 1}'),
    "with an exponent": ("number", b"1.8765432109E+2"),
    "in grams": ("number", b"18765.432109"),
    "with six places": ("number", b"weight 187.654321 kg"),
    "as UTF-16": ("number", f"kg {NUMBER}".encode("utf-16")),
    "in hexadecimal": ("number", b"\\x" + BODY.encode().hex().encode()),
    "in capital hexadecimal": ("secret", SECRET.encode().hex().upper().encode()),
    "in a query": ("secret", f"?code={quote(SECRET, safe='')}&state=s".encode()),
    "in HTML": ("name", "<td>João Figueiredo</td>".encode()),
    "with escapes of JSON": ("name", json.dumps({"name": NAME}).encode()),
    "in Latin-1": ("name", NAME.encode("latin-1")),
    "in Basic authentication": ("secret", base64.b64encode(f"app:{SECRET}".encode())),
    "in a token's payload": ("name", base64.urlsafe_b64encode(f'{{"name":"{NAME}"}}'.encode())),
    "as zlib": ("number", b"\0\1" + zlib.compress(BODY.encode()) + b"rest"),
    "as gzip": ("number", gzip.compress(BODY.encode() * 50)),
    "as gzip in zlib": ("number", zlib.compress(gzip.compress(BODY.encode()))),
    "as zlib in base64": ("number", b"." + base64.urlsafe_b64encode(zlib.compress(BODY.encode()))),
    "as zlib in bytea": ("number", b"1\t\\\\x" + zlib.compress(BODY.encode()).hex().encode()),
    "far into a large file": ("number", bytes(9 << 20) + NUMBER.encode() + bytes(100)),
    "across two pieces": ("number", b"x" * ((8 << 20) - 5) + NUMBER.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_value_is_found_however_it_is_written(spelling):
    canary, data = SPELLINGS[spelling]

    assert NEEDLES.found_in(data) == {canary}


@given(before=some.binary(max_size=40), after=some.binary(max_size=40))
def test_a_value_is_found_in_base64_whatever_stands_around_it(before, after):
    data = base64.b64encode(before + SECRET.encode() + after)

    assert "secret" in NEEDLES.found_in(b"Authorization: Basic " + data)


@pytest.mark.parametrize(
    "data", [b"", b"187.6", b"187.65432209", b"28765432109", b"Figueiredo", bytes(10_000)]
)
def test_what_is_not_the_value_is_not_found(data):
    assert NEEDLES.found_in(data) == set()


def test_a_short_number_counts_only_as_a_whole_number():
    needles = Needles({"user": text_spellings("71007919")})

    assert needles.found_in(b"userid=71007919&") == {"user"}
    assert needles.found_in(b"1764071007919.25 f71007919a") == set()


@pytest.fixture
def scratch(new_database):
    """A database of its own, for a leak that nobody else should find."""
    url = new_database()
    ensure_database(url)
    return url


@pytest.mark.parametrize(
    "content",
    [BODY, BODY.encode(), zlib.compress(BODY.encode())],
    ids=["a text", "bytes", "a compressed body"],
)
def test_a_row_of_any_database_is_found(scratch, database_url, content):
    assert {make_url(scratch).database, make_url(database_url).database} <= set(
        database_names(database_url)
    )
    assert NEEDLES.found_in(dump(scratch)) == set()

    leave_row(scratch, content)

    assert NEEDLES.found_in(dump(scratch)) == {"number"}


def test_a_row_that_was_deleted_is_found_in_the_servers_files(scratch):
    engine = create_engine(scratch)
    leave_row(scratch, BODY)
    with engine.begin() as connection:
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        connection.execute(text("DELETE FROM left_by_the_test"))
    engine.dispose()
    if not os.access(folder, os.R_OK):
        pytest.skip("the server's files are on another machine, or not ours to read")
    flush(scratch)

    assert NEEDLES.found_in(dump(scratch)) == set()
    assert "number" in NEEDLES.found_in(files(folder))


def test_a_query_that_holds_a_value_is_found(database_url):
    url = make_url(database_url).set(drivername="postgresql")
    connections = [psycopg2.connect(url.render_as_string(hide_password=False)) for _ in range(2)]
    try:
        with connections[0].cursor() as cursor:
            cursor.execute("SELECT %s::text", (NUMBER,))
        assert "number" in NEEDLES.found_in("\n".join(queries(connections[1])).encode())
    finally:
        for one in connections:
            one.close()


@pytest.mark.parametrize("name", ["storage/a/result", "logs/compute.err", "left.json.gz"])
def test_a_file_below_a_folder_is_found(tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(BODY.encode()) if name.endswith("gz") else BODY.encode())

    assert NEEDLES.found_in(files(tmp_path)) == {"number"}
    assert NEEDLES.found_in(files(tmp_path, without=[tmp_path])) == set()


def test_the_name_of_a_file_counts_too(tmp_path):
    (tmp_path / f"weight-{NUMBER}").touch()

    assert NEEDLES.found_in(files(tmp_path)) == {"number"}


def test_a_core_file_is_found(tmp_path):
    (tmp_path / "core.4711").write_bytes(bytes(100) + NUMBER.encode("utf-16-le"))

    assert NEEDLES.found_in(core_files(tmp_path)) == {"number"}


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_line_of_a_child_process_is_found(capfd, stream):
    code = f"import sys; print({BODY!r}, file=sys.{stream})"
    with Supervisor(verbose=True) as supervisor:
        finish(supervisor.start("child", [sys.executable, "-c", code], os.environ))

    assert NEEDLES.found_in(capfd.readouterr().err.encode()) == {"number"}


def test_a_command_line_of_a_childs_child_is_found():
    inner = "import sys; print('ready', flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}, {'187.' + '65432109'!r}])"
    # The outer one's own words would be found as well, so they are written apart.
    outer = outer.replace(NUMBER, "' + '".join((NUMBER[:6], NUMBER[6:])))
    child = subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        child.stdout.readline()
        assert NEEDLES.found_in(b"\n".join(words_of_children(os.getpid()))) == {"number"}
    finally:
        child.communicate()
