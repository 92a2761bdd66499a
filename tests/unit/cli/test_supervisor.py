"""Child processes of `ohx`: named, watched, and all gone at the end, grandchildren too."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from ohx_pipelines.cli.restarts import RestartPolicy
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


def eventually(condition, seconds=30):
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
        assert eventually(lambda: psutil.Process(child.process.pid).status() == "zombie")

    assert eventually(lambda: not lives(grandchild))


@pytest.fixture
def signalled(monkeypatch):
    """Every signal to a group, and whether its leader still had the number at that moment."""
    seen = []

    def send(group, number, real=os.killpg):
        seen.append((group, psutil.pid_exists(group)))
        real(group, number)

    monkeypatch.setattr(os, "killpg", send)
    return seen


def test_a_program_that_was_run_to_its_end_is_signalled_never_again(signalled):
    with Supervisor(verbose=False) as supervisor:
        finish(start(supervisor, "pass"))
        before = len(signalled)

    assert len(signalled) == before
    assert all(is_ours for _, is_ours in signalled)


def test_what_a_program_left_running_ends_with_it(supervisor):
    child = start(supervisor, FAMILY.replace("time.sleep(60)\n", ""))
    finish(child)

    grandchild = int(said(child))
    assert eventually(lambda: not lives(grandchild))


@pytest.mark.parametrize("failing", [finish, lambda child: wait_until(child, lambda: False)])
def test_a_child_that_failed_is_signalled_never_again(signalled, failing):
    with Supervisor(verbose=False) as supervisor, pytest.raises(ProcessFailed):
        failing(start(supervisor, "raise SystemExit(3)"))

    assert all(is_ours for _, is_ours in signalled)


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


LOG = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()} {os.environ[\"OHX_ONE\"]}\\n')"


def watched(supervisor, policy, until):
    """Watch on this thread until the condition comes true; gives what was raised, if anything."""

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGUSR1, interrupt)

    def look_on():
        eventually(until)
        os.kill(os.getpid(), signal.SIGUSR1)

    onlooker = threading.Thread(target=look_on)
    onlooker.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            supervisor.watch(policy=policy)
    finally:
        onlooker.join()
        signal.signal(signal.SIGUSR1, former)


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_a_child_that_dies_is_started_again_with_the_same_words_and_environment(tmp_path, kill):
    log = tmp_path / "log"
    argv = [sys.executable, "-c", f"{LOG}; {SLEEP}", str(log)]

    def starts():
        return [line.split() for line in log.read_text().splitlines()] if log.exists() else []

    with Supervisor(verbose=False) as supervisor:
        child = supervisor.start("web", argv, {"OHX_ONE": "1"}, restart=True)
        assert eventually(starts)
        os.kill(child.process.pid, kill)
        watched(supervisor, RestartPolicy(first_pause_seconds=0.1), lambda: len(starts()) == 2)

        assert starts()[1] == [str(child.process.pid), "1"]
        assert starts()[0] != starts()[1]
        assert lives(child.process.pid)

    assert not lives(child.process.pid)


def test_what_a_dead_child_left_running_ends_before_it_is_started_again(supervisor):
    child = supervisor.start("code", [sys.executable, "-c", FAMILY], os.environ, restart=True)
    first, grandchild = child.process.pid, int(said(child))
    os.kill(first, signal.SIGKILL)

    watched(supervisor, RestartPolicy(first_pause_seconds=0.1), lambda: len(child.lines) == 2)

    assert eventually(lambda: not lives(grandchild))
    assert lives(int(child.lines[1]))


def test_a_dead_childs_group_is_signalled_before_the_pause_and_not_after_it(supervisor, signalled):
    child = supervisor.start("web", [sys.executable, "-c", SLEEP], os.environ, restart=True)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    watched(supervisor, RestartPolicy(first_pause_seconds=0.5), lambda: child.process.pid != first)

    assert signalled == [(first, True)]


def test_a_child_that_dies_again_and_again_is_given_up_with_its_last_lines(supervisor, capsys):
    code = "print('no such database'); raise SystemExit(3)"
    supervisor.start("web", [sys.executable, "-c", code], os.environ, restart=True)

    with pytest.raises(ProcessFailed, match=r"web ended with status 3, 3 times[\s\S]*database"):
        supervisor.watch(policy=RestartPolicy(most=2, first_pause_seconds=0.05))

    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "web ended with status 3",
        "web ended with status 3",
    ]


def test_a_child_that_died_before_the_watch_began_is_started_again(supervisor):
    child = start(supervisor, SLEEP)
    child.restart = True
    os.kill(child.process.pid, signal.SIGKILL)
    first = child.process.pid
    child.process.wait()

    watched(supervisor, RestartPolicy(first_pause_seconds=0.1), lambda: child.process.pid != first)

    assert lives(child.process.pid)


def test_a_child_that_holds_what_cannot_come_back_ends_everything_when_it_dies(supervisor):
    supervisor.start("web", [sys.executable, "-c", SLEEP], os.environ, restart=True)
    sandbox = start(supervisor, SLEEP, name="sandbox")
    threading.Timer(0.3, sandbox.process.kill).start()

    with pytest.raises(ProcessFailed, match="sandbox ended by SIGKILL"):
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_child_can_be_asked_to_end_also_where_its_parent_ignores_that(number):
    """As everything does that a shell has put into the background."""
    former = signal.signal(number, signal.SIG_IGN)
    try:
        with Supervisor(verbose=False) as supervisor:
            child = supervisor.start("c", [sys.executable, "-c", SLEEP], dict(os.environ))
            os.kill(child.process.pid, number)
            assert eventually(lambda: not lives(child.process.pid))
    finally:
        signal.signal(number, former)


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
