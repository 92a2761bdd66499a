"""Child processes of `ohx`: named, watched, and all gone at the end, grandchildren too."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ohx_pipelines.cli.supervisor import (
    ProcessFailed,
    Supervisor,
    answers_http,
    finish,
    free_port,
    listens,
    wait_until,
)

SLEEP = "import time; time.sleep(60)"
# Starts a child of its own and says its number.
FAMILY = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
print(child.pid, flush=True)
time.sleep(60)
"""
# Ends when asked; its own child does not, and says its number when it is deaf.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("asked to end", flush=True), sys.exit(0)))
deaf = (
    "import os, signal, time; signal.signal(15, signal.SIG_IGN);"
    "print(os.getpid(), flush=True); time.sleep(60)"
)
subprocess.Popen([sys.executable, "-c", deaf])
time.sleep(60)
"""


@pytest.fixture
def supervisor():
    with Supervisor(verbose=False) as started:
        yield started


def start(supervisor, code, name="child"):
    return supervisor.start(name, [sys.executable, "-c", code], os.environ)


def eventually(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def said(child):
    assert eventually(lambda: child.lines)
    return child.lines[0]


def lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("code", [FAMILY, STUBBORN], ids=["polite", "deaf_grandchild"])
def test_the_end_takes_the_child_and_its_own_children(code):
    with Supervisor(verbose=False) as supervisor:
        child = start(supervisor, code)
        grandchild = int(said(child))
        assert lives(child.process.pid)
        assert lives(grandchild)

    assert not lives(child.process.pid)
    assert eventually(lambda: not lives(grandchild))


def test_a_child_is_asked_politely_first():
    with Supervisor(verbose=False) as supervisor:
        child = start(supervisor, STUBBORN)
        said(child)

    assert child.lines[-1] == "asked to end"
    assert child.process.returncode == 0


def test_every_child_is_ended_when_something_fails():
    children = []

    def fail():
        with Supervisor(verbose=False) as supervisor:
            children.extend(start(supervisor, SLEEP) for _ in range(3))
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert [child.process.poll() is None for child in children] == [False] * 3


def test_a_grandchild_ends_though_its_parent_ended_first():
    code = FAMILY.replace("time.sleep(60)\n", "")
    with Supervisor(verbose=False) as supervisor:
        child = start(supervisor, code)
        grandchild = int(said(child))
        assert eventually(lambda: child.process.poll() is not None)

    assert eventually(lambda: not lives(grandchild))


@pytest.mark.parametrize("attempt", range(3))
def test_a_child_that_ends_early_is_a_failure_with_its_last_lines(supervisor, attempt):
    code = "for n in range(200): print('line', n)\nraise SystemExit(3)"

    with pytest.raises(ProcessFailed, match="web ended with status 3") as caught:
        wait_until(start(supervisor, code, name="web"), lambda: False)

    assert str(caught.value).endswith("  web | line 199")
    assert "line 150" in str(caught.value)
    assert "line 100\n" not in str(caught.value)


def test_a_program_that_fails_is_told_with_what_it_printed_on_stderr(supervisor):
    code = "import sys; sys.exit('no such database')"

    with pytest.raises(ProcessFailed, match=r"tables failed with status 1[\s\S]*no such database"):
        finish(start(supervisor, code, name="tables"))


def test_the_last_line_is_told_however_late_it_is_read(capsys):
    # The pipe holds it all, so the process is gone long before its lines are read.
    code = "import os; print('x\\n' * 30000 + 'the reason', flush=True); os._exit(1)"

    with Supervisor(verbose=True) as supervisor:
        child = start(supervisor, code)
        with pytest.raises(ProcessFailed, match=r"the reason\Z"):
            finish(child)


def test_a_program_that_succeeds_is_run_to_its_end(supervisor, tmp_path):
    code = f"import pathlib; pathlib.Path({str(tmp_path / 'done')!r}).touch()"

    finish(supervisor.start("tables", [sys.executable, "-c", code], os.environ))

    assert (tmp_path / "done").exists()


def test_a_child_that_never_becomes_ready_is_a_failure(supervisor):
    with pytest.raises(ProcessFailed, match="child was not ready after 0 seconds"):
        wait_until(start(supervisor, SLEEP), lambda: False, seconds=0.2)


def test_a_child_that_should_stay_and_ends_is_noticed(supervisor):
    start(supervisor, SLEEP, name="stays")
    start(supervisor, "import time; time.sleep(0.3); raise SystemExit(4)", name="leaves")

    with pytest.raises(ProcessFailed, match="leaves ended with status 4"):
        supervisor.watch()


def test_a_child_gets_the_environment_it_is_given_and_no_other(supervisor, monkeypatch):
    monkeypatch.setenv("OHX_CANARY", "1")
    code = "import os; print(sorted(n for n in os.environ if n.startswith('OHX_')))"

    child = supervisor.start("child", [sys.executable, "-c", code], {"OHX_ONE": "1"})

    assert said(child) == "['OHX_ONE']"


def test_the_terminals_ctrl_c_reaches_no_child(supervisor):
    child = start(supervisor, SLEEP)

    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgrp()


def test_lines_are_shown_with_the_childs_name_when_verbose(capsys):
    with Supervisor(verbose=True) as supervisor:
        finish(start(supervisor, "print('listening')", name="web"))

    assert "web | listening" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_child_dies_with_a_parent_that_was_killed():
    code = f"""
import os, sys, time
from ohx_pipelines.cli.supervisor import Supervisor
child = Supervisor(verbose=False).start("c", [sys.executable, "-c", {SLEEP!r}], os.environ)
print(child.process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.send_signal(signal.SIGKILL)

    assert eventually(lambda: not lives(child))


def test_a_free_port_can_be_listened_on_and_nothing_does_yet(site):
    port = free_port()

    assert not listens("127.0.0.1", port)()
    assert listens("127.0.0.1", int(site.url.rsplit(":", 1)[1]))()


def test_a_web_server_is_ready_when_it_answers_with_success(site, closed_port):
    site.answer("/healthz", "ok")
    site.answer("/broken", "no", status=503)

    assert answers_http(f"{site.url}/healthz")()
    assert not answers_http(f"{site.url}/broken")()
    assert not answers_http(f"http://127.0.0.1:{closed_port}/healthz")()
