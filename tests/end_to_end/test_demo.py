"""`ohx demo --once --json`: the first journey, whole, as a stranger starts it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.thorough, pytest.mark.timeout(900)]


@pytest.fixture
def temp_folder():
    """A temp folder of the demo's own: its name marks every process that belongs to it."""
    folder = Path(tempfile.mkdtemp(prefix="ohx-test-demo-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def processes_of(folder):
    """Processes that were started with the folder in their environment or their command."""
    return [one for one in psutil.process_iter() if str(folder) in _words(one)]


def _words(process):
    try:
        return " ".join([*process.cmdline(), *process.environ().values()])
    except psutil.Error:
        return ""


def test_the_demo_carries_a_week_of_three_vendors_and_files_and_leaves_no_process_behind(
    temp_folder,
):
    demo = subprocess.Popen(
        [sys.executable, "-m", "ohx_pipelines.cli", "demo", "--once", "--json"],
        env=os.environ | {"TMPDIR": str(temp_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    names = set()
    while demo.poll() is None and not {"postgres", "dagster-daemon"} <= names:
        words = [_words(one) for one in processes_of(temp_folder)]
        names = {name for name in ("postgres", "dagster-daemon") if any(name in w for w in words)}
        time.sleep(0.5)
    output, progress = demo.communicate(timeout=850)

    assert demo.returncode == 0, progress
    [line] = output.splitlines()
    result = json.loads(line)
    created = result["observations"]["created"]
    assert (result["links"], result["files"]) == (13, 3)
    # Files have no partitions that anybody could run: the clouds' alone are counted.
    assert result["partitions"] == {"materialized": 70, "failed": 0}
    assert result["differences"] == 0
    assert result["second"] == {"created": 0, "updated": 0, "unchanged": created}
    assert result["observations"]["updated"] == result["observations"]["retracted"] == 0
    assert result["observations"]["held_back"] > 0
    assert result["ehr"]["Observation"] == created > 100
    assert result["uncopied"] == 0
    assert result["ehr"]["Consent"] == 13
    # A household's scale is one Device and two associations; this software is a Device of nobody.
    assert result["ehr"]["DeviceAssociation"] > result["ehr"]["Device"] - 1
    assert result["ehr"]["DeviceDefinition"] > 0
    assert result["ehr"]["Provenance"] > 0
    assert names == {"postgres", "dagster-daemon"}
    assert processes_of(temp_folder) == []
    assert list(temp_folder.glob("ohx-demo-*")) == []
