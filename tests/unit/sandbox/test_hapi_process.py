"""`python -m sandbox.hapi` without Java: a `java` and an `mvn` of the test's own stand in its place.

Belongs here: building once, what is said, and how it ends. Not here: the server, which the
conformance tests start.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.unit.sandbox.test_hapi_slimming import DROPPED, KEPT, jar

REPOSITORY = Path(__file__).resolve().parents[3]
# Says that it listens, and ends when its input does.
JAVA = """#!/bin/sh
[ "$1" = -version ] && { echo 'openjdk version "VERSION.0.1" 2026-01-01' >&2; exit 0; }
echo "$@" > "$LOG/java"
echo '{"port": 4711, "cpu_seconds": 1.5}'
cat >/dev/null
"""
MAVEN = """#!/bin/sh
echo built >> "$LOG/mvn"
[ -e "$LOG/full.jar" ] || { echo "[ERROR] no way to the repository"; exit 1; }
for word in "$@"; do case $word in -DoutputDirectory=*) lib=${word#*=};; esac; done
mkdir -p "$lib" && cp "$LOG/full.jar" "$lib/hapi-fhir-validation-resources-r5-1.jar"
"""


class Machine:
    """A copy of the sandbox that is not built yet, and the programs that it finds."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(
            REPOSITORY / "sandbox",
            folder / "sandbox",
            ignore=shutil.ignore_patterns("target", "__pycache__"),
        )
        (folder / "bin").mkdir()
        for program in ("sh", "cat", "mkdir", "cp"):
            (folder / "bin" / program).symlink_to(shutil.which(program))

    def has(self, program, text):
        path = self.folder / "bin" / program
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "sandbox.hapi", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.folder / "bin"), "LOG": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def fails(self):
        process = self.start()
        said, complaint = process.communicate(timeout=30)
        assert (process.returncode, said) == (1, "")
        return complaint

    @contextmanager
    def running(self, *arguments):
        process = self.start(*arguments)
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.communicate(timeout=30)

    def builds(self):
        return (self.folder / "mvn").read_text().count("built")


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    jar(tmp_path / "full.jar", KEPT | DROPPED)
    machine.has("java", JAVA.replace("VERSION", "21"))
    machine.has("mvn", MAVEN)
    return machine


def test_it_says_in_one_line_where_it_listens_and_what_its_start_took(machine):
    with machine.running() as (_, said):
        assert said["ehr"]["url"] == "http://127.0.0.1:4711/fhir"
        assert said["ehr"]["cpu_seconds"] == 1.5
        assert psutil.pid_exists(said["ehr"]["pid"])
    with machine.running("--referee") as (_, said):
        assert said["referee"]["url"] == "http://127.0.0.1:4711"


def test_the_second_start_builds_nothing(machine):
    for _ in range(2):
        with machine.running():
            assert machine.builds() == 1


def test_it_can_be_built_without_being_started(machine):
    process = machine.start("--build")
    assert process.communicate(timeout=30) == ("", "")
    assert (process.returncode, machine.builds()) == (0, 1)
    assert not (machine.folder / "java").exists()


def test_a_change_of_what_it_is_built_from_builds_it_again(machine):
    with machine.running():
        pass
    pom = machine.folder / "sandbox" / "hapi" / "pom.xml"
    pom.write_text(pom.read_text() + "<!-- changed -->\n")
    with machine.running():
        assert machine.builds() == 2


def test_the_slimmed_definitions_come_first_on_the_class_path(machine):
    with machine.running("--port", "4711", "--validation", "store"):
        words = (machine.folder / "java").read_text().split()
    first = words[words.index("-cp") + 1].split(os.pathsep)[0]
    assert Path(first).name == "definitions.jar"
    assert {"-Dsandbox.port=4711", "-Dsandbox.validation=store"} <= set(words)


@pytest.mark.parametrize("kill", ["terminate", "kill"])
def test_the_server_ends_with_whoever_started_it_however_that_ends(machine, kill):
    process = machine.start()
    server = psutil.Process(json.loads(process.stdout.readline())["ehr"]["pid"])
    getattr(process, kill)()
    process.communicate(timeout=30)
    deadline = time.monotonic() + 60
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_java_it_says_what_to_install(machine):
    (machine.folder / "bin" / "java").unlink()
    assert "apt-get install" in machine.fails()


def test_a_java_that_is_too_old_is_told(machine):
    machine.has("java", JAVA.replace("VERSION", "11"))
    complaint = machine.fails()
    assert "too old" in complaint
    assert "17" in complaint


def test_without_maven_it_says_what_to_install(machine):
    (machine.folder / "bin" / "mvn").unlink()
    assert "apt-get install" in machine.fails()


def test_a_build_that_fails_shows_what_maven_said_and_is_tried_again(machine):
    full = machine.folder / "full.jar"
    full.rename(machine.folder / "away")
    assert "no way to the repository" in machine.fails()
    (machine.folder / "away").rename(full)
    with machine.running():
        assert machine.builds() == 2


def test_a_server_that_ends_by_itself_is_a_failure(machine):
    machine.has("java", JAVA.replace("VERSION", "21").replace("cat >/dev/null", "exit 3"))
    process = machine.start()
    said, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "4711" in said
    assert "status 3" in complaint
