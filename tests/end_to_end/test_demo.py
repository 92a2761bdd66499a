"""`ohx demo --once --json`: the first journey, whole, as a stranger starts it."""

import json
import subprocess
import sys

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_the_demo_carries_a_week_of_four_patients_and_leaves_no_process_behind():
    before = {process.pid for process in psutil.process_iter()}

    ended = subprocess.run(
        [sys.executable, "-m", "ohx_pipelines.cli", "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        timeout=380,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    [line] = ended.stdout.splitlines()
    result = json.loads(line)
    created = result["observations"]["created"]
    assert result["links"] == 4
    assert result["partitions"] == {"materialized": 28, "failed": 0}
    assert result["differences"] == 0
    assert result["second"] == {"created": 0, "updated": 0, "unchanged": created}
    assert result["observations"]["updated"] == result["observations"]["retracted"] == 0
    assert result["observations"]["held_back"] > 0
    assert result["ehr"]["Observation"] == created > 100
    assert result["ehr"]["Device"] > 0
    left = [p for p in psutil.process_iter(["cmdline"]) if p.pid not in before and _ours(p)]
    assert left == []


def _ours(process):
    words = " ".join(process.info["cmdline"] or ())
    return any(word in words for word in ("ohx", "dagster", "sandbox", "postgres"))
