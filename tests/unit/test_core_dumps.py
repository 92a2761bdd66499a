"""A crash writes no core file, whatever the machine would allow."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ABORT = "import os; os.abort()"
FORBID = "from ohx_pipelines.core_dumps import forbid_core_dumps; forbid_core_dumps()"
CHILD = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {ABORT!r}]).returncode)"


def cores(folder):
    """Let the kernel write core files into the folder, for a process that is yet to start."""
    if Path("/proc/sys/kernel/core_pattern").read_text().startswith(("|", "/")):
        pytest.skip("core files go elsewhere on this machine")
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most == 0:
        pytest.skip("core files are forbidden already")

    def allow():
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))

    def run(code):
        ended = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            capture_output=True,
            preexec_fn=allow,
            timeout=60,
            check=False,
        )
        return ended, list(folder.glob("core*"))

    return run


@pytest.mark.parametrize("crash", [ABORT, CHILD], ids=["the process itself", "one it started"])
def test_a_process_that_forbade_it_leaves_no_core_file(tmp_path, crash):
    _, left = cores(tmp_path)(f"{FORBID}\n{crash}")

    assert left == []


def test_without_it_there_would_be_one(tmp_path):
    ended, left = cores(tmp_path)(ABORT)

    assert ended.returncode == -signal.SIGABRT
    assert left


def test_whoever_loads_the_definitions_forbids_it():
    code = "import resource; import ohx_pipelines.definitions as d\ntry:\n d.defs()\nfinally:\n print(resource.getrlimit(resource.RLIMIT_CORE))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "(0, 0)" in said.stdout
